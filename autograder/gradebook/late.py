"""What lateness costs."""

import math
from dataclasses import dataclass

DAY = 24 * 3600


@dataclass(frozen=True)
class LateRule:
    """The section [late] of grading.toml.

    Args:
        per_day: share taken for each day that has begun after the due date (extensions included).
        of: of what: the "score" reached so far, or the "points" of the unit.
        at_most: the largest share.
        grace_minutes: lateness that is forgiven whole; beyond it the count starts at the due date.
        nothing_after_days: after so many days the whole score is taken; None: never.
    """

    per_day: float = 0.0
    of: str = "score"
    at_most: float = 1.0
    grace_minutes: float = 0.0
    nothing_after_days: float | None = None

    def penalty(self, seconds_late: float, score: float, points: float) -> float:
        """Points to take, between 0 and `score`.

        >>> LateRule(per_day=0.1).penalty(1.5 * 24 * 3600, score=8.0, points=10.0)
        1.6
        """
        if seconds_late <= 60 * self.grace_minutes or score <= 0:
            return 0.0
        if self.nothing_after_days is not None and seconds_late > self.nothing_after_days * DAY:
            return score
        share = min(self.at_most, self.per_day * math.ceil(seconds_late / DAY))
        return round(min(score, share * (points if self.of == "points" else score)), 6)
