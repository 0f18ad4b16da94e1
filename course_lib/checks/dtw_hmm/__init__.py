"""Checks of unit 11_dtw_hmm: warping, EM, forward, Viterbi, a smoothed bigram, scaled likelihoods.

Right values come from the enumeration of all paths and from recursions of another kind (`oracle`); what the usual
mistakes give stands in `mistakes`.
"""

from course_lib.checks.dtw_hmm.alignment import dtw
from course_lib.checks.dtw_hmm.best_path import viterbi
from course_lib.checks.dtw_hmm.language import witten_bell
from course_lib.checks.dtw_hmm.mixture import em_step
from course_lib.checks.dtw_hmm.recursion import forward
from course_lib.checks.dtw_hmm.scaled import scaled_log_likelihoods

__all__ = ["dtw", "em_step", "forward", "scaled_log_likelihoods", "viterbi", "witten_bell"]
