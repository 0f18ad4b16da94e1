"""LibriSpeech from a made-up archive at a local server: texts, speakers, rates, selections, damage."""

import hashlib
import io
import tarfile

import numpy as np
import pytest
import soundfile
from bad_server import Server

from course_lib import data

TEXTS = {"84-121-0000": "GO ON", "84-121-0001": "IT IS NOT SO", "174-50-0000": "DON'T"}


def archive() -> bytes:
    """Three utterances of 0.5, 1.0 and 1.5 s by two readers, laid out like the real archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:

        def add(name: str, content: bytes) -> None:
            info = tarfile.TarInfo(f"LibriSpeech/dev-clean/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))

        add("README.TXT", b"made up")
        for i, key in enumerate(TEXTS):
            reader, chapter, _ = key.split("-")
            tone = 0.3 * np.sin(2 * np.pi * 500 * np.arange(8000 * (i + 1)) / 16000)
            flac = io.BytesIO()
            soundfile.write(flac, tone, 16000, format="FLAC")
            add(f"{reader}/{chapter}/{key}.flac", flac.getvalue())
            if i:                                                       # the last utterance of its chapter
                stem = f"{reader}-{chapter}"
                lines = [f"{other} {text}\n" for other, text in TEXTS.items() if other.startswith(stem)]
                add(f"{reader}/{chapter}/{stem}.trans.txt", "".join(lines).encode())
    return out.getvalue()


@pytest.fixture
def library(tmp_path, monkeypatch):
    content = archive()
    server = Server({"dev-clean.tar.gz": content})
    root = tmp_path / "registry"
    root.mkdir()
    (root / "librispeech.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  dev-clean.tar.gz\n")
    (root / "registry.toml").write_text(
        f'[librispeech]\ntitle = "made up"\nurl = "{server.url}"\nfolder = "librispeech"\nfiles = 1\nbytes = 9\n'
        'licence = "CC0"\ncitation = "none"\nhomepage = "none"\ngenerated = "data.generate.spoken_words()"\n'
    )
    monkeypatch.setenv("COURSE_DATA_REGISTRY", str(root))
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSE_DATA_MIRROR", raising=False)
    monkeypatch.delenv("COURSE_OFFLINE", raising=False)
    yield server
    server.close()


def test_utterances_come_with_text_and_reader_at_8_khz(library):
    found = data.librispeech()
    assert [(u.name, u.speaker, u.text) for u in found] == [
        ("174-50-0000", "174", "don't"), ("84-121-0000", "84", "go on"), ("84-121-0001", "84", "it is not so"),
    ]
    assert [u.seconds for u in found] == [1.5, 0.5, 1.0]
    x = found[0].samples
    assert x.dtype == np.float32
    assert np.argmax(np.abs(np.fft.rfft(x))) * 8000 / len(x) == pytest.approx(500, abs=1)
    assert len(library.requests) == 1


def test_a_selection_by_reader_length_and_minutes(library):
    assert {u.speaker for u in data.librispeech(speakers=["84"])} == {"84"}
    assert [u.name for u in data.librispeech(longest=0.8)] == ["84-121-0000"]
    assert {u.speaker for u in data.librispeech(speakers=[84])} == {"84"}
    with pytest.raises(TypeError, match="list of speakers"):
        data.librispeech(speakers="84")
    assert len(data.librispeech(minutes=1.2 / 60)) == 2
    assert len(data.librispeech(longest=1.0)) == 2
    with pytest.raises(data.DataError, match="no utterance"):
        data.librispeech(speakers=["7"])
    with pytest.raises(data.DataError, match="no file matches"):
        data.librispeech("dev-dirty")


def test_what_comes_after_the_minutes_is_not_unpacked(library, monkeypatch):
    unpacked, extract = [], tarfile.TarFile.extractfile
    monkeypatch.setattr(
        tarfile.TarFile, "extractfile", lambda tar, member: unpacked.append(member.name) or extract(tar, member)
    )
    assert len(data.librispeech(minutes=0.6 / 60)) == 2
    assert [name.rsplit("/", 1)[1] for name in unpacked] == ["84-121-0000.flac", "84-121-0001.flac", "84-121.trans.txt"]


def test_an_altered_archive_is_never_read(library):
    library.files["dev-clean.tar.gz"] = b"something else"
    with pytest.raises(data.DataError):
        data.librispeech()
