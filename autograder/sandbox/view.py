"""What can be seen from inside: system libraries, Python, the course library, data sets. All of it read-only."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.processes import PACKAGE_ROOT

INSIDE = Path("/course")
GRADER_PARTS = ("autograder/__init__.py", "autograder/sandbox/__init__.py", "autograder/sandbox/inside",
                "autograder/remote")
LIBRARY_PARTS = ("course_lib", "datasets")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime")
PROCESSOR = "/sys/devices/system/cpu"  # torch asks it for what the processor can do


@dataclass(frozen=True)
class View:
    """A list of places and where they are shown.

    Args:
        shown: (source, place inside), in the order in which they are to be mounted.
        links: (target, place inside) of symbolic links.
        again: (another place inside, place below /tmp): sessions cover /tmp, so these are to be mounted again there.
        hidden: folders inside that must look empty although something around them is shown.
        path: folders inside for PYTHONPATH.
        outside: the same folders where they really are, for a process without a sandbox.
        environment: variables that name places inside.
    """

    shown: tuple[tuple[Path, Path], ...]
    links: tuple[tuple[str, Path], ...]
    again: tuple[tuple[Path, Path], ...]
    hidden: tuple[Path, ...]
    path: tuple[Path, ...]
    outside: tuple[Path, ...]
    environment: dict[str, str]


def make_view(roots: tuple[Path, ...], readable: tuple[Path, ...]) -> View:
    """The view for one course.

    Args:
        roots: folders importable before the installed packages. Of a checkout (a folder with course.toml) only the
            library and the register of data sets are shown, of any other folder everything.
        readable: further files and folders, shown where they are.
    """
    shown, links = _system()
    pythons = _pythons()
    shown += [(path, path) for path in pythons]
    path = []
    for number, root in enumerate(dict.fromkeys(Path(r).resolve() for r in roots)):
        place = INSIDE / f"root{number}"
        path.append(place)
        shown += _parts(root, place, LIBRARY_PARTS) if (root / "course.toml").exists() else [(root, place)]
    path.append(INSIDE / "grader")
    shown += _parts(PACKAGE_ROOT, path[-1], GRADER_PARTS + LIBRARY_PARTS)
    packages = [p for p in _packages() if not any(_holds(k, p) for k in [*pythons, Path("/usr")])]
    path += packages
    shown += [(p, p) for p in packages]
    data, environment = _data()
    shown += data + [(Path(p).resolve(), Path(p).resolve()) for p in readable]
    checkouts = {PACKAGE_ROOT, *(Path(r).resolve() for r in roots)}
    hidden = [c for c in checkouts if any(_holds(p, c) for p in [*pythons, Path("/usr")]) and
              (c / "course.toml").exists()]
    spread = [pair for source, place in shown for pair in _open_to_all(source, place)]
    covered = [pair for pair in spread if _holds(Path("/tmp"), pair[1])]
    again = [(INSIDE / f"again{number}", place) for number, (_, place) in enumerate(covered)]
    spread += [(source, stage) for (source, _), (stage, _) in zip(covered, again, strict=True)]
    return View(tuple(spread), tuple(links), tuple(again), tuple(hidden), tuple(path),
                (*dict.fromkeys(Path(r).resolve() for r in roots), PACKAGE_ROOT, *packages), environment)


def _system() -> tuple[list[tuple[Path, Path]], list[tuple[str, Path]]]:
    shown, links = [], []
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            links.append((os.readlink(path), path))
        elif path.exists():
            shown.append((path, path))
    for name in (*(f"/etc/{n}" for n in SETTINGS), PROCESSOR):
        if Path(name).exists():
            shown.append((Path(name), Path(name)))
    return shown, links


def _pythons() -> list[Path]:
    """Where this Python and its packages lie, unless the system's folders hold them; outer folders first."""
    home = Path(os.path.realpath(sys.executable)).parent.parent
    wanted = [home, *map(Path, (sys.base_prefix, sys.prefix))]
    wanted += [path.resolve() for path in wanted]
    kept: list[Path] = []
    for path in sorted(set(wanted), key=lambda p: len(p.parts)):
        if path.is_dir() and path != Path("/") and not any(_holds(k, path) for k in [Path("/usr"), *kept]):
            kept.append(path)
    return kept


def _packages() -> list[Path]:
    """Folders of installed packages on the module path, those of the user among them."""
    return [Path(p) for p in dict.fromkeys(sys.path) if Path(p).name in ("site-packages", "dist-packages")
            and Path(p).is_dir()]


def _parts(root: Path, place: Path, names: tuple[str, ...]) -> list[tuple[Path, Path]]:
    return [(root / name, place / name) for name in names if (root / name).exists()]


def _data() -> tuple[list[tuple[Path, Path]], dict[str, str]]:
    """The mirror, if it is a folder, and the cache."""
    from course_lib.data.store import cache_folder, mirror

    shown, environment = [], {"COURSE_DATA_DIR": "/data/cache"}
    named = mirror()
    if named and "://" not in named and Path(named).expanduser().is_dir():
        shown.append((Path(named).expanduser().resolve(), Path("/data/mirror")))
        environment["COURSE_DATA_MIRROR"] = "/data/mirror"
    if cache_folder().is_dir():
        shown.append((cache_folder().resolve(), Path("/data/cache")))
    return shown, environment


def _holds(outer: Path, inner: Path) -> bool:
    return outer == inner or outer in inner.parents


def _open_to_all(source: Path, place: Path) -> list[tuple[Path, Path]]:
    """The pair itself, or one per entry of a folder that only its owner may enter: the user inside is another one."""
    if not source.is_dir() or source.stat().st_mode & 0o005 == 0o005:
        return [(source, place)]
    return [(child, place / child.name) for child in sorted(source.iterdir())]
