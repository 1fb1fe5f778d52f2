"""Small faults to plant in a module, and which modules are built on which."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import re
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "restorack"

FLIPPED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.GtE, ast.LtE), ast.LtE: (ast.Gt, ast.Lt), ast.Gt: (ast.LtE, ast.GtE),
    ast.GtE: (ast.Lt, ast.Gt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
PASSED_OVER = ("annotation", "returns", "decorator_list", "type_params")


@dataclass(frozen=True)
class Fault:
    """A fault that can be planted: where, what, and how (in the tree that it was found in)."""

    line: int
    what: str
    plant: Callable[[], None]


def faults(tree: ast.Module) -> list[Fault]:
    """Return every fault of a module, in one order for one source."""
    return [fault for node, parent in _nodes(tree) for fault in _of_node(node, parent)]


def _nodes(node: ast.AST, parent: ast.AST | None = None) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield what is run: no annotations, no decorators, nothing for type checkers alone."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if parent is not None:
        yield node, parent
    for name, value in ast.iter_fields(node):
        if name in PASSED_OVER or (name == "value" and _is_alias(node)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _nodes(child, node)


def _is_alias(node: ast.AST) -> bool:
    return isinstance(node, ast.AnnAssign) and "TypeAlias" in ast.unparse(node.annotation)


def _of_node(node: ast.AST, parent: ast.AST) -> Iterator[Fault]:
    line = getattr(node, "lineno", 0)
    if isinstance(node, ast.Compare):
        yield from _comparisons(node)
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and _can_be_swapped(node):
        yield _setting(node, "op", SWAPPED[type(node.op)](), line)
    elif isinstance(node, ast.BoolOp):
        yield _setting(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And(), line)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        yield _setting(node, "value", _other(node.value), line)
    elif isinstance(node, ast.FunctionDef):
        yield from _early_return(node)
    if isinstance(node, ast.stmt) and _can_be_dropped(node):
        yield Fault(line, f"drop: {_short(node)}", lambda: _replace(parent, node, ast.Pass()))


def _comparisons(node: ast.Compare) -> Iterator[Fault]:
    for at, op in enumerate(node.ops):
        for other in FLIPPED[type(op)]:

            def plant(at: int = at, other: type[ast.cmpop] = other) -> None:
                node.ops[at] = other()

            what = f"{type(op).__name__} to {other.__name__}: {_short(node)}"
            yield Fault(node.lineno, what, plant)


def _setting(node: ast.AST, field: str, value: object, line: int) -> Fault:
    said = type(value).__name__ if isinstance(value, ast.AST) else repr(value)
    return Fault(line, f"{said} in {_short(node)}", lambda: setattr(node, field, value))


def _other(value: bool | int | float) -> bool | int | float:
    """Return another number: half as much again."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + max(1, abs(value) // 2)
    return 1.5 * value if value else 1.0


def _early_return(node: ast.FunctionDef) -> Iterator[Fault]:
    """Return the first argument at once."""
    first = 1 if _is_docstring(node.body[0]) else 0
    names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
    value = ast.Name(names[0], ast.Load()) if names else ast.Constant(None)
    if len(node.body) > first + 1:
        stop = ast.Return(value)
        what = f"{node.name}() returns {ast.unparse(value)} at once"
        yield Fault(node.lineno, what, lambda: node.body.insert(first, stop))


def _can_be_dropped(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return isinstance(node.targets[0], (ast.Attribute, ast.Subscript))
    if isinstance(node, ast.If):
        return not node.orelse
    if isinstance(node, ast.Expr):
        return not _is_docstring(node)
    return isinstance(node, ast.AugAssign)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _can_be_swapped(node: ast.BinOp | ast.AugAssign) -> bool:
    """Return whether a sum or product is of numbers, as far as one can see."""
    sides = [node.value] if isinstance(node, ast.AugAssign) else [node.left, node.right]
    values = [getattr(side, "value", None) for side in sides]
    is_text = any(isinstance(one, (str, ast.JoinedStr)) for one in (*sides, *values))
    return type(node.op) in SWAPPED and not is_text


def _short(node: ast.AST) -> str:
    text = re.sub(r"\s+", " ", ast.unparse(node))
    return text if len(text) <= 70 else f"{text[:67]}..."


def _replace(parent: ast.AST, old: ast.AST, new: ast.stmt) -> None:
    for _, value in ast.iter_fields(parent):
        if isinstance(value, list) and old in value:
            value[value.index(old)] = new


@dataclass(frozen=True)
class Mutant:
    """A file with one of its faults."""

    path: Path
    number: int

    @property
    def key(self) -> str:
        """What it is called in the results."""
        return f"{self.path.relative_to(ROOT)}:{self.number}"

    def tree(self) -> tuple[ast.Module, Fault]:
        """Return the file's tree with the fault in it, and the fault."""
        tree = ast.parse(self.path.read_text())
        fault = faults(tree)[self.number]
        fault.plant()
        return ast.fix_missing_locations(tree), fault


class Planted(importlib.abc.MetaPathFinder):
    """Finds the mutated module, wherever the package is looked for."""

    def __init__(self, mutant: Mutant) -> None:
        self._path = mutant.path.resolve()
        self._code = compile(mutant.tree()[0], str(mutant.path), "exec")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return the module's spec with the fault in it; see :mod:`importlib.abc`."""
        spec = importlib.machinery.PathFinder.find_spec(name, path) if "restorack" in name else None
        if spec is None or spec.origin is None or Path(spec.origin).resolve() != self._path:
            return None
        code = self._code

        class Loader(importlib.machinery.SourceFileLoader):
            def get_code(self, fullname: str) -> types.CodeType:
                return code

        spec.loader = Loader(name, spec.origin)
        return spec


# Which modules are built on which


@cache
def modules() -> dict[str, Path]:
    """Return the package's modules: their names and files."""
    found = {}
    for path in _python_files(PACKAGE):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _python_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():  # also through links
            yield from _python_files(path)
        elif path.suffix == ".py":
            yield path


@cache
def imported_by(path: Path) -> frozenset[str]:
    """Return the package's modules that a file imports, in functions too, not for types alone."""
    found: set[str] = set()
    for node, _ in _nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            for alias in node.names:
                found |= {f"{node.module}.{alias.name}", *_homes(node.module, alias.name)}
    return frozenset(found & modules().keys())


def _homes(package: str, name: str) -> Iterator[str]:
    """Yield the module of a name that a package offers but loads when it is used."""
    home = _public_names(package).get(name)
    if home is not None and home != package:
        yield home
        yield from _homes(home, name)


@cache
def _public_names(package: str) -> dict[str, str]:
    path = modules().get(package)
    if path is None:
        return {}
    stub = path.with_suffix(".pyi")
    if path.name != "__init__.py" and not stub.is_file():
        return {}
    tree = ast.parse((stub if stub.is_file() else path).read_text())
    return {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


@cache
def needed_by(path: Path, room: str = "") -> frozenset[str]:
    """Return all modules that a file is built on; ``room`` leaves out what is reached beyond it."""
    found: set[str] = set()
    waiting = list(imported_by(path))
    while waiting:
        name = waiting.pop()
        if name not in found and name.startswith(room or "restorack"):
            found.add(name)
            waiting += imported_by(modules()[name])
    return frozenset(found)
