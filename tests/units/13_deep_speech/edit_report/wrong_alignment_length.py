"""The rate is divided by the length of the alignments.

Expect: the length of the alignments
"""
from course_lib import metrics


def edit_report(references, hypotheses):
    counts = metrics.error_rate(references, hypotheses)
    alignments = [metrics.edit_alignment(r, h) for r, h in zip(references, hypotheses, strict=True)]
    length = sum(map(len, alignments))
    return {
        "substitutions": counts.substitutions, "deletions": counts.deletions, "insertions": counts.insertions,
        "rate": counts.errors / length, "alignments": alignments,
    }
