"""``restorack presets``: which there are, what is in them, and whether a file follows the rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.failures import Failure, common_exit_code, failure_of
from restorack.cli.options import Sandbox
from restorack.errors import RestorackError

if TYPE_CHECKING:
    from rich.table import Table

presets = typer.Typer(help="Show and check presets.", no_args_is_help=True, rich_markup_mode=None)


@presets.command("list")
def list_presets(sandbox: Sandbox = None, json: JsonFlag = False, quiet: QuietFlag = False) -> int:
    """List the presets that can be used by name: yours, and those that come with restorack."""
    from restorack.presets.finding import preset_files

    screen = Screen(as_json=json, quiet=quiet)
    entries = [_listed(name, path) for name, path in sorted(preset_files().items())]
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


def _listed(name: str, path: Path) -> dict[str, Any]:
    """Describe a preset for the list; one that cannot be loaded does not hide the others."""
    from restorack.presets.at_a_glance import glance

    entry: dict[str, Any] = {
        "name": name, "path": str(path), "kind": "restores", "description": "",
    }  # fmt: skip
    known = glance(name, path)
    return entry | (_loaded(path) if known is None else known)


def _loaded(path: Path) -> dict[str, Any]:
    """Return what loading a preset says of it."""
    from restorack.degrade.degradation import Degradation
    from restorack.presets import load_preset

    try:
        chain = load_preset(path)
    except RestorackError as error:
        return {"error": failure_of(error).to_dict()}
    damages = any(isinstance(stage, Degradation) for stage in chain)
    kind = "damages" if damages else "restores"
    return {"kind": kind, "description": chain.settings.description}


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
        list[Path], typer.Argument(metavar="FILE.yaml", help="YAML files.", show_default=False)
    ],
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Check presets by schema, stages and Faust programs; file and line of each fault.

    Nothing of a preset is run: VST3 and LV2 plugins are not loaded, so that their own parameters
    are checked only when they render.
    """
    from restorack.presets import load_preset
    from restorack.presets.checking import check_plugins

    screen = Screen(as_json=json, quiet=quiet)
    entries: list[dict[str, Any]] = []
    failures: list[Failure] = []
    for file in files:
        try:
            chain = load_preset(file)
            notes = check_plugins(chain, load_plugins=False, every=True, by_line=True)
        except (RestorackError, OSError) as error:
            failures.append(failure_of(error))
            screen.fail(failures[-1])
            entries.append({"path": str(file), "valid": False, "error": failures[-1].to_dict()})
        else:
            entries.append({"path": str(file), "valid": True, "notes": notes})
            screen.note(f"{file}: ok")
            for note in notes:
                screen.note(note)
    screen.document(entries[0] if len(entries) == 1 else entries)
    return common_exit_code(failures)
