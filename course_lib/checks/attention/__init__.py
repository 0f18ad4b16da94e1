"""Checks of unit 14_attention: masked bilinear attention, additive attention and context, monotone alignment, PCAS.

Right values come from torch's own attention, from loops over single scores, from the enumeration of all monotone paths
and from elementary intervals (`oracles`).
"""

from course_lib.checks.attention.additive import additive_attention
from course_lib.checks.attention.alignment import align
from course_lib.checks.attention.bilinear import bilinear_attention
from course_lib.checks.attention.segments import correctly_aligned

__all__ = ["additive_attention", "align", "bilinear_attention", "correctly_aligned"]
