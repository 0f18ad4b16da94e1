"""Where a session lives: new namespaces, a private /tmp, a covered /proc, the files handed in with the notebook."""

import os

from autograder.sandbox.inside import numba_cache, system

SMALL = "size=256k,nr_inodes=8,mode=0555"
TOLD = ("/proc/cpuinfo", "/proc/meminfo")  # torch and psutil read them
COVERED = ("/dev/pts", "/dev/mqueue")  # a container brings them; bubblewrap is told not to
MOST_FILES = 100_000


def enter(file_bytes: int, again: list[list[str]]) -> None:
    """Move this process into namespaces of its own; its next child is the first process of a new PID namespace.

    Args:
        file_bytes: room in /tmp.
        again: (where it can be seen, place below /tmp): mounted there again when /tmp is covered.

    Raises:
        OSError: the kernel refuses.
    """
    system.new_user_namespace(
        system.CLONE_NEWNS | system.CLONE_NEWPID | system.CLONE_NEWNET | system.CLONE_NEWIPC | system.CLONE_NEWUTS
    )
    system.prctl(system.PR_SET_DUMPABLE, 1)  # until the student's process has joined: see guard.release
    system.mount("none", "/", None, system.MS_REC | system.MS_PRIVATE)
    compiled = numba_cache.take()
    flags = system.MS_NOSUID | system.MS_NODEV
    room = f"size={file_bytes},nr_inodes={MOST_FILES},mode=0700"
    system.mount("tmpfs", "/tmp", "tmpfs", flags, room)
    for source, target in again:
        _mount_point(target, folder=os.path.isdir(source))
        system.mount(source, target, None, system.MS_BIND)
    numba_cache.put(compiled)
    os.mkdir("/tmp/.shm", 0o700)
    system.mount("/tmp/.shm", "/dev/shm", None, system.MS_BIND)
    told = {name: _text(name) for name in TOLD}
    system.mount("tmpfs", "/proc", "tmpfs", flags | system.MS_NOEXEC, SMALL)
    for name, text in told.items():
        with open(name, "wb") as file:
            file.write(text)
    system.mount("tmpfs", "/proc", "tmpfs", flags | system.MS_NOEXEC | system.MS_RDONLY | system.MS_REMOUNT, SMALL)
    for path in filter(os.path.isdir, COVERED):
        system.mount("tmpfs", path, "tmpfs", flags | system.MS_NOEXEC | system.MS_RDONLY, SMALL)
    system.set_hostname("sandbox")


def _text(name: str) -> bytes:
    with open(name, "rb") as file:
        return file.read(100_000)


def _mount_point(path: str, *, folder: bool) -> None:
    if folder:
        os.makedirs(path)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.close(os.open(path, os.O_CREAT))


def copy(descriptors: list[int], names: list[str], folder: str) -> None:
    """Copy open files into the session's folder under plain names. Raises OSError, also where there is no room."""
    for descriptor, name in zip(descriptors, names, strict=True):
        with open(descriptor, "rb") as source, open(os.path.join(folder, name), "xb") as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)
