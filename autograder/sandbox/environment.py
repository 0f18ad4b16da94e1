"""The environment variables of a student's process: named one by one, nothing inherited."""

import sys
from pathlib import Path

from autograder.sandbox.view import View

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS")


def environment(view: View, home: Path) -> dict[str, str]:
    """All variables.

    Args:
        view: what can be seen; its places go into PYTHONPATH.
        home: the folder that may be written.
    """
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": ":".join(map(str, view.path)),
        "PYTHONSAFEPATH": "1",  # else a submitted numpy.py wins
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # the same order of sets in every grading
        "PYTHONIOENCODING": "utf-8:replace",
        "HOME": str(home),
        "TMPDIR": str(home),
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "NUMBA_CACHE_DIR": "/tmp/.numba",  # see inside.numba_cache
        "COURSE_PROFILE": "smoke",
        **dict.fromkeys(THREADS, "1"),
        **view.environment,
    }
