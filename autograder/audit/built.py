"""The committed notebooks are what the source gives, and the release holds nothing of a solution."""

from autograder.audit.subject import AuditedUnit
from autograder.build import Built, build_unit, differences
from autograder.errors import CourseError


def judge_built(audited: AuditedUnit) -> Built | None:
    """Build in memory, which passes the leak gate, and compare with the disk; leaks and differences are reported."""
    report = audited.report
    try:
        built = build_unit(audited.course, audited.unit)
    except CourseError as error:
        report.leaks = len(getattr(error, "errors", [error]))
        report.fail_from("leak", error)
        return None
    report.leaks = 0
    for error in differences(built):
        report.fail_from("build", error)
    return built
