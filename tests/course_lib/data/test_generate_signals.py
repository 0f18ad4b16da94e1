"""Tones, chirps, noise, clicks, notes and chorales against closed forms and spectra."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import data
from course_lib.data import generate

SR = 22050


@settings(max_examples=30, deadline=None)
@given(frequency=st.floats(20, 10000), phase=st.floats(-3, 3), duration=st.floats(0.01, 0.5))
def test_tone_obeys_the_recurrence_of_a_sine(frequency, phase, duration):
    """sin((n+1)w) + sin((n-1)w) = 2 cos(w) sin(nw): no sine is computed in the oracle."""
    x = generate.tone(frequency, duration, SR, phase=phase).astype(float)
    assert len(x) == round(duration * SR)
    assert np.allclose(x[2:] + x[:-2], 2 * np.cos(2 * np.pi * frequency / SR) * x[1:-1], atol=1e-6)
    assert x[0] == pytest.approx(0.5 * np.sin(phase), abs=1e-6)


def test_a_long_tone_stays_in_tune():
    """After ten minutes the phase is still right, which float32 time would not give."""
    x = generate.tone(1000, 600, 8000)
    # 8 samples per period, 600 s are whole periods; float64 rounds a phase of 4e6 radians by 5e-10.
    assert np.allclose(x[:8], x[-8:], atol=1e-8)


@pytest.mark.parametrize("log", [False, True])
def test_chirp_passes_the_frequencies_it_names(log):
    x = generate.chirp(200, 3200, 2.0, SR, log=log)
    frequency = np.diff(np.unwrap(np.angle(scipy.signal.hilbert(x.astype(float))))) * SR / (2 * np.pi)
    middle = frequency[SR - 50 : SR + 50].mean()
    assert middle == pytest.approx(800 if log else 1700, rel=0.01)
    assert frequency[500:600].mean() < 300
    assert frequency[-600:-500].mean() > 2900


def test_vibrato_swings_by_its_depth_at_its_rate():
    x = generate.vibrato(1000, 2.0, SR, rate=5, depth=100)
    frequency = np.diff(np.unwrap(np.angle(scipy.signal.hilbert(x.astype(float))))) * SR / (2 * np.pi)
    cents = 1200 * np.log2(frequency[4000:-4000] / 1000)
    assert cents.max() == pytest.approx(100, abs=5)
    assert cents.min() == pytest.approx(-100, abs=5)
    swings = np.abs(np.fft.rfft(cents * np.hanning(len(cents)), 1 << 19))
    assert np.argmax(swings) * SR / (1 << 19) == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize(("colour", "slope"), [("white", 0), ("pink", -3.01), ("brown", -6.02)])
def test_noise_has_its_slope_per_octave(colour, slope):
    x = generate.noise(20, SR, colour=colour, rms=0.1, seed=1)
    assert np.sqrt(np.mean(x**2)) == pytest.approx(0.1, rel=0.02)
    f, p = scipy.signal.welch(x, SR, nperseg=4096)
    keep = (f > 100) & (f < 8000)
    fit = np.polyfit(np.log2(f[keep]), 10 * np.log10(p[keep]), 1)
    assert fit[0] == pytest.approx(slope, abs=0.15)


def test_noise_repeats_by_seed():
    assert np.array_equal(generate.noise(0.1, seed=3), generate.noise(0.1, seed=3))
    assert not np.array_equal(generate.noise(0.1, seed=3), generate.noise(0.1, seed=4))


def test_clicks_start_where_they_should():
    times = [0.1, 0.5, 0.99]
    x = generate.clicks(times, 1.0, 8000)
    starts = np.flatnonzero((np.abs(x[1:]) > 0.4) & (np.abs(x[:-1]) < 0.01)) + 1
    assert starts.tolist() == [800, 4000, 7920]
    assert generate.clicks([], 0.5, 8000).max() == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: generate.tone(12000, sr=22050),
        lambda: generate.tone(-1),
        lambda: generate.tone(440, 0),
        lambda: generate.tone(440, sr=0),
        lambda: generate.tone(440, amplitude=1.5),
        lambda: generate.tone(float("nan")),
        lambda: generate.chirp(0, 100, log=True),
        lambda: generate.vibrato(11000, depth=100),
        lambda: generate.noise(colour="blue"),
        lambda: generate.clicks([1.0], 1.0),
        lambda: generate.clicks([-0.1]),
        lambda: generate.instrument_note(5),
        lambda: generate.instrument_note(60, "kazoo"),
        lambda: generate.instrument_note(60, dynamic="loud"),
        lambda: generate.instrument_note(60, duration=0),
        lambda: generate.example("waltz"),
    ],
)
def test_bad_requests_are_data_errors(call):
    with pytest.raises(data.DataError):
        call()


@pytest.mark.parametrize("instrument", data.INSTRUMENTS)
def test_a_note_has_its_pitch_and_no_other_partials(instrument):
    sr, midi = 22050, 57
    x = generate.instrument_note(midi, instrument, duration=1.0, sr=sr, dynamic="piano")
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x)), 1 << 17)) ** 2
    f = np.fft.rfftfreq(1 << 17, 1 / sr)
    harmonic = np.round(f / 220) * 220
    near = (np.abs(f - harmonic) < 0.02 * np.maximum(harmonic, 1) + 4) & (harmonic > 0)
    assert spectrum[near].sum() / spectrum.sum() > 0.98
    first = f[np.argmax(spectrum * (f < 320))]
    assert 1200 * abs(np.log2(first / 220)) < 35


def test_louder_is_brighter_and_the_clarinet_lacks_even_harmonics():
    def centroid(x):
        s = np.abs(np.fft.rfft(x)) ** 2
        return (s * np.arange(len(s))).sum() / s.sum()

    soft, loud = (generate.instrument_note(60, "oboe", dynamic=d) for d in ("pianissimo", "fortissimo"))
    assert centroid(loud) > 1.2 * centroid(soft)
    assert np.abs(loud).max() > 4 * np.abs(soft).max()
    spectrum = np.abs(np.fft.rfft(generate.instrument_note(57, "clarinet", sr=22050)))
    assert spectrum[640:680].max() > 2 * spectrum[420:460].max()  # 660 Hz over 440 Hz, 1 Hz per bin


def test_generated_notes_stand_in_for_recorded_ones():
    notes = generate.instrument_notes(instruments=["flute", "cello"], pitches=[36, 69], dynamics=["forte"])
    assert [(n.instrument, n.name) for n in notes] == [("cello", "C2"), ("cello", "A4"), ("flute", "A4")]
    assert isinstance(notes[0], data.Note)
    assert len(notes[0].audio(sr=8000)) == 8000


def test_chorales_are_singable():
    pieces = generate.chorales(30, seed=1)
    assert len(pieces) == 30
    for piece in pieces:
        assert piece.dtype == np.int64
        assert piece.shape[1] == 4
        assert np.all(np.diff(piece, axis=1) <= 0)  # soprano on top, no crossing
        assert piece.min() >= 36
        assert piece.max() <= 81
        assert np.abs(np.diff(piece[:, 0])).max() <= 12
        # The last two chords are dominant and tonic: the roots lie a fourth apart.
        assert (piece[-1, 3] - piece[-9, 3]) % 12 == 5
    assert all(np.array_equal(a, b) for a, b in zip(pieces, generate.chorales(30, seed=1), strict=True))


@pytest.mark.parametrize("key", ["libri2", "robin", "choice", "trumpet"])
def test_generated_examples_are_sound(key):
    x, sr = generate.example(key, sr=16000)
    assert sr == 16000
    assert x.dtype == np.float32
    assert 4 < len(x) / sr < 25
    assert np.sqrt(np.mean(x**2)) > 0.01
    assert np.abs(x).max() <= 1.05  # resampling rings at the peaks
