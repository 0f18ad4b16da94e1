"""Stock `nbgrader autograde`, and the Autograde button of formgrader, refuse unless they are asked twice.

They run a student's code as the instructor, unprotected, with the hidden tests in reach. nbgrader_config.py puts this
step in front of them.
"""

import os

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

ALLOW = "COURSE_STOCK_AUTOGRADE"


class RefuseUnprotected(Preprocessor):
    """The first step of autograde: ends it, unless COURSE_STOCK_AUTOGRADE=1 says that the work is trusted."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Let the notebook pass, or raise.

        Raises:
            RuntimeError: with what to do instead.
        """
        if os.environ.get(ALLOW) != "1":
            raise RuntimeError(
                "stock autograde runs students' code unprotected on this machine. Use `course grade UNIT`; for work "
                f"that you trust, set {ALLOW}=1."
            )
        return nb, resources
