"""What the tests of the sandbox share: opening one with the toy server, asking it in Python, looking for processes."""

import functools
import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from autograder.errors import CourseError
from autograder.model.limits import Limits
from autograder.sandbox import open_sandbox

HERE = Path(__file__).parent
SETUP = "import os, socket, subprocess, sys, time"
SMALL = replace(Limits(), memory_bytes=300 << 20, processes=24, file_bytes=16 << 20, output_bytes=20_000,
                cell_cpu_seconds=20)


def make(level, **options):
    """An open sandbox with the toy server."""
    return open_sandbox(level, **{"setup": SETUP, "preload": (), "roots": (HERE,), "limits": SMALL,
                                  "server": "toy:serve", **options})


@functools.cache
def why_not():
    """Why bubblewrap cannot be used here, or nothing."""
    if sys.platform != "linux" or shutil.which("bwrap") is None:
        return "bubblewrap is not installed"
    try:
        make("bwrap").close()
    except CourseError as error:
        return str(error)
    return ""


class Inside:
    """A session that is asked in Python."""

    def __init__(self, session):
        self.session = session

    def __call__(self, source, *, seconds=20.0, max_reply=1 << 20):
        return self.session.request(source.encode(), seconds=seconds, max_reply=max_reply).decode()


@contextmanager
def asking(sandbox, limits=SMALL, files=None):
    with sandbox.session(limits, files or {}) as session:
        yield Inside(session)


def processes_with(word):
    """Numbers of the processes of this machine whose command line holds `word`."""
    found = []
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            if word.encode() in Path(f"/proc/{name}/cmdline").read_bytes():
                found.append(int(name))
        except OSError:
            continue
    return found
