"""What runs on a Dask worker. Plain JSON and bytes cross the network in both directions."""

import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.grade.frames import outcome_to_json, setting_from_json, task_from_json
from autograder.grade.run_task import run_task
from autograder.grade.task import Setting, Task


def grade_there(setting: str, header: dict[str, Any], data: bytes, attachments: dict[str, bytes]) -> dict[str, Any]:
    """Grade one submission on this worker's warm examiner.

    Args:
        setting: JSON of the setting.
        header, data: of the task.
        attachments: name → content of each further file.

    Returns:
        {"outcome": …}, or {"refused": …, "mend": …} if this machine cannot grade under this setting.
    """
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        task = with_files(task_from_json(header, data), attachments, Path(folder))
        try:
            return {"outcome": outcome_to_json(run_task(task, read_setting(setting), worker_name()))}
        except CourseError as error:
            return {"refused": f"{worker_name()}: {error.message}", "mend": error.mend}


@lru_cache(maxsize=2)
def read_setting(text: str) -> Setting:
    """The setting; the tasks of one run share it."""
    import json

    return setting_from_json(json.loads(text))


def with_files(task: Task, attachments: dict[str, bytes], folder: Path) -> Task:
    """The task with its attachments as files in `folder`; their names there are ours."""
    paths = {}
    for number, (name, content) in enumerate(sorted(attachments.items())):
        paths[name] = folder / f"{number}"
        paths[name].write_bytes(content)
    return replace(task, handed_in=replace(task.handed_in, attachments=paths))


def worker_name() -> str:
    """The name of this worker in the cluster."""
    from distributed import get_worker

    return str(get_worker().name)
