"""Faust programs as evaluated boxes: what they are, without code being generated or run.

Faust parses and evaluates a program, works in the Faust libraries, and prints the boxes that it
would compile. From these come channels and parameters; and any function of C in them is found
however the program is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from restorack.core.automation import Automation
from restorack.errors import PluginError
from restorack.hosting.dawdreamer_engine import load_dawdreamer
from restorack.hosting.faust.imports import libraries_folder
from restorack.hosting.faust.lexing import FOREIGN, RULE, Token, tokens_of
from restorack.hosting.parameters.described import DescribedParameter, find_described
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
    parameters = [DescribedParameter(found, "faust") for found in _parameters(tokens)]
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


def _parameters(tokens: Sequence[Token]) -> Iterator[dict[str, Any]]:
    """Yield parameters as DawDreamer describes those of a compiled program."""
    for at, token in enumerate(tokens):
        if token.kind != "word" or token.text not in (*_SLIDERS, *_SWITCHES):
            continue
        label = _plain_label(tokens[at + 2].plain())
        values = _numbers(tokens[at + 3 :]) if token.text in _SLIDERS else [0.0, 0.0, 1.0]
        yield {"name": label, "label": label, "value": values[0], "min": values[1],
               "max": values[2]}  # fmt: skip


def _plain_label(label: str) -> str:
    """Return a label without groups and metadata: ``h:dynamics/gain[unit:dB]`` is ``gain``."""
    return re.sub(r"\[[^\]]*\]", "", label).rpartition("/")[2].strip()


def _numbers(tokens: Sequence[Token]) -> list[float]:
    """Return the numbers up to the closing bracket: default, minimum, maximum, step."""
    text = "".join(token.text for token in tokens[:24]).partition(")")[0]
    return [float(part.rstrip("f")) for part in text.split(",") if part]


def _check(spec: PluginSpec, parameters: list[DescribedParameter]) -> None:
    for name, value in spec.params.items():
        find_described(parameters, name, spec).number(value, spec.label)
    for name, points in spec.automation.items():
        for _, value in Automation(points, where=spec.label).breakpoints:
            find_described(parameters, name, spec).number(value, spec.label)
