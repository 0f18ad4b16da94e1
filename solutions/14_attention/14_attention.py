# %% [markdown]
# ## 1 · A recogniser that spells
#
# A CTC network (unit 12) writes one symbol or a blank at each step, and what it writes at one step does not depend on
# what it has written before. An **attention encoder-decoder** works the other way round. An encoder listens to the
# whole
# utterance and leaves one vector $h_m$ for each step $m$. A decoder then spells: it reads its last symbol, looks at the
# encoder states that it needs now, and writes the next symbol, until it writes the end of the string. Where it looks is
# nobody's label. It is learned from transcripts alone.
#
# Two questions follow, and this unit is about both. What happens when nothing forces the look to move forward? And if a
# network that is trained for something else must look at a *text*, does its look tell us when each phone was spoken?
#
# We begin with the data of the second question, since all exercises use it: phrases of generated words, whose phones
# are known to the sample, over excerpts of recorded music.

# %%
from course_lib.data import generate
from course_lib.data.speech_over_music import MUSIC, PAUSE, SpeechOverMusic, music_or_generated, words_of
from course_lib.models.phrase_batches import (
    HOP_SECONDS,
    SAMPLE_RATE,
    SYMBOLS,
    collate_phrases,
    filtered,
    magnitudes,
    text,
)

sr = SAMPLE_RATE
LEXICON = (
    "yes",
    "no",
    "red",
    "green",
    "blue",
    "seven",
    "three",
    "five",
    "north",
    "south",
    "stop",
    "left",
    "house",
    "tree",
    "fish",
    "song",
    "yellow",
    "hundred",
    "cheese",
    "jump",
    "good",
    "boy",
    "go",
    "turn",
)
VOICES = generate.random_voices(16, seed=14)
TEST_VOICES = {name: VOICES[name] for name in list(VOICES)[12:]}

test_music, music_note = music_or_generated(MUSIC["test"])
few_words = device.choose(smoke=LEXICON[:10], laptop=LEXICON, full=LEXICON)
few_voices = device.choose(smoke=1, laptop=4, full=4)
test_words = words_of(dict(list(TEST_VOICES.items())[:few_voices]), few_words)
test_speech = SpeechOverMusic(test_words, test_music, words_per_phrase=(2, 2))


def phrases_at(snr_db, count=1, seed=7):
    """The same test phrases at any level of the voice over the music, in dB; infinity leaves the music out."""
    return test_speech.draw(count, np.random.default_rng(seed), snr_db=snr_db)


shown = phrases_at(0.0)[0]
fig, (top, bottom) = plt.subplots(2, 1, figsize=(10, 5.4), sharex=True, layout="constrained")
for ax, x, title in (
    (top, shown.voice, "voice alone, with its phones"),
    (bottom, shown.mixture, "voice and music, 0 dB"),
):
    ui.spectrogram(x, sr, n_fft=512, hop=64, ax=ax, title=title, db_range=60)
for onset, phone in zip(shown.onsets, shown.phones, strict=True):
    top.axvline(onset, color="w", linewidth=0.8)
    top.text(onset + 0.005, 3.6, phone, color="w", fontsize=9)
top.set_xlabel("")
ui.show(
    fig, alt="Spectrogram of a phrase of two generated words with the name of each phone, and the same under music."
)
ui.player({f"voice: {' '.join(shown.words)}": shown.voice, "music": shown.music, "mixture, 0 dB": shown.mixture}, sr)
print(f"{len(shown.phones)} symbols in {shown.seconds:.2f} s: {' '.join(shown.phones)}   ({PAUSE} is a pause)")

# %% [markdown]
# ## 2 · Attention
#
# A **query** $g_n$ asks, **keys** $h_m$ answer. The answer is a score $s_{n,m}$, a softmax over the keys turns scores
# into weights, and what the query takes home is the weighted mean of the keys, the **context**:
#
# $$\alpha_{n,m} = \frac{e^{s_{n,m}}}{\sum_{k} e^{s_{n,k}}}, \qquad c_n = \sum_m \alpha_{n,m}\, h_m .$$
#
# Two scores are in use in this unit:
#
# $$\text{bilinear:}\quad s_{n,m} = g_n^\top W h_m, \qquad\qquad
# \text{additive:}\quad s_{n,m} = v^\top \tanh(W_g\, g_n + W_h\, h_m).$$
#
# The bilinear score is one matrix product for all pairs. The additive one is a small network that is run for each pair.
# With $W = I/\sqrt{d}$ the bilinear score is the scaled dot product of a transformer (unit 32).
#
# **Padding.** Phrases of a batch have different lengths, and the shorter ones are padded. Padding must get no weight.
# There is one safe way: give it the score $-\infty$ *before* the softmax. What the ways after the softmax do is
# measured
# below. The keys are random numbers, and the padding holds what a network may leave there.

# %%
draw = np.random.default_rng(1)
g, h, w = (torch.from_numpy(draw.normal(0, 1, shape)).float() for shape in ((1, 4, 8), (1, 6, 8), (8, 8)))
mask = torch.tensor([[True, True, True, True, False, False]])
scores = g @ w @ h.transpose(1, 2)
scores[:, :, 4:] += torch.tensor([6.0, 200.0])  # the padding shouts
whole = scores.softmax(-1)
there = mask[:, None]
tries = {
    "before": torch.where(there, scores, float("-inf")).softmax(-1),
    "after": whole * there,
    "after, then divided by the sum": whole * there / (whole * there).sum(-1, keepdim=True),
    "scores times the mask": (scores * there).softmax(-1),
}
ui.table(
    [
        {
            "mask": name,
            "sum of the weights of the keys": f"{alpha[0, 0, :4].sum().item():.3f}",
            "weight of the padding": f"{alpha[0, 0, 4:].sum().item():.3f}",
        }
        for name, alpha in tries.items()
    ],
    title="Where the mask goes: the first of four queries",
    caption="nan: the weights of the real keys are zero in float32 before the division, so it is 0/0.",
)

# %% [markdown]
# ### Exercise 14.1 · Masked bilinear attention   ★★☆ · 20 min · 3 points
#
# **Goal.** Compute the attention weights of a padded batch.
#
# | | |
# |---|---|
# | `g` | `Float[Tensor, "batch queries g_size"]` |
# | `h` | `Float[Tensor, "batch keys h_size"]`; padding may hold any finite number |
# | `w` | `Float[Tensor, "g_size h_size"]` |
# | `mask` | `Bool[Tensor, "batch keys"]`, True where there is a key |
# | returns | `Float[Tensor, "batch queries keys"]`, differentiable |
#
# **Rule for a phrase without any key** (all of its mask is False): its weights are all zero, no NaN. Then its context
# is
# zero too, and it does no harm in the batch.
#
# All numbers are float32, as everywhere in this notebook. Its weights are to train with: the gradients at `g`, `h` and
# `w` are finite, also in a batch that holds a phrase without any key.
#
# **Target:** the first row of the table above: sum 1, padding exactly 0. Scores may be some thousands, above or below
# zero.
#
# <details><summary>Hint 1 · the idea</summary>
# Scores of all pairs are one matrix product, <code>g @ w @ h.transpose(1, 2)</code>. The mask needs one axis more to
# fit them.
# </details>
#
# <details><summary>Hint 2 · the first lines</summary>
# <code>scores.masked_fill(~mask[:, None], -torch.inf)</code>, then a softmax over the last axis. A row that is all
# minus
# infinity gives NaN: repair it afterwards. Through <code>masked_fill</code> no gradient goes back to what it has
# replaced; minus infinity that is <em>added</em> to the scores gives NaN gradients.
# </details>
#
# **If square sizes run but give wrong weights, and other sizes raise:** W stands the wrong way. **If only a phrase
# without keys fails:** a large negative number in place of $-\infty$ gives equal weights there. **If only large scores
# fail:** exp overflows, or what stands for $-\infty$ is not low enough.

# %% nbgrader={"grade_id": "bilinear_attention", "solution": true}
def bilinear_attention(
    g: Float[Tensor, "batch queries g_size"],
    h: Float[Tensor, "batch keys h_size"],
    w: Float[Tensor, "g_size h_size"],
    mask: Bool[Tensor, "batch keys"],
) -> Float[Tensor, "batch queries keys"]:
    """Softmax over the keys of g' W h; zero for padding, and for all keys of a phrase of padding."""
    ### BEGIN SOLUTION
    scores = g @ w @ h.transpose(1, 2)
    weights = scores.masked_fill(~mask[:, None], -torch.inf).softmax(-1)
    return weights.nan_to_num(0.0)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_bilinear_attention", "points": 3}
checks.attention.bilinear_attention(bilinear_attention)
### BEGIN HIDDEN TESTS
checks.attention.bilinear_attention(bilinear_attention, rng=grading_rng("bilinear_attention"), cases=30)
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 14.2 · Additive attention and the context   ★★☆ · 20 min · 3 points
#
# **Goal.** Compute the other score, and what the query takes home.
#
# | | |
# |---|---|
# | `g`, `h`, `mask` | as before |
# | `w_g`, `w_h` | `Float[Tensor, "size g_size"]`, `Float[Tensor, "size h_size"]` |
# | `v` | `Float[Tensor, " size"]` |
# | returns | `(context, weights)`: `Float[Tensor, "batch queries h_size"]`, `Float[Tensor, "batch queries keys"]` |
#
# **Target:** $s_{n,m} = v^\top \tanh(W_g g_n + W_h h_m)$; zeros for a phrase without any key. As in 14.1, both results
# are differentiable with finite gradients, and scores may be some thousands (where $v$ is large).
#
# <details><summary>Hint 1 · the idea</summary>
# Every query meets every key: give the projected queries an axis for the keys, the projected keys an axis for the
# queries, and add. The shape before v is (batch, queries, keys, size).
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>hidden = torch.tanh((g @ w_g.T)[:, :, None] + (h @ w_h.T)[:, None])</code>
# </details>
#
# **If the weights pass and the context fails:** the context is a mean of the *keys*, one vector for each query.

# %% nbgrader={"grade_id": "additive_attention", "solution": true}
def additive_attention(
    g: Float[Tensor, "batch queries g_size"],
    h: Float[Tensor, "batch keys h_size"],
    w_g: Float[Tensor, "size g_size"],
    w_h: Float[Tensor, "size h_size"],
    v: Float[Tensor, " size"],
    mask: Bool[Tensor, "batch keys"],
) -> tuple[Float[Tensor, "batch queries h_size"], Float[Tensor, "batch queries keys"]]:
    """(context, weights) of the score v' tanh(W_g g + W_h h)."""
    ### BEGIN SOLUTION
    hidden = torch.tanh((g @ w_g.T)[:, :, None] + (h @ w_h.T)[:, None])
    weights = (hidden @ v).masked_fill(~mask[:, None], -torch.inf).softmax(-1).nan_to_num(0.0)
    return weights @ h, weights
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_additive_attention", "points": 3}
checks.attention.additive_attention(additive_attention)
### BEGIN HIDDEN TESTS
checks.attention.additive_attention(additive_attention, rng=grading_rng("additive_attention"), cases=20)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · The decoder, and the failure it is known for
#
# The recogniser of this unit is small: two strided convolutions and one bidirectional LSTM listen (a step every 40 ms,
# as in unit 12), one LSTM cell spells. Its one step is all there is to see. `seen` is the context of the step before:
# the cell reads what was seen last, beside the symbol that was written last, and the new context goes back to it in
# turn.

# %%
import inspect

from course_lib.data.digit_strings import DigitSpeech
from course_lib.models import attention_recogniser, text_informed_separation
from course_lib.models.digit_batches import HOP, collate
from course_lib.models.phone_classifier import force_align

print(inspect.getsource(attention_recogniser.AttentionRecogniser.step))

# %% [markdown]
# In training the decoder reads the true symbols (*teacher forcing*), and the loss is the cross-entropy of the next one.
# In use it reads its own. Nothing in the model says that a symbol is written once, that the look moves forward, or that
# all of the utterance must be looked at. It all has to be learned, and what is learned holds for strings like those of
# the training. The weights below were trained on strings of one to four digits. They come with the course, with a card.
# (The experiment trains them again.)

# %%
def trained_or_new(name, make):
    """Weights that come with the course, or an untrained model where they are not there yet."""
    if name in models.pretrained_names():
        return models.pretrained(name)
    print(f"there are no weights {name!r} yet: what follows shows an untrained network")
    torch.manual_seed(0)
    return make().eval()


SEEN = [speaker for speaker in data.SPEAKERS if speaker != "theo"]
test_takes, digits_note = data.digits_or_generated(
    speakers=SEEN, takes=device.choose(smoke=(0,), laptop=range(5), full=range(5))
)
test_digits = DigitSpeech(test_takes)
speller = trained_or_new("attention_digits", lambda: models.AttentionRecogniser(width=64))
if "attention_digits" in models.pretrained_names():
    print(models.pretrained_card("attention_digits"))


def spell(model, strings, limit=30):
    """What the recogniser writes for digit strings, with its attention."""
    batch = collate(strings).to(next(model.parameters()).device)
    return model.transcribe(batch.features, batch.lengths, limit)


def draw_attention(ax, string, found, title):
    """Weights over time, one row per written symbol, over the true places of the digits."""
    ax.grid(False)
    weights = found.weights.numpy()
    image = ax.imshow(
        weights,
        origin="upper",
        aspect="auto",
        cmap="cividis",
        vmin=0,
        vmax=0.5,  # a digit lasts for several steps, over which the weights spread
        extent=(0, weights.shape[1] * 4 * HOP / sr, len(weights) - 0.5, -0.5),
    )
    names = [str(k - 1) for k in found.symbols] + ["end"]
    ax.set(
        yticks=range(len(weights)), yticklabels=names[: len(weights)], xlabel="time (s)", ylabel="written", title=title
    )
    for digit, (start, end) in zip(string.digits, string.spans, strict=True):
        ax.axvline(start / sr, color="w", linewidth=0.7)
        above = ax.get_xaxis_transform()
        ax.text((start + end) / 2 / sr, 1.02, digit, ha="center", color="C1", fontsize=11, transform=above)
    return image


def words(symbols):
    """Class indices as digits."""
    return " ".join(str(k - 1) for k in symbols) or "nothing"


fig, axes = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained", width_ratios=(3, 5, 6))
sounds = {}
for ax, length in zip(axes, (3, 7, 12), strict=True):
    string = test_digits.draw(1, np.random.default_rng(40 + length), lengths=(length, length))[0]
    found = spell(speller, [string])[0]
    image = draw_attention(ax, string, found, f"{length} digits\n")
    sounds[f"{words(d + 1 for d in string.digits)} → {words(found.symbols)}"] = string.audio
fig.colorbar(image, ax=axes, label="attention weight", extend="max")
ui.show(
    fig, alt="Attention weights of the recogniser for strings of three, seven and twelve digits; the true digits above."
)
ui.player(sounds, sr)

# %% [markdown]
# Numbers at the top are what is said, at the place where it is said; numbers at the left are what is written, in its
# order. Up to four digits the weights form stairs. In longer strings look for a row that is spread over many digits at
# once, for a stair that leaves columns out (a **skip**), and for one that comes back to a column (a **repetition**).
# Where are the columns that are left out: at the end, or in the middle? How many digits does the model write, however
# many are said? Both are counted in section 7.
#
# Do the stairs go down from left to right? The next cell counts. They need not. The keys are states of a
# *bidirectional* LSTM, which may carry the news of a digit to any other step, and the loss asks for right symbols, not
# for looks at the right place. **Attention weights are no alignment** unless something makes them one. In the separator
# of section 4 something pushes that way: what it needs from the text at frame $n$ is the phone that sounds there.

# %%
moves = []
for length in (4, 8, 12):
    strings = [test_digits.draw(1, np.random.default_rng(500 + i), lengths=(length, length))[0] for i in range(20)]
    written, forward = [], []
    for found in spell(speller, strings):
        centres = (found.weights @ torch.arange(found.weights.shape[1]).float())[: len(found.symbols)]
        written.append(len(centres))
        forward += (np.diff(centres.numpy()) > 0).tolist()
    moves.append(
        {
            "digits said": length,
            "digits written (mean)": float(np.mean(written)),
            "looks that move forward (%)": 100 * float(np.mean(forward)) if forward else None,
        }
    )
ui.table(moves, title="20 strings of each length: from one written digit to the next, does the look move forward?")

# %% [markdown]
# If nearly all looks move forward, nothing in the loss asked for it. And a look that moves forward may still leave
# columns out.

# %% [markdown]
# ## 4 · Separation with a text
#
# Now turn the idea round. The queries are the frames of a mixture of voice and music; the keys are the phones of a text
# that is known: lyrics, a transcript. The network's task is to put out the voice. To do that it pays to know which
# phone is sung now: an *s* is hiss without harmonics, an *a* is the other way round. So if the text helps, the network
# must find out *when* each phone is sung. Nobody tells it. Separation and alignment are learned together
# (Schulze-Forster, Doire, Richard and Badeau: "Weakly informed audio source separation", WASPAA 2019; "Joint phoneme
# alignment and text-informed speech separation on highly corrupted speech", ICASSP 2020).
#
# | part | here | 2020 |
# |---|---|---|
# | mixture encoder $g_n$ | BLSTM (bidirectional LSTM) over frames | 2 layers |
# | text encoder $h_m$ | BLSTM over embedded phones | 2 layers |
# | attention | $s_{n,m} = g_n^\top W h_m$, softmax over $m$, $c_n = \sum_m \alpha_{n,m} h_m$ | the same |
# | joining | $q^{(1)}_n = \tanh(W_1 [c_n, g_n] + b_1)$ | the same |
# | decoder | BLSTM over frames, $q^{(2)}_n$ | 2 layers |
# | output | $\lvert\hat V_n\rvert = \max(0, W_2\, q^{(2)}_n + b_2)$ | the same |

# %%
print(inspect.getsource(text_informed_separation.TextInformedSeparator.forward))

# %% [markdown]
# Our miniature has one layer (in `full`: two) with 64 units in each direction. It sees and puts out magnitudes to the
# power 1/2. The
# voice is the mixture with the estimated magnitudes (never above those of the mixture) and the phase of the mixture.
#
# The number of phones and the number of frames need not agree: that is what attention is for. If they do agree, because
# somebody has aligned the text before, attention is not needed. The encoding of the phone at frame $n$ *is* the
# context. The paper calls this the sequential way. The same network then takes other side information too: the same
# symbol for all frames (**constant**: no information, the baseline), or whether there is voice in a frame (**voice
# activity**).

# %%
joint = trained_or_new("text_informed_joint", models.TextInformedSeparator)


@torch.no_grad()
def separate(model, phrases, side="text"):
    """Voices (a list of arrays), attention weights (or Nones) and the batch."""
    where = next(model.parameters()).device
    batch = collate_phrases(phrases).to(where)
    estimate, weights = model(batch.mixture, batch.lengths, *side_information(batch, side))
    voices = [
        filtered(torch.from_numpy(p.mixture), e[:n].cpu(), float(scale)).numpy()
        for p, e, n, scale in zip(phrases, estimate, batch.lengths.tolist(), batch.scale, strict=True)
    ]
    looks = [
        None if weights is None else weights[i, :n, :m].cpu().numpy()
        for i, (n, m) in enumerate(zip(batch.lengths.tolist(), batch.symbol_lengths.tolist(), strict=True))
    ]
    return voices, looks, batch


def side_information(batch, side):
    """(symbols, lengths): the text without times, or one symbol per frame, which a function may find."""
    if side == "text":
        return batch.symbols, batch.symbol_lengths
    if callable(side):
        return side(batch), batch.lengths
    phones = batch.frame_symbols
    return {"phonemes": phones, "voice activity": (phones > 0).long(), "constant": phones * 0}[side], batch.lengths


def draw_look(ax, weights, phrase, title, path=None):
    """Attention over time with the true alignment as a line of steps."""
    ax.grid(False)
    image = ax.imshow(
        weights.T,
        aspect="auto",
        cmap="cividis",
        vmin=0,
        vmax=1,
        origin="upper",
        extent=(-HOP_SECONDS / 2, (len(weights) - 0.5) * HOP_SECONDS, len(phrase.phones) - 0.5, -0.5),
    )
    ax.step(
        [*phrase.onsets, phrase.seconds],
        [*range(len(phrase.phones)), len(phrase.phones) - 1],
        where="post",
        color="C1",
        linewidth=1.6,
        label="truth",
    )
    if path is not None:
        frames = np.arange(len(path)) * HOP_SECONDS
        ax.step(frames, path, "w:", where="mid", linewidth=1.8, label="best path")
    ax.set(yticks=range(len(phrase.phones)), yticklabels=phrase.phones, xlabel="time (s)", ylabel="symbol", title=title)
    ax.set_xlim(-HOP_SECONDS / 2, (len(weights) - 0.5) * HOP_SECONDS)
    ax.legend(loc="upper right", frameon=True, facecolor="0.35", framealpha=0.8, labelcolor="w")
    return image


eight = phrases_at(0.0, 8)  # the first is the phrase of section 1
voices, looks, batch = separate(joint, eight)
right = [
    100 * float(np.mean(look.argmax(1) == places[: len(look)]))
    for look, places in zip(looks, batch.places.cpu().numpy(), strict=True)
]
best = max(range(1, 8), key=right.__getitem__)
fig, axes = plt.subplots(1, 2, figsize=(13, 4.8), layout="constrained")
for ax, i in zip(axes, (0, best), strict=True):
    title = f"“{' '.join(eight[i].words)}”, 0 dB\n{right[i]:.0f} % of the frames look at the right symbol"
    image = draw_look(ax, looks[i], eight[i], title)
fig.colorbar(image, ax=axes, label="attention weight")
ui.show(
    fig, alt="Attention of each frame over the phones of two texts, with the true alignments as falling staircases."
)
ui.player({"mixture": shown.mixture, "separated with the text": voices[0], "voice": shown.voice}, sr)


def level_db(x):
    """RMS in dB."""
    return 10 * np.log10(np.mean(np.square(x, dtype=np.float64)) + 1e-12)


too_quiet = np.mean([level_db(p.voice) - level_db(x) for p, x in zip(eight, voices, strict=True)])
print(f"frames that look at the right symbol, eight phrases: {', '.join(f'{r:.0f}' for r in right)} %")
print(f"the separated voice is {too_quiet:.1f} dB below the true one (mean of the eight)")

# %% [markdown]
# The steps are the truth, which the network has never seen in training: only mixtures, voices, and texts. Left is the
# phrase of section 1, right the best of seven others. Where the weights follow the steps, the network has learned to
# read along. Look on the left for a symbol that is lit far outside of its step, through a pause too, and for one that
# nobody looks at: such looks are why a path is needed in the next section. The text has passed a BLSTM, so $h_m$ also
# carries the neighbours of phone $m$: a look beside the step may bring home the right phone all the same.
#
# The separated voice is quieter than the true one. Where the network is not sure it puts out the mean of what is
# possible, and that is small. You do not hear it here, since all players have the same level, and the measures of
# section 7 do not see it, since their filter forgives gain.

# %% [markdown]
# ## 5 · From weights to onsets
#
# Weights are soft, and may jump. A text is read once, in order, without leaving anything out. So we look for the best
# **monotone path** through the matrix: one symbol $m(n)$ for each frame,
#
# $$m(0) = 0, \qquad m(n) - m(n-1) \in \{0, 1\}, \qquad m(N-1) = M-1, \qquad
# \text{the largest } \sum_n \ln \max(\alpha_{n, m(n)},\, \varepsilon).$$
#
# This is dynamic time warping (unit 11) with the cost $-\ln\alpha$, in which each step is one frame: the best sum up to
# frame $n$ in symbol $m$ comes from the same symbol or from the one before,
# $D(n, m) = \ln \max(\alpha_{n,m}, \varepsilon) + \max\{D(n-1, m),\, D(n-1, m-1)\}$. The floor $\varepsilon$ is
# needed because a softmax in floating point does say zero, and $\ln 0$ would forbid a path that is right but for one
# frame.
#
# We use the path after training. The authors' system of 2021 puts the recursion *into* the network
# ([its code](https://github.com/schufo/plla-tisvs)): $D$ is accumulated over the raw scores $s_{n,m}$, and the weights
# are the softmax over $m$ of $D(n, m)$. So what was read before has a say in each look, and it is pushed forward.
#
# **When** does a symbol begin? Frame $n$ of a centred STFT is centred at $n$ times the hop, so the border between frame
# $n-1$ and frame $n$ lies at $(n - \tfrac12)\cdot\text{hop}$. The first symbol begins at 0.

# %%
found = models.align(looks[0], HOP_SECONDS)
fig, ax = plt.subplots(figsize=(9, 4.6), layout="constrained")
image = draw_look(ax, looks[0], shown, "the best monotone path", found.path)
fig.colorbar(image, ax=ax, label="attention weight")
ui.show(fig, alt="The attention matrix with its best monotone path beside the true alignment.")
ui.table(
    [
        {"symbol": phone, "true onset (s)": true, "onset found (s)": said, "off by (ms)": 1000 * (said - true)}
        for phone, true, said in zip(shown.phones, shown.onsets, found.onsets, strict=True)
    ],
    title=f"Onsets; one frame is {1000 * HOP_SECONDS:.0f} ms",
)

# %% [markdown]
# ### Exercise 14.3 · The monotone path and its onsets   ★★★ · 40 min · 4 points
#
# **Goal.** Find the best monotone path and the onset of each symbol.
#
# | | |
# |---|---|
# | `weights` | `Float[np.ndarray, "frames symbols"]`, each row sums to one; frames ≥ symbols ≥ 1; may hold zeros |
# | `hop_seconds` | time from frame to frame |
# | `floor` | $\varepsilon$: weights below it count as it |
# | returns | `(path, onsets)`: the symbol of each frame; the start of each symbol in seconds |
#
# **Target:** every symbol has at least one frame; the first onset is 0, the others $(n - \tfrac12)\cdot$hop for the
# first
# frame $n$ of the symbol. Any of several equally good paths is right.
#
# <details><summary>Hint 1 · the idea</summary>
# Fill D from left to right and remember for each cell whether you came from the symbol before. Then walk back from the
# last frame of the last symbol.
# </details>
#
# <details><summary>Hint 2 · the first lines</summary>
#
# ```python
# scores = np.log(np.maximum(weights, floor))
# best = np.full(symbols, -np.inf)
# best[0] = scores[0, 0]
# ```
# and in each frame compare `best` with `best` shifted by one symbol; remember which was larger.
# </details>
#
# **If the paths pass and the onsets fail:** look at the half frame. **If small matrices pass and the one with zeros
# fails:** the floor.

# %% nbgrader={"grade_id": "align", "solution": true}
def align(
    weights: Float[np.ndarray, "frames symbols"], hop_seconds: float, floor: float = 1e-6
) -> tuple[Int[np.ndarray, " frames"], Float[np.ndarray, " symbols"]]:
    """(path, onsets in seconds): the monotone path with the largest sum of ln max(weight, floor)."""
    ### BEGIN SOLUTION
    scores = np.log(np.maximum(weights, floor))
    frames, symbols = scores.shape
    best = np.full(symbols, -np.inf)
    best[0] = scores[0, 0]
    moved = np.zeros((frames, symbols), bool)
    for n in range(1, frames):
        before = np.concatenate([[-np.inf], best[:-1]])
        moved[n] = before > best
        best = np.maximum(before, best) + scores[n]
    path = np.full(frames, symbols - 1)
    for n in range(frames - 1, 0, -1):
        path[n - 1] = path[n] - moved[n, path[n]]
    first = np.searchsorted(path, np.arange(symbols))
    return path, np.maximum((first - 0.5) * hop_seconds, 0.0)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_align", "points": 4}
checks.attention.align(align)
### BEGIN HIDDEN TESTS
checks.attention.align(align, rng=grading_rng("align"), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# ## 6 · How good is an alignment?
#
# **PCAS**, the percentage of correctly aligned segments, asks: for how much of the time is the right segment named
# ([Fujihara et al. 2011](https://doi.org/10.1109/JSTSP.2011.2159577))? For segment $m$, from $t_m$ to $t_{m+1}$, found
# from $\hat t_m$ to $\hat t_{m+1}$,
#
# $$\text{PCAS} = 100 \cdot \frac{\sum_m \max\bigl(0,\ \min(t_{m+1}, \hat t_{m+1}) - \max(t_m, \hat t_m)\bigr)}
# {\sum_m (t_{m+1} - t_m)} .$$
#
# It counts seconds, not boundaries. Between a true onset and the one that was found, one of the two segments is named
# in place of the other: an onset that is 50 ms off costs these 50 ms, one of 60 ms costs 60 ms, and no limit says when
# an onset is right.
#
# **Do pauses count?** Both sums go over the segments that count, and the function lets you choose. All tables of this
# unit count all the time, pauses too, as the authors do. If pauses are left out, an onset that falls too early, into a
# pause, costs nothing: the row below whose phones swallow all pauses is then without fault.
#
# A word of warning: these phrases are short, and even phones of equal length, spread evenly from the start to the end,
# are right for much of the time. So are phones of their **typical length**, which anybody knows who has the text and
# has not heard the phrase. Both are baselines of the experiment.

# %%
spoken = np.array([phone != PAUSE for phone in shown.phones])
even = np.arange(len(spoken)) * shown.seconds / len(spoken)
late = np.minimum(np.add(shown.onsets, 0.05 * (np.arange(len(spoken)) > 0)), shown.seconds)
swallowed = np.array(shown.onsets)
swallowed[:-1][~spoken[:-1]] = swallowed[1:][~spoken[:-1]]  # a pause begins when it is over: the phone before it lasts
swallowed[[0, 1, -1]] = 0.0, 0.0, shown.seconds
ui.table(
    [
        {
            "onsets": name,
            "PCAS (%)": metrics.correctly_aligned(onsets, shown.onsets, shown.seconds),
            "pauses left out (%)": metrics.correctly_aligned(onsets, shown.onsets, shown.seconds, spoken),
        }
        for name, onsets in {
            "the truth": shown.onsets,
            "found by attention": found.onsets,
            "the truth, all but the first 50 ms late": late,
            "the truth, but phones swallow the pauses": swallowed,
            "evenly spread": even,
        }.items()
    ],
    title="PCAS of one phrase",
)

# %% [markdown]
# ### Exercise 14.4 · PCAS   ★☆☆ · 15 min · 2 points
#
# **Goal.** Compute the percentage of correctly aligned segments.
#
# | | |
# |---|---|
# | `estimated`, `true` | `Float[np.ndarray, " segments"]`, onsets in seconds, in order; the first is 0 |
# | `end` | where the last segment ends, in both |
# | `counted` | `Bool[np.ndarray, " segments"]`: which segments are in the two sums; at least one (in our tables all) |
# | returns | `float`, percent |
#
# **Target:** 100 for the truth itself, whichever segments count.
#
# <details><summary>Hint 1 · the idea</summary>
# A segment ends where the next one begins. Two intervals overlap from the later start to the earlier end, if at all.
# </details>
#
# <details><summary>Hint 2 · the first line</summary>
# <code>ends = np.append(true[1:], end)</code>
# </details>
#
# **If good alignments pass and bad ones fail:** an overlap is never negative.

# %% nbgrader={"grade_id": "correctly_aligned", "solution": true}
def correctly_aligned(
    estimated: Float[np.ndarray, " segments"],
    true: Float[np.ndarray, " segments"],
    end: float,
    counted: Bool[np.ndarray, " segments"],
) -> float:
    """PCAS in percent over the segments that count."""
    ### BEGIN SOLUTION
    ends, found_ends = np.append(true[1:], end), np.append(estimated[1:], end)
    overlap = np.maximum(np.minimum(ends, found_ends) - np.maximum(true, estimated), 0.0)
    return 100 * overlap[counted].sum() / (ends - true)[counted].sum()
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_correctly_aligned", "points": 2}
checks.attention.correctly_aligned(correctly_aligned)
### BEGIN HIDDEN TESTS
checks.attention.correctly_aligned(correctly_aligned, rng=grading_rng("correctly_aligned"), cases=60)
### END HIDDEN TESTS

# %% [markdown]
# ### Demo: how loud may the music be?

# %%
demo_phrases = {" ".join(p.words): i for i, p in reversed(list(enumerate(phrases_at(0.0, 5, seed=21))))}


def draw_level(phrase, level_dB, temperature):
    """Attention, path and separated voice of one phrase at one level of the voice over the music."""
    one = phrases_at(float(level_dB), 5, seed=21)[demo_phrases[phrase]]
    (voice,), (look,), _ = separate(joint, [one])
    softened = look ** (1 / temperature)
    softened /= softened.sum(1, keepdims=True)
    path = models.align(softened, HOP_SECONDS)
    score = metrics.correctly_aligned(path.onsets, one.onsets, one.seconds)
    fig, ax = plt.subplots(figsize=(9, 4.4), layout="constrained")
    image = draw_look(ax, softened, one, f"{level_dB} dB: PCAS {score:.0f} %", path.path)
    fig.colorbar(image, ax=ax, label="attention weight")
    return fig, f"PCAS is {score:.0f} percent at {level_dB} dB.", {"mixture": one.mixture, "separated": voice}


ui.explore(
    draw_level,
    sr=sr,
    question="At which level of the voice over the music does the look lose its place, and where in the phrase first? "
    "The temperature divides the scores: it changes the picture. Does it change the path, and why (not)?",
    phrase=list(demo_phrases),
    level_dB=[0, -20, -15, -10, -5, 5, 10, 20],
    temperature=[1.0, 0.5, 2.0, 5.0],
)

# %% [markdown]
# ## 7 · Experiment
#
# **Questions.** (1) How do the errors of an attention recogniser grow with the length of the string, of what kind are
# they, and does CTC make them too? (2) Does attention that is learned from separation alone align phones under music?
# Is it better than text and typical durations, without listening? Is it better than a **forced aligner**: a recogniser
# that is told the text, and has only to say when? (3) Which side information helps the separation?
#
# **Fair play.** Voices and pieces of music of the test are not in the training; the 24 words are the same in both.
# Aligners and separators make the same number of steps in every profile, on the same batches; only the solo aligner has
# phrases of its own, by the same voices, without music. Their sizes are printed below: an aligner has no text encoder
# and no decoder, and is smaller. CTC has the same encoder, strings and steps as the attention recogniser.
#
# "The lecture" is the one that this course was made from; it shows results on singing, which stand under "claim" in the
# tables below. Its baseline, the Montreal Forced Aligner, was trained on clean speech and was then given mixtures. Ours
# is a network that gives each phone a probability in each frame (the *posteriors*), and the best monotone path of
# section 5 through the columns of the text (Viterbi). It comes in two kinds: trained on **solo** voices as in the
# lecture, and trained on the **same mixtures** as the separator. Both are told the exact place of every phone in
# training. The separator is told none, so the second baseline has a better teacher.
#
# We use two helps, and did not measure what each of them gives. In the first 40 % of the steps a penalty keeps the
# weights near the diagonal of the phrase ([guided attention](https://arxiv.org/abs/1710.08969)); it knows nothing of
# the true onsets. And one batch in eight has no music. The authors' code of 2021 has others: training begins with
# speech over music, the recursion of section 5 is part of the network, and later 1000 phrases of speech and added
# silence stay among the singing.
#
# **One seed.** The networks are trained once. All intervals are over test phrases, taken as independent, though they
# share a few voices and three pieces of music. They say nothing of another training run.
#
# In `smoke` the networks make a few steps, and their numbers mean nothing.

# %%
import dataclasses
import os
import time
from pathlib import Path

SEED = 0
spell_steps, phrase_steps, test_count, layers = device.choose(
    smoke=(3, 2, 4, 1), laptop=(600, 350, 60, 1), full=(2500, 2000, 200, 2)
)
where = device.get()
started = time.perf_counter()
train_music, train_music_note = music_or_generated(MUSIC["training"])
train_words = words_of(
    dict(list(VOICES.items())[: device.choose(smoke=1, laptop=12, full=12)]),  # the test voices come after them
    device.choose(smoke=LEXICON[:4], laptop=LEXICON, full=LEXICON),
)
train_speech = SpeechOverMusic(train_words, train_music, words_per_phrase=(2, 2))
train_takes, train_digits_note = data.digits_or_generated(
    speakers=SEEN, takes=device.choose(smoke=range(10, 12), laptop=range(10, 50), full=range(10, 50))
)
train_digits = DigitSpeech(train_takes)


def fit(name, model, loss_fn, batches, steps, rate=5e-3):
    """One recipe for all: AdamW, warm-up and cosine."""
    folder = os.environ.get("COURSE_CHECKPOINTS")
    history = train.fit(
        model,
        batches,
        loss_fn,
        steps=steps,
        seed=SEED,
        description=name,
        optimizer=torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=1e-4),
        schedule=train.warmup_cosine(steps, warmup=max(1, steps // 10)),
        checkpoint=Path(folder) / f"14_attention-{device.profile()}-{name.replace(' ', '-')}.ckpt" if folder else None,
    )
    return model, history

# %% [markdown]
# ### The recognisers

# %%
def digit_batches(step):
    """Strings of one length, one to four digits; so little is padded."""
    rng = np.random.default_rng((SEED, step))
    length = int(rng.integers(1, 5))
    return collate(train_digits.draw(16, rng, lengths=(length, length)))


def spelling_loss(model, batch):
    """Cross-entropy of the next symbol, given the true ones before it."""
    logits, _ = model(batch.features, batch.lengths, batch.labels)
    return models.string_loss(logits, batch.labels, batch.label_lengths)


torch.manual_seed(SEED)
new_speller, _ = fit(
    "recogniser", models.AttentionRecogniser(width=64), spelling_loss, digit_batches, spell_steps, rate=3e-3
)
new_speller = new_speller.to(where)


def string_ctc_loss(model, batch):
    """CTC (unit 12) of the same strings: every path that reads the string in order, over all steps."""
    logits, steps = model(batch.features, batch.lengths)
    log_y = logits.log_softmax(-1).transpose(0, 1)
    return nn.functional.ctc_loss(log_y, batch.labels, steps, batch.label_lengths, zero_infinity=True)


torch.manual_seed(SEED)
ctc, _ = fit("CTC", models.CTCRecogniser(width=64), string_ctc_loss, digit_batches, spell_steps, rate=3e-3)
ctc = ctc.to(where).eval()


@torch.no_grad()
def spell_by_ctc(strings):
    """Class indices on the best path of CTC."""
    batch = collate(strings).to(where)
    logits, steps = ctc(batch.features, batch.lengths)
    rows = logits.log_softmax(-1).cpu()
    return [models.best_path(row[:n].numpy()) for row, n in zip(rows, steps.tolist(), strict=True)]

# %% [markdown]
# Errors by length, and their kinds. Besides the usual three, we ask where the decoder looked: the centre of the weights
# of each written digit is given to the spoken digit whose middle is nearest, even if it lies in a gap between two. In
# the table a spoken digit that is given no look is **skipped**, one that is given several is **repeated**. As section 3
# says, a look need not fall on the digit that it writes: these two columns count places, and the deletions count what
# is missing from the text. How many digits are **written**, and whether the **first** and the **last** are right, tells
# where they are missing. The last column is CTC on the same strings, with the greedy search. Both encoders were trained
# on strings of one to four digits, so long sound is as new to one as to the other.

# %%
def visits(string, found):
    """How many written symbols looked at each spoken digit."""
    centre = (found.weights.numpy() @ np.arange(found.weights.shape[1]) * 4 + 1.5) * HOP
    middles = np.array([(start + end) / 2 for start, end in string.spans])
    nearest = [int(np.abs(middles - c).argmin()) for c in centre[: len(found.symbols)]]
    return np.bincount(nearest, minlength=len(string.spans))


lengths_tested = device.choose(
    smoke=(2, 6), laptop=(1, 2, 3, 4, 5, 6, 8, 10, 12), full=(1, 2, 3, 4, 5, 6, 8, 10, 12, 16)
)
spelling = []
for length in lengths_tested:
    strings = test_digits.draw(test_count, np.random.default_rng(300 + length), lengths=(length, length))
    found = spell(new_speller, strings, limit=2 * length + 4)
    said, heard = [[d + 1 for d in s.digits] for s in strings], [t.symbols for t in found]
    counts, seen = (
        metrics.error_rate(said, heard),
        np.concatenate([visits(s, t) for s, t in zip(strings, found, strict=True)]),
    )
    low, high = metrics.error_interval(said, heard)
    ends = np.array([[h[:1] == w[:1], h[-1:] == w[-1:]] for h, w in zip(heard, said, strict=True)])
    spelling.append(
        {
            "digits": length,
            "in training": "yes" if length <= 4 else "no",
            "error (%)": 100 * counts.rate,
            "95 % interval": f"{100 * low:.1f} to {100 * high:.1f}",
            "substitutions": counts.substitutions,
            "deletions": counts.deletions,
            "insertions": counts.insertions,
            "skipped (%)": 100 * np.mean(seen == 0),
            "repeated (%)": 100 * np.mean(seen > 1),
            "written (mean)": float(np.mean([len(h) for h in heard])),
            "first right (%)": 100 * float(ends[:, 0].mean()),
            "last right (%)": 100 * float(ends[:, 1].mean()),
            "CTC: error (%)": 100 * metrics.error_rate(said, spell_by_ctc(strings)).rate,
        }
    )
spelled = time.perf_counter()
ui.table(spelling, title=f"Attention recogniser, and CTC: {test_count} strings of each length")

# %% [markdown]
# ### The separators and the aligners
#
# Five separators: with the text and attention, and with one symbol per frame that is constant, voice activity, or the
# phone. The phone comes in two kinds. **Aligned by the joint model** is the sequential way of the paper: the first
# separator has found the times, in the training mixtures as in those of the test, so the network learns with what it
# will be given. **True** phones are an oracle in training and test, and so is the voice activity. (The authors take
# that from the aligned text as well.)

# %%
def phrase_batches(levels, size=12):
    """step → (step, batch of phrases at random levels); every eighth without music."""

    def batches(step):
        rng = np.random.default_rng((SEED, step))
        return step, collate_phrases(train_speech.draw(size, rng, snr_db=np.inf if step % 8 == 0 else levels))

    return batches


def separation_loss(side):
    """The error of the spectrogram, with the diagonal penalty on attention at the start.

    The step comes with the batch: a count kept here would begin again when a run is resumed.
    """

    def loss(model, numbered):
        step, batch = numbered
        estimate, weights = model(batch.mixture, batch.lengths, *side_information(batch, side))
        error = models.spectrogram_loss(estimate, batch.voice, batch.lengths)
        help_left = max(0.0, 1 - (step + 1) / (0.4 * phrase_steps))
        if weights is None or not help_left:
            return error
        return error + help_left * models.diagonal_penalty(weights, batch.lengths, batch.symbol_lengths)

    return loss


def phone_loss(model, numbered):
    """Cross-entropy with the true phone of each frame."""
    _, batch = numbered
    logits = model(batch.mixture, batch.lengths)
    there = torch.arange(logits.shape[1], device=logits.device) < batch.lengths[:, None]
    return nn.functional.cross_entropy(logits[there], batch.frame_symbols[there])


@torch.no_grad()
def found_phones(batch):
    """The phone at each frame, by the alignment that the joint model finds. A phrase of the training comes once."""
    reader = separators["text"]
    _, weights = reader(batch.mixture, batch.lengths, batch.symbols, batch.symbol_lengths)
    frames = torch.zeros_like(batch.places)
    sizes = zip(batch.lengths.tolist(), batch.symbol_lengths.tolist(), strict=True)
    for row, look, (n, m) in zip(frames, weights.cpu().numpy(), sizes, strict=True):
        row[:n] = torch.from_numpy(models.align(look[:n, :m], HOP_SECONDS).path)
    return batch.symbols.gather(1, frames)


mixtures = phrase_batches((-8.0, 8.0))
SIDES = {
    "text": "text",
    "constant": "constant",
    "voice activity": "voice activity",
    "phonemes, aligned": found_phones,
    "phonemes, true": "phonemes",
}
separators, histories = {}, {}
for name, side in SIDES.items():
    torch.manual_seed(SEED)
    model = models.TextInformedSeparator(layers=layers, side="text" if side == "text" else "frames")
    separators[name], histories[name] = fit(name, model, separation_loss(side), mixtures, phrase_steps)
    separators[name].to(where).eval()
classifiers = {}
for name, levels in (("solo", np.inf), ("the same mixtures", (-8.0, 8.0))):
    torch.manual_seed(SEED)
    model = models.PhoneClassifier(layers=layers)
    classifiers[name], histories[name] = fit(
        f"aligner, {name}", model, phone_loss, phrase_batches(levels), phrase_steps
    )
    classifiers[name].to(where).eval()


def size_of(model):
    """Number of parameters."""
    return sum(p.numel() for p in model.parameters())


print(
    f"{phrase_steps} steps each. Parameters: {size_of(separators['text']):,} of the separator with attention, "
    f"{size_of(separators['constant']):,} of those with one symbol per frame, {size_of(classifiers['solo']):,} of an "
    "aligner"
)

# %% [markdown]
# Two baselines do not listen. **Evenly spread** gives all symbols of the text one length; **typical durations** gives
# each phone its mean length in the *training* voices (a pause the middle of its range), and stretches the sum to the
# length of the phrase. And one row asks whether the attention hears the voice at all: the right text, and the music
# *without* the voice.

# %%
durations = {}
for word in train_words:
    for phone, start, stop in word.phones:
        durations.setdefault(phone, []).append(stop - start)
typical = {phone: np.mean(values) for phone, values in durations.items()} | {PAUSE: np.mean(train_speech.pause)}


def stretched(phrase, lengths):
    """Onsets of symbols of these lengths, stretched to the phrase."""
    return np.r_[0.0, np.cumsum(lengths)[:-1]] * phrase.seconds / np.sum(lengths)


def score_alignment(phrases, onsets):
    """PCAS of each phrase, over all its time."""
    return np.array(
        [metrics.correctly_aligned(o, p.onsets, p.seconds) for p, o in zip(phrases, onsets, strict=True)]
    )


def read_by_attention(phrases):
    """Onsets on the best path through the attention of the joint model."""
    return [models.align(look, HOP_SECONDS).onsets for look in separate(separators["text"], phrases)[1]]


def forced(model, phrases):
    """Text on frames by Viterbi over the classifier's posteriors."""
    batch = collate_phrases(phrases)
    rows = model.scores(batch.mixture.to(where), batch.lengths.to(where))
    return [force_align(row, text(p.phones).numpy(), HOP_SECONDS).onsets for row, p in zip(rows, phrases, strict=True)]


def without_voice(phrases):
    """The same phrases, of which only the music can be heard."""
    return [dataclasses.replace(p, voice=np.zeros_like(p.voice)) for p in phrases]


ATTENTION, TYPICAL = "attention of the separator", "typical durations, not listening"
SOLO, SAME = "forced aligner, trained on solo", "forced aligner, trained on the same mixtures"
ALIGNERS = {
    "evenly spread, not listening": lambda phrases: [stretched(p, np.ones(len(p.phones))) for p in phrases],
    TYPICAL: lambda phrases: [stretched(p, [typical.get(q, 0.1) for q in p.phones]) for p in phrases],
    SOLO: lambda phrases: forced(classifiers["solo"], phrases),
    SAME: lambda phrases: forced(classifiers["the same mixtures"], phrases),
    ATTENTION: read_by_attention,
}
LEVELS = {"solo": np.inf, "5 dB": 5.0, "0 dB": 0.0, "-5 dB": -5.0}
exam = {name: phrases_at(level, test_count, seed=99) for name, level in LEVELS.items()}
pcas = {
    (system, name): score_alignment(phrases, run(phrases))
    for system, run in ALIGNERS.items()
    for name, phrases in exam.items()
}
deaf = score_alignment(exam["0 dB"], read_by_attention(without_voice(exam["0 dB"])))


def half_width(values):
    """Half of the 95 % interval of the mean."""
    return 1.96 * values.std(ddof=1) / len(values) ** 0.5


def with_interval(values, signed=""):
    """Mean and the half width of its 95 % interval."""
    return f"{values.mean():{signed}.1f} ± {half_width(values):.1f}"


def compared(differences):
    """What paired differences allow to say: "above" and "below" need an interval that excludes 0."""
    if abs(differences.mean()) <= half_width(differences):
        return "not told apart from"
    return "above" if differences.mean() > 0 else "below"


def levels_in_words(other):
    """Where the attention lies, level by level, grouped: "above it (solo, 5 dB); below it (-5 dB)"."""
    groups = {}
    for name in exam:
        groups.setdefault(compared(pcas[ATTENTION, name] - pcas[other, name]), []).append(name)
    return "; ".join(f"{word} it ({', '.join(names)})" for word, names in groups.items())


aligned = time.perf_counter()
alignment_rows = [
    {"system": system} | {f"PCAS, {name} (%)": with_interval(pcas[system, name]) for name in exam}
    for system in ALIGNERS
]
alignment_rows.append({"system": "attention, the voice taken out", "PCAS, 0 dB (%)": with_interval(deaf)})
difference_rows = [
    {"attention minus": other}
    | {f"{name} (points)": with_interval(pcas[ATTENTION, name] - pcas[other, name], "+") for name in exam}
    for other in ALIGNERS
    if other != ATTENTION
]

# %% [markdown]
# Separation is scored by **BSS-eval** (unit 16 derives it). The estimate is split into three parts: what a short filter
# can make of the true voice, $s$; what filters can make of voice and music together, less that, $e_\text{music}$; and
# the rest, $e_\text{new}$, which is in neither. With $\lVert\cdot\rVert^2$ for energy,
#
# $$\text{SDR} = 10 \lg \frac{\lVert s\rVert^2}{\lVert e_\text{music} + e_\text{new}\rVert^2}, \qquad
# \text{SIR} = 10 \lg \frac{\lVert s\rVert^2}{\lVert e_\text{music}\rVert^2}, \qquad
# \text{SAR} = 10 \lg \frac{\lVert s + e_\text{music}\rVert^2}{\lVert e_\text{new}\rVert^2} .$$
#
# So SDR counts all that is wrong, SIR only what is left of the music, SAR only what was added, in decibels. The filters
# have 64 taps here (8 ms), not the usual 512, which would forgive much in phrases this short. The table gives medians
# over phrases, which one odd phrase cannot move far. The verdict gives means of the differences on the *same* phrase,
# which is what an interval can be put around. "Mixture" does nothing, and adds nothing: its SAR is infinite but for
# round-off, and is left out. The last row knows the true voice.

# %%
def ideal(phrases):
    """The best that the output stage could do: true magnitudes, never above the mixture's, and the mixture's phase."""
    return [filtered(torch.from_numpy(p.mixture), magnitudes([p.voice])[0][0], 1.0).numpy() for p in phrases]


def score_separation(phrases, voices):
    """(SDR, SIR, SAR) of the voice of each phrase, (phrases, 3); the music is what is left of the mixture."""
    values = []
    for p, voice in zip(phrases, voices, strict=True):
        found = metrics.bss_eval(np.stack([voice, p.mixture - voice]), np.stack([p.voice, p.music]), taps=64)
        values.append([float(ratio[0]) for ratio in found])
    return np.array(values)


JOINT, CONSTANT, ACTIVITY = "text, joint", "constant", "voice activity (true)"
SEQUENTIAL, EXACT = "phonemes, aligned by the joint model", "phonemes (true alignment)"
ROWS = {
    CONSTANT: "constant",
    ACTIVITY: "voice activity",
    JOINT: "text",
    SEQUENTIAL: "phonemes, aligned",
    EXACT: "phonemes, true",
}


def run_separator(system, phrases):
    """The voices of one row of the table."""
    if system in ROWS:
        return separate(separators[ROWS[system]], phrases, SIDES[ROWS[system]])[0]
    # A thousandth is left for the "music" of the first row: a second estimate of nothing but zeros has no ratios.
    return ideal(phrases) if system.startswith("true") else [p.mixture * np.float32(0.999) for p in phrases]


SYSTEMS = ("mixture (nothing done)", *ROWS, "true magnitudes (oracle)")
quality, outputs, separation_rows = {}, {}, []
for system in SYSTEMS:
    row = {"side information": system}
    for name in ("0 dB", "-5 dB"):
        outputs[system, name] = run_separator(system, exam[name])
        quality[system, name] = score_separation(exam[name], outputs[system, name])
        for i, measure in enumerate(("SDR", "SIR", "SAR")):
            if system.startswith("mixture") and measure == "SAR":
                continue  # nothing was added: infinite but for round-off
            row[f"{measure}, {name} (dB)"] = float(np.median(quality[system, name][:, i]))
    separation_rows.append(row)


known_error, known_ctc = (
    np.mean([row[column] for row in spelling if row["in training"] == "yes"])
    for column in ("error (%)", "CTC: error (%)")
)

# %% tags=["results"]
def gains(first, second, name, measure=0):
    """Paired differences of a measure in dB, one for each phrase."""
    return quality[first, name][:, measure] - quality[second, name][:, measure]


def gap(*which):
    """Their mean, with its 95 % interval over phrases."""
    more = gains(*which)
    return f"{more.mean():+.2f} ± {half_width(more):.2f} dB"


def helps(first, second, name):
    """What the interval allows to say of the SDR."""
    return {"above": "gains", "below": "loses"}.get(compared(gains(first, second, name)), "does not measurably gain")


finished = time.perf_counter()
longest = spelling[-1]
ui.results(
    spelling,
    title=f"Attention recogniser, and CTC, on {test_count} digit strings of each length",
    seed=SEED,
    seconds=spelled - started,
    claim="Attention has no built-in order: on long strings it skips and repeats stretches.",
    verdict=f"Error {known_error:.1f} % on trained lengths, {longest['error (%)']:.1f} % on {longest['digits']} "
    f"digits, where {longest['skipped (%)']:.0f} % of them are skipped and {longest['repeated (%)']:.0f} % repeated. "
    f"Of {longest['digits']} digits it writes {longest['written (mean)']:.1f}; the first is right in "
    f"{longest['first right (%)']:.0f} % of the strings, the last in {longest['last right (%)']:.0f} %. CTC, with the "
    f"same encoder, strings and steps: {known_ctc:.1f} % on trained lengths, {longest['CTC: error (%)']:.1f} % on "
    f"{longest['digits']} digits.",
)
attention, solo_aligner = ({name: pcas[system, name].mean() for name in exam} for system in (ATTENTION, SOLO))
ui.results(
    alignment_rows,
    title=f"Phone alignment: PCAS over all time, {test_count} phrases, unseen voices and music (mean ± 95 % interval)",
    seed=SEED,
    seconds=aligned - spelled,
    claim="Lecture (singing): joint model 85.9, 84.7, 82.2, 76.2 % at solo, 5, 0, -5 dB; forced aligner 77.9, 46.9, "
    "25.6, 10.0 %.",
    verdict=f"From solo to -5 dB attention loses {attention['solo'] - attention['-5 dB']:.1f} points, the aligner "
    f"trained on solo {solo_aligner['solo'] - solo_aligner['-5 dB']:.1f}. By paired differences whose interval "
    f"excludes 0, one training run: beside the aligner trained on solo (the lecture's claim), attention is "
    f"{levels_in_words(SOLO)}. Beside the one trained on the same mixtures: {levels_in_words(SAME)}. Beside typical "
    f"durations without listening: {levels_in_words(TYPICAL)}. With the voice taken out it has {deaf.mean():.1f} %.",
)
ui.results(
    difference_rows,
    title=f"PCAS of the attention minus that of the others on the same {test_count} phrases (mean ± 95 % interval)",
    seed=SEED,
    seconds=0.0,
    claim="Lecture (singing): attention is above the forced aligner at every level.",
    verdict="The words of the table above, in numbers.",
)
ui.results(
    separation_rows,
    title=f"Separation with three kinds of side information, {test_count} phrases (medians)",
    seed=SEED,
    seconds=finished - aligned,
    claim="Lecture (one singer): SDR, SIR, SAR of constant 4.77, 9.51, 7.15; voice activity 4.74, 9.17, 6.83; phonemes "
    "5.08, 10.41, 6.82 dB. Text does not help in the joint approach; it does in the sequential one.",
    verdict=f"SDR over constant, paired means ± 95 % interval, one training run. At 0 dB the joint text "
    f"{helps(JOINT, CONSTANT, '0 dB')}, {gap(JOINT, CONSTANT, '0 dB')} (lecture: no gain); the sequential way "
    f"{helps(SEQUENTIAL, CONSTANT, '0 dB')}, {gap(SEQUENTIAL, CONSTANT, '0 dB')} (lecture: a gain); sequential minus "
    f"joint {gap(SEQUENTIAL, JOINT, '0 dB')}. At -5 dB: joint {gap(JOINT, CONSTANT, '-5 dB')}, sequential "
    f"{gap(SEQUENTIAL, CONSTANT, '-5 dB')}. Oracles at 0 and -5 dB: true voice activity "
    f"{gap(ACTIVITY, CONSTANT, '0 dB')}, {gap(ACTIVITY, CONSTANT, '-5 dB')}; true phones "
    f"{gap(EXACT, CONSTANT, '0 dB')}, {gap(EXACT, CONSTANT, '-5 dB')}. True phones minus the sequential way at 0 dB: "
    f"{gap(EXACT, SEQUENTIAL, '0 dB')}.",
)

# %%
spoken_licence = (
    "generated speech: free; recorded music: Brahms by the US Army Strings (public domain), Dance of the Sugar "
    "Plum Fairy and Vibe Ace by Kevin MacLeod (CC BY 3.0)"
)
phrases_note = f"generated words of 12 synthetic voices over {train_music_note}"
for weights_name, model, data_note, licence, score in (
    (
        "attention_digits",
        new_speller,
        f"strings of one to four digits of five speakers, takes 10 to 49; {train_digits_note}",
        "CC BY-SA 4.0, as the recordings",
        f"{known_error:.1f} % errors on unseen takes, 1 to 4 digits",
    ),
    (
        "text_informed_joint",
        separators["text"],
        phrases_note,
        spoken_licence,
        f"PCAS {attention['0 dB']:.1f} % (all time) at 0 dB, unseen voices and music",
    ),
    (
        "text_informed_phonemes",
        separators["phonemes, true"],
        phrases_note,
        spoken_licence,
        f"SDR {np.median(quality[EXACT, '0 dB'][:, 0]):.1f} dB at 0 dB with true alignments",
    ),
):
    if "generated digits" in data_note or "generated music" in data_note:
        print(f"{weights_name}: not kept, since the recordings were not there ({data_note})")
    else:
        models.keep_weights(weights_name, model, data=data_note, licence=licence, seed=SEED, score=score)

fig, axes = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
for column, style, label in (
    ("error (%)", "C0o-", "errors"),
    ("skipped (%)", "C1s--", "skipped"),
    ("repeated (%)", "C2^:", "repeated"),
    ("CTC: error (%)", "kd-.", "CTC: errors"),
):
    axes[0].plot([r["digits"] for r in spelling], [r[column] for r in spelling], style, label=label)
axes[0].axvspan(0.5, 4.5, color="0.9", zorder=0)
axes[0].set(xlabel="digits in the string (grey: trained)", ylabel="share of the digits (%)", title="recognisers")
axes[0].legend()
for i, (system, style) in enumerate(zip(ALIGNERS, ("0.7", "0.4", "C1", "C2", "C0"), strict=True)):
    axes[1].errorbar(
        np.arange(4) + 0.06 * (i - 2),  # side by side, so that no bar hides another
        [pcas[system, name].mean() for name in exam],
        yerr=[half_width(pcas[system, name]) for name in exam],
        color=style,
        marker="o",
        label=system,
    )
axes[1].set(
    xticks=range(4),
    xticklabels=list(exam),
    xlabel="voice over music",
    ylabel="PCAS (%)",
    ylim=(0, 100),
    title="alignment",
)
axes[1].legend(fontsize=7, loc="lower left")
smooth = lambda v, n=20: np.convolve(v, np.ones(n) / n, "valid") if len(v) >= n else np.array(v)
for side, style in zip(separators, ("-", "--", ":", "-.", "-"), strict=True):
    axes[2].semilogy(smooth(histories[side].loss), style, label=side)
axes[2].set(xlabel="step", ylabel="loss (mean of 20 steps)", title="separators in training")
axes[2].legend()
ui.show(fig, alt="Errors by length of the string; PCAS of five aligners by level; training loss of five separators.")

# %% [markdown]
# How to read it.
#
# * **The recogniser.** The grey lengths were trained. Compare deletions with insertions, skipped with repeated, and the
#   digits written with the digits said: the lecture's example repeats (“to get to get to get”); does ours, or does it
#   leave out? Whether the first and the last digit are spared says where. If CTC with the same encoder keeps its error
#   in long strings, the fault is not that the encoder has never heard five seconds.
# * **Alignment.** The lecture compares a model trained on mixtures with an aligner trained on clean speech. The row
#   "trained on solo" repeats that; the row "trained on the same mixtures" asks how much of the gap is the training
#   data. The floor is high here: phrases are short, and text with typical durations is right for most of the time. In
#   the minutes of singing of the lecture's test it would be near zero, so do not compare numbers across the tables.
#   Where attention is not above typical durations, its score does not show that it has found anything. That it listens
#   is shown by the row without the voice: how far does it fall below the durations, with the same text?
# * **Separation.** The lecture found no gain from the joint text and a gain from the sequential way; the verdict says
#   what is seen here. In the sequential way a second network is given times that the first one found. It can be no
#   better than these times; the row with true phones says what better ones would be worth. Voice activity is true here,
#   which flatters it beside the two rows that must find it.
# * What the penalty at the start adds to the loss curve of "text" is not error.

# %% [markdown]
# ## 8 · Explain   ★★☆ · 15 min · 2 points
#
# **Question.** (a) The recogniser of section 3 leaves digits out of long strings, while CTC (unit 12) cannot skip in
# this way. Which property of the two models makes the difference, and why did training not remove the fault? (b) In the
# separator, nobody says when a phone is spoken, and still the attention learns it. The diagonal penalty knows nothing
# of onsets and is gone after 40 % of the steps: which other term of the loss pays for it? The separation table has two
# levels: at which of them is the side information worth more, and is that so for exact phones and for the joint text
# alike? (c) Name one text for which the attention would have no reason to be right.

# %% [markdown] nbgrader={"grade_id": "explain_attention", "solution": true, "points": 2}
# ### BEGIN SOLUTION
# (a) CTC sums over paths that are monotone and account for every frame; order is built in. The softmax over keys starts
# afresh for each symbol: what was looked at before enters only through the decoder's state, and nothing says that all
# keys must be used once. Training shows strings of up to four digits. The state learns to tell the places within such
# strings, and the loss on them does not depend on what would happen beyond. (b) The error of the spectrogram: the
# decoder can put out the right spectral shape if the context says which phone it is. If the voice is well above the
# music, the mixture says so itself, and side information adds little; under loud music exact phones are worth more. The
# joint text is worth only as much as the look is right, and under loud music it is right less often: two effects that
# work against each other. Its gain need not grow (the recorded run has the numbers in its verdict). (c) A text whose
# symbols make no difference for the spectrogram, such as one phone repeated, a hummed melody with one vowel, or a wrong
# text.
# ### END SOLUTION
# === BEGIN MARK SCHEME ===
# - 0.5: monotone paths that use all frames are built into CTC; attention starts afresh for each symbol.
# - 0.5: training strings are short, and the loss on them says nothing of longer ones.
# - 0.5: the reconstruction error, since the phone tells the spectral shape; from the student's own table, exact phones
#   at the two levels, and the joint text apart from them.
# - 0.5: a text that does not tell the spectra apart (repeated phone, hummed, wrong).
# === END MARK SCHEME ===

# %% [markdown]
# ## 9 · White noise in, a text in: what comes out?
#
# The network with aligned phones was never told what a phone sounds like. Give it white noise as its mixture, and a
# text
# with times: if it knows the shape of each phone, it will cut that shape out of the noise. The lecture plays such
# sounds. We use the weights that come with the course (or the ones just trained, where there are none).

# %%
shaper = (
    models.pretrained("text_informed_phonemes")
    if "text_informed_phonemes" in models.pretrained_names()
    else separators["phonemes, true"].cpu()
)


@torch.no_grad()
def shape_noise(phones, onsets, seconds, seed=0):
    """White noise through the separator, with phones at the given onsets: (noise, output)."""
    noise = 0.05 * np.random.default_rng(seed).standard_normal(round(seconds * sr)).astype(np.float32)
    level, lengths = magnitudes([noise])
    scale = float(level.square().mean().rsqrt())
    frames = text(phones)[np.searchsorted(onsets, np.arange(int(lengths[0])) * HOP_SECONDS + 1e-9, side="right") - 1]
    estimate, _ = shaper(level * scale, lengths, frames[None], lengths)
    return noise, filtered(torch.from_numpy(noise), estimate[0], scale).numpy()


noise, shaped = shape_noise(shown.phones, shown.onsets, shown.seconds)
fig, axes = plt.subplots(3, 1, figsize=(10, 7), sharex=True, layout="constrained")
for ax, x, title in zip(axes, (noise, shaped, shown.voice), ("white noise in", "out", "the true voice"), strict=True):
    ui.spectrogram(x, sr, n_fft=512, hop=64, ax=ax, title=title, db_range=50)
for onset, phone in zip(shown.onsets, shown.phones, strict=True):
    axes[1].text(onset + 0.005, 3.5, phone, color="w", fontsize=9)
for ax in axes[:2]:
    ax.set_xlabel("")
ui.show(fig, alt="White noise, the noise shaped by the phones of a text, and the true voice saying that text.")
ui.player({"white noise": noise, f"shaped: {' '.join(shown.words)}": shaped, "true voice": shown.voice}, sr)

# %% [markdown]
# Is that a "voice", or a gate that opens and closes? Two measurements on the test phrases. The **correlation** of the
# log-spectra (eight bands, pauses left out) with the true voice of the same text, and with the same frames put in
# another order, which keeps the average colour. And the **forced aligner** trained on solo voices: how often is the
# phone that was asked for among the five likeliest of the 41 symbols (40 phones and the pause)? A gate that knows no
# phones, only where there is one, stands beside it: what the text adds to voice activity is the difference of these two
# rows. In the picture, look for what is *not* of the voice: a band that stands in every phone, and the missing pitch.

# %%
def bands(x):
    """Log power in eight bands of equal width, (frames, 8)."""
    power = signal.stft(torch.from_numpy(x), n_fft=512, hop=160).abs().square().mT[:, 1:].reshape(-1, 8, 32).mean(-1)
    return torch.log(power + 1e-7).numpy()


def agreement(a, b):
    """Correlation of two log-spectrograms after the mean of each band is taken off."""
    return np.corrcoef((a - a.mean(0)).ravel(), (b - b.mean(0)).ravel())[0, 1]


def recognised(x, phones):
    """Share of the spoken frames whose phone is among the five likeliest."""
    level, lengths = magnitudes([x])
    row = classifiers["solo"].scores(
        (level / level.square().mean().sqrt().clamp_min(1e-6)).to(where), lengths.to(where)
    )[0]
    best = np.argsort(-row, 1)[:, :5]
    return np.mean([phone in likely for phone, likely in zip(phones, best, strict=True) if phone > 0])


shaping = time.perf_counter()
GATED = "noise that a gate lets through in every phone"
shaped_rows = {"white noise": [], GATED: [], "shaped by the text": [], "true voice": []}
for i, p in enumerate(exam["solo"][:20]):
    noise_i, shaped_i = shape_noise(p.phones, p.onsets, p.seconds, seed=i)
    frames = collate_phrases([p]).frame_symbols[0].numpy()
    said = frames > 0
    target, order = bands(p.voice)[said], np.random.default_rng(i).permutation(said.sum())
    nearest = (np.arange(len(noise_i)) / sr / HOP_SECONDS + 0.5).astype(int)
    gated = noise_i * (frames > 0)[np.minimum(nearest, len(frames) - 1)]
    for name, x in zip(shaped_rows, (noise_i, gated, shaped_i, p.voice), strict=True):
        heard = bands(x)[said]
        shaped_rows[name].append(
            [agreement(heard, target), agreement(heard, target[order]), 100 * recognised(x, frames)]
        )
shaped_table = [
    {
        "sound": name,
        "correlation with the true voice": values[0],
        "with its frames shuffled": values[1],
        "phone among the five likeliest (%)": values[2],
    }
    for name, values in ((name, np.mean(rows, 0)) for name, rows in shaped_rows.items())
]
shaped_scores = {name: np.mean(rows, 0) for name, rows in shaped_rows.items()}
beyond = np.array(shaped_rows["shaped by the text"])[:, 0] - np.array(shaped_rows[GATED])[:, 0]
ui.results(
    shaped_table,
    title=f"Noise shaped by a text, {len(beyond)} phrases",
    seed=SEED,
    seconds=time.perf_counter() - shaping,
    claim="Lecture: white noise and a text with times into the network, and something like the voice comes out.",
    verdict=f"Voice or gate? The shaped noise is {compared(beyond)} the gate in correlation with the true voice: "
    f"{shaped_scores['shaped by the text'][0]:.2f} against {shaped_scores[GATED][0]:.2f}, and "
    f"{shaped_scores['shaped by the text'][1]:.2f} with the frames shuffled. The phone that was asked for is among the "
    f"five likeliest in {shaped_scores['shaped by the text'][2]:.0f} % of the frames, for the true voice in "
    f"{shaped_scores['true voice'][2]:.0f} %.",
)

# %% [markdown]
# ### Demo: choose a text
#
# Every phone lasts as long as it does in the table of the generator, at the speed that you choose.

# %%
def speak_noise(first, second, speed):
    """Noise shaped by two words."""
    phones, onsets, now = [PAUSE], [0.0], 0.15
    for word in (first, second):
        for phone in generate.PRONUNCIATIONS[word]:
            phones.append(phone)
            onsets.append(now)
            now += generate.PHONES[phone].duration / speed
        phones.append(PAUSE)
        onsets.append(now)
        now += 0.12
    noise, out = shape_noise(phones, onsets, now, seed=3)
    fig, ax = plt.subplots(figsize=(9, 3.4), layout="constrained")
    ui.spectrogram(out, sr, n_fft=512, hop=64, ax=ax, db_range=50, title=f"noise shaped by “{first} {second}”")
    for onset, phone in zip(onsets, phones, strict=True):
        ax.text(onset + 0.005, 3.5, phone, color="w", fontsize=9)
    return fig, f"White noise shaped by the phones of {first} {second}.", {"noise": noise, f"{first} {second}": out}


ui.explore(
    speak_noise,
    sr=sr,
    question="Which phones can you tell by ear, and which by eye only? What is missing for a voice?",
    first=["seven", "yes", "fish", "stop", "house"],
    second=["cheese", "no", "green", "north", "go"],
    speed=[1.0, 0.5, 0.7, 1.4],
)

# %% [markdown]
# ## 10 · Listen
#
# One test phrase at -5 dB through all separators. All players have the same level.

# %%
pick = int(np.argmax([len(p.phones) for p in exam["-5 dB"]]))
one = exam["-5 dB"][pick]
ui.player(
    {"mixture, -5 dB": one.mixture}
    | {
        f"{system} (SDR {quality[system, '-5 dB'][pick, 0]:.1f} dB)": outputs[system, "-5 dB"][pick]
        for system in SYSTEMS[1:]
    }
    | {f"voice: {' '.join(one.words)}": one.voice},
    sr,
)

# %% [markdown]
# ## 11 · Where this goes
#
# | system | what is new | paper |
# |---|---|---|
# | RNNsearch | additive attention | [Bahdanau et al. 2015](https://arxiv.org/abs/1409.0473) |
# | Luong attention | the bilinear score | [Luong et al. 2015](https://arxiv.org/abs/1508.04025) |
# | Attention in speech | long utterances fail; location-aware scores | [Chorowski](https://arxiv.org/abs/1506.07503) |
# | Listen, attend and spell | end to end | [Chan et al. 2016](https://arxiv.org/abs/1508.01211) |
# | Joint CTC, attention | CTC keeps the order | [Kim et al. 2017](https://arxiv.org/abs/1609.06773) |
# | Monotonic attention | order built in | [Raffel et al. 2017](https://arxiv.org/abs/1704.00784) |
# | Text and separation | second half of this unit | [paper of 2021](https://doi.org/10.1109/TASLP.2021.3091817) |
# | Montreal Forced Aligner | the lecture's baseline | [tool](https://montreal-forced-aligner.readthedocs.io) |
# | Whisper | 680 000 h; still repeats | [Radford et al. 2022](https://arxiv.org/abs/2212.04356) |
#
# With a network connection, a pretrained encoder-decoder of today transcribes a string of digits. Set
# `COURSE_ONLINE=1` to run the cell.

# %%
if os.environ.get("COURSE_ONLINE") == "1":
    from transformers import pipeline

    long_string = test_digits.draw(1, np.random.default_rng(5), lengths=(12, 12))[0]
    whisper = pipeline("automatic-speech-recognition", "openai/whisper-tiny.en")
    print(words(d + 1 for d in long_string.digits), "→", whisper(audio.resample(long_string.audio, sr, 16000))["text"])
else:
    print("skipped: set COURSE_ONLINE=1 to download whisper-tiny.en (150 MB)")
