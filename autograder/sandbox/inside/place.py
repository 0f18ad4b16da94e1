"""Where a session lives: new namespaces, a private /tmp, a covered /proc, the files handed in with the notebook."""

import os

from autograder.sandbox.inside import system

SMALL = "size=4k,nr_inodes=2,mode=0555"
MOST_FILES = 100_000


def enter(file_bytes: int) -> None:
    """Move this process into namespaces of its own; its next child is the first process of a new PID namespace.

    Raises:
        OSError: the kernel refuses.
    """
    system.new_user_namespace(
        system.CLONE_NEWNS | system.CLONE_NEWPID | system.CLONE_NEWNET | system.CLONE_NEWIPC | system.CLONE_NEWUTS
    )
    system.prctl(system.PR_SET_DUMPABLE, 1)  # until the student's process has joined: see guard.release
    system.mount("none", "/", None, system.MS_REC | system.MS_PRIVATE)
    flags = system.MS_NOSUID | system.MS_NODEV
    room = f"size={file_bytes},nr_inodes={MOST_FILES},mode=0700"
    system.mount("tmpfs", "/tmp", "tmpfs", flags, room)
    os.mkdir("/tmp/.shm", 0o700)
    system.mount("/tmp/.shm", "/dev/shm", None, system.MS_BIND)
    system.mount("tmpfs", "/proc", "tmpfs", flags | system.MS_NOEXEC | system.MS_RDONLY, SMALL)
    system.set_hostname("sandbox")


def copy(descriptors: list[int], names: list[str], folder: str) -> None:
    """Copy open files into the session's folder under plain names. Raises OSError, also where there is no room."""
    for descriptor, name in zip(descriptors, names, strict=True):
        with open(descriptor, "rb") as source, open(os.path.join(folder, name), "xb") as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)
