"""The rack of a command: a preset, or stages named on the spot, with what the options change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restorack.errors import ParameterError

if TYPE_CHECKING:
    from restorack.chains import Chain

PRESET_ENDINGS = (".yaml", ".yml")
HOSTED_KINDS = ("vst3", "lv2", "faust")


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
) -> Rack:
    """Load a preset or rack up named stages; set parameters, bypass stages.

    Parameters
    ----------
    preset : str or None
        A name, or the path of a YAML file.
    stages : sequence of str
        ``restorack.NAME``, ``pedalboard.NAME``, ``vst3=NAME``, ``lv2=URI`` or ``faust=FILE``.
    settings : sequence of str
        ``stage.parameter=value``, the value as YAML reads it.
    bypassed : sequence of str
        Names of stages.

    Raises
    ------
    RestorackError
        For what is unknown or outside its range.
    """
    from restorack.presets import apply_settings, chain_from_stages, load_preset

    if (preset is None) == (not stages):
        raise ParameterError(
            "both a preset and stages" if stages else "neither a preset nor a stage",
            rule="either --preset NAME or one or more --stage",
            remedy="see restorack presets list, restorack plugins list",
        )
    if preset is not None:
        chain, infix = load_preset(preset), Path(preset).stem if is_path(preset) else preset
    else:
        chain, infix = chain_from_stages([stage_entry(text) for text in stages]), "restored"
    apply_settings(chain, dict(parse_setting(text) for text in settings))
    for name in bypassed:
        chain.bypass(name)
    return Rack(chain, infix)


def is_path(preset: str) -> bool:
    """Return whether a preset is given by its file rather than its name."""
    return preset.endswith(PRESET_ENDINGS) or "/" in preset


def stage_entry(text: str) -> dict[str, Any]:
    """Return a stage as a preset writes it, from the word of ``--stage``."""
    kind, equals, reference = text.partition("=")
    if equals and kind in HOSTED_KINDS and reference:
        return {kind: {"file": reference} if kind == "faust" else reference}
    if not equals and text.partition(".")[0] in ("restorack", "pedalboard") and "." in text:
        return {"stage": text}
    raise ParameterError(
        f"--stage {text}",
        rule="restorack.NAME, pedalboard.NAME, vst3=NAME, vst3=PATH, lv2=URI or faust=FILE",
        remedy="restorack plugins list shows what there is",
    )


def parse_setting(text: str) -> tuple[str, Any]:
    """Return target and value of ``stage.parameter=value``."""
    target, equals, value = text.partition("=")
    if not equals or "." not in target.strip("."):
        raise ParameterError(
            f"--set {text}",
            rule="stage.parameter=value",
            remedy="for example --set declicker.sensitivity=0.7",
        )
    return target.strip(), _scalar(value, text)


def _scalar(value: str, text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(value)
    except YAMLError:
        raise ParameterError(
            f"--set {text}", rule="the value is a YAML scalar", remedy="quote texts that have signs"
        ) from None
