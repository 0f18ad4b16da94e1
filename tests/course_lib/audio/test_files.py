"""Audio files: round trips in all formats, partial reads, and one clear error for each kind of bad file."""

import os
import struct
import wave

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_lib import audio

LOSSLESS = (".wav", ".flac")
LOSSY = (".ogg", ".mp3")


@pytest.fixture
def x() -> np.ndarray:
    """One second of a 440 Hz tone with a little noise at 16 kHz: lossy coders keep it well."""
    t = np.arange(16000) / 16000
    noise = np.random.default_rng(0).standard_normal(16000)
    return (0.4 * np.sin(2 * np.pi * 440 * t) + 0.01 * noise).astype(np.float32)


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_lossless_formats_keep_samples_to_half_a_quantisation_step(tmp_path, x, suffix):
    y, sr = audio.read(audio.write(tmp_path / f"a{suffix}", x, 16000))
    assert sr == 16000
    assert y.dtype == np.float32
    assert y.shape == x.shape
    assert np.abs(y - x).max() <= 1.01 / 32768  # 16-bit steps


@pytest.mark.parametrize("suffix", LOSSY)
def test_lossy_formats_keep_length_and_sound(tmp_path, x, suffix):
    y, sr = audio.read(audio.write(tmp_path / f"a{suffix}", x, 16000))
    assert (sr, y.shape) == (16000, x.shape)
    inner = slice(2000, -2000)
    error = np.square(y[inner] - x[inner]).mean() / np.square(x[inner]).mean()
    assert 10 * np.log10(error) < -15  # the coder may drop the noise at -29 dB, and may not move the tone


def test_float_subtype_keeps_every_bit(tmp_path, x):
    y, _ = audio.read(audio.write(tmp_path / "a.wav", x, 16000, subtype="FLOAT"))
    assert np.array_equal(x, y)


def test_wav_agrees_with_the_standard_library(tmp_path, x):
    audio.write(tmp_path / "a.wav", x, 16000)
    with wave.open(str(tmp_path / "a.wav")) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
        assert (file.getframerate(), file.getnchannels()) == (16000, 1)
    assert np.array_equal(audio.read(tmp_path / "a.wav")[0], raw.astype(np.float32))


@pytest.mark.parametrize("suffix", audio.SUFFIXES)
def test_channels_keep_their_order_and_mono_is_their_mean(tmp_path, x, suffix):
    stereo = np.stack([x, np.zeros_like(x)])
    path = audio.write(tmp_path / f"a{suffix}", stereo, 16000)
    both, _ = audio.read(path, mono=False)
    assert both.shape == (2, 16000)
    assert audio.rms_dbfs(both[0]) > audio.rms_dbfs(both[1]) + 30
    assert np.allclose(audio.read(path)[0], both.mean(axis=0), atol=1e-6)
    assert audio.info(path) == audio.Info(sr=16000, channels=2, samples=16000)


def test_mono_false_gives_one_channel_an_axis(tmp_path, x):
    assert audio.read(audio.write(tmp_path / "a.wav", x, 16000), mono=False)[0].shape == (1, 16000)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, 15999), count=st.integers(1, 20000))
def test_partial_read_is_a_slice(tmp_path, x, first, count):
    path = tmp_path / "a.flac"
    if not path.exists():
        audio.write(path, x, 16000)
    whole, _ = audio.read(path)
    part, _ = audio.read(path, start=first / 16000, duration=count / 16000)
    assert np.array_equal(part, whole[first : first + count])


@pytest.mark.parametrize("suffix", LOSSY)
def test_partial_read_of_lossy_files(tmp_path, x, suffix):
    path = audio.write(tmp_path / f"a{suffix}", x, 16000)
    whole, _ = audio.read(path)
    assert np.allclose(audio.read(path, start=0.25, duration=0.5)[0], whole[4000:12000], atol=1e-3)


def test_read_resamples(tmp_path, x):
    y, sr = audio.read(audio.write(tmp_path / "a.wav", x, 16000), sr=8000)
    assert (sr, y.shape) == (8000, (8000,))


@pytest.mark.parametrize(("start", "duration"), [(-0.1, None), (1.0, None), (9, 1), (0, 0), (0, -1), (float("nan"), 1)])
def test_spans_outside_of_the_file(tmp_path, x, start, duration):
    path = audio.write(tmp_path / "a.wav", x, 16000)
    with pytest.raises(audio.AudioError, match=r"a\.wav"):
        audio.read(path, start=start, duration=duration)


@pytest.mark.parametrize("suffix", audio.SUFFIXES)
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_cut_short_is_an_error(tmp_path, x, suffix, share):
    path = audio.write(tmp_path / f"a{suffix}", np.tile(x, 2), 16000)
    os.truncate(path, int(path.stat().st_size * share))
    with pytest.raises(audio.AudioError, match="fetch it again"):
        audio.read(path)


@pytest.mark.parametrize("suffix", audio.SUFFIXES)
@pytest.mark.parametrize(
    ("content", "message"), [(b"", "empty"), (b"<html>404</html>" * 50, "no readable"), (bytes(4000), "no readable")]
)
def test_files_that_are_no_audio(tmp_path, suffix, content, message):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(audio.AudioError, match=message):
        audio.read(path)
    with pytest.raises(audio.AudioError, match=message):
        audio.info(path)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_a_corrupt_header_is_an_error(tmp_path, x, suffix):
    path = audio.write(tmp_path / f"a{suffix}", x, 16000)
    content = bytearray(path.read_bytes())
    content[:12] = b"\xff" * 12
    path.write_bytes(content)
    with pytest.raises(audio.AudioError, match="no readable"):
        audio.read(path)


def test_a_wav_without_samples(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
    with pytest.raises(audio.AudioError, match="no audio samples"):
        audio.read(tmp_path / "a.wav")


def test_a_streamed_wav_of_unknown_length_is_read(tmp_path, x):
    """ffmpeg writing to a pipe leaves 0xFFFFFFFF as size: that is no truncation."""
    path = audio.write(tmp_path / "a.wav", x, 16000)
    content = bytearray(path.read_bytes())
    content[4:8] = struct.pack("<I", 0xFFFFFFFF)
    at = content.index(b"data") + 4
    content[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(content)
    assert len(audio.read(path)[0]) == 16000


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_file_with_nan_is_an_error(tmp_path, x, bad):
    import soundfile

    x[77] = bad
    soundfile.write(tmp_path / "a.wav", x, 16000, subtype="FLOAT")
    with pytest.raises(audio.AudioError, match="NaN or infinity"):
        audio.read(tmp_path / "a.wav")


def test_missing_file_folder_and_unknown_suffix(tmp_path):
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "a.m4a").write_bytes(b"x")
    for name, message in (("no.wav", "does not exist"), ("folder.wav", "folder"), ("a.m4a", "suffix")):
        with pytest.raises(audio.AudioError, match=message):
            audio.read(tmp_path / name)


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (np.full(100, 1.5), "clip"),
        (np.array([0.0, np.nan]), "NaN"),
        (np.array([0.0, np.inf]), "infinite"),
        (np.zeros(0), "empty"),
        (np.zeros((2, 3, 4)), "shape"),
        (np.zeros((1000, 2)), "transpose"),
        (np.zeros(100, dtype=np.int16), "32768"),
        (np.zeros(100, dtype=complex), "float"),
        (np.float32(0.5), "shape"),
    ],
)
def test_signals_that_cannot_be_written_leave_nothing_behind(tmp_path, signal, message):
    with pytest.raises(audio.AudioError, match=message):
        audio.write(tmp_path / "a.wav", signal, 16000)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("sr", [0, -8000, 8000.5, float("nan"), "8000", True, None])
def test_rates_that_are_none(tmp_path, x, sr):
    with pytest.raises(audio.AudioError, match="sampling rate"):
        audio.write(tmp_path / "a.wav", x, sr)


def test_a_failed_write_keeps_the_old_file(tmp_path, x):
    path = audio.write(tmp_path / "a.mp3", x, 16000)
    before = path.read_bytes()
    with pytest.raises(audio.AudioError, match="11000 Hz"):  # MPEG has no such rate
        audio.write(path, x, 11000)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp3"]


def test_write_makes_folders_takes_tensors_and_respects_the_umask(tmp_path, x):
    import torch

    path = audio.write(tmp_path / "new" / "a.wav", torch.tensor(x, dtype=torch.float64, requires_grad=True), 16000)
    assert np.abs(audio.read(path)[0] - x).max() < 1e-4
    (tmp_path / "plain").write_text("")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_write_where_nothing_can_be_written(tmp_path, x):
    (tmp_path / "file").write_text("")
    with pytest.raises(audio.AudioError, match="cannot write"):
        audio.write(tmp_path / "file" / "a.wav", x, 16000)


def test_an_unknown_length_mp3_is_counted(tmp_path, x):
    """Without its Info frame libsndfile guesses the length of an mp3; `info` counts instead."""
    path = audio.write(tmp_path / "a.mp3", x, 16000)
    content = path.read_bytes()
    second = content.index(content[:2], 4)
    path.write_bytes(content[second:])
    assert audio.info(path).samples == len(audio.read(path)[0])
