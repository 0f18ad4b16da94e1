"""Checks of unit 12_ctc: the map B, path sums, forward-backward, the gradient at the logits, prefix beam search.

Right values come from the enumeration of all paths (`oracles`) and, for long inputs, from `torch.nn.functional`.
"""

from course_lib.checks.ctc.beam import prefix_beam_search
from course_lib.checks.ctc.gradient import logit_gradient
from course_lib.checks.ctc.paths import collapse, label_probability
from course_lib.checks.ctc.recursion import forward_backward

__all__ = ["collapse", "forward_backward", "label_probability", "logit_gradient", "prefix_beam_search"]
