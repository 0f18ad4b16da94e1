"""A private copy of the checkout, laid out as `course lab` lays it out, that a browser may write into."""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "work", "dist", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info", "benchmarks"
)


def copy_checkout(to: Path) -> Path:
    """Copy the checkout to `to`, with the student releases once more in work/ as students have them."""
    shutil.copytree(ROOT, to, ignore=LEFT_OUT)
    shutil.copytree(to / "notebooks", to / "work")
    return to


def exercises(unit: str) -> list[str]:
    """The grade_ids of the code exercises of a unit, in order: those that have named answers."""
    source = (ROOT / "solutions" / unit / f"{unit}.py").read_text(encoding="utf-8")
    ids = re.findall(r'nbgrader=\{"grade_id": "(\w+)", "solution": true\}', source)
    return [name for name in ids if (ROOT / "tests" / "units" / unit / name).is_dir()]


def answer(unit: str, exercise: str, kind: str) -> tuple[str, str]:
    """The first named answer of a `kind` ("right" or "wrong"): its code, and what the check must say of a wrong one."""
    path = sorted((ROOT / "tests" / "units" / unit / exercise).glob(f"{kind}_*.py"))[0]
    text = path.read_text(encoding="utf-8")
    expected = re.search(r"^Expect: (.+)$", text, re.M)
    return text, expected.group(1).strip() if expected else ""
