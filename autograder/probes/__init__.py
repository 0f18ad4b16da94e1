"""What `course doctor` looks at: each probe returns findings with a state, what was seen, and a mend."""

from collections.abc import Callable

from autograder.probes.finding import Finding
from autograder.probes.isolation import sandbox
from autograder.probes.libraries import packages, python, torch_pair
from autograder.probes.notebooks import jupyter
from autograder.probes.surroundings import data, disk, settings

__all__ = ["PROBES", "Finding"]

PROBES: tuple[Callable[[], list[Finding]], ...] = (
    python, torch_pair, packages, jupyter, data, disk, settings, sandbox,
)
