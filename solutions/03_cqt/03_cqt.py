# %% [markdown]
# ## 1 · Notes are a geometric series, DFT bins are not
#
# Western music divides the octave, a factor of 2 in frequency, into twelve equal *ratios*. A **semitone** is the
# factor $2^{1/12}$. MIDI numbers count semitones; the A above middle C is number 69 and sounds at 440 Hz:
#
# $$f = 440 \cdot 2^{(m - 69)/12} \ \text{Hz}, \qquad m = 69 + 12 \log_2 \frac{f}{440}.$$
#
# So neighbouring notes are some 6 % apart, wherever they are. In hertz they crowd at the bottom and spread at the
# top. The bins of a DFT stand equally far apart in *hertz*, $f_s / N$. One of the two must be wrong for the other.

# %%
NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


def note_name(midi):
    """MIDI 60 is C4, also called middle C."""
    return f"{NAMES[int(midi) % 12]}{int(midi) // 12 - 1}"


def midi_to_hz(midi):
    """Frequency in Hz of a MIDI number (or an array of them), A4 = 440 Hz."""
    return 440.0 * 2.0 ** ((midi - 69) / 12)


def hz_to_midi(f):
    """MIDI number, with its fraction, of a frequency in Hz."""
    return 69 + 12 * np.log2(f / 440)


sr, n_fft = 22050, 4096
rows = []
for octave in range(1, 9):
    m = 12 * (octave + 1)
    gap = midi_to_hz(m + 1) - midi_to_hz(m)
    rows.append({
        "note": note_name(m), "MIDI": m, "frequency (Hz)": midi_to_hz(m), "to the next semitone (Hz)": gap,
        "the same in DFT bins": gap * n_fft / sr, "bins in this octave": round(midi_to_hz(m) * n_fft / sr),
    })
ui.table(rows, title=f"Notes and the bins of a DFT of {n_fft} samples at {sr} Hz",
         caption="At the bottom twelve notes share six bins. At the top each note has dozens that it does not need.")
print(f"there and back: MIDI {hz_to_midi(midi_to_hz(61.25)):.2f}")

# %% [markdown]
# Bins could be made denser by zero-padding. That improves the **precision**, the step $f_s / N$. It does not improve
# the **resolution**, the distance at which two tones part, which depends on the length $L$ of the *window* (unit 02):
# the main lobe is
#
# $$B_w = C_w \frac{f_s}{L}\ \text{Hz}$$
#
# wide, measured where it has fallen by 6 dB. $C_w$ belongs to the shape of the window. Measured:

# %%
CW = {}
for name in ("boxcar", "hamming", "hann", "blackman"):
    size, padding = 512, 64
    lobe = torch.fft.rfft(signal.window(name, size, dtype=torch.float64), size * padding).abs()
    first_below = int((lobe < lobe[0] / 2).nonzero()[0])
    CW[name] = 2 * first_below / padding
    print(f"{name:9} Cw = {CW[name]:.2f}")

# %% [markdown]
# Two equal tones whose distance is $B_w$ are only just two: each lobe contributes half of a peak in the middle between
# them. For the Hann window $C_w = 2$.
#
# How does that sound? Below, pairs of neighbouring semitones. High up they are two notes that rub. At the bottom
# the ear, too, hears one note that beats.

# %%
def pair(midi, seconds=2.0, distance=1):
    """Two sinusoids `distance` semitones apart, faded in and out."""
    t = np.arange(int(seconds * sr)) / sr
    fade = np.minimum(1, np.minimum(t, t[::-1]) / 0.05)
    return (0.25 * fade * sum(np.sin(2 * np.pi * midi_to_hz(m) * t) for m in (midi, midi + distance))).astype("float32")


pairs = {f"{note_name(m)} + {note_name(m + 1)}": pair(m) for m in (36, 48, 60, 72)}
ui.player(pairs, sr)
fig, axes = plt.subplots(1, 4, figsize=(13, 2.8), sharey=True, layout="constrained")
for ax, (name, x) in zip(axes, pairs.items(), strict=True):
    low = midi_to_hz({"C2": 36, "C3": 48, "C4": 60, "C5": 72}[name[:2]])
    frame = torch.from_numpy(x[sr // 2 : sr // 2 + n_fft]) * signal.window("hann", n_fft)
    f = torch.arange(16 * n_fft // 2 + 1) * sr / (16 * n_fft)
    near = (f > 0.8 * low) & (f < 1.3 * low)
    ax.plot(f[near], signal.magnitude_db(torch.fft.rfft(frame, 16 * n_fft)[near], floor=-40))
    for m in (0, 1):
        ax.axvline(low * 2 ** (m / 12), color="0.5", linestyle=":")
    ax.set(xlabel="frequency (Hz)", title=name)
axes[0].set_ylabel("level (dB re maximum)")
ui.show(fig, alt="Spectra of four pairs of semitones under one window of 4096 samples: one hump for the pair at C2, a "
        "shallow dip at C3, two clear peaks at C5.")

# %% [markdown]
# One window of 4096 samples, four pairs, dotted lines at the notes. The lowest pair makes one hump, padded or not. C3
# is on the edge: how deep the dip is depends on the phases of the moment. The high pairs part with room to spare, and
# there the window is *longer than needed*: it blurs time for nothing.

# %% [markdown]
# ## 2 · Constant Q
#
# So take another window for every note. Ask that the main lobe be as wide as the distance to the next bin:
#
# $$B_w = f_{k+1} - f_k .$$
#
# With $B$ bins per octave, $f_k = f_{\min} 2^{k/B}$, the ratio of frequency to bandwidth is the same everywhere,
#
# $$Q = \frac{f_k}{f_{k+1} - f_k} = \frac{1}{2^{1/B} - 1},$$
#
# and putting $B_w = C_w f_s / L$ into it gives the **window length** of bin $k$:
#
# $$L_k = \frac{Q\, C_w\, f_s}{f_k} \ \text{samples}.$$
#
# Every window holds the same number of *periods* of its own frequency, $Q\,C_w$. Low bins look far in time and narrowly
# in frequency, high bins the other way round. It is a wavelet transform in all but name.
#
# **Which $C_w$?** Brown (1991), and most libraries since, take $L_k = Q f_s / f_k$, that is $C_w = 1$, whatever the
# window. Then the neighbouring bin stands where a Hann window has fallen to one half: $-6$ dB. Here we take the
# $C_w$ of the window, 2 for Hann. Then the neighbour stands on the first zero. Twice as sharp, twice as slow.

# %%
rows = []
for m in (24, 36, 48, 60, 72, 84, 96):
    row = {"note": note_name(m), "f (Hz)": midi_to_hz(m)}
    for bins_per_octave in (12, 36):
        for cw in (1.0, 2.0):
            f = torch.tensor([midi_to_hz(m)])
            length = float(signal.cqt_lengths(f, sr, bins_per_octave=bins_per_octave, cw=cw)[0])
            row[f"B = {bins_per_octave}, Cw = {cw:g} (ms)"] = 1000 * length / sr
    rows.append(row)
ui.table(rows, title="Window lengths of constant Q",
         caption=f"Q = {signal.quality(12):.2f} for 12 bins per octave and {signal.quality(36):.2f} for 36. "
         "A window may be longer than the note that it looks at.")

# %%
def bin_response(semitones, cw):
    """Level in dB of a tone some semitones above a bin's note, relative to a tone on it (Hann, B = 12)."""
    f = midi_to_hz(69)
    length = signal.quality(12) * cw * sr / f
    n = np.arange(-int(length / 2), int(length / 2) + 1)
    w = 0.5 + 0.5 * np.cos(2 * np.pi * n / length)
    tones = np.exp(2j * np.pi * np.outer(f * (2.0 ** (np.atleast_1d(semitones) / 12) - 1), n) / sr)
    return 20 * np.log10(np.maximum(np.abs(tones @ w) / w.sum(), 1e-5))


away = np.linspace(-4, 4, 801)
fig, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
for cw in (1.0, 2.0):
    ax.plot(away, bin_response(away, cw), label=f"Cw = {cw:g}")
    print(f"Cw = {cw:g}: a tone one semitone up reads {bin_response(1, cw)[0]:.1f} dB, one down "
          f"{bin_response(-1, cw)[0]:.1f} dB, two up {bin_response(2, cw)[0]:.1f} dB")
ax.set(xlabel="distance of the tone from the bin (semitones)", ylabel="level (dB)", ylim=(-80, 3),
       title="What one bin hears")
ax.legend()
ui.show(fig, alt="Response of a constant-Q bin to tones up to four semitones away: with Cw of 1 the neighbours are at "
        "minus 6 dB, with Cw of 2 they fall on a zero.")

# %% [markdown]
# Note the small asymmetry: the semitone below is closer in hertz than the one above, so it leaks more.
#
# **Target of exercise 3.1:** the table above.

# %% [markdown]
# ### Exercise 3.1 · Window lengths   ★☆☆ · 10 min · 2 points
#
# **Goal.** From MIDI numbers to the window lengths of constant Q.
#
# ```python
# window_lengths(midi: Float[Tensor, "bins"], sr: float, bins_per_octave=12, cw=2.0) -> Float[Tensor, "bins"]
# ```
#
# - Pitch to frequency to length; $A4 = 69 = 440$ Hz. MIDI numbers may have fractions, and always count twelve to the
#   octave. `bins_per_octave` sets $Q$ only.
# - In samples, **not rounded**. `midi` is float32 or float64; the precision of float32 is enough.
#
# **Target.** `window_lengths(torch.tensor([60.]), 22050.)` is the row C4 above, in samples.
#
# <details><summary>Hint 1 · the idea</summary>
#
# Three formulas, one line each: $f$ from $m$, $Q$ from $B$, $L$ from both.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# frequencies = 440.0 * 2.0 ** ((midi - 69) / 12)
# ```
# </details>
# <details><summary>If 12 bins per octave pass but 24 fail</summary>
#
# Look at the two twelves. One belongs to the scale of MIDI numbers and stays; the other is $B$.
# </details>

# %% nbgrader={"grade_id": "window_lengths", "solution": true}
def window_lengths(
    midi: Float[Tensor, "bins"], sr: float, bins_per_octave: int = 12, cw: float = 2.0
) -> Float[Tensor, "bins"]:
    """Window length in samples for each pitch: as long as its distance to the next bin asks for."""
    ### BEGIN SOLUTION
    frequencies = 440.0 * 2.0 ** ((midi - 69) / 12)
    q = 1.0 / (2.0 ** (1.0 / bins_per_octave) - 1.0)
    return q * cw * sr / frequencies
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_window_lengths", "points": 2}
checks.cqt.window_lengths(window_lengths)
### BEGIN HIDDEN TESTS
checks.cqt.window_lengths(window_lengths, rng=grading_rng(), cases=60)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · Kernels: one windowed sinusoid per bin
#
# Bin $k$ at time $t$ is the inner product of the signal with a windowed complex sinusoid, its **kernel**, put at $t$:
#
# $$C[k, t] = \sum_n x[n + t]\; \overline{a_k[n]}, \qquad
# a_k[n] = \frac{w_k[n]}{\sum_n w_k[n]}\; e^{2\pi i f_k n / f_s}, \qquad
# w_k[n] = \tfrac12 + \tfrac12 \cos \frac{2 \pi n}{L_k} \ \text{ for } |n| < \tfrac{L_k}{2}.$$
#
# Here $n$ counts from the middle of the window, for all bins: they look at the same moment, each as far as it must.
# Dividing by the sum of the window makes the bins comparable. A sinusoid of amplitude $A$ on $f_k$ gives
# $|C[k]| = A/2$ in every bin, long or short.

# %%
f_c = torch.tensor([midi_to_hz(m) for m in (48, 60, 72, 84)], dtype=torch.float64)
size = 8192
kernels = signal.cqt_kernels(f_c, signal.cqt_lengths(f_c, sr, cw=2.0), sr, size)
t_ms = (np.arange(size) - size // 2) / sr * 1000
fig, axes = plt.subplots(4, 2, figsize=(12, 6), sharex="col", layout="constrained")
for (left, right), row, m in zip(axes, kernels, (48, 60, 72, 84), strict=True):
    left.plot(t_ms, row.real / row.abs().max(), linewidth=0.5)
    left.set(ylabel=note_name(m), ylim=(-1.1, 1.1))
    padded_size = 16 * size  # zero-padded: else a narrow bump has corners
    f = np.fft.fftfreq(padded_size, 1 / sr)[: padded_size // 2]
    right.plot(f[1:], torch.fft.fft(row, padded_size).abs()[1 : padded_size // 2], color="C1")
    right.set(xscale="log", xlim=(60, 4000), ylim=(0, 1.05))
axes[-1, 0].set(xlabel="time from the middle (ms)")
axes[-1, 1].set(xlabel="frequency (Hz)")
axes[0, 0].set_title("kernel in time (real part, scaled)")
axes[0, 1].set_title("magnitude of its spectrum")
ui.show(fig, alt="Kernels of four notes an octave apart: each is half as long as the one before, and on a logarithmic "
        "frequency axis their spectra are the same bump, moved.")
print("periods in each window:", [f"{float(q):.1f}" for q in signal.cqt_lengths(f_c, sr, cw=2.0) * f_c / sr])

# %% [markdown]
# Left: the same number of periods, squeezed by two from row to row. Right: on a *logarithmic* axis the same bump,
# moved by an octave. That is all that "constant Q" says. (`signal.cqt_kernels` made them: it is the library's version
# of exercise 3.2.)

# %% [markdown]
# ### Demo: constant-Q kernels in time and in frequency
#
# The picture shows the kernel of a note in time, and the spectra of that kernel and of its two neighbours. Listen to
# the kernel itself: it is the "question" that a bin asks of the sound.

# %%
def kernel_demo(note, bins_per_octave, cw):
    """One kernel in time, three in frequency, and the sound of the kernel."""
    f0 = midi_to_hz(note)
    frequencies = f0 * 2.0 ** (torch.arange(-1, 2, dtype=torch.float64) / bins_per_octave)
    lengths = signal.cqt_lengths(frequencies, sr, bins_per_octave=bins_per_octave, cw=cw)
    size = 2 ** int(np.ceil(np.log2(float(lengths.max()) + 1)))
    three = signal.cqt_kernels(frequencies, lengths, sr, size)
    spectra = torch.fft.fft(three, max(size, 2**17)).abs()
    f = np.arange(spectra.shape[1]) * sr / spectra.shape[1]
    near = (f > 0.75 * f0) & (f < 1.33 * f0)
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained")
    t = (np.arange(size) - size // 2) / sr * 1000
    left.plot(t, three[1].real / three[1].abs().max(), linewidth=0.6)
    length, width = 1000 * float(lengths[1]) / sr, 2 * sr / float(lengths[1])
    left.set(xlabel="time (ms)", ylabel="amplitude (scaled)", xlim=(-600, 600),
             title=f"{note_name(note)}, {f0:.0f} Hz: {length:.0f} ms, {float(lengths[1]) * f0 / sr:.1f} periods")
    for row, name, colour in zip(spectra, ("below", "this bin", "above"), ("0.6", "C1", "0.3"), strict=True):
        right.plot(f[near], 20 * np.log10(row[near].numpy() + 1e-6), color=colour, label=name)
    right.set(xscale="log", xlabel="frequency (Hz)", ylabel="level (dB)", ylim=(-60, 3),
              title=f"width at −6 dB: {width:.1f} Hz; to the next bin {float(frequencies[2]) - f0:.1f} Hz")
    right.set_xticks([0.8 * f0, f0, 1.25 * f0], [f"{c * f0:.0f}" for c in (0.8, 1, 1.25)])
    right.minorticks_off()
    right.legend()
    tone = three[1].real / three[1].abs().max() * 0.5
    padded = torch.zeros(max(size, sr // 2))
    padded[: len(tone)] = tone
    alt = f"The kernel of {note_name(note)}, {length:.0f} ms long, and its spectrum with those of its neighbours."
    return fig, alt, {f"kernel of {note_name(note)}": padded}


ui.explore(
    kernel_demo, sr=sr, note=[60, 36, 48, 72, 84, 96], bins_per_octave=[12, 24, 36], cw=[1.0, 2.0, 3.0],
    question="From which note on is the kernel shorter than 100 ms? At which Cw do the curves of two neighbours cross "
    "at −6 dB, and at which does this bin hear its neighbour's note at −6 dB? What do 36 bins per octave cost?",
)

# %% [markdown]
# **Target of exercise 3.2:** the left column of the picture before the demo.

# %% [markdown]
# ### Exercise 3.2 · Kernel bank   ★★☆ · 20 min · 3 points
#
# **Goal.** Build the kernels in time, one per row.
#
# ```python
# kernel_bank(frequencies: Float[Tensor, "bins"], lengths: Float[Tensor, "bins"], sr: float, n_fft: int
#             ) -> Complex[Tensor, "bins n_fft"]
# ```
#
# - `frequencies` in Hz, `lengths` in samples: real numbers, at most `n_fft`. `n_fft` is even.
# - The middle is sample `n_fft // 2` for every bin: there the window is 1 before scaling, and the phase is 0.
# - Hann window $w_k$ of the formula above: its length is $L_k$ as it is, not rounded; zero outside. Divide each kernel
#   by the sum of its own window (which is $L_k/2$ for long windows only).
# - Not conjugated: $e^{+2\pi i f_k n/f_s}$.
#
# <details><summary>Hint 1 · the idea</summary>
#
# One row of sample numbers $n$ from $-N/2$ to $N/2 - 1$; frequencies and lengths as columns. Broadcasting does the
# rest.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# n = torch.arange(n_fft, dtype=lengths.dtype) - n_fft // 2        # (n_fft,), and lengths[:, None] is (bins, 1)
# ```
# </details>
# <details><summary>If one bin passes but several fail</summary>
#
# Is the sum taken over each row by itself (`sum(-1, keepdim=True)`)? Does the cosine stop at $\pm L_k/2$, also in the
# rows with short windows?
# </details>

# %% nbgrader={"grade_id": "kernel_bank", "solution": true}
def kernel_bank(
    frequencies: Float[Tensor, "bins"], lengths: Float[Tensor, "bins"], sr: float, n_fft: int
) -> Complex[Tensor, "bins n_fft"]:
    """Windowed complex sinusoids, centred on n_fft // 2, each window with sum 1."""
    ### BEGIN SOLUTION
    n = torch.arange(n_fft, dtype=lengths.dtype) - n_fft // 2
    inside = (n / lengths[:, None]).clamp(-0.5, 0.5)
    w = 0.5 + 0.5 * torch.cos(2 * torch.pi * inside)
    return w / w.sum(-1, keepdim=True) * torch.exp(2j * torch.pi * frequencies[:, None] * n / sr)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_kernel_bank", "points": 3}
checks.cqt.kernel_bank(kernel_bank)
### BEGIN HIDDEN TESTS
checks.cqt.kernel_bank(kernel_bank, rng=grading_rng(), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# ## 4 · Spectral kernels: a long sum becomes a short one
#
# The low kernels are tens of thousands of samples long. Brown and Puckette (1992) noticed that in *frequency* they are
# short. Parseval's relation moves the inner product there. With $X$ and $A_k$ the DFTs of $N$ samples of the signal
# and of the kernel,
#
# $$\sum_n x[n]\, \overline{a_k[n]} = \frac1N \sum_j X[j]\, \overline{A_k[j]} = \sum_j X[j]\, S[k, j],
# \qquad S[k, j] = \frac1N\, \overline{A_k[j]} .$$
#
# A long sinusoid with a smooth window is a narrow bump in frequency. Nearly all $S[k, j]$ are so small that they may be
# set to zero. What is left is a **sparse matrix**, made once, and one FFT per frame serves all bins.

# %%
n_fft = 16384
midi = torch.arange(36, 96, dtype=torch.float64)  # C2 … B6
frequencies = midi_to_hz(midi)
lengths = signal.cqt_lengths(frequencies, sr)
assert lengths.max() <= n_fft
kernels = signal.cqt_kernels(frequencies, lengths, sr, n_fft)
S, thin = (signal.spectral_kernels(kernels, threshold=t) for t in (0.0, 0.01))


def level_of(matrix):
    """Level in dB relative to the maximum of each row of S, up to sr/8; what is zero is not drawn."""
    relative = (matrix.abs() / S.abs().amax(-1, keepdim=True)).numpy()[:, : n_fft // 8]
    return np.where(relative > 0, 20 * np.log10(np.maximum(relative, 1e-5)), np.nan)


fig, (left, *right) = plt.subplots(1, 3, figsize=(15, 3.6), layout="constrained")
left.imshow(kernels.abs() / kernels.abs().amax(-1, keepdim=True), origin="lower", aspect="auto", cmap="magma",
            extent=(-n_fft / 2 / sr, n_fft / 2 / sr, 0, len(midi)), interpolation="nearest")
left.set(xlabel="time from the middle (s)", title="kernels in time (magnitude, each row scaled)")
for ax, matrix, title in zip(right, (S, thin), ("spectral kernels", "the same with threshold 0.01"), strict=True):
    image = ax.imshow(level_of(matrix), origin="lower", aspect="auto", cmap="magma", vmin=-80, vmax=0,
                      extent=(0, sr / 8, 0, len(midi)), interpolation="nearest")
    ax.set(xlabel="frequency (Hz)", title=title)
fig.colorbar(image, ax=right[1], label="level (dB re row maximum)")
right[1].set_facecolor("0.45")  # zero
for ax in (left, *right):
    ax.set_yticks(range(0, 60, 12), [note_name(36 + k) for k in range(0, 60, 12)])
    ax.grid(False)
ui.show(fig, alt="Left: the kernels fill a trumpet shape in time, wide at the bottom. Middle: their spectra are a thin "
        "curve that widens towards high notes, nearly all of the matrix is dark. Right: with a threshold only the "
        "curve is left; the rest is grey, that is zero.")

# %%
noise = torch.randn(n_fft, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
exact = S @ torch.fft.fft(noise).to(S.dtype)
rows = []
for threshold in (0.0, 0.001, 0.01, 0.05, 0.2, 0.5):
    cut = signal.spectral_kernels(kernels, threshold)
    kept = int((cut != 0).sum())
    error = (cut @ torch.fft.fft(noise).to(S.dtype) - exact).norm() / exact.norm()
    rows.append({
        "threshold": threshold, "entries kept": kept, "of all (%)": 100 * kept / S.numel(),
        "per bin": kept / len(S), "error on noise (%)": 100 * float(error),
    })
ui.table(rows, title=f"{len(S)} kernels of {n_fft} samples",
         caption="With 1 % as threshold less than a hundredth is left. The error is measured on white noise.")
print(f"entries kept at negative frequencies: {int((thin[:, n_fft // 2 + 1 :] != 0).sum())}, so rfft is enough")
print(f"largest imaginary part of S relative to the largest magnitude: {float(S.imag.abs().max() / S.abs().max()):.0e}")

# %% [markdown]
# The kernels turn one way only, so nothing is kept at negative frequencies, and half of the FFT suffices. (They are
# also symmetric about their middle, so here $A_k$ is real, and the conjugate changes nothing. It does for kernels
# whose phase is counted from elsewhere.)
#
# How fast is it? The same frames, three ways: sums in time with the kernels; FFT and the full matrix; FFT and the
# sparse matrix.

# %%
import time as clock

import scipy.sparse


def median_time(run, rounds=5):
    """Median time of a call in ms, after one call that does not count."""
    run()
    times = []
    for _ in range(rounds):
        started = clock.perf_counter()
        run()
        times.append(clock.perf_counter() - started)
    return 1000 * float(np.median(times))


trumpet, _ = data.example("trumpet", sr=sr)
trumpet = torch.from_numpy(trumpet[: 4 * sr])
padded = nn.functional.pad(trumpet, (n_fft // 2, n_fft // 2))
frames = padded.unfold(-1, n_fft, 512)[: device.choose(smoke=40, laptop=173, full=173)].contiguous()
conjugate = kernels.conj().to(torch.complex64)
full = S[:, : n_fft // 2 + 1].to(torch.complex64).contiguous()
rows_of_thin = scipy.sparse.csr_array(thin[:, : n_fft // 2 + 1].to(torch.complex64).numpy())
ways = {
    "sums in time": lambda: frames.to(torch.complex64) @ conjugate.mT,
    "FFT, full matrix": lambda: torch.fft.rfft(frames) @ full.mT,
    "FFT, sparse matrix": lambda: torch.from_numpy((rows_of_thin @ torch.fft.rfft(frames).numpy().T).T),
    "FFT alone": lambda: torch.fft.rfft(frames),
}
reference = ways["sums in time"]()
fft_cost, entries = n_fft // 2 * int(np.log2(n_fft)), {"sums in time": kernels, "FFT, full matrix": full}
entries = {name: matrix.numel() for name, matrix in entries.items()} | {"FFT, sparse matrix": rows_of_thin.nnz}
rows = []
for name, way in ways.items():
    cost = entries.get(name, 0) + (fft_cost if "FFT" in name else 0)
    row = {"way": name, "multiplications per frame": cost, "time (ms)": median_time(way)}
    if name != "FFT alone":
        row["difference from the first (%)"] = 100 * float((way() - reference).norm() / reference.norm())
    rows.append(row)
ui.table(rows, title=f"{len(frames)} frames of {n_fft} samples, {len(S)} bins",
         caption="Complex multiplications, N/2·log2 N for an FFT. Kernels are made once and not counted.")

# %% [markdown]
# The sparse matrix does away with nearly all multiplications but those of the FFT. The clock gains less: a processor of
# today multiplies full matrices many times faster than it follows the indices of a sparse one. In 1992 it did not.
#
# Libraries save further at the FFTs of long frames that overlap nearly whole. librosa halves the sampling rate for each
# lower octave. `signal.cqt` takes one FFT of the whole signal, in which a kernel is again a short bump, and goes back
# by short FFTs, one per bin.
#
# **Target of exercise 3.3:** the right one of the three pictures at the head of this section.

# %% [markdown]
# ### Exercise 3.3 · Spectral kernels   ★★☆ · 15 min · 2 points
#
# **Goal.** From kernels in time to thresholded spectral kernels.
#
# ```python
# spectral_kernels(kernels: Complex[Tensor, "bins n_fft"], threshold: float) -> Complex[Tensor, "bins n_fft"]
# ```
#
# - $S[k, j] = \overline{A_k[j]} / N$ with $A_k$ the DFT of row $k$: all $N$ bins, no shift.
# - Then set to zero every entry whose magnitude is below `threshold` times the largest magnitude **of its row**. What
#   equals that limit stays: with threshold 1, the largest.
# - The result is an ordinary (dense) tensor with zeros in it.
#
# <details><summary>Hint 1 · the idea</summary>
#
# Check the sum first: for `threshold=0`, `(torch.fft.fft(x) * S).sum(-1)` equals `(x * kernels.conj()).sum(-1)`.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# S = torch.fft.fft(kernels).conj() / kernels.shape[-1]
# ```
# </details>
# <details><summary>If threshold 0 passes but others fail</summary>
#
# `amax(-1, keepdim=True)` is the largest of each row. Loud and soft kernels must keep the same shape.
# </details>

# %% nbgrader={"grade_id": "spectral_kernels", "solution": true}
def spectral_kernels(kernels: Complex[Tensor, "bins n_fft"], threshold: float) -> Complex[Tensor, "bins n_fft"]:
    """Conjugated spectra of the kernels over n_fft, without what is small in its row."""
    ### BEGIN SOLUTION
    S = torch.fft.fft(kernels).conj() / kernels.shape[-1]
    magnitude = S.abs()
    return torch.where(magnitude < threshold * magnitude.amax(-1, keepdim=True), 0, S)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_spectral_kernels", "points": 2}
checks.cqt.spectral_kernels(spectral_kernels)
### BEGIN HIDDEN TESTS
checks.cqt.spectral_kernels(spectral_kernels, rng=grading_rng(), cases=40)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade_id": "explain_length", "solution": true, "points": 1}
# ### Explain 3.4 · What does a low note cost?   · 5 min · 1 point
#
# A friend wants a real-time display of a bass guitar, whose lowest note is E1 (41.2 Hz), with 36 bins per octave,
# $C_w = 1$. How long is the window of E1? How late is the display at best, that is, how long after a moment can the
# frame that is centred on this moment be known? Name two ways to make it faster, and what each costs. Three to five
# sentences.
#
# === BEGIN MARK SCHEME ===
# - (⅓) Q = 1/(2^(1/36) − 1) ≈ 51.4, so L ≈ 51.4/41.2 ≈ 1.25 s; the window is centred, so it must wait half of it,
#   about 0.62 s (accept 0.5 to 1.3 s with a reason).
# - (⅔) Two of: fewer bins per octave (12: 0.41 s, semitones at −6 dB only); a window shorter than constant Q for
#   low notes (variable Q, gamma: low notes blur into neighbours); read the note from its harmonics (octave errors);
#   a window that is not symmetric (less delay, more leak).
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# Q is 51.4, so the window lasts 51.4/41.2 Hz = 1.25 s, and a centred window can be read 0.6 s after its middle at the
# earliest. With 12 bins per octave it is three times shorter, but neighbouring semitones are only 6 dB apart. Or let
# Q fall for low notes (variable Q): quick, but low neighbours melt together. Harmonics two octaves higher need a
# quarter of the window, at the risk of octave errors.
# ### END SOLUTION

# %% [markdown]
# ## 5 · The transform
#
# Now the parts come together: cut the signal into frames of $N$ samples, frame $m$ centred on sample $mH$ as in unit
# 02 but *without* a window (the kernels carry theirs), and
#
# $$C[k, m] = \sum_{j} X_m[j]\; S[k, j].$$

# %%
hop = 512


def note_axis(ax, lowest, bins_per_octave=12):
    """Write the names of the Cs, or of the notes an octave above the lowest, at a CQT drawn by bins."""
    top = ax.get_ylim()[1]
    ticks = np.arange(0, top, bins_per_octave)
    ax.set_yticks(ticks, [note_name(lowest + 12 * i) for i in range(len(ticks))])
    ax.set_ylabel("note")


def draw_cqt(C, ax, lowest, bins_per_octave=12, rate=None, step=None, **options):
    """A constant-Q spectrogram with note names."""
    f = midi_to_hz(lowest + np.arange(C.shape[-2]) * 12 / bins_per_octave)
    ui.spectrogram(C, rate or sr, hop=step or hop, ax=ax, frequencies=f, **options)
    note_axis(ax, lowest, bins_per_octave)


f_min = midi_to_hz(48)  # C3
C = signal.cqt(trumpet, sr, hop=hop, f_min=f_min, n_bins=5 * 36, bins_per_octave=36)
X = signal.stft(trumpet, 2048, hop)
fig, (left, right) = plt.subplots(1, 2, figsize=(13, 4), layout="constrained")
ui.spectrogram(X, sr, hop=hop, ax=left, fmax=8000, db_range=60, title="DFT: equal steps in hertz")
draw_cqt(C, right, 48, 36, db_range=60, title="CQT: equal steps in pitch")
ui.show(fig, alt="A trumpet melody. In the DFT the distance of the harmonics changes with every note; in the CQT every "
        "note has the same pattern of lines, moved up or down.")
ui.player({"trumpet": trumpet}, sr)

# %% [markdown]
# Left: the harmonics of a note stand $f_0$ apart, so the picture stretches when the melody rises. Right: they stand
# $\log_2 2, \log_2 3, \log_2 4, \dots$ octaves above the fundamental, whatever the note. **A transposition is a
# shift.** A network that slides a small filter over the CQT learns one pattern for all keys (unit 08).
#
# Measured: a sound with ten harmonics, and the same sound up to seven semitones higher. In the frame that is compared
# the phases of the harmonics are the same: harmonics 8, 9 and 10 share bins, and where waves add, phases count.

# %%
middle = int(0.75 * sr / hop)  # the frame that is compared


def tone(midi, harmonics=10, seconds=1.5):
    """Harmonics with amplitudes 1/h and the phases h² in the middle of the frame `middle`."""
    t = (torch.arange(int(seconds * sr), dtype=torch.float64) - middle * hop) / sr
    return sum(
        0.3 * torch.sin(2 * torch.pi * h * midi_to_hz(midi) * t + h * h) / h for h in range(1, harmonics + 1)
    ).float()


low = signal.cqt(tone(48), sr, hop=hop, f_min=midi_to_hz(48), n_bins=60)[:, middle].abs()
low_dft = signal.stft(tone(48), 4096, hop)[:, middle].abs()
rows = []
for up in range(8):
    C_up = signal.cqt(tone(48 + up), sr, hop=hop, f_min=midi_to_hz(48), n_bins=60)[:, middle].abs()
    X_up = signal.stft(tone(48 + up), 4096, hop)[:, middle].abs()
    errors = [float((C_up[s:] - low[: 60 - s]).norm() / low.norm()) for s in range(12)]
    best_dft = min(float((X_up[s:600] - low_dft[: 600 - s]).norm() / low_dft.norm()) for s in range(60))
    rows.append({
        "transposed by (semitones)": up, "best shift of the CQT (bins)": int(np.argmin(errors)),
        "what differs after it (%)": 100 * min(errors), "the same for a DFT, best shift (%)": 100 * best_dft,
    })
ui.table(rows, title="A transposition is a shift: harmonic tone from C3",
         caption="After the right shift the two CQTs agree. No shift makes two DFTs equal.")
ui.player({"C3": tone(48), "seven semitones up": tone(55)}, sr)

# %% [markdown]
# The shift ends where the physics ends: a real trumpet does not play the same spectrum higher, the resonances
# of a voice (its *formants*, unit 05) stay when its pitch moves, and harmonics leave the picture at the top.
#
# It also takes for granted that notes stand *on* bins. The grid is tuned by $f_{\min}$: with C3 at 130.8 Hz it
# belongs to A4 = 440 Hz. Many orchestras tune to 443 Hz, old records and choirs drift further. Then a tone reads, in
# the two bins beside it:

# %%
rows = []
for a4 in (440, 443, 446):
    cents = 1200 * np.log2(a4 / 440)
    row = {"A4 (Hz)": a4, "above its bin (cents)": float(cents)}
    for per_octave in (12, 36):
        scale = (2 ** (1 / 12) - 1) / (2 ** (1 / per_octave) - 1)  # windows of 36 per octave are as much longer
        spacing = 1200 / per_octave
        nearest = round(cents / spacing) * spacing
        row[f"nearest bin (dB, B = {per_octave})"] = float(bin_response(scale * (cents - nearest) / 100, 1.0)[0])
        second = nearest + (spacing if cents >= nearest else -spacing)
        row[f"second (dB, B = {per_octave})"] = float(bin_response(scale * (cents - second) / 100, 1.0)[0])
    rows.append(row)
ui.table(rows, title="A tone that is tuned higher than the grid (Cw = 1)",
         caption="The level moves from one bin to its neighbour, the more the finer the grid. With B = 36 the maximum "
         "still tells the tuning to a third of a semitone; one can measure it and move f_min.")

# %% [markdown]
# **Target of exercise 3.5:** the picture of the trumpet from frames and spectral kernels, here with 12 bins per octave:

# %%
semitones = f_min * 2.0 ** (torch.arange(4 * 12, dtype=torch.float64) / 12)
kernels = signal.cqt_kernels(semitones, signal.cqt_lengths(semitones, sr), sr, 4096)
thin = signal.spectral_kernels(kernels, threshold=0.005).to(torch.complex64)
by_kernels = signal.cqt_by_kernels(trumpet, thin, hop)
library = signal.cqt(trumpet, sr, hop=hop, f_min=f_min, n_bins=48)
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 3.2), layout="constrained")
draw_cqt(by_kernels, left, 48, db_range=60, title="frames × spectral kernels")
draw_cqt(library, right, 48, db_range=60, title="signal.cqt")
ui.show(fig, alt="Two constant-Q spectrograms of the trumpet that look the same.")
print(f"relative difference {float((by_kernels - library).norm() / library.norm()):.4f} with threshold 0.005")

# %% [markdown]
# ### Exercise 3.5 · CQT by spectral kernels   ★★☆ · 20 min · 3 points
#
# **Goal.** Transform a batch of signals with given spectral kernels.
#
# ```python
# cqt(x: Float[Tensor, "*batch samples"], spectral: Complex[Tensor, "bins n_fft"], hop: int
#     ) -> Complex[Tensor, "*batch bins frames"]
# ```
#
# - `spectral` is what exercise 3.3 returns, so it is conjugated and divided by $N$ already. `n_fft` is even. The
#   kernels turn one way: their columns above `n_fft // 2` are zero, so `rfft` and the lower half are as good as all.
# - Pad with `n_fft // 2` zeros before and after; `frames = samples // hop + 1`, frame $m$ centred on sample $mH$. No
#   window.
# - Any number of batch dimensions, also none; float32 with complex64 kernels, or float64 with complex128, in which the
#   result is precise to $10^{-9}$.
# - Write it yourself: `signal.cqt_by_kernels` is the library's. (The check compares values and cannot tell.)
#
# **Target.** The left picture above.
#
# <details><summary>Hint 1 · the idea</summary>
#
# Frames by `unfold`, `torch.fft.fft` of the last axis, then one matrix product that sums over $j$. It leaves frames
# before bins.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# frames = nn.functional.pad(x, (n_fft // 2, n_fft // 2)).unfold(-1, n_fft, hop)       # (*batch, frames, n_fft)
# ```
# </details>
# <details><summary>If silence passes but noise fails</summary>
#
# `A.mT` transposes, `A.mH` transposes and conjugates. The conjugate is in `spectral` already.
# </details>

# %% nbgrader={"grade_id": "cqt", "solution": true}
def cqt(
    x: Float[Tensor, "*batch samples"], spectral: Complex[Tensor, "bins n_fft"], hop: int
) -> Complex[Tensor, "*batch bins frames"]:
    """Constant-Q transform by spectral kernels; frame m is centred on sample m·hop."""
    ### BEGIN SOLUTION
    half = spectral.shape[-1] // 2
    frames = nn.functional.pad(x, (half, half)).unfold(-1, 2 * half, hop)
    return (torch.fft.fft(frames) @ spectral.mT).mT
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_cqt", "points": 3}
checks.cqt.cqt(cqt)
### BEGIN HIDDEN TESTS
checks.cqt.cqt(cqt, rng=grading_rng(), cases=48)
### END HIDDEN TESTS

# %% [markdown]
# ### Demo: one pair of semitones, two transforms
#
# Choose an octave, a DFT window and a $C_w$. The curves show the neighbourhood of the pair on a fine grid of
# frequencies: by windows of one length, and by windows of constant $Q$ with $B = 12$. They are those of one moment: at
# another one the two tones meet with other phases, and a pair on the edge melts or parts. Section 7 averages over that.

# %%
def spectrum_at(x, rate, frequencies, lengths):
    """Magnitude at each frequency of the middle of `x`, with a Hann window of its own length: (…, bins)."""
    x = torch.as_tensor(x)
    size = 2 * (x.shape[-1] // 2)
    reach = min(size, 2 * int(torch.as_tensor(lengths).max() / 2) + 2)
    start = size // 2 - reach // 2
    lengths = torch.as_tensor(lengths).expand(len(frequencies))
    kernels = signal.cqt_kernels(frequencies.float(), lengths, rate, reach)
    middle_part = x[..., start : start + reach].float()
    return torch.hypot(middle_part @ kernels.real.mT, middle_part @ kernels.imag.mT)


def pair_demo(octave, DFT_window, cw):
    """Magnitude around C and C sharp of an octave, by a DFT and by constant Q."""
    m = 12 * (octave + 1)
    around = midi_to_hz(m + torch.linspace(-2, 3, 301, dtype=torch.float64))
    two = pair(m, 3.0)
    fig, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
    for name, lengths in (
        (f"DFT, {DFT_window} samples ({1000 * DFT_window / sr:.0f} ms)", torch.tensor([float(DFT_window)])),
        (f"constant Q, Cw = {cw:g} ({1000 * signal.quality(12) * cw / midi_to_hz(m):.0f} ms)",
         signal.cqt_lengths(around, sr, cw=cw)),
    ):
        ax.plot(np.linspace(-2, 3, 301), signal.magnitude_db(spectrum_at(two, sr, around, lengths), floor=-40),
                label=name)
    ax.set(xlabel=f"semitones above {note_name(m)}", ylabel="level (dB re maximum)",
           title=f"{note_name(m)} + {note_name(m + 1)}")
    ax.legend(loc="lower center")
    alt = f"Spectra of {note_name(m)} and {note_name(m + 1)} by a DFT of {DFT_window} samples and by constant Q."
    return fig, alt, {f"{note_name(m)} + {note_name(m + 1)}": two}


ui.explore(
    pair_demo, sr=sr, octave=[3, 1, 2, 4, 5, 6], DFT_window=[4096, 1024, 2048, 8192, 16384, 32768],
    cw=[2.0, 1.0, 3.0],
    question="Which DFT window separates the pair in octave 3? What does the same window do in octave 1 and in octave "
    "6? Does constant Q with Cw = 1 separate the pair anywhere?",
)

# %% [markdown]
# ## 6 · Harmonic CQT: harmonics on top of each other
#
# In a CQT the harmonics of one note lie far apart, at 12, 19, 24, 28, 31 … bins above the fundamental. A network with
# small filters cannot see them together. So stack shifted copies (Bittner and others, 2017):
#
# $$H[h, k, m] = C\big(h \cdot f_{\min}\, 2^{k/B},\; m\big), \qquad h \in \{\tfrac12, 1, 2, 3, 4, 5\} .$$
#
# Layer $h$ is a CQT that begins at $h f_{\min}$. Now all harmonics of a note stand at *one* $(k, m)$, in different
# layers, as the colours of an image do in its channels. The layer ½ tells whether "fundamental" is only the second
# harmonic of a lower note.
#
# **One CQT or six?** Six calls compute most bins several times. They may also disagree: libraries decimate by octaves,
# and how often depends on the lowest frequency.

# %%
import librosa

rows = []
lengths_tried = (65535, 65536, 66000, 66047)
for samples in device.choose(smoke=lengths_tried[:1], laptop=lengths_tried, full=lengths_tried):
    row = {"samples": samples, "samples // hop + 1": samples // hop + 1}
    for h in (0.5, 1, 2, 3, 4, 5):
        row[f"librosa, h = {h:g}"] = librosa.cqt(
            trumpet.numpy()[:samples], sr=sr, hop_length=hop, fmin=librosa.note_to_hz("C1") * h, n_bins=60
        ).shape[1]
    row["signal.hcqt"] = signal.hcqt(trumpet[:samples], sr, hop=hop, n_bins=60).shape[-1]
    rows.append(row)
ui.table(rows, title="Frames of six CQTs of one signal",
         caption="For some lengths the layers differ by a frame and cannot be stacked.")

# %% [markdown]
# One *wide* CQT has one number of frames. Since $\log_2$ turns factors into steps, layer $h$ is the slice of it that
# begins $B \log_2 h$ bins above $f_{\min}$. That is a whole number for octaves only; otherwise take the nearest bin,
#
# $$j_h = \operatorname{round}(B \log_2 h).$$
#
# What does rounding cost?

# %%
rows = []
for h in (0.5, 2, 3, 5, 6, 7):
    row = {"harmonic": f"{h:g}"}
    for bins_per_octave in (12, 36, 60):
        step = bins_per_octave * np.log2(h)
        cents = 1200 * (round(step) - step) / bins_per_octave
        detuned = 100 * (2 ** (1 / 12) - 1) / (2 ** (1 / bins_per_octave) - 1) * cents / 100  # at the Q of B
        row[f"B = {bins_per_octave}: bins up"] = float(step)
        row[f"off by (cents, B = {bins_per_octave})"] = float(cents)
        row[f"level (dB, B = {bins_per_octave})"] = float(bin_response(-detuned / 100, 1.0)[0])
    rows.append(row)
worst, h, where = min(
    (value, row["harmonic"], name) for row in rows for name, value in row.items() if name.startswith("level")
)
ui.table(rows, title="Harmonics on the grid of bins, and the level that is left (Cw = 1)",
         caption="With B = 12 harmonic 7 is a third of a semitone off and loses "
         f"{-rows[-1]['level (dB, B = 12)']:.1f} dB. The largest loss of all is {-worst:.1f} dB, of harmonic {h} with "
         f"{where.removeprefix('level (dB, ').rstrip(')')}: fewer cents, but narrower bins.")

# %% [markdown]
# `signal.hcqt` does not round: all layers share one FFT of the signal, so a bin at $h f_k$ costs no more than a bin on
# the grid. But there are more of them, for only octaves share bins. Slicing is what one does with the CQT of a library,
# or with a picture that is stored already.

# %%
harmonics = (0.5, 1, 2, 3, 4, 5)
H = signal.hcqt(trumpet, sr, harmonics=harmonics, hop=hop, f_min=midi_to_hz(48), n_bins=4 * 36, bins_per_octave=36)
level = (H.abs() / H.abs().max()).clamp(min=1e-3)
together = level[1:].log().mean(0).exp()
fig, axes = plt.subplots(2, 4, figsize=(15, 6), layout="constrained")
pictures = {f"layer h = {h:g}": layer for h, layer in zip(harmonics, level, strict=True)}
for ax, (name, picture) in zip(axes.flat, pictures.items(), strict=False):
    draw_cqt(picture, ax, 48, 36, db_range=60, title=name, colorbar=False)
draw_cqt(together, axes[1, 2], 48, 36, db_range=60, title="geometric mean of h = 1 … 5", colorbar=False)
f0, aperiodicity = signal.yin(trumpet, sr, f_min=120, f_max=1000, hop=hop)
voiced = aperiodicity < 0.2
draw_cqt(together, axes[1, 3], 48, 36, db_range=60, title="the same, with f0 by YIN", colorbar=False)
times = torch.arange(len(f0)) * hop / sr
for ax in axes.flat:
    ax.set_ylabel("note of the fundamental")
axes[1, 3].plot(times[voiced], 36 * torch.log2(f0[voiced] / midi_to_hz(48)), ".", color="cyan", markersize=2)
ui.show(fig, alt="Six layers of the harmonic CQT of a trumpet: the melody stands at the same height in all layers from "
        "1 to 5; their geometric mean keeps the fundamental and little else.")

# %% [markdown]
# The last picture has the fundamental as YIN measures it: a method that looks for the shift at which the samples
# resemble themselves most. How badly they do is the *aperiodicity*, and frames where it is above 0.2 have no dot.
#
# In layer $h$ the value at a note is that of its $h$-th harmonic: layer 2 also has a line an octave *below* the melody,
# as if the melody were the second harmonic of a lower note. The melody is at the same height in every layer from 1 to
# 5; everything else is somewhere else in each. Even their plain geometric mean shows little but the fundamental. Unit
# 26 gives this stack to a network.

# %%
frequencies = midi_to_hz(48) * 2.0 ** (np.arange(4 * 36) / 36)
f0_hz = f0.numpy()
rows = []
for name, picture in (("layer h = 1, largest bin", level[1]), ("geometric mean, largest bin", together)):
    found = frequencies[picture.argmax(0).numpy()]
    cents = 1200 * np.log2(found / np.maximum(f0_hz, 1))[voiced.numpy()]
    rows.append({
        "f0 by": name, "within 50 cents of YIN (%)": 100 * float(np.mean(np.abs(cents) < 50)),
        "an octave or more too high (%)": 100 * float(np.mean(cents > 1150)),
    })
ui.table(rows, title=f"The trumpet's fundamental, {int(voiced.sum())} frames with a pitch",
         caption="The loudest bin of a trumpet is often a harmonic.")

# %% [markdown]
# **Target of exercise 3.6:** layers like those above, cut from one CQT.

# %% [markdown]
# ### Exercise 3.6 · Harmonic CQT   ★★☆ · 20 min · 2 points
#
# **Goal.** Cut a harmonic stack from one wide CQT.
#
# ```python
# hcqt(x: Float[Tensor, "*batch samples"], sr: float, harmonics: list[float], f_min: float, n_bins: int,
#      bins_per_octave: int, hop: int) -> Complex[Tensor, "*batch harmonics n_bins frames"]
# ```
#
# - The grid is $f_{\min} 2^{j/B}$ with whole $j$, which may be negative. Layer $h$ holds the bins $j_h, \dots,
#   j_h + $ `n_bins` $- 1$ with $j_h = \operatorname{round}(B \log_2 h)$.
# - Call `signal.cqt(x, sr, hop=…, f_min=…, n_bins=…, bins_per_octave=…)` once, just wide enough, and slice. (The check
#   compares values: a call per layer at the rounded frequency gives the same ones, at several times the cost.)
# - `harmonics` come in any order, with or without values below 1; the layers keep that order. Complex values.
# - `signal.hcqt` is something else: its layers lie exactly at $h f_{\min}$.
#
# <details><summary>Hint 1 · the idea</summary>
#
# The wide CQT begins at the *lowest* step of all layers and must reach the top of the highest. Relative to its first
# bin, layer $h$ begins at $j_h - \min j$.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# steps = [round(bins_per_octave * float(np.log2(h))) for h in harmonics]
# ```
# </details>
# <details><summary>If harmonics from 1 on pass but ½ fails</summary>
#
# Does the wide CQT begin at `f_min * 2 ** (min(steps) / bins_per_octave)`? A negative index would silently count from
# the end.
# </details>
# <details><summary>If ½, 1, 2 as the lowest harmonic pass but 3 or ⅓ fails</summary>
#
# `f_min * min(harmonics)` is on the grid for whole octaves only.
# </details>

# %% nbgrader={"grade_id": "hcqt", "solution": true}
def hcqt(
    x: Float[Tensor, "*batch samples"], sr: float, harmonics: list[float], f_min: float, n_bins: int,
    bins_per_octave: int, hop: int,
) -> Complex[Tensor, "*batch harmonics n_bins frames"]:
    """Layers of one wide CQT, layer h beginning round(B·log2 h) bins above f_min."""
    ### BEGIN SOLUTION
    steps = [round(bins_per_octave * float(np.log2(h))) for h in harmonics]
    low, high = min(steps), max(steps)
    wide = signal.cqt(
        x, sr, hop=hop, f_min=f_min * 2 ** (low / bins_per_octave), n_bins=high - low + n_bins,
        bins_per_octave=bins_per_octave,
    )
    return torch.stack([wide[..., step - low : step - low + n_bins, :] for step in steps], -3)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_hcqt", "points": 2}
checks.cqt.hcqt(hcqt)
### BEGIN HIDDEN TESTS
checks.cqt.hcqt(hcqt, rng=grading_rng(), cases=16)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade_id": "explain_shift", "solution": true, "points": 1}
# ### Explain 3.7 · Where the shift ends   · 5 min · 1 point
#
# A network for chords is trained on CQTs (12 bins per octave) of recordings that are tuned to 440 Hz. To train it for
# all keys, a friend shifts each picture by 1 to 11 bins. (a) What is right about it, and what is missing from the
# shifted picture that a real transposed performance would show? (b) A choir sings half a semitone flat. What happens
# to its CQT, and what helps? Three to five sentences.
#
# === BEGIN MARK SCHEME ===
# - (½) (a) Right: frequencies of all partials scale by the same ratio, a whole number of bins. Wrong or missing: the
#   edge (bins that enter are unknown); envelopes, formants, registers and dynamics of real instruments do not move
#   with pitch; durations of attacks and windows do not scale; noise and percussion would not move. Two of these.
# - (½) (b) Half a semitone falls between two bins: each partial is spread over two, 50 cents off the centre of either.
#   More bins per octave (36), or estimating the tuning and shifting f_min by it, helps.
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) All partials of a transposed note scale by one ratio, so they move by the same whole number of bins. But bins that
# come in at the edge are unknown, and drums or the formants of a voice would not move in a real performance, while the
# shift moves them too. (b) Every partial falls between two bins and is shared by both, so one note looks like two
# soft neighbours. Three bins per semitone, or measuring the tuning and setting f_min accordingly, repairs it.
# ### END SOLUTION

# %% [markdown]
# ## 7 · Experiment
#
# ### A · Which neighbouring semitones separate?
#
# The claim: the resolution of the DFT is not sufficient to separate adjacent notes at low frequencies, and
# finer than needed at high ones; constant Q solves it.
#
# The test: two notes a semitone apart, the power averaged over their phases, looked at on a fine grid of frequencies
# between them. The **dip** is the level of the lower of the two notes minus the lowest level between
# them. A pair counts as *separated* if the dip is at least 1 dB. First two sinusoids of equal level, in each octave
# all twelve pairs.

# %%
DIP_DB = 1.0
SYSTEMS = {
    "DFT, 1024": 1024, "DFT, 4096": 4096, "DFT, 16384": 16384,
    "CQT, Cw = 1": ("Q", 1.0), "CQT, Cw = 2": ("Q", 2.0), "CQT, Cw = 3": ("Q", 3.0),
}
STYLES = dict(zip(SYSTEMS, ("C0:", "C1--", "C2-.", "C3-", "C4-", "C5-"), strict=True))


def lengths_of(system, f):
    """Window lengths in samples of a system at the frequencies `f` in Hz."""
    rule = SYSTEMS[system]
    return signal.cqt_lengths(f, sr, cw=rule[1]) if isinstance(rule, tuple) else torch.full_like(f, rule)


def dip(x, f_low, f_high, system):
    """Level of the lower of two notes minus the lowest level between, in dB, over the rows of x: (phases, samples)."""
    f = f_low * (f_high / f_low) ** torch.linspace(0, 1, 17, dtype=torch.float64)
    power = spectrum_at(x, sr, f, lengths_of(system, f)).square().mean(0)
    return float(10 * torch.log10(power[[0, -1]].min() / power.min()))


def sinusoid_pairs(m, phases, samples):
    """Two sinusoids a semitone apart; rows are all pairs of their phases in the middle: (phases², samples)."""
    t = (torch.arange(samples, dtype=torch.float64) - samples // 2) / sr
    turn = 2 * torch.pi * torch.arange(phases, dtype=torch.float64)[:, None] / phases
    low, high = (torch.cos(2 * torch.pi * midi_to_hz(m + i) * t + turn).float() for i in range(2))
    return (low[:, None] + high).flatten(0, 1)

# %% tags=["results"]
started = clock.perf_counter()
notes = range(24, 108, device.choose(smoke=6, laptop=1, full=1))
phases = device.choose(smoke=4, laptop=4, full=8)
dips = {system: [] for system in SYSTEMS}
for m in notes:
    f = torch.tensor([midi_to_hz(m), midi_to_hz(m + 1)], dtype=torch.float64)
    longest = max(float(lengths_of(system, f).max()) for system in SYSTEMS)
    x = sinusoid_pairs(m, phases, 2 * int(longest / 2) + 4)
    for system in SYSTEMS:
        dips[system].append(dip(x, float(f[0]), float(f[1]), system))
rows = []
for octave in range(1, 8):
    inside = [i for i, m in enumerate(notes) if m // 12 - 1 == octave]
    row = {"octave": f"C{octave} to B{octave}", "pairs": len(inside)}
    rows.append(row | {system: sum(dips[system][i] >= DIP_DB for i in inside) for system in SYSTEMS})
first = {system: next((m for m, d in zip(notes, dips[system], strict=True) if d >= DIP_DB), None) for system in SYSTEMS}
said = ", ".join(f"{s} from {note_name(m)} ({midi_to_hz(m):.0f} Hz) on" for s, m in first.items() if m is not None)
never = " and ".join(s for s, m in first.items() if m is None)
ui.results(
    rows, title=f"Pairs of sinusoids a semitone apart that separate (dip of {DIP_DB:g} dB)", seed=0,
    seconds=clock.perf_counter() - started,
    claim="The DFT does not separate adjacent notes at low frequencies; constant Q with L = Q·Cw/f does.",
    verdict=f"Separated: {said}." + (f" Nowhere: {never}, whose neighbours stand at −6 dB." if never else ""),
)

# %%
rows = []
for system, rule in SYSTEMS.items():
    if not isinstance(rule, tuple):
        predicted = signal.quality(12) * CW["hann"] * sr / rule
        measured_hz = midi_to_hz(first[system]) if first[system] is not None else None
        rows.append({"system": system, "Q·Cw·sr/L (Hz)": float(predicted), "first pair apart (Hz)": measured_hz})
ui.table(rows, title="Predicted and measured",
         caption="L_k = L in the formula predicts the note from which on a DFT is long enough. The limit of 1 dB is a "
         "little milder than the −6 dB behind Cw.")
fig, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
for system, values in dips.items():
    ax.plot(list(notes), np.minimum(values, 30), STYLES[system], label=system)
ax.axhline(DIP_DB, color="0.5", linewidth=0.8)
ax.set_xticks(range(24, 109, 12), [note_name(m) for m in range(24, 109, 12)])
ax.set(xlabel="lower note of the pair", ylabel="dip, at most 30 (dB)", title="Between two neighbouring semitones")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
ui.show(fig, alt="Dip against note: each DFT rises from zero at its own note; each CQT is level over all octaves, at "
        "zero for Cw of 1, at some 3 dB for 2, higher for 3.")

# %% [markdown]
# Each DFT has a note below which it is blind, two octaves lower for four times the length. Constant Q has the same dip
# everywhere, and that is the claim. *Which* dip depends on $C_w$: with the windows of most libraries ($C_w = 1$) two
# sounding neighbours are one hump in every octave. The bins of such a CQT tell notes apart only when one of the two
# sounds.
#
# **The price.** A fast repeated note, 60 ms on and 60 ms off. How far does the magnitude fall between the strokes?

# %%
def repeated(m, seconds=3.0, on=0.06):
    """A note that is switched on and off: (samples,)."""
    t = torch.arange(int(seconds * sr), dtype=torch.float64) / sr
    return (torch.cos(2 * torch.pi * midi_to_hz(m) * t) * (t % (2 * on) < on)).float()


def stroke_depth(m, system, on=0.06):
    """Level in the middle of the strokes over the level in the middle of the gaps, in dB."""
    x, f = repeated(m), torch.tensor([midi_to_hz(m)], dtype=torch.float64)
    reach = 2 * int(lengths_of(system, f).max() / 2) + 4
    levels = []
    for offset in (0.5, 1.5):
        middles = [int((2 * i + offset) * on * sr) for i in range(10, 15)]
        cut = torch.stack([x[s - reach // 2 : s + reach // 2] for s in middles])
        levels.append(spectrum_at(cut, sr, f, lengths_of(system, f)).mean())
    return min(60.0, float(20 * torch.log10(levels[0] / levels[1].clamp(min=1e-9))))


rows = []
for m in range(24, 108, 12):
    rows.append({"note": note_name(m)} | {system: stroke_depth(m, system) for system in SYSTEMS})
ui.table(rows, title="Stroke over gap (dB), eight strokes a second",
         caption="At most 60 is shown. 0 dB: the strokes cannot be seen.")
ui.player({"C2, eight strokes a second": repeated(36), "C6, eight strokes a second": repeated(84)}, sr)

# %% [markdown]
# At the bottom nothing has both: what parts the semitones of octave 1 or 2 does not see the strokes there. A DFT has
# the same depth at every pitch. Constant Q gives up time at the bottom and wins it back at the top, where a short
# window is enough for a semitone. Music tends to agree: basses play slower than flutes.

# %% [markdown]
# ### B · The same on real notes
#
# Recorded notes of an orchestra: two neighbouring notes of one instrument, mixed at equal level. They have harmonics,
# noise, vibrato, and they *end*: a note of half a second does not fill a window of a second. Fundamentals are measured
# (YIN) on each note alone; notes without a clear pitch, or further than 40 cents from their name, are left out.

# %%
instruments = device.choose(
    smoke=["cello", "flute"],
    laptop=["double bass", "cello", "bassoon", "bass clarinet", "clarinet", "flute", "french horn", "trombone"],
    full=[name for name in data.INSTRUMENTS if name != "saxophone"],
)
pitches = device.choose(smoke=[48, 49, 60, 61, 62, 72, 73, 74], laptop=list(range(24, 108)), full=list(range(24, 108)))
dynamics = device.choose(smoke=["forte"], laptop=["forte"], full=["piano", "mezzo-forte", "forte"])
try:
    recorded = data.instrument_notes(instruments=instruments, pitches=pitches, dynamics=dynamics)
    source = "recorded"
except data.DataError as problem:
    print(f"{problem}\nGenerated notes stand in.")
    recorded = data.generate.instrument_notes(instruments=instruments, pitches=pitches, dynamics=dynamics)
    source = "generated"


def steady(note):
    """A note at `sr`, the sample in the middle of its loudest 0.2 s, its f0 there; None without a clear pitch."""
    x = torch.from_numpy(np.ascontiguousarray(note.audio(sr=sr)))
    if len(x) < sr // 4:
        return None
    loud = torch.nn.functional.avg_pool1d(x.square()[None], sr // 5, sr // 100)[0]
    centre = int(loud.argmax()) * (sr // 100) + sr // 10
    around = x[max(0, centre - sr // 8) : centre + sr // 8]
    f0, aperiodicity = signal.yin(around, sr, f_min=note.frequency / 1.12, f_max=note.frequency * 1.12, hop=256)
    clear = aperiodicity < 0.3
    if not clear.any():
        return None
    f = float(f0[clear].median())
    if abs(1200 * np.log2(f / note.frequency)) > 40:
        return None
    return x / x[max(0, centre - sr // 10) : centre + sr // 10].square().mean().sqrt(), centre, f


def cut(x, middles, samples):
    """Rows of `samples` samples around each of `middles`, zeros beyond the ends."""
    wide = nn.functional.pad(x, (samples, samples))
    return torch.stack([wide[m + samples - samples // 2 : m + 2 * samples - samples // 2] for m in middles])


def real_dips(low, high, rng):
    """The dip of a pair of notes under each system, their spacing in cents, the level difference of the fundamentals.

    The notes are shifted by up to 50 ms at random, which draws their phases.
    """
    (x, x_middle, f_low), (y, y_middle, f_high) = low, high
    f = torch.tensor([f_low, f_high], dtype=torch.float64)
    samples = 2 * int(max(float(lengths_of(system, f).max()) for system in SYSTEMS) / 2) + 4
    shifts = rng.integers(-sr // 20, sr // 20, (2, device.choose(smoke=8, laptop=16, full=32)))
    x, y = cut(x, x_middle + shifts[0], samples), cut(y, y_middle + shifts[1], samples)
    widest = lengths_of("CQT, Cw = 3", f)
    own = [spectrum_at(z, sr, f[i : i + 1], widest[i : i + 1]).mean() for i, z in enumerate((x, y))]
    about = {"spacing": 1200 * np.log2(f_high / f_low), "difference": 20 * abs(float(torch.log10(own[0] / own[1])))}
    return about | {system: dip(x + y, f_low, f_high, system) for system in SYSTEMS}

# %% tags=["results"]
started = clock.perf_counter()
rng = np.random.default_rng(0)
held, left_out = {}, 0
for note in recorded:
    key = (note.instrument, note.dynamic, note.pitch)
    if key not in held:
        held[key] = steady(note)
        left_out += held[key] is None
measured = []
for (instrument, dynamic, pitch), low in held.items():
    high = held.get((instrument, dynamic, pitch + 1))
    if low is not None and high is not None:
        measured.append({"instrument": instrument, "pitch": pitch} | real_dips(low, high, rng))
rows = []
for octave in range(1, 8):
    inside = [row for row in measured if row["pitch"] // 12 - 1 == octave]
    if inside:
        row = {"octave": f"C{octave} to B{octave}", "pairs": len(inside)}
        rows.append(row | {f"{s} (%)": 100 * float(np.mean([r[s] >= DIP_DB for r in inside])) for s in SYSTEMS})
share = {s: 100 * float(np.mean([r[s] >= DIP_DB for r in measured])) for s in SYSTEMS}
low_pairs = [r for r in measured if r["pitch"] < 48]
names = ("CQT, Cw = 1", "CQT, Cw = 2", "CQT, Cw = 3", "DFT, 4096")
verdict = "Over all octaves " + ", ".join(f"{share[s]:.0f} % ({s})" for s in names) + "."
if low_pairs:
    low_share = {s: 100 * float(np.mean([r[s] >= DIP_DB for r in low_pairs])) for s in names}
    verdict += " Below C3 " + ", ".join(f"{low_share[s]:.0f} % ({s})" for s in names) + "."
ranges = {s: [row[f"{s} (%)"] for row in rows] for s in ("DFT, 4096", "CQT, Cw = 2", "CQT, Cw = 3")}
verdict += " From octave to octave the share ranges " + ", ".join(
    f"from {min(v):.0f} to {max(v):.0f} % ({s})" for s, v in ranges.items()) + "."
ui.results(
    rows, title=f"Pairs of {source} notes that separate, {len(instruments)} instruments, {left_out} notes left out",
    seed=0, seconds=clock.perf_counter() - started,
    claim="Constant Q separates adjacent notes in all octaves.", verdict=verdict,
)

# %%
rows = []
for name, inside in (
    ("separated", [r for r in measured if r["CQT, Cw = 2"] >= DIP_DB]),
    ("not separated", [r for r in measured if r["CQT, Cw = 2"] < DIP_DB]),
):
    if inside:
        rows.append({
            "with Cw = 2": name, "pairs": len(inside),
            "median spacing (cents)": float(np.median([r["spacing"] for r in inside])),
            "median level difference of the fundamentals (dB)": float(np.median([r["difference"] for r in inside])),
        })
ui.table(rows, title="What distinguishes the pairs that constant Q with Cw = 2 separates?",
         caption="An ideal pair has 100 cents, 0 dB, and a dip of "
         f"{np.median(dips['CQT, Cw = 2']):.1f} dB: there is little to lose.")
by_octave = {}
for row in measured:
    by_octave.setdefault(row["pitch"] // 12 - 1, []).append(row)
fig, (left, right) = plt.subplots(1, 2, figsize=(13, 3.8), layout="constrained", width_ratios=(3, 2))
for system in ("DFT, 4096", "CQT, Cw = 2", "CQT, Cw = 3"):
    left.plot([r["pitch"] for r in measured], [min(r[system], 30) for r in measured], ".", color=STYLES[system][:2],
              label=system, alpha=0.7)
left.axhline(DIP_DB, color="0.5", linewidth=0.8)
left.set(xlabel="lower note of the pair", ylabel="dip, at most 30 (dB)",
         title=f"{len(measured)} pairs of {source} notes")
left.set_xticks(range(24, 109, 12), [note_name(m) for m in range(24, 109, 12)])
left.legend()
for system, style in STYLES.items():
    shares = [100 * np.mean([r[system] >= DIP_DB for r in inside]) for _, inside in sorted(by_octave.items())]
    right.plot([f"C{octave}" for octave in sorted(by_octave)], shares, style, marker="o", markersize=4, label=system)
right.set(xlabel="octave that begins at", ylabel="separated (%)", ylim=(-3, 103))
right.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
ui.show(fig, alt="Dips of real pairs of notes by pitch, and the share of pairs that separate per octave.")

# %% [markdown]
# So the claim holds in the form "as well in every octave", which no DFT can say. It does not hold for the usual window
# of $Q$ periods at all, and the window of the formula, $C_w = 2$, has no reserve: a pair that is narrower than a
# semitone, or whose fundamentals differ in level, shows one hump. Half as long again, $C_w = 3$, is on the safe side.

# %% [markdown]
# ### Listen

# %%
lowest, highest = measured[int(np.argmin([r["pitch"] for r in measured]))], measured[
    int(np.argmax([r["pitch"] for r in measured]))]
sounds = {}
for row in (lowest, highest):
    x, y = (held[(row["instrument"], dynamics[-1], row["pitch"] + i)] for i in (0, 1))
    start = max(0, min(x[1], y[1]) - sr // 2)
    both = cut(x[0], [x[1]], sr)[0] + cut(y[0], [y[1]], sr)[0]
    name = f"{row['instrument']}, {note_name(row['pitch'])}"
    sounds |= {name: cut(x[0], [x[1]], sr)[0] * 0.1, f"{name} with the semitone above": both * 0.1}
ui.player(sounds, sr)

# %% [markdown]
# ### C · HCQT: one wide CQT against six calls
#
# Six layers of one recording. The baseline calls `librosa.cqt` once per harmonic. Differences of the magnitudes are
# relative to `signal.hcqt`, after dividing librosa's bins by $\sqrt{L_k}$ (its scale). A part of librosa's difference
# is a convention: its $Q$ measures the distance to both neighbours, so its windows are 3 % longer.
#
# Times are processor time on one thread, medians over rounds in which the ways take turns: what else the machine does
# counts little. The first call stands apart, for `signal` keeps the kernels that it made. librosa makes them anew in
# every call.

# %%
seconds = device.choose(smoke=4, laptop=20, full=60)
rounds = device.choose(smoke=1, laptop=9, full=9)
music, _ = data.example("vibeace", sr=sr)
music = np.ascontiguousarray(music[: seconds * sr])
tensor, f_low = torch.from_numpy(music), midi_to_hz(24)


def librosa_cqt(lowest, count, per_octave):
    """librosa's magnitudes without its factor √L."""
    C = librosa.cqt(music, sr=sr, hop_length=hop, fmin=lowest, n_bins=count, bins_per_octave=per_octave)
    f = lowest * 2.0 ** (np.arange(count) / per_octave)
    return np.abs(C) / np.sqrt(librosa.filters.wavelet_lengths(freqs=f, sr=sr)[0])[:, None]


def our_cqt(lowest, count, per_octave):
    """Magnitudes of `signal.cqt`."""
    return signal.cqt(tensor, sr, hop=hop, f_min=lowest, n_bins=count, bins_per_octave=per_octave).abs().numpy()


def six_calls(transform, per_octave):
    """A CQT per harmonic, cut to the shortest."""
    layers = [transform(f_low * h, 5 * per_octave, per_octave) for h in harmonics]
    return np.stack([layer[:, : min(other.shape[1] for other in layers)] for layer in layers])


def one_wide(transform, per_octave):
    """Slices of one CQT."""
    steps, n_bins = [round(per_octave * np.log2(h)) for h in harmonics], 5 * per_octave
    wide = transform(f_low * 2 ** (min(steps) / per_octave), max(steps) - min(steps) + n_bins, per_octave)
    return np.stack([wide[step - min(steps) :][:n_bins] for step in steps])


WAYS = {
    "six calls of librosa.cqt": lambda B: six_calls(librosa_cqt, B),
    "one wide librosa.cqt, sliced": lambda B: one_wide(librosa_cqt, B),
    "six calls of signal.cqt": lambda B: six_calls(our_cqt, B),
    "one wide signal.cqt, sliced": lambda B: one_wide(our_cqt, B),
    "signal.hcqt": lambda B: signal.hcqt(
        tensor, sr, harmonics=harmonics, hop=hop, f_min=f_low, n_bins=5 * B, bins_per_octave=B).abs().numpy(),
}


def compare_ways(per_octave):
    """One row per way: processor time on one thread, frames, difference from the exact layers."""
    threads, stacks, times = torch.get_num_threads(), {}, {name: [] for name in WAYS}
    torch.set_num_threads(1)
    for _ in range(rounds + 1):  # the ways take turns; the first round stands apart
        for name, way in WAYS.items():
            begin = clock.process_time()
            stacks[name] = way(per_octave)
            times[name].append(1000 * (clock.process_time() - begin))
    torch.set_num_threads(threads)
    exact = stacks["signal.hcqt"]
    inner = slice(exact.shape[-1] // 8, -(exact.shape[-1] // 8))
    rows = []
    for name, stack in stacks.items():
        difference = np.linalg.norm((stack - exact)[..., inner]) / np.linalg.norm(exact[..., inner])
        rows.append({
            "way": name, "bins per octave": per_octave, "first call (ms)": times[name][0],
            "later calls (ms)": float(np.median(times[name][1:])), "frames": stack.shape[-1],
            "difference (%)": 100 * float(difference),
        })
    return rows

# %% tags=["results"]
started = clock.perf_counter()
tables = {B: compare_ways(B) for B in device.choose(smoke=(12,), laptop=(12, 36), full=(12, 36, 60))}
rows = [row for table in tables.values() for row in table]
gain = {B: [table[0]["later calls (ms)"] / row["later calls (ms)"] for row in table] for B, table in tables.items()}
said = [
    f"With {B} bins per octave, against six calls of librosa: one wide librosa.cqt is "
    f"{gain[B][1]:.1f} times faster, one wide signal.cqt "
    f"{gain[B][3]:.1f} times, signal.hcqt "
    f"{gain[B][4]:.1f} times. "
    f"Rounding to the grid changes the stack by {table[3]['difference (%)']:.1f} %." for B, table in tables.items()
]
ui.results(
    rows, title=f"HCQT of {len(harmonics)} harmonics, 5 octaves, {seconds} s at {sr} Hz; medians of {rounds}", seed=0,
    seconds=clock.perf_counter() - started, claim="One wide CQT, sliced, replaces a CQT per harmonic.",
    verdict=" ".join(said),
)

# %%
size = (6 * len(tables), 2.6)
fig, axes = plt.subplots(1, len(tables), figsize=size, sharey=True, layout="constrained", squeeze=False)
for ax, (B, table) in zip(axes[0], tables.items(), strict=True):
    ax.barh([row["way"] for row in table][::-1], [row["later calls (ms)"] for row in table][::-1], color="C0")
    ax.set(xlabel="processor time of later calls (ms)", title=f"one harmonic CQT, {B} bins per octave")
ui.show(fig, alt="Bars of the time of five ways to make a harmonic CQT; six calls take longest.")

# %% [markdown]
# Harmonic 5 is 14 cents from the nearest bin with 12 and with 36 bins per octave alike. That is a seventh of a wide bin
# and four tenths of a narrow one: on the finer grid rounding changes the stack more, not less, until a bin comes to lie
# closer (60).
#
# ## 8 · Where this goes
#
# - J. C. Brown, [Calculation of a constant Q spectral transform](https://doi.org/10.1121/1.400476), 1991.
# - J. C. Brown, M. S. Puckette, [An efficient algorithm for the calculation of a constant Q
#   transform](https://doi.org/10.1121/1.404385), 1992: spectral kernels.
# - C. Schörkhuber, A. Klapuri, [Constant-Q transform toolbox for music
#   processing](https://doi.org/10.5281/zenodo.849741), 2010: octave by octave, and nearly invertible; the way of
#   librosa.
# - G. Velasco and others, [Constructing an invertible constant-Q transform with non-stationary Gabor
#   frames](https://www.dafx.de/paper-archive/2011/Papers/29_e.pdf), 2011: the whole-signal FFT, with an exact inverse.
# - R. Bittner and others, [Deep salience representations for f0 estimation in polyphonic
#   music](https://doi.org/10.5281/zenodo.1417937), 2017: the harmonic CQT.
# - R. Bittner and others, [A lightweight instrument-agnostic model for polyphonic note transcription and multipitch
#   estimation](https://arxiv.org/abs/2203.09893), 2022: Basic Pitch, a harmonic CQT cut from one wide CQT, in a
#   product.
#
# Wavelets (unit 07) are constant Q with a theory of what survives a deformation. Networks that share weights along
# the pitch axis build on the shift (unit 08), multi-f0 estimation on the stack (unit 26).
