"""What is rendered passes the policies that are shipped, in MediaConch's eyes."""

import subprocess

import numpy as np
import pytest
import soundfile
from lxml import etree

from restorack.archive.policies import policy_names, policy_path
from restorack.errors import ParameterError
from restorack.render.api import render


def test_policies_are_found_by_name():
    assert policy_names() == ["fadgi", "iasa-tc04"]
    for name in policy_names():
        assert etree.parse(policy_path(name)).getroot().tag == "policy"
    with pytest.raises(ParameterError, match="fadgi"):
        policy_path("fagdi")


@pytest.mark.parametrize("name", ["fadgi", "iasa-tc04"])
def test_a_render_passes_and_a_file_without_metadata_does_not(tmp_path, name):
    soundfile.write(tmp_path / "a.wav", np.zeros(9600) + 0.1, 96_000, subtype="PCM_24")
    render(tmp_path / "a.wav", tmp_path / "b.wav", "pedalboard.Gain", md5=True)
    render(tmp_path / "a.wav", tmp_path / "b.rf64", "pedalboard.Gain", md5=True)
    assert _verdict(name, tmp_path / "b.wav").startswith("pass!")
    assert _verdict(name, tmp_path / "b.rf64").startswith("pass!")
    assert _verdict(name, tmp_path / "a.wav").startswith("fail!")
    render(tmp_path / "a.wav", tmp_path / "c.wav", "pedalboard.Gain", subtype="16")
    assert "24 bits or more" in _verdict(name, tmp_path / "c.wav")


def _verdict(name, path):
    command = ["mediaconch", "-p", policy_path(name), path]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
