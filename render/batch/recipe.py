"""What is done to every file of a batch, as text and numbers, and the hash that tells it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from restorack.chains import Chain, all_slots
from restorack.chains.native_parameters import IMPULSE, native_values
from restorack.core.processor import Processor
from restorack.hosting.bundles import hash_path
from restorack.hosting.installed import installed_lv2
from restorack.hosting.spec import BY_PATH
from restorack.hosting.stage import HostedPlugin
from restorack.presets import chain_from_text, dump_preset
from restorack.render.plan import RenderOptions
from restorack.version import __version__

LIBRARIES = ("pedalboard", "dawdreamer", "numpy", "scipy", "soxr", "soundfile", "mutagen")
"""A new version of one of these may change a bit of the result."""


@dataclass(frozen=True)
class Recipe:
    """A rack and how it is rendered; nothing in it is alive, so that it can go anywhere.

    Attributes
    ----------
    name : str
        Of the preset.
    rack : str
        The preset's whole text, inheritance and changed parameters worked in, paths whole.
    options : RenderOptions
        Of every file, but for what belongs to a single one.
    document : str
        JSON: rack, settings, versions, and the SHA-256 of every file that the rack reads, of
        plugins and of weights.
    allowed : tuple of str
        Paths of the plugins that the chain may load whoever names them; others are loaded in a
        plugin folder, or where the user's list has them.
    digest : str
        SHA-256 of the document: two renders of one file by recipes of one digest are identical.
    """

    name: str
    rack: str
    options: RenderOptions
    document: str
    digest: str
    allowed: tuple[str, ...] = ()

    @classmethod
    def unwritten(cls, name: str, options: RenderOptions) -> Recipe:
        """Return the recipe of jobs that stay in this process, whose executor has the chain."""
        return cls(name, "", options, "", "")

    def build(self) -> Chain:
        """Return a new chain of the rack."""
        return chain_from_text(self.rack, f"/{self.name}.yaml", allow_plugins=self.allowed)


def make_recipe(chain: Chain, name: str, options: RenderOptions) -> Recipe:
    """Write a chain and its settings down.

    Parameters
    ----------
    chain : Chain
    name : str
        What errors and the names of outputs call it.
    options : RenderOptions

    Raises
    ------
    PresetError
        For a chain that a preset cannot hold.
    FileError
        For a file of the rack that cannot be read.
    """
    rack = dump_preset(chain, "/")  # paths count from the root: they are whole, wherever it is read
    settings: dict[str, Any] = {
        "start": options.start, "stop": options.stop, "tail_seconds": options.tail_seconds,
        "sample_rate": options.sample_rate, "format": options.format,
        "subtype": options.subtype, "engine": options.engine,
    }  # fmt: skip
    if options.strict:  # what was done without it may have been incomplete
        settings["strict"] = True
    if options.difference_subtype != "DOUBLE":
        settings["difference_subtype"] = options.difference_subtype
    if options.md5:
        settings["md5"] = True
    document = json.dumps(
        {
            "preset": name,
            "preset_sha256": hashlib.sha256(rack.encode()).hexdigest(),
            "rack": rack,
            "settings": settings,
            "files": {str(path): hash_path(path) for path in sorted(set(files_of(chain)))},
            "weights": _weights(),
            "versions": _versions(chain),
        },
        sort_keys=True,
        ensure_ascii=False,
    )
    digest = hashlib.sha256(document.encode()).hexdigest()
    return Recipe(name, rack, options, document, digest, tuple(_allowed(chain)))


def files_of(chain: Chain) -> Iterator[Path]:
    """Yield the files and bundles that a chain's stages read: plugins, states, profiles, ..."""
    for slot in all_slots(chain):
        stage: Any = slot.stage
        if isinstance(stage, HostedPlugin):
            yield from _hosted_files(stage)
        elif isinstance(stage, Processor):
            declared = type(stage).parameters
            for name, value in stage.values().items():
                if declared[name].names_file(value):
                    yield Path(str(value)).absolute()
        elif isinstance(native_values(stage).get(IMPULSE), str):
            yield Path(str(native_values(stage)[IMPULSE])).absolute()


def _allowed(chain: Chain) -> Iterator[str]:
    for slot in all_slots(chain):
        if isinstance(slot.stage, HostedPlugin):
            spec = slot.stage.spec
            if spec.kind in BY_PATH and not spec.from_preset:
                yield spec.reference


def _hosted_files(plugin: HostedPlugin) -> Iterator[Path]:
    spec = plugin.spec
    if plugin.missing:
        return
    yield from (Path(path) for path in spec.imports)
    if spec.kind in BY_PATH:
        yield Path(spec.reference)
    elif spec.kind == "lv2" and spec.reference in installed_lv2():
        yield installed_lv2()[spec.reference]
    elif spec.file is not None:
        yield Path(spec.file).absolute()
    if spec.state is not None:
        yield Path(spec.state).absolute()


def _weights() -> dict[str, str]:
    """Return the hashes of all shipped weights: any stage may load them."""
    from restorack.weights.store import read_manifest, weight_names

    return {name: read_manifest(name).sha256 for name in weight_names()}


def _versions(chain: Chain) -> dict[str, str]:
    """Return the versions that may matter, those of other packages' stages among them."""
    found = {"restorack": __version__, "python": platform.python_version()}
    tops = {type(slot.stage).__module__.partition(".")[0] for slot in all_slots(chain)}
    strangers = tops - {"restorack", "pedalboard_native", *LIBRARIES}
    # Which package a module belongs to takes a second to find out: all installed files are read.
    packages = metadata.packages_distributions() if strangers else {}
    others = {name for top in strangers for name in packages.get(top, ())}
    for name in (*LIBRARIES, *sorted(others)):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # of a package without metadata
    return found
