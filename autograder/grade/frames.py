"""Tasks and outcomes on a pipe: a JSON header and, behind it, the bytes of the file. No pickle.

    8 bytes: length of the header · 8 bytes: length of the data · header · data
"""

import json
import struct
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from nbformat import from_dict

from autograder.grade.task import Outcome, Setting, Task
from autograder.grade.versions import Versions
from autograder.model.examination import CellFault, CheckResult, Examination
from autograder.model.limits import Limits
from autograder.model.submission import HandedIn, Repair, Submission

LENGTHS = struct.Struct(">QQ")


def send(stream: BinaryIO, header: dict[str, Any], data: bytes = b"") -> None:
    """Write one frame.

    Raises:
        OSError: the other side is gone.
    """
    text = json.dumps(header).encode("ascii")
    stream.write(LENGTHS.pack(len(text), len(data)))
    stream.write(text)
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """Read one frame.

    Raises:
        EOFError: the other side closed, or died in the middle of a frame.
    """
    header, data = LENGTHS.unpack(_exactly(stream, LENGTHS.size))
    return json.loads(_exactly(stream, header)), _exactly(stream, data)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def setting_to_json(setting: Setting) -> dict[str, Any]:
    """A setting as plain JSON."""
    return asdict(setting) | {"seed_key": setting.seed_key.hex()}


def setting_from_json(data: dict[str, Any]) -> Setting:
    """What `setting_to_json` wrote."""
    return Setting(**data | {
        "notebooks": tuple(data["notebooks"]), "roots": tuple(data["roots"]), "limits": Limits(**data["limits"]),
        "seed_key": bytes.fromhex(data["seed_key"]), "versions": Versions(**data["versions"]),
    })


def task_to_json(task: Task) -> tuple[dict[str, Any], bytes]:
    """A task as plain JSON, and the bytes of its file."""
    handed_in = {name: value for name, value in vars(task.handed_in).items() if name != "data"}
    handed_in["attachments"] = {name: str(path) for name, path in task.handed_in.attachments.items()}
    return {"key": task.key, "extra_time": task.extra_time, "handed_in": handed_in}, task.handed_in.data


def task_from_json(header: dict[str, Any], data: bytes) -> Task:
    """What `task_to_json` wrote."""
    entry = dict(header["handed_in"])
    entry["attachments"] = {name: Path(path) for name, path in entry["attachments"].items()}
    return Task(header["key"], HandedIn(**entry | {"data": data, "faults": tuple(entry["faults"])}),
                header["extra_time"])


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as plain JSON; steps and attachments stay behind."""
    submission = dict(vars(outcome.submission)) | {"repairs": [asdict(r) for r in outcome.submission.repairs]}
    del submission["steps"], submission["attachments"]
    return {
        **vars(outcome), "submission": submission,
        "examination": {**vars(outcome.examination), **outcome.examination.verdict()},
    }


def outcome_from_json(data: dict[str, Any]) -> Outcome:
    """What `outcome_to_json` wrote."""
    entry, found = data["submission"], data["examination"]
    submission = Submission(**entry | {
        "steps": (), "repairs": tuple(Repair(**r) for r in entry["repairs"]), "notebook": from_dict(entry["notebook"]),
    })
    examination = Examination(**found | {
        "results": tuple(CheckResult(**r) for r in found["results"]),
        "faults": tuple(CellFault(**f) for f in found["faults"]),
    })
    return Outcome(**data | {"submission": submission, "examination": examination})
