"""Nothing that an answer does reaches stderr, where stock nbgrader takes it for a fault and scores 0."""

import logging
import os
import subprocess
import sys
import warnings

import numpy as np


class LeavesNoisily(float):
    """A result that is heard once more when it is thrown away."""

    def __del__(self):
        raise RuntimeError("noise from __del__")


def loud(kept_stream=None):
    """Every way to reach stderr that students and their libraries use."""
    print("noise 1", file=sys.stderr)
    print("noise 2", file=kept_stream)
    print("noise 3", file=sys.__stderr__, flush=True)
    os.write(2, b"noise 4\n")
    warnings.warn("noise 5", stacklevel=1)
    warnings.simplefilter("always")
    warnings.warn("noise 6", stacklevel=1)
    logging.getLogger("student").warning("noise 7")
    logging.warning("noise 8")
    os.system("echo noise 9 >&2")
    np.log(np.zeros(1))
    from tqdm import tqdm

    list(tqdm(range(3)))
    return LeavesNoisily(1.0)


def test_nothing_reaches_stderr():
    """In a process of its own, with its real descriptors: pytest stands between otherwise."""
    code = f"""
import sys; sys.path[:0] = {sys.path!r}
import logging, sys
handler = logging.StreamHandler()   # keeps the stream of now
logging.getLogger("student").addHandler(handler)
from test_check_quiet import loud
from course_lib.checks.core import subject, expect_close, CheckFailed
kept = sys.stderr
assert subject(loud).call(kept_stream=kept) == 1.0

def fails():
    held = loud(kept)
    raise ValueError("wrong")

class Module:
    def __init__(self): loud(kept)
    def __call__(self): loud(kept); return 1.0
    def named_parameters(self): loud(kept); return []
    def train(self, mode): loud(kept)
    def state_dict(self): loud(kept); return {{}}
    def load_state_dict(self, *args, **kwargs): loud(kept)
    def zero_grad(self): loud(kept)
    def other(self): loud(kept)

for act in (
    lambda: subject(fails).call(), lambda: subject(Module).build().forward(), lambda: subject(Module).build().train(),
    lambda: subject(Module).build().parameters(), lambda: subject(Module).build().load({{}}),
    lambda: subject(Module).build().gradients(), lambda: subject(Module).build().method("other"),
):
    try: act()
    except CheckFailed: pass
import gc; gc.collect()
try: expect_close([1e308, float("inf")], [-1e308, float("inf")], "x")
except CheckFailed: pass
print("heard again", file=sys.stderr)     # and afterwards all is as it was
print("and here", file=sys.__stderr__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.split("\n") == ["heard again", "and here", ""]
    for number in (1, 2, 3, 4, 7, 8, 9):
        assert f"noise {number}" in done.stdout  # not lost: the student may have printed it on purpose
