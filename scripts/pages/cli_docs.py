"""Print docs/reference/cli.md, made from the commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic import BaseModel

from restorack.cli.main import EPILOG, app

PREFACE = """\
# The command line

Every command takes `--help`. This page is made from the commands themselves by
`python scripts/pages/cli_docs.py > docs/reference/cli.md`.

## What holds for every command

- `--json` prints exactly one JSON document on stdout and everything else on stderr, also where
  something fails: then it is `{"error": {"what", "where", "rule", "remedy", "exit_code"}}`.
  Commands that take several files print a list with one entry per file, in the order of the
  command line; entries of files that failed have the same `"error"`. For one file the entry
  stands alone.
- `--quiet` leaves out notes, tables and progress bars. Bars are drawn on stderr, and only where
  that is a terminal.
- Nothing is overwritten without `--force`, and an input not even then. Files appear when they are
  whole; what fails or is interrupted leaves nothing half-written.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | several files failed, for different reasons (where the reasons agree: their code); or \
standard output cannot be written, or its reader has left |
| 2 | a wrong option, parameter or preset |
| 3 | audio that cannot be processed |
| 4 | a plugin failed |
| 5 | a file cannot be read or written |
| 6 | a render or a training was refused before anything was written, or failed |
| 70 | an internal error; `RESTORACK_DEBUG=1` prints the traceback for the report |
| 130 | interrupted, by Ctrl-C, SIGTERM or SIGHUP |

## Names of outputs

`restorack render` writes `STEM.PRESET.wav` beside the input, or `STEM.restored.wav` where the
rack is made by `--stage`; the extension follows the preset's format or `--format`. `-o FILE` names
it. `-o DIR` (a folder that exists, a name that ends in a slash, or any name for several inputs)
keeps each stem; folders that are missing are made. `--difference` and `--picture`
follow the same rule. Two inputs that would give one output are refused before anything is
rendered. Racks made by `--stage` write 24 bits at the input's rate, without a ceiling; samples
that did not change are not dithered.

"""


def reference() -> str:
    """Return the page: every command with its arguments and options."""
    parts = [PREFACE.rstrip("\n")]
    for path, command in walk(typer.main.get_command(app), "restorack"):
        parts.append(_section(path, command))
    return "\n\n".join([*parts, _report_section()]) + "\n"


def walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with the words that call it."""
    below = getattr(command, "commands", None)
    if not below:
        yield path, command
        return
    for name, one in below.items():
        yield from walk(one, f"{path} {name}")


def _section(path: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    words = " ".join(_argument(one) for one in arguments)
    usage = f"{path} [OPTIONS] {words}".rstrip()
    rows = [(_argument(one), _cell(one)) for one in arguments]
    rows += [(_option(one), _cell(one)) for one in options]
    text = (command.help or "").replace(EPILOG, "").strip()
    return f"## {path}\n\n{text}\n\n```\n{usage}\n```\n\n{_table(rows)}"


def _table(rows: list[tuple[str, str]]) -> str:
    escaped = [(code.replace("|", "\\|"), text.replace("|", "\\|")) for code, text in rows]
    return "\n".join(["| | |", "|---|---|", *(f"| `{code}` | {text} |" for code, text in escaped)])


def _report_section() -> str:
    """Return the keys of the JSON report, from its model."""
    from restorack.reports.report import RenderReport

    text = (
        "## The JSON report\n\n"
        "`--report` and `--json` write it for each rendered file. Keys keep their meaning while\n"
        "`report_schema` stays the same; new ones may come. `status` of other entries is\n"
        "`skipped`, `failed`, `planned` or `interrupted`."
    )
    return f"{text}\n\n{_table(list(_keys(RenderReport, '')))}"


def _keys(model: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        several = get_origin(kind) is list
        inner = get_args(kind)[0] if several else kind
        path = f"{prefix}{name}[]" if several else f"{prefix}{name}"
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _keys(inner, f"{path}.")
        else:
            yield path, ": ".join(filter(None, [_word(inner), field.description]))


def _word(kind: Any) -> str:
    """Return what JSON calls a type."""
    words = {str: "text", int: "whole number", float: "number", dict: "object"}
    options = [one for one in get_args(kind) if one is not type(None)]
    if get_origin(kind) is Literal:
        return " or ".join(options)
    if options and get_origin(kind) is not dict:
        return f"{_word(options[0])} or null"
    return words[get_origin(kind) or kind]


def _argument(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    name = f"{name}..." if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def _option(option: Any) -> str:
    names = ", ".join(sorted(option.opts, key=len))
    return names if option.is_flag else f"{names} {option.metavar or option.name.upper()}"


def _cell(parameter: Any) -> str:
    text = (parameter.help or "").strip()
    default = parameter.default
    if default in (None, False, ()) or callable(default) or parameter.required:
        return text
    return f"{text} Default: `{default}`."


if __name__ == "__main__":
    print(reference(), end="")
