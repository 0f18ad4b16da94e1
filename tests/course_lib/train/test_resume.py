"""A run that was killed and picked up again ends with the same bits as one that never stopped."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RUNNER = Path(__file__).with_name("runner.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COURSE_DEVICE": "cpu", "OMP_NUM_THREADS": "1"}


def run(*jobs):
    """The result of each job (checkpoint, kill_at, kind, pause); None for one that was killed."""
    jobs = [[str(checkpoint), kill_at, kind, pause] for checkpoint, kill_at, kind, pause in jobs]
    command = [sys.executable, str(RUNNER), json.dumps(jobs)]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return result_of(done.stdout)


def result_of(stdout):
    return json.loads(stdout.rpartition("RESULT ")[2])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on Windows")
@pytest.mark.parametrize("kind", ["function", "loader"])
def test_killed_twice_and_resumed_is_bit_identical(tmp_path, kind):
    a, b = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    second = 25 if kind == "function" else 14  # the loader's kills count from the resume
    undisturbed, first, then, resumed = run(
        (a, -1, kind, None), (b, 11, kind, None), (b, second, kind, None), (b, -1, kind, None)
    )
    assert first is None
    assert then is None
    assert resumed.pop("resumed_from") == (24 if kind == "function" else 21)
    assert undisturbed.pop("resumed_from") == 0
    assert resumed == undisturbed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on Windows")
def test_killed_from_outside_while_writing(tmp_path):
    """The kill falls into a write or shortly after it, the moment left to chance: the file must always be whole."""
    a, b = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    pauses = (0.0, 0.0, 0.0, 0.002, 0.01, 0.03)
    undisturbed, *killed, resumed = run(
        (a, -1, "function", None), *((b, -1, "function", pause) for pause in pauses), (b, -1, "function", None)
    )
    assert None in killed
    assert resumed["hash"] == undisturbed["hash"]
    assert resumed["loss"] == undisturbed["loss"]


@pytest.mark.slow
def test_two_processes_train_as_one(tmp_path):
    """Two CPU processes: same weights in both, the same as one process on the joint batch.

    `accelerate launch` starts several processes on GPUs only; on a CPU its own starter, torchrun, does the same.
    """
    script = tmp_path / "two.py"
    script.write_text(
        "import json, os, sys, torch\n"
        "from course_lib import train\n"
        "def batch(i):\n"
        "    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(i))\n"
        "    return x, x.sum(1, keepdim=True)\n"
        "def joint(i):\n"
        "    a, b = batch(2 * i), batch(2 * i + 1)\n"
        "    return torch.cat([a[0], b[0]]), torch.cat([a[1], b[1]])\n"
        "torch.manual_seed(0)\n"
        "model = torch.nn.Linear(3, 1)\n"
        "loss = lambda m, b: (m(b[0]) - b[1]).square().mean()\n"
        "world = int(os.environ.get('WORLD_SIZE', 1))\n"
        "source = batch if world == 2 else joint\n"
        "for steps in (8, 12):  # the second call resumes\n"
        "    history = train.fit(model, source, loss, steps=steps, checkpoint=sys.argv[1], lr=0.1, clip=1.0,\n"
        "                        validate=lambda m: 0.0, optimizer=torch.optim.SGD(model.parameters(), lr=0.1))\n"
        "print('RESULT ' + json.dumps({'world': world, 'weights': model.weight[0].tolist(), 'loss': history.loss,\n"
        "      'resumed': history.resumed_from}), flush=True)\n"
    )
    single = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "one.safetensors")], capture_output=True, text=True,
        env=ENVIRONMENT,
    )  # fmt: skip
    assert single.returncode == 0, single.stderr
    both = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2",
         str(script), str(tmp_path / "two.safetensors")],
        capture_output=True, text=True, env=ENVIRONMENT, timeout=240,
    )  # fmt: skip
    assert both.returncode == 0, both.stderr[-3000:]
    results = [json.loads(part.partition("\n")[0]) for part in both.stdout.split("RESULT ")[1:]]
    assert [r["world"] for r in results] == [2, 2]
    assert results[0] == results[1]
    assert results[0]["resumed"] == 8
    alone = result_of(single.stdout)
    assert alone["world"] == 1
    assert results[0]["loss"] == pytest.approx(alone["loss"], rel=1e-5)
    assert results[0]["weights"] == pytest.approx(alone["weights"], rel=1e-5)
