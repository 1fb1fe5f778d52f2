"""``restorack plugins``: what can be put into a rack, with parameters, units and ranges."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.failures import Failure
from restorack.cli.options import Force, Sandbox
from restorack.errors import ParameterError, PluginError

if TYPE_CHECKING:
    from rich.table import Table

KINDS = ("restorack", "pedalboard", "vst3", "clap", "lv2")

HEADINGS = {
    "restorack": "Stages of restorack: --stage NAME",
    "pedalboard": "Effects of pedalboard: --stage NAME",
    "vst3": "Installed VST3 plugins: --stage vst3=NAME",
    "clap": "Installed CLAP plugins: --stage clap=NAME",
    "lv2": "Installed LV2 plugins: --stage lv2=NAME",
}

plugins = typer.Typer(
    help="Show processors and installed plugins.", no_args_is_help=True, rich_markup_mode=None
)


@plugins.command("list")
def list_plugins(
    kind: Annotated[
        str | None, typer.Option(metavar="|".join(KINDS), help="Only these.", show_default=False)
    ] = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """List our processors, pedalboard's effects and the installed VST3, CLAP and LV2 plugins."""
    from restorack.cli.catalogue import listed

    kind = kind.lower() if kind is not None else None
    if kind is not None and kind not in KINDS:
        raise ParameterError(f"--kind {kind}", rule=f"one of {', '.join(KINDS)}")
    screen = Screen(as_json=json, quiet=quiet)
    found = [entry for one in ([kind] if kind else KINDS) for entry in listed(one)]
    for one in KINDS:
        of_kind = [entry for entry in found if entry["kind"] == one]
        if of_kind:
            screen.show(_listing(HEADINGS[one], of_kind))
    screen.document(found)
    return 0


@plugins.command("show")
def show_plugin(
    name: Annotated[
        str,
        typer.Argument(
            help="restorack.NAME, pedalboard.NAME, vst3=NAME, vst3=PATH, clap=NAME, lv2=NAME or "
            "lv2=URI; the word before the name can be left out."
        ),
    ],
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Show a plugin's parameters with units, ranges and defaults."""
    from restorack.cli.catalogue import described

    screen = Screen(as_json=json, quiet=quiet)
    found = described(name)
    screen.show(*_page(found))
    screen.document(found)
    return 0


@plugins.command("scan")
def scan_plugins(
    rescan: Annotated[
        bool, typer.Option("--refresh", help="Load also plugins that did not change.")
    ] = False,
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Load every installed plugin (VST3, CLAP, LV2) in a sandbox, and say which of them fail."""
    from restorack.cli.catalogue import scanned_entry
    from restorack.hosting.scanner import Scanned, scan

    screen = Screen(as_json=json, quiet=quiet)

    def tell(entry: Scanned) -> None:
        screen.note(f"{entry.kind} {entry.name}: {entry.fault or 'ok'}")

    found = [scanned_entry(entry) for entry in scan(again=rescan, on_plugin=tell)]
    faults = sum(entry["status"] == "faulty" for entry in found)
    screen.show(f"{len(found)} plugins, {faults} of them cannot be used")
    screen.document(found)
    return 0


@plugins.command("probe")
def probe_plugin(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="The path or name of a VST3 or CLAP, or the URI of an LV2; also vst3=NAME, "
            "clap=NAME, lv2=URI.",
        ),
    ],
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Measure again, though the plugin did not change.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1.0, help="For each thing that is measured.")
    ] = 60.0,
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Measure a plugin: latency, tail, determinism, speed, channels; ends with 4 if it fails.

    It runs in a sandbox, with its parameters at their defaults. What was found is kept until the
    plugin or restorack changes.
    """
    from dataclasses import asdict

    from restorack.cli.catalogue import hosted_reference, hosted_spec
    from restorack.cli.probe_page import probe_page
    from restorack.hosting.probe import probe

    screen = Screen(as_json=json, quiet=quiet)
    kind, reference = hosted_reference(name)
    spec = hosted_spec(kind, reference)
    found, kept = probe(
        spec,
        refresh=refresh,
        timeout_s=timeout,
        on_step=lambda step: screen.note(f"{kind} {reference}: {step}"),
    )
    screen.show(*probe_page(found, kept=kept))
    for fault in found.faults:
        failure = Failure(
            f"{fault.what}", where=f"{kind} {reference}: {fault.during}",
            exit_code=PluginError.exit_code,
        )  # fmt: skip
        screen.fail(failure)
    screen.document(asdict(found) | {"deterministic": found.deterministic, "kept": kept})
    return PluginError.exit_code if found.faults else 0


@plugins.command("save-state")
def save_state(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PLUGIN",
            help="The path or name of a VST3 or CLAP, or the URI of an LV2; also vst3=NAME, "
            "clap=NAME, lv2=URI.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="Where the state goes.",
                     show_default=False),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PARAM=VALUE", help="Set a parameter first."),
    ] = None,
    state: Annotated[
        str | None, typer.Option(metavar="FILE", help="Load this state first.", show_default=False)
    ] = None,
    program: Annotated[
        str | None,
        typer.Option(metavar="NAME|NUMBER", help="Choose a program first.", show_default=False),
    ] = None,
    force: Force = False,
    sandbox: Sandbox = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:  # fmt: skip
    """Save a plugin's state, for `state:` of a preset: a .vstpreset, of an LV2 Turtle."""
    from restorack.cli.catalogue import hosted_reference, saved_state
    from restorack.io.atomic import AtomicFile

    screen = Screen(as_json=json, quiet=quiet)
    kind, reference = hosted_reference(name)
    data = saved_state(kind, reference, settings or (), state, program)
    with (
        AtomicFile(output, force=force) as target,
        open(target.descriptor, "wb", closefd=False) as file,
    ):
        file.write(data)
    screen.note(f"{kind} {reference}: {len(data)} bytes in {output}")
    screen.document({"kind": kind, "name": reference, "file": str(output), "bytes": len(data)})
    return 0


@plugins.command("trust")
def trust_plugin(
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="[PATH]", help="A VST3 or CLAP, file or bundle.", show_default=False
        ),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="Show what is trusted.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Trust PATH no more.")] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Allow presets and sessions to load a plugin that they name by path.

    Plugins in plugin folders, and those named on the command line, need no such leave. The list
    holds the content's hash: a plugin that is replaced or updated has to be trusted again.
    """
    from dataclasses import asdict

    from rich.markup import escape

    from restorack.hosting.trust import distrust, trust, trust_file, trusted_plugins

    screen = Screen(as_json=json, quiet=quiet)
    if (path is None) != listing or (listing and remove):
        raise ParameterError(
            "neither a path nor --list" if path is None else "both a path and --list",
            rule="trust PATH, trust --remove PATH, or trust --list",
        )
    if path is not None and remove:
        distrust(path)
        screen.note(f"{path}: trusted no more")
    elif path is not None:
        entry = trust(path)
        screen.note(f"{entry.path}: trusted as it is now, by {trust_file()}")
    found = [asdict(entry) | {"status": entry.status} for entry in trusted_plugins()]
    if listing:
        screen.show(*(escape(f"{entry['path']}: {entry['status']}") for entry in found))
    screen.document(found)
    return 0


def _listing(heading: str, found: list[dict[str, Any]]) -> Table:
    """Return the plugins of a kind as a table."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False, title=heading, title_justify="left")
    table.add_column("name", no_wrap=True)
    table.add_column("")
    for entry in found:
        style = "red" if entry["status"] == "faulty" else None
        text = entry["fault"] or entry["description"]
        table.add_row(escape(entry["name"]), escape(text), style=style)
    return table


def _page(found: dict[str, Any]) -> list[Any]:
    from rich.markup import escape
    from rich.table import Table

    meters = [one for one in found["parameters"] if one.get("is_meter")]
    table = Table(box=None, pad_edge=False, header_style="dim")
    hosted = found["kind"] in ("vst3", "clap", "lv2")
    for heading in ("parameter", "range", "default"):
        table.add_column(heading, no_wrap=heading != "range")
    table.add_column("index" if hosted else "")
    for index, parameter in enumerate(found["parameters"]):
        if parameter in meters:
            continue
        table.add_row(
            escape(parameter["name"]),
            escape(parameter["range"]),
            escape(str(parameter["default"])),
            f"#{index}" if hosted else escape(parameter["description"]),
        )
    head = [f"[bold]{escape(found['name'])}[/bold] ({found['kind']})", escape(found["description"])]
    if found.get("programs"):
        head.append(f"programs: {escape(', '.join(found['programs']))}")
    names = ", ".join(f"{one['name']} ({one['range']})" for one in meters)
    tail = [f"meters, which are read and not set: {escape(names)}"] if meters else []
    return [*filter(None, head), "", table, *tail]
