"""Sessions of noise, and the schemas of DAWproject."""

from __future__ import annotations

from pathlib import Path

import pytest
import sessions
from lxml import etree

SCHEMAS = Path(__file__).parents[2] / "third_party" / "dawproject"


@pytest.fixture(scope="session")
def project_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "Project.xsd")))


@pytest.fixture(scope="session")
def metadata_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "MetaData.xsd")))


@pytest.fixture(scope="session")
def audio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a mono, a stereo and a slower file."""
    folder = tmp_path_factory.mktemp("audio")
    sessions.write(folder / "mono.wav", sessions.noise(1, 1, 9000))
    sessions.write(folder / "stereo.wav", sessions.noise(2, 2, 12_000))
    sessions.write(folder / "slow.wav", sessions.noise(3, 1, 5000), rate=32_000)
    return folder
