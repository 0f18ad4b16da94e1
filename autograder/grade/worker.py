"""A worker process of the local machine: `python -m autograder.grade.worker NAME`, frames on stdin and stdout.

It imports what it needs before the first frame, while the coordinator reads the class. First frame: the setting; the
answer is `{"ready": true}`, or why this machine cannot grade. Then one task per frame, and one outcome per answer. The
process ends at once when the coordinator closes the pipe or dies.
"""

import gc
import importlib
import os
import queue
import sys
import threading

from autograder.errors import CourseError
from autograder.grade.frames import outcome_to_json, receive, send, setting_from_json, task_from_json
from autograder.grade.run_task import bench, close_benches


def main(name: str) -> None:
    """Serve until the coordinator is gone."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints goes to the log, not among the frames
    frames: queue.SimpleQueue = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(frames,), daemon=True).start()
    gc.disable()  # what an import makes stays: looking for garbage in between only costs time
    for module in ("autograder.examine", "autograder.intake"):
        importlib.import_module(module)
    gc.enable()
    gc.freeze()
    header, _ = frames.get()
    setting = setting_from_json(header["setting"])
    try:
        ready = bench(setting)
    except CourseError as error:
        send(replies, {"refused": error.message, "mend": error.mend})
        return
    send(replies, {"ready": True})
    while True:
        header, data = frames.get()
        if header is None:
            close_benches()
            return
        outcome = ready.grade(task_from_json(header["task"], data), name)
        send(replies, {"outcome": outcome_to_json(outcome)})


def _listen(frames: queue.SimpleQueue) -> None:
    """Pass frames on. A closed pipe between tasks is the end; in the middle of one nobody waits for its outcome."""
    stdin = sys.stdin.buffer
    while True:
        try:
            header, data = receive(stdin)
        except EOFError:
            os._exit(0)  # the sandbox ends with this process
        if "end" in header:
            frames.put((None, b""))
            return
        frames.put((header, data))


if __name__ == "__main__":
    main(sys.argv[1])
