"""nbgrader reads this in the checkout: formgrader and every stock `nbgrader` command work on the course as it is.

source = solutions, release = notebooks, everything else below build/, which git ignores.
"""

import contextlib
import os
import sys
from pathlib import Path

from autograder.evidence.secret import grading_seed

ROOT = Path(__file__).resolve().parent
BUILD = ROOT / "build"

# nbgrader calls `alembic` by name: without an activated environment it lies beside this Python, but not on the path.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

c = get_config()  # noqa: F821 - traitlets defines it

c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.course_id = "deep_audio"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.submitted_directory = str(Path("build", "submitted"))
c.CourseDirectory.autograded_directory = str(Path("build", "autograded"))
c.CourseDirectory.feedback_directory = str(Path("build", "feedback"))
c.CourseDirectory.solution_directory = str(Path("build", "solution"))
c.Exchange.root = str(BUILD / "exchange")  # nbgrader's own default is a system folder that few machines have
# Another database, for example COURSE_GRADEBOOK_URL=postgresql://user:password@host/name; psycopg is its driver here.
c.CourseDirectory.db_url = os.environ.get("COURSE_GRADEBOOK_URL", f"sqlite:///{BUILD / 'gradebook.db'}").replace(
    "postgresql://", "postgresql+psycopg://", 1)
# nbgrader copies every other file beside a source notebook into the release: the percent source holds the solutions.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.py", "*.json", "*.toml", ".*",
]

# The same steps as `course build`, with the gradebook: formgrader's "generate" makes the notebook that is committed.
# Mark schemes go before the checksums (in stock nbgrader, after): so an explain question left blank scores 0 by itself.
c.GenerateAssignment.preprocessors = [
    f"nbgrader.preprocessors.{name}"
    for name in (
        "LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata", "ClearMarkScheme", "ComputeChecksums",
        "SaveCells", "ClearHiddenTests", "ComputeChecksums", "CheckCellMetadata",
    )
] + ["autograder.release.FinishRelease"]
# Explain questions are answer cells; nbgrader expects mark schemes in its "task" cells only.
c.ClearMarkScheme.enforce_metadata = False

c.Execute.timeout = 600  # seconds per cell; nbgrader's own 30 s end the first import of a cold machine


# Kernels inherit it. A read-only checkout (a student's image) validates with the public seed.
with contextlib.suppress(OSError):
    os.environ.setdefault("COURSE_GRADING_SEED", grading_seed(BUILD))
