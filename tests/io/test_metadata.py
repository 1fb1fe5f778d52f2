"""What files say about themselves reaches the output, made true of it."""

import json
import struct

import numpy as np
import pytest
import soundfile
from mutagen import aiff, flac, id3, mp3, oggopus, oggvorbis

from restorack.io.description import describe_file
from restorack.io.metadata import read_metadata
from restorack.io.reader import AudioReader
from restorack.io.wave.bext import adapt_bext, build_bext, history_line, parse_bext
from restorack.io.wave.info_chunk import build_info, parse_info
from restorack.io.wave.riff import Chunk, WaveSink, format_chunk, packed, read_chunks
from restorack.io.writer import AudioWriter

RATE = 48_000
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000a49444154789c6300010000050001"
)
OPENERS = {
    "flac": flac.FLAC, "ogg": oggvorbis.OggVorbis, "opus": oggopus.OggOpus,
}  # fmt: skip
TAGS = {
    "title": "Žal a 愛", "artist": "The Reeds", "album": "Sides", "date": "1927",
    "comment": "worn", "genre": "Foxtrot", "isrc": "CZA010700001", "composer": "N. N.",
    "tracknumber": "3", "tracktotal": "12", "matrix": "BVE-38500-2",
}  # fmt: skip


def bext(history=b"A=ANALOGUE,M=mono,T=turntable\r\n", version=2, reference=1_000_000):
    fields = {
        "description": "Side A", "originator": "Archive", "originator_reference": "CZ0001",
        "origination_date": "1999-12-31", "origination_time": "23:59:58",
        "time_reference": str(reference), "version": str(version), "umid": "ab" * 64,
    }  # fmt: skip
    data = bytearray(build_bext(fields))
    struct.pack_into("<5h", data, 412, -2300, 500, -100, -1800, -2000)
    return bytes(data) + history


def cues(*positions):
    points = [struct.pack("<II4sIII", k, p, b"data", 0, 0, p) for k, p in enumerate(positions)]
    return struct.pack("<I", len(points)) + b"".join(points)


def info_list(**codes):
    return b"INFO" + b"".join(packed(Chunk(k.encode(), v + b"\0")) for k, v in codes.items())


def wave(path, chunks=(), frames=2400, always_64=False, mask=None):
    """Write a WAV file with the chunks around its samples."""
    half = len(chunks) // 2
    with path.open("wb") as file:
        layout = format_chunk(RATE, 2, 24, is_float=False, mask=mask)
        sink = WaveSink(file, layout, chunks[:half], always_64=always_64)
        sink.write(bytes(frames * 6))
        sink.finish()
        file.seek(0, 2)
        for chunk in chunks[half:]:
            file.write(packed(chunk))
        size = file.tell() - 8
        if always_64:
            file.seek(20)
            file.write(struct.pack("<Q", size))
        else:
            file.seek(4)
            file.write(struct.pack("<I", size))
    return path


def carry(source, target, rate=RATE, start=0, channels=2, **options):
    metadata = read_metadata(source)
    with AudioWriter(target, rate, channels, metadata=metadata, start=start, **options) as writer:
        writer.write(np.zeros((channels, 4800), np.float32))
    return writer


def chunks_of(path):
    return {
        (c.name, c.data[:4] if c.name == b"LIST" else b""): c.data for c in read_chunks(path, ())[0]
    }


CHUNKS = [
    Chunk(b"iXML", b"<?xml version='1.0'?><BWFXML><SCENE>7</SCENE></BWFXML>"),
    Chunk(b"LIST", info_list(INAM=b"Odd", IART=b"Somebody \xe9", ISFT=b"Capture 1.0")),
    Chunk(b"cue ", cues(10, 2000)),
    Chunk(b"LIST", b"adtl" + packed(Chunk(b"labl", struct.pack("<I", 0) + b"start\0"))),
    Chunk(b"odd1", b"\1\2\3"),
    Chunk(b"_PMX", b"<x:xmpmeta/>" * 100),
]


@pytest.mark.parametrize("always_64", [False, True])
@pytest.mark.parametrize("name", ["out.wav", "out.rf64"])
def test_wav_chunks_are_copied_byte_for_byte_and_in_order(tmp_path, always_64, name):
    source = wave(tmp_path / "a.wav", CHUNKS, always_64=always_64)
    writer = carry(source, tmp_path / name)
    own = (b"fmt ", b"data", b"JUNK", b"ds64")
    first, *others = read_chunks(tmp_path / name, own)[0]
    assert first.name == b"bext"
    assert others == CHUNKS
    assert writer.warnings == []
    assert AudioReader(tmp_path / name).info.frames == 4800


def test_samples_follow_the_chunks(tmp_path):
    source = wave(tmp_path / "a.wav", CHUNKS)
    rows = np.random.default_rng(0).integers(-(1 << 23), 1 << 23, (2, 999)).astype(np.int32)
    with AudioWriter(tmp_path / "b.wav", RATE, 2, metadata=read_metadata(source)) as writer:
        writer.write(rows)
    got, _ = soundfile.read(tmp_path / "b.wav")
    np.testing.assert_array_equal(got.T * (1 << 23), rows)


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
def test_long_wav_is_read_whatever_surrounds_its_samples(tmp_path, magic):
    """Chunks of odd length before and after the samples, in both kinds of long WAV."""
    path = tmp_path / "a.wav"
    rows = np.random.default_rng(0).integers(-(1 << 23), 1 << 23, (2, 999)).astype(np.int32)
    source = wave(tmp_path / "s.wav", [CHUNKS[4], CHUNKS[0]])
    with AudioWriter(path, RATE, 2, format="RF64", metadata=read_metadata(source)) as writer:
        writer.write(rows)
    with path.open("r+b") as file:
        file.write(magic)
        file.seek(0, 2)
        file.write(packed(Chunk(b"tail", b"odd")))
    reader = AudioReader(path)
    got = np.concatenate(list(reader.blocks64(100)), axis=1)
    np.testing.assert_array_equal(got * (1 << 23), rows)
    part = np.concatenate(list(reader.blocks64(100, 500)), axis=1)
    np.testing.assert_array_equal(part, got[:, 500:])


def test_what_is_true_only_of_the_samples_is_left(tmp_path):
    stale = [Chunk(b"PEAK", bytes(24)), Chunk(b"levl", bytes(120)), Chunk(b"JUNK", bytes(10))]
    source = wave(tmp_path / "a.wav", stale)
    carry(source, tmp_path / "b.wav")
    own = (b"JUNK", b"fmt ", b"bext", b"data")
    assert set(chunks_of(tmp_path / "b.wav")) == {(n, b"") for n in own}


def test_broadcast_extension_is_made_true_of_the_output(tmp_path):
    source = wave(tmp_path / "a.wav", [Chunk(b"bext", bext())])
    carry(source, tmp_path / "b.wav", rate=96_000, start=500, subtype="PCM_16")
    before, after = parse_bext(bext()), read_metadata(tmp_path / "b.wav").bext
    assert after["time_reference"] == (1_000_000 + 500) * 2
    first, second = after["coding_history"].splitlines()
    assert first == "A=ANALOGUE,M=mono,T=turntable"
    assert second.startswith("A=PCM,F=96000,W=16,M=stereo,T=restorack ")
    assert before["loudness_lufs"] == -23.0
    assert "loudness_lufs" not in after
    for name in ("description", "originator", "originator_reference", "umid", "version"):
        assert after[name] == before[name]


def test_what_the_broadcast_extension_does_not_adapt_stays_byte_for_byte():
    line = history_line("PCM", 48_000, 24, 1, "1")
    data = bext(version=1)
    kept = bytearray(data)
    struct.pack_into("<H", kept, 346, 2)
    struct.pack_into("<5h", kept, 412, *[0x7FFF] * 5)
    got = adapt_bext(data, start=0, rate_in=48_000, rate_out=48_000, history=line)
    assert got.rstrip(b"\0") == bytes(kept) + line.encode()
    assert len(got) % 2 == 0
    padded = adapt_bext(data + b"\0\0\0", start=0, rate_in=1e3, rate_out=1e3, history=line)
    assert padded == got
    joined = adapt_bext(bext(b"A=X", 1), start=0, rate_in=1e3, rate_out=1e3, history=line)
    assert joined.rstrip(b"\0").endswith(b"A=X\r\n" + line.encode())


@pytest.mark.parametrize(
    "fields",
    [{"umid": "no hex"}, {"version": ""}, {"version": "12"}, {"time_reference": "9" * 5000}],
)
def test_a_broadcast_extension_of_nonsense_is_written_all_the_same(fields):
    assert parse_bext(build_bext({"description": "A"} | fields))["description"] == "A"


def test_a_time_reference_at_its_end_starts_again():
    data = adapt_bext(bext(reference=(1 << 64) - 1), start=2, rate_in=1e3, rate_out=1e3, history="")
    assert parse_bext(data)["time_reference"] == 1


def test_large_time_references_keep_every_sample():
    big = (1 << 60) + 1
    data = adapt_bext(bext(reference=big), start=2, rate_in=48e3, rate_out=48e3, history="")
    assert parse_bext(data)["time_reference"] == big + 2


def test_a_short_broadcast_extension_is_read_as_far_as_it_goes():
    assert parse_bext(b"Only this") == {
        "description": "Only this",
        "time_reference": 0,
        "version": 0,
    }


def test_what_does_not_move_with_the_samples_is_reported(tmp_path):
    source = wave(tmp_path / "a.wav", [*CHUNKS, Chunk(b"acid", bytes(24))])
    warnings = " ".join(carry(source, tmp_path / "b.wav", start=100).warnings)
    assert "1 cue point outside" in warnings
    assert "'iXML' counts samples" in warnings
    assert "'acid' counts samples" in warnings
    assert carry(source, tmp_path / "c.wav").warnings == []


@pytest.mark.parametrize("mask", [None, 0x3, 0x0])
def test_speakers_are_kept_while_the_channels_are(tmp_path, mask):
    source = wave(tmp_path / "a.wav", mask=mask)
    carry(source, tmp_path / "b.wav")
    assert read_metadata(tmp_path / "b.wav").channel_mask == mask
    carry(source, tmp_path / "mono.wav", channels=1)
    assert read_metadata(tmp_path / "mono.wav").channel_mask == (0 if mask == 0 else None)


def test_samples_that_are_missing_are_reported(tmp_path):
    source = wave(tmp_path / "a.wav")
    source.write_bytes(source.read_bytes()[:-600])
    assert "cut short" in describe_file(source)["warnings"][0]


def test_info_texts_round_trip():
    tags = {"title": ("A",), "artist": ("B", "C"), "date": ("1927",), "isrc": ("CZA",)}
    parsed = parse_info(build_info(tags).data)
    # In RIFF "ISRC" is the source, so that a recording code has no place there.
    assert parsed == {"title": ("A",), "artist": ("B; C",), "date": ("1927",)}
    assert parse_info(info_list(ISRC=b"A. Collector"))["source"] == ("A. Collector",)
    assert parse_info(info_list(IART=b"Caf\xe9"))["artist"] == ("Café",)
    assert build_info({"isrc": ("CZA",)}) is None


def tagged(path, tags=TAGS, picture=True):
    """Write a file with tags as other programs write them."""
    kind = path.suffix[1:]
    subtype = "OPUS" if kind == "opus" else None
    form = {"opus": "OGG", "aiff": "AIFF"}.get(kind)
    soundfile.write(path, np.zeros((4800, 2)), RATE, format=form, subtype=subtype)
    if kind in OPENERS:
        file = OPENERS[kind](path)
        for name, text in tags.items():
            file[name] = text
        if picture and kind == "flac":
            block = flac.Picture()
            block.data, block.mime, block.type, block.desc = PNG, "image/png", 3, "label"
            file.add_picture(block)
        file.save()
        return path
    frames = id3.ID3() if kind == "mp3" else None
    file = None if kind == "mp3" else aiff.AIFF(path)
    if file is not None:
        file.add_tags()
        frames = file.tags
    frames.add(id3.TRCK(encoding=3, text="3/12"))
    frames.add(id3.COMM(encoding=3, lang="eng", desc="", text="worn"))
    frames.add(id3.TXXX(encoding=3, desc="MATRIX", text="BVE-38500-2"))
    codes = {"title": id3.TIT2, "artist": id3.TPE1, "album": id3.TALB, "date": id3.TDRC,
             "genre": id3.TCON, "isrc": id3.TSRC, "composer": id3.TCOM}  # fmt: skip
    for name, code in codes.items():
        frames.add(code(encoding=3, text=tags[name]))
    if picture:
        frames.add(id3.APIC(encoding=3, mime="image/png", type=3, desc="label", data=PNG))
    if kind == "mp3":
        frames.save(path)
    else:
        file.save()
    return path


KINDS = ["flac", "ogg", "opus", "mp3", "aiff", "wav"]


@pytest.mark.parametrize("source_kind", ["flac", "ogg", "mp3", "aiff"])
@pytest.mark.parametrize("kind", KINDS)
def test_tags_and_pictures_cross_formats(tmp_path, source_kind, kind):
    source = tagged(tmp_path / f"a.{source_kind}")
    target = tmp_path / f"b.{kind}"
    writer = carry(source, target)
    assert writer.warnings == []
    got = read_metadata(target)
    values = {name: texts for name, texts in got.tags.values.items() if name != "encoder"}
    assert values == {name: (text,) for name, text in TAGS.items()}
    pictures = [(p.data, p.mime, p.kind, p.description) for p in got.tags.pictures]
    assert pictures == ([] if source_kind == "ogg" else [(PNG, "image/png", 3, "label")])
    assert AudioReader(target).info.frames == 4800


def test_tags_are_where_other_programs_look(tmp_path):
    source = tagged(tmp_path / "a.flac")
    carry(source, tmp_path / "b.mp3")
    frames = mp3.MP3(tmp_path / "b.mp3").tags
    assert frames["TRCK"].text == ["3/12"]
    assert frames["TSRC"].text == ["CZA010700001"]
    assert frames["TXXX:MATRIX"].text == ["BVE-38500-2"]
    carry(source, tmp_path / "b.wav")
    texts = parse_info(chunks_of(tmp_path / "b.wav")[b"LIST", b"INFO"])
    assert texts["title"] == ("Žal a 愛",)


def test_several_texts_of_one_name_are_kept(tmp_path):
    source = tagged(tmp_path / "a.flac", {"artist": ["One", "Two"], "performer": ["X", "Y"]})
    for kind in KINDS:
        carry(source, tmp_path / f"b.{kind}")
        values = read_metadata(tmp_path / f"b.{kind}").tags.values
        assert values["artist"] == ("One", "Two")
        assert values["performer"] == ("X", "Y")


def test_loudness_of_the_source_is_not_claimed_for_the_output(tmp_path):
    source = tagged(tmp_path / "a.flac", {"title": "A", "replaygain_track_gain": "-6.2 dB"})
    writer = carry(source, tmp_path / "b.flac")
    assert "replaygain_track_gain" not in read_metadata(tmp_path / "b.flac").tags.values
    assert any("replaygain_track_gain" in warning for warning in writer.warnings)


def test_unnamed_id3_frames_reach_id3_and_are_reported_elsewhere(tmp_path):
    source = tagged(tmp_path / "a.mp3")
    frames = id3.ID3(source)
    frames.add(id3.UFID(owner="http://example.org", data=b"abc"))
    frames.save(source)
    assert carry(source, tmp_path / "b.mp3").warnings == []
    assert id3.ID3(tmp_path / "b.mp3")["UFID:http://example.org"].data == b"abc"
    assert "ID3 frame UFID has no place in FLAC" in carry(source, tmp_path / "b.flac").warnings


def test_chunks_survive_the_way_through_flac(tmp_path):
    source = wave(tmp_path / "a.wav", [Chunk(b"bext", bext()), *CHUNKS])
    writer = carry(source, tmp_path / "b.flac")
    assert writer.warnings == []
    assert read_metadata(tmp_path / "b.flac").tags.values["title"] == ("Odd",)
    assert flac.FLAC(tmp_path / "b.flac")["bext_description"] == ["Side A"]
    carry(tmp_path / "b.flac", tmp_path / "c.wav", start=7)
    after = read_metadata(tmp_path / "c.wav")
    assert after.bext["time_reference"] == 1_000_007
    assert after.bext["coding_history"].count("T=restorack") == 2
    carry(tmp_path / "b.flac", tmp_path / "d.wav")
    assert list(read_metadata(tmp_path / "d.wav").chunks[1:]) == CHUNKS


def test_tags_that_were_changed_in_flac_stand_over_those_of_its_chunks(tmp_path):
    source = wave(tmp_path / "a.wav", [Chunk(b"bext", bext()), *CHUNKS])
    carry(source, tmp_path / "b.flac")
    file = flac.FLAC(tmp_path / "b.flac")
    file["title"] = "Even"
    file.save()
    carry(tmp_path / "b.flac", tmp_path / "c.wav")
    after = read_metadata(tmp_path / "c.wav")
    assert after.tags.values["title"] == ("Even",)
    assert [c for c in after.chunks if c.name == b"_PMX"] == [CHUNKS[-1]]


def test_formats_without_tags_say_so(tmp_path):
    source = tagged(tmp_path / "a.flac", {"title": "A"}, picture=False)
    assert carry(source, tmp_path / "b.w64").warnings == ["tag 'title' has no place in W64"]


def test_damaged_tags_are_a_warning(tmp_path):
    source = wave(tmp_path / "a.wav", [Chunk(b"id3 ", b"ID3\4\0\0\xff\xff\xff\xff")])
    metadata = read_metadata(source)
    assert metadata.tags.values == {}
    assert metadata.warnings


def test_description_is_ready_for_json(tmp_path):
    source = wave(tmp_path / "a.wav", [Chunk(b"bext", bext()), *CHUNKS])
    facts = json.loads(json.dumps(describe_file(source)))
    assert (facts["format"], facts["subtype"], facts["bits"]) == ("WAV", "PCM_24", 24)
    assert (facts["sample_rate"], facts["channels"], facts["frames"]) == (RATE, 2, 2400)
    assert facts["duration"] == 0.05
    assert facts["size"] == source.stat().st_size
    assert facts["tags"]["artist"] == ["Somebody é"]
    assert facts["bext"]["origination_date"] == "1999-12-31"
    assert {"name": "odd1", "size": 3} in facts["chunks"]
    lossy = describe_file(tagged(tmp_path / "a.mp3"))
    assert lossy["is_lossy"]
    assert lossy["bits"] is None
    assert lossy["pictures"] == [{"kind": 3, "mime": "image/png", "size": len(PNG)}]
