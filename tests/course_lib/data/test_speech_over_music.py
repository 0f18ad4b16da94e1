"""Phrases: exact onsets, levels, the same phrase at all levels."""

import numpy as np
import pytest

from course_lib.data import generate
from course_lib.data.speech_over_music import PAUSE, SAMPLE_RATE, SpeechOverMusic, words_of


@pytest.fixture(scope="module")
def speech():
    words = words_of({"george": generate.VOICES["george"]}, ["yes", "no"])
    return SpeechOverMusic(words, [generate.noise(3.0, SAMPLE_RATE, seed=1, rms=0.1)])


def test_phones_begin_and_end_with_a_pause_and_onsets_rise(speech):
    for phrase in speech.draw(4, np.random.default_rng(0), snr_db=0.0):
        assert phrase.phones[0] == phrase.phones[-1] == PAUSE
        assert phrase.phones.count(PAUSE) == len(phrase.words) + 1
        assert (np.diff([*phrase.onsets, phrase.seconds]) > 0).all()
        spelled = [p for word in phrase.words for p in generate.PRONUNCIATIONS[word]]
        assert [p for p in phrase.phones if p != PAUSE] == spelled


def test_pauses_are_silent_and_words_are_not(speech):
    phrase = speech.draw(1, np.random.default_rng(1), snr_db=0.0)[0]
    ends = [*phrase.onsets[1:], phrase.seconds]
    for phone, start, end in zip(phrase.phones, phrase.onsets, ends, strict=True):
        part = phrase.voice[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
        assert (np.abs(part).max() == 0) == (phone == PAUSE)


@pytest.mark.parametrize("snr_db", [5.0, -5.0])
def test_the_level_is_as_asked(speech, snr_db):
    phrase = speech.draw(1, np.random.default_rng(2), snr_db=snr_db)[0]
    ratio = 10 * np.log10(np.mean(phrase.voice**2) / np.mean(phrase.music**2))
    assert ratio == pytest.approx(snr_db, abs=0.05)
    np.testing.assert_array_equal(phrase.mixture, phrase.voice + phrase.music)


def test_phrases_are_the_same_at_every_level(speech):
    quiet, loud = (speech.draw(3, np.random.default_rng(3), snr_db=level) for level in (np.inf, -5.0))
    for a, b in zip(quiet, loud, strict=True):
        np.testing.assert_array_equal(a.voice, b.voice)
        assert a.onsets == b.onsets
        assert not a.music.any()


def test_nothing_to_speak_is_an_error():
    with pytest.raises(ValueError, match="at least one"):
        SpeechOverMusic([], [])
