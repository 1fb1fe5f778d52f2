"""Presets that several tests read."""

WHOLE = """\
format: 1
name: whole
description: Every kind of stage.
work_rate: 48000
stages:
- restorack.Air: {amount_db: 3}
- stage: pedalboard.HighpassFilter
  params: {cutoff_frequency_hz: 60}
  automation:
    cutoff_frequency_hz:
    - [0, 60]
    - [12.5, 40]
  name: rumble
- vst3: ZamCompX2
  params: {threshold_db: -18}
- {vst3: NotInstalledAnywhere, optional: true}
- parallel:
  - - restorack.Air: {}
  - []
  gains_db: [-6, 0]
- faust: {code: 'process = _,_;'}
- pedalboard.Compressor: {ratio: 4, threshold_db: -20}
- stage: restorack.Air
  params: {mix: 0.5}
  enabled: false
output: {sample_rate: 44100, format: flac, ceiling_dbtp: -1}
"""

HEAD = "format: 1\nname: x\n"
STAGES = f"{HEAD}stages:\n"
