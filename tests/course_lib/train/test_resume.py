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


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The results of all jobs, by name; None where the run was killed. One process imports torch for all of them."""
    if not hasattr(os, "fork"):
        pytest.skip("no fork on Windows")
    folder = tmp_path_factory.mktemp("runs")
    jobs = {  # file, step of its own kill, kind of batches, pause before a kill from outside
        "function undisturbed": ("a", -1, "function", None),
        "function killed": ("b", 11, "function", None),
        "function killed again": ("b", 25, "function", None),
        "function resumed": ("b", -1, "function", None),
        "loader undisturbed": ("c", -1, "loader", None),
        "loader killed": ("d", 11, "loader", None),
        "loader killed again": ("d", 14, "loader", None),  # counted from the resume
        "loader resumed": ("d", -1, "loader", None),
        **{f"outside killed {i}": ("e", -1, "function", pause) for i, pause in enumerate((0, 0, 0, 2e-3, 1e-2, 3e-2))},
        "outside resumed": ("e", -1, "function", None),
    }
    arguments = [[str(folder / f"{name}.safetensors"), *rest] for name, *rest in jobs.values()]
    done = subprocess.run(
        [sys.executable, str(RUNNER), json.dumps(arguments)], capture_output=True, text=True, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return dict(zip(jobs, result_of(done.stdout), strict=True))


def result_of(stdout):
    return json.loads(stdout.rpartition("RESULT ")[2])


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "step"), [("function", 24), ("loader", 21)])
def test_killed_twice_and_resumed_is_bit_identical(runs, kind, step):
    assert runs[f"{kind} killed"] is None
    assert runs[f"{kind} killed again"] is None
    resumed, undisturbed = runs[f"{kind} resumed"], runs[f"{kind} undisturbed"]
    assert (resumed["resumed_from"], undisturbed["resumed_from"]) == (step, 0)
    for name in ("hash", "loss", "validation", "best_step", "random"):
        assert resumed[name] == undisturbed[name], name


@pytest.mark.slow
def test_killed_from_outside_while_writing(runs):
    """The kill falls into a write or shortly after it, the moment left to chance: the file must always be whole."""
    assert None in [result for name, result in runs.items() if name.startswith("outside killed")]
    for name in ("hash", "loss", "validation"):
        assert runs["outside resumed"][name] == runs["function undisturbed"][name], name


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
