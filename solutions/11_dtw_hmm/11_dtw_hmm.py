# %% [markdown]
# ## 1 · The same word is never said twice
#
# Two people say “seven”. One takes much longer than the other, and not evenly so: a vowel stretches, a consonant hardly
# does. To compare the two recordings we must first decide which moment of one belongs to which moment of the other.
# This unit tells how speech recognition dealt with time before networks, from the 1970s to about 2010: by **dynamic
# time warping**, then by **hidden Markov models**, whose state at each frame is not seen but inferred. Both live on.
# DTW aligns music and scores; the forward recursion is the core of CTC (unit 12); Bayes' rule with a network in it was
# the first success of deep learning in speech.
#
# The test bed is real: single digits by six speakers. One of them, `HELD_OUT`, is not trained on here. All recognisers
# of this unit hear the same features: 13 mel-frequency cepstral coefficients (unit 04) a hundred times a second, their
# slopes ("deltas") and the slopes of the slopes. Each feature is brought to mean 0 and variance 1 within its utterance.
#
# One warning: `HELD_OUT` is the easiest of the six speakers for every recogniser of this unit. The scores of sections 2
# to 9 and of section 12 are his alone; the table of section 11 has all six.

# %%
import contextlib
import itertools
import math
import time

sr = 8000
HOP, HELD_OUT = 80, "theo"
TRAINED = [speaker for speaker in data.SPEAKERS if speaker != HELD_OUT]
few = device.choose(smoke=range(10, 12), laptop=range(10, 20), full=range(10, 30))

takes, _ = data.digits_or_generated(speakers=TRAINED, takes=few)
strangers, _ = data.digits_or_generated(speakers=[HELD_OUT], takes=range(5))
features, lengths = models.mfcc_with_deltas([take.audio() for take in takes])
strange_features, strange_lengths = models.mfcc_with_deltas([take.audio() for take in strangers])
words_of = [(take.digit,) for take in takes]
strange_digits = torch.tensor([take.digit for take in strangers])


def percent(mask):
    """Share of true entries, in percent."""
    return 100 * mask.double().mean().item()


def pick(digit, speaker, number=11):
    """Index of one take of this digit by this speaker."""
    return [(take.digit, take.speaker, take.take) for take in takes].index((digit, speaker, number))


first, second = pick(7, "george"), pick(7, "yweweler")                            # a long one and a short one
fig, axes = plt.subplots(2, 2, figsize=(10, 4.6), sharex=True, layout="constrained")
for column, i in zip(axes.T, (first, second), strict=True):
    ui.waveform(takes[i].audio(), sr, ax=column[0], title=f"“{takes[i].word}”, {takes[i].speaker}")
    column[1].grid(False)
    image = column[1].imshow(
        features[i, : lengths[i]].T, cmap="cividis", vmin=-2.5, vmax=2.5,
        extent=(-HOP / 2 / sr, (lengths[i].item() - 0.5) * HOP / sr, 38.5, -0.5),
    )
    column[1].set(xlabel="time (s)", ylabel="feature", yticks=[0, 13, 26], yticklabels=["MFCC", "delta", "delta²"])
axes[0, 0].set_xlim(0, int(lengths[[first, second]].max()) * HOP / sr)             # one time axis for all four
fig.colorbar(image, ax=axes[1], label="value (standard deviations)")
ui.show(fig, alt=f"Waveforms of seven by two speakers over their 39 features, on one time axis: "
        f"{lengths[first] * HOP / sr:.2f} and {lengths[second] * HOP / sr:.2f} s long.")
ui.player({f"seven, {takes[i].speaker}": takes[i].audio() for i in (first, second)}, sr)
print(f"{len(takes)} training utterances of {lengths.min()} to {lengths.max()} frames, {features.shape[-1]} features; "
      f"the two above have {lengths[first]} and {lengths[second]} frames")

# %% [markdown]
# You hear the same word at two speeds. The features show the same events in the same order, at other places.

# %% [markdown]
# ## 2 · Dynamic time warping
#
# Put the frames of one recording along the rows of a matrix and those of the other along its columns. `cost[i, j]` says
# how unlike the two frames are. An alignment is a **path** from the corner $(0, 0)$ to the corner $(N-1, M-1)$; each
# step goes on in one recording or in both. Its cost is the sum of the cells that it visits. There are very many paths:

# %%
def count_paths(n, m):
    """Number of paths through n x m cells (a Delannoy number)."""
    return sum(math.comb(n - 1, k) * math.comb(m - 1, k) * 2**k for k in range(min(n, m)))


ui.table([{"frames": f"{n} and {m}", "paths": f"{count_paths(n, m):.3g}"}
          for n, m in ((3, 3), (10, 12), (int(lengths[first]), int(lengths[second])))],
         title="Ways to align two recordings")

# %% [markdown]
# But a cheapest path has cheapest beginnings. Whatever comes later, the way into a cell may as well be the best one. So
# one number per cell is enough, the cost of the best way that ends there:
#
# $$D(i, j) = \text{cost}(i, j) + \min\{D(i-1, j-1),\; D(i-1, j),\; D(i, j-1)\}, \qquad D(0, 0) = \text{cost}(0, 0),$$
#
# where what lies outside of the matrix is infinite. $D(N-1, M-1)$ is the cost of the best path, and the path itself is
# found from the end: each cell was entered from the neighbour with the smallest $D$. This is **dynamic programming**
# (Bellman). The forward recursion, Viterbi's search and the decoder of section 8 are this one again.

# %% [markdown]
# ### Exercise 11.1 · Warp   ★★☆ · 25 min · 2 points
#
# **Goal.** Find the cheapest path and its cost.
#
# | | |
# |---|---|
# | `cost` | `Float[np.ndarray, "rows columns"]`, at least 1 × 1, float32 or float64, not negative |
# | returns | `(total, path)`: a number, and `Int[np.ndarray, "cells 2"]` with a row `(i, j)` for each cell, in order |
#
# **Target:** `[[0, 2, 5], [3, 1, 0]]` → total 1, path `[[0, 0], [1, 1], [1, 2]]`. Of equal paths any will do.
#
# <details><summary>Hint 1 · the idea</summary>
# Fill a table row by row. With one row and one column of infinity in front, the first row and column need no case of
# their own. Only the place before the first cell is 0.
# </details>
#
# <details><summary>Hint 2 · the first lines</summary>
#
# ```python
# total = np.full((n + 1, m + 1), np.inf)
# total[0, 0] = 0.0
# ```
# </details>
#
# **If the total passes and the path fails:** is it turned round, does it begin in (0, 0), and do its places belong to
# `cost` or to the padded table?

# %% nbgrader={"grade_id": "dtw", "solution": true}
def dtw(cost: Float[np.ndarray, "rows columns"]) -> tuple[float, Int[np.ndarray, "cells 2"]]:
    """Cost of the cheapest path from corner to corner, and the path."""
    ### BEGIN SOLUTION
    n, m = cost.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(n):
        for j in range(m):
            total[i + 1, j + 1] = cost[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    i, j = n, m
    path = [(i - 1, j - 1)]
    while (i, j) != (1, 1):
        i, j = min([(i - 1, j - 1), (i - 1, j), (i, j - 1)], key=lambda cell: total[cell])
        path.append((i - 1, j - 1))
    return total[n, m], np.array(path[::-1])
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_dtw", "points": 2}
checks.dtw_hmm.dtw(dtw)
### BEGIN HIDDEN TESTS
checks.dtw_hmm.dtw(dtw, rng=grading_rng("dtw"), cases=30)
### END HIDDEN TESTS

# %% [markdown]
# ### How fast?
#
# Your two Python loops visit one cell after the other. Cells of one anti-diagonal ($i + j$ constant) do not need each
# other, so `signal.dtw` computes each of these at once, and for many matrices side by side. `librosa.sequence.dtw`
# compiles the loops. (The column of your own `dtw` fills when exercise 11.1 is done.)

# %%
def frame_costs(x, y):
    """(..., frames of x, frames of y): one minus the cosine of the angle between the features."""
    return 1 - nn.functional.normalize(x, dim=-1) @ nn.functional.normalize(y, dim=-1).mT


def milliseconds(run, rounds):
    """Fastest of some calls."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - start))
    return min(times)


def milliseconds_of_yours(square):
    """Time of your answer to exercise 11.1, if there is one and the matrix is not too large for it."""
    if len(square) <= 200:
        with contextlib.suppress(Exception):
            return milliseconds(lambda: dtw(square), 2)
    return None


import librosa

sizes = device.choose(smoke=(50, 200), laptop=(50, 200, 1000), full=(50, 200, 1000))
many = np.random.default_rng(0).random((500, 50, 50)).astype(np.float32)
rows = []
for n in sizes:
    square = np.random.default_rng(n).random((n, n))
    theirs = librosa.sequence.dtw(C=square)                       # compiled at the first call
    ours = signal.dtw(square)
    assert np.isclose(ours.total, theirs[0][-1, -1])
    assert np.array_equal(ours.path, theirs[1][::-1])
    rows.append({
        "frames": f"{n} x {n}",
        "your dtw (ms)": milliseconds_of_yours(square),
        "signal.dtw (ms)": milliseconds(lambda c=square: signal.dtw(c), 5),
        "librosa (ms)": milliseconds(lambda c=square: librosa.sequence.dtw(C=c), 5),
    })


def librosa_costs():
    """The cost of each matrix, without its path."""
    return [librosa.sequence.dtw(C=c, backtrack=False)[-1, -1] for c in many]


assert np.allclose(signal.dtw_cost(many), librosa_costs(), rtol=1e-4)
rows.append({"frames": "500 times 50 x 50, costs only", "your dtw (ms)": None,
             "signal.dtw (ms)": milliseconds(lambda: signal.dtw_cost(many), 3),
             "librosa (ms)": milliseconds(librosa_costs, 3)})
ui.table(rows, title="Cost and path of the same random matrices: equal numbers, other times",
         caption="The fastest of some calls. To compare one word with all templates is one call of signal.dtw_cost.")

# %% [markdown]
# ### Hear the path
#
# The path says for each moment of the first recording which moment of the second belongs to it. Read the second at
# these moments, and it has the timing of the first. (The spectra are read along the path; Griffin and Lim's method of
# unit 02 gives them a phase, which costs some quality.)
#
# A **band** (Sakoe and Chiba) forbids cells more than so many frames (columns) away from the straight line. **Slopes**
# between ½ and 2 forbid to hold a frame: a step then moves on in both recordings, and in one of them it may leave a
# frame out. (So may Itakura's rule of 1975. Sakoe and Chiba's own slopes leave none out: they price every frame.)

# %%
from course_lib.signal.dynamic_time_warping import SLOPED, STEPS


def read_along(sound, path, frames):
    """`sound` with the timing of the other recording: for each of its frames the mean frame of the path."""
    magnitude = signal.stft(torch.from_numpy(sound), 256, HOP).abs()
    where = np.array([path[path[:, 0] == i, 1].mean() if (path[:, 0] == i).any() else np.nan for i in range(frames)])
    known = np.isfinite(where)
    where = np.interp(np.arange(frames), np.arange(frames)[known], where[known]).clip(0, magnitude.shape[1] - 1)
    low = torch.from_numpy(where).floor().long()
    share = torch.from_numpy(where - np.floor(where)).float()
    high = (low + 1).clamp_max(magnitude.shape[1] - 1)
    warped = (1 - share) * magnitude[:, low] + share * magnitude[:, high]
    return signal.griffin_lim(warped, HOP, n_fft=256, iterations=40).numpy()


def draw_warp(pair, band, slopes):
    """Left: cost and path. Right: one feature of both recordings, before and after."""
    i, j = PAIRS[pair]
    x, y = features[i, : lengths[i]], features[j, : lengths[j]]
    cost = frame_costs(x, y).numpy()
    warp = signal.dtw(cost, band=band, steps=SLOPED if slopes else STEPS)
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
    left.grid(False)
    image = left.imshow(cost, cmap="cividis", extent=(-0.5, len(y) - 0.5, len(x) - 0.5, -0.5), origin="upper")
    left.set(xlabel=f"frame of “{takes[j].word}”, {takes[j].speaker}", ylabel=f"frame of “{takes[i].word}”, "
             f"{takes[i].speaker}", title=f"cost per cell {warp.total / max(len(warp.path), 1):.2f}")
    fig.colorbar(image, ax=left, label="1 - cosine")
    sounds = {f"{takes[i].word}, {takes[i].speaker}": takes[i].audio(),
              f"{takes[j].word}, {takes[j].speaker}": takes[j].audio()}
    right.plot(x[:, 1], "C0", label=f"{takes[i].speaker}")
    right.plot(y[:, 1], "C1:", label=f"{takes[j].speaker}")
    right.set(xlabel="frame", ylabel="second MFCC (standard deviations)")
    if len(warp.path):
        left.plot(warp.path[:, 1], warp.path[:, 0], "w", linewidth=2)
        order = [warp.path[warp.path[:, 0] == k, 1] for k in range(len(x))]
        right.plot([y[o, 1].mean() if len(o) else np.nan for o in order], "C2", label=f"{takes[j].speaker}, warped")
        words = f"{takes[j].word} by {takes[j].speaker} with the timing of {takes[i].speaker}"
        sounds[words] = read_along(takes[j].audio(), warp.path, len(x))
        alt = f"The path through the cost matrix costs {warp.total / len(warp.path):.2f} per cell."
    else:
        left.set_title("no path with this band and these slopes")
        alt = "No path leads from corner to corner with this band and these slopes."
    right.legend()
    return fig, alt, sounds


PAIRS = {
    "seven and seven": (first, second),
    "seven and nine": (first, pick(9, takes[second].speaker)),
    "four and five": (pick(4, "george"), pick(5, "yweweler")),
}
ui.explore(
    draw_warp, sr=sr,
    question="At which band does the path of the two sevens begin to suffer? Which word pair is cheaper per cell, "
    "equal words or different ones? What do you hear where the path is flat or steep for long?",
    pair=list(PAIRS), band=[30, 0, 2, 4, 8, 15, 60], slopes=False,
)

# %% [markdown]
# ### A recogniser without training
#
# Keep all training utterances as templates. A new utterance gets the word that most of its seven nearest templates
# have, in warped distance, divided by both lengths. (A diagonal step counts once here: $N$ cells on the diagonal for
# $N + N$ frames, at least $2N$ cells for $N + 2N$. So templates of equal length are favoured. Sakoe and Chiba let the
# diagonal count twice; then $N + M$ is the exact weight of every path.) There is no model, only memory, and the cost
# grows with it. What does the warping give? For comparison stretch all utterances evenly to one length, and vote too.

# %%
def warped_distances(x, n, templates, template_lengths):
    """(utterances, templates): cost of the cheapest path, divided by both lengths."""
    rows = []
    for one, frames in zip(x, n.tolist(), strict=True):
        cost = frame_costs(one[:frames].expand(len(templates), -1, -1), templates)
        total = signal.dtw_cost(cost, lengths=([frames] * len(templates), template_lengths.tolist()))
        rows.append(total / (frames + template_lengths))
    return torch.stack(rows)


def stretched(x, n, frames=40):
    """Each utterance stretched evenly: (utterances, frames · features)."""
    return torch.stack([nn.functional.interpolate(one[:length].T[None], size=frames, mode="linear")[0].flatten()
                        for one, length in zip(x, n.tolist(), strict=True)])


def stretched_distances(x, n, templates, template_lengths):
    """(utterances, templates): distance without warping."""
    return frame_costs(stretched(x, n), stretched(templates, template_lengths))


def vote(distances, digits, votes=7):
    """The digit that most of the nearest templates of each utterance have; ties go to the nearest."""
    near = digits[distances.topk(min(votes, len(digits)), largest=False).indices]
    counts = nn.functional.one_hot(near, 10).sum(1) + 0.5 * nn.functional.one_hot(near[:, 0], 10)
    return counts.argmax(1)


digits = torch.tensor([take.digit for take in takes])
strange = (strange_features, strange_lengths, features, lengths)
distances = {"warped": warped_distances(*strange), "stretched evenly": stretched_distances(*strange)}
for name, found in distances.items():
    print(f"{HELD_OUT}, {len(strangers)} utterances, {name}: " + ", ".join(
        f"{percent(vote(found, digits, votes) == strange_digits):.0f} % right by {words}"
        for votes, words in ((7, "the vote of seven"), (1, "the nearest template alone"))))

# %% [markdown]
# This is one speaker, and an easy one. Section 11 asks all six.

# %% [markdown]
# ## 3 · From templates to probabilities
#
# What does a recogniser look for? Of all word strings $W$ the likeliest, given the audio $A$:
#
# $$\hat W = \arg\max_W P(W \mid A) = \arg\max_W P(A \mid W)\, P(W).$$
#
# ($P(A)$ is the same for all $W$, so it does not matter.) Bayes' rule parts the problem in two. $P(A \mid W)$, the
# **acoustic model**, says how a word sounds. $P(W)$, the **language model**, says which strings people say; it can
# learn from text alone. The acoustic model is itself a chain: words are made of phones (the **lexicon**), phones of
# states, and a state puts out features. With phones $L$ and states $Q$, which nobody sees,
# $P(A \mid W) = \sum_{L, Q} P(A \mid Q)\, P(Q \mid L)\, P(L \mid W)$. (One often sees the product without the sum: then
# only the best $L$ and $Q$ are meant, as in Viterbi's search below.) We build it from the bottom: how does a state put
# out features?
#
# ### A mixture of Gaussians
#
# One Gaussian is too plain for the frames of a vowel by many speakers. A **mixture** (GMM) of $K$ is not:
#
# $$p(\mathbf x) = \sum_{k=1}^{K} w_k\, \mathcal N(\mathbf x; \boldsymbol\mu_k, \boldsymbol\sigma_k^2), \qquad
# \sum_k w_k = 1.$$
#
# (Now and then one sees the sum without the weights $w_k$. Then it is no density: it integrates to $K$.) The
# variances are diagonal, as the DCT of the MFCC has taken most of the correlation away.
#
# If we knew which component made which frame, means and variances would be averages. We do not. **Expectation
# maximisation** (EM) uses what the present mixture believes:
#
# $$\text{E:}\quad r_{nk} = \frac{w_k\,\mathcal N(\mathbf x_n; \boldsymbol\mu_k, \boldsymbol\sigma_k^2)}
# {\sum_j w_j\,\mathcal N(\mathbf x_n; \boldsymbol\mu_j, \boldsymbol\sigma_j^2)}, \qquad
# \text{M:}\quad N_k = \sum_n r_{nk},\quad w_k = \frac{N_k}{N},\quad
# \boldsymbol\mu_k = \frac{1}{N_k} \sum_n r_{nk}\,\mathbf x_n,\quad
# \boldsymbol\sigma_k^2 = \frac{1}{N_k} \sum_n r_{nk}\,(\mathbf x_n - \boldsymbol\mu_k)^2,$$
#
# the variance about the *new* mean. The likelihood of the data never falls from one step to the next.
#
# A density in 39 dimensions is soon smaller than the smallest float. So everything stays in logarithms, and sums of
# probabilities are taken by **log-sum-exp**: $\ln \sum_k e^{a_k} = a^* + \ln \sum_k e^{a_k - a^*}$ with
# $a^* = \max_k a_k$. Then the largest term is $e^0$, whatever its size was.

# %%
frame = features[first, lengths[first] // 2].double()
sevens = torch.cat([f[:n] for f, n, digit in zip(features, lengths, digits, strict=True) if digit == 7]).double()
wide = models.GaussianMixture.fit(sevens, 2, iterations=5)[0]
joint = wide.log_joint(frame[None])[0].numpy()
far = wide.log_joint(frame[None] + 30)[0].numpy()
for name, values in (("a frame of “seven”", joint), ("the same, 30 standard deviations away", far)):
    naive = np.log(np.exp(values).sum()) if np.exp(values).sum() else -np.inf
    print(f"{name}: ln of each term {np.round(values, 1)}, naive sum {naive:.1f}, log-sum-exp "
          f"{np.logaddexp.reduce(values):.1f}")

# %% [markdown]
# ### Exercise 11.2 · One step of EM   ★★☆ · 30 min · 3 points
#
# **Goal.** Improve a mixture by one E and one M step.
#
# | | |
# |---|---|
# | `x` | `Float[np.ndarray, "frames features"]` |
# | `weights` | `Float[np.ndarray, "components"]`, sum to one |
# | `means`, `variances` | `Float[np.ndarray, "components features"]` |
# | returns | `(weights, means, variances, log_likelihood)`: new, and $\sum_n \ln p(\mathbf x_n)$ by the *old* ones |
#
# **Target:** twenty steps in a row never lower the log-likelihood. Frames 80 standard deviations away must work.
#
# <details><summary>Hint 1 · the idea</summary>
# Make a (frames, components) table of ln w + ln N. Its log-sum-exp along the components gives ln p of each frame. The
# table minus ln p is ln r. The rest are weighted averages.
# </details>
#
# <details><summary>Hint 2 · the first lines</summary>
#
# ```python
# difference = x[:, None] - means                     # (frames, components, features)
# log_density = -0.5 * (np.log(2 * np.pi * variances) + difference**2 / variances).sum(2)
# ```
# </details>
#
# **If weights and means pass and variances fail:** about which mean, and divided by what?

# %% nbgrader={"grade_id": "em_step", "solution": true}
def em_step(
    x: Float[np.ndarray, "frames features"], weights: Float[np.ndarray, " components"],
    means: Float[np.ndarray, "components features"], variances: Float[np.ndarray, "components features"],
) -> tuple[
    Float[np.ndarray, " components"], Float[np.ndarray, "components features"],
    Float[np.ndarray, "components features"], float,
]:
    """New weights, means and variances, and the log-likelihood of the old mixture."""
    ### BEGIN SOLUTION
    difference = x[:, None] - means
    log_density = -0.5 * (np.log(2 * np.pi * variances) + difference**2 / variances).sum(2)
    log_joint = log_density + np.log(weights)
    log_p = np.logaddexp.reduce(log_joint, axis=1)
    r = np.exp(log_joint - log_p[:, None])
    owned = r.sum(0)
    new_means = r.T @ x / owned[:, None]
    new_variances = np.einsum("nk,nkd->kd", r, (x[:, None] - new_means) ** 2) / owned[:, None]
    return owned / len(x), new_means, new_variances, log_p.sum()
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_em_step", "points": 3}
checks.dtw_hmm.em_step(em_step)
### BEGIN HIDDEN TESTS
checks.dtw_hmm.em_step(em_step, rng=grading_rng("em_step"), cases=12)
### END HIDDEN TESTS

# %% [markdown]
# How many components? More always fit the training frames better. Frames of another speaker tell when it is enough. The
# demo shows two of the 39 features, so that there is something to see; the curve is for these two. (A **nat** is the
# unit of a natural logarithm, as a bit is that of one to base 2.)

# %%
inside = torch.arange(features.shape[1]) < lengths[:, None]
plane = features[inside][:, 1:3].double()
strange_plane = strange_features[torch.arange(strange_features.shape[1]) < strange_lengths[:, None]][:, 1:3].double()
plane = plane[:: max(1, len(plane) // 4000)]
COUNTS = [1, 2, 4, 8, 16, 32, 64]
steps_of_em = device.choose(smoke=8, laptop=60, full=60)
fitted = {k: models.GaussianMixture.fit(plane, k, iterations=steps_of_em) for k in COUNTS}


def draw_mixture(components, seed):
    """Left: frames and components. Right: likelihood of frames trained on and of the other speaker."""
    mixture, history = fitted[components] if seed == 0 else models.GaussianMixture.fit(
        plane, components, iterations=steps_of_em, seed=seed)
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
    left.plot(*plane[::4].T.numpy(), ".", color="0.6", markersize=2, zorder=0)
    angle = np.linspace(0, 2 * np.pi, 60)
    for w, mean, variance in zip(mixture.weights, mixture.means, mixture.variances, strict=True):
        ring = mean.numpy()[:, None] + variance.sqrt().numpy()[:, None] * np.array([np.cos(angle), np.sin(angle)])
        left.plot(*ring, color="C1", linewidth=1 + 4 * float(w))
    left.set(xlabel="MFCC 1 (standard deviations)", ylabel="MFCC 2 (standard deviations)",
             title=f"{components} components after {len(history) - 1} steps of EM", xlim=(-3, 3), ylim=(-3.5, 3.5))
    for name, x, colour in (("training speakers", plane, "C0"), (f"{HELD_OUT}, held out", strange_plane, "C1")):
        curve = [fitted[k][0].log_prob(x).mean() for k in COUNTS]
        right.semilogx(COUNTS, curve, "o-", color=colour, label=name, base=2)
    here = mixture.log_prob(strange_plane).mean()
    right.axvline(components, color="0.6", linewidth=0.8)
    right.plot(components, here, "kx", markersize=8, label=f"{HELD_OUT}, start {seed}")
    right.set(xlabel="components", ylabel="ln p per frame (nats)", xticks=COUNTS, xticklabels=COUNTS)
    right.legend()
    return fig, f"With {components} components ln p of a held-out frame is {here:.3f} on average."


ui.explore(
    draw_mixture,
    question="From how many components on does the held-out speaker gain nothing? Does another start (seed) end in the "
    "same place?",
    components=[4, 1, 2, 8, 16, 32, 64], seed=[0, 1, 2, 3],
)

# %% [markdown]
# ## 4 · Hidden Markov models
#
# A mixture knows nothing of order: “six” backwards is as likely. A **hidden Markov model** adds it. At each frame the
# model is in one **state** $q_t$, which we do not see. It has three parts:
#
# - $\pi_i = p(q_1 = i)$, where it starts,
# - $a_{ij} = p(q_t = j \mid q_{t-1} = i)$, how it moves: the arcs,
# - $b_i(\mathbf o_t) = p(\mathbf o_t \mid q_t = i)$, what a state puts out: for us a GMM.
#
# A word is a chain: each state stays or goes on to the next one. A state that stays with probability $a$ lasts
# $1/(1-a)$ frames on average. A word must also be over when the utterance is: the library takes $\ln$ of the
# probability to leave each state after the last frame as `log_end`, which for a chain is $-\infty$ everywhere but in
# the last state. (The formulas and exercises below leave it out: there a sequence may end in any state.) Three
# questions, three recursions: how likely is the utterance (*forward*), which path did it take (*Viterbi*), and which
# parameters explain it best (*Baum-Welch*)?
#
# The answer to the first, by its definition, is a sum over all $S^T$ paths:

# %%
from course_lib.models import hidden_markov

stay = torch.tensor([0.6, 0.8, 0.5], dtype=torch.float64).log()
chain = hidden_markov.left_to_right(stay)
shown = torch.randn(6, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def sum_over_paths(start, arcs, end, emit):
    """p(o) and the best path, by going through all of them."""
    scores = {
        path: float(start[path[0]] + sum(emit[t, s] for t, s in enumerate(path))
                    + sum(arcs[a, b] for a, b in itertools.pairwise(path)) + end[path[-1]])
        for path in itertools.product(range(len(start)), repeat=len(emit))
    }
    return np.logaddexp.reduce(list(scores.values())), max(scores, key=scores.get), scores


brute, best, scores = sum_over_paths(*chain, shown)
possible = sum(score > -math.inf for score in scores.values())
fast = hidden_markov.forward(chain[0], chain[1], shown, log_end=chain[2])
path = hidden_markov.viterbi(chain[0], chain[1], shown, log_end=chain[2])
ui.table(
    [
        {"by": f"all {len(scores)} paths, {possible} possible", "ln p(o)": f"{brute:.9f}", "best path": str(best)},
        {"by": "recursion", "ln p(o)": f"{fast.log_p:.9f}", "best path": str(tuple(path.states.tolist()))},
    ],
    title="Three states, six frames",
    caption=f"For {lengths[first]} frames and 8 states there would be {8.0 ** int(lengths[first]):.1g} paths.",
)

# %% [markdown]
# ### Forward
#
# The **forward variable** $\alpha_t(j)$ is the summed probability of all paths that stand in state $j$ at frame $t$,
# its frame counted. All that matters of the past is where it ended:
#
# $$\alpha_1(j) = \pi_j\, b_j(\mathbf o_1), \qquad
# \alpha_t(j) = b_j(\mathbf o_t) \sum_i \alpha_{t-1}(i)\, a_{ij}, \qquad p(\mathbf o) = \sum_j \alpha_T(j).$$
#
# In logarithms products become sums, and the sum over $i$ a log-sum-exp.

# %% [markdown]
# ### Exercise 11.3 · Forward   ★★☆ · 20 min · 2 points
#
# **Goal.** Compute $\ln \alpha$ and $\ln p(\mathbf o)$.
#
# | | |
# |---|---|
# | `log_start` | `Float[np.ndarray, "states"]`, $\ln \pi_i$ |
# | `log_arcs` | `Float[np.ndarray, "states states"]`, $\ln a_{ij}$ at `[i, j]`; $-\infty$ where no arc is |
# | `log_emit` | `Float[np.ndarray, "frames states"]`, $\ln b_j(\mathbf o_t)$; at least one frame |
# | returns | `(log_alpha, log_p)`: `(frames, states)` and a number. The sequence may end in any state |
#
# **Target:** agreement with all paths; $-\infty$ where no path leads; 600 frames without underflow, and states whose
# emissions differ by thousands of nats.
#
# <details><summary>Hint 1 · the idea</summary>
# A (states, states) table: the old $\ln\alpha$ down its rows plus <code>log_arcs</code>. Which axis is the state
# before?
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>np.logaddexp.reduce(table, axis=...)</code> is a log-sum-exp that knows what to do with $-\infty$.
# </details>
#
# **If short sequences pass and long ones fail:** somewhere a probability is multiplied, not its logarithm added. **If
# there is NaN:** your own log-sum-exp subtracts $-\infty$ from $-\infty$ where all ways are impossible.

# %% nbgrader={"grade_id": "forward", "solution": true}
def forward(
    log_start: Float[np.ndarray, " states"], log_arcs: Float[np.ndarray, "states states"],
    log_emit: Float[np.ndarray, "frames states"],
) -> tuple[Float[np.ndarray, "frames states"], float]:
    """ln alpha and ln p of the sequence."""
    ### BEGIN SOLUTION
    alpha = [log_start + log_emit[0]]
    for frame in log_emit[1:]:
        alpha.append(np.logaddexp.reduce(alpha[-1][:, None] + log_arcs, axis=0) + frame)
    return np.array(alpha), np.logaddexp.reduce(alpha[-1])
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_forward", "points": 2}
checks.dtw_hmm.forward(forward)
### BEGIN HIDDEN TESTS
checks.dtw_hmm.forward(forward, rng=grading_rng("forward"), cases=20)
### END HIDDEN TESTS

# %% [markdown]
# ### Viterbi
#
# Replace the sum by a maximum, and the recursion finds the best path in place of the sum of all. It is DTW again: the
# rows are states in place of a template's frames, and the costs are negative logarithms of probabilities that were
# learnt. Keep for each state and frame the state from which the best way came; follow these pointers back from the end.

# %% [markdown]
# ### Exercise 11.4 · Viterbi   ★★☆ · 20 min · 2 points
#
# **Goal.** Find the most likely state path and its score.
#
# | | |
# |---|---|
# | `log_start`, `log_arcs`, `log_emit` | as in exercise 11.3 |
# | returns | `(path, score)`: `Int[np.ndarray, "frames"]`, and $\ln p(\text{path}, \mathbf o)$ |
#
# **Target:** the best of all paths. Of equal paths any will do. What has probability zero is on no path, however well
# the frames would fit.
#
# <details><summary>Hint 1 · the idea</summary>
# The forward recursion with <code>max</code>; <code>argmax</code> of the same table gives the pointers. One pointer row
# for each frame but the first.
# </details>
#
# <details><summary>Hint 2 · the first lines</summary>
#
# ```python
# best, pointers = log_start + log_emit[0], []
# for frame in log_emit[1:]:
#     ways = best[:, None] + log_arcs
# ```
# </details>
#
# **If the score passes and the path fails:** the best ends of two neighbouring frames need not lie on one path. Start
# from the last frame, and let the pointers say the rest.

# %% nbgrader={"grade_id": "viterbi", "solution": true}
def viterbi(
    log_start: Float[np.ndarray, " states"], log_arcs: Float[np.ndarray, "states states"],
    log_emit: Float[np.ndarray, "frames states"],
) -> tuple[Int[np.ndarray, " frames"], float]:
    """The best path and its score."""
    ### BEGIN SOLUTION
    best, pointers = log_start + log_emit[0], []
    for frame in log_emit[1:]:
        ways = best[:, None] + log_arcs
        pointers.append(ways.argmax(0))
        best = ways.max(0) + frame
    path = [int(best.argmax())]
    for pointer in pointers[::-1]:
        path.append(int(pointer[path[-1]]))
    return np.array(path[::-1]), best.max()
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_viterbi", "points": 2}
checks.dtw_hmm.viterbi(viterbi)
### BEGIN HIDDEN TESTS
checks.dtw_hmm.viterbi(viterbi, rng=grading_rng("viterbi"), cases=20)
### END HIDDEN TESTS

# %% [markdown]
# ## 5 · Baum-Welch: training without times
#
# Which frames belong to state 3 of “seven”? Nobody has marked them. EM again: the E step lets the model say where it
# believes each frame belongs. That needs the other half of each path, the **backward variable** $\beta_t(i)$: the
# summed probability of all ways to go on from state $i$ to the end, its own frame not counted. Then
#
# $$\gamma_t(i) = p(q_t = i \mid \mathbf o) = \frac{\alpha_t(i)\,\beta_t(i)}{p(\mathbf o)}, \qquad
# \xi_t(i, j) = \frac{\alpha_{t-1}(i)\,a_{ij}\,b_j(\mathbf o_t)\,\beta_t(j)}{p(\mathbf o)}.$$
#
# The M step is that of the mixture, each frame weighted with $\gamma_t(i)\,r_{tk}$; and $a_{ij}$ becomes the expected
# number of moves from $i$ to $j$ over that of visits to $i$ from which a move was made,
# $\sum_{t=2}^{T} \xi_t(i, j) \,/ \sum_{t=1}^{T-1} \gamma_t(i)$. (The library knows exits: to leave the word after frame
# $T$ is a move too, so its sum below the line runs to $T$.) `models.GMMHMM.fit` starts **flat**, with the frames of
# each utterance shared evenly among its states. It trains one Gaussian per state, splits each in two, trains, and so
# on.

# %%
alpha = fast.alpha
beta = hidden_markov.backward(chain[0], chain[1], shown, log_end=chain[2])
gamma = hidden_markov.expectations(chain[0], chain[1], shown, log_end=chain[2]).states
counted = np.zeros((6, 3))
for one, score in scores.items():
    counted[range(6), one] += math.exp(score - brute)
print(f"gamma against the share of all paths, largest difference: {np.abs(gamma.numpy() - counted).max():.1e}; "
      f"ln sum of alpha·beta at each frame: {np.unique((alpha + beta).logsumexp(1).numpy().round(9))}")

STATES = 8
lexicon = models.Lexicon.of_words(10, STATES)
components = device.choose(smoke=2, laptop=4, full=8)
started = time.perf_counter()
recogniser, history = models.GMMHMM.fit(features, lengths, words_of, lexicon, components=components,
                                        iterations=device.choose(smoke=2, laptop=4, full=4))
seconds = time.perf_counter() - started
scores_of = models.word_scores(recogniser.log_emit(strange_features), strange_lengths, recogniser.log_stay, lexicon)
right = (scores_of.argmax(1) == strange_digits).float().mean()
fig, ax = plt.subplots(figsize=(7.5, 3), layout="constrained")
ax.plot(history, "o-")
per_stage = len(history) // (components.bit_length())
for stage in range(1, components.bit_length()):
    ax.axvline(stage * per_stage - 0.5, color="0.7", linewidth=0.8)
    ax.text(stage * per_stage - 0.4, min(history), f"{2**stage} Gaussians", fontsize=8)
ax.set(xlabel="iteration of Baum-Welch", ylabel="ln p per frame (nats)", title="likelihood of the training utterances")
ax.xaxis.set_major_locator(plt.MaxNLocator(integer=True))
steps_at = [history[stage * per_stage] - history[stage * per_stage - 1]
            for stage in range(1, components.bit_length())]
ui.show(fig, alt="The likelihood rises within each stage. From the last point before a split to the first behind it it "
        "changes by " + ", ".join(f"{step:+.2f}" for step in steps_at) + " nats.")
print(f"{lexicon.states} states with {components} Gaussians each, {seconds:.1f} s of training; "
      f"{100 * right:.0f} % of {len(strangers)} utterances by {HELD_OUT} right")

# %% [markdown]
# Within a stage the curve never falls. At a split the two halves are moved apart, away from the optimum: a dip. (Each
# point is the likelihood *before* an iteration. With two iterations per stage, as in `smoke`, the gain of the last one
# may hide the dip.)
#
# ### Hear the states
#
# The Viterbi path cuts an utterance into the pieces that belong to each state. Nobody told the model about phones. Are
# the pieces phones?

# %%
def pieces(sound, path, gap=0.12):
    """The stretch of sound of each state, with a pause after each."""
    parts = []
    for _, run in itertools.groupby(enumerate(path), key=lambda item: item[1]):
        places = [t for t, _ in run]
        part = sound[max(places[0] * HOP - HOP // 2, 0) : places[-1] * HOP + HOP // 2]
        fade = np.minimum(1, np.minimum(np.arange(len(part)), np.arange(len(part))[::-1]) / 40)
        parts += [part * fade, np.zeros(int(gap * sr))]
    return np.concatenate(parts)


def draw_states(said, model):
    """The utterance with the states of the best path through the model of one word."""
    i = said
    x, n = strange_features[i : i + 1, : strange_lengths[i]], strange_lengths[i : i + 1]
    emit = recogniser.log_emit(x)[:, :, lexicon.states_of(model)]
    start, arcs, end = hidden_markov.left_to_right(recogniser.log_stay[lexicon.states_of(model)])
    found = hidden_markov.viterbi(start, arcs, emit, log_end=end, lengths=n)
    path, sound = found.states[0].tolist(), strangers[i].audio()
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(9, 4.6), sharex=True, layout="constrained")
    ui.spectrogram(sound, sr, n_fft=256, hop=HOP, ax=top, colorbar=False, db_range=60,
                   title=f"“{strangers[i].word}” by {HELD_OUT}, through the model of “{data.WORDS[model]}”")
    bottom.step(np.arange(len(path)) * HOP / sr, np.array(path) + 1, where="mid", color="C0")
    bottom.set(xlabel="time (s)", ylabel="state", yticks=range(1, STATES + 1),
               title=f"{float(found.score) / len(path):.2f} nats per frame along the best path")
    for t in np.flatnonzero(np.diff(path)):
        top.axvline((t + 0.5) * HOP / sr, color="w", linewidth=0.8)
    words = f"Best path: {float(found.score) / len(path):.2f} nats per frame through the model of {data.WORDS[model]}."
    return fig, words, {"the utterance": sound, "state by state": pieces(sound, path)}


ui.explore(
    draw_states, sr=sr,
    question="Which states are the vowel, which the consonants? How does a wrong model spend its states?",
    said={f"{strangers[i].word}, take {strangers[i].take}": i for i in np.argsort(strange_digits.numpy(), kind="stable")
          if strangers[i].take < 2} | {"seven, take 3": next(k for k, s in enumerate(strangers)
                                                        if s.digit == 7 and s.take == 3)},
    model={word: k for k, word in enumerate(data.WORDS)},
)

# %% [markdown]
# ## 6 · The lexicon
#
# A model of a whole word must have heard the word. People know better: a new word is made of sounds they know. The
# **lexicon** says of which:

# %%
from course_lib.data.generate.lexicon import DIGITS

spelled = DIGITS                                      # word → its phones
phones = models.Lexicon.of_phones(spelled, data.WORDS, states_per_phone=3)
used_by = {phone: [w for w in data.WORDS if phone in spelled[w]] for phone in phones.units}
ui.table([{"word": word, "phones": " ".join(spelled[word]), "states": " ".join(map(str, phones.states_of(k)))}
          for k, word in enumerate(data.WORDS)],
         title=f"{len(phones.units)} phones of three states: the same number is the same state")

# %% [markdown]
# Each phone has three states, and all words with that phone share them: their statistics are added up (**tied
# states**). Real lexica give several pronunciations to a word, with probabilities.
#
# Now take every “nine” out of the training data. Its phones occur elsewhere: N in “one” and “seven”, AY in “five”. Is
# “nine” recognised?

# %%
def heard(lexicon, keep):
    """Train on the utterances of some words, recognise all words of the held-out speaker."""
    index = torch.tensor([i for i, take in enumerate(takes) if take.digit in keep])
    model, _ = models.GMMHMM.fit(
        features[index], lengths[index], [words_of[i] for i in index.tolist()], lexicon, components=2,
        iterations=device.choose(smoke=1, laptop=4, full=4))
    return models.word_scores(
        model.log_emit(strange_features), strange_lengths, model.log_stay, lexicon).argmax(1)


nines = strange_digits == 9
rows = []
whole = models.Lexicon.of_words(10, STATES)
for name, units, keep in (("phones, all words trained", phones, range(10)),
                          ("phones, “nine” never heard", phones, range(9)), ("whole words", whole, range(10))):
    said = heard(units, keep)
    mostly = data.WORDS[int(said[nines].mode().values)]
    rows.append({"lexicon": name, "“nine” right (%)": percent(said[nines] == 9), "“nine” is mostly heard as": mostly,
                 "other words right (%)": percent(said[~nines] == strange_digits[~nines])})
ui.table(rows, title=f"{HELD_OUT}: {int(nines.sum())} utterances of “nine”, {int((~nines).sum())} of others",
         caption="With few utterances the percentages are coarse: one “nine” counts "
                 f"{100 / max(int(nines.sum()), 1):.0f} points. Two Gaussians per state in all rows.")
print(f"Without one “nine” in the training: {rows[1]['“nine” right (%)']:.0f} % of them recognised, most are heard as "
      f"“{rows[1]['“nine” is mostly heard as']}”.")

# %% [markdown]
# Sharing makes a word possible that was never heard; the second row says whether it is also recognised, and as what it
# is heard. It depends on how alike the phones are in both places: the N of “one” and “seven” ends a word, and the first
# N of “nine” begins one. Phones sound different next to different neighbours, so large systems used **triphones**, a
# model for each phone between each pair of neighbours, and tied those that sound alike.

# %% [markdown]
# ## 7 · The language model
#
# $P(W)$ of a string is a product: each symbol given those before it. An **n-gram** remembers the last $n - 1$ only. Its
# probabilities are counted in text, with an edge before and behind each string: $p(b \mid a) = c(a, b)/c(a)$. But text
# is finite, and most strings that people will say were never written. A probability of zero would forbid them for ever.
# **Smoothing** takes a little from what was seen. How much, and who gets it? Witten and Bell: a history that was
# followed by many *different* symbols will be followed by a new one again. With $T(a)$ the number of different
# followers of $a$,
#
# $$p(b \mid a) = \frac{c(a, b) + T(a)\, p(b)}{c(a) + T(a)}, \qquad
# p(b) = \frac{c(b) + T \cdot \frac1V}{C + T}.$$
#
# The pair falls back to the single symbol, $p(b)$, and that to the uniform distribution over the $V$ classes. $c(b)$
# counts $b$ as that which *follows*, and $c(a)$ counts $a$ as that which is followed. With an edge at both sides of
# each string the two are equal. $C = \sum_b c(b)$, and $T$ is the number of different $b$ with $c(b) > 0$.

# %% [markdown]
# ### Exercise 11.5 · A smoothed bigram   ★★☆ · 25 min · 2 points
#
# **Goal.** Make the Witten-Bell bigram of a text.
#
# | | |
# |---|---|
# | `strings` | `list[list[int]]`, symbols 1 to `classes - 1`; a string may be empty, and some symbols may never come |
# | `classes` | $V$; class 0 is the edge: as a history the start, as an outcome the end |
# | returns | `Float[np.ndarray, "classes classes"]`, $p(b \mid a)$ at `[a, b]` |
#
# A class that never stands before anything ($c(a) = 0$) has the row $p(b)$. **Target:** every row sums to one, and no
# entry is zero. For `[[1, 2], [1, 1, 2]]` and three classes, $p(2 \mid 1) = (2 + 2 \cdot p(2))/(3 + 2)$ with
# $p(2) = (2 + 3 \cdot \frac13)/(7 + 3)$.
#
# <details><summary>Hint 1 · the idea</summary>
# One table of counts of pairs; <code>[0, *string, 0]</code> has them all. Its column sums are c(b), its row sums c(a)
# (the same numbers), its nonzero entries in a row T(a).
# </details>
#
# <details><summary>Hint 2 · the first lines</summary>
#
# ```python
# counts = np.zeros((classes, classes))
# for string in strings:
#     padded = [0, *string, 0]
# ```
# </details>
#
# **If texts with all symbols pass and others fail:** look at the row of a class that never stands before anything. **If
# a row does not sum to one:** what is added above the line must be added below it.

# %% nbgrader={"grade_id": "witten_bell", "solution": true}
def witten_bell(strings: list[list[int]], classes: int) -> Float[np.ndarray, "classes classes"]:
    """p(b follows a) at [a, b], class 0 the edge."""
    ### BEGIN SOLUTION
    counts = np.zeros((classes, classes))
    for string in strings:
        padded = [0, *string, 0]
        np.add.at(counts, (padded[:-1], padded[1:]), 1)
    one = counts.sum(0)
    kinds = np.count_nonzero(one)
    unigram = (one + kinds / classes) / (one.sum() + kinds)
    total, followers = counts.sum(1, keepdims=True), np.count_nonzero(counts, axis=1)[:, None]
    mixed = (counts + followers * unigram) / np.maximum(total + followers, 1)
    return np.where(total > 0, mixed, unigram)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_witten_bell", "points": 2}
checks.dtw_hmm.witten_bell(witten_bell)
### BEGIN HIDDEN TESTS
checks.dtw_hmm.witten_bell(witten_bell, rng=grading_rng("witten_bell"), cases=20)
### END HIDDEN TESTS

# %% [markdown]
# Which order, which smoothing? `models.NGramModel` knows three. Adding a constant to all counts is the simplest.
# Kneser and Ney give to a symbol what it deserves as a *new* continuation: how many different contexts it was seen in.
# The text is music, as digits hold no grammar: the soprano melodies of Bach chorales. A symbol is a pitch, and a note
# that is repeated counts once. **Perplexity** is the geometric mean of $1/p$ over fresh text: among how many notes the
# model wavers.

# %%
def melodies(split):
    """Soprano lines as classes: 1 for the lowest pitch, equal neighbours merged."""
    sopranos = [piece[:, 0].tolist() for piece in data.chorales(split)]
    return [[pitch - 54 for pitch, _ in itertools.groupby(line) if pitch > 0] for line in sopranos]


training_text, fresh_text = melodies("train"), melodies("test")
notes = max(max(line) for line in training_text + fresh_text) + 1
orders = device.choose(smoke=(1, 2, 3), laptop=(1, 2, 3, 4, 5), full=(1, 2, 3, 4, 5, 6))
METHODS = {"add 0.1": {"method": "add", "k": 0.1}, "Witten-Bell": {"method": "witten-bell"},
           "Kneser-Ney": {"method": "kneser-ney"}}
curves = {name: [models.NGramModel.fit(training_text, notes, order=n, **options).perplexity(fresh_text) for n in orders]
          for name, options in METHODS.items()}
fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
for (name, values), mark in zip(curves.items(), ("o-", "s--", "^:"), strict=True):
    ax.plot(orders[1:], values[1:], mark, label=name)
ax.set(xlabel="order n", ylabel="perplexity of fresh melodies (notes)", xticks=orders[1:], ylim=(4, None))
ax.legend()
lowest = {name: (min(values), orders[int(np.argmin(values))]) for name, values in curves.items()}
ui.show(fig, alt="Perplexity of fresh melodies over the order of the n-gram, from 2 on. Lowest: " + ", ".join(
    f"{name} {value:.1f} at n = {n}" for name, (value, n) in lowest.items()) + ".")
print(f"{len(training_text)} melodies to count, {len(fresh_text)} fresh ones, {notes} classes. Lowest perplexity: "
      + "; ".join(f"{name} {value:.2f} at n = {n}" for name, (value, n) in lowest.items()))
print("Single notes (n = 1), not drawn: " + ", ".join(f"{name} {values[0]:.1f}" for name, values in curves.items())
      + ". Largest difference between the methods: " + ", ".join(
          f"{np.ptp([values[i] for values in curves.values()]):.2f} at n = {n}" for i, n in enumerate(orders) if n > 1))

# %% [markdown]
# With short histories the methods agree: nearly every pair was seen. The longer the history, the more of its followers
# are new, and the more it matters what they get. A constant gives every one of them the same, so its curve turns up
# first. (The lowest point of each curve is chosen on the fresh text itself, which flatters it a little.)

# %% [markdown]
# ## 8 · Connected words: search
#
# Nobody pauses between the digits of a telephone number, and nobody says how many there will be. Join the last state of
# each word to the first state of every word, with the bigram's $p(b \mid a)$ on the arc, and a state of silence that
# may stand between. The result is one HMM, the **decoding graph**, with $P(A \mid W)\,P(W)$ on each path. Viterbi finds
# the best one, and with it the words, their number and roughly their times.
#
# Two numbers correct what the model gets wrong. It counts the frames as independent, so its $\ln P(A \mid W)$ varies
# far too much beside $\ln P(W)$: the **weight** multiplies the latter. And each word adds the **word bonus**, in nats.
# Here it is negative: a penalty on inserted words.
#
# The words are trained again, now from single digits with noise and some silence around them. The text has the habits
# of unit 12: after each digit a few others are common. The bigram has counted them in plenty of such text, so this is
# the best case of a language model. Weight and bonus are chosen by trying a grid, for each row of the table alone, on
# strings by one speaker (`TUNED_ON`) who is neither in the training of this recogniser nor in the test.

# %%
from course_lib.data.digit_strings import DigitSpeech, digit_habits, digit_text

TUNED_ON = "jackson"
NOISE = {"snr_db": (15.0, 30.0), "level_db": 2.0}
rng = np.random.default_rng(0)
parts = [take for take in takes if take.speaker != TUNED_ON]
speaking, trying, unknown = (DigitSpeech(some, **NOISE) for some in (
    parts, [take for take in takes if take.speaker == TUNED_ON], strangers))
singles = [speaking.say([take.digit], rng, speaker=take.speaker) for take in parts]
quiet = models.Lexicon.of_words(10, STATES, silence=True)
speaker, _ = models.GMMHMM.fit(*models.mfcc_with_deltas([s.audio for s in singles]), [s.digits for s in singles], quiet,
                               components=2, iterations=device.choose(smoke=2, laptop=4, full=4))

habits = digit_habits()
text = [[d + 1 for d in string] for string in digit_text(3000, rng, transitions=habits)]
language = models.NGramModel.fit(text, 11, order=2, method="witten-bell")
tuning = trying.draw(device.choose(smoke=4, laptop=30, full=60), np.random.default_rng(2), transitions=habits)
strings = unknown.draw(device.choose(smoke=6, laptop=60, full=200), np.random.default_rng(1), transitions=habits)
(tuning_features, tuning_lengths), (string_features, string_lengths) = (
    models.mfcc_with_deltas([s.audio for s in some]) for some in (tuning, strings))
tuning_emit, emit = speaker.log_emit(tuning_features), speaker.log_emit(string_features)

some, all_of = (0.0, -10.0), (0.0, -5.0, -10.0, -20.0, -40.0)
BONUSES = device.choose(smoke=some, laptop=all_of, full=all_of)
WEIGHTS = device.choose(smoke=(1.0, 4.0), laptop=(1.0, 2.0, 4.0, 8.0), full=(1.0, 2.0, 4.0, 8.0))
GRID = {
    "all digits equally likely": (np.full((11, 11), -math.log(11)), (0.0,)),
    "bigram": (language.table(), WEIGHTS),
}
decoded, graphs, rows = {}, {}, []
for name, (table, weights) in GRID.items():
    tried = {}
    for weight, bonus in itertools.product(weights, BONUSES):
        graph = quiet.loop_graph(torch.from_numpy(table), weight=weight, word_bonus=bonus)
        said, _ = models.decode_words(tuning_emit, tuning_lengths, speaker.log_stay, graph)
        tried[weight, bonus] = metrics.error_rate([s.digits for s in tuning], said).rate
    weight, bonus = min(tried, key=tried.get)                                 # the first of equal ones
    graphs[name] = quiet.loop_graph(torch.from_numpy(table), weight=weight, word_bonus=bonus)
    started = time.perf_counter()
    said, places = models.decode_words(emit, string_lengths, speaker.log_stay, graphs[name])
    seconds = time.perf_counter() - started
    decoded[name] = said, places
    counts = metrics.error_rate([s.digits for s in strings], said)
    rows.append({
        "language model": name, "weight": weight, "word bonus": bonus,
        "trials": len(tried), f"best errors of {TUNED_ON} (%)": 100 * tried[weight, bonus],
        f"errors of {HELD_OUT} (%)": 100 * counts.rate, "substitutions": counts.substitutions,
        "deletions": counts.deletions, "insertions": counts.insertions,
        "search (ms per second of speech)": 1e3 * seconds / sum(s.seconds for s in strings),
    })
total = sum(len(s.digits) for s in strings)
ui.table(rows, title=f"{len(strings)} digit strings of {total} words by {HELD_OUT}, {len(graph.shared)} places in the "
         "graph", caption=f"One word is {100 / total:.1f} points.")
plain, with_bigram = (row[f"errors of {HELD_OUT} (%)"] for row in rows)
print(f"The bigram changes the word errors from {plain:.1f} to {with_bigram:.1f} %.")

pickable = [i for i, s in enumerate(strings) if len(s.digits) >= 3][:1] or [0]
string, places = strings[pickable[0]], decoded["bigram"][1][pickable[0], : string_lengths[pickable[0]]].numpy()
fig, (top, bottom) = plt.subplots(2, 1, figsize=(9, 4.6), sharex=True, layout="constrained")
ui.spectrogram(string.audio, sr, n_fft=256, hop=HOP, ax=top, colorbar=False, db_range=60,
               title=f"said: {' '.join(map(str, string.digits))}; "
                     f"found: {' '.join(map(str, decoded['bigram'][0][pickable[0]]))}")
bottom.plot(np.arange(len(places)) * HOP / sr, graphs["bigram"].word[places].numpy(), ".", markersize=3)
for start, end in string.spans:
    bottom.axvspan(start / sr, end / sr, color="0.9", zorder=0)
bottom.set(xlabel="time (s)", ylabel="word", yticks=range(-1, 10), yticklabels=["silence", *range(10)],
           title="the word of each frame along the best path; grey: where the digits are")
ui.show(fig, alt="Spectrogram of a digit string, and under it the word that the best path is in at each frame.")
ui.player({" ".join(map(str, string.digits)): string.audio}, sr)

# %% [markdown]
# Each row has the weight and the bonus that served it best on `TUNED_ON`, so what is left between the rows is what the
# bigram gives, to one speaker and with text that has the same habits. Which errors did it remove? Where in the picture
# do the words of the path end otherwise than the grey spans? (A short pause may cost less inside a word than as
# silence: the path is judged by its score, not by its times.)
#
# ## 9 · A network in place of the Gaussians
#
# Maximum likelihood makes a GMM explain the frames of its own state, not tell states apart. (*Discriminative training*
# of the same Gaussians changed that: it raises the right string against its rivals. *Tandem* systems gave the outputs
# of a network to the Gaussians as features. We go on to the step after these.) A network tells apart: a frame
# with its neighbours in, a softmax over all states out, $p(q \mid \mathbf o)$, trained with cross-entropy (the mean
# of $-\ln p(q \mid \mathbf o)$ for the right state $q$) on an alignment.
# The GMM-HMM makes the alignment, by Viterbi. But the HMM asks for $p(\mathbf o \mid q)$. Bayes' rule turns it round:
#
# $$p(\mathbf o_t \mid q) = \frac{p(q \mid \mathbf o_t)\; p(\mathbf o_t)}{p(q)} \propto
# \frac{p(q \mid \mathbf o_t)}{p(q)}.$$
#
# $p(\mathbf o_t)$ is the same for all states, so it changes no comparison. The prior $p(q)$ is not: it is the share of
# the state among the training frames. Leave it out, and frequent states (long vowels, silence) are counted twice, once
# by the network and once by the HMM.

# %% [markdown]
# ### Exercise 11.6 · Scaled likelihoods   ★☆☆ · 12 min · 1 point
#
# **Goal.** Turn logits of a network into $\ln\,[\,p(q \mid \mathbf o)/p(q)\,]$.
#
# | | |
# |---|---|
# | `logits` | `Float[np.ndarray, "frames states"]`, before the softmax; may be as large as ±2000 |
# | `counts` | `Int[np.ndarray, "states"]`, training frames of each state, all positive |
# | returns | `Float[np.ndarray, "frames states"]`, natural logarithms |
#
# **Target:** a network that knows nothing and answers with the prior, `logits = np.log(counts)`, gives zeros.
#
# <details><summary>Hint 1 · the idea</summary>
# ln softmax is the logits minus their log-sum-exp over the states.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>log_posterior = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)</code>
# </details>
#
# **If small logits pass and large ones fail:** an exponential overflows. **If all is off by one number:** the counts
# are no distribution yet.

# %% nbgrader={"grade_id": "scaled_log_likelihoods", "solution": true}
def scaled_log_likelihoods(
    logits: Float[np.ndarray, "frames states"], counts: Int[np.ndarray, " states"],
) -> Float[np.ndarray, "frames states"]:
    """ln of posterior over prior."""
    ### BEGIN SOLUTION
    log_posterior = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return log_posterior - np.log(counts / counts.sum())
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_scaled_log_likelihoods", "points": 1}
checks.dtw_hmm.scaled_log_likelihoods(scaled_log_likelihoods)
### BEGIN HIDDEN TESTS
checks.dtw_hmm.scaled_log_likelihoods(scaled_log_likelihoods, rng=grading_rng("scaled_log_likelihoods"), cases=20)
### END HIDDEN TESTS

# %% [markdown]
# ## 10 · Explain   ★★☆ · 15 min · 2 points
#
# **Question.** (a) A colleague leaves the prior out of a DNN-HMM for connected words with silence between them, and
# finds that short words go missing. Why? (b) An HMM takes the frames as independent once the state is known, and its
# states last for a geometrically distributed time. Name one fact of speech that each assumption gets wrong, and say how
# delta features or the network's context relate to the first. (c) Viterbi and DTW are the same recursion. What has the
# HMM learnt that the template has not, and when would you still take the template?

# %% [markdown] nbgrader={"grade_id": "explain_hmm", "solution": true, "points": 2}
# ### BEGIN SOLUTION
# (a) Silence and long vowels own most training frames, so their prior is large, and the network's posterior holds that
# prior. Without the division each frame of silence gets a bonus, each frame of a rare state a penalty of ln p(q), and
# the arcs (or the language model) count how frequent words and states are once more. Paths through few rare states,
# short
# words, lose against silence. (b) Neighbouring frames of a real sound depend on each other: a vowel at t looks like the
# vowel at t + 10 ms, the voice stays that of one speaker. Given the state, the model counts each frame as new
# evidence, so
# its scores are far too sure. Deltas and stacked frames put some of the dependence into the features, but overlapping
# features are even less independent. A geometric duration makes one frame the likeliest length of every state, while
# real sounds have a typical length; chains of several states only soften this. (c) The HMM has learnt how far a sound
# may
# vary (variances, several Gaussians) and how long it lasts, from all speakers together, and its cost does not grow with
# the training set. With one or two examples per word there is nothing to estimate variances from; there, and where no
# model of what is aligned exists (two recordings of a piece of music), the template with DTW is the right tool.
# ### END SOLUTION
# === BEGIN MARK SCHEME ===
# - 0.5: the posterior contains the prior; without dividing, frequent states (silence, vowels) are favoured in each
# frame.
# - 0.5: dependence between frames given the state, or overconfident scores; deltas or context named in relation to it.
# - 0.5: geometric durations: most likely one frame, while real sounds have a typical length.
# - 0.5: variances or many speakers learnt, or cost independent of the data; templates for very few examples or for
# music.
# === END MARK SCHEME ===

# %% [markdown]
# ## 11 · Experiment
#
# **Questions.** Three generations on the same task: templates with DTW, GMM-HMM, DNN-HMM. The usual claim is that each
# step is a large one. Does it hold in miniature, for speakers that nobody has heard?
#
# **Fair play.** Each of the six speakers is held out in turn, and all systems are trained on the same takes of the
# other five, with the same features. The templates are all of these utterances, with the vote of seven, once stretched
# evenly and once warped. Both HMMs have the same states; the network has the GMM-HMM's alignment and its probabilities
# to stay, and two seeds or more. Its training time includes that of the GMM-HMM, which it needs. It sees nine frames on
# each side, which the Gaussians do not: they have the deltas only. That is not an advantage in data, it is one of the
# reasons for networks. Not all was decided without the test: DTW's distance and vote were the best of some short trials
# on two of the speakers; the network's settings (context, noise on the features, copies played faster and slower) were
# tried on one. These rows are, if anything, flattered. The last row leaves the prior out.
#
# **Judgement.** Speakers differ far more than systems, so each pair of systems is compared speaker by speaker. Two
# judges must agree: the 95 % interval of Student's $t$ for the mean difference of six speakers, and the exact test that
# turns the signs of the six differences round in all 64 ways and asks how often the mean is as large as the one found
# ($p$; with six speakers it cannot be below 2/64).

# %%
from course_lib.models.dnn_hmm import stack_context

SEED = 0
train_takes, test_takes, seeds, epochs, mixtures, folds = device.choose(
    smoke=(range(10, 12), range(2), (0,), 1, 1, ("theo", "jackson")),
    laptop=(range(10, 20), range(10), (0, 1), 16, 2, data.SPEAKERS),
    full=(range(10, 50), range(10), (0, 1, 2), 12, 8, data.SPEAKERS),
)
where = device.get()
experiment_started = time.perf_counter()
corpus, _ = data.digits_or_generated(takes=[*test_takes, *train_takes])
corpus_features, corpus_lengths = models.mfcc_with_deltas([take.audio() for take in corpus])


def prepared(speakers, chosen):
    """Features, lengths and digits of some speakers, and their recordings."""
    index = [i for i, take in enumerate(corpus) if take.speaker in speakers and take.take in chosen]
    n = corpus_lengths[index]
    return (corpus_features[index, : int(n.max())], n, torch.tensor([corpus[i].digit for i in index]),
            [corpus[i] for i in index])


def train_network(x, n, alignment, log_stay, seed):
    """A DNN-HMM on an alignment: frames in random order, cross-entropy, AdamW (gradient steps of adapted length)."""
    torch.manual_seed(seed)
    model = models.DNNHMM(10, STATES, context=9, width=128, dropout=0.3)
    model.prepare(alignment, log_stay)
    known = alignment >= 0
    frames, states = stack_context(x, n, model.context)[known].to(where), alignment[known].to(where)
    batch = 256
    steps = epochs * -(-len(frames) // batch)

    def batches(step):
        index = torch.from_numpy(np.random.default_rng((seed, step)).integers(len(frames), size=batch)).to(where)
        return frames[index], states[index]

    train.fit(
        model, batches, lambda net, given: nn.functional.cross_entropy(net.layers(given[0]), given[1]), steps=steps,
        seed=seed, optimizer=torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2),
        schedule=train.warmup_cosine(steps, warmup=steps // 10), description=f"DNN-HMM, seed {seed}",
    )
    return model.cpu().eval(), steps


SYSTEMS = ("even stretch, 7 nearest templates", "DTW, 7 nearest templates", "GMM-HMM", "DNN-HMM",
           "DNN-HMM, prior left out")
STRETCH, DTW, GMM, DNN, NO_PRIOR = SYSTEMS
errors = {name: {} for name in SYSTEMS}
training_s, testing_s = ({name: [] for name in SYSTEMS} for _ in range(2))
guesses, networks, warped_to, shares, sureness = {}, {}, {}, [], []
for held in folds:
    x, n, y, templates = prepared([s for s in data.SPEAKERS if s != held], train_takes)
    test_x, test_n, test_y, _ = prepared([held], test_takes)

    def note(name, started, guess, held=held, test_y=test_y):
        """Errors of one system on one speaker, in percent, and the time of the test."""
        testing_s[name].append((time.perf_counter() - started) / len(test_y))
        errors[name].setdefault(held, []).append(percent(guess != test_y))
        guesses[name, held] = guess, test_y

    for name, distances_of in ((STRETCH, stretched_distances), (DTW, warped_distances)):
        started = time.perf_counter()
        found = distances_of(test_x, test_n, x, n)
        note(name, started, vote(found, y))
        training_s[name].append(0.0)
    warped_to[held] = found, torch.tensor([take.take for take in templates])

    transcripts, started = [(int(d),) for d in y], time.perf_counter()
    gmm, _ = models.GMMHMM.fit(x, n, transcripts, lexicon, components=mixtures,
                               iterations=device.choose(smoke=2, laptop=3, full=4))
    training_s[GMM].append(time.perf_counter() - started)
    tested = time.perf_counter()
    note(GMM, tested, models.word_scores(gmm.log_emit(test_x), test_n, gmm.log_stay, lexicon).argmax(1))

    started = time.perf_counter()
    alignment = models.align_words(gmm.log_emit(x), n, gmm.log_stay, lexicon, transcripts)
    before = training_s[GMM][-1] + time.perf_counter() - started
    shares.append(torch.bincount(alignment[alignment >= 0], minlength=lexicon.states).double())
    for seed in seeds:
        started = time.perf_counter()
        network, steps = train_network(x, n, alignment, gmm.log_stay.float(), seed)
        for name in (DNN, NO_PRIOR):
            training_s[name].append(before + time.perf_counter() - started)
        networks[held, seed] = network
        for name, weight in ((DNN, 1.0), (NO_PRIOR, 0.0)):
            started = time.perf_counter()
            scores = network.word_scores(test_x, test_n, prior_weight=weight)
            note(name, started, scores.argmax(1))
            if name == DNN and seed == SEED:
                sureness.append((scores.softmax(1).max(1).values, scores.argmax(1) == test_y))

# %% tags=["results"]
import scipy.stats


def of_speakers(name):
    """Error of each held-out speaker, mean over seeds."""
    return np.array([np.mean(errors[name][held]) for held in folds])


def judged(change):
    """Mean of one number per speaker, its 95 % t interval, p of the sign-flip test; whether both say: not zero."""
    half = scipy.stats.t.ppf(0.975, len(change) - 1) * change.std(ddof=1) / len(change) ** 0.5
    mean, flips = change.mean(), np.array(list(itertools.product((-1, 1), repeat=len(change))))
    p = np.mean(np.abs(flips @ change) > abs(change.sum()) - 1e-9)
    return mean, mean - half, mean + half, p, bool(abs(mean) > half and p < 0.05)


def in_words(first, second):
    """Is the second system better than the first?"""
    mean, low, high, p, apart = judged(of_speakers(second) - of_speakers(first))
    word = "not told apart from" if not apart else "better than" if mean < 0 else "worse than"
    return (f"{second} is {word} {first} (errors change by {mean:+.1f} points, 95 % interval {low:+.1f} to "
            f"{high:+.1f}, p = {p:.2f}).")


rows = []
for name in SYSTEMS:
    per_speaker = of_speakers(name)
    rows.append({
        "system": name, "errors (%)": per_speaker.mean(), "spread over speakers": per_speaker.std(ddof=1),
        "spread over seeds": np.mean([np.std(errors[name][h], ddof=1) for h in folds])
        if len(errors[name][folds[0]]) > 1 else None,
        **dict(zip(folds, per_speaker, strict=True)),
        "training (s)": round(float(np.mean(training_s[name])), 1),
        "test, one word (ms)": round(1e3 * float(np.mean(testing_s[name])), 1),
    })

PAIRS_JUDGED = (*itertools.pairwise(SYSTEMS[:4]), (NO_PRIOR, DNN))
enough = len(folds) >= 6
ui.results(
    rows, title=f"Isolated digits, each speaker held out in turn: word errors, {len(test_y)} utterances per speaker, "
    f"networks of {epochs} epochs", seed=SEED, seconds=time.perf_counter() - experiment_started,
    claim="From templates to Gaussians to networks, each step lowers the error a lot.",
    verdict=" ".join(in_words(a, b) for a, b in PAIRS_JUDGED) if enough else
    f"no verdict: {len(folds)} speakers and {steps} training steps show that the code runs, and nothing else.",
)

# %% [markdown]
# Every column of a speaker is one whole experiment. Read along the rows first: who speaks matters more than which
# system listens. What does that leave of the claim?

# %%
steps_of_claim = list(itertools.pairwise((DTW, GMM, DNN)))
held_up = [judged(of_speakers(b) - of_speakers(a)) for a, b in steps_of_claim]
won = [f"{a} → {b}" for (a, b), (mean, *_, apart) in zip(steps_of_claim, held_up, strict=True) if apart and mean < 0]
print("Word errors: " + ", ".join(f"{name} {of_speakers(name).mean():.1f} %" for name in SYSTEMS) + ".")
if enough:
    spread = np.mean([of_speakers(name).std(ddof=1) for name in SYSTEMS])
    print(f"Speakers differ by ±{spread:.0f} points. Of the claim's two steps {len(folds)} speakers confirm {len(won)}"
          + (": " + ", ".join(won) if won else "") + ".")
others = [i for i, held in enumerate(folds) if held != HELD_OUT]
print(f"{HELD_OUT} against the mean of the others: " + ", ".join(
    f"{name} {np.mean(errors[name][HELD_OUT]):.1f} and {of_speakers(name)[others].mean():.1f} %"
    for name in SYSTEMS[:4]))
print(f"Training speech per fold: {float(n.sum()) * HOP / sr / 60:.1f} minutes. The largest state has "
      f"{np.mean([float(count.max() / count.min()) for count in shares]):.1f} times the frames of the smallest.")

# %% [markdown]
# In the literature networks won clearly, with far more speech: on recorded telephone calls Seide et al. (2011) report
# 18.5 % word errors in place of the 27.4 % of a GMM-HMM that was itself trained discriminatively, with over 300 hours
# of speech, many layers and thousands of tied triphone states. Here are the minutes printed above, by five speakers.
# What many hours teach a network, how voices differ, cannot be learnt from five of them.
#
# Nor does the miniature need the prior much. There is no silence, and no state owns most of the frames: the logarithm
# of the ratio above is all that the prior can add or take per frame between the most unequal two of them. With long
# pauses in the recordings one state, silence, could own half of the frames.
#
# Do more takes by the *same* speakers help? The vote stays that of seven and the Gaussians as many as above (at
# most two per state); each speaker is held out in turn.

# %%
amounts = device.choose(smoke=(1, 2), laptop=(1, 2, 5, 10), full=(1, 5, 40))
FEW = min(mixtures, 2)
curves = {"DTW": np.zeros((len(folds), len(amounts))), "GMM-HMM": np.zeros((len(folds), len(amounts)))}
for (i, held), (k, amount) in itertools.product(enumerate(folds), enumerate(amounts)):
    test_x, test_n, test_y, _ = prepared([held], test_takes)
    x, n, y, _ = prepared([s for s in data.SPEAKERS if s != held], range(10, 10 + amount))
    found, take_of = warped_to[held]
    curves["DTW"][i, k] = percent(vote(found[:, take_of < 10 + amount], y) != test_y)
    if amount == len(train_takes) and mixtures == FEW:                        # this one is in the table above
        curves["GMM-HMM"][i, k] = errors[GMM][held][0]
        continue
    gmm, _ = models.GMMHMM.fit(x, n, [(int(d),) for d in y], lexicon, components=FEW,
                               iterations=device.choose(smoke=2, laptop=3, full=4))
    curves["GMM-HMM"][i, k] = percent(
        models.word_scores(gmm.log_emit(test_x), test_n, gmm.log_stay, lexicon).argmax(1) != test_y)
fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
for ax, (name, values) in zip(axes, curves.items(), strict=True):
    ax.semilogx(amounts, values.T, color="0.7", linewidth=0.8, base=2)
    ax.semilogx(amounts, values.mean(0), "C0o-", label="mean", base=2)
    for held, last in zip(folds, values[:, -1], strict=True):
        ax.annotate(held, (amounts[-1], last), xytext=(4, 0), textcoords="offset points", fontsize=7, va="center")
    ax.set(xlabel="takes of each word by each of five speakers", title=name, xticks=amounts, xticklabels=amounts,
           ylim=(0, None))
    ax.margins(x=0.15)
axes[0].set_ylabel("errors (%)")
axes[0].legend()
ui.show(fig, alt=f"Mean errors with {amounts[0]} and {amounts[-1]} takes of each word: " + ", ".join(
    f"{name} {values[:, 0].mean():.0f} and {values[:, -1].mean():.0f} %" for name, values in curves.items()) + ".")
if enough:
    for name, values in curves.items():
        mean, low, high, p, apart = judged(values[:, -1] - values[:, -2])
        print(f"{name}, from {amounts[-2]} to {amounts[-1]} takes: errors change by {mean:+.1f} points, 95 % interval "
              f"{low:+.1f} to {high:+.1f}, p = {p:.2f}" + ("." if apart else ": not told apart from no change."))

# %% [markdown]
# The figure answers this one question only. It says nothing about more *speakers*, and nothing about the network, which
# was not trained again for it.

# %% [markdown]
# ## 12 · Listen
#
# What does each system mistake? Errors of the held-out speaker with the most of them. Then the network that comes with
# the course, trained on the five other speakers, hears the whole set: it is loaded in a moment, without training.

# %%
worst = max(folds, key=lambda held: np.mean(errors[GMM][held]))
*_, found = prepared([worst], test_takes)
clips = {}
for name in SYSTEMS[1:4]:
    guess, truth = guesses[name, worst]
    for i in np.flatnonzero((guess != truth).numpy())[:2]:
        clips[f"{name}: {data.WORDS[truth[i]]} → {data.WORDS[guess[i]]} (take {found[i].take})"] = found[i].audio()
print(f"{worst}: " + ", ".join(f"{name} {int((guesses[name, worst][0] != guesses[name, worst][1]).sum())} errors"
                              for name in SYSTEMS[1:4]))
ui.player(clips or {"no errors at all": found[0].audio()}, sr)

kept = networks.get((HELD_OUT, SEED)) or next(iter(networks.values()))
models.keep_weights(
    "dnn_hmm_digits", kept, data=f"spoken digits (FSDD), takes {train_takes[0]} to {train_takes[-1]} of all speakers "
    f"but {HELD_OUT}, aligned by a GMM-HMM", licence="CC BY-SA 4.0, as the recordings", seed=SEED,
    score=f"{np.mean(errors[DNN].get(HELD_OUT, [np.nan])[:1]):.1f} % word errors on {HELD_OUT}, the easiest of the "
    f"six speakers, isolated digits; {of_speakers(DNN).mean():.1f} % on average over {len(folds)} speakers, each heard "
    "by a network so trained on the others",
)

# %%
try:
    loaded, card = models.pretrained("dnn_hmm_digits"), models.pretrained_card("dnn_hmm_digits")
    print(card)
except models.WeightsError:                       # before the first `course run 11_dtw_hmm --weights`
    loaded = kept
    print("There are no kept weights: this is the network that was just trained, in this profile perhaps a poor one.")
sure = loaded.word_scores(strange_features, strange_lengths).softmax(1)
print(f"{HELD_OUT}: {percent(sure.argmax(1) == strange_digits):.0f} % of {len(strangers)} utterances right")

index = [i for i, s in enumerate(strangers) if s.take == 0]
fig, ax = plt.subplots(figsize=(5.5, 4.4), layout="constrained")
ax.grid(False)
image = ax.imshow(sure[index], cmap="cividis", vmin=0, vmax=1, origin="upper", aspect="auto")
ax.set(xlabel="word model", ylabel="said", xticks=range(10), yticks=range(len(index)),
       yticklabels=[strangers[i].word for i in index], title=f"P(W | A) of one take of each digit by {HELD_OUT}")
fig.colorbar(image, ax=ax, label="posterior (no language model)")
ui.show(fig, alt="Posterior of each word model for ten utterances; a recogniser without errors shows a diagonal.")
ui.player({", ".join(strangers[i].word for i in index[:5]): np.concatenate(
    [part for i in index[:5] for part in (strangers[i].audio(), np.zeros(sr // 2, np.float32))])}, sr)

sure_of, correct = (torch.cat(part) for part in zip(*sureness, strict=True))
print(f"{len(folds)} networks of section 11 on their held-out speakers, mean of the largest posterior: " + ", ".join(
    f"{sure_of[mask].mean():.2f} for {int(mask.sum())} {name} words"
    for name, mask in (("right", correct), ("wrong", ~correct)) if mask.any()))

# %% [markdown]
# Compare the two numbers: the wrong words got nearly as much posterior as the right ones if the second is near the
# first. The frames are counted as if they were independent, and half a second of them makes any recogniser sure of
# itself, whether it is right or not.

# %% [markdown]
# ## 13 · Where this goes
#
# | system | what is new | paper |
# |---|---|---|
# | DTW, first | time by dynamic programming | Vintsyuk 1968 |
# | DTW, tuned | band and slopes | [Sakoe and Chiba 1978](https://doi.org/10.1109/TASSP.1978.1163055) |
# | Viterbi; Baum-Welch | the recursions | Viterbi 1967; Baum et al. 1970 |
# | HMM | three problems and their recursions, a tutorial | [Rabiner 1989](https://doi.org/10.1109/5.18626) |
# | EM | learning what is hidden | [Dempster et al. 1977](https://doi.org/10.1111/j.2517-6161.1977.tb01600.x) |
# | smoothing | what unseen pairs get | Witten and Bell 1991; Kneser and Ney 1995 |
# | n-grams | smoothing compared | [Chen and Goodman 1999](https://doi.org/10.1006/csla.1999.0128) |
# | Kaldi | graphs, triphones, all of this at scale | [Povey et al. 2011](https://kaldi-asr.org/doc/) |
# | hybrid | a network in the HMM, scaled likelihoods | Bourlard and Morgan 1994 |
# | deep hybrid | many layers, tied triphones | Seide, Li and Yu 2011 |
# | deep hybrids | a survey | [Hinton et al. 2012](https://doi.org/10.1109/MSP.2012.2205597) |
# | soft-DTW | a minimum with a gradient, as a loss | [Cuturi and Blondel 2017](https://arxiv.org/abs/1703.01541) |
# | CTC | its forward recursion as a loss | [Graves et al. 2006](https://www.cs.toronto.edu/~graves/icml_2006.pdf) |
#
# The parts of this unit come back: CTC sums over alignments with the forward recursion (unit 12), an n-gram helps a
# network's beam search (unit 13), and DTW reads onsets from attention (unit 14).
