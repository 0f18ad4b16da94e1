"""Ideal masks: definitions bin by bin, sum to one everywhere, silent bins, numpy and torch."""

import numpy as np
import pytest
import torch

from course_lib.signal.ideal_masks import ideal_binary_mask, ideal_ratio_mask, phase_sensitive_mask, wiener_mask


def spectra(sources=3, seed=0):
    rng = np.random.default_rng(seed)
    S = rng.normal(size=(2, sources, 5, 7)) + 1j * rng.normal(size=(2, sources, 5, 7))
    S[:, :, 1, 2] = 0      # all silent
    S[:, 0, 3, 3] = 0      # one silent
    return S


@pytest.mark.parametrize("mask", [ideal_binary_mask, ideal_ratio_mask, wiener_mask])
@pytest.mark.parametrize("scale", [1.0, 1e-25, 1e20])
def test_sum_to_one_in_every_bin(mask, scale):
    S = (spectra() * scale).astype(np.complex64)
    M = mask(S)
    np.testing.assert_allclose(M.sum(1), 1, atol=1e-6)
    assert isinstance(M, np.ndarray)
    torch.testing.assert_close(mask(torch.tensor(S)), torch.tensor(M))


@pytest.mark.parametrize(("mask", "power"), [(ideal_ratio_mask, 1), (wiener_mask, 2)])
def test_shares_bin_by_bin(mask, power):
    S = spectra()
    M = mask(S)
    for b, j, f, t in np.ndindex(S.shape):
        total = sum(abs(S[b, i, f, t]) ** power for i in range(3))
        assert M[b, j, f, t] == pytest.approx(abs(S[b, j, f, t]) ** power / total if total else 1 / 3)


def test_binary_mask_and_ties():
    S = spectra()
    M = ideal_binary_mask(S)
    assert set(np.unique(M)) == {0.0, 1.0}
    assert (M.argmax(1) == abs(S).argmax(1)).all()
    assert ideal_binary_mask(np.ones((2, 1, 1))).tolist() == [[[1.0]], [[0.0]]]


def test_phase_sensitive_mask_is_the_best_real_mask_in_0_to_1():
    S = spectra(2)
    M, X = phase_sensitive_mask(S), S.sum(1, keepdims=True)
    error = abs(M * X - S) ** 2
    for other in np.linspace(0, 1, 21):
        assert (error <= abs(other * X - S) ** 2 + 1e-12).all()
    assert M[:, :, 1, 2].tolist() == [[0, 0], [0, 0]]
