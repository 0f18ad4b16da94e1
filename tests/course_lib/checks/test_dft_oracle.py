"""The oracles of unit 01's checks against closed forms and against the signal written out."""

import numpy as np
import pytest
import scipy.signal
import torch

from course_lib.checks.dft import oracle, tones


@pytest.mark.parametrize(("name", "width", "side"), [
    ("boxcar", 1.207, -13.26), ("hann", 2.0, -31.47), (("chebwin", 70), None, -70.0)])
def test_window_shape_gives_published_and_designed_values(name, width, side):
    # A Chebyshev window has equal side lobes only as it was designed: symmetric.
    got = oracle.window_shape(3 * scipy.signal.get_window(name, 400, fftbins=isinstance(name, str)))
    assert got[1] == pytest.approx(side, abs=0.02)
    assert width is None or got[0] == pytest.approx(width, abs=0.001)


def test_random_windows_end_their_main_lobe_where_the_oracle_looks():
    rng = np.random.default_rng(0)
    for name in ("hamming", "chebwin", "kaiser", "boxcar", "hann", "gauss", "blackman", "taylor"):
        for length in (24, 61, 99):
            w = oracle.window(rng, name, length)
            assert oracle.first_minimum(w) < 6
            assert -91 < oracle.window_shape(w)[1] < -13


@pytest.mark.parametrize("name", tones.NAMES)
def test_dips_by_shifted_windows_equal_dips_of_the_signal(name):
    low, high, sr = 171.3, 203.9, 1000
    table = tones.dips(low, high, sr, name, 120)
    for length in (2, 3, 40, 41, 120):
        t = (np.arange(length) - length / 2) / sr
        w = scipy.signal.get_window(name, length)
        x = w * (np.cos(2 * np.pi * low * t) + np.cos(2 * np.pi * high * t))
        one, middle, other = (abs(x @ np.exp(-2j * np.pi * f * t)) for f in (low, (low + high) / 2, high))
        assert table[length] == pytest.approx(20 * np.log10(min(one, other) / middle), abs=1e-8)


def test_two_tones_are_decided_and_every_fourth_pair_cannot_be_parted():
    rng = np.random.default_rng(1)
    for case in range(8):
        low, high, sr, name, longest, want = tones.two_tones(rng, case)
        assert want == tones.resolving_length(tones.dips(low, high, sr, name, longest))
        assert (want == 0) == (case % 4 == 3)
        assert 0 < low < high < sr / 2


@pytest.mark.parametrize(("low", "high", "sr", "name", "longest", "want"), tones.HARD)
def test_hard_pairs_have_their_length_and_are_decided(low, high, sr, name, longest, want):
    table = tones.dips(low, high, sr, name, longest)
    assert want == tones.resolving_length(table)
    assert np.nanmin(np.abs(table - tones.DIP_DB)) > 1e-3


def test_hard_pairs_refuse_searches_that_do_not_try_every_length():
    tables = [(tones.dips(*pair), want) for *pair, want in tones.HARD]
    for search in (tones.downwards, tones.bisected):
        assert any(search(table) != want for table, want in tables)


def test_orthogonal_vectors_are_orthogonal_and_of_different_length():
    V = oracle.orthogonal(np.random.default_rng(2), 5, 9, complex_values=True)
    gram = V @ V.conj().T
    np.testing.assert_allclose(gram - np.diag(np.diag(gram)), 0, atol=1e-12)
    assert np.ptp(np.diag(gram).real) > 0.5
    c, approximation = oracle.project(torch.zeros(2, 9, dtype=torch.complex64), torch.from_numpy(V))
    assert c.shape == (2, 5)
    assert not approximation.any()
