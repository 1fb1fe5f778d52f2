"""``restorack presets``: which there are, what is in them, and whether a file follows the rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.failures import Failure, common_exit_code, failure_of
from restorack.cli.options import Sandbox

if TYPE_CHECKING:
    from rich.table import Table

    from restorack.presets import ListedPreset

presets = typer.Typer(help="Show and check presets.", no_args_is_help=True, rich_markup_mode=None)


@presets.command("list")
def list_presets(sandbox: Sandbox = None, json: JsonFlag = False, quiet: QuietFlag = False) -> int:
    """List the presets that can be used by name: yours, and those that come with restorack."""
    from restorack.presets.listing import list_presets as listed

    screen = Screen(as_json=json, quiet=quiet)
    entries = [_listed(preset) for preset in listed()]
    for kind, heading in (("restores", "Restoring"), ("damages", "Damaging: the old sound")):
        of_kind = [entry for entry in entries if entry["kind"] == kind]
        if of_kind:
            screen.show(_table(heading, of_kind))
    screen.document(entries)
    return 0


def _table(heading: str, entries: list[dict[str, Any]]) -> Table:
    """Return the presets of one kind as a table."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False, title=heading, title_justify="left")
    for entry in entries:
        fault = f"[red]{escape(entry['error']['what'])}[/red]" if "error" in entry else ""
        table.add_row(
            f"[bold]{escape(entry['name'])}[/bold]", fault or escape(entry["description"])
        )
    return table


def _listed(preset: ListedPreset) -> dict[str, Any]:
    """Return a preset of the list as JSON values."""
    entry = {"name": preset.name, "path": str(preset.path), "kind": preset.kind,
             "description": preset.description}  # fmt: skip
    return entry | ({"error": failure_of(preset.error).to_dict()} if preset.error else {})


@presets.command("show")
def show_preset(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE.yaml", help="A preset.")],
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Show a preset as YAML, whole: with what it inherits."""
    from restorack.presets import dump_preset, find_preset, load_preset
    from restorack.presets.checking import check_plugins

    screen = Screen(as_json=json, quiet=quiet)
    chain = load_preset(name)
    for note in check_plugins(chain, load_plugins=False, every=True, by_line=True):
        screen.note(note)
    text = dump_preset(chain)
    if json:
        from ruamel.yaml import YAML

        document = YAML(typ="safe", pure=True).load(text)
        screen.document(document | {"path": str(find_preset(name))})
    else:
        screen.write(text)
    return 0


@presets.command("validate")
def validate_presets(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME|FILE.yaml", help="Presets by name, and YAML files.", show_default=False
        ),
    ],
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Check presets by schema, stages and Faust programs; all faults, with file and line.

    Nothing of a preset is run: VST3 and LV2 plugins are not loaded, so that their own parameters
    are checked only when they render.
    """
    from restorack.presets.faults import find_faults

    screen = Screen(as_json=json, quiet=quiet)
    entries: list[dict[str, Any]] = []
    failures: list[Failure] = []
    for file in files:
        faults, notes = find_faults(_given(file))
        found = [failure_of(fault) for fault in faults]
        for failure in found:
            screen.fail(failure)
        failures += found
        if found:
            errors = [failure.to_dict() for failure in found]
            entries.append({"path": file, "valid": False, "error": errors[0], "errors": errors})
            continue
        entries.append({"path": file, "valid": True, "notes": notes})
        screen.note(f"{file}: ok")
        for note in notes:
            screen.note(note)
    screen.document(entries[0] if len(entries) == 1 else entries)
    return common_exit_code(failures)


def _given(file: str) -> str | Path:
    """Return a path for what is a file here, so that no preset of its name is meant."""
    return Path(file) if Path(file).is_file() else file
