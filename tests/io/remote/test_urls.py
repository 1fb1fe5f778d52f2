"""Which paths are elsewhere; local ones load nothing for that."""

import subprocess
import sys
from pathlib import Path

import pytest

from restorack.errors import ParameterError
from restorack.io.remote.urls import as_path, is_remote, is_url
from restorack.text import path_text


@pytest.mark.parametrize("text", ["s3://b/a.wav", "sftp://host/a.wav", "memory://a", "S3://b/a"])
def test_urls_are_elsewhere(text):
    assert is_url(text)


@pytest.mark.parametrize(
    "text", ["a.wav", "/a/b.wav", "C:/a.wav", "C://a.wav", "C:\\a.wav", "file:///a.wav", "s3:a", "://"]
)  # fmt: skip
def test_paths_are_not(text):
    assert not is_url(text)
    assert isinstance(as_path(text), Path)


def test_a_url_of_a_file_is_its_path():
    assert as_path("file:///a/b%20c.wav") == Path("/a/b c.wav")
    assert as_path(Path("a")) == Path("a")


def test_a_remote_path_has_its_names_and_its_url():
    path = as_path("memory://box/side a.wav")
    assert is_remote(path)
    assert as_path(path) is path
    assert (path.stem, path.suffix, path.parent.name) == ("side a", ".wav", "box")
    assert path_text(path) == "memory://box/side a.wav"


def test_what_is_missing_or_unknown_is_named(monkeypatch):
    with pytest.raises(ParameterError, match="no such URL"):
        as_path("nosuchscheme://a")
    monkeypatch.setitem(sys.modules, "upath", None)
    with pytest.raises(ParameterError, match=r"restorack\[cloud\]"):
        as_path("memory://a")


def test_local_batches_load_nothing_for_stores():
    code = (
        "import sys, restorack.cli.commands.batch, restorack.render.batch.simple\n"
        "import restorack.render.batch.remote.layout, restorack.render.batch.remote.staging\n"
        "from restorack.io.remote.urls import as_path\n"
        "as_path('a/b.wav')\n"
        "print([name for name in ('fsspec', 'upath', 's3fs', 'submitit', 'ray') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
