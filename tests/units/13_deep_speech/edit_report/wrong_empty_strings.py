"""An empty string stands where one side has no symbol.

Expect: the pair has None
"""
from course_lib import metrics


def edit_report(references, hypotheses):
    counts = metrics.error_rate(references, hypotheses)
    alignments = [
        [("" if a is None else a, "" if b is None else b) for a, b in metrics.edit_alignment(r, h)]
        for r, h in zip(references, hypotheses, strict=True)
    ]
    return {
        "substitutions": counts.substitutions, "deletions": counts.deletions, "insertions": counts.insertions,
        "rate": counts.rate, "alignments": alignments,
    }
