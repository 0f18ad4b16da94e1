"""Typed views on the real recordings (marked `data`), and what they say when there are none."""

import numpy as np
import pytest

from course_lib import data
from course_lib.data import store


def _absent(name: str) -> bool:
    return store.local_count(data.dataset(name)) < data.dataset(name).files


def real(name: str):
    """Marks a test that needs a set; it is skipped, saying so, where the set is absent."""

    def mark(test):
        reason = f"{name} is not on this machine: set COURSE_DATA_MIRROR or run `course data fetch {name}`"
        return pytest.mark.data(pytest.mark.skipif(_absent(name), reason=reason)(test))

    return mark


@real("spoken_digits")
def test_all_digits_are_there_and_sorted():
    digits = data.spoken_digits()
    assert len(digits) == 3000
    assert [(d.speaker, d.digit, d.take) for d in digits] == [
        (s, d, t) for s in data.SPEAKERS for d in range(10) for t in range(50)
    ]
    for d in digits[::37]:
        assert d.path.name == f"{d.digit}_{d.speaker}_{d.take}.wav"
        x = d.audio()
        assert (x.dtype, x.ndim) == (np.float32, 1)
        assert 1000 < len(x) < 20000
        assert 0 < np.abs(x).max() <= 1


@real("spoken_digits")
def test_digits_are_chosen_by_speaker_digit_and_take():
    some = data.spoken_digits(speakers=["theo", "lucas"], digits=[7], takes=range(2))
    assert [(d.speaker, d.word, d.take) for d in some] == [
        ("lucas", "seven", 0), ("lucas", "seven", 1), ("theo", "seven", 0), ("theo", "seven", 1)
    ]
    assert len(data.spoken_digits(speakers="theo", digits=3, takes=9)) == 1


@real("spoken_digits")
def test_recordings_are_preferred_to_generated_digits(capsys):
    found, note = data.digits_or_generated(takes=[0], digits=[1])
    assert all(d.path is not None for d in found)
    assert "recorded" in note
    assert note in capsys.readouterr().out


@real("librosa_examples")
@pytest.mark.parametrize("key", sorted(data.EXAMPLES))
def test_every_example_plays(key):
    x, sr = data.example(key)
    assert sr == 22050
    assert x.ndim == 1
    assert 2 < len(x) / sr < 140


@real("librosa_examples")
def test_an_example_at_another_rate():
    x, sr = data.example("trumpet", sr=16000)
    assert sr == 16000
    assert len(x) == pytest.approx(len(data.example("trumpet")[0]) * 16000 / 22050, abs=1)


@real("instrument_notes")
def test_notes_are_typed_and_filtered():
    notes = data.instrument_notes()
    assert len(notes) == 1754
    assert {n.instrument for n in notes} == set(data.INSTRUMENTS)
    (note,) = data.instrument_notes(instruments=["flute"], pitches=[69], dynamics=["forte"])
    assert (note.name, note.frequency, note.path.name) == ("A4", 440, "flute_A4_1_forte_normal.mp3")
    assert data.instrument_notes(instruments=["cello"], pitches=[58])[0].name == "A#3"
    assert data.instrument_notes(instruments=["flute"], pitches=[20]) == []


@real("instrument_notes")
@pytest.mark.parametrize(
    ("instrument", "dynamic"),
    [(name, dynamic) for name in ("trombone", "clarinet", "french horn") for dynamic in ("piano", "fortissimo")],
)
def test_the_pitch_is_the_one_that_sounds(instrument, dynamic):
    """YIN is the oracle. An octave is forgiven upwards only: it takes a weak fundamental for the octave above."""
    librosa = pytest.importorskip("librosa")
    for note in data.instrument_notes(instruments=[instrument], dynamics=[dynamic])[::4]:
        x = note.audio(sr=22050)
        loud = np.flatnonzero(np.abs(x) > 0.1 * np.abs(x).max())
        f0 = librosa.yin(x[loud[0] : loud[-1]], fmin=50, fmax=3000, sr=22050, frame_length=4096)
        off = 12 * np.log2(np.median(f0) / note.frequency)
        assert min(abs(off), abs(off - 12)) < 0.7, note


@real("jsb_chorales")
def test_chorales_have_four_voices_in_order():
    for split, count in (("train", 229), ("valid", 76), ("test", 77)):
        pieces = data.chorales(split)
        assert len(pieces) == count
        for piece in pieces:
            assert piece.dtype == np.int64
            assert piece.shape[1] == 4
            assert piece.min() >= -1
            assert piece.max() < 128
        sung = np.concatenate(pieces)
        means = [sung[:, v][sung[:, v] >= 0].mean() for v in range(4)]
        assert means == sorted(means, reverse=True)  # soprano to bass


@pytest.mark.parametrize(
    ("call", "stand_in"),
    [
        (data.spoken_digits, "data.generate.spoken_digits"),
        (lambda: data.example("trumpet"), "data.generate.example"),
        (data.instrument_notes, "data.generate.instrument_notes"),
        (data.chorales, "data.generate.chorales"),
    ],
)
def test_without_data_the_message_names_the_stand_in(offline, call, stand_in):
    with pytest.raises(data.DataUnavailable) as caught:
        call()
    assert stand_in in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_data_generated_digits_stand_in_and_say_so(offline, capsys):
    found, note = data.digits_or_generated(speakers=["theo"], digits=[3], takes=[0, 1])
    assert [(d.speaker, d.digit, d.take) for d in found] == [("theo", 3, 0), ("theo", 3, 1)]
    assert note.startswith("2 generated digits of 1 synthetic voice")
    assert note in capsys.readouterr().out


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.spoken_digits(speakers=["bob"]), "speaker 'bob'; there are george"),
        (lambda: data.spoken_digits(digits=[10]), "digit 10"),
        (lambda: data.spoken_digits(takes=[50]), "take 50; there are 0 … 49"),
        (lambda: data.spoken_digits(takes=[]), "selection is empty"),
        (lambda: data.example("waltz"), "example 'waltz'; there are brahms"),
        (lambda: data.instrument_notes(instruments=["kazoo"]), "instrument 'kazoo'"),
        (lambda: data.instrument_notes(dynamics=["loud"]), "dynamic 'loud'"),
        (lambda: data.chorales("dev"), "split 'dev'"),
        (lambda: data.load("mnist"), "data set 'mnist'; there are spoken_digits"),
        (lambda: data.load("spoken_digits", "*.mp3"), "no file matches"),
    ],
)
def test_unknown_names_are_told_with_the_known_ones(offline, call, message):
    with pytest.raises(data.DataError, match=message):
        call()
