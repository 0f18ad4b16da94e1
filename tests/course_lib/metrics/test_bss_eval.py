"""BSS-eval against mir_eval."""

import mir_eval
import numpy as np
import pytest

from course_lib.metrics import bss_eval


def test_ratios_are_those_of_mir_eval():
    rng = np.random.default_rng(0)
    reference = rng.normal(0, 1, (2, 6000))
    reference[0] = np.convolve(reference[0], np.ones(8) / 8, "same")
    estimate = reference + 0.2 * reference[::-1] + 0.05 * rng.normal(0, 1, (2, 6000))
    want = mir_eval.separation.bss_eval_sources(reference, estimate, compute_permutation=False)[:3]
    for got, right in zip(bss_eval(estimate, reference), want, strict=True):
        np.testing.assert_allclose(got, right, atol=0.05)


def test_order_of_the_sources_is_kept_and_interference_is_seen():
    rng = np.random.default_rng(1)
    reference = rng.normal(0, 1, (2, 3000))
    found = bss_eval(reference + 0.1 * reference[::-1], reference, taps=16)
    np.testing.assert_allclose(found.sir, 20, atol=0.5)
    assert (found.sar > 40).all()


def test_a_filter_within_its_taps_costs_nothing_and_a_longer_one_does():
    rng = np.random.default_rng(2)
    reference = rng.normal(0, 1, (2, 3000))
    reference[:, -40:] = 0
    late = np.roll(reference, 20, -1)
    assert (bss_eval(late, reference, taps=32).sdr > 60).all()
    assert (bss_eval(late, reference, taps=16).sdr < 0).all()


def test_a_swapped_estimate_is_not_put_right():
    reference = np.random.default_rng(3).normal(0, 1, (2, 3000))
    assert (bss_eval(reference[::-1] + 0.01, reference, taps=16).sir < 0).all()


def test_a_batch_is_scored_one_by_one_and_short_signals_shorten_the_filter():
    rng = np.random.default_rng(4)
    reference = rng.normal(0, 1, (3, 2, 60))
    estimate = reference + 0.3 * rng.normal(0, 1, reference.shape)
    whole = bss_eval(estimate, reference)
    for i in range(3):
        for got, want in zip(whole, bss_eval(estimate[i], reference[i], taps=60), strict=True):
            np.testing.assert_allclose(got[i], want, atol=1e-6)


def test_what_cannot_be_scored_is_refused():
    reference = np.random.default_rng(5).normal(0, 1, (2, 400))
    silent = reference * [[1], [0]]
    for estimate, true, message in (
        (reference[:, :300], reference, "one shape"),
        (reference[0], reference[0], "one shape"),
        (reference[:, :0], reference[:, :0], "one shape"),
        (reference * np.nan, reference, "NaN"),
        (reference, silent, "silent"),
    ):
        with pytest.raises(ValueError, match=message):
            bss_eval(estimate, true, taps=16)
