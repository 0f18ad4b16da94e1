# %% [markdown]
# ## 1 · From digits to letters
#
# Unit 12 wrote one symbol per digit. That needs a list of all words before training. **Deep Speech 2** (Amodei et al.
# 2016) writes letters, as [Graves and Jaitly 2014](https://proceedings.mlr.press/v32/graves14.html) and Deep Speech
# ([Hannun et al. 2014](https://arxiv.org/abs/1412.5567)) did before: 26 of them, the apostrophe and the space, with the
# blank 29 classes. Any word can be written, no dictionary of pronunciations is needed, and the network has to find out
# by itself that English does not write what it says: the “gh” of “eight” has no sound.
#
# We stay with connected digits by real speakers, but the label of “3 1” is now “three one”. Two error rates follow.
# The **CER** counts letters and spaces, the **WER** counts words: one wrong letter makes one wrong word.

# %%
import itertools
import math

from course_lib.data.digit_strings import SAMPLE_RATE, DigitSpeech, digit_habits, digit_text
from course_lib.data.letters import ALPHABET, LETTER_CLASSES, spelled, to_letters, to_text
from course_lib.models import deep_speech, speech_batches

sr, HOP, WORDS = SAMPLE_RATE, speech_batches.HOP, data.WORDS
UNSEEN = "theo"
SEEN = [s for s in data.SPEAKERS if s != UNSEEN]
unseen_takes, _ = data.digits_or_generated(speakers=SEEN, takes=range(5))
stranger_takes, _ = data.digits_or_generated(
    speakers=[UNSEEN], takes=device.choose(smoke=range(3), laptop=range(50), full=range(50))
)
example = DigitSpeech(stranger_takes, gap=(0.0, 0.05)).say([3, 1, 8], np.random.default_rng(2))
batch = speech_batches.digit_speech_batch([example])

fig, (top, bottom) = plt.subplots(2, 1, figsize=(9, 4.6), sharex=True, layout="constrained")
ui.waveform(example.audio, sr, ax=top, title=f"“{spelled(example.digits)}”, speaker {example.speaker}")
bottom.grid(False)
bottom.imshow(batch.features[0].T, origin="lower", aspect="auto", cmap="magma",
              extent=(-HOP / 2 / sr, (len(batch.features[0]) - 0.5) * HOP / sr, 0, speech_batches.BANDS))
bottom.set(xlabel="time (s)", ylabel="mel band", title="what the network reads")
ui.show(fig, alt="Waveform and log-mel spectrogram of three spoken digits.")
ui.player({spelled(example.digits): example.audio}, sr)
print(f"label: {to_letters(spelled(example.digits))}")
print(f"{len(spelled(example.digits)) / example.seconds:.1f} letters and {3 / example.seconds:.1f} words a second")

# %% [markdown]
# ## 2 · Counting errors
#
# Let the **reference** be what was said and the **hypothesis** what was written. The Levenshtein distance is the
# smallest number of changes that make one out of the other. A table holds it for all beginnings; $D_{i,j}$ is that of
# the first $i$ reference symbols and the first $j$ hypothesis symbols:
#
# $$D_{i,j} = \min\bigl(\underbrace{D_{i-1,j-1} + [r_i \neq h_j]}_{\text{fit or substitution}},\quad
# \underbrace{D_{i-1,j} + 1}_{\text{deletion}},\quad \underbrace{D_{i,j-1} + 1}_{\text{insertion}}\bigr),
# \qquad D_{i,0} = i,\; D_{0,j} = j.$$
#
# The names are those of the reference: a **deletion** was said and not written, an **insertion** was written and not
# said. Going back from the last corner by the choices that were made gives an **alignment**. The rate of a set is the
# sum of all errors over the sum of all *reference* lengths,
#
# $$\mathrm{WER} = \frac{S + D + I}{N_\text{ref}},$$
#
# so it may exceed one. Several alignments may be equally cheap: “a b” against “b a” is two substitutions, or one
# deletion and one insertion. We count the one with the most substitutions.

# %%
said, heard = "two seven eight nine", "seven ate nine one"
pairs = metrics.edit_alignment(said, heard)
LINE = {None: "·", " ": "␣"}
print("said   " + "".join(LINE.get(a, a) for a, _ in pairs))
print("heard  " + "".join(LINE.get(b, b) for _, b in pairs))
letters, words = metrics.edit_counts(said, heard), metrics.edit_counts(said.split(), heard.split())
ui.table(
    [{"symbols": name, "substitutions": c.substitutions, "deletions": c.deletions, "insertions": c.insertions,
      "reference length": c.length, "rate (%)": 100 * c.rate} for name, c in (("letters", letters), ("words", words))],
    title=f"“{said}” heard as “{heard}”",
)

r, h = said.split(), heard.split()
D = np.zeros((len(r) + 1, len(h) + 1), int)
for i, j in itertools.product(range(len(r) + 1), range(len(h) + 1)):
    D[i, j] = metrics.edit_counts(r[:i], h[:j]).errors
fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
ax.grid(False)
ax.imshow(D, cmap="cividis", origin="upper")
for i, j in itertools.product(*map(range, D.shape)):
    ax.text(j, i, D[i, j], ha="center", va="center", color="w" if D[i, j] < 3 else "k")
i = j = 0
walk = [(0, 0)]
for a, b in metrics.edit_alignment(r, h):
    i, j = i + (a is not None), j + (b is not None)
    walk.append((i, j))
ax.plot([j for _, j in walk], [i for i, _ in walk], "C1", linewidth=6, alpha=0.35)
ax.set(xticks=range(len(h) + 1), yticks=range(len(r) + 1), xlabel="hypothesis", ylabel="reference",
       title=f"D: {D[-1, -1]} errors")
ax.set_xticklabels(["", *h])
ax.set_yticklabels(["", *r])
ui.show(fig, alt="Table of edit distances between four said and four heard words, with the path of the alignment.")

# %% [markdown]
# Follow the line: diagonal steps pair two words, a step down is a deletion, a step to the right an insertion. The
# letters above (“·”: nothing, “␣”: a space) know nothing of words: “eight” does not stand against “ate” there. To
# pair these two would cost no more, but of equal alignments we count the one with the most substitutions, and that one
# tears the word apart. So letters and words are counted by alignments of their own.

# %% [markdown]
# ### Exercise 13.1 · Edit distance with counts   ★★☆ · 30 min · 3 points
#
# **Goal.** Count the errors of a set of sentences by kind, and show the alignments.
#
# | | |
# |---|---|
# | `references`, `hypotheses` | `list[list[str]]`, as many of one as of the other; up to 120 symbols each, or none |
# | returns | `dict` with `substitutions`, `deletions`, `insertions` (`int`, over the set), `rate` (`float`), |
# | | `alignments`: for each sentence a list of pairs (reference symbol or `None`, hypothesis symbol or `None`) |
#
# Of all cheapest alignments take one with the most substitutions. **Target:** `[["six"]]` against `[["six", "six"]]`:
# one insertion, rate 1.0, alignment `[("six", "six"), (None, "six")]` or `[(None, "six"), ("six", "six")]`.
#
# <details><summary>Hint 1 · the idea</summary>
# Let a cell hold a tuple (errors, -substitutions): tuples are compared from the left, so <code>min</code> settles ties.
# </details>
#
# <details><summary>Hint 2 · the way back</summary>
# Start in the last cell. A neighbour from which the cell's tuple could have come is a choice that was made. Stop in the
# corner (0, 0), not at the first edge, and turn the list round. A recursion needs a memory: without one the number of
# its calls is exponential in the length.
# </details>
#
# **If the counts pass and the rate fails:** what is in the denominator, and is it one sum over the set? **If the counts
# are right but two of them are exchanged:** see which string the names are about.

# %% nbgrader={"grade_id": "edit_report", "solution": true}
def edit_report(references: list[list[str]], hypotheses: list[list[str]]) -> dict:
    """Substitutions, deletions, insertions and error rate of a set, and one alignment per sentence."""
    ### BEGIN SOLUTION
    import itertools

    def align(reference, hypothesis):
        table = {(0, 0): (0, 0)}
        came = {}
        for i, j in itertools.product(range(len(reference) + 1), range(len(hypothesis) + 1)):
            ways = []
            if i and j:
                errors, subs = table[i - 1, j - 1]
                wrong = reference[i - 1] != hypothesis[j - 1]
                ways.append(((errors + wrong, subs - wrong), (i - 1, j - 1)))
            if i:
                errors, subs = table[i - 1, j]
                ways.append(((errors + 1, subs), (i - 1, j)))
            if j:
                errors, subs = table[i, j - 1]
                ways.append(((errors + 1, subs), (i, j - 1)))
            if ways:
                table[i, j], came[i, j] = min(ways)
        pairs, here = [], (len(reference), len(hypothesis))
        while here != (0, 0):
            i, j = came[here]
            pairs.append((reference[i] if i < here[0] else None, hypothesis[j] if j < here[1] else None))
            here = i, j
        return pairs[::-1]

    alignments = [align(r, h) for r, h in zip(references, hypotheses, strict=True)]
    pairs = [pair for alignment in alignments for pair in alignment]
    deletions = sum(b is None for _, b in pairs)
    insertions = sum(a is None for a, _ in pairs)
    errors = sum(a != b for a, b in pairs)
    return {
        "substitutions": errors - deletions - insertions, "deletions": deletions, "insertions": insertions,
        "rate": errors / sum(len(r) for r in references), "alignments": alignments,
    }
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_edit_report", "points": 3}
checks.deep_speech.edit_report(edit_report)
### BEGIN HIDDEN TESTS
checks.deep_speech.edit_report(edit_report, rng=grading_rng("edit_report"), cases=60)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · The network
#
# Deep Speech 2 is three kinds of layers on a spectrogram:
#
# 1. **2-D convolutions** over frequency and time. A kernel that also slides in frequency finds the same pattern a few
#    bands higher in another voice. Their strides throw away steps.
# 2. **Bidirectional recurrence**: one recurrent layer reads from the left, one from the right, so each step knows the
#    whole utterance. Ours are LSTMs (long short-term memory): gates decide what a cell keeps, adds and shows.
# 3. A **softmax** over letters per step, trained by CTC.
#
# The original had up to three convolutions and seven recurrent layers, about 100 million parameters (the lecture's
# number), and 11 940 hours of English. Ours is made for minutes on two cores: two convolutions, one recurrent layer,
# LSTMs for its plain recurrence, and batch norm after the convolutions only, none in the recurrence. The convolutions
# end in the paper's clipped ReLU, $\min(\max(x, 0), 20)$, which keeps a bad step from running away.

# %%
import inspect

net = models.DeepSpeech(LETTER_CLASSES)
print(inspect.getsource(models.DeepSpeech.forward))
ui.table(
    [{"part": name, "parameters": sum(p.numel() for p in part.parameters())} for name, part in net.named_children()
     if sum(p.numel() for p in part.parameters())],
    title=f"{sum(p.numel() for p in net.parameters()):,} parameters",
)

# %% [markdown]
# ### How many steps come out?
#
# A convolution with kernel $k$, stride $s$ and padding $p$ on both sides gives, from $n$ places,
#
# $$n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1 .$$
#
# The $+1$ is the first place of the kernel, the floor the last places it does not reach. In a stack the strides
# multiply, and one output sees
#
# $$f = 1 + \sum_{l} (k_l - 1) \prod_{m < l} s_m$$
#
# frames: a kernel step in layer $l$ is as long as all strides *below* it. Why does it matter? CTC writes at most one
# symbol per step, and between two equal neighbours ("ee" in "three") it needs a blank. So a label can be written only
# if
#
# $$\underbrace{L + \#\{i : l_i = l_{i+1}\}}_{\text{steps needed}} \le n'.$$
#
# Words can be short. How many of the real recordings leave enough steps for their letters (and a space)?

# %%
spoken = [(take.digit, len(take.audio()) // HOP + 1) for take in unseen_takes]
rows = []
for stride in (1, 2, 4, 8):
    missing = [digit for digit, frames in spoken
               if -(-frames // stride) < deep_speech.steps_needed(to_letters(WORDS[digit] + " "))]
    rows.append({"time stride": stride, "steps/s": sr / HOP / stride,
                 "recordings with too few steps (%)": 100 * len(missing) / len(spoken),
                 "most often": WORDS[max(set(missing), key=missing.count)] if missing else ""})
ui.table(rows, title=f"{len(spoken)} recordings of {', '.join(SEEN)}: can CTC write the word at all?")

# %% [markdown]
# This decides the strides of our network: one layer halves time, the other keeps it. (These are recordings of the
# training speakers: nothing about the network is decided on the speaker who tests it.) A loss that is infinite for
# an utterance with too few steps is set to zero in training (`zero_infinity`), which is the same as leaving the
# utterance out: without a warning, the fastest speakers are never learnt.
#
# Deep Speech 2 had another way out. It kept a larger stride and wrote *pairs* of letters, each a class of its own:
# “the cat” is then “th|e| |ca|t”, about half the steps.

# %%
def draw_steps(kernel, stride, layers, seconds):
    """Steps out of a stack of equal convolutions, over the frames that go in."""
    padding = kernel // 2
    frames = np.arange(1, 201)
    steps = frames.copy()
    for _ in range(layers):
        steps = np.maximum((steps + 2 * padding - kernel) // stride + 1, 0)
    n = int(seconds * sr / HOP) + 1
    out = int(steps[min(n, 200) - 1])
    need = {word: deep_speech.steps_needed(to_letters(word + " ")) for word in ("six", "three", "seven")}
    fig, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
    ax.plot((frames - 1) * HOP / sr, steps, "C0", drawstyle="steps-post", label="steps out")
    for (word, count), colour in zip(need.items(), ("C1", "C2", "C3"), strict=True):
        ax.axhline(count, color=colour, linestyle="--", label=f"“{word} ” needs {count}")
    ax.plot(seconds, out, "ko")
    ax.set(xlabel="length of the word (s)", ylabel="output steps", xlim=(0, 1), ylim=(0, 30),
           title=f"{layers} × (kernel {kernel}, stride {stride}): {sr / HOP / stride**layers:.1f} steps/s")
    ax.legend(loc="upper left")
    field = 1 + sum((kernel - 1) * stride**layer for layer in range(layers))
    fits = [word for word, count in need.items() if count <= out]
    milliseconds = 1000 * ((field - 1) * HOP + speech_batches.N_FFT) / sr           # the last window counts in full
    seen = f"{field} frames ({milliseconds:.0f} ms)"
    return fig, f"{out} steps, each sees {seen}. Fits: {', '.join(fits) or 'none'}."


ui.explore(
    draw_steps,
    question="A “three” of 0.25 s: which strides can still write it? Does the kernel change the number of steps, or "
    "only what a step sees?",
    kernel=[5, 1, 3, 7, 11], stride=[2, 1, 3], layers=[1, 2, 3], seconds=(0.1, 0.9, 0.05, 0.25),
)

# %% [markdown]
# With a padding of half an odd kernel the kernel drops out of the count: the steps are the frames over the stride,
# rounded up, whatever the kernel. Only what one step sees grows.

# %% [markdown]
# ### Exercise 13.2 · The time plan of a network   ★★☆ · 20 min · 2 points
#
# **Goal.** Say what comes out of a stack of convolutions in time, and whether CTC can write a label with it.
#
# | | |
# |---|---|
# | `frames` | `int`, at least 1 |
# | `convolutions` | `list[tuple[int, int, int]]`: (kernel, stride, padding on each side), first layer first |
# | `label` | `list[int]`, classes without blanks; may be empty |
# | returns | `dict`: `steps`, `stride` (frames per step), `field` (frames that one step sees), |
# | | `needed` (fewest steps for the label), `feasible` (`bool`) |
#
# The list of convolutions may be empty. Where a kernel is wider than what it gets, padding included, nothing comes
# out: 0 steps, in all layers above too.
#
# **Target:** `time_plan(100, [(7, 2, 3), (5, 1, 2)], [3, 3])` → 50 steps, stride 2, field 15, 3 needed, feasible.
#
# <details><summary>Hint 1 · the idea</summary>
# One loop over the layers. Keep three numbers: steps, the product of the strides so far, the field so far.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>field += (kernel - 1) * stride</code> comes before <code>stride *= s</code>.
# </details>
#
# **If one layer passes and two fail:** the order in hint 2. **If only short inputs fail:** a floor of a negative
# number.

# %% nbgrader={"grade_id": "time_plan", "solution": true}
def time_plan(frames: int, convolutions: list[tuple[int, int, int]], label: list[int]) -> dict:
    """Steps, stride and receptive field of a stack of convolutions, and whether CTC can write the label."""
    ### BEGIN SOLUTION
    import itertools

    steps, stride, field = frames, 1, 1
    for kernel, s, padding in convolutions:
        reach = steps + 2 * padding - kernel
        steps = reach // s + 1 if steps > 0 and reach >= 0 else 0
        field += (kernel - 1) * stride
        stride *= s
    needed = len(label) + sum(a == b for a, b in itertools.pairwise(label))
    return {"steps": steps, "stride": stride, "field": field, "needed": needed, "feasible": needed <= steps}
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_time_plan", "points": 2}
checks.deep_speech.time_plan(time_plan)
### BEGIN HIDDEN TESTS
checks.deep_speech.time_plan(time_plan, rng=grading_rng("time_plan"), cases=120)
### END HIDDEN TESTS

# %% [markdown]
# ## 4 · Batches by length
#
# A batch is a box: all utterances padded to the longest. The box costs time for every cell, speech or not. So put
# utterances of about the same length together, in **buckets**. Deep Speech 2 even went from short to long in its first
# epoch (“SortaGrad”), as short utterances have few alignments and are easy to begin with. Sorting everything costs
# variety: a batch is then always of one kind. A compromise shuffles, sorts within pools of some batches, and shuffles
# the batches.
#
# Our digits are made to measure, so their training needs no sorting: all strings of a batch have the same number of
# digits, one or two in the first fifth of the steps, two to five later. Buckets serve where the lengths are given: when
# the network reads a test set, and with LibriSpeech in section 11.

# %%
lengths = np.random.default_rng(0).lognormal(0.9, 0.5, 2000).clip(0.5, 12)
frames = (lengths * sr / HOP).astype(int)
shuffled = np.random.default_rng(1).permutation(2000).reshape(-1, 16).tolist()
plans = {
    "shuffled": shuffled,
    "pools of 5 batches": data.length_buckets(frames, 16, np.random.default_rng(1), pool=5),
    "pools of 50 batches": data.length_buckets(frames, 16, np.random.default_rng(1), pool=50),
    "sorted": data.length_buckets(frames, 16),
}
fig, axes = plt.subplots(1, 2, figsize=(10, 3), sharex=True, layout="constrained")
for ax, name in zip(axes, ("shuffled", "pools of 50 batches"), strict=True):
    rows = [(frames[i], max(frames[j] for j in members)) for members in plans[name][:6] for i in members]
    y = np.arange(len(rows))
    ax.barh(y, [longest for _, longest in rows], height=1.0, color="C1", label="padding")
    ax.barh(y, [own for own, _ in rows], height=1.0, color="C0", label="speech")
    ax.set(xlabel="frames", ylabel="utterance", title=f"{name}: six batches")
axes[1].legend()
ui.show(fig, alt="Bars of speech and padding in six batches, shuffled at the left, in buckets at the right.")
ui.table([{"batches": name, "padding (% of all cells)": 100 * data.padding_share(frames, plan)}
          for name, plan in plans.items()], title="2000 utterances of 0.5 to 12 s in batches of 16")

# %% [markdown]
# ### Exercise 13.3 · Batches by length   ★☆☆ · 15 min · 2 points
#
# **Goal.** Sort utterances by length, cut them into batches, pad each to its own longest.
#
# | | |
# |---|---|
# | `utterances` | `list[Float[np.ndarray, "frames bands"]]`, at least one, all with as many bands and of one dtype |
# | `batch_size` | `int`, at least 1 |
# | returns | list of batches from short to long, each a tuple `(indices, padded, lengths)`: |
# | `indices` | which utterances, `list[int]`; equal lengths keep their order |
# | `padded` | `(batch, longest of this batch, bands)`, zeros behind each utterance |
# | `lengths` | true lengths, `list[int]` |
#
# The last batch may be smaller. **Target:** lengths 7, 1, 6, 2, 9 in batches of 2: indices `[1, 3]`, `[2, 0]`, `[4]`.
#
# <details><summary>Hint 1 · the idea</summary>
# Sort the indices, not the utterances: <code>sorted(range(n), key=...)</code> keeps the order of equal ones.
# </details>
#
# <details><summary>Hint 2 · padding</summary>
# Make a batch of zeros and copy each utterance to its beginning.
# </details>
#
# **If some sizes pass and others fail:** does the number of utterances divide by the batch size?

# %% nbgrader={"grade_id": "length_batches", "solution": true}
def length_batches(
    utterances: list[Float[np.ndarray, "frames bands"]], batch_size: int,
) -> list[tuple[list[int], Float[np.ndarray, "batch frames bands"], list[int]]]:
    """Batches of utterances of similar length, short ones first."""
    ### BEGIN SOLUTION
    order = sorted(range(len(utterances)), key=lambda i: len(utterances[i]))
    batches = []
    for first in range(0, len(order), batch_size):
        members = order[first : first + batch_size]
        lengths = [len(utterances[i]) for i in members]
        padded = np.zeros((len(members), max(lengths), utterances[0].shape[1]), utterances[0].dtype)
        for row, i in zip(padded, members, strict=True):
            row[: len(utterances[i])] = utterances[i]
        batches.append((members, padded, lengths))
    return batches
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_length_batches", "points": 2}
checks.deep_speech.length_batches(length_batches)
### BEGIN HIDDEN TESTS
checks.deep_speech.length_batches(length_batches, rng=grading_rng("length_batches"), cases=60)
### END HIDDEN TESTS

# %% [markdown]
# ## 5 · Padding must not be heard
#
# Padding leaks in three places. A convolution near the end reads what lies behind it. The backward LSTM *starts* there.
# And **batch normalisation** takes mean and variance over the whole box: the same utterance gets other outputs when its
# neighbour in the batch is longer. The cure is a mask, and the order matters: **mask first, then normalise**. With the
# valid cells $\mathcal V_c$ of a channel $c$ (utterances, bands and the frames before each end)
#
# $$\mu_c = \frac{1}{|\mathcal V_c|} \sum_{\mathcal V_c} x, \qquad
# \sigma_c^2 = \frac{1}{|\mathcal V_c|} \sum_{\mathcal V_c} (x - \mu_c)^2, \qquad
# y = \gamma_c \frac{x - \mu_c}{\sqrt{\sigma_c^2 + \varepsilon}} + \beta_c,$$
#
# and $y = 0$ in the padding, since $\beta_c$ would have moved it. The same rule holds for attention: a mask after the
# softmax leaves weights that do not sum to one.

# %%
import copy


class OrdinaryNorm(nn.BatchNorm2d):
    """Batch norm that is handed the mask and does not look at it."""

    def forward(self, x, mask):
        """Normalised with the statistics of the whole box."""
        return super().forward(x)


torch.manual_seed(0)
short = speech_batches.digit_speech_batch([example]).features
n = torch.tensor([short.shape[1]])
longer = torch.cat([short, torch.zeros(1, 200, speech_batches.BANDS)], 1)
masked = models.DeepSpeech(LETTER_CLASSES, dropout=0.0).train()
ordinary = copy.deepcopy(masked)
for block in ordinary.convolutions:
    block.norm = OrdinaryNorm(block.conv.out_channels)
steps = deep_speech.output_steps(n.item())
with torch.no_grad():
    a, b = (ordinary(x, n)[0][:, :steps] for x in (short, longer))
    c, d = (masked(x, n)[0][:, :steps] for x in (short, longer))
ui.table(
    [{"network": name, "largest change of an output": f"{(x - y).abs().max().item():.1e}"} for name, x, y in (
        ("DeepSpeech, ordinary batch norm", a, b), ("DeepSpeech, masked batch norm", c, d),
    )],
    title="In training: 200 frames of zeros behind an utterance",
)

# %% [markdown]
# The two networks have the same weights. Both are in training mode, as only there the statistics come from the batch,
# and both without dropout, which would change outputs by itself. What is left in the second row is round-off.

# %% [markdown]
# ### Exercise 13.4 · Masked batch normalisation   ★★☆ · 20 min · 3 points
#
# **Goal.** Normalise a batch as in training, from its valid cells alone.
#
# | | |
# |---|---|
# | `x` | `Float[Tensor, "batch channels bands frames"]`; any finite number may stand in the padding |
# | `lengths` | `Int[Tensor, "batch"]`, valid frames |
# | `gain`, `offset` | `Float[Tensor, "channels"]`, $\gamma$ and $\beta$ |
# | `eps` | $\varepsilon$, added to the variance |
# | returns | same shape and dtype, zero in the padding; differentiable in `x`, `gain` and `offset` |
#
# Variance with $1/n$. **Target:** `torch.nn.functional.batch_norm` on the valid frames alone, glued together in time.
#
# <details><summary>Hint 1 · the idea</summary>
# A mask of shape (batch, 1, 1, frames), and the number of valid cells of a channel.
# </details>
#
# <details><summary>Hint 2 · the trap</summary>
# After <code>x - mean</code> the padding is not zero any more: mask before you square and sum.
# </details>
#
# **If a batch of equal lengths passes and others fail:** hint 2, or the count (cells, not frames).

# %% nbgrader={"grade_id": "masked_batch_norm", "solution": true}
def masked_batch_norm(
    x: Float[torch.Tensor, "batch channels bands frames"], lengths: Int[torch.Tensor, " batch"],
    gain: Float[torch.Tensor, " channels"], offset: Float[torch.Tensor, " channels"], eps: float = 1e-5,
) -> Float[torch.Tensor, "batch channels bands frames"]:
    """Batch normalisation with the statistics of the valid cells; zero in the padding."""
    ### BEGIN SOLUTION
    mask = (torch.arange(x.shape[3], device=x.device) < lengths[:, None])[:, None, None].to(x.dtype)
    cells = mask.sum() * x.shape[2]
    mean = (x * mask).sum((0, 2, 3), keepdim=True) / cells
    centred = (x - mean) * mask
    variance = centred.square().sum((0, 2, 3), keepdim=True) / cells
    y = centred / (variance + eps).sqrt() * gain[:, None, None] + offset[:, None, None]
    return y * mask
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_masked_batch_norm", "points": 3}
checks.deep_speech.masked_batch_norm(masked_batch_norm)
### BEGIN HIDDEN TESTS
checks.deep_speech.masked_batch_norm(masked_batch_norm, rng=grading_rng("masked_batch_norm"), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# ## 6 · SpecAugment
#
# Five speakers are few. What else may vary without changing the words? Three things about the sound: the playing
# **speed** (pitch, formants and tempo together), the **stretch** of the frequency axis (formants and harmonics, but not
# the tempo: *vocal tract length perturbation*, Jaitly and Hinton 2013), and noise. **SpecAugment** (Park et al. 2019)
# works on the spectrogram itself and asks for no audio:
#
# - *frequency mask*: draw a width $f$ uniformly from $0, 1, \dots, F$, then a first band from $0, \dots, B - f$; blank
#   the bands;
# - *time mask*: the same with frames, $t$ from $0, \dots, T$, first frame from $0, \dots, n - t$, where $n$ is the
#   length of this utterance, not of the batch;
# - *time warp*: move one frame a little, stretch both sides to fit (the paper finds that it helps least).
#
# Masked cells become 0, the mean of normalised features. Each utterance has its own masks, new ones each time. (Mind
# the edges when you compare libraries: torchaudio draws a real width below its parameter and rounds down, so its
# `mask_param` never comes; a parameter of F + 1 there is the F of the paper.)

# %%
voices = {}
for speed, snr in ((0.84, 35.0), (1.0, 35.0), (1.18, 35.0), (1.0, 10.0)):
    speech = DigitSpeech(unseen_takes, gap=(0.0, 0.05), speed=(speed, speed), snr_db=(snr, snr))
    string = speech.say([3, 1, 8], np.random.default_rng(2))
    voices[f"“{spelled(string.digits)}”, {speed:.2f} times the speed, {snr:.0f} dB over the noise"] = string.audio
ui.player(voices, sr)

clean = batch.features
fig, axes = plt.subplots(1, 3, figsize=(10, 2.8), sharey=True, layout="constrained")
for ax, factor in zip(axes, (0.85, 1.0, 1.18), strict=True):
    ax.grid(False)
    stretched, _ = speech_batches.stretched_log_mel([example.audio], [factor])
    ax.imshow(stretched[0].T, origin="lower", aspect="auto", cmap="magma", vmin=-2.5, vmax=2.5)
    ax.set(xlabel="frame (12.5 ms)", title=f"frequencies times {factor:.2f}")
axes[0].set_ylabel("mel band")
ui.show(fig, alt="Log-mel spectrogram of three digits with the frequency axis compressed, as it is, and stretched.")

# %% [markdown]
# Which of the voices above could be another person, and which is only a tape at the wrong speed? A longer vocal tract
# lowers the formants and nothing else; the tape lowers pitch and tempo with them. The stretch in the picture moves
# everything on the frequency axis, formants and harmonics, and leaves the tempo alone. Now the masks:

# %%
def draw_masks(bands, frames, warp, seed):
    """One utterance with its masks; the bar says how much was blanked out."""
    rng = np.random.default_rng(seed)
    shown = signal.spec_augment(clean, batch.lengths, rng, freq_masks=1, freq_width=bands, time_masks=1,
                                time_width=frames, time_share=1.0, warp=warp)
    gone = (shown == 0).double().mean().item()
    fig, axes = plt.subplots(1, 2, figsize=(10, 2.8), sharey=True, layout="constrained")
    name = f"masked: {100 * gone:.0f} % of the cells"
    for ax, values, title in ((axes[0], clean, "features"), (axes[1], shown, name)):
        ax.grid(False)
        ax.imshow(values[0].T, origin="lower", aspect="auto", cmap="magma", vmin=-2.5, vmax=2.5)
        ax.set(xlabel="frame (12.5 ms)", title=title)
    axes[0].set_ylabel("mel band")
    return fig, f"Widths up to {bands} bands and {frames} frames: {100 * gone:.0f} % of the cells are blank."


ui.explore(
    draw_masks,
    question="From which width of the time mask on can a whole word vanish, so that the label is not in the input any "
    "more? What does the same width do to a “six” of 0.25 s?",
    bands=(0, 20, 1, 6), frames=(0, 80, 2, 10), warp=[0, 2, 4, 8], seed=(0, 20, 1, 4),
)

# %% [markdown]
# A label whose sound is gone teaches the network to guess. So T is chosen for the shortest word, and the paper allows a
# limit: no mask is longer than a share p of its utterance. The network below with all masks has $F = 6$ of 40 bands,
# $T = 10$ frames (125 ms) and $p = 0.2$.

# %%
shortest = min(unseen_takes, key=lambda take: len(take.audio()))
print(f"shortest of {len(unseen_takes)} recordings of the training speakers: “{WORDS[shortest.digit]}” by "
      f"{shortest.speaker}, {1000 * len(shortest.audio()) / sr:.0f} ms; p = 0.2 of it is "
      f"{200 * len(shortest.audio()) / sr:.0f} ms")

# %% [markdown]
# ### Exercise 13.5 · SpecAugment   ★★☆ · 25 min · 2 points
#
# **Goal.** Blank one band and one stretch of frames of each utterance.
#
# | | |
# |---|---|
# | `features` | `Float[Tensor, "utterances frames bands"]`, padded; float32 or float64 |
# | `lengths` | `Int[Tensor, "utterances"]`, valid frames |
# | `freq_width`, `time_width` | largest widths F (at most the number of bands) and T (may exceed an utterance) |
# | `seed` | `int`: all draws come from `np.random.default_rng(seed)` |
# | returns | a masked copy of the same dtype; masked cells are 0; differentiable |
#
# For each utterance draw its own band and stretch. Widths are uniform on 0 … F and 0 … min(T, its length), both
# included; places are uniform among those that fit into the bands, or into its valid frames. The padding stays as it
# is, whatever stands there. The order of the draws is free. The input must not change.
#
# **Target:** for ones of shape (2000, 40, 20), all of length 40, and F = 6, T = 10 a cell is blank with the probability
# $1 - (1 - \frac{F/2}{20})(1 - \frac{T/2}{40})$; the mean of your zeros comes within a percent point. For F = T = 0
# nothing changes.
#
# <details><summary>Hint 1 · the idea</summary>
# Fill a boolean mask in a loop over the utterances; one <code>masked_fill</code> at the end makes the copy.
# </details>
#
# <details><summary>Hint 2 · the trap</summary>
# <code>rng.integers(F)</code> never gives F. There are <code>n - width + 1</code> places for a mask.
# </details>
#
# **If the single batches pass and the law fails:** hint 2. **If only short utterances fail:** the width is drawn from
# 0 … min(T, length); to draw up to T and cut is another law.

# %% nbgrader={"grade_id": "spec_augment", "solution": true}
def spec_augment(
    features: Float[torch.Tensor, "utterances frames bands"], lengths: Int[torch.Tensor, " utterances"],
    freq_width: int, time_width: int, seed: int,
) -> Float[torch.Tensor, "utterances frames bands"]:
    """A copy with one band and one stretch of frames of each utterance set to zero."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    masked = torch.zeros(features.shape, dtype=torch.bool)
    for mask, frames in zip(masked, lengths.tolist(), strict=True):
        width = int(rng.integers(freq_width + 1))
        first = int(rng.integers(features.shape[2] - width + 1))
        mask[:frames, first : first + width] = True
        width = int(rng.integers(min(time_width, frames) + 1))
        first = int(rng.integers(frames - width + 1))
        mask[first : first + width] = True
    return features.masked_fill(masked, 0.0)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_spec_augment", "points": 2}
checks.deep_speech.spec_augment(spec_augment)
### BEGIN HIDDEN TESTS
checks.deep_speech.spec_augment(spec_augment, rng=grading_rng("spec_augment"), cases=30)
### END HIDDEN TESTS

# %% [markdown]
# ## 7 · From posteriors to text
#
# **Greedy** search is that of unit 12: best class per step, merge, drop blanks. It may write “eigt”.
#
# A **lexicon** forbids that. A word bigram $p(w \mid v)$ can be asked letter by letter: after the word $v$ and the
# beginning $b$ of the next word, the next letter has the share of the words that go on with it,
#
# $$p(c \mid v, b) = \frac{\sum_{w \text{ begins with } bc} p(w \mid v)}
# {\sum_{w \text{ begins with } b} p(w \mid v)} .$$
#
# A space, or the end, closes a complete word. The products telescope: a text has the probability of its words. So the
# prefix beam search of unit 12 takes it letter by letter, and never keeps a prefix that no word begins with. It looks
# for the text with the largest
#
# $$\ln p(\text{text} \mid x) + w \ln p_\text{LM}(\text{text}) + \beta \cdot (\text{number of words}) .$$
#
# With the weight $w = 0$ the lexicon still forbids, but all words are equally likely. Every word costs a factor
# $p(w \mid v) < 1$, so a large weight favours texts of few words. The **word bonus** $\beta$ pays that back; Deep
# Speech 2 tuned both on held-out speech. We leave it at 0 below. A beam that lost every complete text is started again,
# twice as wide.
#
# Lexicon and bigram are two things, and we shall count them apart. The bigram may know what the network *cannot* have
# learnt: the network trains on strings in which all digits are equally likely, the test strings have habits.

# %%
habits = digit_habits()
language = [[WORDS[d] for d in string] for string in digit_text(5000, np.random.default_rng(100), transitions=habits)]
bigram = models.SpelledBigram(WORDS, language)
NAMED = {" ": "space", "$": "end", None: "(nothing)"}
rows = []
for before, beginning in (("", ""), ("", "s"), ("six", ""), ("six", "t"), ("six", "two")):
    likely = sorted(bigram.next_letter(before, beginning).items(), key=lambda item: -item[1])[:4]
    rows.append({"after": before or "(start)", "beginning": beginning or "(none)", "most likely next": ", ".join(
        f"{NAMED.get(letter, letter)} {math.exp(p):.2f}" for letter, p in likely)})
ui.table(rows, title="The word bigram, asked letter by letter")
perplexity = math.exp(-np.mean(np.sum(habits * np.log(np.maximum(habits, 1e-300)), axis=1)))
print(f"perplexity of the habits: after a digit the next is as open as among {perplexity:.1f} equally likely ones; "
      f"without habits among {len(WORDS)}")

# %% [markdown]
# ### Hear it now
#
# This network was trained by the experiment below (its card says how). It has never heard the speaker. Set another
# weight and another beam: too large a weight, and the bigram speaks in place of the speaker.

# %%
if "deep_speech_digits" in models.pretrained_names():
    ready = models.pretrained("deep_speech_digits")
    print(models.pretrained_card("deep_speech_digits"))
else:
    ready = models.DeepSpeech(LETTER_CLASSES).eval()
    print("NOTICE: this copy of the course holds no trained weights; what follows comes from an untrained network")
stranger = DigitSpeech(stranger_takes)
shown = stranger.draw(8, np.random.default_rng(12), transitions=habits)
shown_posteriors = speech_batches.letter_posteriors(ready, [s.audio for s in shown])


def draw_search(string, beam, weight, word_bonus):
    """Posteriors of one string, and what the searches make of it."""
    log_y, said = shown_posteriors[string], spelled(shown[string].digits)
    greedy = to_text(models.best_path(log_y))
    best = models.spelled_beam_search(log_y, bigram, beam=beam, weight=weight, word_bonus=word_bonus, best=4)
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.4), layout="constrained", width_ratios=(3, 2))
    used = sorted({0, *to_letters(said), *to_letters(greedy)})
    left.grid(False)
    left.imshow(np.exp(log_y[:, used]).T, aspect="auto", cmap="cividis", vmin=0, vmax=1)
    left.set(yticks=range(len(used)), yticklabels=[{0: "blank", 28: "space"}.get(k, ALPHABET[k]) for k in used],
             xlabel="step (25 ms)", title=f"greedy: “{greedy}”")
    names = [h.label for h in best] or ["nothing"]
    right.barh(names, [h.score - best[0].score for h in best] or [0],
               color=["C2" if name == said else "0.6" for name in names])
    right.invert_yaxis()
    right.locator_params(axis="x", nbins=4)
    for label, name in zip(right.get_yticklabels(), names, strict=True):
        label.set(color="C2" if name == said else "k", weight="bold" if name == said else "normal")
    right.set(xlabel="score below the best (nats)", title="beam; green: what was said")
    verdict = "is" if names[0] == said else "is not"
    return fig, (f"With a beam of {beam}, weight {weight} and bonus {word_bonus} the best text {verdict} what was "
                 "said."), {said: shown[string].audio}


ui.explore(
    draw_search, sr=sr,
    question="How small may the beam be? At which weight does the bigram overrule a word that the network heard well? "
    "Which bonus adds a word that nobody said?",
    string=list(range(len(shown))), beam=[16, 1, 2, 4, 32], weight=[0.5, 0.0, 0.25, 1.0, 2.0, 4.0],
    word_bonus=[0.0, 1.0, 2.0, 4.0, 8.0],
)

# %% [markdown]
# ## 8 · Explain   ★★☆ · 15 min · 2 points
#
# **Question.** Two teams report on the same test set. Team A has a CER of 4 % and a WER of 11 %, team B a CER of 5 %
# and a WER of 7 %. (a) How can the order differ? Which errors does each team make? (b) Which of the two uses a lexicon,
# most likely, and what will happen to it with a name that it has never seen? (c) Team A adds that its 95 % bootstrap
# interval over 500 utterances by one speaker is narrow. What does this interval not say?

# %% [markdown] nbgrader={"grade_id": "explain_rates", "solution": true, "points": 2}
# ### BEGIN SOLUTION
# (a) One wrong letter makes a whole word wrong. Team A spreads few letter errors over many words (“eigt”); team B gets
# most words right to the letter, and where it errs, it writes another word, so that many letters of one word are wrong
# at once. (b) Team B: a lexicon turns near misses into words, and its remaining errors are whole words. A name that is
# not in the lexicon cannot be written at all; it becomes one or several known words. Team A may at least write
# something that sounds alike. (c) It says how the rate would move with other utterances of this speaker. It says
# nothing about other speakers, another training run (seed), or other recording conditions: the speaker is one sample
# of speakers.
# ### END SOLUTION
# === BEGIN MARK SCHEME ===
# - 0.5: a word is wrong with one wrong letter; A has few letter errors spread over many words.
# - 0.5: B errs by whole words (near misses are repaired), so many letters at once.
# - 0.5: B has the lexicon; unknown names cannot be written.
# - 0.5: the interval covers utterances, not speakers (or seeds, or recording conditions).
# === END MARK SCHEME ===

# %% [markdown]
# ## 9 · Experiment
#
# **Questions.** What does varying the voices buy on a speaker who was never heard, and what do masks and noise add to
# it? What does the lexicon repair, and what the bigram? And can a network that heard only a speech synthesiser
# understand people?
#
# **Fair play.** One architecture, one number of steps, one optimiser, the same texts in the same order for all rows.
# The networks differ in what they hear:
#
# - *real, plain*: 2000 recordings by five speakers, joined with random gaps, levels and a little noise (15 to 35 dB
#   below the speech), as in all rows;
# - *real, varied voices*: these, with speed and frequency axis varied as if others spoke;
# - *real, all varied*: more noise (down to 10 dB) and SpecAugment on top;
# - *generated, varied voices*: 320 recordings by 16 synthetic voices, varied like the second row. Fewer recordings and
#   more voices than the others: this row compares two supplies of speech, not one property of them.
#
# Test strings have the habits of unit 12: after each digit a few are common, and the bigram was counted on other text
# of that kind. One test set has no habits. Another asks for less: the five speakers of the training, with recordings
# that were kept back. Beam and weight of the search are the same in all rows (16; 0 with the lexicon alone, 0.5 with
# the bigram), and so they are in the table of all speakers below.
#
# **What was looked at before.** The recipe “voices” came out of trials with *george* and *nicolas* held out: sizes of
# the network, masks, noise, intervals of the stretch. Here both are among the training speakers. *theo*, who tests
# here, was in none of these trials; but what sent us to look was an earlier run of this notebook, in which everything
# varied at once did worse on him than nothing varied.
#
# Intervals are by the **bootstrap**: as many strings as the set has are drawn from it with replacement, the rate of the
# draw is computed, 2000 times; the interval holds the middle 95 %. For a difference of two systems the same draw of
# strings serves both.

# %%
import os
import time
from pathlib import Path

SEED = 0
steps, batch_size, test_strings = device.choose(smoke=(4, 4, 8), laptop=(800, 16, 150), full=(2000, 32, 500))
size = device.choose(smoke={"width": 24}, laptop={}, full={"channels": (16, 32), "width": 192, "layers": 2})
seeds = device.choose(smoke=(SEED,), laptop=(SEED,), full=(0, 1, 2))
where, started = device.get(), time.perf_counter()
SPEED, STRETCH = (0.84, 1.18), (0.85, 1.18)
MASKS = {"freq_masks": 1, "freq_width": 6, "time_masks": 1, "time_width": 10, "time_share": 0.2}

train_takes, _ = data.digits_or_generated(
    speakers=SEEN, takes=device.choose(smoke=range(10, 12), laptop=range(10, 50), full=range(10, 50))
)
many, takes = device.choose(smoke=(2, 1), laptop=(16, 2), full=(60, 4))
generated_takes = data.generate.spoken_digits(speakers=many, takes=range(takes))
strange_voice = data.generate.spoken_digits(speakers=1, takes=range(takes), seed=99)
PLAIN, VOICES, ALL, GENERATED = "real, plain", "real, varied voices", "real, all varied", "generated, varied voices"
SOURCES = {
    PLAIN: (DigitSpeech(train_takes), (1.0, 1.0), None),
    VOICES: (DigitSpeech(train_takes, speed=SPEED), STRETCH, None),
    ALL: (DigitSpeech(train_takes, speed=SPEED, snr_db=(10.0, 35.0)), STRETCH, MASKS),
    GENERATED: (DigitSpeech(generated_takes, speed=SPEED), STRETCH, None),
}
KNOWN, UNKNOWN, FREE = "known speakers", "unseen speaker", "unseen speaker, no habits"
test_sets = {
    KNOWN: DigitSpeech(unseen_takes).draw(test_strings, np.random.default_rng(105), transitions=habits),
    UNKNOWN: stranger.draw(test_strings, np.random.default_rng(103), transitions=habits),
    FREE: stranger.draw(test_strings, np.random.default_rng(106)),
    "unseen generated voice": DigitSpeech(strange_voice).draw(
        test_strings, np.random.default_rng(104), transitions=habits),
}

# %%
def fit(name, seed):
    """Train one network on one source of speech; the recipe is the same for all."""
    speech, stretch, masks = SOURCES[name]
    torch.manual_seed(seed)
    model = models.DeepSpeech(LETTER_CLASSES, **size)
    batches = speech_batches.SpokenDigitBatches(
        speech, size=batch_size, steps=steps, seed=seed, stretch=stretch, masks=masks
    )
    folder = os.environ.get("COURSE_CHECKPOINTS")
    history = train.fit(
        model, batches, speech_batches.letter_loss, steps=steps, seed=seed, description=name,
        optimizer=torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-2),
        schedule=train.warmup_cosine(steps, warmup=max(1, steps // 12)),
        checkpoint=Path(folder) / f"13-{device.profile()}-{name}-{seed}.ckpt" if folder else None,
    )
    return model, history


trained = {(name, seed): fit(name, seed) for seed in seeds for name in SOURCES}

fig, ax = plt.subplots(figsize=(8, 3), layout="constrained")
for name in SOURCES:
    loss = np.array(trained[name, SEED][1].loss)
    width = max(1, len(loss) // 50)
    ax.semilogy(np.convolve(loss, np.ones(width) / width, "valid"), label=name)
ax.set(xlabel="step", ylabel="-ln p(text | x) per string (nats)")
ax.legend()
ui.show(fig, alt="Training loss of the four networks over the steps, smoothed.")

# %% [markdown]
# Each curve is the loss on what *its* network hears, so the curves cannot be compared: the varied strings are harder,
# and that is their purpose. What compares the networks is the same clean test set. Variation has paid if a network
# loses *less* from known speakers to the unseen one. If it is worse on the known speakers too, then the steps were too
# few, the network too small, or the variation too much: one run does not tell which. (`smoke` trains for a few steps,
# only to run the code.)

# %%
def words_of(texts):
    """Texts as lists of words."""
    return [text.split() for text in texts]


SEARCHES = {"greedy": None, "beam + lexicon": 0.0, "beam + LM": 0.5}
heard_by, lost = {}, []


def write(name, seed, which, search):
    """What a network writes for a test set."""
    key = (name, seed, which)
    if key not in heard_by:
        heard_by[key] = speech_batches.letter_posteriors(
            trained[name, seed][0], [s.audio for s in test_sets[which]])
    if search == "greedy":
        return [to_text(models.best_path(y)) for y in heard_by[key]]
    found = [models.spelled_beam_search(y, bigram, beam=16, weight=SEARCHES[search]) for y in heard_by[key]]
    lost.extend((*key, search) for best in found if not best)
    return [best[0].label if best else "" for best in found]


said = {which: [spelled(s.digits) for s in strings] for which, strings in test_sets.items()}
rows, rates, written = [], {}, {}
for name, which in [
    *itertools.product((PLAIN, VOICES, ALL), (KNOWN, UNKNOWN)), (VOICES, FREE),
    (GENERATED, UNKNOWN), (GENERATED, "unseen generated voice"),
]:
    row = {"trained on": name, "tested on": which}
    for search in SEARCHES:
        texts = written[name, which, search] = write(name, SEED, which, search)
        for unit, a, b in (("CER", said[which], texts), ("WER", words_of(said[which]), words_of(texts))):
            rates[name, which, search, unit] = rate = 100 * metrics.error_rate(a, b).rate
            low, high = metrics.error_interval(a, b)
            row[f"{search} {unit} (%)"] = f"{rate:.1f}  [{100 * low:.1f}, {100 * high:.1f}]"
    if len(seeds) > 1:
        every = [100 * metrics.error_rate(said[which], write(name, seed, which, "greedy")).rate for seed in seeds]
        row["greedy CER of the seeds (%)"] = ", ".join(f"{rate:.1f}" for rate in every)
    rows.append(row)
print(f"texts that a beam lost even at its widest, counted as nothing written: {len(lost)}")


def change(before, after, unit):
    """Error rate of `after` less that of `before` in points, and its paired bootstrap interval.

    Each is a key (trained on, tested on, search); both are tested on the same strings.
    """
    split = list if unit == "CER" else str.split
    truth = [split(text) for text in said[before[1]]]
    old, new = (np.array([metrics.edit_counts(r, split(h)).errors for r, h in zip(truth, written[key], strict=True)])
                for key in (before, after))
    drawn = np.random.default_rng(0).integers(len(truth), size=(2000, len(truth)))
    length = np.array([len(r) for r in truth])
    low, high = np.quantile((new - old)[drawn].sum(1) / length[drawn].sum(1), (0.025, 0.975))
    return 100 * (new - old).sum() / length.sum(), 100 * low, 100 * high


def in_words(points):
    """A change with its interval, and whether the interval leaves its sign open."""
    more, low, high = points
    sign = "better" if high < 0 else "worse" if low > 0 else "open"
    return f"{more:+.1f} [{low:.1f}, {high:.1f}] ({sign})"


GREEDY = {name: {which: (name, which, "greedy") for which in (KNOWN, UNKNOWN)} for name in (PLAIN, VOICES, ALL)}
LEXICON, BIGRAM = ((VOICES, UNKNOWN, search) for search in ("beam + lexicon", "beam + LM"))
changes = {
    ("varied voices", UNKNOWN): (GREEDY[PLAIN][UNKNOWN], GREEDY[VOICES][UNKNOWN]),
    ("varied voices", KNOWN): (GREEDY[PLAIN][KNOWN], GREEDY[VOICES][KNOWN]),
    ("masks and more noise", UNKNOWN): (GREEDY[VOICES][UNKNOWN], GREEDY[ALL][UNKNOWN]),
    ("masks and more noise", KNOWN): (GREEDY[VOICES][KNOWN], GREEDY[ALL][KNOWN]),
    ("lexicon", UNKNOWN): (GREEDY[VOICES][UNKNOWN], LEXICON),
    ("bigram", UNKNOWN): (LEXICON, BIGRAM),
    ("bigram", FREE): ((VOICES, FREE, "beam + lexicon"), (VOICES, FREE, "beam + LM")),
}
points = {(*key, unit): change(*pair, unit) for key, pair in changes.items() for unit in ("CER", "WER")}
ui.table(
    [{"what is added": what, "to": ", ".join(before[::2]), "tested on": which,
      "CER (points)": in_words(points[what, which, "CER"]), "WER (points)": in_words(points[what, which, "WER"])}
     for (what, which), (before, _) in changes.items()],
    title="What each piece changes: negative is better; interval over strings, paired",
)

# %% [markdown]
# “Open” means that the interval holds 0: these strings do not tell. Nothing here tells about another speaker or another
# training run; the table of all speakers below says more about that.

# %% tags=["results"]
cer = {key[:2]: value for key, value in rates.items() if key[2:] == ("greedy", "CER")}
wer = {search: rates[VOICES, UNKNOWN, search, "WER"] for search in SEARCHES}
repaired = 100 * (1 - wer["beam + lexicon"] / wer["greedy"]) if wer["greedy"] else 0.0
ui.results(
    rows, title=f"Spelled digits: {test_strings} strings a test set, {steps} steps; the unseen speaker is {UNSEEN}",
    seed=SEED, seconds=time.perf_counter() - started,
    claim="A network can write letters without a lexicon; varied voices help it with a speaker it never heard; a "
    "lexicon repairs most of its spelling; a bigram helps where the text has habits.",
    verdict=f"Greedy CER on the unseen speaker: plain {cer[PLAIN, UNKNOWN]:.1f} %, varied voices "
    f"{cer[VOICES, UNKNOWN]:.1f} %, all varied {cer[ALL, UNKNOWN]:.1f} %; on new strings of the known speakers "
    f"{cer[PLAIN, KNOWN]:.1f}, {cer[VOICES, KNOWN]:.1f} and {cer[ALL, KNOWN]:.1f} %. Changes on the unseen speaker in "
    f"points: varied voices CER {in_words(points['varied voices', UNKNOWN, 'CER'])}, masks and more noise on top CER "
    f"{in_words(points['masks and more noise', UNKNOWN, 'CER'])}. The lexicon changes the WER of the network with "
    f"varied voices by {in_words(points['lexicon', UNKNOWN, 'WER'])}, {'most' if repaired > 50 else 'not most'} of its "
    f"{wer['greedy']:.1f} %; the bigram by a further {in_words(points['bigram', UNKNOWN, 'WER'])}, and on text without "
    f"habits by "
    f"{in_words(points['bigram', FREE, 'WER'])}. Trained on generated speech alone: greedy CER "
    f"{cer[GENERATED, UNKNOWN]:.1f} % on the same real strings. One speaker; intervals over strings of "
    f"{'the first of ' if len(seeds) > 1 else ''}{len(seeds)} seed{'s' if len(seeds) > 1 else ''}: whether voices help "
    f"speakers in general is for the table of all speakers.",
)
kept = models.keep_weights(
    "deep_speech_digits", trained[VOICES, SEED][0], seed=SEED, licence="CC BY-SA 4.0 (Free Spoken Digit Dataset)",
    data=f"digit strings made of recordings of {', '.join(SEEN)} (Free Spoken Digit Dataset), takes 10 to 49; "
    f"{VOICES}, {steps} steps; this recipe was chosen in trials with george and nicolas held out, not by a score below",
    score=f"strings of {UNSEEN}, never heard in training: greedy CER {cer[VOICES, UNKNOWN]:.1f} %; WER "
    + ", ".join(f"{rate:.1f} % ({search})" for search, rate in wer.items()),
)
print("section 7 plays the network of varied voices, whatever the table says: no test set chooses it")

# %% [markdown]
# ### Each speaker held out in turn
#
# Speakers differ more than seeds do, so one of them proves little. The commands
#
# ```bash
# python benchmarks/bench_deep_speech.py --speakers all --seeds 1 --recipe plain
# python benchmarks/bench_deep_speech.py --speakers all --seeds 1 --recipe voices
# python benchmarks/bench_deep_speech.py --speakers all --seeds 3 --recipe half
# ```
#
# hold out each in turn: plain, with varied voices, and with varied voices in every second batch. They write after each
# run, and go on where they stopped when started again. One more search is in their table: *three stretches*. The
# network hears each string three times, with the frequency axis stretched by 0.9, 1 and 1.1, as if three vocal tracts
# had said it, and
#
# $$\ln y = \tfrac13 \sum_{s} \ln y_s + \text{const}$$
#
# is what it writes from. No new training is needed, only three times the time for listening.
#
# **The goal of this unit** is a mean greedy CER over speakers of at most 8 % on a laptop. A mean of six numbers is not
# known well. If the speakers are a sample of speakers, with mean $\bar c$ and standard deviation $s$ over $n$ of them,
# the interval
#
# $$\bar c \pm t_{n-1} \frac{s}{\sqrt{n}}$$
#
# holds the mean of all speakers with 95 % ($t_5 = 2.57$). More seeds and strings take away the part of $s$ that comes
# from them; what the speakers themselves differ, only more speakers narrow. So two judgements stand in the table: by
# the mean, and by the interval, which leaves the goal *undecided* while it holds 8.
#
# George and nicolas served to choose the recipe “voices” and the three stretches, so their rows are no clean test: the
# mean without them stands beside the mean. The recipe of every second batch is a second thought: it was tried because
# the first seed had shown, for all speakers, that plain training wins on some of them and varied voices on others.
# Runs of different settings are different experiments: each has a table of its own, and no mean mixes two.

# %%
import json

from scipy import stats

GOAL, TRIED = 8.0, ("george", "nicolas")
COLUMNS = {"greedy": "greedy", "greedy, three stretches": "three stretches", "beam + lexicon": "lexicon",
           "beam + LM": "lexicon and bigram"}
RECIPES = {"plain": "nothing varied", "half": "voices varied in every second batch", "voices": "varied voices",
           "all": "all varied"}


def recipe_of(run):
    """What was varied in training; the oldest records know one recipe only."""
    return run["setting"].get("recipe", "all")


def setting_of(run):
    """What a run was trained with and tested on, in words."""
    s = run["setting"]
    return (f"{RECIPES.get(recipe_of(run), recipe_of(run))}, {s['steps']} steps of {s['batch']} strings, channels "
            f"{'+'.join(map(str, s['channels']))}, width {s['width']}, layers {s['layers']}, {s['strings']} test "
            "strings")


def by_speaker(some, search, unit="CER (%)", seeds=None, without=()):
    """Speaker → error rate in percent, its mean over the seeds; runs without this search are left out."""
    each = {}
    for run in some:
        if search in run and run["speaker"] not in without and (seeds is None or run["seed"] in seeds):
            each.setdefault(run["speaker"], []).append(run[search][unit])
    return {speaker: float(np.mean(each[speaker])) for speaker in data.SPEAKERS if speaker in each}


def t_interval(values):
    """Mean and the ends of its 95 % interval over speakers; without ends for fewer than two."""
    values = np.asarray(values, float)
    if len(values) < 2:
        return (values.mean() if len(values) else np.nan, np.nan, np.nan)
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return values.mean(), values.mean() - half, values.mean() + half


def judged(mean, low, high, speakers):
    """The goal, by the mean and by the interval."""
    if speakers < len(data.SPEAKERS):
        return "open: speakers are missing"
    by_interval = "reached" if high <= GOAL else "missed" if low > GOAL else "undecided"
    return f"{'reached' if mean <= GOAL else 'missed'} by the mean, {by_interval} by the interval"


file = Path(inspect.getfile(models.DeepSpeech)).parents[2] / "solutions" / "13_deep_speech" / "speakers.json"
runs = json.loads(file.read_text(encoding="utf-8"))["runs"] if file.exists() else []
settings = {}
for r in sorted(runs, key=lambda r: [*RECIPES, recipe_of(r)].index(recipe_of(r))):
    settings.setdefault(setting_of(r), []).append(r)
short = {setting: f"{RECIPES.get(recipe_of(some[0]), recipe_of(some[0]))}, {some[0]['setting']['steps']} steps"
         for setting, some in settings.items()}
short = {setting: name if list(short.values()).count(name) == 1 else setting for setting, name in short.items()}
summary = []
for setting, some in settings.items():
    rows = []
    for speaker in by_speaker(some, "greedy"):
        own = sorted((r for r in some if r["speaker"] == speaker), key=lambda r: r["seed"])
        low, high = own[0]["greedy"]["CER interval"]
        row = {"held out": speaker, "greedy CER by seed (%)": ", ".join(f"{r['greedy']['CER (%)']:.1f}" for r in own),
               f"over strings, seed {own[0]['seed']}": f"[{low:.1f}, {high:.1f}]"}
        for search, unit in itertools.product(COLUMNS, ("CER (%)", "WER (%)")):
            if speaker in (found := by_speaker(own, search, unit)):
                row[f"{COLUMNS[search]} {unit}"] = found[speaker]
        rows.append({**row, "processor time (s)": round(np.mean([r["cpu_seconds"] for r in own]))})
    made = "; ".join(dict.fromkeys(f"{r['date']}, {r['device']}, threads: {r['threads']}" for r in some))
    ui.table(rows, title=f"Trained on five speakers, tested on the sixth: {setting} ({made})",
             caption="Rates are means over the seeds of a speaker.")
    print("\n".join(dict.fromkeys(r["command"] for r in some)))
    for search in COLUMNS:
        if values := by_speaker(some, search):
            mean, low, high = t_interval(list(values.values()))
            others = by_speaker(some, search, without=TRIED)
            summary.append({
                "setting": short[setting], "search": search, "speakers": f"{len(values)} of {len(data.SPEAKERS)}",
                "runs": sum(search in r for r in some), "mean CER (%)": mean,
                "95 % over speakers": f"[{low:.1f}, {high:.1f}]" if len(values) > 1 else "",
                "lowest to highest (%)": f"{min(values.values()):.1f} to {max(values.values()):.1f}",
                f"without {' and '.join(TRIED)} (%)": np.mean(list(others.values())) if others else "",
                f"goal: mean greedy CER ≤ {GOAL:.0f} %":
                    judged(mean, low, high, len(values)) if search == "greedy" else "",
            })
if runs:
    ui.table(summary, title="Mean over the held-out speakers, each setting for itself")
    for setting, some in settings.items():
        if len({r["seed"] for r in some}) == 1:
            print(f"{short[setting]}: one seed, so how far another training run would differ is not known")
else:
    print("this copy of the course holds no recorded runs; the commands above make them")

# %% [markdown]
# Compare the columns “over strings” and “by seed” with the range over speakers: the interval over strings leaves out
# the largest part.
#
# Does the variation help? Speakers differ so much that two means say little; the *difference* on each speaker says
# more. Below, two recipes meet only where all else is equal, on the same speakers and the same seeds.

# %%
def paired(some, other):
    """Speaker → (CER of `some`, CER of `other`), greedy, over the seeds that a speaker has in both."""
    found = {}
    for speaker in data.SPEAKERS:
        ours, theirs = ([r for r in group if r["speaker"] == speaker] for group in (some, other))
        if both := {r["seed"] for r in ours} & {r["seed"] for r in theirs}:
            found[speaker] = tuple(by_speaker(group, "greedy", seeds=both)[speaker] for group in (ours, theirs))
    return found


def apart(run):
    """The setting of a run, all but its recipe."""
    return {key: value for key, value in run["setting"].items() if key != "recipe"}


compared = []
for some, other in itertools.combinations(settings.values(), 2):
    pairs = paired(some, other)
    if apart(some[0]) != apart(other[0]) or not pairs:
        continue
    first, second = (RECIPES.get(recipe_of(group[0]), recipe_of(group[0])) for group in (some, other))
    compared.append((first, second, pairs))
    ui.table(
        [{"held out": speaker, f"{first} (%)": a, f"{second} (%)": b, "difference (points)": f"{b - a:+.1f}"}
         for speaker, (a, b) in pairs.items()],
        title=f"Greedy CER on the same seeds: {first} against {second}, {apart(some[0])['steps']} steps",
    )
    for name, left_out in (("all", ()), (f"without {' and '.join(TRIED)}", TRIED)):
        if len(less := [b - a for speaker, (a, b) in pairs.items() if speaker not in left_out]) < 2:
            continue
        mean, low, high = t_interval(less)
        verdict = "better" if high < 0 else "worse" if low > 0 else "open"
        print(f"{name}: mean difference {mean:+.1f} points, 95 % over {len(less)} speakers [{low:.1f}, {high:.1f}]: "
              f"{second} is {verdict}; lower for {sum(d < 0 for d in less)} of {len(less)} speakers")
if compared:
    fig, axes = plt.subplots(1, len(compared), figsize=(5 * len(compared) + 2, 3.4), squeeze=False, sharey=True,
                             layout="constrained")
    for ax, (first, second, pairs) in zip(axes[0], compared, strict=True):
        for i, (speaker, values) in enumerate(pairs.items()):
            ax.plot([0, 1], values, f"C{i}", marker="osD^vP"[i % 6], label=speaker)
        for x, values in zip((-0.25, 1.25), zip(*pairs.values(), strict=True), strict=True):
            mean, low, high = t_interval(values)
            ax.errorbar(x, mean, [[mean - low], [high - mean]], color="k", marker="_", markersize=12, capsize=4)
        ax.axhline(GOAL, color="0.5", linestyle="--")
        ax.set(xticks=[0, 1], xlim=(-0.5, 1.5), title="black: mean and 95 % over speakers; dashed: goal")
        ax.set_xticklabels([first, second])
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    axes[0, 0].set(ylabel="greedy CER (%)", ylim=(0, None))
    ui.show(fig, alt="Greedy CER of each held-out speaker with two recipes, joined by lines; means with intervals.")
else:
    print("no two recipes were run in the same setting: nothing to compare")

# %% [markdown]
# Each line is a speaker. Do the lines differ more in height or in slope? The black bars know the heights alone; the
# paired interval knows the slopes, and a recipe is to be judged by these.

# %% [markdown]
# ### Where the errors come from
#
# Which words are lost, and what is written in their place? Below are the runs of one setting: that with the most
# speakers, of these one with varied voices, and of these the one with the most steps; greedy search. In the left
# picture rows are held-out speakers and columns the digits they said; the letters and words beside and below it are
# counted over all of these speakers.

# %%
if runs:
    best_setting = max(settings, key=lambda key: (
        len({r["speaker"] for r in settings[key]}), recipe_of(settings[key][0]) == "voices",
        settings[key][0]["setting"]["steps"]))
    picked = settings[best_setting]
    speakers = [s for s in data.SPEAKERS if any(r["speaker"] == s for r in picked)]
    print(best_setting)
    fig, (left_ax, right_ax) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    share = np.full((len(speakers), 10), np.nan)
    for i, speaker in enumerate(speakers):
        some = [r for r in picked if r["speaker"] == speaker]
        pairs = metrics.confusions(words_of([s for r in some for s in r["said"]]),
                                   words_of([h for r in some for h in r["heard"]]))
        for d, word in enumerate(WORDS):
            total = sum(n for (a, _), n in pairs.items() if a == word)
            share[i, d] = 100 * (1 - pairs[word, word] / total) if total else np.nan
    left_ax.grid(False)
    image = left_ax.imshow(share, cmap="viridis", vmin=0, aspect="auto", origin="upper")
    left_ax.set(xticks=range(10), yticks=range(len(speakers)), title="words not written right, greedy (%)")
    left_ax.set_xticklabels(WORDS, rotation=45)
    left_ax.set_yticklabels(speakers)
    fig.colorbar(image, ax=left_ax)
    letters = metrics.confusions(
        [s for r in picked for s in r["said"]], [h for r in picked for h in r["heard"]])
    wrong = [((a, b), n) for (a, b), n in letters.most_common() if a != b][:12]
    named = [f"{NAMED.get(a, a)} → {NAMED.get(b, b)}" for (a, b), _ in wrong]
    right_ax.barh(named, [n for _, n in wrong])
    right_ax.invert_yaxis()
    right_ax.set(xlabel="times", title="most frequent letter errors: said → written")
    ui.show(fig, alt="Left: share of wrong words per speaker and digit. Right: the most frequent letter errors.")
    pairs = metrics.confusions(words_of([s for r in picked for s in r["said"]]),
                               words_of([h for r in picked for h in r["heard"]]))
    wrong = [((a, b), n) for (a, b), n in pairs.most_common() if a != b][:8]
    ui.table([{"said": a or "(nothing)", "written": b or "(nothing)", "times": n} for (a, b), n in wrong],
             title="Most frequent word errors, greedy search")
    errors = metrics.error_rate(
        [s for r in picked for s in r["said"]], [h for r in picked for h in r["heard"]])
    spell = sum(n for (a, b), n in pairs.items() if a and b and a != b and b not in WORDS)
    other = sum(n for (a, b), n in pairs.items() if a and b and a != b and b in WORDS)
    for row, speaker in zip(share, speakers, strict=True):
        print(f"{speaker}: worst is “{WORDS[int(np.nanargmax(row))]}”, {np.nanmax(row):.0f} % not right; median of the "
              f"words {np.nanmedian(row):.0f} %")
    print(f"letters: {errors.substitutions} substitutions, {errors.deletions} deletions, {errors.insertions} "
          f"insertions; wrong words: {spell} are no word of the lexicon, {other} are another digit")

# %% [markdown]
# A wrong word that is no word of the lexicon can be repaired by the beam; another digit needs the language model.
# Where one word of one speaker is wrong most of the time, the likely cause is that none of the five others says it
# that way: a lack of voices, which no decoder mends. Is a word bad for several speakers? Then look at its letters:
# one that few words share (the “x”) has few examples.

# %% [markdown]
# ## 10 · Listen
#
# Strings of the unseen speaker and of a generated voice, each with what was said and what the greedy search wrote.
# Where it wrote something else: is it an error that you could have made, or one that no listener makes?

# %%
players = {}
for name, which in ((VOICES, UNKNOWN), (GENERATED, UNKNOWN), (GENERATED, "unseen generated voice")):
    texts, strings = written[name, which, "greedy"], test_sets[which]
    order = sorted(range(len(strings)), key=lambda i: spelled(strings[i].digits) == texts[i])
    for i in (order[0], order[-1]):
        caption = f"trained on {name} · {which}: {spelled(strings[i].digits)} → {texts[i] or 'nothing'}"
        players[caption] = strings[i].audio
ui.player(players, sr)

# %% [markdown]
# ## 11 · More words: LibriSpeech
#
# With the profile `full` and `COURSE_LIBRISPEECH=1` the next cell fetches 338 MB of read English (5.4 hours, 40
# readers), holds out four readers, and trains the same network, larger, on all words. Expect letters and some words:
# published error rates come from 960 hours.

# %%
if device.profile() == "full" and os.environ.get("COURSE_LIBRISPEECH") == "1":
    read = data.librispeech(longest=8.0)
    readers = sorted({u.speaker for u in read})
    held = set(readers[::10])
    learn, test = ([u for u in read if (u.speaker in held) == wanted] for wanted in (False, True))
    plan = data.length_buckets([len(u.samples) for u in learn], 16)

    def read_batch(step):
        """Short utterances in the first epoch, buckets in any order later; each with its own stretch and masks."""
        rng = np.random.default_rng((SEED, step))
        members = plan[step if step < len(plan) else int(rng.integers(len(plan)))]
        batch = speech_batches.speech_batch([learn[i].samples for i in members], [learn[i].text for i in members],
                                            stretch=rng.uniform(0.85, 1.18, len(members)))
        masked = signal.spec_augment(batch.features, batch.lengths, rng)
        return speech_batches.SpeechBatch(masked, batch.lengths, batch.labels, batch.label_lengths)

    reader = models.DeepSpeech(LETTER_CLASSES, channels=(32, 32), width=384, layers=3)
    train.fit(reader, read_batch, speech_batches.letter_loss, steps=6000, seed=SEED, description="LibriSpeech",
              optimizer=torch.optim.AdamW(reader.parameters(), lr=1e-3, weight_decay=1e-2),
              schedule=train.warmup_cosine(6000, warmup=500))
    texts = [to_text(models.best_path(y)) for y in speech_batches.letter_posteriors(
        reader, [u.samples for u in test])]
    said = [u.text for u in test]
    low, high = metrics.error_interval(said, texts)
    letter_rate, word_rate = (100 * metrics.error_rate(a, b).rate for a, b in (
        (said, texts), (words_of(said), words_of(texts))))
    print(f"{len(test)} utterances of {len(held)} readers never heard: CER {letter_rate:.1f} "
          f"[{100 * low:.1f}, {100 * high:.1f}] %, WER {word_rate:.1f} %; “{said[0]}” → “{texts[0]}”")
else:
    print("skipped: needs the profile full and COURSE_LIBRISPEECH=1 (338 MB)")

# %% [markdown]
# ## 12 · Where this goes
#
# The published system on 11 940 hours, as in the lecture, in WER (%): WSJ eval'92 3.60 (people: 5.03), LibriSpeech
# test-clean 5.33 (5.83), test-other 13.25 (12.69). These are the numbers of the arXiv version, with beam search and a
# large n-gram model of words; the people are paid transcribers.
#
# | system | what is new | paper |
# |---|---|---|
# | Deep Speech 2 | convolutions, recurrence and CTC at scale | [Amodei et al. 2016](https://arxiv.org/abs/1512.02595) |
# | Stretched frequencies | one speaker becomes many | Jaitly and Hinton, ICML workshop 2013 |
# | Speed perturbation | the same by playing faster or slower | Ko et al., Interspeech 2015 |
# | SpecAugment | augmentation of the input itself | [Park et al. 2019](https://arxiv.org/abs/1904.08779) |
# | LibriSpeech | 1000 hours of read English | [Panayotov et al. 2015](https://www.openslr.org/12) |
# | Prefix search with a lexicon | words in the first pass | [Hannun et al. 2014](https://arxiv.org/abs/1408.2873) |
# | Confidence intervals | bootstrap of error rates | Bisani and Ney, ICASSP 2004 |
# | Listen, attend and spell | attention, no CTC | [Chan et al. 2016](https://arxiv.org/abs/1508.01211) |
# | Conformer | convolution and self-attention | [Gulati et al. 2020](https://arxiv.org/abs/2005.08100) |
#
# With a network connection torchaudio's wav2vec 2.0 writes letters by the same CTC. Set `COURSE_ONLINE=1`.

# %%
if os.environ.get("COURSE_ONLINE") == "1":
    import torchaudio

    bundle = torchaudio.pipelines.WAV2VEC2_ASR_BASE_960H
    with torch.no_grad():
        resampled = torch.from_numpy(audio.resample(shown[0].audio, sr, bundle.sample_rate))
        emissions = bundle.get_model()(resampled[None])[0]
    alphabet = bundle.get_labels()
    print("".join(alphabet[k] for k in models.best_path(emissions[0].log_softmax(-1).numpy())).replace("|", " "))
else:
    print("skipped: set COURSE_ONLINE=1 to download a wav2vec 2.0 recogniser (360 MB)")
