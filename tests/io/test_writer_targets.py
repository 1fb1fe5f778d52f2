"""A target is there whole or not at all, and nothing that is another's is replaced."""

import itertools
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from written_files import noise, read, run_python, write

from restorack.errors import FileError
from restorack.io import atomic as appearing
from restorack.io.reader import AudioReader
from restorack.io.writer import AudioWriter


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg", "mp3", "aiff", "w64"])
@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
def test_an_error_leaves_nothing(tmp_path, extension, kind):
    def fail():
        with AudioWriter(tmp_path / f"a.{extension}", 48_000, 2) as writer:
            writer.write(noise())
            assert len(os.listdir(tmp_path)) == 1
            assert not (tmp_path / f"a.{extension}").exists()
            raise kind

    with pytest.raises(kind):
        fail()
    assert os.listdir(tmp_path) == []


def test_an_error_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.wav"
    write(path, noise())
    before = path.read_bytes()

    def fail():
        with AudioWriter(path, 48_000, 1, force=True) as writer:
            writer.write(noise(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_bytes() == before


def test_targets_are_replaced_only_by_force(tmp_path):
    path = tmp_path / "a.wav"
    write(path, noise())
    with pytest.raises(FileError, match="exists already"):
        write(path, noise(1))
    write(path, noise(1), force=True)
    assert AudioReader(path).info.channels == 1


def test_a_target_that_appears_meanwhile_is_not_replaced(tmp_path):
    path = tmp_path / "a.wav"

    def collide():
        with AudioWriter(path, 48_000, 2) as writer:
            writer.write(noise())
            path.write_text("somebody else's")

    with pytest.raises(FileError, match="exists already"):
        collide()
    assert path.read_text() == "somebody else's"
    assert os.listdir(tmp_path) == ["a.wav"]


@pytest.mark.parametrize("appears", [False, True])
def test_disks_without_hard_links(tmp_path, monkeypatch, appears):
    def refuse(*_, **__):
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(appearing.os, "link", refuse)
    path = tmp_path / "a.wav"
    if not appears:
        write(path, noise())
        assert read(path).shape == (2, 10_001)
        assert os.listdir(tmp_path) == ["a.wav"]
        return
    monkeypatch.setattr(appearing.AtomicFile, "check", lambda _: None)
    path.write_text("kept")
    with pytest.raises(FileError, match="exists already"):
        write(path, noise())
    assert path.read_text() == "kept"


@pytest.mark.parametrize("way", ["same", "symlink", "hardlink", "dotted", "behind a link"])
def test_the_source_is_never_overwritten(tmp_path, way):
    source = tmp_path / "source.wav"
    write(source, noise())
    before, target, given = source.read_bytes(), tmp_path / "other.wav", source
    if way == "same":
        target = source
    elif way == "symlink":
        target.symlink_to(source)
    elif way == "hardlink":
        target.hardlink_to(source)
    elif way == "dotted":
        (tmp_path / "sub").mkdir()
        target = tmp_path / "sub" / ".." / "source.wav"
    else:
        target.symlink_to(source)
        given, target = target, source
    for force in (False, True):
        with pytest.raises(FileError, match="is the source"):
            write(target, noise(), force=force, sources=[given])
    assert source.read_bytes() == before


def test_force_through_a_link_keeps_the_link(tmp_path):
    (tmp_path / "real").mkdir()
    write(tmp_path / "real" / "a.wav", noise())
    (tmp_path / "a.wav").symlink_to(tmp_path / "real" / "a.wav")
    write(tmp_path / "a.wav", noise(1), force=True)
    assert (tmp_path / "a.wav").is_symlink()
    assert AudioReader(tmp_path / "real" / "a.wav").info.channels == 1


def test_folders_and_devices_are_no_targets(tmp_path):
    (tmp_path / "a.wav").mkdir()
    with pytest.raises(FileError, match="is a folder"):
        write(tmp_path / "a.wav", noise(), force=True)
    with pytest.raises(FileError, match="regular file"):
        write("/dev/null", noise(), force=True, format="wav")
    with pytest.raises(FileError, match="does not exist"):
        write(tmp_path / "missing" / "a.wav", noise())
    with pytest.raises(FileError, match="name is too long"):
        write(tmp_path / ("a" * 300 + ".wav"), noise())


def test_a_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(0o555)
    code = """
        import os, sys
        import numpy as np
        from restorack.io.writer import AudioWriter
        from restorack.errors import FileError
        if os.geteuid() == 0:
            os.seteuid(65534)
        try:
            AudioWriter(sys.argv[1] + "/a.wav", 48000, 2).__enter__()
        except FileError as error:
            print(error.what)
    """
    for folder in [
        tmp_path,
        *itertools.takewhile(lambda p: p.name.startswith("pytest"), tmp_path.parents),
    ]:
        if folder != tmp_path:
            folder.chmod(0o755)
    done = run_python(code, tmp_path)
    tmp_path.chmod(0o755)
    assert "ermission" in done.stdout, done.stderr


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg", "mp3", "aiff", "w64"])
def test_a_file_that_does_not_fit_is_named_and_leaves_nothing(tmp_path, extension):
    code = """
        import os, resource, sys
        import numpy as np
        from restorack.io.writer import AudioWriter
        from restorack.errors import FileError
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        rng = np.random.default_rng(0)
        try:
            with AudioWriter(sys.argv[1], 48000, 2) as writer:
                for _ in range(100):
                    writer.write(rng.normal(0, 0.2, (2, 48000)).astype("f4"))
        except FileError as error:
            print(error)
    """
    done = run_python(code, tmp_path / f"a.{extension}")
    assert "the whole file must fit" in done.stdout, done.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("extension", ["wav", "flac"])
def test_a_full_disk_is_named_and_leaves_nothing(tmp_path, monkeypatch, extension):
    path = tmp_path / f"a.{extension}"
    full = os.open("/dev/full", os.O_RDWR)

    def fail():
        with AudioWriter(path, 48_000, 2) as writer:
            # What the writer holds now is the device on which every write fails.
            os.dup2(full, writer._target.descriptor)
            for _ in range(20):
                writer.write(noise(2, 48_000))

    with pytest.raises(FileError, match="disk full"):
        fail()
    os.close(full)
    assert os.listdir(tmp_path) == []


KILLED = """
    import sys, time
    import numpy as np
    from restorack.io.writer import AudioWriter
    with AudioWriter(sys.argv[1], 48000, 2) as writer:
        while True:
            writer.write(np.zeros((2, 4800), "f4"))
            print("written", flush=True)
            time.sleep(0.01)
"""


def test_a_kill_leaves_no_half_file_and_the_next_run_clears_up(tmp_path):
    path = tmp_path / "a.wav"
    line = [sys.executable, "-c", textwrap.dedent(KILLED), str(path)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as child:
        for _ in range(3):
            assert child.stdout.readline() == "written\n"
        (part,) = os.listdir(tmp_path)
        assert part.startswith(".")
        assert part.endswith(appearing.PART_SUFFIX)
        # While it lives, another run on the same target leaves its part alone.
        write(path, noise())
        assert part in os.listdir(tmp_path)
        child.send_signal(signal.SIGKILL)
    path.unlink()
    assert os.listdir(tmp_path) == [part]
    write(tmp_path / "b.wav", noise())
    assert part in os.listdir(tmp_path), "another target's part is not touched"
    write(path, noise())
    assert sorted(os.listdir(tmp_path)) == ["a.wav", "b.wav"]


@pytest.mark.parametrize(
    "name", ["-dash.flac", "mit Leer zeichen.wav", "Žižka 音楽 🎻.ogg", "a\nb.mp3"]
)
def test_odd_names(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(name, noise())
    assert os.listdir() == [name]
    assert AudioReader(name).info.frames == 10_001


def test_permissions_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.wav", noise())
    finally:
        os.umask(before)
    assert (tmp_path / "a.wav").stat().st_mode & 0o777 == 0o640
