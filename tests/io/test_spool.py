"""The spool gives back what it took, any number of times, and leaves nothing."""

import os
import subprocess
import sys
import tempfile
import textwrap

import numpy as np
import pytest

from restorack.errors import AudioError, FileError
from restorack.io.spool import Spool


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_what_is_written_is_read_any_number_of_times(dtype, channels):
    rows = np.random.default_rng(0).normal(size=(channels, 10_001)).astype(dtype)
    rows[0, :2] = -0.0, 1e-45
    with Spool(channels, dtype) as spool:
        for start in range(0, 10_001, 777):
            spool.write(rows[:, start : start + 777])
        assert spool.frames == 10_001
        opened = spool.opener(1000)
        for _ in range(2):
            blocks = list(opened())
            assert [block.shape[1] for block in blocks] == [1000] * 10 + [1]
            assert np.concatenate(blocks, 1).tobytes() == rows.tobytes()
        part = np.concatenate(list(spool.blocks(7, 100, 200)), 1)
        np.testing.assert_array_equal(part, rows[:, 100:200])


def test_reading_and_writing_may_alternate():
    with Spool(1) as spool:
        spool.write(np.ones((1, 5), np.float32))
        reader = spool.blocks(2)
        next(reader)
        spool.write(np.zeros((1, 5), np.float32))
        assert np.concatenate(list(reader), 1).tolist() == [[1, 1, 1]]
        assert spool.frames == 10


def test_nothing_in_gives_nothing():
    with Spool(2) as spool:
        spool.write(np.zeros((2, 0), np.float32))
        assert list(spool.blocks()) == []


def test_what_would_lose_bits_is_refused():
    with Spool(2) as spool:
        for rows in (np.zeros((2, 5)), np.zeros((1, 5), np.float32), np.zeros(5, np.float32)):
            with pytest.raises(AudioError, match="block of"):
                spool.write(rows)
        with pytest.raises(AudioError, match="within 0 to 0"):
            list(spool.blocks(stop=1))
    with pytest.raises(AudioError, match="float32 or float64"):
        Spool(2, np.int16)


def test_it_has_no_name_and_lies_where_tmpdir_says(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Spool(2) as spool:
        spool.write(np.zeros((2, 100_000), np.float32))
        assert os.listdir(tmp_path) == []
        links = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if
                 os.path.lexists(f"/proc/self/fd/{fd}")]  # fmt: skip
        assert any(link.startswith(str(tmp_path)) for link in links)


def test_missing_space_is_noticed_before_anything_is_written():
    with pytest.raises(FileError, match="TMPDIR"):
        Spool(2, expected=1 << 60)


def test_a_full_disk_names_tmpdir():
    code = """
        import resource
        import numpy as np
        from restorack.io.spool import Spool
        from restorack.errors import FileError
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            with Spool(2) as spool:
                for _ in range(100):
                    spool.write(np.zeros((2, 1000), np.float32))
        except FileError as error:
            print(spool.frames, error)
    """
    line = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("12 000 ".replace(" ", "", 1)), done.stderr
    assert "set TMPDIR" in done.stdout
