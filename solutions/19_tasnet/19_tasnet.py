# %% [markdown]
# ## 1 · Two voices, one microphone
#
# Two people talk at once. The microphone hears the sum
#
# $$x[n] = \sum_{c=1}^{C} s_c[n], \qquad C = 2,$$
#
# and we want the two voices back. Nothing else is known: no second microphone, no picture, no word of what is said.
# Infinitely many pairs of signals have the same sum. What makes one pair the right one is that both parts are *speech*,
# and that is something a network can learn.
#
# We make our own mixtures, because then the parts are known. Each source is a string of digits spoken by one person;
# two different people are added at levels that differ by at most 2.5 dB. **Four** speakers are for training. **Two**
# are never heard in training. Takes 0 to 4 of every speaker are kept for the test. The order of the two sources is
# random.

# %%
from course_lib.data.two_speakers import KNOWN, SAMPLE_RATE, TEST_TAKES, TRAIN_TAKES, UNSEEN, TwoSpeakerMixtures

sr = SAMPLE_RATE
test_digits, data_note = data.digits_or_generated(speakers=KNOWN, takes=TEST_TAKES)
known_test = TwoSpeakerMixtures(test_digits, seconds=2.0, seed=1)
mixtures, sources = known_test(0)
ui.table(
    [
        {"tensor": "mixtures", "shape": str(tuple(mixtures.shape)), "meaning": "(batch, samples)"},
        {"tensor": "sources", "shape": str(tuple(sources.shape)), "meaning": "(batch, source, samples)"},
    ],
    title=f"One batch; training voices: {', '.join(KNOWN)}; voices never trained on: {', '.join(UNSEEN)}",
)

# %%
mixture, voices = mixtures[0], sources[0]
heard = {"mixture": mixture, "first voice": voices[0], "second voice": voices[1]}
fig = ui.compare(heard, sr, columns=3, n_fft=256, hop=64, db_range=60)
ui.show(
    fig,
    alt="Spectrograms of a mixture and of its two voices: in most places one of the two voices is much the "
    "stronger.",
)
ui.player(heard, sr)

# %% [markdown]
# Look at the three pictures. Speech is **sparse**: most of its energy lies in a few harmonics and resonances of the
# mouth (formants). So at most points of the plane one voice is far above the other, and the mixture looks like one of
# them there. All methods of this unit live on that.

# %% [markdown]
# ## 2 · How good is an estimate? SI-SNR
#
# Let $\hat s$ be an estimate of $s$. The plain signal-to-noise ratio $10\log_{10} \|s\|^2 / \|\hat s - s\|^2$ has a
# flaw: turn the volume of a perfect estimate down and it falls. A separation system should not earn or lose decibels by
# its volume knob. So we ask for the multiple of $s$ that is nearest to $\hat s$. That is the **projection**
#
# $$s_\text{target} = \frac{\langle \hat s, s\rangle}{\|s\|^2}\, s, \qquad
# e = \hat s - s_\text{target}, \qquad
# \text{SI-SNR}(\hat s, s) = 10 \log_{10} \frac{\|s_\text{target}\|^2}{\|e\|^2}\ \text{dB},$$
#
# with the mean of both signals removed first. The triangle $s_\text{target}$, $e$, $\hat s$ has a right angle, and the
# ratio depends only on the angle $\theta$ between $\hat s$ and $s$: SI-SNR $= 20 \log_{10} |\cot\theta|$. Multiply
# $\hat s$ by any number but zero and the angle stays. The papers call the same formula SI-SDR when the means are left
# in.
#
# `metrics.separation_scores` computes it for the better order of the outputs. The **improvement** SI-SNRi is the value
# for the estimate minus the value for the mixture itself. A system that hands the mixture back has SI-SNRi 0 dB.

# %%
target = voices[0] - voices[0].mean()
loudest = int(target.square().unfold(0, 400, 400).sum(-1).argmax()) * 400                      # the loudest 50 ms


def damaged(gain_db, offset, noise_db):
    """The first voice with another gain, an offset and noise: a figure with SNR and SI-SNR in its title."""
    noise = torch.randn(len(target), generator=torch.Generator().manual_seed(0))
    noise = noise - noise.mean() - (noise @ target) / target.square().sum() * target           # at a right angle
    noise = noise * target.norm() / noise.norm() * 10 ** (noise_db / 20)
    estimate = 10 ** (gain_db / 20) * (target + noise) + offset
    snr = 10 * torch.log10(target.square().sum() / (estimate - target).square().sum().clamp_min(1e-12))
    with_mean = losses.si_snr(estimate, target, zero_mean=False)
    fig, ax = plt.subplots(figsize=(9, 2.8), layout="constrained")
    span = slice(loudest, loudest + 400)
    milliseconds = np.arange(loudest, loudest + 400) / sr * 1000
    ax.plot(milliseconds, target[span], label="reference s")
    ax.plot(milliseconds, estimate[span], label="estimate ŝ", alpha=0.8)
    free = losses.si_snr(estimate, target)
    title = f"SNR {snr:.1f} dB · SI-SNR {free:.1f} dB · without removing means {with_mean:.1f} dB"
    ax.set(xlabel="time (ms)", ylabel="amplitude", title=title)
    ax.legend(loc="lower left")
    return fig, f"50 ms of the reference and of an estimate; {title}."


ui.explore(
    damaged,
    question="Which of the three sliders changes the SNR, and which changes the SI-SNR? What value has the SI-SNR "
    "when the noise is 10 dB below the voice, whatever the gain?",
    gain_db=(-20, 20, 5, 0), offset=(0.0, 0.1, 0.02, 0.0), noise_db=(-30, 0, 5, -10),
)

# %% [markdown]
# Gain and offset move the SNR and leave the SI-SNR alone. Only the noise moves both: 10 dB below the voice it gives
# 10 dB. The last number shows why means are removed: an offset, which nobody hears, counts as noise there.

# %% [markdown]
# ### Exercise 19.1 · SI-SNR   ★☆☆ · 12 min · 2 points
#
# **Goal.** Return the SI-SNR in dB of each pair of signals, differentiable, and finite for silence.
#
# | | |
# |---|---|
# | `estimate`, `reference` | `Float[Tensor, "*batch samples"]`, any leading axes or none |
# | `eps` | added to $\|s\|^2$ in the projection, to $\|s_\text{target}\|^2$ and to $\|e\|^2$ |
# | returns | `Float[Tensor, "*batch"]` in dB, higher is better |
#
# Remove the mean of each signal first. Energies are sums of squares over the samples, not means.
# **Target:** for the first voice plus noise 10 dB below it, 10 dB; for a silent estimate, 0 dB.
#
# <details><summary>Hint 1 · the idea</summary>
# Four lines: centre both, project, subtract, compare two energies. Keep the sample axis with <code>keepdim=True</code>
# where a number must multiply a signal.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# estimate = estimate - estimate.mean(-1, keepdim=True)
# ```
# </details>
#
# **If `eps=1e-8` passes and a large `eps`, or silence, fails:** one of the three `eps` is missing. **If gains pass and
# offsets fail:** only one of the two means was removed.

# %% nbgrader={"grade_id": "si_snr", "solution": true}
def si_snr(
    estimate: Float[Tensor, "*batch samples"], reference: Float[Tensor, "*batch samples"], eps: float = 1e-8
) -> Float[Tensor, "*batch"]:
    """Scale-invariant signal-to-noise ratio in dB of each pair of signals."""
    ### BEGIN SOLUTION
    estimate = estimate - estimate.mean(-1, keepdim=True)
    reference = reference - reference.mean(-1, keepdim=True)
    gain = (estimate * reference).sum(-1, keepdim=True) / (reference.square().sum(-1, keepdim=True) + eps)
    target = gain * reference
    noise = estimate - target
    return 10 * torch.log10((target.square().sum(-1) + eps) / (noise.square().sum(-1) + eps))
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_si_snr", "points": 2}
checks.tasnet.si_snr(si_snr)
### BEGIN HIDDEN TESTS
checks.tasnet.si_snr(si_snr, rng=grading_rng(), cases=60)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · What a perfect mask reaches
#
# Before any network: how far can masking the STFT go? The STFT is linear, so $X = \sum_c S_c$ in every bin. A mask
# multiplies each bin by a real number, $\hat S_c = M_c \odot X$. The phase of the estimate is the phase of the mixture.
# If the sources were known, these would be the masks to choose:
#
# $$\text{IBM}_c = \begin{cases}1 & |S_c| > |S_j|\ \ \forall j \ne c\\ 0 & \text{else}\end{cases} \qquad
# \text{IRM}_c = \frac{|S_c|}{\sum_j |S_j|} \qquad
# \text{WFM}_c = \frac{|S_c|^2}{\sum_j |S_j|^2}$$
#
# the **ideal binary mask**, the **ideal ratio mask** and the **Wiener-like** mask. They are meant to sum to one over
# the sources. In a bin where every source is exactly silent the formulas read 0/0, and a tie gives the binary mask no
# winner: a rule is needed. Ours: silent bins are shared equally, and the first of equals wins the binary mask.
#
# None of the three is the best real mask. With the mixture's phase given, that is the **phase-sensitive** mask,
# $\operatorname{Re}(S_c / X)$ cut to $0 \dots 1$: it lowers a bin whose phase is wrong.
#
# These are **oracles**. No system can use them, because they need the answer. They tell what the *kind* of method could
# reach if its network made no mistake.

# %%
MASKS = {
    "IBM": signal.ideal_binary_mask, "IRM": signal.ideal_ratio_mask, "Wiener": signal.wiener_mask,
    "phase-sensitive": signal.phase_sensitive_mask,
}


def apply_ideal_mask(mask, mixture, sources, n_fft=1024):
    """Estimates (..., sources, samples): the mixture's STFT times the ideal mask, back to waveforms."""
    S = signal.stft(sources, n_fft, n_fft // 4)
    X = signal.stft(mixture, n_fft, n_fft // 4)[..., None, :, :]
    return signal.istft(mask(S) * X, n_fft=n_fft, hop=n_fft // 4, length=mixture.shape[-1])


oracle = {name: apply_ideal_mask(mask, mixtures, sources) for name, mask in MASKS.items()}
ui.table(
    [{"estimate": "mixture (baseline)", "SI-SNRi (dB)": 0.0}]
    + [
        {"estimate": f"{name}, 128 ms window",
         "SI-SNRi (dB)": metrics.separation_scores(estimate, sources, mixtures).improvement.mean().item()}
        for name, estimate in oracle.items()
    ],
    title=f"Ideal masks on {len(mixtures)} mixtures",
)

# %%
S = signal.stft(voices, 1024, 256)
fig, axes = plt.subplots(1, 4, figsize=(14, 3.2), layout="constrained", sharey=True)
for ax, (name, mask) in zip(axes, MASKS.items(), strict=True):
    image = ax.imshow(
        mask(S)[0], origin="lower", aspect="auto", cmap="cividis", vmin=0, vmax=1,
        extent=(0, len(mixture) / sr, 0, sr / 2000), interpolation="nearest",
    )
    ax.grid(False)
    ax.set(title=f"{name}, first voice", xlabel="time (s)")
axes[0].set_ylabel("frequency (kHz)")
fig.colorbar(image, ax=axes, label="mask")
ui.show(
    fig,
    alt="Four ideal masks of the first voice. The binary one is black and white, the ratio mask is soft, the Wiener "
    "mask lies between them, and the phase-sensitive mask resembles the Wiener mask with more bins near 0 and 1.",
)
ui.player({"mixture": mixture, "first voice": voices[0], **{f"{n} estimate": e[0, 0] for n, e in oracle.items()}}, sr)

# %% [markdown]
# The binary mask switches bins on and off, which you may hear as a faint bubbling (*musical noise*). The ratio mask is
# smoother and lets more of the other voice through: where the other one is twice as strong, a third of the bin still
# passes.
#
# ### Demo: the window of the mask
#
# A mask is only as sharp as its bins. Short windows blur the harmonics of one voice into those of the other; long
# windows smear the onsets.

# %%
WINDOWS = [32, 64, 128, 256, 512, 1024, 2048]


def oracle_score(mask, window, count=4):
    """Mean SI-SNRi in dB of an ideal mask with this window, over `count` mixtures."""
    estimate = apply_ideal_mask(mask, mixtures[:count], sources[:count], window)
    return metrics.separation_scores(estimate, sources[:count], mixtures[:count]).improvement.mean().item()


by_window = {name: [oracle_score(mask, n) for n in WINDOWS] for name, mask in MASKS.items()}
best_window = {name: WINDOWS[int(np.argmax(values))] / sr * 1000 for name, values in by_window.items()}
print("best window:", ", ".join(f"{name} {window:.0f} ms" for name, window in best_window.items()))


def window_demo(log2_window):
    """The binary mask for a window of 2^log2_window samples, and the score of all masks over all windows."""
    window = 2**log2_window
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained")
    M = signal.ideal_binary_mask(signal.stft(voices, window, window // 4))
    left.imshow(M[0], origin="lower", aspect="auto", cmap="cividis", extent=(0, len(mixture) / sr, 0, sr / 2000),
                interpolation="nearest")
    left.grid(False)
    left.set(title=f"IBM, window {window / sr * 1000:.0f} ms", xlabel="time (s)", ylabel="frequency (kHz)")
    for (name, values), style in zip(by_window.items(), ("o-", "s--", "^:", "d-."), strict=True):
        right.semilogx(np.array(WINDOWS) / sr * 1000, values, style, label=name)
    right.axvline(window / sr * 1000, color="0.6")
    right.set(xlabel="window (ms)", ylabel="SI-SNRi (dB)", title="mean of four mixtures",
              xticks=np.array(WINDOWS) / sr * 1000, xticklabels=[f"{n / sr * 1000:.0f}" for n in WINDOWS])
    right.minorticks_off()
    right.legend()
    estimate = apply_ideal_mask(signal.ideal_binary_mask, mixture, voices, window)[0]
    alt = f"Ideal binary mask with a window of {window} samples, and SI-SNRi of four masks over the window length."
    return fig, alt, {f"IBM estimate, {window / sr * 1000:.0f} ms": estimate}


ui.explore(window_demo, question="Which window is the best for speech, and what goes wrong on either side of it? "
           "Listen at 4 ms and at 256 ms.", sr=sr, log2_window=(5, 11, 1, 10))

# %% [markdown]
# The best window is long enough to part the harmonics and short enough that a syllable does not move. The oracles of
# this unit use 128 ms; the papers mostly use 32 ms. But whatever the window, the curve has a ceiling. The mask keeps
# the mixture's phase, and where two voices meet in one bin no number between 0 and 1 gives both back. That ceiling is
# the reason to leave the STFT.

# %% [markdown]
# ## 4 · Which output is which? Permutation-invariant training
#
# A network has two outputs. Which of them should carry which voice? With drums and bass the answer is fixed. With two
# speakers it is not: "first" and "second" mean nothing, and any rule that a dataset happens to follow is an accident.
#
# Suppose the network compares output 1 with source 1 and output 2 with source 2, and the sources come in random order.
# Suppose the network compares output 1 with source 1 and output 2 with source 2, and the sources come in random order.
# Let output 1 be $\alpha s_1 + (1-\alpha) s_2$ and output 2 the rest. The figures show the loss that is to be expected:
# with a **fixed order**, the average over both orders; with the **best order**, the smaller of the two.

# %%
alpha = torch.linspace(0.05, 0.95, 91)
first = alpha[:, None] * voices[0] + (1 - alpha[:, None]) * voices[1]
outputs = torch.stack([first, mixture - first], 1)                                # (91, 2, samples)
orders = (voices, voices.flip(0))
panels = {
    "squared error": torch.stack([(outputs - order).square().sum((1, 2)) for order in orders]),
    "−SI-SNR (dB)": torch.stack([-losses.si_snr(outputs, order).mean(1) for order in orders]),
}
fig, axes = plt.subplots(1, 2, figsize=(11, 3), layout="constrained")
for ax, (name, loss) in zip(axes, panels.items(), strict=True):
    ax.plot(alpha, loss.mean(0), label="fixed order: the mean of both")
    ax.plot(alpha, loss.amin(0), "--", label="best order: the smaller of both")
    ax.set(xlabel="α: share of the first voice in output 1", ylabel=name, title=f"Expected loss: {name}")
axes[0].legend()
ui.show(
    fig,
    alt="Squared error: the fixed order has its minimum at alpha one half, the best order at both ends. SI-SNR: the "
    "fixed order is nearly flat, the best order falls towards both ends.",
)

# %% [markdown]
# With the squared error and a fixed order the best thing to do is **not to separate**: at $\alpha = 1/2$ both outputs
# are half the mixture. With the SI-SNR it is no better. What one order gains in decibels, the other loses, and the
# curve is nearly flat: no step towards separation pays.
#
# **Permutation-invariant training** (PIT) compares all pairs, tries every assignment, and keeps the best one of each
# example:
#
# $$\mathcal L = \min_{\pi \in \mathfrak S_C} \frac1C \sum_{j=1}^{C} \ell\big(\hat s_{\pi(j)}, s_j\big), \qquad
# \ell = -\text{SI-SNR}.$$
#
# The number of outputs is fixed. The minimum is over **permutations**: each output serves exactly one source. The
# gradient flows through the winning pairs only. The assignment is made once for the whole excerpt (*utterance-level*
# PIT), so a voice may not jump between outputs.

# %%
noise = torch.randn(sources.shape, generator=torch.Generator().manual_seed(1)) * sources.std()
estimate = sources.flip(1) + 0.3 * noise                                           # swapped, 10 dB of noise
pairs = losses.pairwise(lambda e, r: -losses.si_snr(e, r), estimate, sources)
loss, permutation = losses.permutation_invariant(pairs)
print("losses of example 0, rows = outputs, columns = sources (dB):")
print(np.round(pairs[0].numpy(), 1))
print("best permutation:", permutation[0].tolist(), f"loss {loss[0]:.1f} dB;",
      f"in the order they came: {pairs[0].diagonal().mean():.1f} dB")

# %% [markdown]
# ### Exercise 19.2 · Permutation-invariant loss   ★★☆ · 20 min · 2 points
#
# **Goal.** Given the losses of all pairs, find the best permutation of each example and its mean loss.
#
# | | |
# |---|---|
# | `pairs` | `Float[Tensor, "batch sources sources"]`: `pairs[b, i, j]`: **output** `i` against **source** `j` |
# | returns | `(loss, permutation)` |
# | `loss` | `Float[Tensor, "batch"]`, the mean over the sources; the gradient must flow through it |
# | `permutation` | `Int[Tensor, "batch sources"]`: `permutation[b, j]` is the output that stands for source `j` |
#
# **Target:** for the matrix printed above, `[1, 0]` and the loss beside it. Up to four sources are tried.
#
# <details><summary>Hint 1 · the idea</summary>
# There are C! permutations. Stack the mean loss of each of them along a new axis, then take the smallest along it.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# table = torch.tensor(list(itertools.permutations(range(pairs.shape[-1]))))   # (permutations, sources)
# ```
#
# Then `pairs[:, table, torch.arange(sources)]` has shape (batch, permutations, sources).
# </details>
#
# **If two sources pass and three fail:** you return the inverse permutation (with two sources it is its own inverse).
# **If the loss is too small:** one output serves two sources.

# %% nbgrader={"grade_id": "pit", "solution": true}
import itertools


def pit(
    pairs: Float[Tensor, "batch sources sources"],
) -> tuple[Float[Tensor, "batch"], Int[Tensor, "batch sources"]]:
    """Smallest mean loss over all permutations of each example, and the permutation."""
    ### BEGIN SOLUTION
    sources = len(pairs[0])
    table = torch.tensor(list(itertools.permutations(range(sources))))
    by_permutation = pairs[:, table, torch.arange(sources)].mean(2)
    loss, best = by_permutation.min(1)
    return loss, table[best]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_pit", "points": 2}
checks.tasnet.pit(pit)
### BEGIN HIDDEN TESTS
checks.tasnet.pit(pit, rng=grading_rng(), cases=80)
### END HIDDEN TESTS

# %% [markdown]
# C! grows quickly: 2, 6, 24, 120, … For many sources the same minimum is an *assignment problem*, and the Hungarian
# algorithm solves it in $O(C^3)$. The library's `losses.permutation_invariant` switches to it beyond four sources.

# %% [markdown]
# ## 5 · Encoder, masker, decoder
#
# Why mask the STFT? Its filters are windowed sines, a choice made long before anyone saw this data. **TasNet**
# (time-domain audio separation network, 2018) keeps the three steps and learns the filters:
#
# $$\underbrace{w = \operatorname{ReLU}(U * x)}_{\text{encoder}} \qquad
# \underbrace{M_c = \operatorname{masker}(w)}_{\text{separator}} \qquad
# \underbrace{\hat s_c = V *^\top (M_c \odot w)}_{\text{decoder}}$$
#
# $U$ holds $N$ filters of $L$ samples, applied every $L/2$ samples. $V$ holds the $N$ filters that put the waveform
# back together by overlap-add; $*^\top$ is the transposed convolution. Three differences from the STFT matter:
#
# * $L$ is 2 to 5 ms, not 32: the masker sees far finer time, and the frames carry no separate phase.
# * Here $w \ge 0$, and the mask multiplies it. A filter and its negative are two filters, so a shift in phase is a
#   change of *which* filters are active. Two filters a quarter of a period apart add up to
#   the same tone at another phase when their weights change, and the mask sets the weights.
# * All three parts are trained together, on the SI-SNR of the waveform.
#
# In TasNet $w \ge 0$ is part of the design. The Conv-TasNet paper calls its encoder linear and makes the ReLU optional;
# we keep it, since the picture above needs it.
#
# Two maskers. **TasNet** runs an LSTM over the frames (its encoder is gated by a second filterbank,
# $\operatorname{ReLU}(Ux) \odot \sigma(Gx)$, its segments do not overlap, and its masks are a softmax over sources).
# **Conv-TasNet** (2019) stacks dilated convolutions. Both are one readable file: `course_lib/models/tasnet.py` and
# `course_lib/models/conv_tasnet.py`.

# %%
torch.manual_seed(0)
conv_tasnet, tasnet = models.ConvTasNet(length=32), models.TasNet()
with torch.no_grad():
    encoded = conv_tasnet.encode(mixtures)
    masks = conv_tasnet.masks(encoded)
    steps = {
        "mixture x": mixtures, "encoded w = encode(x)": encoded, "masks M": masks,
        "masked M ⊙ w": masks * encoded[:, None],
        "decoded ŝ": conv_tasnet.decode(masks * encoded[:, None], mixtures.shape[-1]),
        "the same by TasNet": tasnet(mixtures),
    }
ui.table([{"step": name, "shape": str(tuple(x.shape))} for name, x in steps.items()], title="Shapes on the way through")

# %%
ui.table(
    [
        {"model": name, "parameters": sum(p.numel() for p in model.parameters()), "frame (ms)": length / sr * 1000,
         "hop (ms)": hop / sr * 1000, "frames per second": sr / hop}
        for name, model, length, hop in (
            ("STFT, 32 ms", nn.Identity(), 256, 64), ("TasNet", tasnet, tasnet.length, tasnet.length),
            ("Conv-TasNet", conv_tasnet, conv_tasnet.length, conv_tasnet.hop),
        )
    ],
    title="How finely each one sees time",
    caption="A finer hop costs steps. TasNet keeps to 200 a second for its LSTM; convolutions can afford 500.",
)

# %% [markdown]
# ## 6 · A masker made of convolutions
#
# An LSTM at the 500 frames per second of Conv-TasNet would need 500 steps in sequence for one second of sound. A
# convolution does all frames at once, but a short filter sees only its neighbours. A **temporal convolutional network**
# (TCN) reaches far with few layers: block $i$ spreads its three taps $2^i$ frames apart. $X$ blocks with dilations $1,
# 2, \dots, 2^{X-1}$, the whole stack repeated $R$ times, see
#
# $$1 + R\,(P-1)\,(2^X - 1) \ \text{frames}$$
#
# with kernels of $P$ taps. The figure walks back from one output frame, block by block, and marks the frames that reach
# it.

# %%
from course_lib import nn as blocks


def reach(number_of_blocks, repeats):
    """Which input frames reach the middle output frame of a TCN without normalisation, block by block."""
    dilations = [2**i for i in range(number_of_blocks)] * repeats
    seen, rows = {0}, []
    for dilation in reversed(dilations):
        rows.append(sorted(seen))
        seen = {frame + tap * dilation for frame in seen for tap in (-1, 0, 1)}
    rows.append(sorted(seen))
    fig, ax = plt.subplots(figsize=(9, 2.9), layout="constrained")
    for depth, row in enumerate(rows):
        ax.plot(row, [len(rows) - 1 - depth] * len(row), "|", color="C0", markersize=9)
    field = blocks.receptive_field(kernel=3, blocks=number_of_blocks, repeats=repeats)
    title = f"{len(dilations)} blocks reach {field} frames = {field * conv_tasnet.hop / sr * 1000:.0f} ms"
    ax.set(xlabel="frame, relative to the output frame", ylabel="after block (0: input)", title=title, xlim=(-150, 150))
    return fig, f"Frames that reach one output frame, widening from the top to the bottom; {title}."


ui.explore(reach, question="Which grows the reach faster, one more block per stack or one more stack? "
           "What does the second stack add that one more block would not?",
           number_of_blocks=(2, 6, 1, 5), repeats=[1, 2])

# %% [markdown]
# One more block doubles the reach, one more stack only adds. The later stacks buy *depth*: the network looks at the
# near neighbourhood again, knowing what lay far away.
#
# ### Global layer normalisation
#
# Activations must keep a sane size through dozens of blocks. **gLN** takes one mean and one variance per example, over
# channels $k$ *and* frames $t$, then gives each channel a gain and an offset of its own:
#
# $$\text{gLN}(x)_{k,t} = \frac{x_{k,t} - \operatorname{E}[x]}{\sqrt{\operatorname{Var}[x] + \epsilon}}\,
# \gamma_k + \beta_k .$$
#
# It differs from batch normalisation (one example does not see the others), from a norm per frame (the ratio of loud to
# quiet frames survives) and from a norm per channel (the distances between channels survive). Its price: statistics
# over the whole excerpt mean that the network must hear the future. The causal variant of the paper, *cumulative* layer
# norm (cLN), takes running sums instead.

# %%
x = torch.randn(1, 3, 200) * torch.linspace(0.2, 2, 200) + torch.tensor([1.0, 0.0, -1.0])[None, :, None]
normed = {
    "input": x, "gLN: over channels and frames": nn.functional.group_norm(x, 1),
    "per frame (layer norm)": nn.functional.layer_norm(x.mT, (3,)).mT, "per channel": nn.functional.instance_norm(x),
}
fig, axes = plt.subplots(1, 4, figsize=(12, 2.6), layout="constrained", sharey=True)
for ax, (name, y) in zip(axes, normed.items(), strict=True):
    ax.plot(y[0].T, linewidth=0.7)
    ax.set(title=name, xlabel="frame")
axes[0].set_ylabel("activation")
ui.show(
    fig,
    alt="Three channels before and after three norms. gLN keeps the growth over time and the distance between "
    "channels, the norm per frame flattens the growth, the norm per channel removes the distances.",
)

# %% [markdown]
# gLN keeps the swell in time and the distance between the channels. Per frame, the swell is gone. Per channel, the
# distances are gone.
#
# ### Exercise 19.3 · Global layer norm   ★☆☆ · 10 min · 1 point
#
# **Goal.** Write gLN with tensor operations.
#
# | | |
# |---|---|
# | `x` | `Float[Tensor, "batch channels frames"]` |
# | `gain`, `offset` | `Float[Tensor, "channels"]`, $\gamma$ and $\beta$ |
# | `eps` | added to the variance, inside the root |
# | returns | the same shape as `x` |
#
# The variance is the mean of the squared deviations (divide by $n$). **Target:** with gain 1 and offset 0 each example
# of the result has mean 0 and variance 1.
#
# <details><summary>Hint 1 · the idea</summary>
# <code>mean</code> and <code>var</code> take a tuple of axes and <code>keepdim=True</code>.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# mean = x.mean((1, 2), keepdim=True)
# ```
# </details>
#
# **If the shape passes and the values fail:** over which axes do mean and variance run? And `torch.var` divides by
# $n - 1$ unless told `correction=0`.

# %% nbgrader={"grade_id": "global_layer_norm", "solution": true}
def global_layer_norm(
    x: Float[Tensor, "batch channels frames"], gain: Float[Tensor, "channels"], offset: Float[Tensor, "channels"],
    eps: float = 1e-8,
) -> Float[Tensor, "batch channels frames"]:
    """Normalise each example over channels and frames, then scale and shift each channel."""
    ### BEGIN SOLUTION
    mean = x.mean((1, 2), keepdim=True)
    variance = x.var((1, 2), correction=0, keepdim=True)
    return (x - mean) / torch.sqrt(variance + eps) * gain[:, None] + offset[:, None]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_global_layer_norm", "points": 1}
checks.tasnet.global_layer_norm(global_layer_norm)
### BEGIN HIDDEN TESTS
checks.tasnet.global_layer_norm(global_layer_norm, rng=grading_rng(), cases=60)
### END HIDDEN TESTS

# %% [markdown]
# ### The block
#
# ```
# x (B) ──┬──▶ 1×1 conv ──▶ PReLU ──▶ gLN ──▶ depthwise conv ──▶ PReLU ──▶ gLN ──┬──▶ 1×1 conv ──▶ skip (B)
#         │     B to H                       H to H, dilation d                  │     H to B
#         │                                                                      └──▶ 1×1 conv ──┐
#         │                                                                            H to B    │
#         └────────────────────────────────────────────────────────────────────────────────────▶ + ──▶ output (B)
# ```
#
# The output goes to the next block. The skips of all blocks are summed. A PReLU, a 1×1
# convolution to $C \cdot N$ channels and a sigmoid turn the sum into $C$ masks.
#
# A *1×1 convolution* mixes the channels of one frame and sees no other frame. *PReLU* is a ReLU whose negative side has
# a learned slope.
#
# Two ideas save parameters. The 1×1 convolutions go from $B$ channels to a wider $H$ and back. The convolution over
# time is **depthwise**: each of the $H$ channels has one filter of its own (`groups=H`), $H P$ weights in place of
# $H^2 P$.
#
# ### Exercise 19.4 · TCN block   ★★☆ · 25 min · 2 points
#
# **Goal.** Write the block above as an `nn.Module` that keeps the number of frames for every dilation.
#
# | | |
# |---|---|
# | `TCNBlock(channels, hidden, *, kernel=3, dilation=1)` | `kernel` is odd |
# | `forward(x)` | `x`: `Float[Tensor, "batch channels frames"]` |
# | returns | `(output, skip)`, both shaped like `x`; `output` is `x` plus the residual |
# | made of | `nn.Conv1d` with bias, `nn.PReLU()` with one slope, `GlobalLayerNorm(hidden)` |
#
# Name the parts as you like: the check knows them by the shapes of their weights. Residual and skip are two
# convolutions. Use the order conv, PReLU, norm.
# **Target:** `TCNBlock(64, 128)` has 25,858 parameters (count them by hand once).
#
# <details><summary>Hint 1 · the idea</summary>
# A filter of <code>kernel</code> taps that are <code>dilation</code> frames apart spans
# <code>dilation * (kernel - 1) + 1</code> frames. Pad both sides so that as many frames come out as go in.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# self.conv = nn.Conv1d(channels, hidden, 1)
# ```
# </details>
#
# **If the first call passes and larger dilations fail:** the padding does not grow with the dilation. **If the count is
# too large:** `groups` is missing.

# %% nbgrader={"grade_id": "tcn_block", "solution": true}
from course_lib.nn import GlobalLayerNorm


class TCNBlock(nn.Module):
    """Dilated depthwise block of Conv-TasNet with residual and skip output."""

    def __init__(self, channels: int, hidden: int, *, kernel: int = 3, dilation: int = 1):
        super().__init__()
        ### BEGIN SOLUTION
        padding = dilation * (kernel - 1) // 2
        self.body = nn.Sequential(
            nn.Conv1d(channels, hidden, 1),
            nn.PReLU(),
            GlobalLayerNorm(hidden),
            nn.Conv1d(hidden, hidden, kernel, dilation=dilation, padding=padding, groups=hidden),
            nn.PReLU(),
            GlobalLayerNorm(hidden),
        )
        self.residual = nn.Conv1d(hidden, channels, 1)
        self.skip = nn.Conv1d(hidden, channels, 1)
        ### END SOLUTION

    def forward(
        self, x: Float[Tensor, "batch channels frames"]
    ) -> tuple[Float[Tensor, "batch channels frames"], Float[Tensor, "batch channels frames"]]:
        ### BEGIN SOLUTION
        hidden = self.body(x)
        return x + self.residual(hidden), self.skip(hidden)
        ### END SOLUTION

# %% nbgrader={"grade_id": "test_tcn_block", "points": 2}
checks.tasnet.tcn_block(TCNBlock)
### BEGIN HIDDEN TESTS
checks.tasnet.tcn_block(TCNBlock, rng=grading_rng(), cases=20)
### END HIDDEN TESTS

# %% [markdown]
# Where do the parameters of a Conv-TasNet sit? The 1×1 convolutions hold nearly all of them, and the filters over time
# next to none.

# %%
def share(test):
    """Parameters whose tensor passes the test, as a number."""
    return sum(p.numel() for name, p in conv_tasnet.named_parameters() if test(name, p))


total = share(lambda name, p: True)
parts = {
    "encoder and decoder filters": share(lambda name, p: name.startswith(("encoder", "decoder"))),
    "1×1 convolutions": share(lambda name, p: p.ndim == 3 and p.shape[-1] == 1),
    "depthwise filters over time": share(lambda name, p: name.startswith("masker") and p.ndim == 3 and p.shape[-1] > 1),
}
parts["biases, norms and PReLUs"] = total - sum(parts.values())
ui.table([{"part": k, "parameters": v, "share (%)": 100 * v / total} for k, v in parts.items()],
         title=f"Conv-TasNet with {total:,} parameters")

# %% [markdown]
# ## 7 · Deep clustering: separate by grouping
#
# Section 4 assigned outputs to voices. One year earlier came another answer to "which output is which": do not assign,
# **group**. A network (bidirectional LSTM layers, BLSTM, on the log spectrogram) maps every time-frequency bin $n$ to a
# vector $v_n \in \mathbb R^K$ of unit length. Bins of one voice should point the same way, bins of different voices
# should be orthogonal. Nothing in that sentence numbers the voices.
#
# (The letters are those of the paper: $V$ and $N$ are not the decoder and its filters.) Stack the vectors into $V \in
# \mathbb R^{N \times K}$ and the truth into the one-hot $Y \in \{0,1\}^{N \times C}$. Then $VV^\top$ and $YY^\top$ hold
# the **affinity** of every pair of bins, and the loss compares them:
#
# $$\mathcal C = \big\|VV^\top - YY^\top\big\|_F^2 .$$
#
# Reorder the columns of $Y$ and $YY^\top$ stays the same: the loss is permutation-invariant by construction. At test
# time **k-means** (give each vector to the nearest of $C$ centres, move the centres to the means of their vectors,
# repeat) finds $C$ clusters, and each cluster is a binary mask.

# %%
small = signal.stft(voices[:, : sr // 2], 64, 32)
owner = small.abs().argmax(0).flatten()
by_time = torch.nn.functional.one_hot(owner, 2).float()
by_voice = torch.nn.functional.one_hot(owner.sort().values, 2).float()
pick = torch.linspace(0, len(owner) - 1, 120).long()
fig, axes = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
for ax, Y, title in ((axes[0], by_time, "bins in their order"), (axes[1], by_voice, "bins sorted by voice")):
    ax.imshow(Y[pick] @ Y[pick].T, cmap="cividis", interpolation="nearest")
    ax.grid(False)
    ax.set(title=f"YYᵀ, {title}", xlabel="bin m", ylabel="bin n")
ui.show(
    fig,
    alt="The ideal affinity matrix looks like random stripes in the order of the bins, and like two bright "
    "squares once the bins are sorted by voice.",
)

# %% [markdown]
# Both are the same matrix; sorting the bins lets you see what it says. For a real excerpt it is far too large to form:

# %%
net = models.DeepClustering()
K = net.embedding
bins = net.stft(mixtures)[0].numel()
ui.table(
    [
        {"quantity": f"bins N in {len(mixture) / sr:.0f} s", "value": bins},
        {"quantity": "affinity matrix N × N in float32 (GB)", "value": bins**2 * 4 / 1e9},
        {"quantity": "VᵀV, VᵀY and YᵀY together (kB)", "value": (K * K + K * 2 + 2 * 2) * 4 / 1e3},
    ],
    title="Why the low-rank form",
)

# %% [markdown]
# The way out is one line of algebra. For any $A$, $\|A\|_F^2 = \operatorname{tr}(A^\top A)$, and the trace does not
# mind if factors go round in a circle: $\operatorname{tr}(VV^\top VV^\top) = \operatorname{tr}(V^\top V V^\top V)$. So
#
# $$\big\|VV^\top - YY^\top\big\|_F^2
# = \big\|V^\top V\big\|_F^2 - 2\,\big\|V^\top Y\big\|_F^2 + \big\|Y^\top Y\big\|_F^2 ,$$
#
# with matrices of size $K\times K$, $K\times C$ and $C\times C$. Silent bins belong to nobody, so each bin gets a
# weight $w_n$ (0 if silent), and the pair $(n, m)$ counts $w_n w_m$. That is the same formula with row $n$ of both $V$
# and $Y$ multiplied by $\sqrt{w_n}$.
#
# ### Exercise 19.5 · Deep-clustering loss   ★★☆ · 20 min · 2 points
#
# **Goal.** The weighted mean of the squared affinity error, without any $N \times N$ matrix.
#
# | | |
# |---|---|
# | `embedding` | `Float[Tensor, "batch bins K"]`, $V$ |
# | `partition` | `Float[Tensor, "batch bins C"]`, $Y$, one-hot |
# | `weight` | `Float[Tensor, "batch bins"]`, $w \ge 0$, not all zero |
# | returns | `Float[Tensor, "batch"]`, see below |
#
# $$\mathcal C_w = \sum_{n,m} w_n w_m \big(VV^\top - YY^\top\big)_{nm}^2 \Big/ \Big(\sum_n w_n\Big)^2$$
#
# **Target:** 0 for $V = Y$; 0.5 for two voices of equal share when all vectors are the same. One check uses 300,000
# bins.
#
# <details><summary>Hint 1 · the idea</summary>
# Scale the rows of both matrices first. After that the formula has no weights left in it.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# root = weight.sqrt()[..., None]
# ```
#
# `embedding.mT @ embedding` is $V^\top V$ of every example.
# </details>
#
# **If weights of 0 and 1 pass and others fail:** the rows were multiplied by $w$; it is $\sqrt w$.

# %% nbgrader={"grade_id": "deep_clustering_loss", "solution": true}
def deep_clustering_loss(
    embedding: Float[Tensor, "batch bins K"], partition: Float[Tensor, "batch bins C"],
    weight: Float[Tensor, "batch bins"],
) -> Float[Tensor, "batch"]:
    """Weighted mean squared affinity error of each example, in its low-rank form."""
    ### BEGIN SOLUTION
    root = weight.sqrt()[..., None]
    V, Y = root * embedding, root * partition
    energies = [(a.mT @ b).square().sum((-2, -1)) for a, b in ((V, V), (V, Y), (Y, Y))]
    return (energies[0] - 2 * energies[1] + energies[2]) / weight.sum(1).square()
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_deep_clustering_loss", "points": 2}
checks.tasnet.deep_clustering_loss(deep_clustering_loss)
### BEGIN HIDDEN TESTS
checks.tasnet.deep_clustering_loss(deep_clustering_loss, rng=grading_rng(), cases=60)
### END HIDDEN TESTS

# %% [markdown]
# ## 8 · MixIT: no clean voices at all
#
# PIT needs the separate sources. The world mostly offers mixtures. **Mixture-invariant training** (MixIT, 2020) makes
# do with those. Take two recordings $x_1, x_2$ that are mixtures already, add them, and let the network split the sum
# into $M$ outputs. If it truly separates, the outputs can be sorted into two heaps that add up to $x_1$ and $x_2$:
#
# $$\mathcal L = \min_{A \in \mathbb B^{2 \times M}} \tfrac12 \sum_{i=1}^{2} \ell\big(x_i, [A\hat s]_i\big), \qquad
# \ell(x, \hat x) = 10\log_{10}\frac{\|x - \hat x\|^2 + \tau\|x\|^2}{\|x\|^2},
# \quad \tau = 10^{-\text{SNR}_\text{max}/10}.$$
#
# Every column of $A$ has exactly one 1: each output goes to one mixture. There are $2^M$ such matrices, and heaps of
# unequal size are allowed, also an empty one. The loss is a plain SNR, **not** the scale-invariant one: the outputs
# must add up, so their levels count. $\tau$ makes the loss flat beyond $\text{SNR}_\text{max}$.
#
# Why should the network separate *within* a mixture, too? Because it cannot know which parts came from which recording.
# The only safe strategy is to take everything apart. And $M$ need only be large enough: spare outputs can stay silent.

# %%
other_mixtures, other_sources = known_test(1)
four_voices = torch.stack([sources[0, 0], other_sources[0, 0], sources[0, 1], other_sources[0, 1]])[None]
two_mixtures = torch.stack([mixtures[0], other_mixtures[0]])[None]
loss, assignment = losses.mixit(four_voices, two_mixtures)
print(f"{len(losses.assignments(4))} assignments of 4 outputs to 2 mixtures")
print(f"perfect outputs: loss {loss.item():.1f} dB, assignment {assignment[0].tolist()}")
quarters = two_mixtures.sum(1, keepdim=True).expand(-1, 4, -1) / 4
print(f"four quarters of the sum: loss {losses.mixit(quarters, two_mixtures)[0].item():.1f} dB")

# %% [markdown]
# ### Exercise 19.6 · Mixture-invariant loss   ★★★ · 25 min · 3 points
#
# **Goal.** Find the best assignment of outputs to the two mixtures of each example, and its mean loss.
#
# | | |
# |---|---|
# | `estimates` | `Float[Tensor, "batch outputs samples"]` |
# | `mixtures` | `Float[Tensor, "batch 2 samples"]` |
# | `snr_max` | in dB; $\tau = 10^{-\text{snr\_max}/10}$ |
# | returns | `(loss, assignment)` |
# | `loss` | `Float[Tensor, "batch"]`, the mean of $\ell$ over the two mixtures |
# | `assignment` | `Int[Tensor, "batch outputs"]`: 0 or 1, the mixture that each output is added to |
#
# **Target:** the numbers printed above. One to four outputs are tried.
#
# <details><summary>Hint 1 · the idea</summary>
# Write all assignments as a table of shape (2^M, M) with entries 0 and 1. The sum for mixture 1 is
# <code>table @ estimates</code>, the sum for mixture 0 is <code>(1 − table) @ estimates</code>.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# table = torch.tensor(list(itertools.product((0, 1), repeat=estimates.shape[1])))
# table.to(estimates) @ estimates      # a matrix product needs one dtype; the input may be float32 or float64
# ```
# </details>
#
# **If some examples pass and others fail:** do you try heaps of unequal size, and the empty one? **If the loss is too
# small:** an output serves both mixtures or none.

# %% nbgrader={"grade_id": "mixit", "solution": true}
import itertools


def mixit(
    estimates: Float[Tensor, "batch outputs samples"], mixtures: Float[Tensor, "batch 2 samples"], snr_max: float = 30.0
) -> tuple[Float[Tensor, "batch"], Int[Tensor, "batch outputs"]]:
    """Loss of the best assignment of the outputs to the two mixtures of each example, and the assignment."""
    ### BEGIN SOLUTION
    table = torch.tensor(list(itertools.product((0, 1), repeat=estimates.shape[1])))
    heaps = torch.stack([1 - table, table], 1).to(estimates)                      # (2^M, 2, M)
    sums = torch.einsum("aio,bot->bait", heaps, estimates)
    energy = mixtures.square().sum(-1)[:, None]
    error = (mixtures[:, None] - sums).square().sum(-1)
    losses_db = 10 * torch.log10(error / energy + 10 ** (-snr_max / 10))
    loss, best = losses_db.mean(2).min(1)
    return loss, table[best]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_mixit", "points": 3}
checks.tasnet.mixit(mixit)
### BEGIN HIDDEN TESTS
checks.tasnet.mixit(mixit, rng=grading_rng(), cases=60)
### END HIDDEN TESTS

# %% [markdown]
# ## 9 · Dual path: a recurrence that is never long
#
# The filters of Conv-TasNet see a fixed number of frames. An LSTM sees all, one after another, and forgets. The
# **dual-path RNN** (2020) cuts the $T$ frames into chunks of $K$ with 50 % overlap. One LSTM runs *inside* each chunk,
# a second one runs *across* the chunks. With $K \approx \sqrt{2T}$ both recurrences have about $\sqrt{2T}$ steps, and
# two passes connect any two frames. SepFormer puts transformers in the place of both LSTMs.

# %%
frames = encoded[:1, :16]                                                          # (1, 16, T)
T = frames.shape[-1]
chunk = 2 * round((2 * T) ** 0.5 / 2)
chunks = blocks.split_chunks(frames, chunk)
block = blocks.DualPathBlock(16, 24)
error = (blocks.overlap_add_chunks(chunks, T) - frames).abs().max().item()
probe = blocks.DualPathBlock(16, 24)
probe.norms = nn.ModuleList(nn.Identity() for _ in range(2))                      # gLN alone would join all frames
leaf = frames.clone().requires_grad_(True)
blocks.overlap_add_chunks(probe(blocks.split_chunks(leaf, chunk)), T)[0, :, T // 2].sum().backward()
reached = (leaf.grad[0].abs().sum(0) > 0).float().mean().item()
ui.table(
    [
        {"quantity": "frames T", "value": T},
        {"quantity": "chunk length K", "value": chunk},
        {"quantity": "chunks", "value": chunks.shape[-1]},
        {"quantity": "steps of one long recurrence", "value": T},
        {"quantity": "steps of the dual path", "value": chunk + chunks.shape[-1]},
        {"quantity": "largest error of split and overlap-add", "value": error},
        {"quantity": "frames that reach the middle frame, without gLN (%)", "value": 100 * reached},
    ],
    title="One dual-path block",
)

# %% [markdown]
# ## 10 · Experiment
#
# **Questions.** Can a waveform model pass the ideal mask? Does PIT beat a fixed order? What does the model know about a
# voice that it never heard?
#
# **Fair play.** The systems train on mixtures of the four known speakers, takes 5 to 49. They are tested on takes 0 to
# 4 of the same speakers and on takes 0 to 4 of the two speakers that were held out (the *strangers*). No recording and
# no stranger of a test is ever trained on. `full` trains longer and repeats PIT against fixed order with three seeds,
# which change the weights and the mixtures.
#
# In `smoke` the networks make two or three steps, and their numbers mean nothing.
#
# To resume after a lost session, set the environment variable `COURSE_CHECKPOINTS` to a folder that survives it.

# %%
import os
import time
from pathlib import Path

SEED = 0
main_steps, short_steps, test_batches, seeds = device.choose(
    smoke=(3, 2, 1, (0,)), laptop=(1200, 300, 6, (0,)), full=(8000, 1500, 12, (0, 1, 2))
)
per_batch, exam_batch = device.choose(smoke=(2, 2), laptop=(4, 8), full=(8, 8))
rate = device.choose(smoke=2e-3, laptop=3e-3, full=2e-3)            # peak of the learning rate
where = device.get()
train_digits, _ = data.digits_or_generated(
    speakers=KNOWN, takes=device.choose(smoke=range(5, 8), laptop=TRAIN_TAKES, full=TRAIN_TAKES)
)
stranger_test_digits, _ = data.digits_or_generated(speakers=UNSEEN, takes=TEST_TAKES)
stranger_digits, _ = data.digits_or_generated(
    speakers=UNSEEN, takes=device.choose(smoke=range(5, 8), laptop=TRAIN_TAKES, full=TRAIN_TAKES)
)


def training_mixtures(digits=train_digits, seed=SEED):
    """Endless batches of one-second mixtures, another stream for each seed."""
    return TwoSpeakerMixtures(digits, seconds=1.0, batch=per_batch, seed=seed)


known_exam = TwoSpeakerMixtures(test_digits, seconds=2.0, batch=exam_batch, seed=2)
stranger_exam = TwoSpeakerMixtures(stranger_test_digits, seconds=2.0, batch=exam_batch, seed=2)
started = time.perf_counter()


def fit(model, loss_fn, *, name, steps, batches=None, seed=SEED):
    """Train with AdamW and one warm-up-and-cosine cycle; the same recipe for every system."""
    folder = os.environ.get("COURSE_CHECKPOINTS")
    return train.fit(
        model, batches or training_mixtures(seed=seed), loss_fn, steps=steps, seed=seed, description=name,
        optimizer=torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.99)),
        schedule=train.warmup_cosine(steps, warmup=steps // 8),
        checkpoint=Path(folder) / f"19_tasnet-{device.profile()}-{name}.ckpt" if folder else None,
    )


def pit_loss(model, batch):
    """Minus the SI-SNR of the best permutation."""
    mixture, sources = batch
    return losses.pit_si_snr_loss(model(mixture), sources)


def fixed_loss(model, batch):
    """Minus the SI-SNR with the sources in the order they came."""
    mixture, sources = batch
    return losses.si_snr_loss(model(mixture), sources)

# %% [markdown]
# ### The main run: Conv-TasNet with PIT

# %%
torch.manual_seed(SEED)
main = models.ConvTasNet(length=32)
histories = {"Conv-TasNet, PIT": fit(main, pit_loss, name="Conv-TasNet", steps=main_steps)}

# %% [markdown]
# ### PIT against a fixed order
#
# A smaller Conv-TasNet, trained twice from the same weights on the same batches. Only the loss differs.

# %%
SMALL = {"length": 32, "filters": 64, "bottleneck": 48, "hidden": 96, "blocks": 6, "repeats": 1}
pit_runs, fixed_runs = [], []
for seed in seeds:
    for runs, name, loss_fn in ((pit_runs, "PIT", pit_loss), (fixed_runs, "fixed order", fixed_loss)):
        torch.manual_seed(seed)
        runs.append(models.ConvTasNet(**SMALL))
        histories[f"small, {name}, seed {seed}"] = fit(
            runs[-1], loss_fn, name=f"{name}-{seed}", steps=short_steps, seed=seed
        )

# %% [markdown]
# ### The control: are the two strangers harder to separate?
#
# The same small network, the same budget, trained on the two speakers that all others never hear.

# %%
torch.manual_seed(SEED)
swapped = models.ConvTasNet(**SMALL)
histories["small, trained on the strangers"] = fit(
    swapped, pit_loss, name="strangers", steps=short_steps, batches=training_mixtures(stranger_digits)
)

# %% [markdown]
# ### TasNet, deep clustering, MixIT
#
# TasNet trains with PIT, deep clustering with its affinity loss, MixIT on sums of two mixtures without ever seeing a
# clean voice. The MixIT network has four outputs that are made to add up to its input. Its task here is a hard one:
# with four speakers, two random pairs share a voice five times in six, and the network is tested on one mixture while
# it was trained on sums of two.

# %%
torch.manual_seed(SEED)
lstm, clustering = models.TasNet(), models.DeepClustering()
unsupervised = models.ConvTasNet(4, consistent=True, **SMALL)


def clustering_loss(model, batch):
    """Affinity loss of the embeddings."""
    partition, weight = model.targets(*batch)
    return losses.deep_clustering_loss(model(batch[0]), partition, weight=weight).mean()


def mixit_loss(model, mixtures):
    """Loss of the best split of the sum into its two mixtures; no sources in sight."""
    return losses.mixit(model(mixtures.sum(1)), mixtures)[0].mean()


two_streams = training_mixtures(), training_mixtures(seed=SEED + 1000)
histories["TasNet (LSTM), PIT"] = fit(lstm, pit_loss, name="TasNet", steps=short_steps)
histories["deep clustering"] = fit(clustering, clustering_loss, name="deep-clustering", steps=short_steps)
histories["MixIT"] = fit(
    unsupervised, mixit_loss, name="MixIT", steps=short_steps,
    batches=lambda step: torch.stack([stream(step)[0] for stream in two_streams], 1),
)

# %% [markdown]
# ### Can a waveform model pass the ideal mask at all?
#
# A different question from "does it generalise". Train a Conv-TasNet on **one** mixture only, the one you heard in
# section 1 (its first second). If even that stays below the ideal masks, waveform masking has a ceiling as well. If it
# passes them, the mixture's phase is no limit any more, and only learning is.

# %%
one_mixture, one_pair = mixture[None, :sr], voices[None, :, :sr]
torch.manual_seed(SEED)
memory = models.ConvTasNet(**SMALL)
histories["one mixture"] = fit(
    memory, pit_loss, name="one-mixture", steps=device.choose(smoke=2, laptop=200, full=2000),
    batches=lambda step: (one_mixture, one_pair),
)

# %%
with torch.no_grad():
    memorised = metrics.separation_scores(memory(one_mixture.to(where)), one_pair.to(where), one_mixture.to(where))
ideal = {
    name: metrics.separation_scores(apply_ideal_mask(mask, one_mixture, one_pair), one_pair, one_mixture)
    .improvement.item()
    for name, mask in MASKS.items()
}
remembered = memorised.improvement.item()
ui.table(
    [{"estimate": f"{name} mask (oracle)", "SI-SNRi (dB)": value} for name, value in ideal.items()]
    + [{"estimate": f"Conv-TasNet after {len(histories['one mixture'].steps)} steps on this mixture",
        "SI-SNRi (dB)": remembered}],
    title="One mixture, known by heart",
)

# %% [markdown]
# ### The table
#
# Two baselines do nothing: the mixture in both outputs, and the mixture in one output with silence in the other. The
# second one is not worth 0 dB, because the SI-SNR of silence is 0 dB and that of the weaker voice's mixture is below.
# MixIT has four outputs for two voices; the true sources say which belong together, so an untrained network with the
# same help stands beside it.

# %%
def score(separate, make_batch):
    """SI-SNRi in dB of every test mixture; `separate(mixtures, sources)` of an oracle may look at the sources."""
    values = []
    with torch.no_grad():
        for step in range(test_batches):
            mixtures, sources = (x.to(where) for x in make_batch(step))
            values.append(metrics.separation_scores(separate(mixtures, sources), sources, mixtures).improvement)
    return torch.cat(values)


def row(name, separate, history=None, model=None):
    """One line of the table, with its budget; ± is a 95 % interval of the mean over mixtures."""
    line = {"system": name}
    for key, exam in (("known voices", known_exam), ("strangers", stranger_exam)):
        gains = score(separate, exam)
        line |= {f"{key} (dB)": gains.mean().item(), f"± {key}": 1.96 * gains.std().item() / len(gains) ** 0.5}
    return line | {
        "parameters": sum(p.numel() for p in model.parameters()) if model else None,
        "steps": len(history.steps) if history else None,
        "training (s)": round(history.seconds) if history else None,
    }


def trained(name, model, history):
    """The line of a network that maps mixtures to sources."""
    return row(name, lambda m, s: model(m), histories[history], model)


def grouped(model):
    """Four outputs into two heaps: an oracle, the sources, says which of them belong together."""
    def separate(mixtures, sources):
        outputs = model(mixtures)
        member = torch.nn.functional.one_hot(losses.mixit(outputs, sources)[1], 2).to(outputs)
        return torch.einsum("boi,bot->bit", member, outputs)
    return separate


torch.manual_seed(SEED)
untrained = models.ConvTasNet(4, consistent=True, **SMALL).to(where).eval()
rows = [
    row("mixture (baseline)", lambda m, s: m[:, None].expand_as(s)),
    row("mixture and silence (baseline)", lambda m, s: torch.stack([m, torch.zeros_like(m)], 1)),
    *(row(f"{name} mask (oracle)", lambda m, s, mask=mask: apply_ideal_mask(mask, m, s))
      for name, mask in MASKS.items()),
    trained("Conv-TasNet, PIT, long run", main, "Conv-TasNet, PIT"),
    *(trained(f"small Conv-TasNet, PIT, seed {seed}", run, f"small, PIT, seed {seed}")
      for seed, run in zip(seeds, pit_runs, strict=True)),
    *(trained(f"small Conv-TasNet, fixed order, seed {seed}", run, f"small, fixed order, seed {seed}")
      for seed, run in zip(seeds, fixed_runs, strict=True)),
    trained("small Conv-TasNet, PIT, trained on the strangers", swapped, "small, trained on the strangers"),
    trained("TasNet (LSTM), PIT", lstm, "TasNet (LSTM), PIT"),
    row("deep clustering", lambda m, s: clustering.separate(m), histories["deep clustering"], clustering),
    row("MixIT untrained, grouped by the oracle", grouped(untrained)),
    row("MixIT, grouped by the oracle", grouped(unsupervised), histories["MixIT"], unsupervised),
]

# %% tags=["results"]
def mean_of(start, key="known voices (dB)"):
    """Mean of a column over the rows whose system begins with `start` (several seeds)."""
    return float(np.mean([line[key] for line in rows if line["system"].startswith(start)]))


best, binary = mean_of("Conv-TasNet, PIT"), mean_of("IBM")
strangers = mean_of("Conv-TasNet, PIT", "strangers (dB)")
gaps = [
    mean_of(f"small Conv-TasNet, PIT, seed {seed}") - mean_of(f"small Conv-TasNet, fixed order, seed {seed}")
    for seed in seeds
]
shown = "possible" if remembered > max(ideal.values()) else "not shown possible"
verdict = (
    f"PIT {'beats' if min(gaps) > 0 else 'does not always beat'} the fixed order: "
    f"{', '.join(f'{gap:+.1f}' for gap in gaps)} dB at equal budget. Conv-TasNet "
    f"{'passes' if best > binary else 'stays below'} the ideal binary mask on new recordings of known voices "
    f"({best:.1f} against {binary:.1f} dB) and gains {strangers:.1f} dB on strangers. On the one mixture it was "
    f"trained on, a small Conv-TasNet reaches {remembered:.1f} dB; the ideal masks reach {min(ideal.values()):.1f} to "
    f"{max(ideal.values()):.1f} dB. So passing them is {shown} for the model, and "
    f"{'reached' if best > binary else 'not reached'} on new recordings."
)
kind = "generated" if "generated" in data_note else "recorded"
ui.results(
    rows, title=f"SI-SNR improvement on {test_batches * exam_batch} mixtures of unseen takes, {kind} digits", seed=SEED,
    seconds=time.perf_counter() - started, verdict=verdict,
    claim="A waveform model can surpass the ideal binary mask; PIT is needed where sources have no order.",
)

# %%
smooth = lambda v, n: np.convolve(v, np.ones(n) / n, "valid") if len(v) >= n else np.array(v)
fig, axes = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
small_runs = [f"small, {loss_name}, seed {seeds[0]}" for loss_name in ("PIT", "fixed order")]
for name in ("Conv-TasNet, PIT", *small_runs, "TasNet (LSTM), PIT"):
    axes[0].plot(-smooth(histories[name].loss, 25), label=name)
axes[0].set(xlabel="step", ylabel="SI-SNR as each loss sees it (dB)", title="Learning (mean of 25 steps)")
axes[0].legend()
height = np.arange(len(rows) - 1)
for shift, key in ((-0.2, "known voices"), (0.2, "strangers")):
    axes[1].barh(height + shift, [line[f"{key} (dB)"] for line in rows[1:]], 0.4, label=key,
                 xerr=[line[f"± {key}"] for line in rows[1:]], error_kw={"elinewidth": 0.8})
axes[1].set(yticks=height, yticklabels=[line["system"] for line in rows[1:]], xlabel="SI-SNRi (dB)", title="Test")
axes[1].invert_yaxis()
axes[1].legend()
ui.show(
    fig,
    alt="Left: SI-SNR in training over the steps. Right: improvement of each system on known voices and on strangers, "
    "with 95 percent intervals over mixtures.",
)

# %% [markdown]
# How to read the table. ± says how far other mixtures of the same speakers would move the mean. It says nothing of
# other speakers or of another run.
#
# * **PIT against fixed order.** Same network, same start, same batches; only the loss differs. Compare the two rows
#   with the doing-nothing baselines and with the flat curve of section 4. The two training curves are not one
#   quantity: PIT plots the better of two orders.
# * **Known voices against strangers.** Look at three rows together: the ideal masks, the small PIT network, and the
#   small network trained on the strangers. What they say is the question of exercise 19.7. It is one pair of
#   strangers: trust the sign of a gap, not its size.
# * **The ideal mask.** Two questions, two numbers. The mixture known by heart asks what the *model* can express: past
#   the masks, the mixture's phase is no limit any more. The unseen takes ask what it has *learned*. Published, with 30
#   hours of training speech (WSJ0-2mix, SI-SNRi): Conv-TasNet 15.3 dB against 13.0 dB for the binary mask.
# * **Budgets.** One comparison in this table is fair: PIT against fixed order (and the two small networks of the
#   control). TasNet, deep clustering and MixIT are there to show that each learns. They differ in size, and one
#   learning rate was not made for all of them, so do not rank them. The long run is there to be listened to.

# %% [markdown]
# ### What did the encoder learn?

# %%
filters = main.encoder.weight.detach().cpu()[:, 0]                                 # (N, L)
response = torch.fft.rfft(filters, 256).abs()
order = response.argmax(-1).argsort()
fig, axes = plt.subplots(1, 3, figsize=(12, 3.4), layout="constrained")
limit = filters.abs().max()
axes[0].imshow(filters[order].T, aspect="auto", cmap="PuOr", vmin=-limit, vmax=limit,
               extent=(0, len(filters), 32 / sr * 1000, 0), interpolation="nearest")
for ax in axes[:2]:
    ax.grid(False)
axes[0].set(xlabel="filter, sorted by its peak", ylabel="time (ms)", title="encoder filters U")
axes[1].imshow((response / response.amax(-1, keepdim=True))[order].T, aspect="auto", origin="lower", cmap="cividis",
               extent=(0, len(filters), 0, sr / 2000), interpolation="nearest")
axes[1].set(xlabel="filter, sorted by its peak", ylabel="frequency (kHz)", title="their frequency responses")
centre = response.argmax(-1)[order] * sr / 256
axes[2].plot(centre, label="learned")
torch.manual_seed(SEED)
fresh = torch.fft.rfft(models.ConvTasNet(length=32).encoder.weight.detach()[:, 0], 256).abs()
axes[2].plot(fresh.argmax(-1).sort().values * sr / 256, ":", label="before training")
axes[2].plot(np.linspace(0, sr / 2, len(filters)), "--", color="0.5", label="STFT: evenly spaced")
axes[2].set(xlabel="filter, sorted by its peak", ylabel="peak (Hz)", title="where the filters listen")
axes[2].legend()
ui.show(
    fig,
    alt="Learned encoder filters sorted by peak frequency, their frequency responses, and three curves of peaks: "
    "learned, before training, and the straight line of an STFT.",
)

# %%
below, before = ((peaks < 1000).float().mean().item() for peaks in (centre, fresh.argmax(-1) * sr / 256))
print(f"{100 * below:.0f} % of the filters peak below 1 kHz, {100 * before:.0f} % before training; "
      f"in an STFT it would be {100 * 1000 / (sr / 2):.0f} %.")

# %% [markdown]
# Compare the three curves on the right. Nobody told the network about mel scales. Where its curve lies below the dotted
# one, training has moved filters to low frequencies, as the ear does.
#
# ### What did the embeddings learn?

# %%
demo_mixture, demo_sources = (x.to(where) for x in known_exam(2))
with torch.no_grad():
    vectors = clustering(demo_mixture[:1])[0]
partition, weight = clustering.targets(demo_mixture[:1], demo_sources[:1])
active = weight[0] > 0
points = vectors[active]
_, _, axes_of = torch.pca_lowrank(points, q=2)
plane = ((points - points.mean(0)) @ axes_of).cpu()
label = partition[0][active].argmax(-1).cpu()
keep = torch.linspace(0, len(plane) - 1, min(1500, len(plane))).long()
fig, ax = plt.subplots(figsize=(5.2, 4), layout="constrained")
for voice, (colour, marker) in enumerate((("C0", "o"), ("C1", "^"))):
    chosen = plane[keep][label[keep] == voice]
    ax.scatter(*chosen.T, s=6, c=colour, marker=marker, alpha=0.5, label=f"voice {voice + 1} is stronger")
ax.set(xlabel="first principal axis", ylabel="second principal axis", title="Embeddings of one mixture's bins")
ax.legend(markerscale=2)
ui.show(
    fig,
    alt="Embeddings of the bins of one mixture in their two main directions, coloured by the voice that is stronger in "
    "the bin.",
)

# %% [markdown]
# ## 11 · Listen
#
# Unseen takes of known voices first, then strangers. All players have the same level.

# %%
def listen(make_batch, step=3):
    """Players for one test mixture: the parts, an ideal mask, and four trained systems."""
    mixtures, sources = (x.to(where) for x in make_batch(step))
    with torch.no_grad():
        estimates = {
            "ideal binary mask": apply_ideal_mask(signal.ideal_binary_mask, mixtures[:1], sources[:1]),
            "Conv-TasNet, long run": main(mixtures[:1]), "fixed order": fixed_runs[0](mixtures[:1]),
            "deep clustering": clustering.separate(mixtures[:1]),
            "MixIT": grouped(unsupervised)(mixtures[:1], sources[:1]),
        }
    sounds = {"mixture": mixtures[0], "voice 1": sources[0, 0], "voice 2": sources[0, 1]}
    for name, estimate in estimates.items():
        result = metrics.separation_scores(estimate, sources[:1], mixtures[:1])
        for voice in range(2):
            sounds[f"{name}, voice {voice + 1} ({result.improvement.item():.1f} dB)"] = result.estimate[0, voice]
    ui.player({name: x.cpu() for name, x in sounds.items()}, sr)


listen(known_exam)

# %%
listen(stranger_exam)

# %% [markdown]
# With known voices, is there one person in front of each output of the long run? With strangers, do its two outputs
# differ at all? And what do both outputs of the fixed order sound like?
#
# ### Demo: how uneven may the voices be?

# %%
def mix_at(snr_db):
    """One mixture at a chosen level difference through the trained model."""
    make = TwoSpeakerMixtures(test_digits, seconds=2.0, batch=4, snr_db=(snr_db, snr_db), seed=5)
    mixtures, sources = (x.to(where) for x in make(0))
    with torch.no_grad():
        result = metrics.separation_scores(main(mixtures), sources, mixtures)
    before = metrics.si_sdr(mixtures[:, None].expand_as(sources), sources).mean(0).cpu()
    after = metrics.si_sdr(result.estimate, sources).mean(0).cpu()
    fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
    position = np.arange(2)
    ax.bar(position - 0.2, before, 0.4, label="mixture")
    ax.bar(position + 0.2, after, 0.4, label="Conv-TasNet")
    ax.axhline(0, color="0.5", linewidth=0.8)
    ax.set(xticks=position, xticklabels=["first voice", "second voice"], ylabel="SI-SNR (dB)", ylim=(-16, 26),
           title=f"first voice {snr_db} dB above the second, mean of {len(mixtures)} mixtures")
    ax.legend()
    return fig, f"SI-SNR of both voices before and after separation at {snr_db} dB.", {
        "mixture": mixtures[0].cpu(), "output for the second voice": result.estimate[0, 1].cpu()
    }


ui.explore(mix_at, question="Training saw differences up to 2.5 dB. At which difference does the model still help the "
           "weaker voice? Does it still help the stronger one?", sr=sr, snr_db=(0, 12, 3, 6))

# %% [markdown]
# ## 12 · Explain
#
# ### Exercise 19.7 · Voices or separation?   ★★☆ · 10 min · 2 points
#
# Your Conv-TasNet gains several decibels on unseen takes of the training speakers and about nothing on two new
# speakers. In four to six sentences: (a) What has the network learned, and how does the network trained on the
# strangers help you to exclude that these two are harder to separate? Why is the row of the ideal masks not enough? (b)
# Why would the test score have misled you if the takes, but not the speakers, had been split? (c) Name one change of
# the data and one measurement that would show whether the change worked.

# %% [markdown] nbgrader={"grade_id": "explain_voices", "solution": true, "points": 2}
# ### BEGIN SOLUTION
# The network has learned what these four people sound like: it can tell apart voices that it knows, and assigns time
# and frequency to them. The network trained on the strangers separates them, so the pair can be learned at this budget;
# the ideal masks show only that the sounds overlap no more, since a mask that is given the answer cannot tell whether
# two voices are alike. With a split by takes only, the test voices would all have been training voices, and the score
# would have measured recognition of known speakers while we would have called it separation. More speakers in training
# (or artificial ones: changing pitch and formants by resampling) should force a cue that holds for any pair of voices,
# such as continuity of pitch and common onsets. Measure SI-SNRi on held-out speakers as a function of the number of
# training speakers, with the number of steps held fixed, over several seeds and several choices of the held-out pair.
# ### END SOLUTION
# === BEGIN MARK SCHEME ===
# 0.5: says that the model knows the training voices (speaker-dependent cues), not separation as such.
# 0.5: uses the network trained on the strangers; or says that ideal masks show equal overlap but not equal likeness of
# the voices.
# 0.5: says that a split by takes leaks speaker identity and overstates the result.
# 0.5: a sensible change (more or synthetic speakers) with a measurement on held-out speakers at equal budget.
# === END MARK SCHEME ===

# %% [markdown]
# ## 13 · Where this goes
#
# The speech corpus of the papers, WSJ0-2mix, trains on 101 speakers, and there known and new speakers score alike
# (Kolbæk et al. 2017): with enough voices, separation itself is what is left to learn.
#
# | system | what is new | paper |
# |---|---|---|
# | Deep clustering | embeddings, permutation-free | [Hershey et al. 2016](https://arxiv.org/abs/1508.04306) |
# | PIT | the best order of each example | [Yu et al. 2017](https://arxiv.org/abs/1607.00325) |
# | uPIT | one order for the whole utterance | [Kolbæk et al. 2017](https://arxiv.org/abs/1703.06284) |
# | TasNet | learned encoder and decoder, LSTM | [Luo and Mesgarani 2018](https://arxiv.org/abs/1711.00541) |
# | SI-SDR | why scale-invariant, and how | [Le Roux et al. 2019](https://arxiv.org/abs/1811.02508) |
# | Conv-TasNet | TCN with gLN, past the ideal masks | [Luo and Mesgarani 2019](https://arxiv.org/abs/1809.07454) |
# | DPRNN | dual path | [Luo, Chen and Yoshioka 2020](https://arxiv.org/abs/1910.06379) |
# | MixIT | training on mixtures only | [Wisdom et al. 2020](https://arxiv.org/abs/2006.12701) |
# | SepFormer | transformers on the dual path | [Subakan et al. 2021](https://arxiv.org/abs/2010.13154) |
#
# The split into encoder, separator and decoder follows [Asteroid](https://arxiv.org/abs/2005.04132), the toolkit to go
# to next. A pretrained Conv-TasNet comes with torchaudio. The cell counts the parameters of the paper's best model with
# our class. Set `COURSE_ONLINE=1` and it fetches 20 MB of weights, trained on the hundreds of voices of Libri2Mix, and
# separates our two strangers. Compare its number with the column of the strangers.

# %%
paper = models.ConvTasNet(filters=512, length=16, bottleneck=128, hidden=512, blocks=8, repeats=3)
field = blocks.receptive_field(kernel=3, blocks=8, repeats=3) * paper.hop / sr
print(f"the paper's Conv-TasNet: {sum(p.numel() for p in paper.parameters()) / 1e6:.2f} M parameters, "
      f"receptive field {field:.2f} s; ours: {total / 1e6:.2f} M")
if os.environ.get("COURSE_ONLINE") == "1":
    from torchaudio.pipelines import CONVTASNET_BASE_LIBRI2MIX

    pretrained = CONVTASNET_BASE_LIBRI2MIX.get_model().eval()          # 8 kHz, two speakers
    strangers, parts = stranger_exam(3)
    with torch.no_grad():
        result = metrics.separation_scores(pretrained(strangers[:, None]), parts, strangers)
    print(f"pretrained, unseen voices: {result.improvement.mean():.1f} dB")
    ui.player({"mixture": strangers[0], "pretrained, voice 1": result.estimate[0, 0],
               "pretrained, voice 2": result.estimate[0, 1]}, sr)
else:
    print("skipped: set COURSE_ONLINE=1 to download a pretrained Conv-TasNet (20 MB)")
