"""BSS-eval against mir_eval."""

import mir_eval
import numpy as np

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
