"""Whether a level of isolation works on this machine, and if not, why and what to do."""

import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.bwrap import USER, command
from autograder.sandbox.view import make_view

ROOT = Path("/")
OLDEST_KERNEL = (5, 8)
SECONDS = 60
TRIAL = f"""\
import os
from autograder.sandbox.inside import place, system
if os.getuid() == 0:
    system.become({USER})
system.new_user_namespace()
place.enter(1 << 20, [])
"""
PROFILE = """\
abi <abi/4.0>,
include <tunables/global>

profile bwrap /usr/bin/bwrap flags=(unconfined) {
  userns,
  include if exists <local/bwrap>
}
"""
APPARMOR = f"""\
AppArmor restricts user namespaces, as Ubuntu does from 24.04 on. Write this to /etc/apparmor.d/bwrap:

{PROFILE}
then: sudo rm -f /etc/apparmor.d/bwrap-userns-restrict && sudo systemctl reload apparmor
(for all programs at once, until the next boot: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0)"""
SYSCTL = "sudo sysctl {name}={value} (in a file of /etc/sysctl.d to keep it)"
CONTAINER = "grade on the machine itself, or start this container with --security-opt seccomp=unconfined " \
            "--security-opt apparmor=unconfined"


@dataclass(frozen=True)
class Fault:
    """Why a level cannot be used.

    Args:
        seen: one line.
        mend: what to do; may have several lines.
    """

    seen: str
    mend: str


def fault(level: str) -> Fault | None:
    """Why "bwrap", "docker" or "podman" cannot be used here; None if it can. Tries it."""
    if sys.platform != "linux":
        return Fault(f"{level} isolates on Linux only", "grade on Linux, or under WSL")
    program = shutil.which(level)
    if program is None:
        if level == "bwrap":
            return Fault("bubblewrap is not installed", "apt install bubblewrap (dnf, pacman, zypper: the same name)")
        return Fault(f"{level} is not installed", "apt install bubblewrap is the smaller thing to do")
    return _bwrap(program) if level == "bwrap" else _container(level, program)


def _bwrap(program: str) -> Fault | None:
    """Start it as a grader does, and make the namespaces of one session inside."""
    line = command(program, make_view((), ()), TRIAL, python=("-P", "-c"))
    try:
        done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, env={})
    except (OSError, subprocess.TimeoutExpired) as error:
        return Fault(f"bubblewrap cannot be run: {error}", "reinstall it")
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return explain(lines[-1] if lines else f"exit status {done.returncode}")


def explain(said: str, *, root: Path | None = None, release: str | None = None) -> Fault:
    """The fault behind a refusal of bubblewrap.

    Args:
        said: the last line of what it said.
        root: where /proc/sys and the marks of containers are looked for; None: on this machine.
        release: of the kernel; None: this one's.
    """
    root = ROOT if root is None else root
    seen = f"bubblewrap is refused: {said}"
    version = tuple(map(int, re.findall(r"\d+", release or platform.release())[:2]))
    if version < OLDEST_KERNEL:
        return Fault(seen, f"Linux {'.'.join(map(str, OLDEST_KERNEL))} or later is needed")
    if any((root / name).exists() for name in (".dockerenv", "run/.containerenv")):
        return Fault(seen, CONTAINER)
    if _setting(root, "kernel/apparmor_restrict_unprivileged_userns") == "1":
        return Fault(seen, APPARMOR)
    if _setting(root, "kernel/unprivileged_userns_clone") == "0":
        return Fault(f"{seen} (user namespaces are switched off)",
                     SYSCTL.format(name="kernel.unprivileged_userns_clone", value=1))
    if _setting(root, "user/max_user_namespaces") == "0":
        return Fault(f"{seen} (no user namespaces are allowed)",
                     SYSCTL.format(name="user.max_user_namespaces", value=15000))
    return Fault(seen, "can this user read the folders of Python and of this checkout? is bubblewrap 0.5 or later?")


def _setting(root: Path, name: str) -> str | None:
    try:
        return (root / "proc/sys" / name).read_text().strip()
    except OSError:
        return None


def _container(level: str, program: str) -> Fault | None:
    """Whether its daemon answers; what a container may do is seen when one is started."""
    question = ["info", "--format", "{{.ServerVersion}}"] if level == "docker" else ["info"]
    try:
        done = subprocess.run([program, *question], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=SECONDS, env=dict(os.environ))
    except (OSError, subprocess.TimeoutExpired) as error:
        return Fault(f"{level} does not answer: {error}", f"does `{level} info` work for this user?")
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return Fault(f"{level} does not answer: {lines[-1] if lines else done.returncode}",
                 f"start it, and let this user use it: does `{level} info` work?")
