"""Numbers with a name: each says what it is, in which unit, and what it was chosen from."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("src/restorack", "plugins", "chains", "presets", "render")
NAME = re.compile(r"_?[A-Z][A-Z0-9_]*")
DIRECTIVE = re.compile(r"#\s*(noqa|fmt|type:|ruff|pragma)")


def is_number(node: ast.expr) -> bool:
    """Return whether an expression is made of numbers alone: 3, -1e-3, 2**10, (0.5, 2 / 3)."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float | complex) and not isinstance(node.value, bool)
    if isinstance(node, ast.UnaryOp):
        return is_number(node.operand)
    if isinstance(node, ast.BinOp):
        return is_number(node.left) and is_number(node.right)
    return (
        isinstance(node, ast.Tuple | ast.List)
        and bool(node.elts)
        and all(is_number(one) for one in node.elts)
    )


def constant_names(node: ast.stmt) -> list[str]:
    """Return the names of constants that a statement gives a value."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    names = [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]
    return names if all(NAME.fullmatch(name) for name in names) else []


def is_comment(line: str) -> bool:
    """Return whether a line between statements is a comment, and none for a tool."""
    return line.startswith("#") and not DIRECTIVE.match(line)


def has_comment(lines: list[str]) -> bool:
    """Return whether the lines of a whole statement have a comment."""
    tokens = tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline)
    return any(
        token.type == tokenize.COMMENT and not DIRECTIVE.match(token.string) for token in tokens
    )


def unexplained(text: str) -> list[str]:
    """Return numbers of a module that nothing explains, as ``line: name``.

    A constant is explained by a comment on the line above or at its end, or by a string after it.
    A comment above also holds for the constants on the lines that follow without a gap.
    """
    lines, body = text.splitlines(), ast.parse(text).body
    headed, found = set(), []
    for node, after in zip(body, [*body[1:], None], strict=True):
        names = constant_names(node)
        if not names:
            continue
        first, last = node.lineno, node.end_lineno or node.lineno
        if is_comment(lines[first - 2] if first > 1 else "") or first - 1 in headed:
            headed.add(last)
            continue
        is_described = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if is_described or not is_number(node.value):  # type: ignore[attr-defined]
            continue
        if not has_comment(lines[first - 1 : last]):
            found.append(f"{first}: {', '.join(names)}")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_every_number_says_what_it_is(room: str) -> None:
    files = [file for file in sorted((ROOT / room).rglob("*.py")) if file.resolve() == file]
    assert files
    found = [
        f"{file.relative_to(ROOT)}:{one}"
        for file in files
        for one in unexplained(file.read_text("utf-8"))
    ]
    assert not found, "say what it is, its unit, and what it was chosen from:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "WIDTH_MS = 3.0",
        "NEAR, FAR = 1.0, 2 * 3.0",
        "_TAPS: tuple[int, ...] = (1, -2)",
        "WIDTH = 3.0  # noqa: N816",
        "# Of a gap.\nWIDTH = 3.0\n\nHEIGHT = 2.0",
        'WIDTH = 3.0\n"""Of a gap."""\nHEIGHT = 2.0',
        "# About something else.\n\nWIDTH = 3.0",
    ],
)
def test_a_number_without_a_word_is_named(text: str) -> None:
    assert len(unexplained(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "# Of a gap, in ms, by hand.\nWIDTH = 3.0",
        "WIDTH = 3.0  # of a gap",
        'WIDTH = 3.0\n"""Of a gap."""',
        "# Of a gap.\nWIDTH = 3.0\nHEIGHT = 2.0",
        "SIZES = (\n    1,  # of a gap\n    2,\n)",
        "Names = 3\nTEXT = 'three'\nTWICE = 2 * len(TEXT)\nREAL = True",
    ],
)
def test_a_number_with_a_word_passes(text: str) -> None:
    assert unexplained(text) == []
