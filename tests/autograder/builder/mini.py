"""A small course of two units, written into a folder of the test."""

from pathlib import Path

COURSE = '''
[course]
title = "Audio in two units"
subtitle = "a fixture"
repository = "https://github.com/example/audio"
branch = "main"

[parts]
1 = "Signals"

[units.01_gain]
title = "Gain"
part = 1
minutes = 20
points = 4
device = "any"
data = []
prerequisites = []
checks = "gain"
objectives = ["Scale a signal.", "Say what a gain in dB does.", "Tell a level from a gain."]

[units.02_mean]
title = "The mean"
part = 1
minutes = 10
points = 1.5
device = "any"
data = ["spoken_digits"]
prerequisites = ["01_gain"]
checks = "gain"
objectives = ["Remove an offset.", "Say what an offset is.", "Hear that nobody hears it."]
'''

GAIN = '''# %% [markdown]
# ## A gain is a factor
#
# $y[n] = g \\, x[n]$

# %%
x = np.ones(4)
print(x.sum())

# %% [markdown]
# ### Exercise 1.1 · Scale   ★☆☆ · 5 min · 2 points

# %% nbgrader={"grade_id": "scale", "solution": true}
def scale(x, gain_db):
    """x scaled by `gain_db` decibels, same shape."""
    ### BEGIN SOLUTION
    factor = 10 ** (gain_db / 20)
    return [factor * value for value in x]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_scale", "points": 2}
assert np.allclose(scale([1.0, 2.0], 20), [10.0, 20.0])
### BEGIN HIDDEN TESTS
secret_gain = 6.0206
assert np.allclose(scale([1.0], secret_gain), [2.0], atol=1e-4)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade_id": "explain_gain", "solution": true, "points": 2}
# **Explain.** Why do two gains in dB add?
#
# ### BEGIN SOLUTION
# Factors multiply, and the logarithm turns a product into a sum.
# ### END SOLUTION
# === BEGIN MARK SCHEME ===
# 1 point for the product of factors, 1 point for the logarithm.
# === END MARK SCHEME ===

# %% tags=["results"]
# %config InlineBackend.figure_format = "png"
rows = [{"gain": 6.0, "factor": 2}]
'''

MEAN = '''# %% nbgrader={"grade_id": "centre", "solution": true}
def centre(x):
    ### BEGIN SOLUTION
    return [value - sum(x) / len(x) for value in x]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_centre", "points": 1.5}
assert abs(sum(centre([1.0, 2.0, 6.0]))) < 1e-9
'''


def write_course(root: Path) -> Path:
    """Write the fixture into `root` and return it."""
    sources = {"course.toml": COURSE, "solutions/01_gain/01_gain.py": GAIN, "solutions/02_mean/02_mean.py": MEAN}
    for name, text in sources.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return root
