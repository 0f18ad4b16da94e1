import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pages"))

from class_fixtures import course, given  # noqa: F401 - fixtures
