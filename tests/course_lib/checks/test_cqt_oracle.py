"""The oracles of unit 03's checks against librosa, against the library, and by shift."""

import numpy as np
import pytest

from course_lib import signal
from course_lib.checks.cqt import oracle

SR = 8000.0


def test_lengths_are_those_of_the_library():
    midi = np.array([40.0, 52.5, 90.0])
    frequencies = 440 * 2 ** ((midi - 69) / 12)
    for bins_per_octave, cw in ((12, 1.0), (36, 2.0)):
        want = signal.cqt_lengths(frequencies, SR, bins_per_octave=bins_per_octave, cw=cw)
        np.testing.assert_allclose(oracle.window_lengths(midi, SR, bins_per_octave, cw), want)


def test_kernels_then_spectra_then_frames_give_the_definition():
    frequencies = 220 * 2 ** (np.arange(12) / 12)
    lengths = SR / (2 ** (1 / 12) - 1) / frequencies
    x = np.random.default_rng(0).standard_normal(3000)
    kernels = oracle.kernel_bank(frequencies, lengths, SR, 1024)
    want = oracle.constant_q(x, SR, 200, frequencies, 12)
    np.testing.assert_allclose(oracle.cqt(x, oracle.spectral_kernels(kernels, 0.0), 200), want, atol=1e-12)
    np.testing.assert_allclose(signal.cqt(x, SR, hop=200, f_min=220.0, n_bins=12), want, atol=2e-3)


def test_librosa_agrees_in_the_interior():
    librosa = pytest.importorskip("librosa")
    sr, bins = 22050, 36
    x = np.random.default_rng(1).standard_normal(3 * sr)
    frequencies = 220 * 2 ** (np.arange(bins) / 12)
    ours = oracle.constant_q(x, sr, 512, frequencies, 12)[:, 20:-20]
    # librosa measures Q to both sides: filter_scale undoes it.
    scale = (2 ** (2 / 12) - 1) / (2 ** (2 / 12) + 1) / (2 ** (1 / 12) - 1)
    theirs = librosa.cqt(x, sr=sr, fmin=220.0, n_bins=bins, filter_scale=scale, sparsity=0.0)[:, 20:-20]
    theirs = theirs / np.sqrt(sr / (2 ** (1 / 12) - 1) / frequencies)[:, None]
    for a, b in zip(ours, theirs, strict=True):
        assert np.linalg.norm(a - b) < 0.02 * np.linalg.norm(a)


def test_a_harmonic_layer_is_a_shift():
    x = np.random.default_rng(2).standard_normal(900)
    stack = oracle.hcqt(x, SR, 100, 110.0, 14, 12, [0, 2])
    np.testing.assert_allclose(stack[0, 2:], stack[1, :-2], atol=1e-12)
