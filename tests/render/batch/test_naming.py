"""Which files a batch takes, and which names it refuses before it renders anything."""

from __future__ import annotations

from pathlib import Path

import mutagen.flac
import pytest
from batches import run_inline, statuses, want, write

from restorack.errors import FileError
from restorack.render.batch import find_inputs, plan_batch


def found(root: Path, **how: object) -> list[str]:
    given = {"recursive": True, "leave_out": root / "out", "outputs": frozenset()} | how
    inputs = find_inputs([root], **given)  # type: ignore[arg-type]
    return [f"{one.folder}/{one.source.name}" for one in inputs]


def test_folders_are_walked_in_order_and_keep_their_shape(tmp_path: Path) -> None:
    for name in ("b.wav", "a.FLAC", "x/c.aiff", "x/y/d.mp3", "notes.txt", ".hidden.wav",
                 ".git/e.wav", "out/f.wav"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert found(tmp_path) == ["./a.FLAC", "./b.wav", "x/c.aiff", "x/y/d.mp3"]
    assert found(tmp_path, recursive=False) == ["./a.FLAC", "./b.wav"]
    assert found(tmp_path, outputs=frozenset([tmp_path / "b.wav"]))[:2] == ["./a.FLAC", "x/c.aiff"]


def test_a_file_that_is_given_twice_is_one(tmp_path: Path) -> None:
    one = write(tmp_path / "a.wav")
    inputs = find_inputs(
        [one, tmp_path, one], recursive=False, leave_out=tmp_path / "o", outputs=frozenset()
    )
    assert [i.source for i in inputs] == [one]


def test_inputs_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        run_inline([tmp_path / "nothing"], want(tmp_path / "out"))


def test_outputs_that_would_meet_are_refused_before_anything_is_rendered(tmp_path: Path) -> None:
    sources = [write(tmp_path / "in" / name) for name in ("a.wav", "a.flac", "b.wav")]
    with pytest.raises(FileError, match=r"a\.wav and .*a\.flac would be one file"):
        run_inline(sources, want(tmp_path / "out"))
    assert not list((tmp_path / "out").glob("*.wav"))
    result, _ = run_inline(sources, want(tmp_path / "out", pattern="{name}.{preset}"))
    assert set(statuses(result)) == {
        "a.wav.quieter.wav", "a.flac.quieter.wav", "b.wav.quieter.wav"
    }  # fmt: skip


def test_names_that_a_disk_takes_for_one_are_refused(tmp_path: Path) -> None:
    sources = [write(tmp_path / "in" / name) for name in ("a.wav", "A.wav")]
    wanted = want(tmp_path / "out")
    wanted.layout.make()
    inputs = find_inputs(sources, recursive=False, leave_out=tmp_path, outputs=frozenset())
    assert len(plan_batch(inputs, wanted)) == 2
    # What a disk that folds case would show:
    wanted.layout.state.with_name(".RESTORACK").symlink_to(wanted.layout.state)
    with pytest.raises(FileError, match="would be one file"):
        plan_batch(inputs, wanted)


def test_a_difference_may_not_be_another_output(tmp_path: Path) -> None:
    sources = [write(tmp_path / "in" / name) for name in ("a.wav", "a.difference.wav")]
    with pytest.raises(FileError, match="would be one file"):
        run_inline(sources, want(tmp_path / "out", kinds=("output", "difference")))


def test_an_input_is_never_an_output(tmp_path: Path) -> None:
    sources = [write(tmp_path / name) for name in ("a.wav", "b.wav")]
    with pytest.raises(FileError, match="is an input"):
        run_inline(sources, want(tmp_path, force=True))


def test_tags_name_outputs(tmp_path: Path) -> None:
    source = write(tmp_path / "in" / "side.flac")
    file = mutagen.flac.FLAC(source)
    file["artist"], file["title"] = "../../etc", "a/b"
    file.save()
    broken = tmp_path / "in" / "broken.wav"
    broken.write_text("not audio")
    result, _ = run_inline([tmp_path / "in"], want(tmp_path / "out", pattern="{artist}/{title}"))
    assert statuses(result) == {
        "unknown artist/broken.wav": "failed",
        "_.._etc/a_b.wav": "done",
    }
    assert (tmp_path / "out" / "_.._etc" / "a_b.wav").is_file()


def test_outputs_among_the_inputs_are_not_taken_for_inputs(tmp_path: Path) -> None:
    write(tmp_path / "a.wav")
    wanted = want(tmp_path, pattern="{folder}/{stem}.{preset}")
    for _ in range(2):
        result, _ = run_inline([tmp_path], wanted, recursive=True)
        assert list(statuses(result)) == ["a.quieter.wav"]
