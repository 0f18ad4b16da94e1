"""What every check is made of: subjects, comparisons with teaching messages, private random numbers."""

from course_lib.checks.core.compare import expect_close, expect_equal
from course_lib.checks.core.failure import CheckFailed, expect, passed
from course_lib.checks.core.rng import grading_rng, visible_rng
from course_lib.checks.core.subject import (
    LocalModule,
    LocalSubject,
    ModuleSubject,
    Subject,
    register_subject_type,
    subject,
)
from course_lib.checks.core.values import Data, as_array, describe, fresh, to_data

__all__ = [
    "CheckFailed",
    "Data",
    "LocalModule",
    "LocalSubject",
    "ModuleSubject",
    "Subject",
    "as_array",
    "describe",
    "expect",
    "expect_close",
    "expect_equal",
    "fresh",
    "grading_rng",
    "passed",
    "register_subject_type",
    "subject",
    "to_data",
    "visible_rng",
]
