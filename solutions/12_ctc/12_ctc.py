# %% [markdown]
# ## 1 · The network does not know when
#
# A speech recogniser reads frames, some hundred in a second, and writes symbols, a few in a second. To train it frame
# by frame, somebody must say which symbol each frame belongs to. That is **strong alignment**: a label with its start
# and its end. Trained people need many times the length of a recording to mark it. A transcript alone is cheap: the
# same symbols, in the same order, without any times. That is **weak alignment**, and the world is full of it.
#
# This unit is about training from the second kind. Our test bed has both kinds. We join recordings of single digits by
# one speaker into strings, with short gaps or overlaps, so we know the place of every digit to the sample. The
# framewise network of the experiment will be told these places. The CTC network will not.

# %%
from course_lib.data.digit_strings import SAMPLE_RATE, DigitSpeech
from course_lib.models.digit_batches import BANDS, CLASSES, HOP, collate

sr = SAMPLE_RATE
SEEN, UNSEEN = [s for s in data.SPEAKERS if s != "theo"], "theo"
TEST_TAKES, VALIDATION_TAKES, TRAIN_TAKES = range(5), range(5, 10), range(10, 50)

test_takes, _ = data.digits_or_generated(speakers=SEEN, takes=TEST_TAKES)
speech = DigitSpeech(test_takes)
example = DigitSpeech(test_takes, gap=(-0.04, -0.02)).say([3, 1, 1, 7], np.random.default_rng(3), speaker="jackson")
batch = collate([example])

fig, (top, bottom) = plt.subplots(2, 1, figsize=(9, 5), sharex=True, layout="constrained")
ui.waveform(example.audio, sr, ax=top, title="strong alignment: every digit with its start and end")
for digit, (start, end) in zip(example.digits, example.spans, strict=True):
    top.axvspan(start / sr, end / sr, alpha=0.25, color=f"C{digit}")
    top.text((start + end) / 2 / sr, 1.4 * abs(example.audio).max(), digit, ha="center", va="top", fontsize=14)
top.set_ylim(top=1.45 * abs(example.audio).max())
bottom.grid(False)
bottom.imshow(
    batch.features[0].T, origin="lower", aspect="auto", cmap="magma",
    extent=(-HOP / 2 / sr, (batch.lengths[0].item() - 0.5) * HOP / sr, 0, BANDS),
)
transcript = " ".join(map(str, example.digits))
bottom.set(xlabel="time (s)", ylabel="mel band", title=f"weak alignment: the whole is “{transcript}”")
ui.show(fig, alt="A waveform of four spoken digits with a coloured span for each, over its log-mel spectrogram.")
ui.player({"three one one seven": example.audio}, sr)
ui.table(
    [
        {"what": "audio", "shape": str(example.audio.shape), "rate": f"{sr} samples/s"},
        {"what": "log-mel features", "shape": str(tuple(batch.features.shape)), "rate": f"{sr / HOP:.0f} frames/s"},
        {
            "what": "network output", "shape": str((*batch.step_labels.shape, CLASSES)),
            "rate": f"{sr / HOP / 4:.0f} steps/s",
        },
        {"what": "transcript", "shape": str(tuple(batch.labels.shape)), "rate": f"{4 / example.seconds:.1f} digits/s"},
    ],
    title="One utterance on its way to its label",
    caption="The network puts out many more steps than there are digits. CTC is the bridge over that difference.",
)

# %% [markdown]
# You hear two “one”s in a row. Only a faint dip in the spectrogram lies between them, and the transcript does not say
# where the second one begins.

# %% [markdown]
# ## 2 · The map B: from a path to a label
#
# **Connectionist temporal classification** (Graves, Fernández, Gomez and Schmidhuber 2006) lets the network write one
# symbol per frame anyway, and adds one symbol more, the **blank** "-", which means "nothing new here". If $\mathcal A$
# is the alphabet, the output alphabet is $\mathcal A' = \mathcal A \cup \{\text{-}\}$. A string $\pi \in \mathcal
# A'^T$ with one symbol for each of the $T$ frames is a **path**. (From here on a *frame* is an output step of the
# network: how many feature frames went into it does not matter to CTC.) The map $\mathcal B$ turns a path into a label
# $\mathbf l$ in two steps, in this order:
#
# 1. merge neighbours that are equal,
# 2. drop the blanks.
#
# $$\mathcal B(\texttt{hell-loo}) = \mathcal B(\texttt{hel-lo}) = \texttt{hello}, \qquad
# \mathcal B(\texttt{hellloo}) = \texttt{helo}, \qquad \mathcal B(\texttt{c-aaa-at}) = \texttt{caat}.$$
#
# The blank does two things. It lets the network wait, and it keeps two equal symbols apart: "ll" without a blank
# between is one l that lasts.

# %%
SYMBOLS = "-abcdefghijklmnopqrstuvwxyz"


def to_classes(text):
    """Letters to class indices; "-" is the blank, class 0."""
    return [SYMBOLS.index(letter) for letter in text]


def to_text(classes):
    """Class indices to letters."""
    return "".join(SYMBOLS[k] for k in classes)


for path in ("hell-loo", "hel-lo", "hellloo", "cc-a-tt", "-c-a-t-", "c-aaa-at", "--------"):
    print(f"{path:>9} → “{to_text(models.collapse(to_classes(path)))}”")

# %% [markdown]
# ### Exercise 12.1 · The map B   ★☆☆ · 8 min · 1 point
#
# **Goal.** Map a path to its label.
#
# | | |
# |---|---|
# | `path` | `Sequence[int]`, one class index per frame; may be empty |
# | `blank` | the class index of the blank: any index, not always 0 |
# | returns | `list[int]`, the label without blanks |
#
# **Target:** `[1, 1, 0, 1, 2, 2, 1]` → `[1, 1, 2, 1]`.
#
# <details><summary>Hint 1 · the idea</summary>
# A symbol is new if it differs from the symbol in the frame before. Keep the new symbols that are no blank.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>itertools.groupby(path)</code> yields each run of equal neighbours once.
# </details>
#
# **If the target passes and the random paths fail:** look at two equal symbols with blanks between them, and at a blank
# that is not class 0.

# %% nbgrader={"grade_id": "collapse", "solution": true}
from collections.abc import Sequence


def collapse(path: Sequence[int], blank: int = 0) -> list[int]:
    """Map a CTC path to its label: merge repeats, then drop blanks."""
    ### BEGIN SOLUTION
    import itertools

    return [symbol for symbol, run in itertools.groupby(path) if symbol != blank]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_collapse", "points": 1}
checks.ctc.collapse(collapse)
### BEGIN HIDDEN TESTS
checks.ctc.collapse(collapse, rng=grading_rng("collapse"), cases=200)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · How many paths say “hello”?
#
# The network puts out a distribution $y_t^k$, the **posterior**, over $\mathcal A'$ at each step $t$. CTC takes the
# steps as independent given the input, so a path has the probability of its product, and a label that of all its paths
# together:
#
# $$p(\pi \mid \mathbf x) = \prod_{t=1}^{T} y_t^{\pi_t}, \qquad
# p(\mathbf l \mid \mathbf x) = \sum_{\pi \in \mathcal B^{-1}(\mathbf l)} p(\pi \mid \mathbf x).$$
#
# How long is that sum? Take eight frames and the five symbols h, e, l, o and the blank. There are $5^8$ strings. The
# lecture gives this number where it speaks of the paths of “hello”. Let us count how many of the strings really say it.

# %%
import itertools
import math
from collections import Counter

five = [SYMBOLS.index(letter) for letter in "-helo"]
said = Counter(tuple(models.collapse(path)) for path in itertools.product(five, repeat=8))
hello = to_classes("hello")
ui.table(
    [
        {"what": "strings of 8 symbols over {h, e, l, o, -}", "number": sum(said.values())},
        {"what": "different labels they collapse to", "number": len(said)},
        {"what": "paths that collapse to “hello”", "number": said[tuple(hello)]},
        {"what": "paths that collapse to “helo”", "number": said[tuple(to_classes("helo"))]},
        {"what": "paths that collapse to “hhhhhhhh”", "number": said[tuple(to_classes("hhhhhhhh"))]},
    ],
    title="All strings of eight frames, collapsed",
)

# %% [markdown]
# The sum for one label is far shorter than $5^8$, but it still explodes. A label of $L$ symbols with $r$ pairs of
# equal neighbours has $\binom{T + L - r}{2L}$ paths in $T$ frames. A path is $2L+1$ runs, one for each symbol and one
# for each place of blanks. The $L$ symbols and the $r$ blanks between equal neighbours last at least one frame. The
# other $T - L - r$ frames are shared among the $2L+1$ runs, and there are $\binom{T-L-r+2L}{2L}$ ways to share them.
# The next cell compares the formula with the count, and then goes where nobody can count.

# %%
def count_paths(frames, label):
    """Number of paths of a label: a binomial coefficient."""
    repeats = sum(a == b for a, b in itertools.pairwise(label))
    return math.comb(frames + len(label) - repeats, 2 * len(label))


assert all(count_paths(8, label) == count for label, count in said.items())
ui.table(
    [{"frames": T, "paths of “hello”": f"{count_paths(T, hello):.4g}"} for T in (5, 6, 8, 25, 100, 500)],
    title="The formula agrees with the count for every label above",
    caption="“hello” needs six frames: five letters, and a blank between the two l.",
)

# %% [markdown]
# Before we find a faster way, write the slow one. It is the definition, so it will be the judge of everything faster.

# %% [markdown]
# ### Exercise 12.2 · Sum over all paths   ★☆☆ · 15 min · 2 points
#
# **Goal.** Compute $p(\mathbf l \mid \mathbf x)$ by its definition.
#
# | | |
# |---|---|
# | `probs` | `Float[np.ndarray, "frames classes"]`, posteriors $y_t^k$, at most 5 × 4 |
# | `label` | `list[int]`, class indices without the blank; may be empty, may be too long to be possible |
# | `blank` | class index of the blank |
# | returns | `float`, the probability itself, not its logarithm |
#
# `models.collapse(path, blank)` is the map $\mathcal B$. **Target:** two frames and two classes, all posteriors 1/2:
# the label `[1]` has probability 3/4, the label `[]` has 1/4.
#
# <details><summary>Hint 1 · the idea</summary>
# Go through all strings of class indices, keep those that collapse to the label, multiply within each, add them up.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>for path in itertools.product(range(probs.shape[1]), repeat=len(probs)):</code>
# </details>
#
# **If single labels pass and the sum over all labels fails (it is not 1):** a path is counted for two labels, or for
# none: look at the comparison of the collapsed path with the label (a list is not equal to a tuple).

# %% nbgrader={"grade_id": "label_probability", "solution": true}
import itertools


def label_probability(probs: Float[np.ndarray, "frames classes"], label: list[int], blank: int = 0) -> float:
    """p(label | x): the probabilities of all paths that collapse to the label, added up."""
    ### BEGIN SOLUTION
    frames, classes = probs.shape
    total = 0.0
    for path in itertools.product(range(classes), repeat=frames):
        if models.collapse(path, blank) == label:
            total += probs[range(frames), path].prod()
    return total
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_label_probability", "points": 2}
checks.ctc.label_probability(label_probability)
### BEGIN HIDDEN TESTS
checks.ctc.label_probability(label_probability, rng=grading_rng("label_probability"), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# ### Many paths, and yet little probability
#
# More frames give more paths, but each path has more factors below one. What wins depends on how sure the network is.
# In the demo the posteriors are a mixture: with weight $c$ ("confidence") the network says “hello” once through,
# evenly spread with blanks between; with weight $1 - c$ it says anything.

# %%
def confident_posteriors(frames, confidence, label=tuple("hello")):
    """(frames, 5) posteriors over -, h, e, l, o: a path that says the label once through, mixed with uniform noise."""
    letters = "-helo"
    path = np.zeros(frames, int)
    slots = np.linspace(0, frames, 2 * len(label) + 2).round().astype(int)
    for i, letter in enumerate(label):
        path[slots[2 * i + 1] : max(slots[2 * i + 2], slots[2 * i + 1] + 1)] = letters.index(letter)
    return confidence * np.eye(5)[path] + (1 - confidence) / 5


def draw_paths(frames, confidence):
    """Left: the posteriors. Right: number of paths and p(hello | x) over the number of frames, at this confidence."""
    label = torch.tensor([[1, 2, 3, 3, 4]])
    grid = np.arange(11, 61)
    with np.errstate(divide="ignore"):
        log_y = [torch.from_numpy(np.log(confident_posteriors(T, confidence)))[None] for T in grid]
        p = [math.exp(-losses.ctc_loss(one, label).item()) for one in log_y]
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.4), layout="constrained")
    left.grid(False)
    image = left.imshow(confident_posteriors(frames, confidence).T, aspect="auto", vmin=0, vmax=1, cmap="cividis")
    left.set(yticks=range(5), yticklabels=list("-helo"), xlabel="step", ylabel="class", title="posteriors")
    fig.colorbar(image, ax=left, label="probability")
    right.semilogy(grid, [count_paths(int(T), hello) for T in grid], "C1--", label="number of paths")
    right.semilogy(grid, p, "C0", label="p(hello | x)")
    here = p[list(grid).index(frames)]
    right.plot(frames, here, "C0o")
    right.axhline(0.5, color="0.6", linewidth=0.8)
    right.set(xlabel="steps T", ylim=(1e-12, 1e12), title=f"T = {frames}: p(hello | x) = {here:.3g}")
    right.legend()
    return fig, f"At {frames} steps and confidence {confidence:.2f}, p(hello | x) is {here:.3g}; the paths grow with T."


ui.explore(
    draw_paths,
    question="From which confidence on is p(hello | x) above one half with 30 steps? And does p rise or fall with T, "
    "while the number of paths only rises?",
    frames=(11, 60, 1, 30), confidence=(0.0, 1.0, 0.02, 0.9),
)

# %% [markdown]
# In the demo $p$ falls with $T$ at any confidence below one: each frame adds a factor below one, and the new paths do
# not make up for it. (Small rises, as from 13 to 14 steps, come from rounding the lengths of letters to steps. The
# axis starts at 11 steps, one for each letter and each blank around them.)

# %% [markdown]
# ## 4 · Forward and backward
#
# Write the label with a blank before, between and after its symbols. These $2L + 1$ places are the **states** $s$. A
# path of the label is a walk through the states from left to right: at each frame it stays, or goes one state on, or
# skips one. A skip is allowed only over a blank, and only if the symbols on its two sides differ: from l to l the path
# must touch the blank, or $\mathcal B$ would merge them.
#
# The **forward variable** $\alpha_t(s)$ is the summed probability of all beginnings $\pi_1 \dots \pi_t$ that stand in
# state $s$ at time $t$. The **backward variable** $\beta_t(s)$ is that of all endings $\pi_t \dots \pi_T$ that start
# there. As in the paper, both count the frame $t$ itself:
#
# $$\begin{aligned}
# \alpha_t(s) &= y_t^{\,l'_s}\,\bigl[\alpha_{t-1}(s) + \alpha_{t-1}(s-1)
# + \underbrace{\alpha_{t-1}(s-2)}_{\text{if } l'_s \neq l'_{s-2}}\bigr], \\
# \beta_t(s) &= y_t^{\,l'_s}\,\bigl[\beta_{t+1}(s) + \beta_{t+1}(s+1)
# + \underbrace{\beta_{t+1}(s+2)}_{\text{if } l'_s \neq l'_{s+2}}\bigr].
# \end{aligned}$$
#
# A walk starts in one of the first two states and ends in one of the last two:
# $\alpha_1$ is $y_1$ there and zero elsewhere, and $p(\mathbf l \mid \mathbf x) = \alpha_T(2L) + \alpha_T(2L+1)$.
# (The formulas count states from 1, the arrays from 0.)
# (Two blanks are always equal, so the one condition $l'_s \neq l'_{s-2}$ also forbids the skip from blank to blank.)

# %%
rng = np.random.default_rng(0)
y = torch.from_numpy(0.6 * confident_posteriors(8, 0.9) + 0.4 * rng.dirichlet(np.ones(5), 8))
log_y, label = y.log()[None], torch.tensor([[1, 2, 3, 3, 4]])
alpha, beta = losses.ctc_forward(log_y, label)[0], losses.ctc_backward(log_y, label)[0]

states = "-h-e-l-l-o-"
index = ["-helo".index(letter) for letter in states]
fig, axes = plt.subplots(1, 2, figsize=(11, 4.6), sharey=True, layout="constrained")
for ax, values, name in ((axes[0], alpha, "alpha"), (axes[1], alpha + beta - log_y[0, :, index], "alpha·beta/y")):
    for t, s in itertools.product(range(7), range(11)):
        for step in (0, 1, 2):
            if s + step < 11 and (step < 2 or states[s] != states[s + 2]):
                used = (alpha[t, s] + beta[t + 1, s + step]).exp() > 0
                ax.plot([t + 1, t + 2], [s, s + step], color="0.45" if used else "0.9", linewidth=0.8, zorder=1)
    t, s = np.meshgrid(np.arange(1, 9), np.arange(11), indexing="ij")
    shown = values.exp().numpy()
    dots = ax.scatter(t, s, c=np.where(shown > 0, np.log10(np.maximum(shown, 1e-12)), np.nan), s=130, cmap="viridis",
                      vmin=-6, vmax=0, edgecolor="0.5", plotnonfinite=False, zorder=2)
    ax.set(xlabel="step t", xticks=range(1, 9), yticks=range(11), yticklabels=list(states))
    ax.set_title(f"{name}, base-10 logarithm")
axes[0].set_ylabel("state s")
axes[0].invert_yaxis()
fig.colorbar(dots, ax=axes, label="log10 probability")
ui.show(fig, alt="Two trellises of hello over eight steps. Paths run to the lower right; no line skips from l to l.")

# %% [markdown]
# This picture is the **trellis**. Left, each column of $\alpha$ adds up to the probability that the first $t$ frames
# begin the label. That sum can only fall; a single state may rise, since it also receives from its neighbours. It ends
# at $p(\mathbf l \mid \mathbf x)$ and at the beginnings that ran out of time. Dark grey lines are the
# steps that some complete path uses. Between the two l no line skips the blank. Right, $\alpha\beta/y$ is the
# probability of all complete paths through one point.
#
# Check two things by hand. First, $\alpha_3$ of the state h: three beginnings stand there, `--h`, `-hh` and `hhh`.
# Second, every path stands in exactly one state at time $t$, and $\alpha_t\beta_t$ holds $y_t$ **twice**, so for every
# single $t$
#
# $$p(\mathbf l \mid \mathbf x) = \sum_s \frac{\alpha_t(s)\,\beta_t(s)}{y_t^{\,l'_s}}.$$

# %%
h, blank = y[:, 1], y[:, 0]
three = blank[0] * blank[1] * h[2] + blank[0] * h[1] * h[2] + h[0] * h[1] * h[2]
print(f"alpha_3(h): recursion {alpha[2, 1].exp():.6e}, three paths {three:.6e}")
print(f"p by the last two states     {(alpha[-1, -1].exp() + alpha[-1, -2].exp()):.6e}")
for t in (0, 3, 7):
    print(f"p by alpha·beta/y at t = {t + 1}   {(alpha[t] + beta[t] - log_y[0, t, index]).exp().sum():.6e}")
native = torch.nn.functional.ctc_loss(log_y.transpose(0, 1), label, [8], [5], reduction="sum")
print(f"p by torch.nn.functional     {(-native).exp():.6e}")

# %% [markdown]
# The work is now $T \times (2L+1)$ sums of three terms in place of a sum over all paths. One trap is left. With a
# thousand frames the products leave the range of float64, whose smallest positive number is near $5\cdot10^{-324}$. So
# all is done with logarithms: products become sums, and a sum becomes
#
# $$\ln(e^a + e^b) = \max(a, b) + \ln\bigl(1 + e^{-|a - b|}\bigr), \qquad \ln 0 = -\infty.$$
#
# `np.logaddexp` does this, and knows that $\ln(0 + 0)$ is $-\infty$. Written by hand it is $-\infty - (-\infty)$, a
# NaN.

# %%
frames = np.array([50, 200, 500, 1000])
ui.table(
    [
        {"frames": int(T), "product of 0.3 per frame": f"{0.3 ** float(T):.3g}", "its logarithm": T * np.log(0.3)}
        for T in frames
    ],
    title="Why logarithms",
)

# %% [markdown]
# ### Exercise 12.3 · Forward-backward in the log domain   ★★★ · 35 min · 4 points
#
# **Goal.** Compute $\ln\alpha$, $\ln\beta$ and $\ln p(\mathbf l \mid \mathbf x)$.
#
# | | |
# |---|---|
# | `log_probs` | `Float[np.ndarray, "frames classes"]`, $\ln y_t^k$; may hold $-\infty$ |
# | `label` | `list[int]`, may be empty, may be impossible |
# | `blank` | class index of the blank |
# | returns | `(alpha, beta, log_p)`, natural logarithms |
# | `alpha`, `beta` | `Float[np.ndarray, "frames states"]`, both with $y_t$; exactly $-\infty$ where no path is |
# | `states` | `2 * len(label) + 1` |
# | `log_p` | `float`, $-\infty$ for an impossible label |
#
# **Target:** the left picture above, and 600 frames without underflow.
#
# <details><summary>Hint 1 · the idea</summary>
# Write a function for alpha alone. A path read backwards is a path of the label read backwards, so beta is the alpha of
# the reversed input (time and states), reversed back.
# </details>
#
# <details><summary>Hint 2 · the first lines</summary>
#
# ```python
# states = np.full(2 * len(label) + 1, blank)
# states[1::2] = label
# log_y = log_probs[:, states]                    # (frames, states)
# ```
# Vectorise over the states: `alpha[t, 1:]` takes from `alpha[t-1, :-1]`, `alpha[t, 2:]` from `alpha[t-1, :-2]`.
# </details>
#
# **If short labels pass and `[1, 1]` fails:** the skip between equal symbols. **If alpha passes and log_p fails:**
# there are two last states, and only one for the empty label. **If 600 frames fail:** somewhere you leave the
# logarithm.

# %% nbgrader={"grade_id": "forward_backward", "solution": true}
def forward_backward(
    log_probs: Float[np.ndarray, "frames classes"], label: list[int], blank: int = 0,
) -> tuple[Float[np.ndarray, "frames states"], Float[np.ndarray, "frames states"], float]:
    """ln alpha, ln beta (both with y_t) and ln p(label | x)."""
    ### BEGIN SOLUTION
    states = np.full(2 * len(label) + 1, blank)
    states[1::2] = label
    gate = np.where(states[2:] != states[:-2], 0.0, -np.inf)

    def forward(log_y, gate):
        alpha = np.full(log_y.shape, -np.inf)
        alpha[0, :2] = log_y[0, :2]
        for t in range(1, len(log_y)):
            before = alpha[t - 1]
            alpha[t] = before
            alpha[t, 1:] = np.logaddexp(before[1:], before[:-1])
            alpha[t, 2:] = np.logaddexp(alpha[t, 2:], before[:-2] + gate)
            alpha[t] += log_y[t]
        return alpha

    log_y = log_probs[:, states]
    alpha = forward(log_y, gate)
    beta = forward(log_y[::-1, ::-1], gate[::-1])[::-1, ::-1]
    return alpha, beta, np.logaddexp.reduce(alpha[-1, -2:])
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_forward_backward", "points": 4}
checks.ctc.forward_backward(forward_backward)
### BEGIN HIDDEN TESTS
checks.ctc.forward_backward(forward_backward, rng=grading_rng("forward_backward"), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# ## 5 · The loss and its gradient
#
# The loss is $-\ln p(\mathbf l \mid \mathbf x)$. For its gradient write $p$ at time $t$ as above and collect the states
# that hold class $k$. Each complete path through class $k$ at time $t$ has the factor $y_t^k$ exactly once, so
#
# $$\frac{\partial p}{\partial y_t^k}
# = \frac{1}{y_t^k} \sum_{s:\, l'_s = k} \frac{\alpha_t(s)\,\beta_t(s)}{y_t^k}
# = \frac{1}{(y_t^k)^2} \sum_{s:\, l'_s = k} \alpha_t(s)\,\beta_t(s).$$
#
# **Mind the convention.** Here $\alpha$ and $\beta$ both count $y_t$, and one $1/y$ takes the second count away. Texts
# in which $\beta$ leaves $y_t$ out have $p = \sum_s \alpha\beta$ and a single $1/y$. And a minus sign belongs to
# $\partial(-\ln p)/\partial y = -\frac1p\,\partial p/\partial y$, not to $\partial p / \partial y$: slides that carry
# it over to $\partial p/\partial y$ err.
#
# The network's last layer is a softmax, $y = \mathrm{softmax}(z)$. Define the **occupancy**
#
# $$\gamma_t^k = p(\pi_t = k \mid \mathbf l, \mathbf x)
# = \frac1p \sum_{s:\, l'_s = k} \frac{\alpha_t(s)\,\beta_t(s)}{y_t^k},
# \qquad \sum_k \gamma_t^k = 1.$$
#
# Then $\partial(-\ln p)/\partial \ln y_t^k = -\gamma_t^k$, and through $\ln y^k = z^k - \ln \sum_j e^{z^j}$
#
# $$\boxed{\ \frac{\partial(-\ln p)}{\partial z_t^k} = y_t^k - \gamma_t^k\ }$$
#
# That is the gradient of a cross-entropy with the target $\gamma_t$. CTC makes its own targets: the alignment that the
# network itself finds likely, among those that spell the label. Compare with framewise training, where the target is
# given and is one-hot.

# %%
z = torch.randn(40, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64, requires_grad=True)
log_y = z.log_softmax(-1)[None]
losses.ctc_loss(log_y, label).sum().backward()
gamma = losses.ctc_occupancy(log_y.detach(), label)[0]
y = log_y.detach()[0].exp()
print(f"largest |autograd - (y - gamma)| = {(z.grad - (y - gamma)).abs().max():.1e}")

fig, axes = plt.subplots(3, 1, figsize=(9, 5.6), sharex=True, layout="constrained")
for ax, values, title, cmap, low in (
    (axes[0], y, "y: what the network says", "cividis", 0),
    (axes[1], gamma, "γ: where “hello” must be, if that is what was said", "cividis", 0),
    (axes[2], gamma - y, "γ - y: the push on the logits (minus the gradient)", "PuOr", -1),
):
    ax.grid(False)
    image = ax.imshow(values.T, aspect="auto", cmap=cmap, vmin=low, vmax=1)
    ax.set(yticks=range(5), yticklabels=list("-helo"), ylabel="class", title=title)
    fig.colorbar(image, ax=ax)
axes[2].set_xlabel("step")
ui.show(fig, alt="Random posteriors, their occupancy, which runs from h at the left to o at the right, the difference.")

# %% [markdown]
# The posteriors are noise; the occupancy is not. It is a blurred diagonal h, e, l, o, the only order that is allowed.
# The push on the logits sharpens it.

# %% [markdown]
# ### Exercise 12.4 · The gradient at the logits   ★★☆ · 20 min · 2 points
#
# **Goal.** Return $\partial(-\ln p)/\partial z$ by hand, given the forward and backward variables.
#
# | | |
# |---|---|
# | `log_probs` | `Float[np.ndarray, "frames classes"]`, $\ln y = \ln \mathrm{softmax}(z)$ |
# | `alpha`, `beta` | `Float[np.ndarray, "frames states"]`, natural logarithms, both with $y_t$ |
# | `label`, `blank` | as before; the label is possible |
# | returns | `Float[np.ndarray, "frames classes"]` |
#
# **Target:** what autograd gives for `torch.nn.functional.ctc_loss(z.log_softmax(-1))`. Each row sums to zero.
#
# <details><summary>Hint 1 · the idea</summary>
# alpha + beta - ln y - ln p is the logarithm of the share of each state. Add the shares of the states that hold the
# same class.
# </details>
#
# <details><summary>Hint 2 · the trap</summary>
# <code>occupancy[:, states] += share</code> counts a class that occurs twice only once: numpy buffers the index.
# Loop over the states, or use <code>np.add.at</code>.
# </details>
#
# **If labels without repeats pass and others fail:** hint 2. **If every row sums to zero but nothing fits:** is one
# $1/y$ missing, or one too many?

# %% nbgrader={"grade_id": "logit_gradient", "solution": true}
def logit_gradient(
    log_probs: Float[np.ndarray, "frames classes"], alpha: Float[np.ndarray, "frames states"],
    beta: Float[np.ndarray, "frames states"], label: list[int], blank: int = 0,
) -> Float[np.ndarray, "frames classes"]:
    """Gradient of -ln p(label | x) at the logits: y - occupancy."""
    ### BEGIN SOLUTION
    states = np.full(2 * len(label) + 1, blank)
    states[1::2] = label
    log_p = np.logaddexp.reduce(alpha[-1, -2:])
    share = np.exp(alpha + beta - log_probs[:, states] - log_p)
    gradient = np.exp(log_probs)
    for s, k in enumerate(states):
        gradient[:, k] -= share[:, s]
    return gradient
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_logit_gradient", "points": 2}
checks.ctc.logit_gradient(logit_gradient)
### BEGIN HIDDEN TESTS
checks.ctc.logit_gradient(logit_gradient, rng=grading_rng("logit_gradient"), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# ### Why the outputs become spikes
#
# Look at the targets of a network that is still ignorant. Let each frame say the blank with probability $b$ and the
# other classes with equal shares of the rest, whatever the input. For how many of 60 steps does $\gamma$ ask for each
# of four digits?

# %%
four = torch.tensor([[4, 2, 2, 8]])


def steps_asked_for(b):
    """Steps that γ gives to each class when every frame says the blank with probability b."""
    flat = torch.full((1, 60, CLASSES), (1 - b) / (CLASSES - 1), dtype=torch.float64)
    flat[:, :, 0] = b
    return losses.ctc_occupancy(flat.log(), four)[0].sum(0).numpy()


blank_shares = np.linspace(0.02, 0.98, 49)
asked = np.array([steps_asked_for(b) for b in blank_shares])
fig, ax = plt.subplots(figsize=(7.5, 3.4), layout="constrained")
ax.plot(blank_shares, asked[:, 0], "k", label="blank")
ax.plot(blank_shares, asked[:, [4, 2, 8]].sum(1) / 4, "C1", label="each of the four digits, on average")
ax.plot(blank_shares, 60 * blank_shares, "k:", label="blank: what the network says")
ax.set(xlabel="probability of the blank in every frame, b", ylabel="steps asked for", ylim=(0, 60))
ax.legend()
ui.show(fig, alt="The steps that the target gives to the blank lie above what the network says until b is near one.")
uniform = steps_asked_for(1 / CLASSES)
print(f"uniform output (b = 1/{CLASSES}): the target gives the blank {uniform[0]:.1f} of 60 steps, "
      f"each digit {uniform[1:].sum() / 4:.1f}; the network gives every class {60 / CLASSES:.1f}.")

# %% [markdown]
# With a flat output all walks are equally likely, so all $2L+1$ states get nearly the same share of time. More than
# half of them are blanks, and all of these are one class. So the blank rises first, and a fresh CTC network says
# nothing at all for a while. The more blank it says, the more blank the target holds, until each digit keeps about one
# step. The rest of training decides *where*. Nothing in the loss asks for this: a digit that fills its span has the
# same loss as a spike. The spike is where gradient descent ends when it starts from a flat output (Zeyer et al. 2021).

# %% [markdown]
# ## 6 · Decoding
#
# Training is over, the posteriors are there: which label is it? We want $\arg\max_{\mathbf l}\, p(\mathbf l \mid
# \mathbf x)$.
#
# **Best path**, or greedy: take the most likely class of each frame, then collapse. It finds the best *path*. The best
# *label* may be another, whose probability is spread over many paths:

# %%
two = np.array([[0.6, 0.4], [0.6, 0.4]])
rows = []
for path in itertools.product((0, 1), repeat=2):
    said = f"“{to_text(models.collapse(path))}”"
    rows.append({"path": to_text(path), "label": said, "probability": two[[0, 1], path].prod()})
total = sum(row["probability"] for row in rows if row["label"] == "“a”")
ui.table(
    rows, title="Two frames with a blank of 0.6 and an “a” of 0.4",
    caption=f"Best path: “{to_text(models.best_path(two))}”. The label “a” has {total:.2f}.",
)

# %% [markdown]
# **Prefix beam search** adds up paths while it goes. After each frame it holds a few **prefixes**, beginnings of
# labels. For each it keeps two numbers: $p^-$, the probability of its paths that end in a blank, and $p^+$, of those
# that end in its last symbol. With the posteriors $y$ of the next frame, a prefix $\mathbf l$ with last symbol $e$
#
# | gives | to | because |
# |---|---|---|
# | $(p^- + p^+)\,y^{\text{-}}$ | $p^-$ of $\mathbf l$ | a blank changes nothing |
# | $p^+\,y^{e}$ | $p^+$ of $\mathbf l$ | the last symbol goes on, and is merged |
# | $p^-\,y^{e}$ | $p^+$ of $\mathbf l e$ | after a blank the same symbol is a new one |
# | $(p^- + p^+)\,y^{k}$, $k \neq e$ | $p^+$ of $\mathbf l k$ | another symbol is a new one |
#
# Ways that reach the same prefix are added. Then only the best prefixes, the **beam**, are kept.
#
# **A language model** says how likely a label is before anything is heard. A bigram has one table: `lm[a, b]` is $\ln
# p(b \mid a)$. The edge of a string is a symbol of its own, and the blank's index is free for it, as no label holds a
# blank: row `blank` is for the first symbol, column `blank` for the end. The score of a label becomes
#
# $$\ln p(\mathbf l \mid \mathbf x) + w \sum_{i=1}^{L+1} \ln p(l_i \mid l_{i-1}), \qquad l_0 = l_{L+1} = \text{edge}.$$
#
# The weight $w$ says how far to trust the text and is chosen on validation data: both factors are probabilities of the
# label already, so their product is no Bayes rule. A large $w$ also favours short labels, since each symbol costs.
# Each term is added when its symbol is **new**, never for a repeat or a blank; the end is added after the last frame.

# %%
text = [[1, 2, 3], [1, 2], [3, 1, 2], [1, 2, 3], [2, 3]]
bigram = models.BigramModel.fit(text, classes=4)
noisy = np.array([[.2, .5, .2, .1], [.6, .2, .1, .1], [.3, .1, .28, .32], [.7, .1, .1, .1]])
ui.table(
    [
        {"search": name, **{f"{rank + 1}. label": f"{h.label}  ({h.score:.2f})" for rank, h in enumerate(
            models.prefix_beam_search(np.log(noisy), beam=20, language_model=model, best=3))}}
        for name, model in (("without language model", None), ("with a bigram that saw 1 2 3", bigram))
    ],
    title="Three best labels and their scores",
    caption=f"Best path: {models.best_path(noisy)}. In the text, 2 follows 1 every time.",
)

# %% [markdown]
# The third frame cannot decide between 2 and 3. The text can.

# %% [markdown]
# ### Exercise 12.5 · Prefix beam search with a bigram   ★★★ · 50 min · 3 points
#
# **Goal.** Find the label with the best score $\ln p(\mathbf l \mid \mathbf x) + w \ln p_\text{LM}(\mathbf l)$.
#
# | | |
# |---|---|
# | `log_probs` | `Float[np.ndarray, "frames classes"]`, $\ln y_t^k$ |
# | `lm` | `Float[np.ndarray, "classes classes"]`, `lm[a, b]` $= \ln p(b \mid a)$, with `blank` as the edge |
# | `beam` | prefixes kept after each frame, also the last, by sound and language model, without the end |
# | `weight` | $w$ |
# | `blank` | class index of the blank |
# | returns | `(label, score)`: `list[int]` and `float`, the score with the end of the string |
#
# The winner is the best of the prefixes kept after the last frame, now with the end. Its score is what the beam has
# added up: paths that pruning lost are not in it, and a prefix that was pruned starts anew from what reaches it later.
#
# **Target:** `prefix_beam_search(np.log(noisy), bigram.log_probs, 20)` gives the first label and score of the second
# row above. 400 frames must not underflow.
#
# <details><summary>Hint 1 · the idea</summary>
# A dictionary from prefix (a tuple) to the two log probabilities; a new one for each frame, filled by the four rows of
# the table. The language-model score is a function of the prefix alone: compute it when you rank, and it cannot be
# counted twice.
# </details>
#
# <details><summary>Hint 2 · the first lines</summary>
#
# ```python
# alive = {(): (0.0, -np.inf)}     # the empty prefix: it ends in a blank with probability one, in a symbol with none
# for log_y in log_probs:
#     new = defaultdict(...)       # whose default is ln 0 twice; fill it, rank it, keep the best, call them alive
# ```
# </details>
#
# **If weight 0 passes and other weights fail:** the start (row `blank`) or the end (column `blank`) is missing, or the
# table is read the wrong way round. **If wide beams pass and narrow ones fail:** rank by sound and language model
# together.

# %% nbgrader={"grade_id": "prefix_beam_search", "solution": true}
from collections import defaultdict


def prefix_beam_search(
    log_probs: Float[np.ndarray, "frames classes"], lm: Float[np.ndarray, "classes classes"], beam: int = 16,
    weight: float = 1.0, blank: int = 0,
) -> tuple[list[int], float]:
    """The label with the highest ln p(label | x) + weight · ln p_LM(label), and that score."""
    ### BEGIN SOLUTION
    def said(prefix):
        return weight * sum(lm[a, b] for a, b in zip((blank, *prefix), prefix, strict=False))

    beams = {(): (0.0, -np.inf)}
    for frame in log_probs:
        later = defaultdict(lambda: [-np.inf, -np.inf])
        for prefix, (ends_blank, ends_symbol) in beams.items():
            total = np.logaddexp(ends_blank, ends_symbol)
            for k, log_y in enumerate(frame):
                longer = (*prefix, k)
                if k == blank:
                    later[prefix][0] = total + log_y
                elif prefix[-1:] == (k,):
                    later[prefix][1] = np.logaddexp(later[prefix][1], ends_symbol + log_y)
                    later[longer][1] = np.logaddexp(later[longer][1], ends_blank + log_y)
                else:
                    later[longer][1] = np.logaddexp(later[longer][1], total + log_y)
        ranked = sorted(later, key=lambda prefix: np.logaddexp(*later[prefix]) + said(prefix))
        beams = {prefix: later[prefix] for prefix in ranked[-beam:]}
    scores = {
        prefix: np.logaddexp(*ends) + said(prefix) + weight * lm[(blank, *prefix)[-1], blank]
        for prefix, ends in beams.items()
    }
    best = max(scores, key=scores.get)
    return list(best), scores[best]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_prefix_beam_search", "points": 3}
checks.ctc.prefix_beam_search(prefix_beam_search)
### BEGIN HIDDEN TESTS
checks.ctc.prefix_beam_search(prefix_beam_search, rng=grading_rng("prefix_beam_search"), cases=20)
### END HIDDEN TESTS

# %% [markdown]
# ## 7 · What CTC cannot do, and the RNN transducer
#
# CTC assumes that the outputs of different frames are independent given the input: what was said before changes the
# input's representation, never the output distribution itself. A language model repairs that from outside. And CTC
# never writes more symbols than there are frames.
#
# The **RNN transducer** (Graves 2012) takes both limits away. A *prediction network* reads the symbols written so far,
# a *joint network* combines it with the frame: $y(k \mid t, u)$ is the distribution at frame $t$ after $u$ symbols. At
# each point of the lattice the model either writes a symbol ($u \to u + 1$, same frame) or a blank ($t \to t + 1$).
# Repeats need no blank between, as nothing is merged. The forward variable lives on a grid:
#
# $$\alpha(t, u) = \alpha(t-1, u)\, y(\text{-} \mid t-1, u) + \alpha(t, u-1)\, y(l_u \mid t, u-1), \qquad
# p(\mathbf l \mid \mathbf x) = \alpha(T, U)\, y(\text{-} \mid T, U).$$

# %%
class Joint(nn.Module):
    """Frame vectors and the symbols so far → log y(k | t, u), shape (frames, symbols + 1, classes)."""

    def __init__(self, width=16, classes=5):
        super().__init__()
        self.embedding = nn.Embedding(classes, width)
        self.prediction = nn.GRU(width, width, batch_first=True)     # reads symbols, not frames
        self.output = nn.Linear(width, classes)

    def forward(self, frames, label):
        history = self.embedding(torch.cat([torch.zeros(1, dtype=torch.long), label]))     # (symbols + 1, width)
        written = self.prediction(history[None])[0][0]                                     # (symbols + 1, width)
        return self.output(torch.tanh(frames[:, None] + written[None])).log_softmax(-1)


def transducer_forward(log_y, label):
    """ln alpha on the lattice (frames, symbols + 1), and ln p(label | x)."""
    frames, places, _ = log_y.shape
    alpha = torch.full((frames, places), -torch.inf)
    alpha[0, 0] = 0.0
    for t, u in itertools.product(range(frames), range(places)):
        if t > 0:
            alpha[t, u] = torch.logaddexp(alpha[t, u], alpha[t - 1, u] + log_y[t - 1, u, 0])
        if u > 0:
            alpha[t, u] = torch.logaddexp(alpha[t, u], alpha[t, u - 1] + log_y[t, u - 1, label[u - 1]])
    return alpha, alpha[-1, -1] + log_y[-1, -1, 0]


torch.manual_seed(0)
llo = torch.tensor([3, 3, 4])
with torch.no_grad():
    log_joint = Joint()(torch.randn(4, 16), llo)
    lattice, log_p = transducer_forward(log_joint, llo)

by_hand = 0.0
for steps in set(itertools.permutations([0, 0, 0, 1, 1, 1])):     # 0: next frame, 1: next symbol
    t = u = 0
    score = 0.0
    for step in steps:
        score += log_joint[t, u, llo[u] if step else 0].item()
        t, u = (t, u + 1) if step else (t + 1, u)
    by_hand += math.exp(score + log_joint[t, u, 0].item())
print(f"p(llo | x): lattice {log_p.exp():.6e}, sum over all {math.comb(6, 3)} ways {by_hand:.6e}")

fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.grid(False)
image = ax.imshow(lattice.T, origin="lower", cmap="viridis", extent=(0.5, 4.5, -0.5, 3.5), aspect="auto")
for t, u in itertools.product(range(4), range(4)):
    ax.text(t + 1, u, f"{lattice[t, u]:.1f}", ha="center", va="center", color="w" if lattice[t, u] < -4 else "k")
ax.set(xlabel="frame t", ylabel="symbols written, u", xticks=range(1, 5))
ax.set_yticks(range(4), ["start", "l", "l", "o"])
fig.colorbar(image, ax=ax, label="ln α(t, u)")
ui.show(fig, alt="The lattice of an RNN transducer: four frames by four places of the label, ln alpha in each cell.")

# %% [markdown]
# To the right is a blank, upwards a symbol. For “llo” CTC needs four frames, one of them for the blank between the two
# l. Here any number of symbols fits into one frame. The price is a joint output of size $T \times (U + 1) \times
# K$ for each utterance. In a comparison of the three families on one internal test set
# ([Battenberg et al. 2017](https://arxiv.org/abs/1707.07413)), greedy CTC wrote “lading to black irpen songs” for “play
# the black eyed peas songs”. With a language model it wrote “leading to black european songs”. The transducer wrote
# “play the black eye piece songs”, attention “play the black eyed pea songs”. One sentence proves nothing, but it shows
# what each knows of what it has written. Attention models come in unit 14.

# %% [markdown]
# ## 8 · Explain   ★★☆ · 15 min · 2 points
#
# **Question.** A colleague looks at the posteriors of a trained CTC network and says: “It is bad at finding the
# digits. Each digit is marked in few of its steps, and the spike is not even at its centre. Train it
# longer.” (a) Why is a spike enough, and why does the loss not ask for more? (b) Why does the blank win in the frames
# between? (c) For which task would your colleague be right to choose the framewise network, and what would it cost?

# %% [markdown] nbgrader={"grade_id": "explain_spikes", "solution": true, "points": 2}
# ### BEGIN SOLUTION
# (a) The map B merges repeats and drops blanks, so a path with one frame of a digit and a path with ten frames of it
# have the same label. The loss sums over all such paths and depends only on the sum; it is as low when one short path
# has all the probability as when many paths share it. No term rewards length or a place, as long as the order is
# right. (b) The gradient is y - γ, and γ is the network's own belief restricted to the paths of the label. Early in
# training, with flat outputs, the occupancy of the blank is much larger than that of any one digit, since more than
# half of the 2L + 1 states of every label are this one class. The blank rises, paths with more blanks become more
# likely, and their occupancy rises with them. (c) For tasks that need times: subtitles to the frame, phoneme
# durations, cutting audio, forced alignment. The framewise network has its target at each frame and marks the extents.
# It costs an alignment of the training data, made by hand or by another recogniser, whose errors it learns; and two
# equal digits in a row merge unless a gap lies between them.
# ### END SOLUTION
# === BEGIN MARK SCHEME ===
# - 0.5: B merges repeats, so the label (and the loss) is the same for one frame of a digit as for many.
# - 0.5: the loss is a sum over paths; nothing in it rewards duration or place.
# - 0.5: blank: the target is the occupancy under the network's own posteriors; most states are blanks; it feeds itself.
# - 0.5: a task that needs times or durations, and the cost of the alignment (or its errors; or merged repeats).
# === END MARK SCHEME ===

# %% [markdown]
# ## 9 · Experiment
#
# **Questions.** Does a network trained without any times reach one that was told the place of every digit? Is the
# output of one spikes and of the other plateaus? What does a language model add?
#
# **Fair play.** One architecture, drawn from the same seed, on the same batches, with the same optimiser, schedule and
# number of steps: only the loss differs. The framewise network gets the exact alignment, better than any annotator's.
# Its decoder may charge for each change of class; the cost is chosen on validation strings, as is the weight of the
# language model, which both networks get. No decoder is tuned on the test strings. Both train with noise, playing
# speed and masked bands varied; the test strings have noise only.
#
# | split | speakers | takes | digit strings |
# |---|---|---|---|
# | training | five | 10 to 49 | all digits equally likely |
# | validation | the same five | 5 to 9 | with habits |
# | test, unseen takes | the same five | 0 to 4 (the official test split) | with habits |
# | test, unseen speaker | one other | all | with habits |
#
# The unseen speaker was not drawn by lot. In short trials each of several speakers was left out, and the one with the
# fewest errors was taken: read that column as the best case. `full` leaves out each speaker in turn.
#
# The number of steps of the laptop run was not fixed blindly either. After 2400 steps CTC with the greedy search had
# 1.7 % errors on unseen takes and 3.9 % on the unseen speaker. Having seen that, we gave both networks 3200.
#
# The **habits** give the language model something to know. Dates, prices and telephone numbers are not uniform, and
# neither are our test strings: after each digit a few digits are common, drawn once from a Dirichlet distribution. The
# recogniser is trained on uniform strings and cannot know the habits. The bigram is counted on 5000
# strings of text from the same source. That is enough to know the habits nearly exactly, so this is the best a bigram
# can do. To be honest about what a language model can do, we also test it on uniform strings,
# where its knowledge is wrong.

# %%
import inspect

from course_lib.models import ctc_recogniser

print(inspect.getsource(ctc_recogniser.CTCRecogniser.forward))

# %%
import os
import time
from pathlib import Path

from course_lib.data.digit_strings import digit_habits, digit_text

SEED = 0
steps, batch_size, test_strings, width = device.choose(
    smoke=(4, 4, 8, 32), laptop=(3200, 16, 300, 96), full=(2500, 32, 1000, 128)
)
seeds = device.choose(smoke=(SEED,), laptop=(SEED,), full=(0, 1))
where = device.get()
started = time.perf_counter()

few = device.choose(smoke=range(10, 13), laptop=TRAIN_TAKES, full=TRAIN_TAKES)
HARD = {"snr_db": (10.0, 35.0), "speed": (0.84, 1.18)}    # of the training strings: more noise, other pitch and tempo
training = DigitSpeech(data.digits_or_generated(speakers=SEEN, takes=few)[0], **HARD)
validation = DigitSpeech(data.digits_or_generated(speakers=SEEN, takes=VALIDATION_TAKES)[0])
all_takes = device.choose(smoke=range(3), laptop=range(50), full=range(50))
stranger = DigitSpeech(data.digits_or_generated(speakers=[UNSEEN], takes=all_takes)[0])

habits = digit_habits()
language = [[d + 1 for d in string] for string in digit_text(5000, np.random.default_rng(100), transitions=habits)]
bigram = models.BigramModel.fit(language, CLASSES)
validation_set = validation.draw(test_strings // 2, np.random.default_rng(101), transitions=habits)
test_sets = {
    "unseen takes": speech.draw(test_strings, np.random.default_rng(102), transitions=habits),
    "unseen speaker": stranger.draw(test_strings, np.random.default_rng(103), transitions=habits),
}
uniform_sets = {
    "unseen takes": speech.draw(test_strings, np.random.default_rng(104)),
    "unseen speaker": stranger.draw(test_strings, np.random.default_rng(105)),
}


def labels_of(strings):
    """Digit strings as class indices."""
    return [[digit + 1 for digit in string.digits] for string in strings]


print(f"bigram: perplexity {bigram.perplexity(labels_of(test_sets['unseen takes'])):.1f} on strings with habits, "
      f"{bigram.perplexity(labels_of(uniform_sets['unseen takes'])):.1f} on uniform ones")

# %% [markdown]
# ### Training
#
# The whole difference between the two networks is in the two functions below. To resume after a lost session, set the
# environment variable `COURSE_CHECKPOINTS` to a folder that survives it.

# %%
def ctc_step(model, batch):
    """-ln p(label | x) per utterance; no times are used."""
    logits, steps = model(batch.features, batch.lengths)
    return losses.ctc_loss(logits.log_softmax(-1), batch.labels, steps, batch.label_lengths).mean()


def framewise_step(model, batch):
    """Cross-entropy with the true class of each step."""
    logits, _ = model(batch.features, batch.lengths)
    return nn.functional.cross_entropy(logits.flatten(0, 1), batch.step_labels.flatten())


def make_batches(seed, voices):
    """step → batch: strings of one length, so that little is padded; a band of frequencies is masked in each."""
    def batches(step):
        rng = np.random.default_rng((seed, step))
        length = int(rng.integers(2, 6))
        return collate(voices.draw(batch_size, rng, lengths=(length, length)), mask_bands=8, rng=rng)
    return batches


def fit(loss_fn, name, seed, voices=training):
    """Train one network; the recipe is the same for both losses."""
    torch.manual_seed(seed)
    model = models.CTCRecogniser(CLASSES, bands=BANDS, width=width)
    folder = os.environ.get("COURSE_CHECKPOINTS")
    history = train.fit(
        model, make_batches(seed, voices), loss_fn, steps=steps, seed=seed, description=name,
        optimizer=torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2),
        schedule=train.warmup_cosine(steps, warmup=steps // 8),
        checkpoint=Path(folder) / f"12_ctc-{device.profile()}-{name}-{seed}.ckpt" if folder else None,
    )
    return model, history


trained = {}
for seed in seeds:
    trained["CTC", seed] = fit(ctc_step, "CTC", seed)
    trained["framewise", seed] = fit(framewise_step, "framewise", seed)
print(f"{sum(p.numel() for p in trained['CTC', SEED][0].parameters()):,} parameters each")

# %%
fig, axes = plt.subplots(1, 2, figsize=(10, 3), layout="constrained")
units = {"CTC": "-ln p(l | x) per string (nats)", "framewise": "cross-entropy per step (nats)"}
for ax, (name, unit) in zip(axes, units.items(), strict=True):
    for seed in seeds:
        loss = np.array(trained[name, seed][1].loss)
        ax.semilogy(loss, color=f"C{seed}", alpha=0.8, linewidth=0.7, label=f"seed {seed}")
    ax.set(xlabel="step", ylabel=unit, title=name)
axes[0].legend()
ui.show(fig, alt="Training loss of both networks over the steps, one line per seed.")

# %% [markdown]
# Section 5 says what to look for: a stretch at the start where the CTC loss rests, while the network says little but
# blank. The framewise network is told from the first step where each digit is. (The profile `smoke` trains for a few
# steps, only to run the code: nothing is to be seen there, here or below.)

# %% [markdown]
# ### Spikes and plateaus
#
# The same test string through both networks. Grey spans are the true places of the digits.

# %%
@torch.no_grad()
def posteriors(model, strings):
    """ln y of each string: a list of (steps, classes) arrays."""
    found = []
    for first in range(0, len(strings), 50):
        batch = collate(strings[first : first + 50]).to(where)
        logits, steps = model(batch.features, batch.lengths)
        found += [row[:n].numpy() for row, n in zip(logits.log_softmax(-1).cpu(), steps.tolist(), strict=True)]
    return found


shown = next(s for s in test_sets["unseen takes"] if len(s.digits) == 5)
colours = plt.get_cmap("tab10")
fig, axes = plt.subplots(3, 1, figsize=(10, 6.4), sharex=True, layout="constrained")
spoken = " ".join(map(str, shown.digits))
ui.waveform(shown.audio, sr, ax=axes[0], title=f"“{spoken}”, speaker {shown.speaker}, an unseen take")
for ax, name in zip(axes[1:], ("framewise", "CTC"), strict=True):
    y = np.exp(posteriors(trained[name, SEED][0], [shown])[0])
    time_axis = (np.arange(len(y)) * 4 + 1.5) * HOP / sr
    ax.plot(time_axis, y[:, 0], color="0.6", linestyle="--", label="blank" if name == "CTC" else "no digit")
    for digit in sorted(set(shown.digits)):
        ax.plot(time_axis, y[:, digit + 1], color=colours(digit), marker=".", label=str(digit))
    ax.set(ylabel="posterior", title=name, ylim=(-0.05, 1.05))
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
for ax in axes:
    for start, end in shown.spans:
        ax.axvspan(start / sr, end / sr, color="0.9", zorder=0)
axes[-1].set_xlabel("time (s)")
ui.show(fig, alt="Posteriors of the framewise and the CTC network over time; the true spans of the digits are grey.")

found = {(name, seed, which): posteriors(trained[name, seed][0], strings)
         for name, seed in trained for which, strings in test_sets.items()}


def steps_per_digit(name, seed, which="unseen takes"):
    """Steps that carry a digit, per digit spoken, over a whole test set."""
    marked = sum(int((log_y.argmax(1) > 0).sum()) for log_y in found[name, seed, which])
    return marked / sum(len(string.digits) for string in test_sets[which])


def spike_places(strings, log_ys):
    """Where each digit is marked: 0 is its start, 1 its end. Only strings with the right digits count."""
    places = []
    for string, log_y in zip(strings, log_ys, strict=True):
        runs, t = [], 0
        for k, run in itertools.groupby(log_y.argmax(1).tolist()):
            length = len(list(run))
            if k:
                runs.append((k, (4 * (t + (length - 1) / 2) + 1.5) * HOP))
            t += length
        if [k for k, _ in runs] == [digit + 1 for digit in string.digits]:
            marks = zip(runs, string.spans, strict=True)
            places += [(at - start) / (end - start) for (_, at), (start, end) in marks]
    return np.array(places)


dwell = {name: np.mean([steps_per_digit(name, seed) for seed in seeds]) for name in ("CTC", "framewise")}
for name, steps_marked in dwell.items():
    places = spike_places(test_sets["unseen takes"], found[name, SEED, "unseen takes"])
    low, high = np.quantile(places, (0.25, 0.75)) if len(places) else (np.nan, np.nan)
    middle = f"middle half of the marks at {low:.2f} to {high:.2f} of the digit"
    print(f"{name}, all test strings of unseen takes: {steps_marked:.1f} steps per digit; {middle}")
ui.player({spoken: shown.audio}, sr)

# %% [markdown]
# What to look for: does a network fill the span of a digit, or speak up once and say blank most of the time? The
# printed numbers answer for all test strings. Where in the digit a CTC network speaks is its own choice: the LSTMs
# read the string in both directions, so it could speak at any step. Where the picture shows spikes, reading off the
# label needs no threshold: it is their sequence.

# %% [markdown]
# ### The table
#
# Error is the character error rate: substitutions, deletions and insertions over the number of digits. The intervals
# are 95 % bootstrap intervals: the strings of the test set are drawn again, with replacement, two thousand times. They
# say how far other strings would move the numbers. They say nothing of another training run (`full` trains two) or of
# another unseen speaker: there is only one.

# %%
def framewise_decode(log_y, cost=0.0):
    """Collapse of the path with the best sum of ln y minus `cost` for each change of class (Viterbi)."""
    best, back = log_y[0], []
    for frame in log_y[1:]:
        jump = best.max() - cost
        back.append(np.where(best >= jump, np.arange(len(best)), best.argmax()))
        best = np.maximum(best, jump) + frame
    path = [int(best.argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return models.collapse(path[::-1])


def beam_decode(log_y, weight=0.0):
    """Prefix beam search, with the bigram if it has a weight."""
    return models.prefix_beam_search(log_y, beam=8, language_model=bigram if weight else None, weight=weight)[0].label


def errors(decode, found, strings):
    """Edit counts of a decoder on posteriors."""
    return metrics.error_rate(labels_of(strings), [decode(log_y) for log_y in found])


ctc, framewise = trained["CTC", SEED][0], trained["framewise", SEED][0]
held_out = {name: posteriors(model, validation_set) for name, model in (("CTC", ctc), ("framewise", framewise))}
weights, costs = (0.25, 0.5, 1.0, 1.5), (0.0, 1.0, 2.0, 4.0, 8.0)


def best_setting(decode, name, settings):
    """The setting of a decoder with the fewest errors on the validation strings."""
    return min(settings, key=lambda setting: errors(lambda y: decode(y, setting), held_out[name], validation_set).rate)


weight, weight_framewise = (best_setting(beam_decode, name, weights) for name in ("CTC", "framewise"))
cost = best_setting(framewise_decode, "framewise", costs)
print(f"chosen on validation strings: language-model weight {weight} for CTC and {weight_framewise} for framewise; "
      f"framewise, each change of class costs {cost:g} nats")

best_framewise = f"framewise, changes cost {cost:g}"
DECODERS = {
    "framewise, collapsed": ("framewise", framewise_decode),
    best_framewise: ("framewise", lambda y: framewise_decode(y, cost)),
    "framewise, beam + bigram": ("framewise", lambda y: beam_decode(y, weight_framewise)),
    "CTC, greedy": ("CTC", models.best_path),
    "CTC, beam": ("CTC", beam_decode),
    "CTC, beam + bigram": ("CTC", lambda y: beam_decode(y, weight)),
}
hypotheses = {
    (system, which): [decode(y) for y in found[name, SEED, which]]
    for system, (name, decode) in DECODERS.items() for which in test_sets
}
rows, rates = [], {}
for system, (name, decode) in DECODERS.items():
    row = {"system": system}
    for which, strings in test_sets.items():
        said = labels_of(strings)
        rates[system, which] = metrics.error_rate(said, hypotheses[system, which]).rate
        low, high = metrics.error_interval(said, hypotheses[system, which])
        row[f"{which}: CER (%)"] = f"{100 * rates[system, which]:.1f}  [{100 * low:.1f}, {100 * high:.1f}]"
        if len(seeds) > 1:
            each = [100 * errors(decode, found[name, seed, which], strings).rate for seed in seeds]
            row[f"{which}: seeds"] = ", ".join(f"{rate:.1f}" for rate in each)
    rows.append({**row, "steps": steps, "training (s)": round(trained[name, SEED][1].seconds)})

# %% tags=["results"]
def paired_gap(first, second, which, draws=2000):
    """Difference of two error rates in points, with its 95 % bootstrap interval over the same strings."""
    said = labels_of(test_sets[which])
    wrong = [np.array([metrics.error_rate([s], [h]).errors for s, h in zip(said, hypotheses[name, which], strict=True)])
             for name in (first, second)]
    more, lengths = wrong[0] - wrong[1], np.array([len(s) for s in said])
    drawn = np.random.default_rng(0).integers(len(said), size=(draws, len(said)))
    low, high = np.quantile(100 * more[drawn].sum(1) / lengths[drawn].sum(1), (0.025, 0.975))
    return 100 * more.sum() / lengths.sum(), low, high


def in_words(first, second, which):
    """One sentence: is the first decoder better or worse than the second?"""
    gap, low, high = paired_gap(first, second, which)
    judged = "worse than" if low > 0 else "better than" if high < 0 else "not told apart from"
    return f"On {which} {first} is {judged} {second} ({gap:+.1f} points, 95 % interval {low:+.1f} to {high:+.1f})."


ui.results(
    rows, title=f"Connected digits: character error rate on {test_strings} strings per test set, with habits",
    seed=SEED, seconds=time.perf_counter() - started,
    claim="CTC needs no alignment; its output is a series of spikes, and the label is read off them directly.",
    verdict=" ".join(
        in_words(first, second, which) for which in test_sets
        for first, second in (("CTC, greedy", best_framewise), ("CTC, beam + bigram", "CTC, greedy"))
    ) + (
        f" Steps per digit: CTC {dwell['CTC']:.1f}, framewise {dwell['framewise']:.1f}; that the output is spikes "
        f"{'is' if 2 * dwell['CTC'] < dwell['framewise'] and dwell['CTC'] >= 0.5 else 'is not'} reproduced."
    ),
)

# %% [markdown]
# Which errors are they? Is a digit that is said twice in a row the weak spot of the framewise network? With no gap
# between, its two plateaus are one. And what does the language model do where its knowledge is wrong?

# %%
def twice(strings):
    """Indices of the strings in which some digit is said twice in a row."""
    return [i for i, s in enumerate(strings) if any(a == b for a, b in itertools.pairwise(s.digits))]


kinds = []
for system in DECODERS:
    which = "unseen takes"
    strings, heard = test_sets[which], hypotheses[system, which]
    counts = metrics.error_rate(labels_of(strings), heard)
    repeats = twice(strings)
    inside = metrics.error_rate(labels_of([strings[i] for i in repeats]), [heard[i] for i in repeats])
    kinds.append({
        "system": system, "substitutions": counts.substitutions, "deletions": counts.deletions,
        "insertions": counts.insertions, "errors in strings with a repeated digit": inside.errors,
        "in the others": counts.errors - inside.errors,
    })
ui.table(kinds, title=f"Kinds of errors on unseen takes: {len(repeats)} of {test_strings} strings repeat a digit")

uniform = []
for system in ("CTC, beam", "CTC, beam + bigram"):
    row = {"system": system}
    for which, strings in uniform_sets.items():
        row[f"{which}: CER (%)"] = 100 * errors(DECODERS[system][1], posteriors(ctc, strings), strings).rate
    uniform.append(row)
ui.table(uniform, title="The same on uniform strings, where the bigram is wrong")

# %% [markdown]
# One unseen speaker is one sample, and speakers differ more than seeds or decoders do. With the profile `full` the next
# cell leaves out each of the other speakers in turn and trains the CTC network anew on the remaining five. On a laptop
# you can set `UNSEEN` in the first cell to another name, such as `"nicolas"`, and see how far the last column is from
# being a property of the method.

# %%
SEARCHES = ("CTC, greedy", "CTC, beam + bigram")
strangers = [(UNSEEN, *(rates[search, "unseen speaker"] for search in SEARCHES))]
for name in device.choose(smoke=(), laptop=(), full=tuple(SEEN)):
    rest = data.digits_or_generated(speakers=[s for s in data.SPEAKERS if s != name], takes=TRAIN_TAKES)[0]
    model, _ = fit(ctc_step, f"CTC-without-{name}", SEED, DigitSpeech(rest, **HARD))
    strings = DigitSpeech(data.digits_or_generated(speakers=[name])[0]).draw(
        test_strings, np.random.default_rng(103), transitions=habits
    )
    heard = posteriors(model, strings)
    strangers.append((name, *(errors(DECODERS[search][1], heard, strings).rate for search in SEARCHES)))
ui.table(
    [{"unseen speaker": name, "greedy: CER (%)": 100 * greedy, "beam + bigram: CER (%)": 100 * beam}
     for name, greedy, beam in strangers],
    title="Leave one speaker out: CTC",
)

# %% [markdown]
# ### Sound against language
#
# Strings of the unseen speaker that the greedy search got wrong, or the first ones if it got all right. Each bar is a
# label of the beam, with its score relative to the best. Move the weight.

# %%
which = "unseen speaker"
pairs = zip(labels_of(test_sets[which]), hypotheses["CTC, greedy", which], strict=True)
wrong = [i for i, (said, heard) in enumerate(pairs) if said != heard]
picks = (wrong or list(range(len(test_sets[which]))))[:8]


def draw_beam(string, weight, beam):
    """The five best labels of one string, and the posteriors they come from."""
    spoken, log_y = test_sets[which][string], found["CTC", SEED, which][string]
    best = models.prefix_beam_search(log_y, beam=beam, language_model=bigram, weight=weight, best=5)
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained")
    left.grid(False)
    image = left.imshow(np.exp(log_y).T, aspect="auto", cmap="cividis", vmin=0, vmax=1)
    left.set(yticks=range(CLASSES), yticklabels=["-", *range(10)], xlabel="step", ylabel="class",
             title=f"said: {' '.join(map(str, spoken.digits))}")
    fig.colorbar(image, ax=left, label="posterior")
    names = [" ".join(str(k - 1) for k in h.label) or "nothing" for h in best]
    truth = " ".join(map(str, spoken.digits))
    right.barh(names, [h.score - best[0].score for h in best], color=["C2" if n == truth else "0.6" for n in names])
    right.invert_yaxis()
    right.set(xlabel="score below the best (nats)", title=f"beam {beam}, weight {weight}; green: what was said")
    ranks = "first" if names[0] == truth else "not first"
    return fig, f"The label that was said is {ranks} with beam {beam} and weight {weight}.", {truth: spoken.audio}


ui.explore(
    draw_beam, sr=sr,
    question="For which strings does some weight bring the right label to the top? What goes wrong when the weight is "
    "too large? How small can the beam be?",
    string=picks, weight=[0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0], beam=[8, 1, 2, 4, 16, 32],
)

# %% [markdown]
# ## 10 · Listen
#
# What did the network hear? The label of each player shows what was said and what the greedy search wrote.

# %%
def caption(i, which):
    """“said → heard” for the label of a player."""
    heard = " ".join(str(k - 1) for k in hypotheses["CTC, greedy", which][i]) or "nothing"
    return f"{which}, {test_sets[which][i].speaker}: {' '.join(map(str, test_sets[which][i].digits))} → {heard}"


chosen = [("unseen takes", 0), ("unseen takes", 1), *(("unseen speaker", i) for i in picks[:3])]
ui.player({caption(i, which): test_sets[which][i].audio for which, i in chosen}, sr)

# %% [markdown]
# ## 11 · Where this goes
#
# | system | what is new | paper |
# |---|---|---|
# | CTC | the blank, the sum over alignments | [Graves et al. 2006](https://www.cs.toronto.edu/~graves/icml_2006.pdf) |
# | Prefix beam search | language model in the first pass | [Hannun et al. 2014](https://arxiv.org/abs/1408.2873) |
# | “Sequence modeling with CTC” | the best pictures of it | [Hannun 2017](https://distill.pub/2017/ctc/) |
# | Deep Speech 2 | CTC at scale; unit 13 | [Amodei et al. 2015](https://arxiv.org/abs/1512.02595) |
# | RNN transducer | output depends on what was written | [Graves 2012](https://arxiv.org/abs/1211.3711) |
# | CTC, transducer, attention | all three on the same data | [Battenberg 2017](https://arxiv.org/abs/1707.07413) |
# | Why CTC peaks | the spikes, analysed | [Zeyer, Schlüter and Ney 2021](https://arxiv.org/abs/2105.14849) |
# | wav2vec 2.0 | self-supervised features, then CTC | [Baevski et al. 2020](https://arxiv.org/abs/2006.11477) |
#
# With a network connection, a wav2vec 2.0 recogniser with a CTC output is one call away: character posteriors at 50
# steps a second, decoded by the same `best_path` as ours. Set `COURSE_ONLINE=1` to run the cell.

# %%
if os.environ.get("COURSE_ONLINE") == "1":
    import torchaudio

    bundle = torchaudio.pipelines.WAV2VEC2_ASR_BASE_960H
    with torch.no_grad():
        emissions = bundle.get_model()(torch.from_numpy(audio.resample(shown.audio, sr, bundle.sample_rate))[None])[0]
    alphabet = bundle.get_labels()                       # "-" is the blank, "|" the space
    print("".join(alphabet[k] for k in models.best_path(emissions[0].log_softmax(-1).numpy())).replace("|", " "))
else:
    print("skipped: set COURSE_ONLINE=1 to download a wav2vec 2.0 recogniser (360 MB)")
