"""The record of one graded submission: what was graded, under which conditions, and what came of it."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from autograder.errors import CourseError
from autograder.model.examination import STATUSES, CellFault, CheckResult, Examination
from autograder.model.submission import Repair, Submission

FORMAT = 1
ABOUT_THE_RUN = ("started", "worker", "trouble")
SEPARATE = ("results", "faults")


@dataclass(frozen=True)
class Conditions:
    """What else decides a verdict, and where it was found.

    Args:
        key: names the result: a hash of all that decides the verdict.
        release_sha256, tests_sha256, environment_sha256: of the release, of the graded cells with the checks they
            call, and of the versions of Python and the libraries.
        grader: version of the grader.
        seed_hmac: tells one private seed from another without giving it away.
        limits: as `asdict(Limits)`, before extra time.
        extra_time: factor on all times.
        attachments_sha256: name → hash of each further file.
        started: ISO 8601 time with zone.
        worker: which process did it, for people.
        trouble: why the grader itself failed, or None.
    """

    key: str
    release_sha256: str
    tests_sha256: str
    environment_sha256: str
    grader: str
    seed_hmac: str
    limits: dict[str, int | float]
    extra_time: float
    attachments_sha256: dict[str, str]
    started: str
    worker: str
    trouble: str | None = None


@dataclass(frozen=True)
class Record:
    """One graded submission as plain data; `to_json` gives what is stored and chained.

    Args:
        unit, student, name, received, origin: whose work, and from where.
        answers: grade_id → source, None where none was found.
        flags: what a person should look at.
        refused: why the file could not be read, or None.
        results, faults: the verdict, the same whenever the same work is graded under the same conditions.
        run: what was measured: started, seconds, exercise_seconds, peak_bytes, output, output_bytes, sessions, worker,
            trouble (why the grader itself failed; such a result is not kept).

    The rest is as in `Conditions`.
    """

    unit: str
    student: str
    name: str
    received: str | None
    origin: str
    submission_sha256: str
    attachments_sha256: dict[str, str]
    release_sha256: str
    tests_sha256: str
    environment_sha256: str
    grader: str
    seed_hmac: str
    key: str
    limits: dict[str, int | float]
    sandbox: str
    extra_time: float
    answers: dict[str, str | None]
    repairs: tuple[Repair, ...]
    flags: tuple[str, ...]
    refused: str | None
    results: tuple[CheckResult, ...]
    faults: tuple[CellFault, ...]
    run: dict[str, Any]

    @classmethod
    def make(
        cls, unit: str, submission: Submission, examination: Examination, conditions: Conditions,
        flags: tuple[str, ...] = (),
    ) -> "Record":
        """The record of an examination; `flags` come after the submission's own."""
        known = {name: value for name, value in vars(conditions).items() if name not in ABOUT_THE_RUN}
        run = {name: getattr(conditions, name) for name in ABOUT_THE_RUN} | {
            "seconds": round(examination.seconds, 3),
            "exercise_seconds": {k: round(v, 3) for k, v in (examination.exercise_seconds or {}).items()},
            "peak_bytes": examination.peak_bytes, "output": examination.output,
            "output_bytes": examination.output_bytes, "sessions": examination.sessions,
        }
        return cls(
            unit=unit, student=submission.student, name=submission.name, received=submission.received,
            origin=submission.origin, submission_sha256=submission.sha256, sandbox=examination.sandbox,
            answers=dict(submission.answers), repairs=submission.repairs, flags=(*submission.flags, *flags),
            refused=submission.refused, results=examination.results, faults=examination.faults, run=run, **known,
        )

    @property
    def score(self) -> float:
        """Points so far, before a person graded the rest and before any penalty."""
        return sum(r.score or 0.0 for r in self.results)

    @property
    def points(self) -> float:
        """The most."""
        return sum(r.points for r in self.results)

    def examination(self) -> Examination:
        """The examination that this record was made of."""
        run = {name: self.run[name] for name in self.run if name not in ABOUT_THE_RUN}
        return Examination(self.results, self.faults, self.sandbox, **run)

    def verdict(self) -> dict[str, Any]:
        """The part that must be the same whenever the same work is graded again; equals `Examination.verdict()`."""
        return self.examination().verdict()

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json`."""
        data = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in SEPARATE}
        data["repairs"] = [asdict(repair) for repair in self.repairs]
        data["flags"] = list(self.flags)
        return {"format": FORMAT, **data, "verdict": self.verdict(), "score": self.score, "points": self.points}

    def lasting(self) -> dict[str, Any]:
        """`to_json` without what differs from run to run."""
        return {key: value for key, value in self.to_json().items() if key != "run"}

    @classmethod
    def from_json(cls, data: Any) -> "Record":
        """The record that `to_json` wrote.

        Raises:
            CourseError: it is not one, with the entry that is wrong.
        """
        try:
            return _read(data)
        except (KeyError, TypeError, ValueError) as error:
            what = f"no entry {error}" if isinstance(error, KeyError) else str(error)
            raise CourseError(f"not a record of format {FORMAT}: {what}") from None


def renewed(data: dict[str, Any]) -> dict[str, Any]:
    """A record's JSON as this version writes it, so that two can be compared; what cannot be read stays as it is."""
    try:
        return Record.from_json(data).to_json()
    except CourseError:
        return data


def _read(data: Any) -> Record:
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError("it has another format")
    plain = {key: value for key, value in data.items() if key not in ("format", "verdict", "score", "points")}
    unknown = sorted(set(plain) - {field.name for field in fields(Record)})
    if unknown:
        raise ValueError(f"unknown entry {unknown[0]!r}")
    for names, kinds in KINDS.items():
        for name in names.split():
            if not isinstance(data[name], kinds) or isinstance(data[name], bool):
                raise TypeError(f"{name} is of the wrong kind")
    _texts("answers", data["answers"], (str, type(None)))
    _texts("attachments_sha256", data["attachments_sha256"], str)
    if not all(isinstance(flag, str) for flag in data["flags"]):
        raise TypeError("flags is of the wrong kind")
    record = Record(**plain | {
        "repairs": tuple(Repair(**entry) for entry in data["repairs"]), "flags": tuple(data["flags"]),
        "results": tuple(CheckResult(**entry) for entry in data["verdict"]["results"]),
        "faults": tuple(CellFault(**entry) for entry in data["verdict"]["faults"]),
    })
    _check_results(record, data)
    return record


KINDS: dict[str, tuple[type, ...]] = {
    "unit student name origin submission_sha256 release_sha256 tests_sha256 environment_sha256 grader seed_hmac key "
    "sandbox": (str,),
    "received refused": (str, type(None)),
    "extra_time score points": (int, float),
    "limits answers attachments_sha256 run verdict": (dict,),
    "repairs flags": (list,),
}


def _texts(name: str, entries: dict, kinds: type | tuple[type, ...]) -> None:
    if not all(isinstance(k, str) and isinstance(v, kinds) for k, v in entries.items()):
        raise TypeError(f"{name} is of the wrong kind")


def _check_results(record: Record, data: dict[str, Any]) -> None:
    """Statuses are known, scores lie within their points, and the sums are right."""
    for result in record.results:
        if result.status not in STATUSES:
            raise ValueError(f"unknown status {result.status!r}")
        if result.score is not None and not 0 <= result.score <= result.points:
            raise ValueError(f"the score of {result.grade_id} is not between 0 and {result.points:g}")
    names = [result.grade_id for result in record.results]
    if len(names) != len(set(names)):
        raise ValueError("two results of one graded cell")
    for name in ("score", "points"):
        if abs(getattr(record, name) - data[name]) > 1e-9:
            raise ValueError(f"{name} is not the sum of the results")
