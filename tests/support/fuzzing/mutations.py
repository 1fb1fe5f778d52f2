"""Damage to bytes, texts and trees of plain values."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 7, 127, 128, 255, 256, 32_767, 65_535, 65_536, 2**31 - 1, 2**31, 2**32 - 1, 2**32,
    2**53, 2**63 - 1, 2**63, 10**30, -(2**31), -(10**30), 0.5, -0.0, 1e-320, 1e30, 1e308, -1e308,
)  # fmt: skip
TEXTS = (
    "", " ", "x", "..", "/", "../../etc/passwd", "a/b", "a\\b", "NaN", "inf", "-", "0x10", "1e999",
    "true", "null", "\x1b[2J", "\u202e", "\U0001f600", "\u00e9", "e\u0301", "CON", "x" * 300,
    "{artist}", "%s%n", "\n", "\t", "a:b", "#", "&a", "*a", "!!python/object", "- ", "12k", "3 dB",
)  # fmt: skip
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], [None], {"": {}}, [0] * 50)


def any_value(choose: Random) -> Any:
    """Return a value that is likely to be wrong."""
    return copy.deepcopy(choose.choice(choose.choice((NUMBERS, TEXTS, OTHERS))))


def mutated_bytes(data: bytes, choose: Random, *, head: int = 200) -> bytes:
    """Return bytes with one to four of: bits turned, bytes set, spans cut, put in or said twice.

    Half of the places lie in the first ``head`` bytes, where headers are.
    """
    out = bytearray(data)
    for _ in range(choose.randint(1, 4)):
        _mutate_span(out, choose, head)
    return bytes(out)


def _mutate_span(out: bytearray, choose: Random, head: int) -> None:
    if not out:
        out += choose.randbytes(choose.randint(1, 40))
        return
    at = choose.randrange(min(head, len(out)) if choose.random() < 0.5 else len(out))
    length = min(choose.choice((1, 1, 2, 4, 8, 50, 500, 5000)), len(out) - at)
    way = choose.randrange(8)
    if way == 0:
        out[at] ^= 1 << choose.randrange(8)
    elif way == 1:
        out[at] = choose.choice((0, 1, 0x7F, 0x80, 0xFF, choose.randrange(256)))
    elif way == 2:
        out[at : at + length] = choose.randbytes(length)
    elif way == 3:
        del out[at : at + length]
    elif way == 4:
        out[at:at] = out[at : at + length]
    elif way == 5:
        out[at:at] = choose.choice((bytes(length), choose.randbytes(length)))
    elif way == 6:
        size = choose.choice((2, 4, 8))
        number = int(choose.choice([n for n in NUMBERS if isinstance(n, int) and 0 <= n < 2**64]))
        order = choose.choice(("little", "big"))
        out[at : at + size] = (number % 256**size).to_bytes(size, order)  # type: ignore[arg-type]
    else:
        del out[at:]  # cut short


SNIPPETS = (
    b"\t", b"\0", b"\r", b"\xff", b"\xc3\x28", b"\xef\xbb\xbf", b'"', b"'", b"\\", b"{", b"}", b"[",
    b"]", b":", b": ", b"- ", b"? ", b"#", b"&a ", b"*a", b"!x ", b"|", b">", b"%YAML 1.2\n",
    b"---\n", b"...\n", b"<<: ", b'"\\UFFFFFFFF"', b'"\\ud800"', b'"\\0"', b"1e999", b".nan",
    b".inf", b"9" * 400, b"[" * 40, b"{a: " * 40, b"\xe2\x80\xa8", b"~", b"0o17", b"1_0",
    b"12:30:45", b"2001-01-01", b"x" * 1000, b"\x1b[2J", b"null", b"-", b",", b",,",
    b"\xf0\x9f\x98\x80",
)  # fmt: skip


def mutated_text(data: bytes, choose: Random) -> bytes:
    """Return a text with snippets put in or over, lines cut, moved or doubled, or bytes damaged."""
    for _ in range(choose.randint(1, 3)):
        if choose.random() < 0.15:
            data = mutated_bytes(data, choose, head=len(data) + 1)
            continue
        lines = data.split(b"\n")
        here, there = choose.randrange(len(lines)), choose.randrange(len(lines))
        way = choose.randrange(5)
        if way == 0:
            del lines[here]
        elif way == 1:
            lines.insert(here, lines[there])
        elif way == 2:
            lines[here] = choose.choice((b" ", b"  ", b"\t")) + lines[here]
        else:
            line, snippet = lines[here], choose.choice(SNIPPETS)
            at = choose.randint(0, len(line))
            lines[here] = line[:at] + snippet + line[at + (len(snippet) if way == 4 else 0) :]
        data = b"\n".join(lines)
    return data


def mutated_tree(tree: Any, choose: Random) -> Any:
    """Return a copy of dictionaries and lists with one to three of its parts made wrong."""
    holder = {"root": copy.deepcopy(tree)}
    for _ in range(choose.randint(1, 3)):
        layout = list(_places(holder))[1:]
        if layout:
            _mutate_part(*choose.choice(layout), choose)
        else:
            holder["root"] = any_value(choose)
    return holder["root"]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _mutate_part(holds: Any, key: Any, choose: Random) -> None:
    value, way = holds[key], choose.randrange(7)
    if way == 0:
        del holds[key]
    elif way == 1 and isinstance(holds, dict):
        holds[str(any_value(choose))] = holds.pop(key)
    elif way == 1:
        holds.insert(key, copy.deepcopy(value))
    elif way == 2:
        holds[key] = choose.choice(([value], {"x": value}, str(value)))
    elif way == 3 and isinstance(value, int | float) and not isinstance(value, bool):
        holds[key] = choose.choice((-value, value * 1000, value / 1000, value + 1, float(value)))
    elif way == 4 and isinstance(value, str) and value:
        at = choose.randrange(len(value))
        holds[key] = value[:at] + choose.choice(TEXTS) + value[at + choose.randint(0, 1) :]
    else:
        holds[key] = any_value(choose)
