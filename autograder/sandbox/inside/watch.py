"""Count what a session uses: processes, memory and CPU time of all its processes together, from /proc."""

import os
from dataclasses import dataclass, field

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")
MOST_CREDITS = 8


@dataclass(frozen=True)
class Process:
    """One line of /proc: numbers of the namespace in which /proc was opened."""

    pid: int
    parent: int
    threads: int
    cpu: float
    children_cpu: float
    private: int
    size: int


@dataclass
class Usage:
    """What a session uses now. `memory` in bytes is what it added to the warm process it was forked from."""

    processes: int = 0
    memory: int = 0
    cpu: float = 0.0
    pids: list[int] = field(default_factory=list)


class Watch:
    """Looks at one session.

    Args:
        proc: descriptor of a /proc in which the session can be seen.
        student: number of the student's process there.
    """

    def __init__(self, proc: int, student: int):
        self.proc, self.student = proc, student
        self.guard = int(os.readlink("self", dir_fd=proc))
        first = _process(proc, student)
        self.base, self.base_size = (first.private, first.size) if first else (0, 0)

    def usage(self) -> Usage:
        """Sum over the student's process, all that descends from it, and what the guard inherited as orphans."""
        table = {p.pid: p for p in map(self._read, _numbers(self.proc)) if p is not None}
        own = table.pop(self.guard, None)
        family = self._family(table)
        # Pages that a fork shares with the warm process are not the session's own. Programs that were started afresh
        # share nothing, and a few credits at most are given, so that nobody can pretend to be many forks.
        forks = sum(p.size >= self.base_size for p in family)
        private = sum(p.private for p in family) - self.base * min(forks, MOST_CREDITS)
        return Usage(
            processes=sum(p.threads for p in family),
            memory=max(private, 0),
            cpu=sum(p.cpu + p.children_cpu for p in family) + (own.children_cpu if own else 0.0),
            pids=[p.pid for p in family],
        )

    def _read(self, pid: int) -> Process | None:
        return _process(self.proc, pid)

    def _family(self, table: dict[int, Process]) -> list[Process]:
        children: dict[int, list[int]] = {}
        for p in table.values():
            children.setdefault(p.parent, []).append(p.pid)
        found, waiting = [], [self.student, *children.get(self.guard, [])]
        while waiting:
            pid = waiting.pop()
            if pid in table:
                found.append(table.pop(pid))
                waiting += children.get(pid, [])
        return found


def _numbers(proc: int) -> list[int]:
    return [int(name) for name in os.listdir(proc) if name.isdecimal()]


def _process(proc: int, pid: int) -> Process | None:
    """None once it has ended."""
    try:
        stat = _text(proc, f"{pid}/stat").rpartition(")")[2].split()
        pages = [int(word) for word in _text(proc, f"{pid}/statm").split()]
    except (FileNotFoundError, ProcessLookupError):
        return None
    user, system, children_user, children_system = map(int, stat[11:15])
    return Process(
        pid, int(stat[1]), int(stat[17]), (user + system) / TICK, (children_user + children_system) / TICK,
        (pages[1] - pages[2]) * PAGE, pages[0] * PAGE,
    )


def _text(proc: int, name: str) -> str:
    descriptor = os.open(name, os.O_RDONLY, dir_fd=proc)
    try:
        return os.read(descriptor, 4096).decode("utf-8", "replace")
    finally:
        os.close(descriptor)


def children(proc: int) -> set[int]:
    """Numbers of the processes whose parent is this one."""
    found = (_process(proc, pid) for pid in _numbers(proc))
    return {p.pid for p in found if p is not None and p.parent == os.getpid()}
