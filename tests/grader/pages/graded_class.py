"""A graded class of unit 02_stft made up for the page tests: records as `course grade` writes them, no grading."""

import hashlib
import random
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
    """A checkout of course.toml, nbgrader_config.py and the percent sources in `folder`."""
    for name in ("course.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
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
             "parts two tones at about 2/T. For the drum roll I would take 20 ms, half of the 40 ms from stroke to "
             "stroke. Padding with zeros only draws the same blurred picture with more dots.")
    ids = [f"s{number:04d}" for number in range(1041, 1041 + len(NAMES))]
    solved = {grade_id: without_marks(source) for grade_id, source in solved_answers(given.solved).items()}
    blank = {e.grade_id: None for e in given.exercises}
    own = [own_answers(given, number) for number in range(len(ids))]

    def one(number: int, answers: dict | None = None, **rest) -> Record:
        return record(given, ids[number], NAMES[number], answers=own[number] | (answers or {}), minute=number, **rest)

    return [
        one(0, {"stft": stft["right_matrix"], "explain_window": essay}),
        one(1, {"stft": stft["wrong_axes"], "decibels": decibels["wrong_natural_log"]},
            statuses={"stft": wrong["stft"], "decibels": wrong["decibels"], "explain_phase": MISSING},
            repairs=(Repair("The cell of `stft` was found by its text: its metadata was gone.", "stft"),
                     Repair("Two cells held `istft`; the last one was graded.", "istft", doubtful=True),
                     Repair("The file had been saved by Colab: its cell ids were restored."))),
        one(2, {"istft": istft["wrong_no_normalisation"]}, seconds=9.5,
            statuses={"istft": wrong["istft"],
                      "griffin_lim": (CRASHED, "the process was ended: it used more than 3 GB of memory.")},
            faults=(CellFault("cell 14", None, WRONG, "NameError: name 'speach' is not defined"),
                    CellFault("griffin_lim", "griffin_lim", CRASHED, "out of memory"))),
        one(3, {"griffin_lim": griffin["wrong_begins_anew"]}, seconds=61.0,
            statuses={"griffin_lim": TIMEOUT, "overlap_ripple": (BROKEN, "Traceback: expect_close(ripple, hidden)")},
            flags=("The check of `overlap_ripple` itself failed.",)),
        one(4, {"overlap_ripple": ripple["wrong_ends_counted"], "explain_window": essay}, extra_time=1.5,
            statuses={"overlap_ripple": wrong["overlap_ripple"], "decibels": MISSING}),
        one(5, {"stft": stft["right_loop_numpy"], "istft": solved["istft"], "griffin_lim": solved["griffin_lim"]},
            output_bytes=214_000_000, output="x" * 2000),
        one(6, {"stft": stft["wrong_symmetric_window"], "istft": istft["right_numpy"]},
            statuses={"stft": wrong["stft"]}),
        one(7, blank, seconds=0.1, statuses={e.grade_id: (REFUSED, "") for e in given.exercises},
            refused="This is not a notebook: the upload broke off in the middle (the JSON ends in line 812)."),
        one(8, {"stft": renamed(stft["wrong_symmetric_window"]), "istft": renamed(istft["right_numpy"])},
            statuses={"stft": wrong["stft"]}),
        one(9, {"istft": istft["right_fold"]}, sandbox="none"),
        one(10, {"griffin_lim": griffin["wrong_momentum"], "explain_window": essay}, seconds=12.0,
            statuses={"griffin_lim": wrong["griffin_lim"], "stft": wrong["stft"]}),
        one(11, blank, statuses={e.grade_id: MISSING for e in given.exercises}),
    ]


def own_answers(given: Assignment, number: int) -> dict[str, str]:
    """Answers of a student who worked alone: a named answer to each exercise, and words of their own."""
    found = {}
    for at, exercise in enumerate(given.exercises):
        if exercise.manual:
            words = re.findall(r"\w+", " ".join(MESSAGES.values()))
            random.Random(100 * number + at).shuffle(words)
            found[exercise.grade_id] = " ".join(words[:60]).capitalize() + "."
        else:
            named = list(named_answers(given.name, exercise.grade_id).values())
            found[exercise.grade_id] = named[(5 * number + at) % len(named)]
    return found


def renamed(source: str) -> str:
    """The same program with other names, spaces and comments."""
    for before, after in (("window", "fenster"), ("frames", "stuecke"), ("n_fft", "laenge"), ("hop", "schritt")):
        source = re.sub(rf"\b{before}\b", after, source)
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
