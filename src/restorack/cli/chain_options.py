"""The chain of a command: a preset, or stages given on the command line, with its options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from restorack.errors import ParameterError

if TYPE_CHECKING:
    from restorack.chains import Chain


@dataclass(frozen=True)
class Rack:
    """A chain, and what outputs beside their inputs are called after."""

    chain: Chain
    infix: str


def make_rack(
    preset: str | None,
    stages: Sequence[str],
    settings: Sequence[str],
    bypassed: Sequence[str],
    *,
    load_plugins: bool = True,
    speed_curve: Path | None = None,
) -> Rack:
    """Load a preset or rack up named stages; set parameters, bypass stages.

    Parameters
    ----------
    preset : str or None
        A name, or the path of a YAML file.
    stages : sequence of str
        ``restorack.NAME``, ``pedalboard.NAME``, ``vst3=NAME``, ``clap=NAME``, ``lv2=URI`` or
        ``faust=FILE``.
    settings : sequence of str
        ``stage.parameter=value``, the value as YAML reads it.
    bypassed : sequence of str
        Names of stages.
    load_plugins : bool
        False: no native plugin is loaded, whatever is set of it.
    speed_curve : Path, optional
        The first stage plays the input by it; then neither preset nor stage is needed.

    Raises
    ------
    RestorackError
        For what is unknown or outside its range.
    """
    from restorack.chains import Chain
    from restorack.presets import apply_settings, chain_from_stages, find_preset, load_preset

    if speed_curve is not None and preset is None and not stages:
        return Rack(with_speed_curve(Chain(), speed_curve), "restored")
    if (preset is None) == (not stages):
        raise ParameterError(
            "both a preset and stages" if stages else "neither a preset nor a stage",
            rule="either --preset NAME or one or more --stage",
            remedy="see restorack presets list, restorack plugins list",
        )
    if preset is not None:
        rack = Rack(load_preset(preset), find_preset(preset).stem)
    else:
        rack = Rack(chain_from_stages(stages), "restored")
    apply_settings(rack.chain, settings, load_plugins=load_plugins)
    for name in bypassed:
        rack.chain.bypass(name)
    if speed_curve is not None:
        with_speed_curve(rack.chain, speed_curve)
    return rack


def with_speed_curve(chain: Chain, path: Path) -> Chain:
    """Play by a speed curve before all else; return the chain.

    Raises
    ------
    FileError
        Where the file holds no curve.
    """
    from restorack.plugins.disc.speed_files import read_speed_curve
    from restorack.plugins.disc.varispeed import Varispeed

    read_speed_curve(path)  # refused here, before any work
    chain.insert(0, Varispeed(curve_file=str(path)))
    chain.slots[0].given |= {"curve_file"}
    return chain


def follow_repairs(chain: Chain, path: Path) -> None:
    """Let the stages that list their repairs follow a list instead of looking for damage.

    Parameters
    ----------
    chain : Chain
    path : Path
        A report, or the findings of a stage alone.

    Raises
    ------
    ParameterError
        Where no stage of the chain keeps such a list.
    """
    from restorack.plugins.declick.stage import ClickStage

    followers = 0
    for slot in chain.slots:
        if isinstance(slot.stage, ClickStage):
            slot.stage.repairs_file = str(path)
            slot.given |= {"repairs_file"}
            followers += 1
    if not followers:
        raise ParameterError(
            f"--repairs {path}",
            rule="one of the stages lists its repairs: Declicker, Decrackler",
            remedy="name the preset or the stages that the list was made with",
        )
