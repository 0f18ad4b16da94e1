"""Everything that must hold, stage by stage, with the time of each: what `make test` runs.

    python tests/run_all.py [--jobs N] [--only STAGE ...]

A failing stage does not stop the others; the exit status is the number of failed stages.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MIRROR = ROOT.parent / "shared" / "data"


def stages(jobs: int) -> dict[str, list[list[str]]]:
    """Name of each stage → the commands that it runs, in order."""
    python = sys.executable
    pytest = [python, "-m", "pytest", "--durations=5"]
    return {
        "lint": [["ruff", "check", "."], ["codespell"], ["lint-imports"]],
        "build check": [[python, "-m", "autograder", "build", "--check"]],
        "unit tests": [[*pytest, "-n", str(jobs), "-m", "not browser and not alone"]],
        "alone": [[*pytest, "-m", "alone"]],
        "audit": [[python, "-m", "autograder", "audit", "--jobs", str(jobs)]],
        "browser": [[*pytest, "-m", "browser", "tests/e2e"]],
    }


def environment() -> dict[str, str]:
    """This process's environment, with the programs beside this Python, activated or not, and a mirror if there is one.

    The mirror is the folder of real recordings beside the checkout, when nothing else is named.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    env = dict(os.environ, PYTHONUNBUFFERED="1", PATH=path)
    if "COURSE_DATA_MIRROR" not in env and MIRROR.is_dir():
        env["COURSE_DATA_MIRROR"] = str(MIRROR)
    return env


def run(name: str, commands: list[list[str]]) -> tuple[bool, float]:
    """Run one stage; True if every command of it succeeded, and its seconds."""
    start = time.perf_counter()
    print(f"\n=== {name}", flush=True)
    good = True
    for command in commands:
        print("$ " + " ".join(command).replace(sys.executable, "python"), flush=True)
        good &= subprocess.run(command, cwd=ROOT, env=environment()).returncode == 0
    return good, time.perf_counter() - start


def main() -> int:
    """Run the stages that were asked for and print the table of times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--only", nargs="+", choices=list(stages(1)), help="run only these stages")
    arguments = parser.parse_args()
    chosen = {n: c for n, c in stages(arguments.jobs).items() if not arguments.only or n in arguments.only}
    results = {name: run(name, commands) for name, commands in chosen.items()}
    print("\n=== stages")
    for name, (good, seconds) in results.items():
        print(f"{'ok  ' if good else 'FAIL'}  {name:<12} {seconds:7.1f} s")
    failed = sum(not good for good, _ in results.values())
    print(f"{len(results) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
