"""Training runs in processes of their own, some of them killed.

Call: `python runner.py '[[CHECKPOINT, KILL_AT, KIND, PAUSE], ...]'`.
Each job runs in a fork of a process that has only imported torch. KILL_AT is the step at which the run kills itself by
SIGKILL (-1: never); PAUSE is the number of seconds between its first checkpoint write and a SIGKILL from outside (null:
none). Prints a list with one entry per job: null if it was killed, else the hash of its weights and its losses.
Model and batches draw from every global generator, so that a generator that is not put back after a kill shows.
"""

import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np
import safetensors.torch  # noqa: F401 (loaded before the forks, as is `fit`)
import torch
from torch import nn

from course_lib.train import fit, warmup_cosine

STEPS = 40
torch.optim.SGD([nn.Parameter(torch.zeros(1))])  # torch imports its compiler at the first optimizer: once, not per fork


def make_model():
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(6, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))


def function_batches(kill_at):
    def batch(step):
        if step == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        x = torch.from_numpy(np.random.normal(size=(8, 6))).float() + random.random()
        return x, x.sum(1, keepdim=True) + 0.1 * torch.randn(8, 1)

    return batch


class Points(torch.utils.data.Dataset):
    def __len__(self):
        return 29

    def __getitem__(self, i):
        x = torch.linspace(-1, 1, 6) * i / 29 + 0.1 * torch.randn(6)
        return x, x.sum()[None]


def loader_batches():
    return torch.utils.data.DataLoader(Points(), batch_size=4, shuffle=True, drop_last=True)


def train_once(checkpoint, kill_at, kind):
    model = make_model()
    batches = function_batches(kill_at) if kind == "function" else loader_batches()
    calls = 0

    def loss_fn(model, batch):
        nonlocal calls
        if kind == "loader" and calls == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        calls += 1
        x, y = batch
        return (model(x) - y).square().mean()

    history = fit(
        model, batches, loss_fn, steps=STEPS, schedule=warmup_cosine(STEPS, warmup=5), checkpoint=checkpoint,
        checkpoint_every=3, validate=lambda m: float(m(torch.ones(4, 6)).square().mean() + torch.rand(())),
        validate_every=7,
    )  # fmt: skip
    weights = b"".join(t.numpy().tobytes() for t in model.state_dict().values())
    return {
        "hash": hashlib.sha256(weights).hexdigest(),
        "loss": history.loss,
        "validation": history.validation,
        "resumed_from": history.resumed_from,
        "best_step": history.best_step,
        "random": [random.random(), float(np.random.rand()), float(torch.rand(()))],
    }


def run_forked(checkpoint, kill_at, kind, pause):
    result = Path(checkpoint + ".result")
    result.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        result.write_text(json.dumps(train_once(checkpoint, kill_at, kind)))
        os._exit(0)
    if pause is not None:
        temporary = Path(checkpoint + ".tmp")
        while not temporary.exists() and os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            pass
        time.sleep(pause)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return None
    assert status == 0, f"status {status}"
    return json.loads(result.read_text())


if __name__ == "__main__":
    found = [run_forked(*job) for job in json.loads(sys.argv[1])]
    print("\nRESULT " + json.dumps(found))
