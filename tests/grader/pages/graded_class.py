"""A graded class of unit 02_stft made up for the page tests: records as `course grade` writes them, no grading."""

import hashlib
import re
import shutil
from pathlib import Path

from autograder.course import Course
from autograder.evidence.chain import Chain, chain_file, head_file
from autograder.evidence.record import Conditions, Record
from autograder.evidence.secret import evidence_key, grading_seed
from autograder.model.assignment import Assignment
from autograder.model.examination import (
    BROKEN,
    CRASHED,
    MANUAL,
    MISSING,
    PASSED,
    REFUSED,
    TIMEOUT,
    WRONG,
    CellFault,
    CheckResult,
    Examination,
)
from autograder.model.submission import Repair, Submission
from autograder.stock import solved_answers

ROOT = Path(__file__).resolve().parents[3]
UNIT = "02_stft"
NAMES = (
    "Anna Meier", "Ben Okafor", "Chloé Dubois", "Dmitri Волков", "Eun-ji Park", "فاطمة الزهراء", "Gustav Lindqvist",
    "Hana Nováková", "Inês da Conceição Albuquerque", "Jun Watanabe", "Kofi Mensah", "Lea Sommer",
)
MESSAGES = {
    "stft": "`stft(x, n_fft=512, hop=128)` should have shape (257, 43) for a signal of 5461 samples, got (43, 257): "
            "the axes are in another order. Is the operation along the axis the card names?",
    "decibels": "the spectrogram in dB is wrong: you took the natural logarithm.\nexpected -42.1057 at [12, 3], got "
                "-96.952 (the largest difference).",
    "overlap_ripple": "the ripple is wrong for hop 100: the first and the last frame were counted. Look at one period "
                      "in the middle.",
    "istft": "the signal is wrong for n_fft=400, hop=100: every value is 1.5 times the right one: is a normalisation "
             "missing, or applied twice?",
    "griffin_lim": "the magnitude after 30 iterations is wrong: it starts anew in every iteration.",
}


def course_in(folder: Path) -> Course:
    """A checkout of course.toml and the percent sources in `folder`."""
    shutil.copy(ROOT / "course.toml", folder)
    for file in (ROOT / "solutions").glob("*/*.py"):
        target = folder / "solutions" / file.parent.name / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return Course.load(folder)


def assignment(course: Course, unit: str = UNIT) -> Assignment:
    """The instructor's side of a unit."""
    return Assignment.read(course, course.unit(unit))


def named_answers(unit: str, grade_id: str) -> dict[str, str]:
    """The named right and wrong answers of an exercise, without the docstring on top: name → source."""
    found = {}
    for file in sorted((ROOT / "tests" / "units" / unit / grade_id).glob("*.py")):
        source = file.read_text(encoding="utf-8")
        found[file.stem] = source.split('"""', 2)[2].strip() if source.startswith('"""') else source
    return found


def results(given: Assignment, **statuses: str | tuple[str, str]) -> tuple[CheckResult, ...]:
    """One result per graded cell, PASSED or MANUAL unless said otherwise: `stft=(WRONG, "message")`."""
    found = []
    for exercise in given.exercises:
        status = statuses.get(exercise.grade_id, MANUAL if exercise.manual else PASSED)
        status, message = status if isinstance(status, tuple) else (status, "")
        names = [t.metadata.nbgrader.grade_id for t in exercise.tests] or [exercise.grade_id]
        score = {PASSED: exercise.points, MANUAL: None, BROKEN: None}.get(status, 0.0)
        printed = f"✓ {exercise.grade_id}: 40 random signals, float32 and float64" if status == PASSED else ""
        found += [CheckResult(n, exercise.grade_id, exercise.points, score, status, message, printed) for n in names]
    return tuple(found)


def record(
    given: Assignment, student: str, name: str = "", *, answers: dict | None = None, repairs: tuple = (),
    faults: tuple = (), statuses: dict | None = None, refused: str | None = None, flags: tuple = (),
    seconds: float = 4.2, output: str = "", output_bytes: int = 0, extra_time: float = 1.0, sandbox: str = "bwrap",
    minute: int = 0, received: str | None = "2026-11-20T21:47:00+00:00", exercise_seconds: dict | None = None,
) -> Record:
    """A record with the model solution as answers unless `answers` says otherwise."""
    solved = {grade_id: without_marks(source) for grade_id, source in solved_answers(given.solved).items()}
    answers = solved | (answers or {})
    examination = Examination(
        results(given, **(statuses or {})), faults, sandbox, output, output_bytes, seconds,
        exercise_seconds or {t.metadata.nbgrader.grade_id: seconds / 8 for e in given.coded for t in e.tests},
        900 << 20, 1,
    )
    digest = hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()
    submission = Submission(student, name or student, digest, (), answers, repairs, given.release, received,
                            f"moodle.zip: {student}", {}, refused)
    conditions = Conditions(
        key="5eed" * 16, release_sha256=given.digest, tests_sha256=given.digest, environment_sha256="e" * 64,
        grader="0.1.0", seed_hmac="5eedbead" * 8, limits={"memory_bytes": 3 << 30}, extra_time=extra_time,
        attachments_sha256={}, started=f"2026-11-21T09:{minute % 60:02d}:00+00:00", worker="worker 1",
    )
    return Record.make(given.name, submission, examination, conditions, flags)


def without_marks(source: str) -> str:
    """A solution cell as a student would hand it in: no markers, no mark scheme."""
    source = re.sub(r"(?ms)^=== BEGIN MARK SCHEME.*?END MARK SCHEME ===\n?", "", source)
    return "\n".join(line for line in source.splitlines() if "### BEGIN" not in line and "### END" not in line)


def small_class(given: Assignment) -> list[Record]:
    """Twelve students: right, partly right, mended, crashed, refused, late, unlucky."""
    stft, istft = named_answers(UNIT, "stft"), named_answers(UNIT, "istft")
    griffin, ripple = named_answers(UNIT, "griffin_lim"), named_answers(UNIT, "overlap_ripple")
    decibels = named_answers(UNIT, "decibels")
    wrong = {name: (WRONG, text) for name, text in MESSAGES.items()}
    essay = ("A window of about 0.8 s separates the two bass notes, since they are 2.45 Hz apart and a Hann window "
             "parts two tones at about 2/T. For the drum roll I would take 20 ms.")
    ids = [f"s{number:04d}" for number in range(1041, 1041 + len(NAMES))]
    blank = {e.grade_id: None for e in given.exercises}
    return [
        record(given, ids[0], NAMES[0], answers={"stft": stft["right_matrix"], "explain_window": essay}),
        record(given, ids[1], NAMES[1], answers={"stft": stft["wrong_axes"], "decibels": decibels["wrong_natural_log"]},
               statuses={"stft": wrong["stft"], "decibels": wrong["decibels"], "explain_phase": MISSING},
               repairs=(Repair("The cell of `stft` was found by its text: its metadata was gone.", "stft"),
                        Repair("Two cells held `istft`; the last one was graded.", "istft", doubtful=True),
                        Repair("The file had been saved by Colab: its cell ids were restored."))),
        record(given, ids[2], NAMES[2], answers={"istft": istft["wrong_no_normalisation"]}, seconds=9.5,
               statuses={"istft": wrong["istft"], "griffin_lim": (CRASHED, "the process was ended: it used more than "
                                                                  "3 GB of memory.")},
               faults=(CellFault("cell 14", None, WRONG, "NameError: name 'speach' is not defined"),
                       CellFault("griffin_lim", "griffin_lim", CRASHED, "out of memory"))),
        record(given, ids[3], NAMES[3], answers={"griffin_lim": griffin["wrong_begins_anew"]}, seconds=61.0,
               statuses={"griffin_lim": TIMEOUT,
                         "overlap_ripple": (BROKEN, "Traceback: expect_close(ripple, hidden)")}),
        record(given, ids[4], NAMES[4], answers={"overlap_ripple": ripple["wrong_ends_counted"]},
               statuses={"overlap_ripple": wrong["overlap_ripple"], "decibels": MISSING}, extra_time=1.5),
        record(given, ids[5], NAMES[5], answers={"stft": stft["right_loop_numpy"]}, output_bytes=214_000_000,
               output="x" * 2000),
        record(given, ids[6], NAMES[6], answers={"stft": stft["wrong_axes"]}, statuses={"stft": wrong["stft"]}),
        record(given, ids[7], NAMES[7], answers=blank, seconds=0.1,
               refused="This is not a notebook: the upload broke off in the middle (the JSON ends in line 812).",
               statuses={e.grade_id: (REFUSED, "") for e in given.exercises}),
        record(given, ids[8], NAMES[8], answers={"stft": renamed(stft["wrong_axes"])},
               statuses={"stft": wrong["stft"]}),
        record(given, ids[9], NAMES[9], answers={"istft": istft["right_fold"]}, sandbox="none"),
        record(given, ids[10], NAMES[10], answers={"griffin_lim": griffin["wrong_momentum"]},
               statuses={"griffin_lim": wrong["griffin_lim"], "stft": wrong["stft"]}, seconds=12.0),
        record(given, ids[11], NAMES[11], answers=blank, statuses={e.grade_id: MISSING for e in given.exercises}),
    ]


def renamed(source: str) -> str:
    """The same program with other names, spaces and comments."""
    for before, after in (("window", "fenster"), ("frames", "stuecke"), ("n_fft", "laenge"), ("hop", "schritt")):
        source = source.replace(before, after)
    return "# my own work\n" + source


def write_records(course: Course, records: list[Record]) -> Path:
    """Into a new chain, as `course grade` does; returns its file."""
    build = course.root / "build"
    file = chain_file(build, records[0].unit)
    for old in (file, head_file(file)):
        old.unlink(missing_ok=True)
    chain = Chain(file, evidence_key(grading_seed(build)))
    for one in records:
        chain.append(one.to_json())
    return file


def main() -> None:
    """Write the small class under a folder: `python graded_class.py FOLDER`, to look at the pages."""
    import sys

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    course = course_in(folder)
    write_records(course, small_class(assignment(course)))


if __name__ == "__main__":
    main()
