"""The formant synthesiser, measured from outside: pitch, formants, sources, alignments, recognition."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.fft
import scipy.linalg
import scipy.signal

from course_lib import audio, data
from course_lib.data import generate, store
from course_lib.data.generate.phones import PHONES

SR = 8000


def lpc_formants(x: np.ndarray, sr: int, *, order: int = 10) -> np.ndarray:
    """Resonance frequencies in hertz from the roots of a linear predictor (autocorrelation method)."""
    x = np.append(x[0], x[1:] - 0.9 * x[:-1]) * np.hamming(len(x))
    r = np.correlate(x, x, "full")[len(x) - 1 :][: order + 1]
    a = scipy.linalg.solve_toeplitz(r[:-1] + 1e-9 * r[0] * (np.arange(order) == 0), r[1:])
    roots = np.roots(np.append(1, -a))
    roots = roots[(roots.imag > 0) & (np.abs(roots) > 0.8)]
    return np.sort(np.angle(roots)) * sr / (2 * np.pi)


def fundamental(x: np.ndarray, sr: int) -> float:
    """Frequency of the highest autocorrelation peak between 70 and 350 Hz."""
    r = scipy.signal.correlate(x, x)[len(x) - 1 :]
    lags = np.arange(int(sr / 350), int(sr / 70))
    return sr / lags[np.argmax(r[lags])]


def band_share(x: np.ndarray, low: float, high: float, sr: int = SR) -> float:
    f, p = scipy.signal.welch(x, sr, nperseg=min(256, len(x)))
    return p[(f >= low) & (f < high)].sum() / p.sum()


@pytest.mark.parametrize("vowel", ["IY", "EH", "AO", "AH", "UW"])
@pytest.mark.parametrize("name", ["george", "nicolas"])
def test_formants_are_where_the_table_says(vowel, name):
    voice = generate.VOICES[name]
    x, alignment = generate.speech(["F", vowel, "V"], voice, seed=1)
    ((_, start, end),) = [a for a in alignment if a[0] == vowel]
    spans = [round((start + (end - start) * share) * SR) for share in (0.35, 0.75)]
    found = lpc_formants(x[slice(*spans)], SR)
    phone = PHONES[vowel]
    targets = np.array([phone.formants, phone.glide or phone.formants])[:, :2] * voice.formant_scale
    for low, high in zip(targets.min(axis=0), targets.max(axis=0), strict=True):
        # The targets vary by 2 %, neighbours pull, and a harmonic comb of 100 to 200 Hz blurs LPC by half its spacing.
        slack = max(0.1 * high, 0.55 * voice.f0)
        assert np.any((found > low - slack) & (found < high + slack)), (found, low, high)


@pytest.mark.parametrize("name", list(generate.VOICES))
def test_the_voice_has_its_pitch(name):
    pitches = []
    for seed in range(8):
        x, phones = generate.formant_digit(9, voice=name, seed=seed)
        _, start, end = phones[1]
        pitches.append(fundamental(x[round(start * SR) : round(end * SR)], SR))
    assert np.median(pitches) == pytest.approx(generate.VOICES[name].f0, rel=0.15)


def test_voiced_sounds_are_low_and_hiss_is_high():
    x, phones = generate.formant_digit(6, seed=3)
    parts = [(name, x[round(a * SR) : round(b * SR)]) for name, a, b in phones]
    assert [name for name, _ in parts] == ["S", "IH", "K", "S"]
    assert band_share(parts[0][1], 2500, 4000) > 0.6
    assert band_share(parts[1][1], 0, 1000) > 0.6
    closure = parts[2][1]
    closure = closure[len(closure) // 6 : len(closure) // 2]
    assert audio.rms_dbfs(closure) < audio.rms_dbfs(parts[1][1]) - 25


@pytest.mark.parametrize("digit", range(10))
def test_alignments_tile_the_word(digit):
    x, phones = generate.formant_digit(digit, voice="theo", seed=2)
    assert phones[0][1] == 0
    assert phones[-1][2] == pytest.approx(len(x) / SR, abs=1 / SR)
    assert tuple(p for p, *_ in phones) == generate.PRONUNCIATIONS[data.WORDS[digit]]
    for (_, _, end), (_, start, _) in pairwise(phones):
        assert end == start
    assert all(end - start >= 0.02 for _, start, end in phones)
    assert x.dtype == np.float32
    assert np.abs(x).max() == pytest.approx(0.7, abs=1e-3)


def test_the_same_seed_gives_the_same_samples_and_another_does_not():
    one, again = (generate.formant_digit(4, voice="lucas", seed=5)[0] for _ in range(2))
    other = generate.formant_digit(4, voice="lucas", seed=6)[0]
    assert np.array_equal(one, again)
    assert one.shape != other.shape or not np.allclose(one, other)


def test_a_take_does_not_depend_on_what_else_is_asked_for():
    (alone,) = generate.spoken_digits(speakers=["theo"], digits=[7], takes=[3])
    among = generate.spoken_digits(speakers=["george", "theo"], digits=[7, 8], takes=[2, 3])
    (same,) = [d for d in among if d == alone]
    assert np.array_equal(same.audio(), alone.audio())


def test_other_rates_keep_the_duration():
    x, phones = generate.formant_digit(0, sr=22050)
    assert len(x) / 22050 == pytest.approx(phones[-1][2], abs=1e-3)


def test_generated_digits_stand_in_for_recorded_ones():
    digits = generate.spoken_digits(digits=[0, 1], takes=[0])
    assert isinstance(digits[0], data.Digit)
    assert [(d.speaker, d.digit) for d in digits] == [(s, d) for s in data.SPEAKERS for d in (0, 1)]
    x = digits[0].audio()
    x[:] = 0
    assert np.abs(digits[0].audio()).max() > 0.5  # a caller's changes stay his own
    durations = [len(d.audio()) / SR for d in generate.spoken_digits(takes=[0])]
    assert min(durations) > 0.2
    assert max(durations) < 1.0


def features(digit: data.Digit) -> np.ndarray:
    """13 cepstra of 32 bands at 20 equally spaced times, without their mean over time: (260,)."""
    _, _, S = scipy.signal.stft(digit.audio(), SR, nperseg=256, noverlap=176)
    bands = np.log(np.abs(S[1:]).reshape(32, 4, -1).sum(axis=1) + 1e-3)
    cepstra = scipy.fft.dct(bands, axis=0, norm="ortho")[:13]
    at = np.linspace(0, cepstra.shape[1] - 1, 20)
    cepstra = np.stack([np.interp(at, np.arange(cepstra.shape[1]), row) for row in cepstra])
    return (cepstra - cepstra.mean(axis=1, keepdims=True)).ravel()


@pytest.mark.data
@pytest.mark.slow
def test_a_recogniser_of_recorded_digits_understands_the_generated_ones():
    """Logistic regression that has heard recordings only. Chance is 10 %."""
    linear = pytest.importorskip("sklearn.linear_model")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    if store.local_count(data.dataset("spoken_digits")) < 3000:
        pytest.skip("spoken_digits is not on this machine: set COURSE_DATA_MIRROR or run `course data fetch`")
    recorded, generated = data.spoken_digits(takes=range(10)), generate.spoken_digits(takes=range(5))
    X, Y = (np.stack([features(d) for d in digits]) for digits in (recorded, generated))
    scale = preprocessing.StandardScaler().fit(X)
    model = linear.LogisticRegression(C=0.1, max_iter=500)
    model.fit(scale.transform(X), [d.digit for d in recorded])
    score = model.score(scale.transform(Y), [d.digit for d in generated])
    assert score > 0.8


def test_other_takes_are_recognised_from_a_few():
    """Nearest template over time-normalised spectra: takes 0 and 1 are templates, 2 and 3 are recognised (> 95 %)."""
    digits = generate.spoken_digits(takes=range(4))
    vectors = np.stack([features(d) for d in digits])
    label, is_template = np.array([d.digit for d in digits]), np.array([d.take < 2 for d in digits])
    distance = np.linalg.norm(vectors[~is_template][:, None] - vectors[is_template][None], axis=-1)
    right = label[is_template][distance.argmin(axis=1)] == label[~is_template]
    assert right.mean() > 0.95


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: generate.formant_digit(10), "digit 10"),
        (lambda: generate.formant_digit(1, voice="hal"), "voice 'hal'"),
        (lambda: generate.speech(["QQ"], generate.VOICES["theo"]), "QQ"),
        (lambda: generate.speech([], generate.VOICES["theo"]), "nothing"),
        (lambda: generate.spoken_digits(speakers=["hal"]), "speaker 'hal'"),
    ],
)
def test_unknown_names(call, message):
    with pytest.raises(data.DataError, match=message):
        call()
