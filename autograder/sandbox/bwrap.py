"""The command line of bubblewrap."""

import os
import sys
from pathlib import Path

from autograder.sandbox.environment import environment
from autograder.sandbox.view import View

USER = 61001
"""The number of the user inside. Where the grader is root it is a real one, chosen so that nobody else has it."""
DEVICES = ("null", "random", "urandom", "full")  # no zero: shared mappings of it are memory that no limit counts
KEEPER = ("-P", "-m", "autograder.sandbox.inside.keeper")


def command(program: str, view: View, config: str, *, root: bool | None = None,
            python: tuple[str, ...] | None = None) -> list[str]:
    """The whole command that starts a keeper in the sandbox.

    Args:
        program: path of bwrap.
        view: what can be seen.
        config: of the keeper.
        root: whether the grader is root; None: look.
        python: arguments of Python in place of those that start a keeper.
    """
    root = os.getuid() == 0 if root is None else root
    line = [program, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
            "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if root:  # become an unprivileged user inside: the kernel's limit on processes does not bind root
        line += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        line += ["--unshare-user", "--uid", str(USER), "--gid", str(USER)]
    line += ["--hostname", "sandbox", "--clearenv"]
    for name, value in environment(view, Path("/tmp")).items():
        line += ["--setenv", name, value]
    for target, place in view.links:
        line += ["--symlink", target, str(place)]
    mounts = [(place, ["--ro-bind", str(source), str(place)]) for source, place in view.shown]
    mounts += [(place, ["--tmpfs", str(place)]) for place in view.hidden]
    mounts.append((Path("/tmp"), ["--perms", "1777", "--tmpfs", "/tmp"]))
    mounts.sort(key=lambda m: len(m[0].parts))  # what lies deeper is mounted later
    made = {Path("/"), Path("/tmp")}
    for place, mount in mounts:
        for parent in sorted(set(place.parents) - made):  # else bwrap makes them with rights for their owner only
            line += ["--perms", "0755", "--dir", str(parent)]
            made.add(parent)
        line += mount
    line += ["--proc", "/proc", "--perms", "0755", "--dir", "/dev", "--perms", "0755", "--dir", "/dev/shm"]
    for name in DEVICES:
        line += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    line += ["--remount-ro", "/", "--chdir", "/tmp"]
    return [*line, sys.executable, *(KEEPER if python is None else python), config]
