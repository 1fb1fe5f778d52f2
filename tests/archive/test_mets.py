"""METS with PREMIS 3 of a render: valid, true of the files, and whole."""

import hashlib

import metsrw
import numpy as np
import pytest
import soundfile
from lxml import etree
from mets_schema import mets_schema

from restorack.archive.mets import write_mets
from restorack.archive.statement import state
from restorack.errors import ParameterError
from restorack.render.api import render

RATE = 48_000
PREMIS = {"p": "http://www.loc.gov/premis/v3", "m": "http://www.loc.gov/METS/",
          "x": "http://www.w3.org/1999/xlink"}  # fmt: skip


@pytest.fixture(scope="module")
def schema():
    return mets_schema()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mets")
    times = np.arange(RATE) / RATE
    soundfile.write(folder / "a.wav", 0.2 * np.sin(2000 * times), RATE, subtype="PCM_24")
    chain = ["restorack.Derumble", "pedalboard.Gain", "pedalboard.HighpassFilter"]
    result = render(folder / "a.wav", folder / "b.wav", chain, difference=folder / "d.wav")
    write_mets(folder / "b.mets.xml", result)
    return folder, etree.parse(folder / "b.mets.xml")


def texts(tree, path):
    return [element.text for element in tree.xpath(path, namespaces=PREMIS)]


def test_the_document_is_valid_and_metsrw_reads_it(made, schema):
    folder, tree = made
    schema.assertValid(tree)
    document = metsrw.METSDocument.fromfile(str(folder / "b.mets.xml"))
    files = {entry.path: entry for entry in document.all_files() if entry.type == "Item"}
    assert set(files) == {"a.wav", "b.wav", "d.wav"}
    assert files["b.wav"].use == "derivative"
    for name, entry in files.items():
        assert entry.checksum == hashlib.sha512((folder / name).read_bytes()).hexdigest()


def test_every_object_has_what_premis_requires(made):
    folder, tree = made
    objects = tree.xpath("//p:object", namespaces=PREMIS)
    assert len(objects) == 3
    for element, name in zip(objects, ("a.wav", "b.wav", "d.wav"), strict=True):
        assert element.get("version") == "3.0"
        assert element.get("{http://www.w3.org/2001/XMLSchema-instance}type") == "premis:file"
        assert texts(element, "p:originalName") == [name]
        assert texts(element, ".//p:size") == [str((folder / name).stat().st_size)]
        assert len(texts(element, ".//p:objectIdentifierValue")) == 1
        assert texts(element, ".//p:messageDigestAlgorithm") == ["SHA-512"]
    source = texts(objects[0], ".//p:objectIdentifierValue")
    for element in objects[1:]:
        assert texts(element, ".//p:relatedObjectIdentifierValue") == source
        assert texts(element, ".//p:relationshipSubType") == ["has source"]


def test_there_is_an_event_for_each_stage_and_agents_for_all(made):
    _, tree = made
    details = texts(tree, "//p:eventDetail")
    assert [detail.rsplit(": ")[-1] for detail in details[:3]] == [
        "derumble", "gain", "highpassfilter",
    ]  # fmt: skip
    events = tree.xpath("//p:event", namespaces=PREMIS)
    assert len(events) == 4
    for event in events:
        for needed in ("eventIdentifierValue", "eventType", "eventDateTime", "eventOutcome"):
            assert len(texts(event, f".//p:{needed}")) == 1
    agents = set(texts(tree, "//p:agentName"))
    assert agents == {"restorack", "pedalboard"}
    assert set(texts(tree, "//p:linkingAgentIdentifierValue")) == agents
    assert "weights sha256:" in texts(tree, "//p:agentNote")[0]
    produced = texts(tree, "//p:relatedEventIdentifierValue")
    assert set(produced) <= set(texts(tree, "//p:eventIdentifierValue"))


def test_restored_plus_removed_is_stated_with_the_hash_of_all_three(made):
    folder, tree = made
    note = texts(tree, "//p:eventOutcomeDetailNote")[-1]
    assert texts(tree, "//p:eventOutcome")[-1] == "pass"
    restored, _ = soundfile.read(folder / "b.wav")
    removed, _ = soundfile.read(folder / "d.wav")
    source, _ = soundfile.read(folder / "a.wav")
    assert (restored + removed == source).all()
    for name, rows in (("source", source), ("restored", restored), ("removed", removed)):
        assert f"{name} sha256:{hashlib.sha256(rows.astype('<f8').tobytes()).hexdigest()}" in note
        assert f"{name} file sha512:" in note


def test_the_statement_fails_where_a_file_was_altered(made, tmp_path):
    folder, _ = made
    result = render(folder / "a.wav", tmp_path / "b.wav", "pedalboard.Gain",
                    difference=tmp_path / "d.wav")  # fmt: skip
    assert state(result).holds
    removed, _ = soundfile.read(tmp_path / "d.wav")
    removed[7] += 1e-3
    soundfile.write(tmp_path / "d.wav", removed, RATE, subtype="DOUBLE")
    assert state(result).holds is False


def test_without_a_difference_file_what_it_would_hold_is_computed(made, tmp_path):
    folder, _ = made
    with_it = render(folder / "a.wav", tmp_path / "b.wav", "pedalboard.Gain",
                     difference=tmp_path / "d.wav", start=0.25, stop=0.75)  # fmt: skip
    without = render(folder / "a.wav", tmp_path / "c.wav", "pedalboard.Gain", start=0.25, stop=0.75)
    assert state(with_it, RATE // 4) == state(without, RATE // 4)
    assert state(without, RATE // 4).holds
    other_rate = render(folder / "a.wav", tmp_path / "e.wav", "pedalboard.Gain", sample_rate=44_100)
    assert state(other_rate).holds is None


def test_without_metsrw_the_remedy_is_named(made, tmp_path, monkeypatch):
    monkeypatch.setattr("restorack.archive.needs.import_module", _missing)
    with pytest.raises(ParameterError, match=r"restorack\[archive\]"):
        write_mets(tmp_path / "x.xml", None)


def _missing(name):
    raise ImportError(name)


def test_files_of_one_name_are_both_found(tmp_path):
    rows = np.linspace(-0.1, 0.1, RATE // 10)
    for folder in ("in", "out"):
        (tmp_path / folder).mkdir()
    soundfile.write(tmp_path / "in" / "a.wav", rows, RATE, subtype="PCM_24")
    result = render(tmp_path / "in" / "a.wav", tmp_path / "out" / "a.wav", "pedalboard.Gain")
    write_mets(tmp_path / "out" / "a.mets.xml", result)
    document = metsrw.METSDocument.fromfile(str(tmp_path / "out" / "a.mets.xml"))
    paths = {entry.path for entry in document.all_files() if entry.type == "Item"}
    assert paths == {"../in/a.wav", "a.wav"}
