"""LV2 plugins of one family have names of their own; the former name still leads to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from restorack.errors import ParameterError, PresetError
from restorack.presets import chain_from_text
from restorack.presets.overrides import find_slot

FAMILY = "  - lv2: 'urn:restorack-test:one#stereo'\n    optional: true\n"
OTHER = FAMILY.replace("one", "two")
BASE = "format: 1\nname: base\nstages:\n"


def test_a_family_has_names_of_its_own() -> None:
    chain = chain_from_text(BASE + FAMILY + OTHER)
    assert chain.names == ["one_stereo", "two_stereo"]
    with pytest.raises(ParameterError):
        find_slot(chain, "stereo")


def test_the_former_name_still_leads_to_it(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(BASE + FAMILY)
    edit = "format: 1\nname: mine\nextends: base.yaml\nstages:\n  - {change: %s, timeout_s: 3}\n"
    chain = chain_from_text(edit % "stereo", str(tmp_path / "mine.yaml"))
    assert chain.names == ["one_stereo"]
    assert chain.slots[0].stage.spec.timeout_s == 3
    assert find_slot(chain, "stereo") is chain.slots[0]
    with pytest.raises(PresetError, match="no inherited stage 'mono'"):
        chain_from_text(edit % "mono", str(tmp_path / "mine.yaml"))
