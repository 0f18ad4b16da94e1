# %% [markdown]
# ## 1 · How a unit works
#
# Each unit of this course is one notebook like this one. You will meet six kinds of cell:
#
# | you see | what it is | what you do |
# |---|---|---|
# | text, code, figure, player | the lesson | run it, look, listen; change a number and run it again |
# | a question above a slider | a demo | move the slider until you can answer |
# | **Exercise** with stars | a card: the goal, the shapes, two hints | read it before you write code |
# | `# YOUR CODE HERE` and `raise NotImplementedError()` | an answer cell | replace both lines by your answer |
# | `checks.…(your_function)` | a graded check | run it, read the one line it prints, mend, run again |
# | **Explain** | a question in words | two to five sentences, marked by a person |
#
# Run a cell with **Shift + Enter**. The lesson never needs your answers: if an exercise beats you today, read on.

# %% [markdown]
# ## 2 · Sound is a list of numbers
#
# A microphone follows the air pressure, and a converter writes down its value $f_s$ times per second. What is left is
# a list of numbers $x[0], x[1], \dots, x[N-1]$, the **samples**, and one number that says how fast they were taken,
# the **sampling rate** $f_s$ in hertz. Sample $n$ belongs to the time $t = n / f_s$ seconds.
#
# Samples lie between −1 and 1. That range is called **full scale**: a converter cannot write anything larger.

# %%
x, sr = data.example("trumpet")
ui.table(
    [
        {"quantity": "samples N", "value": len(x)},
        {"quantity": "sampling rate (Hz)", "value": sr},
        {"quantity": "duration N / sr (s)", "value": round(len(x) / sr, 3)},
        {"quantity": "smallest sample", "value": round(float(x.min()), 3)},
        {"quantity": "largest sample", "value": round(float(x.max()), 3)},
    ],
    title="A trumpet, as the computer sees it",
)

# %%
fig, (whole, part) = plt.subplots(2, 1, figsize=(9, 4.6), layout="constrained")
ui.waveform(x, sr, ax=whole, title="the whole recording")
begin, end = int(2.10 * sr), int(2.12 * sr)
time_ms = np.arange(begin, end) / sr * 1000
part.plot(time_ms, x[begin:end], marker=".", markersize=3, linewidth=0.8)
part.set(xlabel="time (ms)", ylabel="amplitude", title="20 milliseconds of it: one dot per sample")
ui.show(fig, alt="A trumpet phrase as a waveform; below, 20 ms of it, where one shape repeats every few ms.")

# %%
ui.player({"trumpet": x}, sr)

# %% [markdown]
# Above, the notes show as lumps with gaps between them. Below, one shape repeats again and again: that repetition is
# what you hear as pitch.
#
# ### Reading and writing files
#
# `audio.read` gives samples and sampling rate of any wav, flac, ogg or mp3 file; `audio.write` writes them.
# `audio.write` stores each sample of a wav file as a 16-bit integer, so a little is lost: at most one step of
# $2^{-15}$.

# %%
import tempfile
from pathlib import Path

path = Path(tempfile.mkdtemp()) / "trumpet.wav"
audio.write(path, x, sr)
again, sr_again = audio.read(path)
error = float(np.max(np.abs(again - x)))
print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB, {sr_again} Hz")
print(f"largest error {error:.1e}, one 16-bit step is {2**-15:.1e}")

# %% [markdown]
# ## 3 · How loud? Decibels
#
# The **root mean square** (RMS) is the size of a typical sample:
#
# $$\mathrm{RMS} = \sqrt{\frac{1}{N} \sum_{n=0}^{N-1} x[n]^2}.$$
#
# Ears judge ratios, not differences, so levels are given on a logarithmic scale. In **dBFS** (decibels relative to
# full scale)
#
# $$L = 20 \log_{10} \mathrm{RMS}.$$
#
# An RMS of 1 is 0 dBFS, so nearly every level is negative. Silence has RMS 0, and $\log_{10} 0 = -\infty$.
#
# *Two conventions exist.* Only a full-scale square wave has RMS 1. A full-scale sine has RMS $1/\sqrt 2$. The
# standard AES17 calls that sine 0 dBFS, and so adds $10 \log_{10} 2$ dB to every level. This course does not: RMS 1
# is 0 dBFS.

# %%
time = np.arange(sr) / sr
sine = np.sin(2 * np.pi * 440 * time)
signals = {
    "square wave, amplitude 1": np.sign(sine),
    "sine, amplitude 1": sine,
    "sine, amplitude 1/2": sine / 2,
    "sine, amplitude 1/10": sine / 10,
    "the trumpet": x,
}
rows = []
for name, signal_ in signals.items():
    rms, peak = np.sqrt(np.mean(signal_**2)), np.abs(signal_).max()
    rows.append({"signal": name, "peak": peak, "RMS": rms, "level (dBFS)": audio.rms_dbfs(signal_)})
ui.table(rows, caption="Half the amplitude costs 6.02 dB; a tenth costs 20 dB.")

# %% [markdown]
# Listen to the same trumpet at three levels. These players keep the level as it is; elsewhere in the course two
# sounds are brought to the same level before you compare them, because the louder of two always seems the better.

# %%
ui.player(
    {f"{change} dB": x * 10 ** (change / 20) for change in (0, -6, -20)}, sr, level_match=False,
)

# %% [markdown]
# ### Demo: turn it up
#
# Amplify by $g$ decibels: multiply by $10^{g/20}$. What passes full scale is cut off (**clipped**), which bends the
# waveform and adds tones that were not there. The player brings every version to the same level (it says by how
# much), so that you hear the clipping and not the loudness.

# %%
def turn_up(gain_db):
    """The trumpet amplified by `gain_db` and clipped: figure, alt text, sound."""
    loud = x * 10 ** (gain_db / 20)
    clipped = np.clip(loud, -1, 1)
    share = np.mean(np.abs(loud) > 1) * 100
    fig, ax = plt.subplots(figsize=(9, 2.8), layout="constrained")
    ax.plot(time_ms, loud[begin:end], color="0.7", label="wanted")
    ax.plot(time_ms, clipped[begin:end], label="what a converter writes")
    ax.axhspan(-1, 1, color="0.9", zorder=0)
    level = audio.rms_dbfs(clipped)
    ax.set(xlabel="time (ms)", ylabel="amplitude", title=f"level {level:.1f} dBFS, {share:.1f} % of samples clipped")
    ax.legend(loc="upper right")
    return fig, f"Trumpet amplified by {gain_db} dB; {share:.1f} percent of the samples are cut at full scale.", {
        "amplified and clipped": clipped[: 2 * sr]
    }


ui.explore(
    turn_up, sr=sr, gain_db=(0, 24, 3, 9),
    question="At which gain do you first hear the clipping, and how many percent of the samples are clipped then? "
    "By how much did the last 6 dB raise the level?",
)

# %% [markdown]
# Once samples are clipped, 6 dB more gain raises the level by less than 6 dB: the peaks have nowhere to go.

# %% [markdown]
# ## 4 · Your first exercise
#
# ### Exercise 0.1 · Level in dBFS   ★☆☆ · 5 min · 1 point
#
# **Goal.** Return the RMS level of every channel in dBFS.
#
# ```python
# rms_dbfs(x: Float[np.ndarray, "*channels samples"]) -> Float[np.ndarray, "*channels"]
# ```
#
# - `x` is float32 or float64. Time is the last axis: `(2, 48000)` is one second of stereo at 48 kHz and gives two
#   levels.
# - An RMS of 1 is 0 dBFS. An offset counts: do not remove the mean.
# - Silence is `-inf`, exactly. Nothing is added before the logarithm.
#
# **Target.** The level column of the table above.
#
# <details><summary>Hint 1 · the idea</summary>
#
# Read "RMS" backwards: square, mean, root. The mean goes along the last axis only. numpy already gives `-inf` for
# `np.log10(0)`; it also prints a warning, which `with np.errstate(divide="ignore"):` keeps quiet.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# power = np.mean(np.square(x), axis=-1)
# ```
# </details>
# <details><summary>If a sine passes but a batch fails</summary>
#
# You average over everything at once: look at `axis`.
# </details>

# %% nbgrader={"grade_id": "rms_dbfs", "solution": true}
def rms_dbfs(x: Float[np.ndarray, "*channels samples"]) -> Float[np.ndarray, "*channels"]:
    """RMS level of each channel in dBFS: 0 is an RMS of 1, silence is -inf."""
    ### BEGIN SOLUTION
    with np.errstate(divide="ignore"):
        return 10 * np.log10(np.mean(np.square(x), axis=-1))
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_rms_dbfs", "points": 1}
checks.start.rms_dbfs(rms_dbfs)
### BEGIN HIDDEN TESTS
checks.start.rms_dbfs(rms_dbfs, rng=grading_rng(), cases=100)
### END HIDDEN TESTS

# %% [markdown]
# ### What a check tells you
#
# A check calls your function on many inputs: known ones first, then random ones, then the odd ones (a batch of one,
# one sample, silence). It compares with an answer computed in another way. Where it can, it recognises the mistake.
# Here is what it says to three people:

# %%
first_tries = {
    "forgot the root": lambda x: 2 * audio.rms_dbfs(x),
    "natural logarithm": lambda x: audio.rms_dbfs(x) * np.log(10),
    "afraid of silence": lambda x: np.maximum(audio.rms_dbfs(x), -200),
}
for name, attempt in first_tries.items():
    try:
        checks.start.rms_dbfs(attempt)
    except checks.CheckFailed as failure:
        print(f"{name}:\n  ✗ {failure.message}\n")

# %% [markdown]
# The graded cell runs the same check once more with private random numbers and more cases. You do not see those; a
# function that is right does not notice the difference. Do not write into an argument (`x *= w`): the next cell may
# still need it.
#
# **Points.** A check gives all its points or none. An explain question is marked by a person and may give a part.
#
# **Before you hand in**: *Kernel → Restart and run all*, then press **Validate** in the toolbar (JupyterLab with
# nbgrader). Validate runs every graded cell from the top and lists the ones that fail. It passes only what works in a
# fresh kernel, not what happens to be left in memory.
#
# **Handing in** means handing in this file under this name, `00_start.ipynb`. Write only in the answer cells; add
# cells of your own where you like. Do not delete, copy or retype the cells with checks.

# %% [markdown]
# ## 5 · Your machine
#
# Every notebook asks `device.get()` where to compute and `device.profile()` how much:
#
# | profile | for | an experiment takes |
# |---|---|---|
# | `smoke` | tests | seconds; it proves that the code runs, its numbers mean little |
# | `laptop` | a CPU (the default there) | up to 5 minutes; models really learn |
# | `full` | a GPU (the default there) | up to 10 minutes |
#
# The environment variables `COURSE_DEVICE` (`cpu`, `cuda`, `mps`) and `COURSE_PROFILE` overrule the choice; set them
# before the setup cell runs.

# %%
print(device.report())
print()
print(f"compute on: {device.get()}   profile: {device.profile()}")
print(f"`device.choose` picks by profile: {device.choose(smoke='a second', laptop='minutes', full='more minutes')}")

# %% [markdown]
# ### Experiment: how fast is it?
#
# Four jobs stand for everything that follows: a matrix product (attention, dense layers), a one-dimensional
# convolution (waveform models), a batch of STFTs (spectrograms), and a memory copy. Each runs on the CPU and, where
# there is one, on the accelerator; the first row is the baseline.

# %% tags=["results"]
import time as clock

started = clock.perf_counter()
benchmark = device.benchmark(seconds=device.choose(smoke=0.05, laptop=2.0, full=2.0))
if len(benchmark) > 1:
    gains = {name: benchmark[-1][name] / benchmark[0][name] for name in benchmark[0] if name != "device"}
    words = [f"{name.split(' (')[0]} × {gain:.0f}" for name, gain in gains.items()]
    verdict = f"Gain of the last row over the first: {', '.join(words)}."
else:
    verdict = "Only a CPU here, so nothing to compare; the laptop profile is sized for it."
ui.results(
    benchmark, title="What this machine computes per second", seed=0, seconds=clock.perf_counter() - started,
    claim="An accelerator gains most where much arithmetic is done on few numbers: matrix products.",
    verdict=verdict,
)

# %% [markdown]
# ## 6 · When the session is lost
#
# Colab stops a session that runs too long or idles; a laptop closes its lid. Training that saves a **checkpoint**
# every few steps loses only the steps since the last one. A checkpoint that is good for anything holds four things:
# the parameters, the state of the optimiser, the step, and the state of the random generators. Leave one out and
# the run after the break is another run.
#
# `train.fit` does all four. The small model here predicts each trumpet sample from the 16 before it. First we train
# it in one go. Then we train it again, and pull the plug in the middle.

# %%
TAPS, STEPS, PLUG = 16, 60, 33
frames = torch.from_numpy(np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(x, TAPS + 1)))


def batch_at(step):
    """256 random windows of the trumpet; the same ones whenever the same step is asked for."""
    return frames[torch.randint(len(frames), (256,), generator=torch.Generator().manual_seed(step))]


def prediction_error(model, batch):
    """Mean squared error of the last sample, relative to the power of the signal."""
    return (model(batch[:, :TAPS])[:, 0] - batch[:, TAPS]).square().mean() / frames[:, 0].square().mean()


def new_model():
    """One linear layer from 16 samples to the next; the seed makes every copy the same."""
    torch.manual_seed(0)
    return nn.Linear(TAPS, 1)


whole_run = train.fit(new_model(), batch_at, prediction_error, steps=STEPS, lr=0.02, description="in one go")

# %%
checkpoint = path.with_name("trumpet-predictor.ckpt")


def until_the_plug_is_pulled(step):
    """The same batches, until the power fails."""
    if step == PLUG:
        raise ConnectionError("the session is gone")
    return batch_at(step)


try:
    train.fit(
        new_model(), until_the_plug_is_pulled, prediction_error, steps=STEPS, lr=0.02, checkpoint=checkpoint,
        checkpoint_every=10, description="interrupted",
    )
except ConnectionError as problem:
    print(f"at step {PLUG}: {problem}; the checkpoint has {checkpoint.stat().st_size / 1024:.0f} KiB")

resumed = train.fit(
    new_model(), batch_at, prediction_error, steps=STEPS, lr=0.02, checkpoint=checkpoint, checkpoint_every=10,
    description="resumed",
)
difference = max(abs(a - b) for a, b in zip(whole_run.loss, resumed.loss, strict=True))
print(f"largest difference of the loss curves: {difference:.1e}")

# %%
histories = {"in one go": whole_run, "interrupted and resumed": resumed}
fig = ui.learning_curve(histories, title="The same run, twice", log=True)
fig.axes[0].lines[1].set_linestyle("--")  # the two curves coincide: let the first one show through
fig.axes[0].axvline(PLUG, color="0.5", linestyle=":")
ui.show(fig, alt="Two loss curves over 60 steps lie exactly on each other, with a line where the session was lost.")

# %% [markdown]
# The two curves coincide to the last digit (the progress bars show a running mean, which starts anew): the same
# call, made again, went on at the last checkpoint and repeated the few steps that were lost. On Colab, keep
# checkpoints where they outlive the session:
#
# ```python
# from google.colab import drive
# drive.mount("/content/drive")
# checkpoint = "/content/drive/MyDrive/deep-audio-course/predictor.ckpt"
# ```
#
# After a lost session: reconnect, run the setup cell, run the cells down to the training, and the training goes on.
# To start afresh, delete the checkpoint.

# %% [markdown] nbgrader={"grade_id": "explain_level", "solution": true, "points": 1}
# ### Explain 0.2 · Peak against RMS   · 5 min · 1 point
#
# A colleague scales every recording so that its largest sample is exactly 1, and finds that the speech then sounds
# much quieter than the organ. Why? What should be made equal instead, and what may go wrong when one does that? Two
# to five sentences.
#
# === BEGIN MARK SCHEME ===
# - (½) The peak depends on a single sample, loudness on the typical size (RMS/energy). Speech has short peaks and
#   pauses, so a lower RMS at the same peak than a sustained organ: its crest factor (peak/RMS) is larger.
# - (¼) Make the RMS level (better: a loudness measure) equal.
# - (¼) Raising the speech to the organ's RMS may push its peaks beyond full scale, so they clip: lower both instead.
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# The peak is a single sample, but loudness follows the energy, that is the RMS. Speech has short peaks and pauses,
# an organ tone is steady, so at equal peaks the speech has the lower RMS. Make the RMS levels equal instead.
# Raising the speech could then push its peaks beyond full scale and clip them, so turn the organ down to the level
# of the speech.
# ### END SOLUTION

# %% [markdown]
# ## 7 · Where this goes
#
# - Levels are defined in [AES17](https://www.aes.org/publications/standards/search.cfm?docID=21). Loudness as
#   broadcasters measure it weights frequencies and skips pauses: [ITU-R
#   BS.1770](https://www.itu.int/rec/R-REC-BS.1770).
# - [`librosa`](https://librosa.org/doc/) and [`torchaudio`](https://docs.pytorch.org/audio/) do in one call much of
#   what this course derives; the checks compare your answers with them.
# - Next: unit 02 shows a sound over time *and* frequency.
