"""A batch over SFTP: files appear by renaming, and are read back: such stores have no tags."""

from dataclasses import replace

from batches import run_inline, statuses, want, write
from sftp_server import sftp_server

from restorack.io.remote.urls import as_path
from restorack.render.batch.remote.layout import output_layout
from restorack.render.batch.status import batch_status
from restorack.text import path_text


def test_files_are_rendered_from_and_to_a_server(tmp_path):
    served = tmp_path / "served"
    for number, name in enumerate(("a.wav", "box 1/b.wav")):
        write(served / "in" / name, number)
    run_inline([served / "in"], want(tmp_path / "local"), recursive=True)

    def run(url):
        with output_layout(as_path(f"{url}/out")) as layout:
            wanted = replace(want(layout.root), layout=layout)
            return run_inline([as_path(f"{url}/in")], wanted, recursive=True)

    with sftp_server(served) as url:
        result, _ = run(url)
        assert statuses(result) == {"a.wav": "done", "box 1/b.wav": "done"}
        for key in statuses(result):
            assert (served / "out" / key).read_bytes() == (tmp_path / "local" / key).read_bytes()
        names = {str(path.relative_to(served / "out")) for path in (served / "out").rglob("*")}
        assert names == {"a.wav", "box 1", "box 1/b.wav", ".restorack",
                         ".restorack/manifest.sqlite"}  # fmt: skip
        (served / "out" / "a.wav").write_bytes(b"altered")
        _, executor = run(url)
        assert executor.keys == ["a.wav"]
        assert batch_status(as_path(f"{url}/out")).counts["done"] == 2
        told = path_text(as_path(f"{url}/in/a.wav"))
        assert told == f"{url.replace(':secret', '')}/in/a.wav"  # and no password
