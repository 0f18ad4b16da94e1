"""Scores against torchmetrics and mir_eval; improvement and best permutation."""

import warnings

import numpy as np
import pytest
import torch

from course_lib.metrics import sdr, separation_scores, si_sdr


def test_si_sdr_in_numpy_and_torch_and_far_beyond_the_loss():
    audio = pytest.importorskip("torchmetrics.functional.audio")
    rng = np.random.default_rng(0)
    r = rng.normal(size=(2, 3, 500))
    e = r + 1e-6 * rng.normal(size=r.shape)
    want = audio.scale_invariant_signal_noise_ratio(torch.tensor(e), torch.tensor(r)).numpy()
    got = si_sdr(e, r)
    assert isinstance(got, np.ndarray)
    np.testing.assert_allclose(got, want, atol=1e-3)
    assert got.min() > 110
    np.testing.assert_array_equal(si_sdr(torch.tensor(e), torch.tensor(r)).numpy(), got)


def test_si_sdr_of_silence():
    value = si_sdr(np.zeros(50), np.random.default_rng(0).normal(size=50))
    assert not np.isnan(value)


def test_sdr_equals_mir_eval():
    pytest.importorskip("fast_bss_eval")
    separation = pytest.importorskip("mir_eval.separation")
    rng = np.random.default_rng(1)
    r = rng.normal(size=(2, 4000))
    e = r + 0.3 * rng.normal(size=r.shape) + 0.2 * r[::-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = separation.bss_eval_sources(r, e, compute_permutation=False)[0]
    np.testing.assert_allclose(sdr(e, r), want, atol=0.05)


def test_improvement_is_zero_for_the_mixture_and_order_does_not_matter():
    reference = torch.randn(3, 2, 400)
    mixture = reference.sum(1)
    same = separation_scores(mixture[:, None].expand(-1, 2, -1), reference, mixture)
    torch.testing.assert_close(same.improvement, torch.zeros(3, dtype=torch.float64))
    estimate = reference + 0.1 * torch.randn(3, 2, 400)
    a, b = (separation_scores(x, reference, mixture) for x in (estimate, estimate.flip(1)))
    torch.testing.assert_close(a.improvement, b.improvement)
    torch.testing.assert_close(b.estimate, estimate)
    torch.testing.assert_close(a.si_sdr, si_sdr(estimate, reference).mean(-1))
    assert (a.improvement > 15).all()
