"""Faust programs as evaluated boxes: what they are, without code being generated or run.

Faust parses and evaluates a program, works in the Faust libraries, and prints the boxes that it
would compile. From these come channels and parameters; and any function of C in them is found
however the program is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from restorack.core.automation import Automation
from restorack.errors import PluginError
from restorack.hosting.engines.dawdreamer import load_dawdreamer
from restorack.hosting.faust.imports import libraries_folder
from restorack.hosting.faust.lexing import FOREIGN, RULE, Token, tokens_of
from restorack.hosting.parameters.described import (
    DescribedParameter,
    described_parameters,
    find_described,
)
from restorack.hosting.parameters.names import refuse_repeated
from restorack.hosting.spec import PluginSpec
from restorack.system.limits import bounded_address_space

MEMORY = 1 << 31
"""Bytes that evaluation may take beyond what the process has."""

MAX_PRINTED = 1 << 24
"""Characters; programs of some hundred filters print 100 kB."""

MOST_CHANNELS = 256
"""Of a program; bounds memory, by hand."""

_MATHS = (
    "copysign", "cbrt", "hypot", "ldexp", "scalbn", "log1p", "logb", "ilogb", "expm1", "acosh",
    "asinh", "atanh", "sinh", "cosh", "tanh", "erf", "erfc", "tgamma", "lgamma", "isnan", "isinf",
)  # fmt: skip
_FOREIGN_OF_LIBRARIES = frozenset(
    {("ffunction", name, "<math.h>") for base in _MATHS for name in (base, f"{base}f", f"{base}l")}
    | {("ffunction", name, "<math.h>") for name in ("j0", "j1", "jn", "y0", "y1", "yn")}
    | {("ffunction", "nextafter", "<math.h>"), ("ffunction", "arc4random", "<stdlib.h>")}
    | {("fconstant", "fSamplingFreq", "<math.h>"), ("fvariable", "count", "<math.h>")}
)
"""What the Faust libraries take from C: arithmetic, the sampling rate, the size of blocks."""

_SLIDERS = ("hslider", "vslider", "nentry")
_SWITCHES = ("button", "checkbox")
_GROUPS = ("hgroup", "vgroup", "tgroup")

MOST_PARAMETERS = 4096
"""Of a program; bounds memory, by hand."""

_Widget: TypeAlias = tuple[tuple[str, ...], str, tuple[float, ...]]
"""Groups, label, and default, minimum, maximum and step."""


def read(spec: PluginSpec) -> dict[str, Any]:
    """Return a program's ``inputs``, ``outputs`` and ``parameters``, its spec's values checked.

    Raises
    ------
    PluginError
        For a program that cannot be evaluated or that reaches into C.
    ParameterError
        For a parameter that it has not, or a value outside its range.
    """
    with _evaluated(spec) as box:
        inputs, outputs = int(box.inputs), int(box.outputs)
        tokens = _printed(box, spec)
    if not 0 <= inputs <= MOST_CHANNELS or not 0 < outputs <= MOST_CHANNELS:
        raise PluginError(
            f"takes {inputs} channels and gives {outputs}",
            where=spec.label,
            rule=f"a program gives 1 to {MOST_CHANNELS} channels",
        )
    parameters = described_parameters(_parameters(tokens, spec), spec)
    _check(spec, parameters)
    described = [parameter.describe() for parameter in parameters]
    return {"inputs": inputs, "outputs": outputs, "parameters": described}


def refuse_foreign_boxes(spec: PluginSpec) -> None:
    """Raise :class:`PluginError` where what would be compiled reaches into C."""
    with _evaluated(spec) as box:
        _printed(box, spec)


@contextmanager
def _evaluated(spec: PluginSpec) -> Iterator[Any]:
    """Give a program's box; memory that it takes is limited meanwhile."""
    faust = load_dawdreamer(spec.label).faust
    faust.createLibContext()
    try:
        with bounded_address_space(MEMORY):
            yield faust.box.boxFromDSP(spec.reference, ["-I", str(libraries_folder())])
    except PluginError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PluginError(f"does not compile: {reason[:500]}", where=spec.label) from error
    finally:
        faust.destroyLibContext()


def _printed(box: Any, spec: PluginSpec) -> list[Token]:
    """Return a box as tokens of Faust's own print, each shared part once."""
    text = box.print_str(True, MAX_PRINTED)
    if len(text) >= MAX_PRINTED:
        raise PluginError("is too large", where=spec.label, rule=f"{MAX_PRINTED} characters")
    tokens = tokens_of(text, spec.label)
    for at, token in enumerate(tokens):
        if token.kind != "string" and token.text in FOREIGN:
            _refuse_foreign(tokens[at : at + 40], spec)
        elif token.kind != "string" and token.text == "soundfile":
            raise PluginError("soundfile is refused", where=spec.label, rule=RULE)
    return tokens


def _refuse_foreign(tokens: Sequence[Token], spec: PluginSpec) -> None:
    """Refuse a foreign function, constant or variable that no Faust library uses."""
    text = "".join(token.text + " " for token in tokens)
    form = r'(\w+) \( (?:int|float) (\w+) .*?, (< \w+ \. h >) (?:, "" )?\)'
    found = re.match(form, text)
    signature = (found[1], found[2], found[3].replace(" ", "")) if found else None
    if signature not in _FOREIGN_OF_LIBRARIES:
        name = found[2] if found else " ".join(token.text for token in tokens[:8])
        raise PluginError(f"{tokens[0].text} {name} is refused", where=spec.label, rule=RULE)


def _parameters(tokens: Sequence[Token], spec: PluginSpec) -> list[dict[str, Any]]:
    """Return parameters as DawDreamer describes those of a compiled program.

    Each part is printed once, however often it is used, and a part in two groups is two
    parameters: so every definition's parameters are those of the parts that it names.
    """
    known: dict[str, dict[_Widget, None]] = {}
    found: dict[_Widget, None] = {}
    for name, definition in _definitions(tokens):
        found = known[name] = _widgets(definition, known)
        if len(found) > MOST_PARAMETERS:
            raise PluginError(f"has over {MOST_PARAMETERS} parameters", where=spec.label)
    return [
        {"name": label, "label": label, "groups": list(groups), "value": values[0],
         "min": values[1], "max": values[2], "step": values[3]}
        for groups, label, values in found
    ]  # fmt: skip


def _definitions(tokens: Sequence[Token]) -> Iterator[tuple[str, Sequence[Token]]]:
    """Yield name and tokens of each statement; the last one is the whole program's."""
    first = 0
    for at, token in enumerate(tokens):
        if token.kind == "other" and token.text == ";":
            statement = tokens[first:at]
            if len(statement) > 2 and statement[1].text == "=":
                yield statement[0].text, statement[2:]
            first = at + 1


def _widgets(tokens: Sequence[Token], known: dict[str, dict[_Widget, None]]) -> dict[_Widget, None]:
    """Return the parameters of an expression, in groups as it puts them."""
    found: dict[_Widget, None] = {}
    opened: list[tuple[str, ...]] = []  # for each open bracket, the groups that it adds
    for at, token in enumerate(tokens):
        if token.text == "(" and token.kind == "other":
            inside = at > 0 and tokens[at - 1].text in _GROUPS and len(tokens) > at + 1
            opened.append(_path(tokens[at + 1].plain()) if inside else ())
        elif token.text == ")" and token.kind == "other" and opened:
            opened.pop()
        if token.kind != "word":
            continue
        groups = tuple(part for path in opened for part in path)
        if token.text in known:
            inner = known[token.text]
            found |= {(groups + path, *rest): None for path, *rest in inner} if groups else inner  # type: ignore[misc]
        elif token.text in (*_SLIDERS, *_SWITCHES):
            *own, label = _path(tokens[at + 2].plain()) or ("",)
            slider = token.text in _SLIDERS
            values = _numbers(tokens[at + 3 :]) if slider else [0.0, 0.0, 1.0, 1.0]
            found[(*groups, *own), label, tuple(values)] = None
    return found


def _path(label: str) -> tuple[str, ...]:
    """Return groups and label without metadata: of ``h:dynamics/gain[unit:dB]`` both words."""
    parts = re.sub(r"\[[^\]]*\]", "", label).split("/")
    return tuple(re.sub(r"^[hvt]:", "", part.strip()).strip() for part in parts)


def _numbers(tokens: Sequence[Token]) -> list[float]:
    """Return the numbers up to the closing bracket: default, minimum, maximum, step."""
    text = "".join(token.text for token in tokens[:24]).partition(")")[0]
    return [float(part.rstrip("f")) for part in text.split(",") if part]


def _check(spec: PluginSpec, parameters: list[DescribedParameter]) -> None:
    refuse_repeated(list(spec.params), [p.named for p in parameters], spec.label)
    for name, value in spec.params.items():
        find_described(parameters, name, spec).number(value, spec.label)
    for name, points in spec.automation.items():
        for _, value in Automation(points, where=spec.label).breakpoints:
            find_described(parameters, name, spec).number(value, spec.label)
