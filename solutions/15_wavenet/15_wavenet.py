# %% [markdown]
# ## 1 · The next sample
#
# Write the probability of a sound as a product, one factor for each sample:
#
# $$p(x_1, \dots, x_T) = \prod_{t=1}^{T} p(x_t \mid x_1, \dots, x_{t-1}).$$
#
# That is no model yet; it holds for any distribution. A model says what one factor looks like. If we know it, we can
# generate: draw $x_1$, then $x_2$ given $x_1$, and so on. The oldest such model for speech you know from unit 05. The
# next sample is a **linear** combination of the last $P$, plus Gaussian noise:
#
# $$x_t = \sum_{p=1}^{P} \alpha_p\, x_{t-p} + \epsilon_t, \qquad \epsilon_t \sim \mathcal N(0, \sigma^2).$$
#
# We fit it to one vowel and let it speak.

# %%
from course_lib.models.digit_wavenet import SPEAKERS, TEST_TAKES, TRAIN_TAKES, digit_wavenet, mean_bits, whole_bits
from course_lib.models.speech_plan import (
    HOP,
    LEVEL,
    PHONE_NAMES,
    VOICED,
    collate,
    crops,
    plan,
    usual_pitch,
    without_octave_errors,
)

sr = 8000
ORDER = 16
test_takes, data_note = data.digits_or_generated(speakers=SPEAKERS, takes=TEST_TAKES)
train_takes, _ = data.digits_or_generated(
    speakers=SPEAKERS, takes=device.choose(smoke=range(10, 12), laptop=TRAIN_TAKES, full=TRAIN_TAKES)
)
measured = [plan(take) for take in train_takes]      # a plan: 256 classes, and pitch and level per frame; section 6
usual = usual_pitch(measured)
training = without_octave_errors(measured, usual)
known = {(u.digit, u.speaker) for u in training}
training += [u for u in measured if (u.digit, u.speaker) not in known]     # of few recordings all may have errors
held_out = [plan(take) for take in test_takes]
believed = without_octave_errors(held_out, usual)
test_waves = [signal.mu_law_decode(u.classes) for u in held_out]

word = next(i for i, u in enumerate(held_out) if u.digit == 9 and u.speaker == "jackson")
x = test_waves[word]
loud = int(held_out[word].local[LEVEL].argmax()) * HOP
vowel = x[max(0, loud - 320) : loud + 320]
a, energy = signal.lpc(vowel, ORDER)
residual = signal.prediction_error(vowel, a)
noise = torch.randn(sr // 2, generator=torch.Generator().manual_seed(0)) * residual.std()
spoken_by_ar = signal.all_pole(noise, a)
voiced = held_out[word].f0[held_out[word].f0 > 0]
period = round(sr / float(np.median(voiced)) if len(voiced) else sr / usual["jackson"])
pulses = torch.zeros(sr // 2)
pulses[::period] = float(residual.std()) * period**0.5                     # as much power as the noise
sung_by_ar = signal.all_pole(pulses, a)

fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3), layout="constrained")
ms = 1000 * torch.arange(240) / sr
left.plot(ms, vowel[200:440], label="vowel")
left.plot(ms, (vowel - residual)[200:440], "--", label=f"predicted from the last {ORDER}")
left.plot(ms, residual[200:440], color="0.5", label="residual")
left.set(xlabel="time (ms)", ylabel="amplitude", title="30 ms of a vowel")
left.margins(y=0.22)
left.legend(loc="lower center", ncols=3, fontsize=8)
right.plot(signal.prediction_gain(energy), marker=".")
right.set(xlabel="order P", ylabel="prediction gain (dB)", title="How much of the vowel is predicted")
ui.show(fig, alt="A vowel, its linear prediction on top of it, and a small residual; the gain grows with the order.")
ui.player({"a vowel (80 ms)": vowel, "drawn from the linear model": spoken_by_ar,
           "the same filter, pulses for noise": sung_by_ar}, sr)

# %% [markdown]
# The prediction is good, and the sound drawn from the model is a whisper. Pulses through the same filter give a
# vowel: what the noise lacks is the pitch. A linear model with Gaussian noise has one spectrum and no memory beyond
# $P$ samples. It knows nothing of a pitch period, of the next phone, of words. There are two ways on: more knowledge
# around the linear model, or a better model of the next sample. The next section hears what the first way gave in
# half a century. The rest of the unit is the second way.

# %% [markdown]
# ## 2 · Before WaveNet: cut or parametrise
#
# **Concatenative synthesis** keeps recordings. **Unit selection** (Hunt and Black 1996) has many recordings of each
# unit, and chooses the sequence with the least sum of *target costs* (does the unit fit what is to be said?) and *join
# costs* (do two neighbours fit?). The cheapest path is found by Viterbi. Large systems use **diphones**, from the
# middle of one phone to the middle of the next, because the middle of a phone is steady and easy to join. Our unit is
# a whole word, as in a speaking clock. The target is a pitch that falls over the sentence; the join cost is the
# distance of log-mel spectra on both sides of the seam.

# %%
sentence, speaker = [7, 3, 9, 5, 0], "jackson"
own = [u for u in training if u.speaker == speaker]
waves = {id(u): signal.mu_law_decode(u.classes) for u in own}


def pitch_of(u):
    """Median pitch of the voiced frames in Hz."""
    f0 = u.f0[u.f0 > 0]
    return float(np.median(f0)) if len(f0) else 0.0


def edge(u, end):
    """Log-mel spectrum of the first or last 30 ms."""
    x = waves[id(u)]
    piece = x[-240:] if end else x[:240]
    return signal.log_mel(piece, sr, n_fft=240, hop=240, n_mels=20).mean(-1)


pitch_target = np.linspace(1.12, 0.88, len(sentence)) * np.median([pitch_of(u) for u in own])
candidates = [[u for u in own if u.digit == d] for d in sentence]
targets = [torch.tensor([12 * abs(np.log2(max(pitch_of(u), 1) / f)) for u in c])
           for c, f in zip(candidates, pitch_target, strict=True)]
ends = [torch.stack([edge(u, True) for u in c]) for c in candidates]
starts = [torch.stack([edge(u, False) for u in c]) for c in candidates]
joins = [(end[:, None] - start[None]).abs().mean(-1) for end, start in zip(ends, starts[1:], strict=False)]
chosen, cost = signal.select_units(targets, joins)
first_cost = sum(float(t[0]) for t in targets) + sum(float(j[0, 0]) for j in joins)
selected = signal.cross_fade([waves[id(c[i])] for c, i in zip(candidates, chosen, strict=True)], 160)
first_takes = signal.cross_fade([waves[id(c[0])] for c in candidates], 160)
print(f"cost of the first take of every word {first_cost:.1f}, of the selected ones {cost:.1f}")

# %% [markdown]
# **Statistical parametric synthesis** (Tokuda et al. 2000; a review is Zen, Tokuda and Black 2009) keeps numbers.
# Recordings become parameters of a vocoder: spectrum, pitch, voicing. A hidden Markov model learns their distribution
# in each state of a word, and synthesis speaks the most likely track. Without knowledge of how parameters *change* (the
# dynamic features of 2000, which are missing here) that track is the **means** of the states. Here is this smallest
# form: each recording is cut into 12 equal states, the states are averaged over all recordings of the word, and an
# all-pole filter with pulses and noise speaks the means.

# %%
def means_of(digit, speaker):
    """Mean parameters of one word by one speaker."""
    takes = [u for u in training if (u.digit, u.speaker) == (digit, speaker) and len(u.classes) >= 12 * HOP]
    return signal.state_means([signal.mu_law_decode(u.classes) for u in takes], [u.local[VOICED] for u in takes])


means = {(d, s): means_of(d, s) for d in range(10) for s in SPEAKERS}
parametric = signal.cross_fade(
    [signal.speak_states(means[d, speaker], float(f), sr) for d, f in zip(sentence, pitch_target, strict=True)], 160
)
fig = ui.compare({"unit selection": selected, "mean parameters": parametric}, sr, n_fft=256, hop=40, db_range=60)
ui.show(fig, alt="Spectrograms of five words: selected recordings rich in detail, mean parameters smooth.")
ui.player({
    "first take of each word": first_takes, "unit selection": selected, "mean parameters": parametric,
}, sr)

# %% [markdown]
# You hear the two classic trade-offs. Unit selection sounds like the speaker, with seams, and can only say what was
# recorded. The parametric voice can have any pitch and has seams only between words, but it buzzes and is muffled: a
# mean of spectra has broad formants, and a train of pulses is no glottis. (Part of the buzz is ours: each word has one
# constant pitch here.) The WaveNet paper compared itself with later forms of both.

# %% [markdown]
# ## 3 · 256 classes
#
# WaveNet draws the sample itself and makes no assumption on the shape of its distribution: it is a softmax. A softmax
# over the 65 536 values of 16 bits would be too large, so the samples are brought to 256 classes. Equal steps would
# waste classes on loud values, which are rare. The **μ-law** of telephony has fine steps for small amplitudes and
# coarse ones for large:
#
# $$f(x) = \operatorname{sign}(x)\,\frac{\ln(1 + \mu |x|)}{\ln(1 + \mu)}, \quad |x| \le 1, \qquad
# k = \Bigl\lfloor \frac{f(x) + 1}{2}\,\mu + \frac12 \Bigr\rfloor.$$
#
# The lecture writes $\mu = 256$. The classes count from 0 to $\mu$, so 256 classes need $\mu = 255$; the paper says so
# too. To decode, $y = 2k/\mu - 1$ and $\hat x = \operatorname{sign}(y)\,((1 + \mu)^{|y|} - 1)/\mu$.

# %%
def linear_8_bit(x):
    """256 equal steps."""
    return torch.round((x.clamp(-1, 1) + 1) / 2 * 255) / 255 * 2 - 1


source = torch.from_numpy(test_takes[word].audio())
source = source / source.abs().max()
coded = {}
for gain, what in ((0.8, "loud"), (0.02, "32 dB softer")):
    y = gain * source
    coded[f"8 bits, equal steps, {what}"] = linear_8_bit(y) / gain
    coded[f"8 bits, μ-law, {what}"] = signal.mu_law_decode(signal.mu_law_encode(y)) / gain
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained")
grid = torch.linspace(-1, 1, 1001)
for classes in (4, 16, 256):
    left.plot(grid, signal.mu_law_compress(grid, classes), label=f"{classes} classes, μ = {classes - 1}")
left.set(xlabel="amplitude x", ylabel="f(x)", title="μ-law")
left.legend()
levels = np.arange(-60, 1, 3)
for name, code in (("equal steps", linear_8_bit), ("μ-law", lambda v: signal.mu_law_decode(signal.mu_law_encode(v)))):
    snr = []
    for level in levels:
        y = 10 ** (level / 20) * source
        snr.append(10 * np.log10(float(y.square().sum() / ((code(y) - y).square().sum() + 1e-12))))
    right.plot(levels, snr, marker=".", label=name)
right.set(xlabel="peak of the recording (dB re full scale)", ylabel="SNR (dB)", title="8 bits of a spoken “nine”")
right.legend()
ui.show(fig, alt="Left: mu-law curves. Right: SNR over level; equal steps fall by 1 dB per dB; mu-law stays near 38 dB "
        "at first and falls more slowly, where its steps are equal too.")
ui.player({"original": source, **coded}, sr)

# %% [markdown]
# At full level both will do. Softer by 32 dB, equal steps turn speech into a rattle and the μ-law still speaks: its
# error shrinks with the amplitude. Near zero it has equal steps too, finer by a factor of about 46, so that below some
# level its curve falls as well.

# %% [markdown]
# ### Exercise 15.1 · μ-law   ★☆☆ · 15 min · 2 points
#
# **Goal.** Encode amplitudes as classes, and decode these classes.
#
# | | |
# |---|---|
# | `x` | `Float[Tensor, "..."]`, amplitudes of any shape, float32 or float64; what lies beyond ±1 is clipped |
# | `classes` | `int`, the number of classes, μ + 1 |
# | returns | `(k, x_hat)`: `k` integers, same shape, from 0 to `classes - 1`; `x_hat` the amplitudes of the classes |
#
# **Target:** −1, 0, 0.01, 1 and 3 become 0, 128, 157, 255 and 255, and decode to −1, 0.0001, 0.0102, 1 and 1 (rounded).
#
# <details><summary>Hint 1 · the idea</summary>
# Clip, compress to [−1, 1], bring to [0, μ], and take the nearest integer. Then the same way back.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>mu = classes - 1</code>, and <code>torch.log1p(v)</code> is ln(1 + v).
# </details>
#
# **If the classes pass and the amplitudes fail:** decode `k` and not f(x), and look at the −1 in the numerator.
# **If all classes are one too low:** floor needs the half before it.

# %% nbgrader={"grade_id": "mu_law", "solution": true}
import math


def mu_law(x: Float[Tensor, "..."], classes: int = 256) -> tuple[Int[Tensor, "..."], Float[Tensor, "..."]]:
    """Classes of amplitudes, and the amplitudes that these classes stand for."""
    ### BEGIN SOLUTION
    mu = classes - 1
    x = x.clamp(-1, 1)
    compressed = x.sign() * torch.log1p(mu * x.abs()) / math.log1p(mu)
    k = torch.floor((compressed + 1) / 2 * mu + 0.5).long()
    y = 2 * k / mu - 1
    return k, y.sign() * ((1 + mu) ** y.abs() - 1) / mu
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_mu_law", "points": 2}
checks.wavenet.mu_law(mu_law)
### BEGIN HIDDEN TESTS
checks.wavenet.mu_law(mu_law, rng=grading_rng("mu_law"), cases=80)
### END HIDDEN TESTS

# %% [markdown]
# ## 4 · Bits per sample, for a softmax and for a Gaussian
#
# The loss of a softmax is $-\log_2 p(k_t \mid \text{past})$, in **bits per sample**: the length
# of the message that tells somebody with the same model which class comes next. Eight bits is knowing nothing.
#
# To be fair to the linear model we must put it on the same scale. A Gaussian is a *density*; its logarithm is not a
# number of bits (scale the amplitude and it changes). What is comparable is the probability of the **class**. Class $k$
# is seen when the amplitude falls between its edges $e_k$ and $e_{k+1}$, with $e_0 = -\infty$ and $e_{256} = \infty$
# because of the clipping. Let $\Phi$ be the distribution function of the standard normal, and $m_t$ the prediction
# from the *decoded* past, the same past that a network sees. Then
#
# $$P(k_t = k \mid \text{past}) = \Phi\Bigl(\frac{e_{k+1} - m_t}{\sigma}\Bigr)
# - \Phi\Bigl(\frac{e_k - m_t}{\sigma}\Bigr),
# \qquad e_k = f^{-1}\bigl(2(k - \tfrac12)/\mu - 1\bigr).$$
#
# They sum to one over all $k$, as the outputs of a softmax do, so both are on one scale. Far out both $\Phi$ round to 0
# or to 1; the library takes logarithms first. One $\sigma$ for vowels and pauses alike is unfair too. So there are four
# linear models:
#
# * one $\sigma$ for all;
# * one that sees the test utterance beforehand: coefficients and $\sigma$ are fitted to *it*, and we do not charge for
#   what it would cost to send them;
# * one whose $\sigma_t$ follows a running mean of past squared errors;
# * one whose **filter** follows too. Every 2.5 ms it is fitted again to the last 30 ms, of which the decoder knows all.
#   A little of the speaker's mean autocorrelation is added, so that silence has a filter as well. The speech coder
#   G.728 (1992) does much the same, with order 50.
#
# The last two look at nothing but the past; the cell below tests that by changing the future.

# %%
from dataclasses import replace
from itertools import product

edges = signal.mu_law_edges()
train_waves = [signal.mu_law_decode(u.classes).double() for u in training]
speaker_filters, sigmas, typical = {}, {}, {}
for name in SPEAKERS:
    waves_of = [w for u, w in zip(training, train_waves, strict=True) if u.speaker == name]
    r = sum(signal.autocorrelation(w, ORDER) for w in waves_of)
    speaker_filters[name], typical[name] = signal.levinson_durbin(r)[0], r / r[0]
    sigmas[name] = torch.cat([signal.prediction_error(w, speaker_filters[name]) for w in waves_of]).std()


def refitted(w, typical, span=240, every=20, share=5e-4):
    """Prediction of each sample by a filter that is fitted again and again to the samples before it."""
    n = torch.arange(span).double()
    window = torch.sin(np.pi * (n + 0.5) / (2 * span)) * ((span - n) / 16).clamp(max=1)     # most weight near its end
    padded = nn.functional.pad(w, (span, every))
    past = torch.stack([padded[i : i + span] for i in range(0, len(w), every)]) * window    # samples before i
    a, _ = signal.levinson_durbin(signal.autocorrelation(past, ORDER) + share * typical, regularise=1e-5)
    rows = nn.functional.pad(w, (ORDER, 0)).unfold(0, ORDER, 1)[: len(w)].flip(1)           # the last P samples
    return -(rows * a.repeat_interleave(every, 0)[: len(w)]).sum(1)


FIXED = "linear AR, σ follows the past"
REFITTED = "linear AR, filter and σ follow the past"


def gaussian(u, kind, half_life=5.0, floor=3e-3):
    """Mean and standard deviation that a linear model expects for each sample of a recording."""
    w = signal.mu_law_decode(u.classes).double()
    if kind == REFITTED:
        mean = refitted(w, typical[u.speaker])
    elif kind == "linear AR, fitted to the utterance":
        mean = w - signal.prediction_error(w, signal.levinson_durbin(signal.autocorrelation(w, ORDER))[0])
        return mean, (w - mean).std()
    else:
        mean = w - signal.prediction_error(w, speaker_filters[u.speaker])
    follows = kind in (FIXED, REFITTED)
    return mean, signal.running_scale(w - mean, half_life=half_life, floor=floor) if follows else sigmas[u.speaker]


def sample_bits(utterances, kind, *scale):
    """Bits of every sample of all recordings, one after the other."""
    return torch.cat([signal.gaussian_class_bits(u.classes, *gaussian(u, kind, *scale), edges) for u in utterances])


everything = signal.gaussian_class_bits(torch.arange(256), torch.full((256,), 0.1), 0.05, edges)
print(f"the probabilities of all 256 classes sum to {float((2 ** -everything).sum()):.9f}")
changed = replace(held_out[word], classes=held_out[word].classes.clone())
changed.classes[1000:] = torch.randint(256, (len(changed.classes) - 1000,), generator=torch.Generator().manual_seed(0))
for kind in (FIXED, REFITTED):
    for before, after in zip(gaussian(held_out[word], kind), gaussian(changed, kind), strict=True):
        assert (before - after)[:1001].abs().max() < 1e-9, "the model looks ahead"       # rounding, no more
        assert (before - after)[1001:].abs().max() > 1e-3, "the model does not listen"
print("samples from 1000 on changed: what two models expect of samples 0 to 1000 stays the same")

counts = torch.bincount(torch.cat([u.classes for u in training]), minlength=256) + 1.0
log_share = (counts / counts.sum()).log2()
scales = {kind: min(product((3.0, 5.0, 10.0), (2e-3, 3e-3, 5e-3)),
                    key=lambda scale: float(sample_bits(training[::16], kind, *scale).mean()))
          for kind in (FIXED, REFITTED)}
bits = {"histogram, no past": float(-torch.cat([log_share[u.classes] for u in held_out]).mean())}
for kind in ("linear AR, one σ", "linear AR, fitted to the utterance", FIXED, REFITTED):
    each = sample_bits(held_out, kind, *scales.get(kind, ()))
    bits[kind] = float(each.mean())
ui.table(
    [{"model": name, "bits per sample": round(value, 3)} for name, value in bits.items()],
    title="Test takes: what is known about the next μ-law class",
    caption=f"Order {ORDER}, one filter per speaker. Half-life and smallest value of σ, best on training takes: "
    + "; ".join(f"{name.removeprefix('linear AR, ')} {h:g} samples and {f:g}" for name, (h, f) in scales.items()) + ".",
)
decibels = torch.cat([20 * (u.local[LEVEL] - 1).repeat_interleave(HOP)[: len(u.classes)] for u in held_out])
print("bits of the last model by the level of the frame: " + ", ".join(
    f"up to {high} dB {float(each[(decibels > low) & (decibels <= high)].mean()):.2f} "
    f"({100 * float(((decibels > low) & (decibels <= high)).float().mean()):.0f} % of the samples)"
    for low, high in ((-61, -45), (-45, -35), (-35, -25), (-25, 0))))

# %% [markdown]
# Without the past nearly all 8 bits are needed: the μ-law spreads the amplitudes evenly, pauses with their noise
# included. What remains is not the noise of the pauses alone: the last line says what loud and soft frames cost, and
# in these recordings it is nearly the same. The fourth linear model is the one to beat. Nothing in it was trained by a
# gradient, and it has the advantage of being fitted to the very sound that it predicts.

# %% [markdown]
# ## 5 · Convolutions that do not look ahead
#
# Now replace the linear combination by a network, $p(x_t \mid x_{<t}) = \operatorname{softmax}(f_\theta(x_{<t}))$. A
# recurrent network would have to walk through the sound to learn. A convolution computes all $t$ at once, provided that
# output $t$ sees no input later than it should: a **causal** convolution has all its padding on the left. The sequence
# that goes in is shifted by one, with silence (0) first: so the network predicts $x_t$ from $0, x_1, \dots, x_{t-1}$.
#
# One layer sees $K$ samples. Speech needs thousands. **Dilation** leaves out inputs between the taps,
#
# $$y[n] = b + \sum_{k=0}^{K-1} W_k\, x\bigl[n - (K - 1 - k)\,d\bigr],$$
#
# and with $d = 1, 2, 4, \dots, 512$ the view doubles with each layer. The next cell sends a gradient back from one
# output and looks where it arrives.

# %%
def seen_from(kernel, dilations, padding):
    """|d output / d input| for the middle output of a stack of positive convolutions."""
    x = torch.zeros(1, 1, 81, requires_grad=True)
    h = x
    for d in dilations:
        reach = d * (kernel - 1)
        left = {"causal": reach, "both sides": reach // 2, "right": 0}[padding]
        h = nn.functional.conv1d(nn.functional.pad(h, (left, reach - left)), torch.ones(1, 1, kernel), dilation=d)
    h[0, 0, 40].backward()
    return x.grad[0, 0]


fig, axes = plt.subplots(3, 1, figsize=(10, 4), sharex=True, layout="constrained")
for ax, padding in zip(axes, ("causal", "both sides", "right"), strict=True):
    ax.bar(np.arange(81) - 40, seen_from(2, (1, 2, 4, 8, 16), padding) > 0, width=0.8, color="C0")
    ax.axvline(0, color="C3", linewidth=2.5, zorder=3)
    ax.set(yticks=[], title=f"padding: {padding}")
axes[-1].set_xlabel("input sample relative to the output (pink); right of it is the future")
ui.show(fig, alt="Inputs that an output depends on: causal, to its left only; both sides; right, in the future.")

# %% [markdown]
# ### Exercise 15.2 · Dilated causal convolution   ★★☆ · 15 min · 2 points
#
# **Goal.** The equation above, for a batch; the output has the length of the input.
#
# | | |
# |---|---|
# | `x` | `Float[Tensor, "batch channels_in samples"]`; there may be fewer samples than the filter is long |
# | `weight` | `Float[Tensor, "channels_out channels_in kernel"]`; `weight[..., -1]` looks at the present |
# | `bias` | `Float[Tensor, "channels_out"]` |
# | `dilation` | `int`, samples between two taps |
# | returns | `Float[Tensor, "batch channels_out samples"]` |
#
# **Target:** in the picture above, the first row. In numbers: `x` = 1, 2, 3, 4 with weight (10, 1), bias 0.5 and
# dilation 2 gives 1.5, 2.5, 13.5, 24.5. `nn.functional.pad` and `conv1d` may be used. The check sends a gradient back
# from one output, so compute with torch, not with numpy.
#
# <details><summary>Hint 1 · the idea</summary>
# How far back does the first tap look? That many zeros belong in front, and none behind.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>reach = dilation * (weight.shape[-1] - 1)</code>
# </details>
#
# **If dilation 1 passes and others fail:** the dilation belongs in the padding *and* in the convolution.
# **If the gradient comes from the future:** there is a zero too few on the left.

# %% nbgrader={"grade_id": "causal_conv", "solution": true}
def causal_conv(
    x: Float[Tensor, "batch channels_in samples"], weight: Float[Tensor, "channels_out channels_in kernel"],
    bias: Float[Tensor, " channels_out"], dilation: int,
) -> Float[Tensor, "batch channels_out samples"]:
    """Dilated convolution with all its padding on the left."""
    ### BEGIN SOLUTION
    reach = dilation * (weight.shape[-1] - 1)
    return nn.functional.conv1d(nn.functional.pad(x, (reach, 0)), weight, bias, dilation=dilation)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_causal_conv", "points": 2}
checks.wavenet.causal_conv(causal_conv)
### BEGIN HIDDEN TESTS
checks.wavenet.causal_conv(causal_conv, rng=grading_rng("causal_conv"), cases=60)
### END HIDDEN TESTS

# %% [markdown]
# ### How far back?
#
# The picture shows the taps of a stack, from one output down to the inputs. Each layer adds its reach to what the layer
# below has seen.

# %%
def draw_stack(layers, kernel, growth):
    """The tree of taps that reaches one output, and how far it looks back."""
    dilations = [2**i if growth == "doubled" else 1 for i in range(layers)]
    fig, ax = plt.subplots(figsize=(11, 3.2), layout="constrained")
    reached = {0}
    for level, d in zip(range(layers, 0, -1), reversed(dilations), strict=True):
        below = set()
        for n in reached:
            for k in range(kernel):
                ax.plot([n, n - k * d], [level, level - 1], color="C0", linewidth=0.7)
                below.add(n - k * d)
        ax.plot(sorted(reached), [level] * len(reached), "o", color="C1", markersize=4)
        reached = below
    ax.plot(sorted(reached), [0] * len(reached), "o", color="k", markersize=4)
    seen = 1 - min(reached)
    ax.set(xlabel="samples back", ylabel="layer", yticks=range(layers + 1),
           title=f"{layers} layers, kernel {kernel}: {seen} samples, {1000 * seen / sr:.1f} ms at 8 kHz")
    return fig, f"{layers} layers of kernel {kernel}, dilations {growth}: the output sees {seen} input samples."


ui.explore(
    draw_stack, question="How many layers of kernel 2 see 64 samples with doubled dilations? Without dilation, how "
    "many see 8, and so how many would it take for 64? What does kernel 3 change?",
    layers=(1, 7, 1, 4), kernel=[2, 3], growth=["doubled", "none"],
)

# %% [markdown]
# ### Exercise 15.3 · Receptive field   ★☆☆ · 8 min · 1 point
#
# **Goal.** The number of input samples on which one output sample of a stack of causal convolutions depends.
#
# | | |
# |---|---|
# | `kernels` | `Sequence[int]`, taps of each layer, at least 1 |
# | `dilations` | `Sequence[int]`, dilation of each layer |
# | returns | `int`, samples, the present one included |
#
# **Target:** kernel 2 with dilations 1, 2, 4, 8 sees 16 samples; two stacks of 1, 2, …, 512 see 2047.
#
# <details><summary>Hint 1 · the idea</summary>
# With no layer at all the output sees one sample. How many does a layer add?
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>zip(kernels, dilations)</code> gives both numbers of each layer.
# </details>
#
# **If kernel 2 passes and others fail:** a kernel of K taps spans K − 1 gaps.

# %% nbgrader={"grade_id": "receptive_field", "solution": true}
from collections.abc import Sequence


def receptive_field(kernels: Sequence[int], dilations: Sequence[int]) -> int:
    """Input samples that one output of a stack of causal convolutions sees."""
    ### BEGIN SOLUTION
    return 1 + sum((kernel - 1) * dilation for kernel, dilation in zip(kernels, dilations, strict=True))
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_receptive_field", "points": 1}
checks.wavenet.receptive_field(receptive_field)
### BEGIN HIDDEN TESTS
checks.wavenet.receptive_field(receptive_field, rng=grading_rng("receptive_field"), cases=100)
### END HIDDEN TESTS

# %% [markdown]
# ## 6 · The block: gate, residual, skip, condition
#
# Each layer of WaveNet is a block. With $*$ the dilated causal convolution,
#
# $$\mathbf z = \tanh(\underbrace{W_f * \mathbf x}_{\text{filter}}) \odot
# \sigma(\underbrace{W_g * \mathbf x}_{\text{gate}}),
# \qquad \mathbf x' = \mathbf x + R\,\mathbf z, \qquad \mathbf s = S\,\mathbf z.$$
#
# The gate says, channel by channel and sample by sample, how much of the filter's output passes. $\mathbf x'$ goes to
# the next block (**residual**: the identity is the starting point, so twenty blocks can be trained). $\mathbf s$ goes
# straight to the output (**skip**: all time scales are heard there). The sum of all skips passes two 1×1 convolutions
# and the softmax. (The softmax over 256 values is that of PixelRNN, the gate that of the gated PixelCNN, both by van
# den Oord et al. 2016 for images.)
#
# So far the network babbles. A **condition** tells it what to say, and enters inside both tanh and σ:
#
# $$\mathbf z = \tanh(W_f * \mathbf x + V_f\,\mathbf g + U_f\,\mathbf y) \odot
# \sigma(W_g * \mathbf x + V_g\,\mathbf g + U_g\,\mathbf y).$$
#
# $U$ is a 1×1 convolution: one product per sample.
#
# * The **global** condition $\mathbf g$ holds for the whole sound (who speaks, which digit); $V \mathbf g$ is the same
#   at every sample.
# * The **local** condition has a value per frame: here phones, voicing, pitch and level, 100 times a second. It is
#   brought to 8000 samples a second by a **learned upsampling**, and gives $\mathbf y$. (Each step is a transposed
#   convolution: every frame adds a learned, overlapping pulse, so one frame becomes 8 or 10 values.)

# %%
shown = held_out[word]                     # the weights are those of the pretrained network, see section 10
network = models.pretrained("wavenet_digits")
y = network.upsample(shown.local[None]).detach()[0]
fig, axes = plt.subplots(3, 1, figsize=(11, 6), layout="constrained")
axes[1].sharex(axes[0])
ui.waveform(test_waves[word], sr, ax=axes[0], title=f"“nine”, {shown.speaker}, a test take")
seconds = len(shown.classes) / sr
axes[1].grid(False)
used = [i for i, row in enumerate(shown.local[: len(PHONE_NAMES)]) if row.any()]
axes[1].imshow(shown.local[used], aspect="auto", cmap="Greys", extent=(0, seconds, len(used) - 0.5, -0.5),
               interpolation="nearest", origin="upper")
axes[1].set_yticks(range(len(used)), [PHONE_NAMES[i] for i in used])
axes[1].set(title="local condition, per frame: the phones (stretched from the lexicon) and the pitch", ylabel="phone")
pitch = axes[1].twinx()
pitch.grid(False)
f0 = shown.f0
pitch.plot((np.arange(len(f0)) + 0.5) * HOP / sr, np.where(f0 > 0, f0, np.nan), "C3.-", label="f0")
pitch.set_ylabel("f0 (Hz)", color="C3")
middle = loud / sr
near = slice(max(0, int((middle - 0.035) * sr)), int((middle + 0.035) * sr))
axes[2].plot(np.arange(y.shape[1])[near] / sr, y[:4, near].T, linewidth=0.9)
for edge_of_frame in np.arange(near.start // HOP + 1, -(-near.stop // HOP)) * HOP / sr:
    axes[2].axvline(edge_of_frame, color="0.7", linewidth=0.7, zorder=0)
axes[2].set(xlabel="time (s)", ylabel="y", xlim=(near.start / sr, near.stop / sr),
            title=f"four of the {len(y)} upsampled channels, 70 ms (trained); grey: frame borders")
ui.show(fig, alt="A spoken nine; its phones and pitch per frame; 70 ms of four upsampled channels, a value per sample.")

# %% [markdown]
# The pitch and the level are measured on the recording. There is no pitch where YIN finds no clear period
# (aperiodicity above 0.2) or the level is low. So noisy beginnings and ends of a voiced sound count as unvoiced, and
# stretches in its middle too: look at the gaps in the pink line, in a word that is voiced throughout. Remember these
# gaps: they are one reason why a network may trust the pitch of a plan little. The plan holds the pitch twice: as a
# number, a third per semitone, and as its place between 22 marks two semitones apart. The phones are not measured:
# nobody aligned these recordings, so the phones of the lexicon are stretched over the word in proportion to their
# usual durations. They are some tens of milliseconds off, as any cheap alignment is. A pitch more than 8 semitones
# from the speaker's usual one is taken for an octave error: such frames lose their voice, and recordings with many
# are left out. (Offline, the generated stand-in comes with its exact phones.)

# %%
print(f"octave errors of the pitch tracker: {len(measured) - len(training)} of {len(measured)} training takes left "
      f"out, {len(held_out) - len(believed)} of {len(held_out)} test takes never asked for")

# %% [markdown]
# ### Exercise 15.4 · Gated residual block   ★★☆ · 25 min · 3 points
#
# **Goal.** One block with both conditions.
#
# | | |
# |---|---|
# | `x` | `Float[Tensor, "batch channels samples"]` |
# | `world` | `Float[Tensor, "batch features"]`, the global condition $\mathbf g$ |
# | `y` | `Float[Tensor, "batch local samples"]`, the local condition, already upsampled |
# | `weights` | `dict[str, Tensor]`, see below |
# | `dilation` | `int` |
# | returns | `(x + R z, S z)`: (batch, channels, samples) and (batch, skips, samples) |
#
# `weights` holds `"conv"` (2·channels, channels, kernel) and `"conv_bias"`; `"global"` (2·channels, features);
# `"local"` (2·channels, local); `"residual"` (channels, channels) and `"residual_bias"`; `"skip"` (skips, channels)
# and `"skip_bias"`. Of the 2·channels rows the **first** half is the filter (tanh), the second the gate (σ).
# `course_lib.nn.causal_conv1d(x, weight, bias, dilation=…)` is the convolution. **Target:** with all weights zero and
# biases zero, the outputs are `x` and zeros.
#
# <details><summary>Hint 1 · the idea</summary>
# Add up the three contributions, split in two along the channels, gate, then two matrix products.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>weights["residual"] @ z</code> multiplies at every sample;
# <code>(world @ weights["global"].T)[..., None]</code> is the same at every sample.
# </details>
#
# **If the first output passes and the skip fails:** both products read z.

# %% nbgrader={"grade_id": "gated_block", "solution": true}
from course_lib.nn import causal_conv1d


def gated_block(
    x: Float[Tensor, "batch channels samples"], world: Float[Tensor, "batch features"],
    y: Float[Tensor, "batch local samples"], weights: dict[str, Tensor], dilation: int,
) -> tuple[Float[Tensor, "batch channels samples"], Float[Tensor, "batch skips samples"]]:
    """Gated residual block of WaveNet with a global and a local condition."""
    ### BEGIN SOLUTION
    a = causal_conv1d(x, weights["conv"], weights["conv_bias"], dilation=dilation)
    a = a + (world @ weights["global"].T)[..., None] + weights["local"] @ y
    filtered, gate = a.chunk(2, dim=1)
    z = torch.tanh(filtered) * torch.sigmoid(gate)
    residual = weights["residual"] @ z + weights["residual_bias"][:, None]
    return x + residual, weights["skip"] @ z + weights["skip_bias"][:, None]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_gated_block", "points": 3}
checks.wavenet.gated_block(gated_block)
### BEGIN HIDDEN TESTS
checks.wavenet.gated_block(gated_block, rng=grading_rng("gated_block"), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# The whole network is one readable file, `course_lib/models/wavenet.py`. This is its forward pass:

# %%
import inspect

print(inspect.getsource(models.WaveNet.logits))
print(f"{sum(p.numel() for p in network.parameters()):,} parameters; receptive field {network.receptive_field} "
      f"samples, {1000 * network.receptive_field / sr:.0f} ms")

# %% [markdown]
# ## 7 · Generate, slowly and fast
#
# Training sees all samples at once. Generation cannot: $x_t$ must be drawn before $x_{t+1}$ is known. The naive way
# runs the network over its whole receptive field for each sample and keeps one column of the result. Nearly all of
# that was computed a sample before.
#
# What does a layer with dilation $d$ and kernel $K$ need for its next output? Its input now, and its inputs $d, 2d,
# \dots, (K-1)d$ samples ago. So each layer keeps a **queue** of its last $d\,(K-1)$ inputs: read, push the input of
# now, drop the oldest. The cost of a sample grows with the number of layers, no longer with the $2^L$ samples that $L$
# of them see (Paine et al. 2016).
#
# To draw from the softmax we invert its distribution function: with $u$ uniform in $[0, 1)$, take the first class at
# which the running sum of probabilities exceeds $u$. The same $u$ then give the same sound, whatever computes the
# logits. One knob is common: dividing the logits by a **temperature** before the softmax. Below 1 likely classes become
# likelier; at 1 the distribution is the one that was learned.

# %% [markdown]
# ### Exercise 15.5 · Generation with queues   ★★★ · 40 min · 4 points
#
# **Goal.** Generate from a small network with one queue per layer, so that nothing is computed twice, and hand back the
# queues as they are at the end. (The check compares classes and queues; it does not see how often you computed.)
#
# | | |
# |---|---|
# | `layers` | list of `{"weight": (channels, channels, kernel), "dilation": int}` |
# | `embed` | `Float[Tensor, "channels"]`: the first layer reads `embed` times the value heard |
# | `readout` | `Float[Tensor, "classes channels"]`: logits from the output of the last layer |
# | `uniform` | `Float[Tensor, "batch samples"]` in [0, 1) |
# | returns | `(classes, queues)`: (batch, samples) integers; per layer (dilation·(kernel−1), batch, channels) |
#
# A layer makes $h' = h + \tanh(\text{causal conv}(h))$, without bias. A queue has its **oldest** entry first. Before
# the first sample the network hears 0, and every queue holds zeros. A class $k$ of $C$ is heard as
# $2k/(C-1) - 1$. The class drawn is the first whose running sum of probabilities exceeds $u$:
# `(total <= u).sum(-1)` with `total` the running sum, at most $C - 1$.
#
# **Target:** the classes of naive generation, for any number of samples, also fewer than a queue is long. In numbers:
# one layer with weight [[[1, 0]]] and dilation 2, embed [1], readout [[1], [0], [−1]] and u = 0.9, 0.5, 0.5, 0.5 give
# the classes 2, 0, 2, 0 and the queue −1, 1.
#
# <details><summary>Hint 1 · the idea</summary>
# Per sample and layer: put the queue and the present input after one another, pick every d-th, multiply tap by tap; the
# queue is then the same without its oldest.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>window = torch.cat([queues[i], h[None]])</code> has dilation·(kernel−1) + 1 entries;
# <code>window[::dilation]</code> has as many as there are taps.
# </details>
#
# **If the first samples pass and later ones fail** (the message says which is the first): up to the smallest dilation
# all queues are empty. What goes wrong there is the queue: its length, its order, or a push after `h` was changed.
# **If one sound passes and a batch fails:** the softmax is over the wrong axis.

# %% nbgrader={"grade_id": "generate", "solution": true}
def generate(
    layers: list[dict], embed: Float[Tensor, " channels"], readout: Float[Tensor, "classes channels"],
    uniform: Float[Tensor, "batch samples"],
) -> tuple[Int[Tensor, "batch samples"], list[Float[Tensor, "length batch channels"]]]:
    """Draw a batch of sounds sample by sample, with one queue per layer."""
    ### BEGIN SOLUTION
    batch, samples = uniform.shape
    top = len(readout) - 1
    queues = []
    for layer in layers:
        length = layer["dilation"] * (layer["weight"].shape[-1] - 1)
        queues.append(torch.zeros(length, batch, len(embed), dtype=embed.dtype))
    heard = torch.zeros(batch, 1, dtype=embed.dtype)
    classes = []
    for t in range(samples):
        h = heard * embed
        for i, layer in enumerate(layers):
            window = torch.cat([queues[i], h[None]])
            a = torch.einsum("oik,kbi->bo", layer["weight"], window[:: layer["dilation"]])
            queues[i] = window[1:]
            h = h + torch.tanh(a)
        total = torch.softmax(h @ readout.T, -1).cumsum(-1)
        k = (total <= uniform[:, t, None]).sum(-1, keepdim=True).clamp(max=top)
        heard = 2 * k.to(embed.dtype) / top - 1
        classes.append(k)
    return torch.cat(classes, 1), queues
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_generate", "points": 4}
checks.wavenet.generate(generate)
### BEGIN HIDDEN TESTS
checks.wavenet.generate(generate, rng=grading_rng("generate"), cases=24)
### END HIDDEN TESTS

# %% [markdown]
# ### How much faster?
#
# `generate_with_queues` is your exercise for the full network: a loop over the layers, a queue for each. Two things
# make a sample cheaper, and they must not be mixed up. The queues save arithmetic. What is left is so little that
# *calling* the operations takes longer than computing them. So `models.generate` arranges the step for few operations:
# everything that comes from the past or the condition is one batched product for all twenty layers, and each layer is
# one product, one tanh and one gate (see the head of `course_lib/models/wavenet_generation.py`). On a GPU the step is
# recorded once as a **CUDA graph** and replayed: one launch for some hundred. First we check that all of them draw the
# same samples; then we time them.

# %%
import copy
import time

from course_lib.models.queue_generation import generate_with_queues

timing = time.perf_counter()
torch.manual_seed(0)
uniform = torch.rand(1, device.choose(smoke=30, laptop=300, full=300))
condition = collate([shown], SPEAKERS, samples=4000)
for dtype in (torch.float64, torch.float32):
    like = copy.deepcopy(network).to(dtype)
    inputs = [v.to(dtype) for v in (uniform, condition["world"], condition["local"])]
    slow, slow_logits = models.generate_naive(like, *inputs)
    plain, plain_logits = generate_with_queues(like, *inputs)
    fast, fast_logits = models.generate(like, *inputs, return_logits=True)
    away = max(float((slow_logits - logits).abs().max()) for logits in (plain_logits, fast_logits))
    print(f"{dtype}: same samples: {bool((slow == fast).all() and (slow == plain).all())}; logits differ by at most "
          f"{away:.1e}, {away / float(slow_logits.abs().max()):.1e} of the largest")


def seconds_per_sample(run, samples, repeats=3):
    """The fastest of some runs: other work on the machine only adds time."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        run()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append((time.perf_counter() - begun) / samples)
    return min(times)


def speeds_on(where):
    """Seconds per sample of the ways to generate on one device."""
    model, there = copy.deepcopy(network).to(where), {key: value.to(where) for key, value in condition.items()}
    samples = device.choose(smoke=100, laptop=2000, full=4000)
    few, many = torch.rand(1, samples // 4).to(where), torch.rand(1, samples).to(where)
    past = torch.zeros(1, model.receptive_field).to(where)
    with torch.inference_mode():
        y = model.upsample(there["local"])[..., : model.receptive_field]
        naive = seconds_per_sample(lambda: model.logits(past, there["world"], y), 1, 6)
    plain = seconds_per_sample(lambda: generate_with_queues(model, few, there["world"], there["local"]), few.shape[1])
    fused = seconds_per_sample(lambda: models.generate(model, many, there["world"], there["local"]), samples)
    return {"naive": naive, "plain queues": plain,
            "queues, few operations" if where.type == "cpu" else "queues, CUDA graph": fused}


devices = [torch.device("cpu")] + [device.get()] * (device.get().type == "cuda")
speeds = {where.type.upper().replace("CUDA", "GPU"): speeds_on(where) for where in devices}
speed_rows = [
    {"device": where, "generation": name, "one sample (ms)": round(1e3 * s, 3), "pace (samples/s)": round(1 / s),
     "at 8 kHz (x real time)": float(f"{1 / s / sr:.3g}"), "than naive there (x as fast)": round(found["naive"] / s)}
    for where, found in speeds.items() for name, s in found.items()
]
naive_s, plain_s, fused_s = speeds["CPU"].values()

# %% tags=["results"]
ui.results(
    speed_rows, title="Generation, one sound at a time (naive: the full receptive field for each sample)", seed=0,
    seconds=time.perf_counter() - timing,
    claim="With queues nothing is computed twice: the cost of a sample no longer grows with the receptive field.",
    verdict=f"On the CPU plain queues are {naive_s / plain_s:.1f} times as fast as the naive way; fewer operations are "
    f"worth another factor of {plain_s / fused_s:.1f}, together {naive_s / fused_s:.0f}. Real time (× 1) is "
    f"{'reached' if min(min(v.values()) for v in speeds.values()) < 1 / sr else 'not reached'}.",
)

# %% [markdown]
# ## 8 · Sidebar: SampleRNN
#
# **SampleRNN** (Mehri et al. 2017; on arXiv three months after WaveNet) keeps recurrence, but not at the rate of
# samples. A GRU makes one step per *frame* of 16 samples and tells a small memoryless network, which draws the 16
# samples one by one, what it remembers. Its past has no fixed length. `course_lib/models/sample_rnn.py` has two tiers;
# the authors also have three. The experiment trains it beside WaveNet, without a condition and with the recipe that
# was made for WaveNet: its row is no verdict on the method. Here it runs untrained: about 8 bits, $\log_2 256$.

# %%
sample_rnn = models.SampleRNN()
batch = collate(held_out[:2], SPEAKERS, samples=1600)
with torch.no_grad():
    untrained = float(sample_rnn.bits(batch["classes"]).mean())
drawn = sample_rnn.generate(torch.rand(1, 160))
print(f"SampleRNN: {sum(p.numel() for p in sample_rnn.parameters()):,} parameters, {untrained:.2f} bits per sample "
      f"before training; drew {drawn.shape[1]} samples")

# %% [markdown]
# ## 9 · Explain   ★★☆ · 15 min · 2 points
#
# **Question.** (a) A student trains a WaveNet and reaches 0.3 bits per sample on the test set after an hour, then
# hears only noise when generating. Which mistake do you look for first, and with which test would you show it? (b)
# Training feeds the network with *real* past samples, generation with its *own*. Why can that go wrong, and why does
# drawing with a temperature below 1 help and hurt at the same time? (c) Why is the class probability of the linear
# model a difference of two $\Phi$, and what would be wrong with comparing the softmax's cross-entropy to the
# Gaussian's $-\log_2$ density?

# %% [markdown] nbgrader={"grade_id": "explain_wavenet", "solution": true, "points": 2}
# ### BEGIN SOLUTION
# (a) The network sees the sample it should predict: the input is not shifted by one, or a padding is off by one or on
# the right. A loss far below what noise allows is the sign. Test: the gradient of the output at t with respect to the
# inputs must be zero for x_t and all later ones. (b) In training every context is one that real speech produces. In
# generation a small error makes a context that was never seen, the next prediction is worse, and errors feed each
# other (exposure bias). A lower temperature draws fewer unlikely samples, so contexts stay nearer to the known ones;
# but noise-like sounds (fricatives, breath) need unlikely samples, so they get dull or vanish, and at 0 the sound may
# fall silent or lock into a loop. (c) The class is observed when the amplitude falls between two edges, so its
# probability is the mass between them. A density has the unit 1/amplitude; its logarithm changes with the unit and may
# be negative. Only masses of the same classes are comparable.
# ### END SOLUTION
# === BEGIN MARK SCHEME ===
# - 0.5: (a) look-ahead (no shift, or padding), with the gradient or a changed future sample as the test.
# - 0.5: (b) errors compound in contexts never trained on.
# - 0.5: (b) temperature: stays near likely contexts, but noise-like sounds get dull or it locks in.
# - 0.5: (c) mass between edges; a density depends on the unit of amplitude.
# === END MARK SCHEME ===

# %% [markdown]
# ## 10 · Experiment
#
# **Questions.** How many bits does a WaveNet save against the linear models? What does the condition save? And does the
# condition control what is *heard*?
#
# **Data.** Two speakers with different pitch, ten digits. Training: takes 10 to 49. Test: takes 0 to 4 for the bits;
# of these some for generation. Takes 5 to 9 serve as other takes of the same word. All models see the same 256
# classes.
#
# **Fair play.** WaveNet with and without condition have the same stack, crops, steps and optimiser; the conditioned
# one has more parameters, printed below. SampleRNN gets the same crops and steps. The linear models have a filter per
# speaker, the networks without a condition are not told the speaker. The condition is **side information**: level,
# pitch and voicing are measured on the very sound that is to be predicted, also in frames still to come. So its bits
# are those of a synthesiser that is told what to say, and no better compression. Bits are of whole test recordings,
# from silence on, each sample counted once.
#
# **Listening by machine.** A small recogniser of digit and speaker, trained on the real training takes (with noise),
# listens to what was generated from the plans of *test* takes. The pitch tracker YIN compares the pitch with the
# plan's, in the frames where the plan asks for voice. Baselines for the word: real recordings through the μ-law, the
# mean-parameter voice of section 2, another take of the same word, a WaveNet without a condition, and the same sounds
# judged by the plan of another utterance, always another digit and in about half of the cases the other speaker. A
# voice that does not listen to its plan has one digit in ten right by chance, and one speaker in two. Pitch needs
# harder baselines, because two speakers of different pitch are told apart by the pitch alone: the same sounds judged
# by the plans of *other words of the same speaker*, and a constant at the speaker's usual pitch.

# %%
import os
from pathlib import Path

SEED = 0
steps, listen_steps = device.choose(smoke=(3, 6), laptop=(700, 400), full=(8000, 600))
takes_heard, longest = device.choose(smoke=(1, 400), laptop=(2, 4800), full=(5, 4800))
started = time.perf_counter()


def make_batches(seed):
    """step → batch of one random crop of at most half a second."""
    return lambda step: crops(training, SPEAKERS, np.random.default_rng((seed, step)), batch=1, samples=4000)


def fit(make, name, seed):
    """Train one model; the recipe is the same for all."""
    torch.manual_seed(seed)
    model = make()
    folder = os.environ.get("COURSE_CHECKPOINTS")
    history = train.fit(
        model, make_batches(seed), mean_bits, steps=steps, seed=seed, description=name,
        optimizer=torch.optim.Adam(model.parameters(), lr=5e-3, betas=(0.9, 0.99)),
        schedule=train.warmup_cosine(steps, warmup=min(50, steps // 3)),
        checkpoint=Path(folder) / f"15_wavenet-{device.profile()}-{name}-{seed}.ckpt" if folder else None,
    )
    return model.cpu(), history


seeds = device.choose(smoke=(SEED,), laptop=(SEED,), full=(0, 1))
RECIPES = {
    "SampleRNN": models.SampleRNN,
    "WaveNet, no condition": lambda: digit_wavenet(conditional=False),
    "WaveNet, conditioned": digit_wavenet,
}
trained = {(name, seed): fit(make, name, seed) for name, make in RECIPES.items() for seed in seeds}
for name in RECIPES:
    print(f"{name}: {sum(p.numel() for p in trained[name, SEED][0].parameters()):,} parameters")

# %%
fig, ax = plt.subplots(figsize=(9, 3.2), layout="constrained")
for (name, seed), (_, history) in trained.items():
    width = max(1, steps // 40)
    smooth = np.convolve(history.loss, np.ones(width) / width, "valid")
    ax.plot(np.arange(len(smooth)) + width, smooth, label=f"{name}, seed {seed}")
for name, style in ((FIXED, ":"), (REFITTED, "--")):
    ax.axhline(bits[name], color="0.4", linestyle=style, label=f"{name} (test takes)")
ax.set(xlabel="step", ylabel="bits per sample (running mean)", title="Training")
ax.legend(fontsize=8)
ui.show(fig, alt="Bits per sample of three models over the training steps, against two linear models.")

judged = held_out if device.profile() != "smoke" else held_out[::25]
model_bits = {key: whole_bits(model, judged) for key, (model, _) in trained.items()}
for name in RECIPES:
    bits[name] = float(np.mean([model_bits[name, seed] for seed in seeds]))

# %% [markdown]
# ### A pretrained network
#
# A few minutes are short for a WaveNet. The course brings weights that were trained longer. Their card says on what,
# how, and with how many bits. They speak here at once, also on a machine without time or GPU.
#
# All voices speak at temperature 0.9: a little below 1, because one unlikely sample puts the network where it was never
# trained. The table has a row for 1.0, the distribution that was learned.

# %%
pretrained = models.pretrained("wavenet_digits")
print(models.pretrained_card("wavenet_digits"))
TEMPERATURE = 0.9


def speak(model, utterances, *, temperature=TEMPERATURE, seed=0, samples=None):
    """Generate the sounds that plans ask for: a list of waves."""
    samples = samples or max(len(u.classes) for u in utterances)
    batch = collate(utterances, SPEAKERS, samples=samples)
    draws = torch.rand(len(utterances), samples, generator=torch.Generator().manual_seed(seed))
    condition = (batch["world"], batch["local"]) if model.upsample is not None else (None, None)
    classes = models.generate(model, draws, *condition, temperature=temperature)
    return [signal.mu_law_decode(row[: len(u.classes)]) for row, u in zip(classes, utterances, strict=True)]


seven = next(u for u in [*believed, *held_out] if u.digit == 7 and u.speaker == "george")
heard_pair = [seven, shown]
spoken = speak(pretrained, heard_pair, samples=device.choose(smoke=1600, laptop=None, full=None))
real = [signal.mu_law_decode(u.classes) for u in heard_pair]
fig = ui.compare({
    "recording, “seven”": real[0], "WaveNet, “seven”": spoken[0], "recording, “nine”": real[1],
    "WaveNet, “nine”": spoken[1],
}, sr, n_fft=256, hop=40, db_range=60)
ui.show(fig, alt="Spectrograms of a recorded and a generated seven and nine: energy in like regions, much noisier.")
ui.player({"recording, “seven”, george": real[0], "WaveNet": spoken[0], "recording, “nine”, jackson": real[1],
           "WaveNet ": spoken[1]}, sr)

# %% [markdown]
# ### The listener
#
# Two convolutions over log-mel frames, means over the three thirds of the word, and two softmaxes: which digit,
# which speaker.

# %%
def frames_of(waves):
    """Log-mel spectrograms (batch, bands, frames), each with its own mean removed; and the frames of each."""
    spectra = [signal.log_mel(w, sr, n_fft=256, hop=HOP, n_mels=40, offset=1e-4) for w in waves]
    lengths = torch.tensor([s.shape[1] for s in spectra])
    batch = torch.zeros(len(spectra), 40, int(lengths.max()))
    for row, s in zip(batch, spectra, strict=True):
        row[:, : s.shape[1]] = (s - s.mean()) / 3
    return batch, lengths


class Listener(nn.Module):
    """Ten digits and two speakers from log-mel frames."""

    def __init__(self, width=64):
        super().__init__()
        self.first = nn.Conv1d(40, width, 5, stride=2, padding=2)
        self.second = nn.Conv1d(width, width, 5, stride=2, padding=2)
        self.output = nn.Linear(3 * width, 10 + len(SPEAKERS))

    def forward(self, frames, lengths):
        h = torch.relu(self.second(torch.relu(self.first(frames))))
        steps = ((lengths + 3) // 4)[:, None]
        place = torch.arange(h.shape[2])[None]
        thirds = [((place * 3 >= i * steps) & (place * 3 < (i + 1) * steps)).float() for i in range(3)]
        parts = [(h * t[:, None]).sum(2) / t.sum(1, keepdim=True).clamp(min=1) for t in thirds]
        return self.output(torch.cat(parts, 1))


torch.manual_seed(SEED)
listener = Listener()
optimizer = torch.optim.Adam(listener.parameters(), lr=2e-3)
clean = [signal.mu_law_decode(u.classes) for u in training]
for step in range(listen_steps):
    rng = np.random.default_rng((SEED, step))
    rows = rng.integers(len(training), size=24)
    noisy = [clean[i] + float(10 ** rng.uniform(-2.5, -1.3)) * torch.from_numpy(
        rng.standard_normal(len(clean[i]), dtype=np.float32)) for i in rows]
    logits = listener(*frames_of(noisy))
    digit = torch.tensor([training[i].digit for i in rows])
    who = torch.tensor([SPEAKERS.index(training[i].speaker) for i in rows])
    loss = nn.functional.cross_entropy(logits[:, :10], digit) + nn.functional.cross_entropy(logits[:, 10:], who)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


DIGIT, WHO, PITCH = "digit right (%)", "speaker right (%)", "f0 within a semitone (%)"


def track(wave):
    """Pitch in Hz of each frame (YIN)."""
    return signal.yin(wave, sr, f_min=60.0, f_max=400.0, hop=HOP)[0].numpy()


def near_pitch(f0, u, semitones=1.0):
    """For each frame in which the plan asks for voice: is the pitch near the plan's?"""
    frames = min(len(f0), len(u.f0))
    on = u.f0[:frames] > 0
    return np.abs(12 * np.log2(f0[:frames].clip(min=1)[on] / u.f0[:frames][on])) < semitones


def percent_near(tracks, utterances):
    """Percent of all voiced frames whose pitch is near the plan's ("raw pitch accuracy")."""
    near = np.concatenate([near_pitch(f0, u) for f0, u in zip(tracks, utterances, strict=True)] or [np.zeros(0)])
    return round(100 * float(near.mean()), 1) if len(near) else 0.0


@torch.no_grad()
def judge(waves, utterances):
    """Percent of digits and speakers heard as planned, and of voiced frames with a pitch within a semitone."""
    logits = listener(*frames_of(waves))
    digit = np.mean([int(k) == u.digit for k, u in zip(logits[:, :10].argmax(1), utterances, strict=True)])
    who = np.mean([SPEAKERS[int(k)] == u.speaker for k, u in zip(logits[:, 10:].argmax(1), utterances, strict=True)])
    return {DIGIT: round(100 * float(digit), 1), WHO: round(100 * float(who), 1),
            PITCH: percent_near([track(w) for w in waves], utterances)}


def by_other_words(waves, utterances):
    """Pitch only: each sound judged by the plans of all other words of the same speaker."""
    pairs = [(f0, v) for f0, u in zip(map(track, waves), utterances, strict=True) for v in utterances
             if v.speaker == u.speaker and v.digit != u.digit]
    return {DIGIT: "", WHO: "", PITCH: percent_near([f0 for f0, _ in pairs], [v for _, v in pairs])}

# %% [markdown]
# ### What the condition controls
#
# Plans as measured on the test takes; with the pitch moved by up to four semitones; with the phones of *another* word,
# and with the digit label of another word, one at a time; and none.

# %%
from course_lib.data.generate.lexicon import DIGITS
from course_lib.data.views.digits import WORDS
from course_lib.models.speech_plan import stretched

asked = without_octave_errors(
    [plan(take, longest=longest) for take in test_takes if take.take < takes_heard], usual)
asked = asked[: device.choose(smoke=4, laptop=len(asked), full=len(asked))]


def other_phones(u, digit):
    """The plan with the phones of another digit; its label, voicing, pitch and level stay."""
    local = u.local.clone()
    local[: len(PHONE_NAMES)] = 0
    names = stretched(DIGITS[WORDS[digit]], local.shape[1])
    local[[PHONE_NAMES.index(name) for name in names], range(len(names))] = 1.0
    return replace(u, local=local)


def judged_by_another(plans, seed=SEED, draws=4000):
    """Each plan replaced by one of another digit, half of them of the other speaker: the best of some permutations."""
    rng, found = np.random.default_rng(seed), []
    digits, who = np.array([u.digit for u in plans]), np.array([u.speaker for u in plans])
    for order in (rng.permutation(len(plans)) for _ in range(draws)):
        same_digit, same_speaker = sum(digits[order] == digits), sum(who[order] == who)
        found.append((same_digit, abs(2 * same_speaker - len(plans)), len(found), same_speaker, order))
    same_digit, _, _, same_speaker, order = min(found, key=lambda f: f[:3])
    print(f"another plan: the same digit in {same_digit}, the same speaker in {same_speaker} of {len(plans)}")
    return [plans[i] for i in order]


spare = [plan(take) for take in data.digits_or_generated(speakers=SPEAKERS, takes=range(5, 5 + takes_heard))[0]]


def another_take(i, u):
    """A take of the same word by the same speaker that no model has seen."""
    same = [v for v in spare if (v.digit, v.speaker) == (u.digit, u.speaker)]
    return signal.mu_law_decode(same[i % len(same)].classes)


def by_means(u):
    """The mean-parameter voice with the pitch of the plan, which is stretched to its length."""
    m = means[u.digit, u.speaker]
    m = replace(m, frames=u.local.shape[1])
    on = u.f0 > 0
    track = np.interp(np.arange(len(on)), np.flatnonzero(on), u.f0[on]) if on.any() else np.full(len(on), 120.0)
    return signal.speak_states(m, torch.from_numpy(track).float(), sr)[: len(u.classes)]


told_what = trained["WaveNet, conditioned", SEED][0]
free = trained["WaveNet, no condition", SEED][0]
SHIFTS = device.choose(smoke=(0, 4), laptop=(-4, 0, 4), full=(-4, -2, 0, 2, 4))
another = judged_by_another(asked)
new_digits = [(u.digit + 1 + i % 9) % 10 for i, u in enumerate(asked)]
raised = [u.shifted(4) for u in asked]
relabelled = [replace(u, digit=digit) for u, digit in zip(asked, new_digits, strict=True)]
shifted = {shift: speak(pretrained, [u.shifted(shift) for u in asked]) for shift in SHIFTS}
short_voice, short_raised = speak(told_what, asked), speak(told_what, raised)
phones_changed = speak(pretrained, [other_phones(u, digit) for u, digit in zip(asked, new_digits, strict=True)])
label_changed = speak(pretrained, relabelled)
real_waves = [signal.mu_law_decode(u.classes) for u in asked]
heard = {
    "real recordings": (real_waves, asked),
    "real, judged by another plan": (real_waves, another),
    "another take of the word": ([another_take(i, u) for i, u in enumerate(asked)], asked),
    "mean-parameter voice": ([by_means(u) for u in asked], asked),
    "WaveNet, no condition": (speak(free, asked), asked),
    "WaveNet, conditioned": (short_voice, asked),
    "… judged by another plan": (short_voice, another),
    "… pitch raised by 4 semitones": (short_raised, raised),
    "… raised, judged by the old pitch": (short_raised, asked),
    "pretrained WaveNet": (shifted[0], asked),
    "pretrained, judged by another plan": (shifted[0], another),
    "pretrained, temperature 1": (speak(pretrained, asked, temperature=1.0), asked),
    "pretrained, pitch raised by 4 semitones": (shifted[4], raised),
    "pretrained, raised, judged by the old pitch": (shifted[4], asked),
    "pretrained, other phones, judged by the phones": (phones_changed, relabelled),
    "pretrained, other phones, judged by the label": (phones_changed, asked),
    "pretrained, other label, judged by the label": (label_changed, relabelled),
    "pretrained, other label, judged by the phones": (label_changed, asked),
}
control = {name: judge(waves, utterances) for name, (waves, utterances) in heard.items()}
OTHER_WORDS = "judged by other words of the same speaker"
control |= {
    f"real, {OTHER_WORDS}": by_other_words(real_waves, asked),
    f"… {OTHER_WORDS}": by_other_words(short_voice, asked),
    f"pretrained, {OTHER_WORDS}": by_other_words(shifted[0], asked),
    "the speaker's usual pitch, constant": {
        DIGIT: "", WHO: "", PITCH: percent_near([np.full(len(u.f0), usual[u.speaker]) for u in asked], asked)},
}
order = [name for name in heard if not name.startswith(("…", "pretrained"))]
order += [f"real, {OTHER_WORDS}", "the speaker's usual pitch, constant"]
order = sorted(order, key=lambda name: ("WaveNet" in name, name not in heard))      # baselines before networks
for prefix in ("…", "pretrained"):
    order += [name for name in control if name.startswith(prefix)]
control = {name: control[name] for name in order}


def median_pitch(waves, plans, speaker):
    """Median pitch in Hz of all frames of one speaker in which the plans ask for voice."""
    found = []
    for w, u in zip(waves, plans, strict=True):
        f0 = track(w)[: len(u.f0)]
        found.append(f0[u.f0[: len(f0)] > 0] if u.speaker == speaker else f0[:0])
    found = np.concatenate(found)
    return round(float(np.median(found))) if len(found) else ""


follows = []
for shift, waves in shifted.items():
    plans = [u.shifted(shift) for u in asked]
    row = {"pitch moved by (semitones)": shift,
           "near the pitch asked for (%)": percent_near([track(w) for w in waves], plans),
           "near the pitch not moved (%)": percent_near([track(w) for w in waves], asked)}
    for name in SPEAKERS:
        f0 = [u.f0[u.f0 > 0] for u in plans if u.speaker == name]
        row[f"{name}, asked (Hz)"] = round(float(np.median(np.concatenate(f0)))) if f0 else ""
        row[f"{name}, heard (Hz)"] = median_pitch(waves, plans, name)
    follows.append(row)
ui.table(follows, title="Does the pretrained voice follow the pitch of the plan?",
         caption="Voiced frames within a semitone; medians over the frames where the plan asks for voice.")
spread = {}
for name in SPEAKERS:
    voiced = np.concatenate([u.f0[u.f0 > 0] for u in training if u.speaker == name])
    spread[name] = float(np.subtract(*np.percentile(12 * np.log2(voiced), (75, 25))))
print("middle half of the pitch in training: " + ", ".join(f"{n} {s:.1f} semitones wide" for n, s in spread.items()))
bits["pretrained WaveNet"] = whole_bits(pretrained, judged)

# %% tags=["results"]
rows = []
for name in [*(b for b in bits if b not in control), *control]:
    each = [f"{model_bits[name, seed]:.3f}" for seed in seeds if (name, seed) in model_bits]
    rows.append({"system": name, "bits per sample": round(bits[name], 3) if name in bits else "",
                 **({"bits, by seed": ", ".join(each)} if len(seeds) > 1 else {}),
                 **control.get(name, dict.fromkeys(next(iter(control.values())), ""))})
linear = {name: value for name, value in bits.items() if name.startswith("linear")}
best = min(linear, key=linear.get)
more = bits["WaveNet, no condition"] - bits["WaveNet, conditioned"]
told, chance = control["WaveNet, conditioned"], control["… judged by another plan"]
long, long_chance = control["pretrained WaveNet"], control["pretrained, judged by another plan"]
constant = control["the speaker's usual pitch, constant"][PITCH]
other_words = control[f"pretrained, {OTHER_WORDS}"][PITCH]
there, stayed = (control[f"pretrained, {k}"][PITCH] for k in ("pitch raised by 4 semitones",
                                                              "raised, judged by the old pitch"))
by_label, by_phones = (control[f"pretrained, other {k}"][DIGIT] for k in ("label, judged by the label",
                                                                         "phones, judged by the phones"))
says = long[DIGIT] > long_chance[DIGIT] + 30
moves = there > stayed + 20 and there > other_words
contour = long[PITCH] > max(constant, other_words)


def against(name, other):
    """Bits of one model against those of another, in words."""
    gap = bits[other] - bits[name]
    return f"{abs(gap):.2f} bits {'fewer' if gap > 0 else 'more'}"


def interval(percent, z=1.96):
    """A share of the sounds asked for, with its 95 % interval (Wilson)."""
    p, n = percent / 100, len(asked)
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    low, high = (100 * (middle + sign * half) / (1 + z * z / n) for sign in (-1, 1))
    return f"{percent:.0f} % ({max(low, 0):.0f} to {min(high, 100):.0f})"


runs = f"{len(seeds)} training run{'s' * (len(seeds) > 1)} each"
ui.results(
    rows, title=f"Next-sample models and what is heard: {len(asked)} plans of test takes, temperature {TEMPERATURE}",
    seed=SEED, seconds=time.perf_counter() - started,
    claim="A neural autoregressive model on 256 classes models raw audio; conditioning controls what it says.",
    verdict=(
        f"Against the best linear model ({best.removeprefix('linear AR, ')}), WaveNet without a condition needs "
        f"{against('WaveNet, no condition', best)} after {steps} steps, the pretrained one, which is told its plan, "
        f"{against('pretrained WaveNet', best)}; against the one in which σ alone follows the past the "
        f"former needs {against('WaveNet, no condition', FIXED)}. The condition saves {more:.2f} bits ({runs}). "
        f"The digit asked for is heard in {interval(told[DIGIT])} after {steps} steps (judged by another plan: "
        f"{chance[DIGIT]:.0f} %), in {interval(long[DIGIT])} from the pretrained network ({long_chance[DIGIT]:.0f} %); "
        f"from the mean-parameter voice in {interval(control['mean-parameter voice'][DIGIT])}. "
        f"With only the label changed the new digit is heard in {interval(by_label)}, with only the phones changed in "
        f"{interval(by_phones)}. The pretrained voice is near the plan's pitch in {long[PITCH]:.0f} % of the voiced "
        f"frames; near that of other words of the same speaker in {other_words:.0f} %; a constant would be in "
        f"{constant:.0f} %. Asked for a pitch 4 semitones higher, it is near the new pitch in {there:.0f} % and near "
        f"the old one in {stayed:.0f} %. The plan controls the digit: {'yes' if says else 'no'}; it moves the pitch: "
        f"{'yes' if moves else 'no'}; the voice follows the plan's contour better than a constant: "
        f"{'yes' if contour else 'no'}."
    ),
)

# %%
columns = (DIGIT, WHO, PITCH)
ahead = [c for c in columns if control["mean-parameter voice"][c] > long[c]]
print("from few bits to many: " + ", ".join(f"{name} {value:.2f}" for name, value in sorted(
    bits.items(), key=lambda item: item[1])))
print(f"SampleRNN needs {against('SampleRNN', FIXED)} than {FIXED}.")
print(f"The condition saves {more:.2f} bits per sample, {HOP * more:.0f} bits per frame of {HOP} samples. The plan of "
      f"a frame has {pretrained.config['local_size']} numbers: sending it would cost more.")
print(f"The mean-parameter voice is ahead of the pretrained WaveNet in {len(ahead)} of {len(columns)} columns"
      + (": " + ", ".join(f"{c} {control['mean-parameter voice'][c]:.0f} against {long[c]:.0f}" for c in ahead)
         if ahead else "") + ".")
print(f"Which part names the word? The label {by_label:.0f} %, the phones {by_phones:.0f} %, each changed alone.")
print(f"The shares of {len(asked)} words with 95 % intervals: " + "; ".join(
    f"{name} {interval(control[name][DIGIT])}" for name in heard if "judged" not in name and "raised" not in name))
print(f"Networks: {runs}; how far another seed would move them is not in these intervals.")

# %% [markdown]
# **The bits.** A fixed filter is an easy opponent. The filter that is refitted on the past is a harder one, and fair:
# it knows nothing that the network cannot know. It is *given* what the network must learn, that speech is a resonator
# which stays nearly the same for 20 ms and then changes. The first line above is the order that came out. Some
# minutes of training, a small network, one recipe: the order says nothing about large ones. Later systems use both, a
# linear filter and a network for its residual (LPCNet, section 12).
#
# **The word.** *Judged by another plan* is what these sounds reach without listening to a plan: never the same digit,
# the same speaker in about half of the cases. A voice that obeys has 0 % of the digits there, one that babbles 10 %.
# What stands above it is control. *Other phones* and *other label* change one part of the condition at a time and are
# judged twice: the judge that wins tells which part names the word. Control is not quality: compare with the
# mean-parameter voice, made of averages and pulses.
#
# **The pitch.** Being near the plan's pitch proves little, since a speaker's words differ little in pitch (a line
# above prints by how much). So look at what stands beside it: the plans of other words of the same speaker, a
# constant at the usual pitch, and *another take*, which is what a copy would reach. *Raised* has two rows, one judged
# by the new pitch and one by the old, and the table before follows the pitch over eight semitones. A voice that keeps
# the speaker's usual pitch is near the old one in both. Why would a network do that? Once a vowel has begun, its past
# tells the period; the name of the speaker tells the rest; and the plan has holes where YIN found no clear period. So
# a network that ignores the pitch of the plan loses few bits. Errors of the pitch tracker add to it.

# %% [markdown]
# ### Teaching it to listen to the pitch
#
# The command on the card can train against that, in two steps. `--noise 0.04` disturbs the past in half of the crops,
# so the past tells less. `--speeds -4 -2 0 2 4` adds every recording at five pitches, so the speaker's name tells
# less. There are two ways to move a recording. **Playing it faster**, like a record, moves the formants too, and
# these tell digits and speakers apart. With **`--formants kept`** each frame of the played recording is divided by
# its all-pole envelope and gets that of the original (`Planned.sung`; source and filter, as in unit 05). The next
# cell lets the listener judge test recordings that were moved in both ways.

# %%
moved_rows, moved_sounds = [], {"recording": signal.mu_law_decode(asked[-1].classes)}
for way, move in (("played", "played faster"), ("sung", "formants kept")):
    for semitones in (-4, 4):
        plans = [getattr(u, way)(semitones) for u in asked]
        waves = [signal.mu_law_decode(u.classes) for u in plans]
        moved_rows.append({"recordings moved": move, "semitones": semitones, **judge(waves, plans)})
        moved_sounds[f"{move}, {semitones:+d}"] = waves[-1]
ui.table([{"recordings moved": "not at all", "semitones": 0, **control["real recordings"]}, *moved_rows],
         title="What is left of a recording at another pitch", caption="The listener has heard neither.")
ui.player(moved_sounds, sr)
print("the weights of the course:", models.pretrained_card("wavenet_digits").command)

# %% [markdown]
# We trained three times, with seed 0; these runs are not among the recorded tables. Played faster, with noise on the
# past, the pitch of the voice moved with the plan, but only part of the way. With the formants kept it did not
# follow, neither with the noise nor without, though the words were still heard. After all three the listener no
# longer knew the speaker. Whether the network is too small, the training too short, or the plan of the pitch too
# poor, these runs do not tell. The last line above says how the weights of the course were made, and the table of the
# experiment what they do.
#
# The listener was trained on real speech and never on generated sounds, so its errors are part network, part
# listener. It is no replacement for people: the paper's evidence are opinion scores (North American English, of 5:
# 4.21 for WaveNet, 3.86 for HMM-driven unit selection, 3.67 for LSTM parametric synthesis, 4.55 for the recordings
# with 16 bits, 4.46 for them in 8 bits with μ-law).

# %% [markdown]
# ### Turn the knobs
#
# The pretrained network speaks again with each move. Temperature divides the logits.

# %%
def draw_voice(digit, speaker, semitones, temperature):
    """Generate one word with changed pitch, and measure the pitch."""
    base = next(u for u in [*believed, *held_out] if (u.digit, u.speaker) == (digit, speaker))
    moved = base.shifted(semitones)
    samples = device.choose(smoke=1200, laptop=None, full=None)
    wave = speak(pretrained, [moved], temperature=temperature, samples=samples)[0]
    f0 = track(wave)
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained")
    ui.spectrogram(wave, sr, ax=left, n_fft=256, hop=40, db_range=60, title=f"“{WORDS[digit]}”, {speaker}")
    frames = min(len(f0), len(moved.f0))
    on = moved.f0[:frames] > 0
    time_axis = np.arange(frames) * HOP / sr
    right.plot(time_axis, np.where(on, moved.f0[:frames], np.nan), label="asked for")
    right.plot(time_axis, np.where(on, f0[:frames], np.nan), ".", label="heard (YIN)")
    right.set(xlabel="time (s)", ylabel="f0 (Hz)", title="pitch", ylim=(50, 400))
    right.legend()
    near = near_pitch(f0, moved).mean() if on.any() else 0.0
    return fig, f"{100 * near:.0f} % of the voiced frames are within a semitone of the plan.", {WORDS[digit]: wave}


ui.explore(
    draw_voice, sr=sr, question="Which of the three does the voice obey: digit, speaker, pitch? Move the pitch by 4 "
    "semitones up and down and look at the dots. What do temperatures of 0.6 and 1.1 do to the hiss of “six” and to "
    "the vowel of “nine”?",
    digit=[9, 6, 7, 3, 0], speaker=list(SPEAKERS), semitones=(-6, 8, 1, 0), temperature=(0.5, 1.2, 0.1, 0.9),
)

# %% [markdown]
# ## 11 · Listen
#
# One plan, all voices that follow one; then what the free networks babble. The player brings all to one level; the
# lines below give the level as generated.

# %%
i = next((i for i, u in enumerate(asked) if u.digit == 3), 0)
sounds = {name: waves[i] for name, (waves, _) in heard.items() if "judged" not in name}
sounds |= {"pretrained, other phones": phones_changed[i], "pretrained, other label": label_changed[i]}
ui.player({name: wave for name, wave in sounds.items() if name != "WaveNet, no condition"}, sr)
babble = trained["SampleRNN", SEED][0].generate(
    torch.rand(1, device.choose(smoke=200, laptop=6000, full=8000), generator=torch.Generator().manual_seed(1)))
ui.player({"WaveNet, no condition": sounds["WaveNet, no condition"],
           "SampleRNN": signal.mu_law_decode(babble[0])}, sr)
for name, wave in sounds.items():
    peak, level = float(wave.abs().max()), float(wave.square().mean().sqrt())
    print(f"{name}: {len(wave) / sr:.2f} s, peak {peak:.2f}, RMS {20 * np.log10(max(level, 1e-6)):.0f} dB")

# %% [markdown]
# ## 12 · Where this goes
#
# | system | what is new | paper |
# |---|---|---|
# | WaveNet | dilated causal stack, softmax, conditions | [van den Oord et al. 2016](https://arxiv.org/abs/1609.03499) |
# | SampleRNN | tiers of recurrence | [Mehri et al. 2017](https://arxiv.org/abs/1612.07837) |
# | Fast WaveNet | queues | [Paine et al. 2016](https://arxiv.org/abs/1611.09482) |
# | WaveNet autoencoder | notes, learned conditions; unit 30 | [Engel et al. 2017](https://arxiv.org/abs/1704.01279) |
# | Tacotron 2 | text to mel, WaveNet as the vocoder | [Shen et al. 2018](https://arxiv.org/abs/1712.05884) |
# | Parallel WaveNet | all samples at once; unit 29 | [van den Oord et al. 2018](https://arxiv.org/abs/1711.10433) |
# | WaveRNN | one recurrent layer, fast on a phone | [Kalchbrenner et al. 2018](https://arxiv.org/abs/1802.08435) |
# | LPCNet | linear prediction and a network | [Valin and Skoglund 2019](https://arxiv.org/abs/1810.11846) |
#
# With a network connection, a trained WaveRNN vocoder is one call away. Set `COURSE_ONLINE=1` to run the cell.

# %%
if os.environ.get("COURSE_ONLINE") == "1":
    import torchaudio

    bundle = torchaudio.pipelines.TACOTRON2_WAVERNN_CHAR_LJSPEECH
    processor, tacotron2, vocoder = bundle.get_text_processor(), bundle.get_tacotron2(), bundle.get_vocoder()
    with torch.inference_mode():
        tokens, lengths = processor("One sample after another.")
        mel, mel_lengths, _ = tacotron2.infer(tokens, lengths)
        speech, _ = vocoder(mel, mel_lengths)
    ui.player({"Tacotron 2 and WaveRNN": speech[0]}, vocoder.sample_rate)
else:
    print("skipped: set COURSE_ONLINE=1 to download Tacotron 2 and WaveRNN (130 MB)")
