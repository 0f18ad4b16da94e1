"""Private random inputs for graded checks: the same whenever the same private seed is set."""

import hashlib
import os

import numpy as np

SEED_VARIABLE = "COURSE_GRADING_SEED"


def grading_rng(purpose: str = "") -> np.random.Generator:
    """A generator seeded from the private grading seed of this run and `purpose`.

    The seed comes from the environment variable COURSE_GRADING_SEED (any text; `nbgrader_config.py` sets it from a
    secret of the course). Without it the seed is a fixed one, so that a solved notebook gives the same result twice.
    """
    return seeded_rng(os.environ.get(SEED_VARIABLE, "no private seed"), purpose)


def seeded_rng(seed: str, purpose: str = "") -> np.random.Generator:
    """`grading_rng` with the private seed handed in: the autograder has one per student and exercise."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(f"{seed}/{purpose}".encode()).digest()[:16], "big"))


def visible_rng(rng: np.random.Generator | None) -> np.random.Generator:
    """`rng` itself, or the fixed public generator that the visible checks use."""
    return np.random.default_rng(2026) if rng is None else rng
