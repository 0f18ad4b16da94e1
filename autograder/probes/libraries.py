"""Python, torch with torchaudio, and every required package."""

import importlib.metadata
import json
import os
import re
import sys
import tomllib

from autograder.probes.finding import Finding, checkout, install, last_line, run_python, version

PYTHONS = ((3, 11), (3, 12))
CAP = "torch>=2.11,<2.13 with torchaudio==2.11.*"


def python() -> list[Finding]:
    """A tested Python, in an environment of its own."""
    here = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] not in PYTHONS:
        return [Finding("Python", "fail", here, "install Python 3.11 or 3.12, delete .venv, run `make lab`")]
    if sys.prefix == sys.base_prefix and "CONDA_PREFIX" not in os.environ:
        return [Finding("Python", "warn", f"{here}, not in an environment of its own", "run `make lab`")]
    return [Finding("Python", "ok", here)]


def torch_pair() -> list[Finding]:
    """torch alone, then torch and torchaudio together: the pair that breaks most often."""
    have = {name: version(name) for name in ("torch", "torchaudio")}
    if not have["torch"]:
        return [Finding("torch", "fail", "not installed", install("torch", "torchaudio"))]
    status, out, err = run_python(
        "import json, torch; m = getattr(torch.backends, 'mps', None); print(json.dumps([torch.__version__, "
        "torch.cuda.get_device_name() if torch.cuda.is_available() else 'MPS' if m and m.is_available() else '', "
        "torch.get_num_threads()]))"
    )
    if status:
        mend = "reinstall it: " + install("torch", "torchaudio")
        return [Finding("torch", "fail", f"{have['torch']} does not import: {last_line(err)}", mend)]
    built, gpu, threads = json.loads(out.strip().splitlines()[-1])
    found = [Finding("torch", "ok", f"{built}, {threads} threads")]
    if gpu:
        found.append(Finding("GPU", "ok", gpu))
    else:
        found.append(Finding("GPU", "info", "none: notebooks use the `laptop` profile", ""))
    return [*found, *_torchaudio(built, have["torchaudio"])]


def _torchaudio(torch_version: str, have: str | None) -> list[Finding]:
    if not have:
        return [Finding("torchaudio", "fail", "not installed", install("torchaudio"))]
    status, _, err = run_python("import torch, torchaudio, torchaudio.functional, torchaudio.transforms")
    if not status:
        return [Finding("torchaudio", "ok", f"{have}, imports together with torch {torch_version}")]
    return [Finding("torchaudio", "fail", *explain_pair(torch_version, have, err))]


def explain_pair(torch_version: str, have: str, error: str) -> tuple[str, str]:
    """Why torch and torchaudio do not import together, and what to run.

    torchaudio 2.11 is the last one. Its binary was built for PyPI's torch of its time and loads the CUDA runtime that
    came with it: a later torch (2.13 and up) has moved on, and a `+cpu` build has no CUDA runtime at all.
    """
    seen = f"torch {torch_version} and torchaudio {have} do not import together: {last_line(error)}"
    release = tuple(int(n) for n in re.findall(r"\d+", torch_version)[:2])
    mend = install("torch", "torchaudio")
    if "+cpu" in torch_version:
        return seen, f"torchaudio's binary needs PyPI's torch, not the +cpu build: {mend}"
    if release >= (2, 13):
        return seen, f"torchaudio 2.11, the last one, cannot work with torch {release[0]}.{release[1]}: {mend}"
    if not have.startswith("2.11"):
        return seen, f"the tested pair is {CAP}: {mend}"
    if "+" in torch_version:
        built = torch_version.split("+")[1]
        return seen, f"this torch was built for {built}, torchaudio for PyPI's CUDA: {mend}"
    return seen, f"one of the two is damaged: {mend}"


def packages() -> list[Finding]:
    """Every required package, present and within the range that pyproject.toml gives."""
    from packaging.requirements import Requirement

    bad, count = [], 0
    for line in _requirements():
        need = Requirement(line)
        if need.marker and not need.marker.evaluate({"extra": "lab"}):
            continue
        count += 1
        have = version(need.name)
        if have is None:
            bad.append(Finding(need.name, "fail", "not installed", install(need.name)))
        elif not need.specifier.contains(have, prereleases=True) and need.name not in ("torch", "torchaudio"):
            bad.append(Finding(need.name, "warn", f"{have}, tested with {need.specifier}", install(need.name)))
    if not count:
        return [Finding("packages", "warn", "no list of requirements found", "run `course doctor` in the checkout")]
    return bad or [Finding("packages", "ok", f"{count} required packages in the tested ranges")]


def _requirements() -> list[str]:
    root = checkout()
    if root is not None and (root / "pyproject.toml").is_file():
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
        return project.get("dependencies", []) + project.get("optional-dependencies", {}).get("lab", [])
    try:
        return importlib.metadata.requires("deep-audio-course") or []
    except importlib.metadata.PackageNotFoundError:
        return []
