"""What lies around the environment: data sets, disk, settings."""

import os
import shutil
from pathlib import Path

from autograder.probes.finding import Finding, checkout, last_line, run_python

LEAST_DISK, GOOD_DISK = 0.5e9, 3e9  # bytes: results and checkpoints; the data sets and build/ besides


def data() -> list[Finding]:
    """Where recordings would come from: cache, mirror, network."""
    try:
        from course_lib.data import datasets
        from course_lib.data.store import cache_folder, mirror

        sets, cache, named = datasets(), cache_folder(), mirror()
    except Exception as error:  # a damaged registry or a missing package, already reported above
        return [Finding("data", "fail", f"the registry cannot be read: {error}", "restore datasets/ from git")]
    if named and "://" not in named:
        there = [s.name for s in sets.values() if (Path(named).expanduser() / s.folder).is_dir()]
        if there:
            return [Finding("data", "ok", f"mirror {named}: {', '.join(there)}")]
        return [Finding("data", "fail", f"COURSE_DATA_MIRROR={named} holds none of the sets", "correct it or unset it")]
    kept = [s.name for s in sets.values() if (cache / s.folder).is_dir() and any((cache / s.folder).iterdir())]
    address = named or next((s.url for s in sets.values() if s.url), "")
    if reachable(address):
        return [Finding("data", "ok", f"cached: {', '.join(kept) or 'nothing yet'}; {_host(address)} answers")]
    if kept:
        return [Finding("data", "ok", f"cached: {', '.join(kept)}; no network")]
    return [Finding("data", "warn", f"nothing cached, and {_host(address)} does not answer",
                    "notebooks will use generated sounds; with a network: course data fetch spoken_digits")]


def reachable(address: str) -> bool:
    """Whether the host of an address takes a connection within two seconds."""
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 443), timeout=2):
            return True
    except OSError:
        return False


def disk() -> list[Finding]:
    """Room for data, checkpoints and work, and the right to write."""
    place = checkout() or Path.cwd()
    free = shutil.disk_usage(place).free
    seen = f"{free / 1e9:.1f} GB free at {place}"
    if free < LEAST_DISK:
        return [Finding("disk", "fail", seen, "free at least 3 GB")]
    if not os.access(place, os.W_OK):
        return [Finding("disk", "fail", f"{place} is read-only", "work in a checkout of your own")]
    return [Finding("disk", "warn" if free < GOOD_DISK else "ok", seen, "free 3 GB" if free < GOOD_DISK else "")]


def settings() -> list[Finding]:
    """COURSE_DEVICE and COURSE_PROFILE, where they are set: whether they name something that exists here."""
    named = [f"{name}={os.environ[name]}" for name in ("COURSE_DEVICE", "COURSE_PROFILE") if os.environ.get(name)]
    if not named:
        return []
    status, _, err = run_python("from course_lib import device; device.get(); device.profile()")
    said = last_line(err)
    if status and "DeviceError: " in said:
        return [Finding("settings", "fail", said.partition("DeviceError: ")[2], "correct it or unset it")]
    if status:
        return [Finding("settings", "warn", f"{', '.join(named)} could not be examined: {said}")]
    return [Finding("settings", "ok", ", ".join(named))]


def _host(address: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(address).hostname or "the network"
