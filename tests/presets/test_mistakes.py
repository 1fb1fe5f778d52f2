"""Every mistake is named with file, line and column, the rule and the nearest right spelling."""

from __future__ import annotations

from pathlib import Path

import pytest
from preset_texts import HEAD, STAGES

from restorack.errors import PresetError
from restorack.presets import chain_from_text, load_preset

# ruff: noqa: E501  a table: documents, with a broken bar before the mistake, and what is said of it
DOCUMENTS = [
    # escapes
    (HEAD + 'description: "a ¦\\UFFFFFFFF"', "is no character", "U0010FFFF"),
    (HEAD + 'description: ¦"a\\ud800"', "'\\ud800'", "surrogate"),
    (HEAD + 'description: ¦"\\0"', "'\\x00'", "no NUL"),
    (HEAD + '¦"a\\ud800": 1', "'\\ud800'", "surrogate"),
    # keys, types and ranges of the document
    (HEAD + "¦stagse: []", "unknown key 'stagse'", "did you mean 'stages'?"),
    ("¦format: 2\nname: x\n", "format = 2", "format is 1"),
    ("¦format: true\nname: x\n", "format = True", "format is 1"),
    ("¦name: x\n", "'format' is missing", "format is 1"),
    ("format: 1\n¦name: 78\n", "name = 78", "quote what looks like a number"),
    (HEAD + "¦name: y", "'name' is given twice", "each key stands once"),
    (HEAD + "¦work_rate: 12", "work_rate = 12", "from 1000 to 768000 Hz"),
    (HEAD + "¦work_rate: fast", "work_rate = 'fast'", "'input', or a rate"),
    (HEAD + "¦stages:", "stages = None", "a list of stages"),
    (HEAD + "output: {¦dither: wide}", "dither = 'wide'", "triangular or none"),
    (HEAD + "output: {¦ditter: none}", "unknown key 'ditter'", "'dither'"),
    (HEAD + "output: {¦subtype: PCM_25}", "PCM_25", "did you mean 'PCM_"),
    (HEAD + "output: {¦format: wave64}", "wave64", "one of wav"),
    (HEAD + "output:\n  format: flac\n  ¦subtype: DOUBLE", "DOUBLE", "FLAC holds"),
    (HEAD + "output: {¦ceiling_dbtp: 3}", "ceiling_dbtp = 3", "from -60 to 0 dB"),
    (HEAD + "output: {¦mix: 1.5}", "mix = 1.5", "from 0 to 1"),
    (HEAD + "output: {¦mix: true}", "mix = True", "a number"),
    # stages and their forms
    (STAGES + "- ¦restorack.Aire: {}", "no stage 'restorack.Aire'", "'restorack.Air'"),
    (STAGES + "- ¦Aire: {}", "no stage 'Aire'", "'restorack.Air'"),
    (STAGES + "- ¦Aire", "no stage 'Aire'", "'restorack.Air'"),
    (STAGES + "- ¦pedalboard.Compresor: {}", "Compresor", "'pedalboard.Compressor'"),
    (STAGES + "- ¦pedalbord.Gain: {}", "pedalbord.Gain", "'pedalboard.Gain'"),
    (STAGES + "- ¦stage: restorack.Aire", "no stage 'restorack.Aire'", "'restorack.Air'"),
    (STAGES + "- ¦stge: restorack.Air", "unknown key 'stge'", "'stage'"),
    (STAGES + "- ¦7", "a stage is 7", "its name"),
    (STAGES + "- ¦{enabled: true}", "no source", "one of stage"),
    (STAGES + "- ¦{stage: restorack.Air, vst3: ZamCompX2}", "stage, vst3", "one of stage, vst3"),
    (STAGES + "- {stage: restorack.Air, ¦enabled: yes}", "enabled = 'yes'", "true or false"),
    (STAGES + "- ¦restorack.Air: {}\n  name: a", "beside other keys", "stage: restorack.Air"),
    (STAGES + "- stage: restorack.Air\n  ¦amount_db: 3", "unknown key 'amount_db'", "under `params:`"),
    (STAGES + "- {stage: restorack.Air, ¦optional: true}", "'optional' beside 'stage'", "params"),
    (STAGES + "- {stage: restorack.Air, ¦gains_db: [1]}", "'gains_db' beside 'stage'", "params"),
    (STAGES + "- {parallel: [[]], ¦params: {mix: 1}}", "'params' beside 'parallel'", "gains_db"),
    (STAGES + "- restorack.Air: {}\n- {stage: restorack.Air, ¦name: air}", "two stages named 'air'", "unique"),
    (STAGES + "- {stage: restorack.Air, ¦name: 'a=b'}", "name = 'a=b'", "equals signs"),
    # parameters of ours and of pedalboard's effects
    (STAGES + "- restorack.Air:\n    mix: 1\n    ¦amount: 3", "no parameter 'amount'", "'amount_db'"),
    (STAGES + "- restorack.Air:\n    mix: 1\n    ¦amount_db: 99", "amount_db = 99", "from 0 to 12 dB"),
    (STAGES + "- restorack.Air: {¦amount_db: much}", "'much'", "a number from 0 to 12 dB"),
    (STAGES + "- restorack.Air: {¦amount_db: 3 dB}", "'3 dB'", "a number from 0 to 12 dB"),
    (STAGES + "- restorack.Air: {¦amount_db: [1]}", "params.amount_db = [1]", "numbers, words"),
    (STAGES + "- restorack.Air: {¦amount_percent: 3}", "amount_percent", "did you mean 'amount_db'? (in dB)"),
    (STAGES + "- restorack.Air: ¦5", "params = 5", "a mapping of parameters"),
    (STAGES + "- restorack.Air: {amount_db: 1, ¦amount_db: 2}", "'amount_db' is given twice", "once"),
    (STAGES + "- restorack.Loudness: {¦mode: pek}", "mode = 'pek'", "'peak'"),
    (STAGES + "- pedalboard.HighpassFilter: {¦cutoff_hz: 60}", "'cutoff_hz'", "'cutoff_frequency_hz'"),
    (STAGES + "- pedalboard.HighpassFilter: {¦cutoff_frequency_hz: -5}", "= -5", "above 0"),
    (STAGES + "- pedalboard.Compressor: {¦attack_s: 0.1}", "'attack_s'", "'attack_ms'? (in ms)"),
    (STAGES + "- pedalboard.Compressor: {attack_ms: 1, ¦ratio: 0.5}", "ratio = 0.5", ">= 1"),
    (STAGES + "- pedalboard.Compressor: {¦attack_ms: -1}", "attack_ms = -1", "not negative"),
    (STAGES + "- pedalboard.Gain: {¦gain_db: loud}", "gain_db = 'loud'", "a number"),
    (STAGES + "- pedalboard.Gain: {¦gain_db: true}", "gain_db = True", "a number"),
    (STAGES + "- pedalboard.BrickwallLimiter: {¦true_peak: 1}", "true_peak = 1", "true or false"),
    (STAGES + "- pedalboard.LadderFilter: {¦mode: HPF2}", "mode = 'HPF2'", "did you mean 'HPF24'?"),
    (STAGES + "- pedalboard.Convolution: {¦mix: 1}", "no impulse_response_filename", ""),
    (STAGES + "- ¦pedalboard.IIRFilter: {}", "no stage 'pedalboard.IIRFilter'", "Filter'?"),
    # automation
    (STAGES + "- {stage: restorack.Air, automation: {¦amount_db: [[1, 3], [0, 2]]}}", "automation", "rising"),
    (STAGES + "- {stage: restorack.Air, automation: {¦amount_db: [[1, 99]]}}", "99", "from 0 to 12"),
    (STAGES + "- {stage: restorack.Air, automation: {amount_db: [¦[1]]}}", "[1]", "[seconds, value]"),
    (STAGES + "- {stage: pedalboard.Gain, automation: {¦gian_db: [[0, 1]]}}", "'gian_db'", "'gain_db'"),
    (STAGES + "- {stage: pedalboard.Compressor, automation: {¦ratio: [[0, 0.1]]}}", "0.1", ">= 1"),
    (STAGES + "- {vst3: ZamCompX2, automation: {¦threshold_db: [[1, 2], [0, 1]]}}", "automation", "rising"),
    # branches and edits
    (STAGES + "- {parallel: [[], []], ¦gains_db: [0]}", "gains", "one gain for each"),
    (STAGES + "- {¦parallel: []}", "0 branches", "at least one branch"),
    (STAGES + "- parallel:\n  - - ¦restorack.Aire: {}", "restorack.Aire", "'restorack.Air'"),
    (STAGES + "- parallel: [[¦7]]", "= 7", "{restorack.Air: {}}"),
    (STAGES + "- parallel: [[{¦remove: x}]]", "'remove' where nothing is inherited", "extends"),
    (STAGES + "- {¦remove: air}", "'remove' where nothing is inherited", "extends: NAME"),
    (HEAD + "¦extends: hiss-onli", "hiss-onli", "'hiss-only'"),
    (HEAD + "extends: hiss-only\nstages:\n- {¦remove: spectraldenoisr}", "'spectraldenoisr'", "'spectraldenoiser'"),
    (HEAD + "extends: hiss-only\nstages:\n- {remove: spectraldenoiser, ¦name: x}", "'name' beside 'remove'", "nothing"),
    (HEAD + "extends: hiss-only\nstages:\n- {change: spectraldenoiser, ¦optional: true}", "'optional' beside 'stage'", "params"),
    (HEAD + "extends: hiss-only\nstages:\n- change: spectraldenoiser\n  params: {¦strenght: 1}", "'strenght'", "'strength'"),
    # plugins
    (STAGES + "- ¦vst3: ZamCompX3", "ZamCompX3", "'ZamCompX2'"),
    (STAGES + "- ¦vst3: none/Gone.vst3", "Gone.vst3", "no such file"),
    (STAGES + "- {vst3: ZamCompX2, ¦state: gone.vstpreset}", "gone.vstpreset", ""),
    (STAGES + "- ¦lv2: urn:zamaudio:ZamCompX3", "is not installed", "ZamCompX2"),
    (STAGES + "- ¦faust: half.dsp", "faust = 'half.dsp'", "{file: PATH}"),
    (STAGES + "- ¦faust: {}", "without its program", "either code or file"),
    (STAGES + "- faust: {¦file: gone.dsp}", "gone.dsp", "cannot be read"),
    (STAGES + "- faust: {¦file: /dev/zero}", "/dev/zero", "own folder"),
    (STAGES + "- faust: {¦file: .}", "", "regular file"),
    # YAML itself
    (STAGES + "¦\t- a", "not YAML", "no tabs"),
    (HEAD + "¦---\na: 1", "not YAML", "another document"),
    (HEAD + "stages: [\n¦", "not YAML", "brackets"),
    ("format: 1\nname: ¦!!python/object:os.system x\n", "tagged", "words"),
    (STAGES + "- ¦!!python/object/apply:os.system [x]", "tagged", "words"),
    ("format: ¦!!int abc\nname: x\n", "tagged", "words"),
    ("format: 1\nname: &a x\ndescription: ¦*a\n", "an alias", "write the value out"),
    ("%YAML 1.1\n¦---\nformat: 1\nname: x\n", "%YAML", "1.2"),
    (HEAD + "stages: " + "[" * 29 + "¦" + "[" * 20 + "]" * 49, "nested too deeply", "30 levels"),
    ("[" * 30 + "¦" + "[" * 50_000, "nested too deeply", "30 levels"),
    (STAGES + "- pedalboard.Gain: {gain_db: ¦.nan}", ".nan", "finite"),
    (STAGES + "- pedalboard.Gain: {gain_db: ¦-.inf}", "-.inf", "finite"),
    (STAGES + "- restorack.Air: {amount_db: ¦1" + "0" * 400 + "}", "the number 1000", "2**63"),
    (HEAD + "work_rate: ¦" + "9" * 5000, "the number 9999", "2**63"),
    (STAGES + "- restorack.Air: {¦[1]: 1}", "a key that is not a word", ""),
    (HEAD + "description: a¦\x00b", "not text", "control characters"),
    ("¦- 1\n", "not a mapping", "a preset is a mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "what", "remedy"), DOCUMENTS)
def test_a_mistake_is_named_with_its_place_and_remedy(marked: str, what: str, remedy: str) -> None:
    before, text = marked.split("¦", maxsplit=1)[0].split("\n"), marked.replace("¦", "")
    with pytest.raises(PresetError) as caught:
        chain_from_text(text, "preset.yaml")
    assert caught.value.where == f"preset.yaml:{len(before)}:{len(before[-1]) + 1}"
    message = str(caught.value)
    assert what in message
    assert remedy in message


def test_an_empty_document_is_no_preset() -> None:
    with pytest.raises(PresetError, match="preset: an empty document; a preset is a mapping"):
        chain_from_text("")


def test_files_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"format: 1\nname: caf\xe9\n")
    with pytest.raises(PresetError, match=r"latin\.yaml:2:10: not UTF-8"):
        load_preset(path)
    path.write_bytes(b" " * (1 << 20))
    with pytest.raises(PresetError, match="too long; at most 262144 bytes"):
        load_preset(path)
    path.write_bytes(b"\xef\xbb\xbfformat: 1\r\nname: x\r\nstagse: []\r\n")
    with pytest.raises(PresetError, match=r"latin\.yaml:3:1: unknown key 'stagse'"):
        load_preset(path)


def test_many_references_to_few_words_are_refused_at_once() -> None:
    levels = "\n".join(f"l{n}: &l{n} [*l{n - 1}, *l{n - 1}]" for n in range(1, 60))
    with pytest.raises(PresetError, match=r"preset:2:10: an alias"):
        chain_from_text(f"l0: &l0 [x]\n{levels}\n")
