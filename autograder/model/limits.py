"""How much of the machine one submission may use."""

from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True)
class Limits:
    """Ceilings on one submission; seconds are wall time unless the name says CPU, sizes are bytes.

    Args:
        memory_bytes: data of one process, and of all its processes together.
        processes: processes and threads alive at once.
        file_bytes: size of one file, and of the private temporary folder.
        output_bytes: what is read of stdout and stderr together; the rest is drained and counted, not kept.
        cell_seconds: one cell of the notebook.
        cell_cpu_seconds: CPU time of the process per session; a session is killed beyond it.
        exercise_seconds: all calls that the checks of one graded cell make.
        submission_seconds: everything together; what comes later is a definite score 0 with this reason.
        reply_bytes: one value that an answer returns.
    """

    memory_bytes: int = 3 << 30
    processes: int = 64
    file_bytes: int = 256 << 20
    output_bytes: int = 1 << 20
    cell_seconds: float = 60.0
    cell_cpu_seconds: float = 300.0
    exercise_seconds: float = 60.0
    submission_seconds: float = 600.0
    reply_bytes: int = 256 << 20

    def scaled(self, factor: float) -> "Limits":
        """The same limits with every time multiplied by `factor`: for a student who has been given extra time."""
        seconds = {name: value * factor for name, value in asdict(self).items() if name.endswith("seconds")}
        return replace(self, **seconds)
