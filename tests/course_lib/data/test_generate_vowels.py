"""Generated vowels: their harmonics lie where the pitch says, their spectrum peaks where the formants are."""

import numpy as np
import pytest

from course_lib.data import DataError, generate


@pytest.mark.parametrize("formants", [(270, 2290, 3010), (730, 1090, 2440)])
def test_the_spectrum_peaks_at_the_formants(formants):
    x = generate.vowel(formants, f0=50, seconds=1.0, open_quotient=0.4)  # a low voice draws many lines
    spectrum = np.abs(np.fft.rfft(x[4000:12000] * np.hanning(8000)))  # 2 Hz per bin
    lines = np.array([spectrum[25 * h - 2 : 25 * h + 3].max() for h in range(1, 80)])
    for formant in formants[:2]:
        near = np.arange(int(formant / 50) - 4, int(formant / 50) + 4).clip(0)
        assert abs(50 * (near[np.argmax(lines[near])] + 1) - formant) <= 60


def test_pitch_level_length_and_repeat():
    x = generate.vowel([500], f0=200, seconds=0.5, sr=8000)
    assert x.shape == (4000,)
    assert x.dtype == np.float32
    assert abs(np.abs(x).max() - 0.7) < 1e-6
    autocorrelation = np.correlate(x, x, "full")[len(x) - 1 :]
    assert 30 + np.argmax(autocorrelation[30:60]) == 40
    np.testing.assert_array_equal(x, generate.vowel([500], f0=200, seconds=0.5, sr=8000))
    assert np.abs(generate.vowel([500], breathiness=0.5, seed=1) - generate.vowel([500], breathiness=0.5)).max() > 0.01


def test_a_contour_moves_the_pitch():
    x = generate.vowel([500], f0=[100, 200], seconds=1.0)
    half = len(x) // 4
    crossings = [np.sum(np.diff(np.sign(np.convolve(part, np.ones(60), "same"))) > 0) for part in (x[:half], x[-half:])]
    assert crossings[1] > 1.2 * crossings[0]


def test_a_high_third_formant_pushes_the_missing_ones_up():
    low, high = (generate.vowel((370, 3200, third), f0=250) for third in (3730, 3731))
    assert np.abs(low - high).max() < 0.05
    assert np.isfinite(generate.vowel((500, 1500, 7600))).all()


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"formants": []}, "one to five"), ({"formants": [900, 500]}, "must rise"), ({"bandwidths": [50]}, "bandwidth"),
     ({"f0": 5}, "between 20"), ({"seconds": 0.0}, "seconds"), ({"formants": [9000]}, "one to five")],
)
def test_bad_input_is_named(changed, words):
    with pytest.raises(DataError, match=words):
        generate.vowel(**({"formants": [500, 1500]} | changed))
