"""The JSON schema says what the loader takes."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from preset_texts import HEAD, STAGES, WHOLE
from ruamel.yaml import YAML

from restorack.presets import chain_from_text, preset_json_schema
from restorack.presets.finding import shipped_files


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json.loads(json.dumps(preset_json_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def document(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_presets_follow_it(validator: Any) -> None:
    validator.validate(document(WHOLE))
    for path in shipped_files().values():
        validator.validate(document(path.read_text()))
    validator.validate(document(f"{HEAD}stages:\n- restorack.Air:\n- pedalboard.Gain: {{}}\n"))
    validator.validate(
        document(
            f"{HEAD}extends: vinyl\nstages:\n- {{remove: dehum}}\n"
            "- {change: declicker, params: {sensitivity: 0.5}}\n"
            "- {before: derumble, stage: restorack.Air, params: {amount_db: 1}}\n"
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}stagse: []\n",
        "format: 2\nname: x\n",
        "format: 1\n",
        f"{HEAD}work_rate: 12\n",
        f"{HEAD}output: {{mix: 2}}\n",
        f"{STAGES}- restorack.Aire: {{}}\n",
        f"{STAGES}- restorack.Air: {{amount: 1}}\n",
        f"{STAGES}- restorack.Air: {{amount_db: 99}}\n",
        f"{STAGES}- restorack.Loudness: {{mode: pek}}\n",
        f"{STAGES}- {{stage: restorack.Air, params: {{amount_db: 99}}}}\n",
        f"{STAGES}- {{stage: pedalboard.Gain, params: {{gain_db: loud}}}}\n",
        f"{STAGES}- parallel: [[{{restorack.Aire: {{}}}}]]\n",
        f"{STAGES}- {{enabled: true}}\n",
    ],
)
def test_what_the_loader_refuses_does_not_follow_it(validator: Any, text: str) -> None:
    assert not validator.is_valid(document(text))
    with pytest.raises(ValueError, match="preset:"):
        chain_from_text(text)
