"""One notebook per student from a folder or an archive: nothing is followed, run or believed on the way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.intake.archive import list_nested, list_zip, open_zip
from autograder.intake.files import File, UnreadableError, walk
from autograder.intake.items import Chosen, Items
from autograder.intake.say import LATE
from autograder.intake.who import Who, fits, number, owner
from autograder.model.submission import HandedIn

NOTEBOOK, WEIGHTS, STAMP, ARCHIVE, SCRIPT = ".ipynb", ".safetensors", "timestamp.txt", ".zip", ".py"
PLATFORMS = ("canvas", "moodle")
SHOWN = 400


@dataclass(frozen=True)
class Collected:
    """What was found.

    Args:
        items: one per student, by student id. `Items` reads a file when it is asked for it, and keeps none.
        skipped: what was left out and why, one sentence each; nothing is left out without one.
    """

    items: Sequence[HandedIn] = ()
    skipped: list[str] = field(default_factory=list)


@dataclass
class Pile:
    """All files of one student."""

    who: Who
    files: list[tuple[Who, File]] = field(default_factory=list)


def collect(
    source: Path | None, assignment: str, course: Course, *, unpack: Path | None = None
) -> Collected:
    """Find the submissions of a unit.

    Args:
        source: a folder, or a zip as Moodle and Canvas make it; None: where nbgrader collects, `build/submitted`.
        assignment: name of the unit.
        unpack: where model weights out of archives are written; `build/collected/UNIT` of the course if None.

    Raises:
        CourseError: the source is not there, or is neither a folder nor a zip.
    """
    source = Path(source) if source is not None else course.root / "build" / "submitted"
    skipped: list[str] = []
    piles = _piles(_files(source), assignment, list(course.units), skipped)
    chosen = [_choose(pile, source, assignment, list(course.units), skipped) for _, pile in sorted(piles.items())]
    unpack = unpack or course.root / "build" / "collected" / assignment
    return Collected(Items([c for c in chosen if c is not None], unpack), skipped)


def _files(source: Path) -> list[File]:
    if source.is_dir():
        return list(walk(source))
    if not source.exists():
        raise CourseError("there are no submissions here", source, None, "name a folder or a zip: --submissions PATH")
    try:
        return list_zip(open_zip(source))
    except UnreadableError as error:
        raise CourseError(f"neither a folder nor a zip: {error}", source, None,
                          "download it again, or unpack it and name the folder") from None


def _piles(files: Iterable[File], unit: str, units: list[str], skipped: list[str]) -> Mapping[str, Pile]:
    """The files by student; archives that students handed in are opened, once."""
    piles: dict[str, Pile] = {}
    for file in files:
        if unit not in file.parts and any(part in units for part in file.parts[1:-1]):
            continue  # nbgrader keeps all units of a student side by side
        who = owner(file.parts, unit)
        if who is None:
            skipped.append(f"{file.label}: {file.fault or 'no name of a student is in it'}")
            continue
        pile = piles.setdefault(who.student, Pile(who))
        if who.file.lower().endswith(ARCHIVE) and not file.fault:
            inside = list_nested(file)
            pile.files += [(Who(who.student, who.name, f.name, who.platform, who.late), f) for f in inside]
        else:
            pile.files.append((who, file))
    return piles


def _choose(pile: Pile, source: Path, unit: str, units: list[str], skipped: list[str]) -> Chosen | None:
    """The latest notebook of one student, with what is odd about it.

    None for a file of another unit in a folder that holds those of several. Who uploaded one, or has a folder of their
    own, did hand in.
    """
    kinds: dict[str, list[tuple[Who, File]]] = defaultdict(list)
    for who, file in pile.files:
        kinds[_kind(who.file)].append((who, file))
    suited = [(fits(who.file, unit, units), who, file) for who, file in kinds[NOTEBOOK]]
    least = 2 if any(fit >= 2 for fit, *_ in suited) else 1
    best = [(who, file) for fit, who, file in suited if fit >= least]
    left = [file for fit, _, file in suited if fit < least]
    if not best and left and _by_student(pile):
        return Chosen(pile.who, None, f"{source.name}: {pile.who.name}", faults=(_of_another(left, unit),))
    if not best and left:
        skipped += [f"{file.label}: not of {unit} by its name" for file in left]
        return None
    if not best:
        return Chosen(pile.who, None, f"{source.name}: {pile.who.name}", faults=(_nothing(pile),))
    who, file = _latest(best, unit)
    faults = []
    if len(best) > 1:
        others = ", ".join(other.label for _, other in best if other is not file)
        faults.append(f"Several notebooks were handed in; the latest, {file.label}, was graded, not {others[:SHOWN]}.")
    skipped += [f"{file.label}: not of {unit} by its name" for file in left]
    if who.late:
        faults.append(LATE)
    scripts = [script.label for _, script in kinds[SCRIPT]]
    if scripts:
        faults.append(f"Python files were handed in as well and are not used: {', '.join(scripts)[:SHOWN]}.")
    stamp = next((s for _, s in kinds[STAMP] if s.parts[:-1] == file.parts[:-1]), None)
    weights = tuple((w.file, f) for w, f in sorted(kinds[WEIGHTS], key=_age))
    return Chosen(who, file, f"{source.name}: {file.label}", stamp, weights, tuple(faults))


def _kind(name: str) -> str:
    name = name.lower()
    return next((kind for kind in (NOTEBOOK, WEIGHTS, STAMP, SCRIPT) if name.endswith(kind)), "other")


def _latest(files: list[tuple[Who, File]], unit: str) -> tuple[Who, File]:
    """Of nbgrader the one that it would grade; else the latest."""
    fetched = [(who, file) for who, file in files if who.platform == "nbgrader" and who.file == f"{unit}{NOTEBOOK}"]
    return max(fetched or files, key=_age)


def _age(pair: tuple[Who, File]) -> tuple:
    """Platforms number the attempts; in a folder the time decides. What cannot be read comes last."""
    who, file = pair
    attempt, when = number(who.file), round(file.time)
    order = (attempt, when) if who.platform in PLATFORMS else (when, attempt)
    return (not file.fault, *order, file.parts)


def _by_student(pile: Pile) -> bool:
    """Whether a platform or a folder of their own says that the student handed this in."""
    return any(who.platform or len(file.parts) > 1 for who, file in pile.files)


def _of_another(files: list[File], unit: str) -> str:
    names = ", ".join(file.name for file in files[:5])
    return f"{names[:SHOWN]} was handed in, which is not {unit}{NOTEBOOK}."


def _nothing(pile: Pile) -> str:
    names = ", ".join(file.name for _, file in pile.files[:5])
    faults = [f"{file.label}: {file.fault}." for _, file in pile.files if file.fault]
    return f"No notebook was handed in, only {names}." + "".join(f" {fault}" for fault in faults[:3])
