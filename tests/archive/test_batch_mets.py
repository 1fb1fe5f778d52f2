"""One METS document for a batch: valid, of all its files, and only where they are as noted."""

import hashlib
from dataclasses import replace

import metsrw
import pytest
from batches import run_inline, want, write
from lxml import etree
from mets_schema import mets_schema

from restorack.archive.batch_mets import write_batch_mets
from restorack.errors import ChecksumError, FileError
from restorack.render.batch import OutputLayout
from restorack.render.batch.shards import Shard

NAMES = {"p": "http://www.loc.gov/premis/v3", "m": "http://www.loc.gov/METS/"}


@pytest.fixture
def folder(tmp_path):
    """Give the output folder of two parts, of three files, two of them alike."""
    for number, name in enumerate(("box 1/a.wav", "box 1/b.wav", "c.wav")):
        write(tmp_path / "in" / name, number // 2)
    (tmp_path / "in" / "bad.wav").write_bytes(b"RIFF nothing")
    out = tmp_path / "out"
    for number in (1, 2):
        wanted = want(out, kinds=("output", "difference"))
        wanted = replace(wanted, layout=OutputLayout(out, Shard(number, 2)))
        run_inline([tmp_path / "in"], wanted, recursive=True)
    return out


def texts(tree, path):
    return [element.text for element in tree.xpath(path, namespaces=NAMES)]


def test_the_document_is_valid_and_has_every_file(folder):
    assert write_batch_mets(folder, folder / "mets.xml") == 3
    tree = etree.parse(folder / "mets.xml")
    mets_schema().assertValid(tree)
    document = metsrw.METSDocument.fromfile(str(folder / "mets.xml"))
    files = [entry for entry in document.all_files() if entry.type == "Item"]
    assert len(files) == 9
    outputs = {entry.path for entry in files if entry.use == "derivative"}
    assert {"box 1/a.wav", "box 1/a.difference.wav", "c.wav"} <= outputs
    for entry in files:
        data = (folder / entry.path).read_bytes()
        assert entry.checksum == hashlib.sha512(data).hexdigest()


def test_premis_has_what_it_requires(folder):
    write_batch_mets(folder, folder / "mets.xml")
    tree = etree.parse(folder / "mets.xml")
    objects = tree.xpath("//p:object", namespaces=NAMES)
    assert len(objects) == 9
    identifiers = texts(tree, "//p:object/p:objectIdentifier/p:objectIdentifierValue")
    assert len(set(identifiers)) == 9  # though two sources hold the same
    for element in objects:
        for needed in ("messageDigest", "size", "formatName", "originalName"):
            assert len(texts(element, f".//p:{needed}")) == 1
    events = tree.xpath("//p:event", namespaces=NAMES)
    assert len(events) == 3
    for event in events:
        linked = texts(event, ".//p:linkingObjectIdentifierValue")
        assert len(linked) == 3
        assert set(linked) <= set(identifiers)
        assert "sha256:" in texts(event, ".//p:eventDetail")[0]
        assert texts(event, ".//p:eventOutcome") == ["success"]
    made_by = set(texts(tree, "//p:relatedEventIdentifierValue"))
    assert made_by == set(texts(tree, "//p:eventIdentifierValue"))
    [agent] = set(texts(tree, "//p:agentName"))
    assert set(texts(tree, "//p:linkingAgentIdentifierValue")) == {agent}


def test_nothing_is_stated_of_files_that_were_altered(folder):
    path = folder / "c.wav"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    (folder / "box 1" / "a.wav").unlink()
    with pytest.raises(ChecksumError) as caught:
        write_batch_mets(folder, folder / "mets.xml")
    assert "c.wav" in caught.value.what
    assert "a.wav" in caught.value.what
    assert "b.wav" not in caught.value.what
    assert not (folder / "mets.xml").exists()
    with pytest.raises(FileError, match="no batch"):
        write_batch_mets(folder.parent, folder / "mets.xml")
