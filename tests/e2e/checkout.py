"""A private copy of the checkout that a test may write into, and the answers that a test may type."""

import ast
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "work", "dist", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info", "benchmarks"
)


def copy_checkout(to: Path) -> Path:
    """Copy the checkout to the folder `to`, which must not exist, without what was built or installed in it."""
    return Path(shutil.copytree(ROOT, to, ignore=LEFT_OUT))


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
    code = "\n".join(text.splitlines()[ast.parse(text).body[0].end_lineno :]).strip()  # without the module docstring
    return code, expected.group(1).strip() if expected else ""
