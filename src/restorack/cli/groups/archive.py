"""``restorack archive``: METS and bags of a batch's outputs, policies for preservation files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restorack.cli.console import JsonFlag, QuietFlag, Screen
from restorack.cli.failures import common_exit_code, failure_of
from restorack.cli.options import Force
from restorack.errors import ParameterError, RestorackError
from restorack.text import path_text

archive = typer.Typer(
    help="METS documents, bags, and policies for preservation files.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@archive.command("bag")
def bag(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The output folder of a batch.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="BAG", help="A new folder: the bag.")
    ],
    info: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=TEXT", help="A line of bag-info.txt, any number of times."),
    ] = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Make a BagIt bag of a batch's outputs, with SHA-512; the folder stays as it is."""
    from restorack.archive.bags import make_bag

    screen = Screen(as_json=json, quiet=quiet)
    count = make_bag(folder.absolute(), output.absolute(), _pairs(info or []))
    screen.document({"bag": path_text(output), "files": count})
    screen.note(f"{output}: {count} files")
    return 0


@archive.command("mets")
def mets(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The output folder of a batch.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The document; by default DIR/mets.xml."
        ),
    ] = None,
    force: Force = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Write one METS document with PREMIS 3 for all that a batch has done; all files are read."""
    from restorack.archive.batch_mets import write_batch_mets

    screen = Screen(as_json=json, quiet=quiet)
    path = output or folder / "mets.xml"
    count = write_batch_mets(folder, path, force=force)
    screen.document({"mets": path_text(path), "files": count})
    screen.note(f"{path}: {count} files")
    return 0


@archive.command("validate")
def validate(
    bags: Annotated[list[Path], typer.Argument(metavar="BAG", help="Bags.", show_default=False)],
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Check that bags are complete, and that every file has the hash that its bag states."""
    from restorack.archive.bags import validate_bag

    screen = Screen(as_json=json, quiet=quiet)
    entries, failures = [], []
    for one in bags:
        try:
            validate_bag(one)
        except RestorackError as error:
            failures.append(failure_of(error))
            screen.fail(failures[-1])
            entries.append({"bag": path_text(one), "valid": False,
                            "error": failures[-1].to_dict()})  # fmt: skip
        else:
            screen.note(f"{one}: ok")
            entries.append({"bag": path_text(one), "valid": True})
    screen.document(entries[0] if len(entries) == 1 else entries)
    return common_exit_code(failures)


@archive.command("policy")
def policy(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Without it, the names.")
    ] = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> int:
    """Print a policy for MediaConch: mediaconch -p POLICY.xml FILE checks files by it."""
    from restorack.archive.policies import policy_names, policy_path

    screen = Screen(as_json=json, quiet=quiet)
    if name is None:
        paths = {one: path_text(policy_path(one)) for one in policy_names()}
        screen.document(paths)
        for one, path in paths.items():
            screen.show(f"{one}: {path}")
        return 0
    text = policy_path(name).read_text(encoding="utf-8")
    if json:
        screen.document({"name": name, "path": path_text(policy_path(name)), "policy": text})
    else:
        screen.write(text)
    return 0


def _pairs(lines: list[str]) -> dict[str, str]:
    pairs = {}
    for line in lines:
        key, equals, text = line.partition("=")
        if not equals or not key.strip():
            raise ParameterError(
                f"--info {line}", rule="KEY=TEXT", remedy="--info 'Source-Organization=Archive'"
            )
        pairs[key.strip()] = text.strip()
    return pairs
