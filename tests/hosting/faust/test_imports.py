"""Faust programs with their imports worked in: the same boxes, and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from restorack.errors import ParameterError, PluginError
from restorack.hosting.faust.boxes import _FOREIGN_OF_LIBRARIES, read
from restorack.hosting.faust.imports import libraries_folder, load_program
from restorack.hosting.faust.lexing import FOREIGN, tokens_of
from restorack.hosting.spec import PluginSpec

FILES = {
    "a.lib": 'declare name "a";\nimport("stdfaust.lib"); /* x */ g = 0.5; // 1/2\nimport("c.lib");',
    "b.lib": 'import("c.lib"); k = h+1; q = library("d.lib").z; n = environment '
    '{ import("c.lib"); y = h*3; };',
    "c.lib": "h = 0.25; f(x) = x*h;",
    "d.lib": 'import("stdfaust.lib"); z = fi.lowpass(1, 100); back = library("b.lib").k;',
    "whole.dsp": 'import("stdfaust.lib"); process = _ : ma.tanh;',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of small libraries that import each other."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def boxes() -> Callable[[str], str]:
    """Return a function that prints what Faust makes of a program."""
    from dawdreamer import faust

    def printed(code: str) -> str:
        faust.createLibContext()
        try:
            box = faust.box.boxFromDSP(code, ["-I", str(libraries_folder())])
            return str(box.print_str(True, 1 << 20))
        finally:
            faust.destroyLibContext()

    return printed


@pytest.mark.parametrize(
    "code",
    [
        'import("a.lib"); import("b.lib"); process = _*g : f : *(k) : q : *(n.y) <: _, _ :> _;',
        'process = component("whole.dsp") : library("d.lib").z : *(library("d.lib").back);',
        'process = _ : lib.z with { lib = library("d.lib"); };',
        "x = 1 <= 2; y = (1 != 2) << 1; process = _ <: _, +(y) :> + ~ *(0.5e-1) : @(10) : _';",
        'import("stdfaust.lib"); process = case { (0) => 1; (x) => x+1e-3+1.5f+.5; }(3), _ : *;',
    ],
)
def test_faust_makes_the_same_boxes_of_it(
    folder: Path, boxes: Callable[[str], str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)  # where Faust itself looks
    native = boxes(code)
    program = load_program(code, "test", str(folder))
    monkeypatch.chdir("/")
    assert boxes(program.code) == native
    assert all(Path(file).parent == folder for file in program.files)


@pytest.mark.parametrize(
    "code",
    [
        'process = ffunction(int rand(), <stdlib.h>, "");',
        '/*"*/ x = fconstant(int a, <a.h>); /*"*/',
        "// a comment ends here\r x = fvariable(int environ, <unistd.h>);",
        'process = 1fffunction(int rand(), <stdlib.h>, "");',
        '<mdoc> " </mdoc> process = _;',
        "process = _; /* without end",
        "process = _;\0",
        "process = 0, _ : soundfile(\"x[url:{'/etc/passwd'}]\", 1);",
        'import("http://127.0.0.1/x.lib"); process = _;',
        'import("FILE:///etc/x.lib"); process = _;',
        'process = library("/etc/passwd").x;',
        'process = component("../x.dsp");',
        'process = component("sub/../../x.dsp");',
        'import("out.lib"); process = _;',
        'import("StdFaust.lib"); process = _;',
        'import("~/x.lib"); process = _;',
        'import("pipe"); process = _;',
        'import("foreign.lib"); process = x;',
        'import("maths.lib"); process = _;',
        'import ( "c.lib"',
        'declare x import("http://127.0.0.1/x.lib"); process = _;',
        'declare import("/etc/passwd"); process = _;',
        "process = library;",
    ],
)
def test_what_reaches_out_is_refused(folder: Path, code: str) -> None:
    import os

    (folder.parent / "x.lib").write_text("x = 1;")
    (folder / "out.lib").symlink_to(folder.parent / "x.lib")
    (folder / "foreign.lib").write_text('x = ffunction(int rand(), <stdlib.h>, "");')
    (folder / "maths.lib").write_text("SR = 1;")  # would hide the Faust library of this name
    (folder / "sub").mkdir()
    os.mkfifo(folder / "pipe")
    with pytest.raises(PluginError, match=r"line 1|foreign\.lib: line 1"):
        load_program(code, "test", str(folder))


def test_without_a_folder_only_the_faust_libraries_are_imported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(PluginError, match="is not there"):
        load_program('import("a.lib"); process = _;', "test", None)
    assert not load_program('import("stdfaust.lib"); process = _;', "test", None).files


def test_a_bomb_of_imports_is_refused(tmp_path: Path) -> None:
    for number in range(40):
        inner = f'import("{number + 1}.lib");'
        (tmp_path / f"{number}.lib").write_text(
            f"a = environment {{ {inner} }}; b = environment {{ {inner} }};"
        )
    (tmp_path / "40.lib").write_text("x = 1;")
    with pytest.raises(PluginError, match="too long"):
        load_program('import("0.lib"); process = _;', "test", str(tmp_path))


def test_words_in_comments_and_labels_are_no_calls() -> None:
    code = '// no ffunction here\nprocess = *(hslider("soundfile import", 1, 0, 1, 0.1));'
    assert load_program(code, "test", None).code.count("hslider") == 1


def test_what_the_libraries_take_from_c_is_what_is_allowed() -> None:
    found = set()
    for path in libraries_folder().rglob("*.lib"):
        tokens = tokens_of(path.read_text("utf-8", "replace"), path.name)
        for at, token in enumerate(tokens):
            if token.kind == "word" and token.text in FOREIGN:
                found |= {(token.text, word) for word in _names(tokens[at + 3 :])}
    assert found <= {(kind, name) for kind, name, _ in _FOREIGN_OF_LIBRARIES}
    assert len(found) > 60


def _names(tokens: list) -> list[str]:
    end = next(n for n, token in enumerate(tokens) if token.text in ("(", ","))
    return [token.text for token in tokens[:end] if token.kind == "word"]


@pytest.mark.parametrize(
    "foreign",
    [
        'ffunction(int rand(), <stdlib.h>, "")',
        'ffunction(float tanhf(float), "math.h", "")',
        'ffunction(float tanhf(float), <math.h>, "libm.so")',
        "fvariable(int environ, <math.h>)",
        "fconstant(int fSamplingFreq, <stdio.h>)",
    ],
)
def test_boxes_are_searched_whatever_the_text_was(foreign: str) -> None:
    with pytest.raises(PluginError, match="is refused"):
        read(PluginSpec("faust", f"process = _, {foreign} :> _;"))


def test_parameters_come_from_the_boxes() -> None:
    code = (
        'process = vgroup("g", *(hslider("h:x/Cut off[unit:Hz]", 1e3, -20, 2e4, 1)))'
        ' : *(checkbox("On")) : fi.lowpass(2, 900) : ma.tanh : *(ma.SR);'
    )
    found = read(PluginSpec("faust", code, {"cut_off": 30}))
    assert (found["inputs"], found["outputs"]) == (1, 1)
    assert [(p["name"], p["minimum"], p["maximum"]) for p in found["parameters"]] == [
        ("cut_off", -20, 2e4), ("on", None, None),
    ]  # fmt: skip
    with pytest.raises(ParameterError, match="did you mean 'cut_off'"):
        read(PluginSpec("faust", code, {"cutoff": 30}))
    with pytest.raises(ParameterError, match="a number from -20 to 20000"):
        read(PluginSpec("faust", code, automation={"cut_off": [[0, 1], [1, 3e4]]}))
