"""Connected digits: exact places, one speaker per string, levels, repeatability, and text with habits."""

from dataclasses import dataclass

import numpy as np
import pytest

from course_lib.data.digit_strings import SAMPLE_RATE, DigitSpeech, digit_habits, digit_text


@dataclass
class Beep:
    """A stand-in for a recording: a tone whose frequency tells digit and speaker."""

    digit: int
    speaker: str
    samples: int = 2400

    @property
    def frequency(self):
        return 300 + 150 * self.digit + (75 if self.speaker == "b" else 0)

    def audio(self):
        return np.sin(2 * np.pi * self.frequency * np.arange(self.samples) / SAMPLE_RATE).astype(np.float32)


TAKES = [Beep(d, s) for d in range(10) for s in "ab"]


def peak_frequency(x):
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x)), 16000))
    return np.argmax(spectrum) * SAMPLE_RATE / 16000


@pytest.mark.parametrize("gap", [(-0.03, 0.15), (0.1, 0.1), (-0.25, -0.25)])
def test_each_span_holds_its_digit_and_all_are_by_one_speaker(gap):
    speech, rng = DigitSpeech(TAKES, gap=gap, snr_db=(60, 60)), np.random.default_rng(0)
    for _ in range(20):
        string = speech.say(rng.integers(0, 10, 4), rng)
        assert string.audio.dtype == np.float32
        assert all(a[1] <= b[0] for a, b in zip(string.spans, string.spans[1:], strict=False))
        assert string.spans[0][0] >= 0
        assert string.spans[-1][1] <= len(string.audio)
        for digit, (start, end) in zip(string.digits, string.spans, strict=True):
            want = Beep(digit, string.speaker).frequency
            if gap[0] > -0.1:      # where half a digit overlaps, two tones share a span
                assert peak_frequency(string.audio[start:end]) == pytest.approx(want, abs=20)


def test_without_overlap_the_spans_are_the_recordings():
    string = DigitSpeech(TAKES, gap=(0.1, 0.1)).say([1, 1, 2], np.random.default_rng(1))
    assert [end - start for start, end in string.spans] == [2400] * 3
    assert [b[0] - a[1] for a, b in zip(string.spans, string.spans[1:], strict=False)] == [800, 800]


def test_level_and_noise_are_as_asked():
    speech = DigitSpeech(TAKES, gap=(0.1, 0.1), snr_db=(20, 20), level_db=0.0)
    string = speech.say([5], np.random.default_rng(2), speaker="a")
    (start, end), = string.spans
    rms = np.sqrt(np.mean(string.audio[start:end] ** 2))
    noise = np.sqrt(np.mean(np.r_[string.audio[:start], string.audio[end:]] ** 2))
    assert 20 * np.log10(rms) == pytest.approx(-23, abs=0.3)
    assert 20 * np.log10(rms / noise) == pytest.approx(20, abs=1.0)


def test_each_digit_has_a_level_of_its_own_both_ways():
    speech, rng = DigitSpeech(TAKES, gap=(0.1, 0.1), snr_db=(80, 80), level_db=6.0), np.random.default_rng(0)
    strings = [speech.say([1, 2], rng) for _ in range(60)]
    levels = np.array([[20 * np.log10(np.std(s.audio[a:b])) + 23 for a, b in s.spans] for s in strings])
    assert 5 < levels.max() < 6.1
    assert -6.1 < levels.min() < -5
    assert abs(np.corrcoef(levels.T)[0, 1]) < 0.5
    assert {s.speaker for s in strings} == {"a", "b"}


def test_an_overlap_is_shared_half_and_half_and_starts_after_the_middle():
    string = DigitSpeech(TAKES, gap=(-0.1, -0.1)).say([1, 2], np.random.default_rng(0))
    (start, end), (again, last) = string.spans
    assert end == again
    assert (end - start, last - again) == (2000, 2000)             # 2400 samples each, 800 of them in both
    string = DigitSpeech(TAKES, gap=(-1.0, -1.0)).say([1, 2], np.random.default_rng(0))
    (start, end), (again, last) = string.spans
    assert (end - start, last - again) == (1800, 1800)             # the second begins in the middle of the first


def test_speed_moves_length_and_pitch_together():
    string = DigitSpeech(TAKES, speed=(1.25, 1.25), snr_db=(60, 60)).say([4], np.random.default_rng(0), speaker="a")
    (start, end), = string.spans
    assert end - start == pytest.approx(2400 / 1.25, abs=2)
    assert peak_frequency(string.audio[start:end]) == pytest.approx(1.25 * 900, abs=15)


def test_the_same_generator_says_the_same():
    speech = DigitSpeech(TAKES, speed=(0.8, 1.2))
    a, b = (speech.draw(5, np.random.default_rng(7)) for _ in range(2))
    assert all(np.array_equal(x.audio, y.audio) and x.digits == y.digits for x, y in zip(a, b, strict=True))
    assert not np.array_equal(a[0].audio, speech.draw(1, np.random.default_rng(8))[0].audio)


def test_text_has_the_lengths_and_the_habits_it_was_given():
    habits = digit_habits()
    assert habits.shape == (10, 10)
    assert habits.sum(1) == pytest.approx(1.0)
    rows = [(digit_habits(concentration=c) ** 2).sum(1).mean() for c in (0.3, 50.0)]
    assert rows == pytest.approx([1.3 / 4, 51 / 501], rel=0.25)    # E Σ p² = (c + 1) / (10 c + 1), a Dirichlet's
    assert np.array_equal(habits, digit_habits(12, concentration=0.3))
    text = digit_text(4000, np.random.default_rng(0), transitions=habits)
    lengths = np.bincount([len(s) for s in text], minlength=7)
    assert lengths[2:6] == pytest.approx(1000, abs=120)
    assert lengths.sum() == lengths[2:6].sum()
    pairs = np.zeros((10, 10))
    for s in text:
        np.add.at(pairs, (s[:-1], s[1:]), 1)
    seen = pairs.sum(1, keepdims=True)
    assert np.abs(pairs / np.maximum(seen, 1) - habits)[seen[:, 0] > 300].max() < 0.06
    uniform = np.bincount([d for s in digit_text(3000, np.random.default_rng(1)) for d in s], minlength=10)
    assert uniform / uniform.sum() == pytest.approx(0.1, abs=0.01)


def test_bad_requests_are_refused():
    with pytest.raises(ValueError, match="no recordings"):
        DigitSpeech([])
    speech = DigitSpeech([Beep(1, "a")])
    with pytest.raises(ValueError, match="digit 2 by 'a'"):
        speech.say([1, 2], np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"fewest and the most digits.*\(5, 2\)"):
        digit_text(1, np.random.default_rng(0), lengths=(5, 2))
    with pytest.raises(ValueError, match="at least 1"):
        digit_text(1, np.random.default_rng(0), lengths=(0, 2))
    with pytest.raises(ValueError, match="gap should be an interval"):
        DigitSpeech(TAKES, gap=(0.2, 0.1))
    with pytest.raises(ValueError, match=r"speed should be an interval .* above 0"):
        DigitSpeech(TAKES, speed=(0.0, 1.0))
    with pytest.raises(ValueError, match="at least one digit"):
        speech.say([], np.random.default_rng(0))
