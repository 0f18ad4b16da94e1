"""One notebook per student from a folder or an archive: nothing is followed, run or believed on the way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.intake.files import File, UnreadableError, walk
from autograder.intake.load import MAX_BYTES
from autograder.intake.who import Who, fits, number, owner
from autograder.model.submission import HandedIn

NOTEBOOK, WEIGHTS, TIMESTAMP = ".ipynb", ".safetensors", "timestamp.txt"
MAX_WEIGHTS_BYTES = 256 << 20
MAX_WEIGHTS = 8


@dataclass(frozen=True)
class Collected:
    """What was found.

    Args:
        items: one per student, by student id.
        skipped: what was left out and why, one sentence each; nothing is left out without one.
    """

    items: list[HandedIn] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


@dataclass
class Pile:
    """All files of one student."""

    who: Who
    files: list[tuple[Who, File]] = field(default_factory=list)


def collect(source: Path | None, assignment: str, course: Course) -> Collected:
    """Find the submissions of a unit.

    Args:
        source: a folder or a zip; None: where nbgrader collects, `build/submitted` of the course.
        assignment: name of the unit.

    Raises:
        CourseError: the source is not there, or is neither a folder nor a zip.
    """
    source = Path(source) if source is not None else course.root / "build" / "submitted"
    if source.is_dir():
        files = list(walk(source))
    elif source.is_file():
        raise CourseError("not a folder", source, None, "unpack it")
    else:
        raise CourseError("there are no submissions here", source, None, "name a folder or a zip: --submissions")
    return _collect(files, source, assignment, list(course.units))


def _collect(files: Iterable[File], source: Path, unit: str, units: list[str]) -> Collected:
    skipped: list[str] = []
    piles = _piles(files, unit, units, skipped)
    items = [_hand_in(pile, source, unit, units, skipped) for _, pile in sorted(piles.items())]
    return Collected([item for item in items if item is not None], skipped)


def _piles(files: Iterable[File], unit: str, units: list[str], skipped: list[str]) -> Mapping[str, Pile]:
    piles: dict[str, Pile] = {}
    for file in files:
        if unit not in file.parts and any(part in units for part in file.parts[1:-1]):
            continue  # nbgrader keeps all units of a student side by side
        who = owner(file.parts, unit)
        if who is None:
            skipped.append(f"{file.label}: {file.fault or 'no name of a student is in it'}")
            continue
        piles.setdefault(who.student, Pile(who)).files.append((who, file))
    return piles


def _hand_in(pile: Pile, source: Path, unit: str, units: list[str], skipped: list[str]) -> HandedIn | None:
    """The latest notebook of one student, with what is wrong with it; None where all is for other units."""
    faults: list[str] = []
    kinds: dict[str, list[tuple[Who, File]]] = defaultdict(list)
    for who, file in pile.files:
        kinds[_kind(file)].append((who, file))
    suited = {id(file): fits(who.file, unit, units) for who, file in kinds[NOTEBOOK]}
    best = [pair for pair in kinds[NOTEBOOK] if suited[id(pair[1])] >= 2]
    best = best or [pair for pair in kinds[NOTEBOOK] if suited[id(pair[1])] == 1]
    foreign = [pair for pair in kinds[NOTEBOOK] if pair not in best]
    skipped += [f"{file.label}: not of {unit} by its name" for _, file in foreign]
    if not best and (foreign or not pile.files):
        return None
    chosen = _latest(best)
    if chosen is None:
        origin = f"{source.name}: {pile.who.name}"
        return HandedIn(pile.who.student, pile.who.name, b"", None, origin, {}, (_nothing(pile),))
    who, file = chosen
    if len(best) > 1:
        others = ", ".join(other.label for _, other in best if other is not file)
        faults.append(f"Several notebooks were handed in; the latest, {file.label}, was graded, not {others[:400]}.")
    if who.late:
        faults.append("The platform marks this submission as late; when it came is not in the file name.")
    data = _read(file, faults)
    return HandedIn(
        pile.who.student, pile.who.name, data, _received(kinds[TIMESTAMP], file), f"{source.name}: {file.label}",
        _weights(kinds[WEIGHTS], faults), tuple(faults),
    )


def _kind(file: File) -> str:
    name = file.name.lower()
    return next((kind for kind in (NOTEBOOK, WEIGHTS, TIMESTAMP) if name.endswith(kind)), "other")


def _latest(files: list[tuple[Who, File]]) -> tuple[Who, File] | None:
    """Platforms number the attempts; in a folder the time decides, seconds apart."""

    def key(pair: tuple[Who, File]) -> tuple:
        who, file = pair
        attempt, when = number(who.file), round(file.time)
        return (attempt, when, file.parts) if who.platform in ("canvas", "moodle") else (when, attempt, file.parts)

    return max(files, key=key, default=None)


def _nothing(pile: Pile) -> str:
    names = ", ".join(file.name for _, file in pile.files[:5])
    faults = [f"{file.label}: {file.fault}." for _, file in pile.files if file.fault]
    return f"No notebook was handed in, only {names}." + "".join(f" {fault}" for fault in faults[:3])


def _read(file: File, faults: list[str]) -> bytes:
    if file.fault:
        faults.append(f"{file.label} was not read: {file.fault}.")
        return b""
    try:
        with file.stored.open() as stream:
            data = stream.read(MAX_BYTES + 1)
    except (UnreadableError, OSError) as error:
        faults.append(f"{file.label} was not read: {error}.")
        return b""
    if len(data) > MAX_BYTES:
        faults.append(f"{file.label} was not read: it is larger than {MAX_BYTES >> 20} MiB.")
        return b""
    return data


def _received(stamps: list[tuple[Who, File]], file: File) -> str | None:
    """The time that nbgrader's timestamp.txt beside the notebook holds, as ISO 8601 with zone."""
    for _, stamp in stamps:
        if stamp.parts[:-1] != file.parts[:-1] or stamp.fault:
            continue
        try:
            with stamp.stored.open() as stream:
                text = stream.read(100).decode("ascii", "replace").strip()
            return datetime.strptime(text.removesuffix(" UTC") + " +0000", "%Y-%m-%d %H:%M:%S.%f %z").isoformat()
        except (UnreadableError, OSError, ValueError):
            return None
    return None


def _weights(files: list[tuple[Who, File]], faults: list[str]) -> dict[str, Path]:
    """Weights handed in beside the notebook, by the name that the student gave them."""
    kept: dict[str, Path] = {}
    for who, file in sorted(files, key=lambda pair: (round(pair[1].time), pair[1].parts)):
        if file.fault or file.path is None or file.size > MAX_WEIGHTS_BYTES or len(kept) >= MAX_WEIGHTS:
            why = file.fault or ("it is too large" if file.size > MAX_WEIGHTS_BYTES else "there are too many files")
            faults.append(f"{file.label} was not taken: {why}.")
        else:
            kept[who.file] = file.path
    return kept
