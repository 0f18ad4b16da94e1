# %% [markdown]
# ## 1 · What should a representation do?
#
# A recording of one second is a list of thousands of numbers. Say the same word twice, and hardly one of them is equal.
# A **representation** $\Phi$ is an operator that maps the signal to other numbers, in which what matters is easy to see
# and what does not matter is gone. Four properties are asked of it:
#
# | property | in words | to measure |
# |---|---|---|
# | **discriminability** | different things stay different | is the nearest neighbour of the same kind? |
# | **stability** | a small change of the signal is a small change of $\Phi$ | the constant $C$ below |
# | **invariance** to a group $G$ | $\Phi(g.x) = \Phi x$ for $g \in G$, such as shifts | relative change after a shift |
# | **reconstruction** | from $\Phi x$ back to $x$, up to $G$ | error of a signal with the same $\Phi$ |
#
# A **group** $G$ is a set of changes that can be chained and undone, such as all shifts; $g.x$ is the signal after the
# change $g$. Two remarks on how these are written. Lectures state discriminability as
# $\Phi x \ne \Phi y \Rightarrow x \ne y$. That holds for *every* function; what is wanted is the converse,
# $x \ne y \Rightarrow \Phi x \ne \Phi y$ for $x, y$ that differ by more than $G$. And stability as
# $\|\Phi x - \Phi y\| \le C \|x - y\|$ is not enough: it speaks of *added* changes, such as noise. A word spoken 1 %
# faster is far from the word in $\|x - y\|$. So one asks more. A **deformation** moves every sample by a delay that
# changes slowly, $x_\tau(t) = x(t - \tau(t))$, and its size is the largest slope $|\tau'|$. Stability to deformations
# means
#
# $$\|\Phi x_\tau - \Phi x\| \;\le\; C\; \sup_t |\tau'(t)|\; \|\Phi x\| .$$
#
# The **Fourier modulus** $|\hat x|$ does not change at all under a (circular) shift. How does it do here?

# %%
import time as clock

sr = 16000


def stretched(x, eps):
    """The signal `eps` times slower (and lower): τ(t) = eps·t. Works on batches."""
    return signal.time_warp(x, eps * torch.arange(x.shape[-1]))


def tones(*frequencies, seconds=1.0):
    """Equal sinusoids with a Hann envelope of one second."""
    t = torch.arange(int(seconds * sr)) / sr
    return sum(torch.sin(2 * torch.pi * f * t) for f in frequencies) * signal.window("hann", len(t))


def distance(a, b):
    """‖a - b‖ / ‖a‖."""
    return float((a - b).norm() / a.norm())


x = tones(200, 1000, 5000)
y = stretched(x, 0.002)
fig, axes = plt.subplots(1, 3, figsize=(12, 3), sharey=True, layout="constrained")
for ax, f in zip(axes, (200, 1000, 5000), strict=True):
    for z, name in ((x, "original"), (y, "0.2 % slower")):
        ax.plot(np.arange(sr // 2 + 1), torch.fft.rfft(z).abs() / 4000, label=name)
    ax.set(xlim=(f - 18, f + 12), xlabel="frequency (Hz)", title=f"partial at {f} Hz")
axes[0].set_ylabel("magnitude (scaled)")
axes[0].legend()
ui.show(fig, alt="Three spectral lines and the same lines of a slightly slower sound: the low lines coincide, "
        "the line at 5000 Hz has moved by ten hertz and no longer overlaps.")
rows = []
for f in (200, 1000, 5000):
    x = tones(f)
    row = {"tone (Hz)": f, "shifted by 10 ms": distance(*(torch.fft.rfft(z).abs() for z in (x, x.roll(160))))}
    for eps in (0.001, 0.01):
        row[f"{100 * eps:g} % slower"] = distance(*(torch.fft.rfft(z).abs() for z in (x, stretched(x, eps))))
    rows.append(row)
ui.table(rows, title="Relative distance of two Fourier moduli",
         caption=f"Two lines that do not overlap are √2 = {2**0.5:.2f} apart, however close they are.")

# %% [markdown]
# A stretch by $\varepsilon$ moves the line at $f$ by $\varepsilon f$. When that is more than the width of the line, the
# distance is $\sqrt 2$ and says no more. So there is no constant $C$: **the Fourier modulus is invariant to shifts and
# unstable to deformations**, worst at high frequencies. The remedy is to look at high frequencies through wide bands.

# %% [markdown]
# ## 2 · Morlet wavelets
#
# A **wavelet** is a short wave: a band-pass filter $\psi$ with mean zero. One wave, dilated, gives them all,
# $\hat\psi_\lambda(\omega) = \hat\psi(\omega / \lambda)$, so the bandwidth grows with the centre $\lambda$: constant Q
# (unit 03). A stretch by $\varepsilon$ moves the line by the same *fraction of the band*, wherever it is.
#
# The **Morlet wavelet** is a Gaussian in frequency, moved to its centre $c$. A Gaussian does not quite vanish at
# frequency 0, so a little Gaussian is subtracted there:
#
# $$\hat\psi(f) = g(f - c) - \frac{g(-c)}{g(0)}\, g(f), \qquad g(f) = e^{-f^2 / 2 w^2},$$
#
# with $f, c, w$ in cycles per sample. It is complex in time (it passes positive frequencies only), so that $|x * \psi|$
# is the envelope of the band and does not swing with the wave. $Q$ wavelets stand in each octave. Down where a wavelet
# would last longer than the averaging scale, the bank goes on with equal widths and equal steps, to the **low-pass**
# $\varphi$, a Gaussian at 0. What $\varphi$ has smoothed may be read every $2^J$ samples, the **scale**. For that
# $\varphi$ has to be longer than the scale: the cell prints by how much.
#
# The lowest row of the picture shows $A(\omega)$, how much of the energy at $\omega$ the bank keeps. Section 3 explains
# it, and the gains with which the wavelets were multiplied.

# %%
def draw_bank(J, Q, axes):
    """Filters in frequency, their Littlewood-Paley sum below."""
    n = 2**J * 64
    bank = signal.morlet_bank(n, J, Q)
    f, half = np.arange(n // 2 + 1) / n, slice(0, n // 2 + 1)
    axes[0].plot(f, bank.wavelets[:, half].T, linewidth=0.8, color="C0")
    axes[0].plot(f, bank.low_pass[half], color="C1", linewidth=2, label="low-pass φ")
    if Q == 1:
        axes[0].legend()
    axes[0].set(xscale="log", xlim=(1e-3, 0.5), title=f"Q = {Q}, J = {J}: {len(bank.centres)} wavelets")
    A = signal.littlewood_paley(bank.wavelets, bank.low_pass)
    centred = torch.fft.ifft(bank.wavelets[len(bank.centres) // 3]).roll(n // 2)
    near = slice(n // 2 - 150, n // 2 + 150)
    axes[1].plot(np.arange(-150, 150), centred.real[near], label="real part")
    axes[1].plot(np.arange(-150, 150), centred.abs()[near], color="0.4", label="modulus")
    axes[2].plot(f, A[half], color="C2")
    axes[2].set(xscale="log", xlim=(1e-3, 0.5), ylim=(0, 1.1))
    length = 1 / float(bank.low_pass.mean()) / 2**J  # of φ in time: area (1) over height, in units of 2^J
    at_half = 100 * (8 * np.log(2)) ** 0.5 * bank.widths[0] / bank.centres[0]
    print(f"Q = {Q}: bands {at_half:.1f} % of their centre wide (at half height), centres "
          f"{100 * (2 ** (1 / Q) - 1):.1f} % apart; φ averages over {length:.1f} · 2^J samples; "
          f"A between {float(A.min()):.2f} and {float(A.max()):.2f}")


fig, axes = plt.subplots(3, 2, figsize=(12, 7), layout="constrained")
for column, (J, Q) in enumerate(((6, 1), (6, 8))):
    draw_bank(J, Q, axes[:, column])
for row, (xlabel, ylabel) in enumerate((("frequency (cycles per sample)", "filter"), ("time (samples)", "one wavelet"),
                                        ("frequency (cycles per sample)", "A(ω)"))):
    axes[row, 0].set_ylabel(ylabel)
    for ax in axes[row]:
        ax.set_xlabel(xlabel)
axes[1, 0].legend()
ui.show(fig, alt="Two banks of Morlet filters, with one and with eight wavelets per octave, a wavelet of each in time, "
        "and the Littlewood-Paley sums, which stay between 0.7 and 1.")

# %% [markdown]
# **Target of exercise 7.1:** the shapes of the upper row (`signal.morlet_bank` also has gains, see section 3).

# %% [markdown]
# ### Exercise 7.1 · Morlet bank   ★★☆ · 20 min · 2 points
#
# **Goal.** The filters at the bins of an n-point DFT, one per row.
#
# ```python
# morlet_bank(n: int, centres: Float[Tensor, "filters"], widths: Float[Tensor, "filters"]) -> Float[Tensor, "filters n"]
# ```
#
# - `centres` $c$ and `widths` $w$ in cycles per sample, $0 < c \le 1/2$, $w \le 0.16$. Bin $k$ is frequency $k / n$.
# - A sampled filter has **period 1**. Let $g_1(u) = g(u - 1) + g(u) + g(u + 1)$ and use
#   $\hat\psi(f) = g_1(f - c) - \frac{g_1(-c)}{g_1(0)}\, g_1(f)$. It is zero at bin 0.
# - No further scaling. Real values, the dtype of the arguments.
#
# <details><summary>Hint 1 · the idea</summary>
#
# One function for the periodic Gaussian, called twice: around the centres and around 0. Frequencies as a row, centres
# and widths as columns.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# f = torch.arange(n, dtype=centres.dtype) / n
# ```
# </details>
# <details><summary>If narrow filters pass but wide ones fail</summary>
#
# A wide filter with its centre near 1/2 reaches beyond it, and one near 0 reaches below: are both images there, also in
# the correction?
# </details>

# %% nbgrader={"grade_id": "morlet_bank", "solution": true}
def morlet_bank(
    n: int, centres: Float[Tensor, "filters"], widths: Float[Tensor, "filters"]
) -> Float[Tensor, "filters n"]:
    """Morlet wavelets in frequency: periodic Gaussians with mean zero in time."""
    ### BEGIN SOLUTION
    f = torch.arange(n, dtype=centres.dtype) / n

    def bump(c):
        return sum(torch.exp(-0.5 * ((f - c[:, None] + k) / widths[:, None]) ** 2) for k in (-1, 0, 1))

    band, low = bump(centres), bump(torch.zeros_like(centres))
    return band - low * (band[:, :1] / low[:, :1])
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_morlet_bank", "points": 2}
checks.scattering.morlet_bank(morlet_bank)
### BEGIN HIDDEN TESTS
checks.scattering.morlet_bank(morlet_bank, rng=grading_rng(), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · What does a bank lose? The Littlewood-Paley sum
#
# The bank turns one signal into many. Does it keep the energy? By Parseval (the energy
# in time is $1/N$ of the energy in frequency), for real $x$, whose spectrum has equal
# energy at $\omega$ and $-\omega$:
#
# $$\|x * \varphi\|^2 + \sum_\lambda \|x * \psi_\lambda\|^2 = \frac1N \sum_\omega |\hat x(\omega)|^2 A(\omega), \qquad
# A(\omega) = |\hat\varphi(\omega)|^2 + \tfrac12 \sum_\lambda \big(|\hat\psi_\lambda(\omega)|^2 +
# |\hat\psi_\lambda(-\omega)|^2\big).$$
#
# If $1 - \alpha \le A(\omega) \le 1$ everywhere, the bank loses at most the part $\alpha$ and adds nothing. It is then
# **non-expansive**, $\|Wx - Wy\| \le \|x - y\|$, and what cannot grow can be cascaded. Where $A$ has a hole, the
# representation is deaf. Holes open where two kinds of filter meet: at the top, and between the lowest wavelet and
# $\varphi$.
#
# With equal gains the factor is $\sqrt 2$: $\psi$ passes positive frequencies only, and $A$ counts half of its energy
# at $\omega$ and half at $-\omega$, so a single filter of height $\sqrt 2$ keeps all energy at its centre.

# %%
n, J, Q = 4096, 6, 1
centres, widths, gains = (torch.tensor(v, dtype=torch.float64) for v in signal.bank_design(J, Q))
f = torch.fft.fftfreq(n, dtype=torch.float64)
shapes = torch.stack([signal.morlet(f, float(c), float(w)) for c, w in zip(centres, widths, strict=True)])
low_pass = signal.morlet_bank(n, J, Q).low_pass
constant_q = widths > 1.01 * widths.min()  # leaves out the filter between the constant-Q part and φ
BANKS = {
    "constant Q only, equal gains": 2**0.5 * shapes[constant_q],
    "down to φ, equal gains": 2**0.5 * shapes,
    "down to φ, gains by least squares": gains[:, None] * shapes,
}
fig, ax = plt.subplots(figsize=(9, 3.2), layout="constrained")
for name, bank in BANKS.items():
    A = signal.littlewood_paley(bank, low_pass)
    A = A / max(1.0, float(A.max()))
    ax.plot(np.arange(1, n // 2) / n, A[1 : n // 2], label=f"{name}: from {float(A.min()):.2f} to {float(A.max()):.2f}")
ax.set(xscale="log", xlabel="frequency (cycles per sample)", ylabel="A(ω)", ylim=(0, 1.3), title=f"Q = {Q}, J = {J}")
ax.legend(fontsize=8)
ui.show(fig, alt="Three Littlewood-Paley sums: one with a hole at low frequencies, one that ripples, one that "
        "stays above 0.7.")

# %% [markdown]
# `signal.morlet_bank` chooses one gain per wavelet so that $A$ comes closest to 1, then lowers all wavelets together
# until $A \le 1$.
#
# **Target of exercise 7.2:** these curves.

# %% [markdown]
# ### Exercise 7.2 · Littlewood-Paley sum   ★☆☆ · 10 min · 2 points
#
# **Goal.** $A(\omega)$ at all bins.
#
# ```python
# littlewood_paley(wavelets: Float | Complex[Tensor, "filters n"], low_pass: Float[Tensor, "n"]) -> Float[Tensor, "n"]
# ```
#
# - `wavelets` may be complex (a filter that is delayed has a phase), so take magnitudes.
# - Bin $k$ holds frequency $k/n$. Its mirror image $-\omega$ is bin $(n - k) \bmod n$: bin 0 is its own image.
#
# <details><summary>Hint 1 · the idea</summary>
#
# Sum the energies of the wavelets first; then mirror the sum once.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# power = wavelets.abs().square().sum(0)
# ```
# </details>
# <details><summary>If it is right but for a shift of one bin</summary>
#
# `flip` sends bin 0 to bin n - 1. It belongs at 0.
# </details>

# %% nbgrader={"grade_id": "littlewood_paley", "solution": true}
def littlewood_paley(wavelets: Tensor, low_pass: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """The part of the energy of a real signal that a bank keeps at each frequency."""
    ### BEGIN SOLUTION
    power = wavelets.abs().square().sum(0)
    mirrored = power.flip(0).roll(1)
    return low_pass.square() + 0.5 * (power + mirrored)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_littlewood_paley", "points": 2}
checks.scattering.littlewood_paley(littlewood_paley)
### BEGIN HIDDEN TESTS
checks.scattering.littlewood_paley(littlewood_paley, rng=grading_rng(), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# ## 4 · First order: modulus, then average
#
# $x * \psi_\lambda$ is stable, but not invariant: it swings at the rate $\lambda$. Averaging it gives zero. The
# **modulus** removes the wave and leaves the envelope, and the average of an envelope is not zero:
#
# $$S_1 x(t, \lambda) = |x * \psi_\lambda| * \varphi(t).$$
#
# The average makes it invariant to shifts much shorter than $2^J$ samples, and lets us keep one value in $2^J$; each
# averages over about four times as much, the length of $\varphi$. (Order zero, $S_0 x = x * \varphi$, is what lies
# below all wavelets.)

# %%
recording, _ = data.example("libri1", sr=sr)
speech = torch.from_numpy(recording[2 * sr : 2 * sr + 2**15].copy())
J, Q = 11, 8
bank_frequencies = np.array(signal.bank_design(J, Q)[0]) * sr
row = int(np.argmin(abs(bank_frequencies - 600)))
n = 2**15
psi = signal.morlet_bank(n, J, Q).wavelets[row].float()
phi = signal.morlet_bank(n, J, Q).low_pass.float()
band = torch.fft.ifft(torch.fft.fft(speech) * psi)
average = torch.fft.ifft(torch.fft.fft(band.abs()) * phi).real
lost = torch.fft.ifft(torch.fft.fft(band.real) * phi).real
t = np.arange(n) / sr
fig, axes = plt.subplots(2, 1, figsize=(11, 4.4), sharex=True, layout="constrained")
axes[0].plot(t, speech, linewidth=0.4)
axes[0].set(ylabel="x", title=f"a band of speech around {bank_frequencies[row]:.0f} Hz")
axes[1].plot(t, band.real, linewidth=0.4, color="0.6", label="real part of x ∗ ψ")
axes[1].plot(t, band.abs(), linewidth=0.9, label="modulus")
axes[1].plot(t, average, linewidth=2, label=f"modulus ∗ φ, {1000 / sr / float(phi.mean()):.0f} ms long")
axes[1].plot(t, lost, "k:", label="(x ∗ ψ) ∗ φ: nothing left")
axes[1].set(xlabel="time (s)", ylabel="band")
axes[1].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
ui.show(fig, alt="A recording of speech; below, one of its bands with its envelope and the smooth average of the "
        "envelope.")
print(f"energy of the averaged wave relative to the averaged modulus: {float((lost.norm() / average.norm())**2):.0e}")

# %% [markdown]
# ### First order and the mel spectrum
#
# A mel spectrum averages energy over frequency bands that are wide at high frequencies, in windows of some 25 ms. Its
# bands are equally spaced below about 1 kHz and an equal ratio apart above. The wavelets keep the equal ratio much
# further down (the cell prints to where), so at low frequencies they are narrower than mel bands, and $S_1$ shows
# single harmonics as stripes. Average the mel spectrum with $\varphi$, and it should look like $S_1$ but for that.
# Measured: both in dB on the same frames and frequencies.

# %%
music, _ = data.example("trumpet", sr=sr)
trumpet = torch.from_numpy(music[: 2**15].copy())


def compared_with_mel(x, J):
    """S1 and a mel spectrum averaged over the same time, both in dB: (bands, frames) each, and the mel centres."""
    S = signal.scattering(x, J, Q, order=1)[1:]
    bands = 48
    mel = signal.log_mel(x, sr, n_mels=bands, n_fft=512, hop=128, offset=None)
    width = 0.1 / 2**J * 128  # of φ, at the rate of the mel frames
    lags = torch.arange(mel.shape[-1])
    weights = torch.exp(-2 * (torch.pi * width * (lags - lags[:, None] * 2**J / 128)) ** 2)[: S.shape[-1]]
    smooth = mel @ (weights / weights.sum(1, keepdim=True)).T
    edges = np.linspace(0, float(signal.hz_to_mel(sr / 2)), bands + 2)[1:-1]
    centres = np.asarray(signal.mel_to_hz(edges))
    at = [int(np.argmin(abs(np.log(np.array(signal.bank_design(J, Q)[0]) * sr / f)))) for f in centres]
    floor = 1e-3 * float(S.max())
    return 20 * torch.log10(S[at] + floor), 10 * torch.log10(smooth + 1e-5 * smooth.max()), centres


fig, axes = plt.subplots(2, 2, figsize=(12, 5), layout="constrained")
for line, (name, x) in zip(axes, {"speech": speech, "trumpet": trumpet}.items(), strict=True):
    ours, mel, centres = compared_with_mel(x, 9)
    agreement = float(torch.corrcoef(torch.stack([ours.flatten(), mel.flatten()]))[0, 1])
    for ax, level, title in zip(line, (ours, mel), ("S1 in dB", "averaged mel spectrum in dB"), strict=True):
        ax.imshow(level - level.max(), origin="lower", aspect="auto", cmap="magma", vmin=-50, vmax=0,
                  extent=(0, len(x) / sr, 0, len(centres)), interpolation="nearest")
        ax.set(title=f"{title}, {name}", xlabel="time (s)", ylabel="mel band")
        ax.grid(False)
    print(f"{name}: the two pictures correlate {agreement:.2f}")
lowest = [c for c, w in zip(*signal.bank_design(9, Q)[:2], strict=True) if w > 1.01 * 0.1 / 2**9][-1]
print(f"the wavelets are an equal ratio apart down to {lowest * sr:.0f} Hz")
ui.show(fig, alt="First-order scattering and averaged mel spectra of speech and of a trumpet: nearly the same "
        "pictures.")

# %% [markdown]
# An MFCC is a DCT of the logarithm of such a picture. So $S_1$ knows about as much as MFCCs that are averaged over the
# same time. The averaging loses what happens *within* the length of $\varphi$. That is why MFCCs are taken every 10 to
# 25 ms, and why longer contexts need something more: section 5.
#
# **Target of exercise 7.3:** `signal.scattering(speech, 9, 8, order=1)[1:]`, the upper left picture.

# %% [markdown]
# ### Exercise 7.3 · Scattering of order 1   ★★☆ · 20 min · 3 points
#
# **Goal.** Filter, modulus, average, subsample, by the FFT.
#
# ```python
# first_order(x: Float[Tensor, "*batch samples"], wavelets: Float[Tensor, "filters n"], low_pass: Float[Tensor, "n"],
#             hop: int) -> Float[Tensor, "*batch filters frames"]
# ```
#
# - Filters are values at the `n` bins of the DFT. Append zeros to `x` up to `n` samples ($n \ge$ samples + hop).
# - Frame $m$ is the value at sample $m \cdot$ `hop`; there are `samples // hop + 1`.
# - Differentiable, any number of batch axes. `n` may be odd.
#
# <details><summary>Hint 1 · the idea</summary>
#
# Multiply spectra, go back, take `abs`, go forward again, multiply with the low-pass, go back. Then index.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# z = torch.fft.ifft(torch.fft.fft(x, n).unsqueeze(-2) * wavelets)      # (*batch, filters, n), complex
# ```
# </details>
# <details><summary>If the values pass but the number of frames fails</summary>
#
# `[..., ::hop]` also gives the frames of the appended zeros. Keep the first `samples // hop + 1`.
# </details>

# %% nbgrader={"grade_id": "first_order", "solution": true}
def first_order(
    x: Float[Tensor, "*batch samples"], wavelets: Float[Tensor, "filters n"], low_pass: Float[Tensor, "n"], hop: int
) -> Float[Tensor, "*batch filters frames"]:
    """|x * ψ| * φ, read every `hop` samples."""
    ### BEGIN SOLUTION
    n = wavelets.shape[-1]
    envelopes = torch.fft.ifft(torch.fft.fft(x, n).unsqueeze(-2) * wavelets).abs()
    smooth = torch.fft.ifft(torch.fft.fft(envelopes) * low_pass).real
    return smooth[..., ::hop][..., : x.shape[-1] // hop + 1]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_first_order", "points": 3}
checks.scattering.first_order(first_order)
### BEGIN HIDDEN TESTS
checks.scattering.first_order(first_order, rng=grading_rng(), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# ### Demo: deformation against stability
#
# A note of an instrument, stretched. The spectra above, the first-order coefficients below. The numbers in the titles
# are relative distances to the original.

# %%
try:
    note = data.instrument_notes(instruments=["clarinet"], pitches=[60], dynamics=["forte"])[0]
except data.DataError as problem:
    print(f"{problem}\nA generated note stands in.")
    note = data.generate.instrument_notes(instruments=["clarinet"], pitches=[60], dynamics=["forte"])[0]


def fitted(x, samples):
    """The first `samples` samples at norm 1, with zeros if there are fewer."""
    x = torch.from_numpy(np.ascontiguousarray(x[:samples]))
    x = nn.functional.pad(x, (0, samples - len(x)))
    return x / x.norm()


clip = fitted(note.audio(sr=sr), sr)


def deformed(stretch_in_percent, shift_in_ms, Q, J):
    """Spectra and S1 of a note and of its deformed copy, with distances."""
    moved = signal.time_warp(clip, stretch_in_percent / 100 * torch.arange(sr) + shift_in_ms / 1000 * sr)
    spectra = [torch.fft.rfft(z).abs() for z in (clip, moved)]
    first = [signal.scattering(z, J, Q, order=1)[1:] for z in (clip, moved)]
    f = np.array(signal.bank_design(J, Q)[0]) * sr
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(10, 4.6), layout="constrained")
    for z, name, style in zip(spectra, ("original", "deformed"), ("-", "--"), strict=True):
        top.plot(np.arange(len(z)), z, style, linewidth=0.9, label=name)
    top.set(xlim=(0, 4000), xlabel="frequency (Hz)", ylabel="|X|",
            title=f"Fourier modulus, distance {distance(*spectra):.3f}")
    top.legend()
    for z, style in zip(first, ("-", "--"), strict=True):
        bottom.plot(f, z.mean(-1), style, marker=".")
    bottom.set(xscale="log", xlim=(60, 8000), xlabel="centre frequency (Hz)", ylabel="mean of S1",
               title=f"first order, distance {distance(*first):.3f}")
    alt = f"Spectrum and S1 before and after a stretch of {stretch_in_percent} % and a shift of {shift_in_ms} ms."
    return fig, alt, {"original": clip, "deformed": moved}


ui.explore(
    deformed, sr=sr, stretch_in_percent=[1.0, 0.0, 0.1, 0.3, 3.0, 6.0], shift_in_ms=[0, 5, 20, 80], Q=[8, 1, 2, 16],
    J=[12, 7, 9, 11],
    question="Double the stretch: which of the two distances doubles, and which one has nowhere to go? Which Q makes "
             "S1 most stable, and what does the lower curve lose with it? With a shift and no stretch: which J makes "
             "S1 forget it? (After 80 ms Fourier moves too: the end of the note has left the clip.)",
)

# %% [markdown] nbgrader={"grade_id": "explain_stretch", "solution": true, "points": 1}
# ### Explain 7.4 · Three per cent   · 5 min · 1 point
#
# A singer repeats a note of 4000 Hz, 3 % lower. Compare the change in a DFT over one second (lines about 2 Hz wide)
# with the change in a wavelet with $Q = 8$ (bands about 14 % wide at half height) and with $Q = 1$. Why do high
# harmonics suffer most in the DFT and not with wavelets? What is the price of $Q = 1$? Three to five sentences.
#
# === BEGIN MARK SCHEME ===
# - (⅓) The line moves by 120 Hz, sixty line widths: no overlap, distance √2, as for any other large or small move. In
#   the wavelet of Q = 8 it moves by a fifth of the band, the coefficients change partly; with Q = 1 hardly at all.
# - (⅓) The move is ε·f and grows with f; DFT lines have the same width everywhere, wavelet bands grow with f, so the
#   move is the same fraction of every band.
# - (⅓) Price: frequency resolution, and so discriminability: with Q = 1 notes within an octave look alike.
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# The line moves by 3 % of 4000 Hz, 120 Hz or sixty line widths, so the two DFTs do not overlap and are √2 apart. The
# band of the wavelet with Q = 8 is some 540 Hz wide, so the line moves by a fifth of the band; with Q = 1 the
# coefficients hardly change. The move is εf: it grows with frequency while a DFT line does not, and a wavelet's band
# grows with it. The price of Q = 1 is resolution: notes of one octave fall into the same band, and discriminability
# goes.
# ### END SOLUTION

# %% [markdown]
# ## 5 · Second order: what the average lost
#
# The average keeps the mean of the envelope $|x * \psi_{\lambda_1}|$ and throws away how it *moves*: tremolo, the
# roughness of two close partials, the attack of a consonant. That movement is a signal like any other. So do the same
# again: wavelets, modulus, average.
#
# $$S_2 x(t, \lambda_1, \lambda_2) = \big|\, |x * \psi_{\lambda_1}| * \psi_{\lambda_2} \big| * \varphi(t), \qquad
# S_m x = \big| \dots |x * \psi_{\lambda_1}| * \dots * \psi_{\lambda_m} \big| * \varphi(t).$$
#
# $\lambda_1$ is a pitch,
# $\lambda_2$ a rhythm: cycles per second of the *envelope*. The second bank needs no fine resolution and has $Q = 1$.
#
# **Which paths?** An envelope moves no faster than its band is wide. A second wavelet far above that width hears
# nothing, so most pairs can be left out. With $Q = 1$ the literature keeps $j_2 > j_1$ ($\lambda_2$ at least an octave
# below $\lambda_1$); `signal.scattering_paths` keeps $\lambda_2 \le 3 w_1$, three widths of the first wavelet.

# %%
def tremolo(rate, seconds=2.0):
    """1 kHz whose amplitude swings `rate` times per second."""
    t = torch.arange(int(seconds * sr)) / sr
    return 0.3 * torch.sin(2 * torch.pi * 1000 * t) * (1 + 0.9 * torch.sin(2 * torch.pi * rate * t))


J = 13
paths = signal.scattering_paths(J, Q)
order = np.array([path.order for path in paths])
pair = {"6 per second": tremolo(6), "24 per second": tremolo(24)}
S = {name: signal.scattering(x, J, Q) for name, x in pair.items()}
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 3.2), layout="constrained")
loudest = int(S["6 per second"][order == 1].mean(-1).argmax())
of_tone = [i for i, path in enumerate(paths) if path.order == 2 and path.wavelets[0] == loudest]
for (name, rows_of_sound), marker in zip(S.items(), "os", strict=True):
    left.plot([p.frequencies[0] * sr for p in paths if p.order == 1], rows_of_sound[order == 1, 2], label=name)
    right.plot([paths[i].frequencies[1] * sr for i in of_tone], rows_of_sound[of_tone, 2], marker=marker, label=name)
steady = signal.scattering(tremolo(0), J, Q)
right.plot([paths[i].frequencies[1] * sr for i in of_tone], steady[of_tone, 2], "k:", label="steady tone")
left.set(xscale="log", xlim=(60, 8000), xlabel="λ1 (Hz)", ylabel="S1", title="first order")
right.set(xscale="log", xlabel="λ2 (Hz)", ylabel="S2", title="second order at λ1 = 1 kHz")
left.legend()
right.legend()
ui.show(fig, alt="Two tremolos: their first-order coefficients coincide, in the second order one has its "
        "maximum near 6 Hz and the other near 24 Hz; all rise below 3 Hz, with a steady tone.")
ui.player(pair, sr)
a, b = S.values()
print(f"distance of the two sounds in S1: {distance(a[order == 1], b[order == 1]):.3f}, "
      f"in S2: {distance(a[order == 2], b[order == 2]):.3f}")

# %% [markdown]
# Two sounds that nobody confuses, equal in $S_1$ (and in MFCCs averaged by the same $\varphi$, two seconds long), apart
# in $S_2$. Below 3 Hz both curves rise, and that of a steady tone with them: that is the start and the end of the clip,
# not a rhythm of the sound.
#
# How much is there to find in each order? The longer the average, the more of the energy has moved into the envelopes.

# %%
rows = []
for J in device.choose(smoke=(7, 11), laptop=(5, 7, 9, 11, 13), full=(5, 7, 9, 11, 13)):
    row = {"scale 2^J (ms)": 1000 * 2**J / sr}
    for name, x in {"speech": speech, "trumpet": trumpet}.items():
        x = nn.functional.pad(x, (2 * 2**J, 2 * 2**J))
        S, all_paths = signal.scattering(x, J, Q), signal.scattering_paths(J, Q)
        for m in range(3):
            chosen = [path.order == m for path in all_paths]
            row[f"{name}, order {m} (%)"] = 100 * float(2**J * S[chosen].square().sum() / x.square().sum())
    row["paths"] = len(all_paths)
    rows.append(row)
ui.table(rows, title="Energy by order, relative to the signal",
         caption="The sum stays below 100: the bank loses up to α at each layer, and orders above 2 are left out.")

# %%
x, J = speech[: device.choose(smoke=2**13, laptop=2**14, full=2**15)], 11
first, second = signal.bank_design(J, Q), signal.bank_design(J, 1)
envelopes = torch.fft.fft(signal.wavelet_modulus(x, J, Q))
second_bank = signal.morlet_bank(x.shape[-1], J, 1).wavelets.float()
energy = torch.stack([torch.fft.ifft(u * second_bank).abs().square().sum(-1) for u in envelopes])
ratio = torch.tensor(second[0])[None] / torch.tensor(first[1])[:, None]
kept = ratio <= 3
fig, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
level = 10 * torch.log10(energy / energy.max() + 1e-9)
image = ax.pcolormesh(np.array(first[0]) * sr, np.array(second[0]) * sr, level.T, cmap="magma", vmin=-60, vmax=0,
                      shading="nearest")
ax.plot(np.array(first[0]) * sr, 3 * np.array(first[1]) * sr, color="C2", label="λ2 = 3 widths of ψ1")
ax.set(xscale="log", yscale="log", xlim=(50, 8000), xlabel="λ1 (Hz)", ylabel="λ2 (Hz)",
       title="energy of | |x ∗ ψ1| ∗ ψ2 |, speech")
fig.colorbar(image, ax=ax, label="level (dB re maximum)")
fig.legend(loc="outside lower center")
ax.grid(False)
ui.show(fig, alt="Energy of the second order over both frequencies: above a diagonal line only a few per cent are "
        "left.")
print(f"{int(kept.sum())} of {kept.numel()} paths kept; the others hold "
      f"{100 * float(energy[~kept].sum() / energy.sum()):.1f} % of the second-order energy")

# %% [markdown]
# **Target of exercise 7.5:** the right picture of the two tremolos.

# %% [markdown]
# ### Exercise 7.5 · Scattering of order 2   ★★☆ · 20 min · 3 points
#
# **Goal.** The cascade on a given list of paths.
#
# ```python
# second_order(x: Float[Tensor, "*batch samples"], first: Float[Tensor, "filters1 n"],
#              second: Float[Tensor, "filters2 n"], low_pass: Float[Tensor, "n"], paths: list[tuple[int, int]], hop: int
#              ) -> Float[Tensor, "*batch paths frames"]
# ```
#
# - `paths[p] = (i, k)`: row $i$ of `first`, then row $k$ of `second`. Rows of the result in the order of `paths`.
# - Zeros up to `n`, frames and subsampling as in exercise 7.3. Differentiable; `n` may be odd.
#
# <details><summary>Hint 1 · the idea</summary>
#
# Take the rows of the banks by lists of places: `first[ones]` has one row per path. The envelope is a real signal;
# filter it like one.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# ones, twos = [i for i, _ in paths], [k for _, k in paths]
# ```
# </details>
# <details><summary>If the shape passes but the values fail, nearly zero</summary>
#
# Is there an average, or no modulus, before the second wavelet? Only the modulus brings the movement of the envelope
# down to where $\psi_{\lambda_2}$ listens.
# </details>

# %% nbgrader={"grade_id": "second_order", "solution": true}
def second_order(
    x: Float[Tensor, "*batch samples"], first: Float[Tensor, "filters1 n"], second: Float[Tensor, "filters2 n"],
    low_pass: Float[Tensor, "n"], paths: list[tuple[int, int]], hop: int,
) -> Float[Tensor, "*batch paths frames"]:
    """||x * ψ1| * ψ2| * φ for every path, read every `hop` samples."""
    ### BEGIN SOLUTION
    n = first.shape[-1]
    ones, twos = [i for i, _ in paths], [k for _, k in paths]
    envelopes = torch.fft.ifft(torch.fft.fft(x, n).unsqueeze(-2) * first[ones]).abs()
    again = torch.fft.ifft(torch.fft.fft(envelopes) * second[twos]).abs()
    smooth = torch.fft.ifft(torch.fft.fft(again) * low_pass).real
    return smooth[..., ::hop][..., : x.shape[-1] // hop + 1]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_second_order", "points": 3}
checks.scattering.second_order(second_order)
### BEGIN HIDDEN TESTS
checks.scattering.second_order(second_order, rng=grading_rng(), cases=30)
### END HIDDEN TESTS

# %% [markdown]
# ## 6 · Joint scattering: pitch and time together
#
# Plain scattering averages each band by itself. Shift the bands in time against each other, each by less than
# $2^J$ samples: nothing changes. But a glide *is* bands that come one after the other. Andén, Lostanlen and Mallat
# therefore filter the scalogram $U(t, \log\lambda) = |x * \psi_\lambda|(t)$ as a picture, with wavelets that go along
# time ($\alpha$, cycles per second) and along log-frequency ($\beta$, cycles per octave, of either sign):
#
# $$\big| U \overset{t}{*} \psi_\alpha \overset{\log\lambda}{*} \psi_\beta \big| .$$
#
# The sign of $\beta$ tells ridges (lines along which $U$ is large) that rise from ridges that fall. A ridge that rises
# by $v$ octaves per second is a function of $\log_2 \lambda - v t$, and a wave
# $e^{2 \pi i (\alpha t + \beta \log_2 \lambda)}$ stays in step with it if $\alpha = -\beta v$: with $\alpha > 0$,
# **what rises lies at negative $\beta$**. Computed for a siren that glides up two octaves, again and again, and for the
# same recording played backwards:

# %%
def siren(rate=4.0, low=400.0, octaves=2.0, partials=1, seconds=2.048):
    """A tone that glides up `octaves` in each period, `rate` periods per second; harmonics fall as 1/h."""
    t = np.arange(int(seconds * sr)) / sr
    f = low * 2 ** (octaves * ((rate * t) % 1))
    swell = np.sin(np.pi * ((rate * t) % 1)) ** 2
    phase = 2 * np.pi * np.cumsum(f) / sr
    return torch.from_numpy(sum(np.sin(h * phase) / h for h in range(1, partials + 1)) * swell).float()


J, Q, keep = 12, 8, 16
ROWS = 6 * Q  # six octaves of constant Q, the highest first


def scalogram(x):
    """(pitch, time): wavelet modulus on constant-Q rows, low pitch first, every 16th sample (1000 per second)."""
    U = signal.wavelet_modulus(x, J, Q)[:ROWS].flip(0)
    smooth = nn.functional.avg_pool1d(U[None], keep)[0]
    return smooth / smooth.norm()


def along(U, psi, axis):
    """Convolution (circular) with a filter in frequency along one axis."""
    shape = [1] * U.ndim
    shape[axis] = -1
    return torch.fft.ifft(torch.fft.fft(U, dim=axis) * psi.view(shape), dim=axis)


RATES = 2.0 ** np.arange(0, 6)  # α, cycles per second
SCALES = np.array([-2, -1, -0.5, -0.25, 0.25, 0.5, 1, 2])  # β, cycles per octave


def joint(U, rate, scale):
    """U * ψ_α * ψ_β, complex; a negative β is a wavelet that turns the other way."""
    time = signal.morlet(torch.fft.fftfreq(U.shape[1]), rate * keep / sr, 0.4 * rate * keep / sr)
    pitch = signal.morlet(torch.fft.fftfreq(len(U)) * np.sign(scale), abs(scale) / Q, 0.4 * abs(scale) / Q)
    return along(along(U, time, 1), pitch, 0)


up = siren()
glides = {"up": up, "down (the same, reversed)": up.flip(0)}
fig, axes = plt.subplots(2, 2, figsize=(12, 6), layout="constrained", width_ratios=(2, 1))
maps = []
for (left, right), (name, x) in zip(axes, glides.items(), strict=True):
    U = scalogram(x)
    left.imshow(U, origin="lower", aspect="auto", cmap="magma", extent=(0, len(x) / sr, 0, 6))
    left.set(title=f"scalogram, {name}", xlabel="time (s)", ylabel="λ (Hz)")
    left.set_yticks(range(6), [f"{sr * signal.bank_design(J, Q)[0][ROWS - 1 - Q * k]:.0f}" for k in range(6)])
    grid = np.array([[float(joint(U, a, b).abs().mean()) for a in RATES] for b in SCALES])
    maps.append(torch.from_numpy(grid))
    image = right.imshow(grid, origin="lower", aspect="auto", cmap="viridis", interpolation="nearest")
    right.set(xlabel="α (Hz)", ylabel="β (cycles per octave)", title="joint response")
    right.set_xticks(range(len(RATES)), [f"{a:g}" for a in RATES])
    right.set_yticks(range(len(SCALES)), [f"{b:g}" for b in SCALES])
    left.grid(False)
    right.grid(False)
ui.show(fig, alt="A siren that glides up and its reverse, with maps over rate and scale: the energy lies at "
        "negative scales for one and at positive scales for the other.")
ui.player(glides, sr)
J = 13
plain = [signal.scattering(nn.functional.pad(x, (2**J, 2**J)), J, Q)[1:].mean(-1) for x in glides.values()]
print(f"distance of the two in S1 and S2, averaged over time: {distance(*plain):.3f}; in the joint map: "
      f"{distance(*maps):.3f}")

# %% [markdown]
# Averaged over the whole sound, orders one and two cannot tell a sound from its reverse: $|x * \psi|$ is reversed too,
# and the average does not care. The joint map is mirrored in $\beta$.
#
# **Spiral scattering** (Lostanlen and Mallat) adds one more axis. Roll the pitch axis up so that octaves lie above each
# other: angle = place in the octave, radius = octave. Partials 1, 2, 4, 8 of a tone lie on one ray. When the pitch
# glides, they all turn together; when a formant moves, energy goes from octave to octave along the rays. A third
# wavelet, along the octaves ($\gamma$, cycles per octave, from one turn to the next), tells the two apart:
#
# $$\big| U \overset{t}{*} \psi_\alpha \overset{\log\lambda}{*} \psi_\beta 
# \overset{\mathrm{oct}}{*} \psi_\gamma \big| .$$

# %%
def turning(x, rate, scale):
    """Share of the joint response at (α, β) that is common to all octaves, γ = 0: (octave, place, time) averaged."""
    Z = joint(scalogram(x), rate, scale).unflatten(0, (6, Q))
    by_gamma = torch.fft.fft(Z, dim=0).abs().square().sum((1, 2))
    return float(by_gamma[0] / by_gamma.sum())


rich, pure = siren(partials=8, low=150, octaves=1, rate=4), siren(partials=1, low=150, octaves=1, rate=4)
fig, axes = plt.subplots(1, 2, figsize=(10, 4.6), subplot_kw={"projection": "polar"}, layout="constrained")
for ax, (name, x) in zip(axes, {"eight harmonics": rich, "one partial": pure}.items(), strict=True):
    frame = scalogram(x)[:, 150]  # 0.15 s: the middle of the first glide
    place = np.arange(ROWS)
    ax.plot(2 * np.pi * place / Q, 1 + place / Q, color="0.8", linewidth=0.8)
    ax.scatter(2 * np.pi * place / Q, 1 + place / Q, s=300 * (frame / frame.max()).numpy(), color="C0", alpha=0.7)
    ax.set(title=name, yticks=[], xticks=2 * np.pi * np.arange(Q) / Q, xticklabels=[f"{k}/{Q}" for k in range(Q)])
ui.show(fig, alt="Two spirals, one turn per octave. Of a tone with harmonics, numbers 1, 2, 4 and 8 lie on one ray and "
        "the others on rays of their own; a pure tone lies in one place.")
rows = [{"sound": name, "share common to all octaves (%)": 100 * turning(x, 8.0, -2.0)}
        for name, x in {"siren of eight harmonics": rich, "siren of one partial": pure}.items()]
ui.table(rows, title="How much of the joint response at 8 Hz and two cycles per octave turns in all octaves together?",
         caption=f"One octave out of six alone gives {100 / 6:.0f} %.")
ui.player({"eight harmonics": rich, "one partial": pure}, sr)

# %% [markdown]
# The lecture reports errors of 32.0 % for plain scattering, 22.0 % for joint and 19.9 % for spiral scattering on the
# classification of instruments. What a network with shared weights along octaves learns (unit 08) is a cousin of the
# third.

# %% [markdown]
# ## 7 · The four properties, measured
#
# Now to the four properties of section 1, for a set of signals with classes. Each becomes one number:
#
# - **stability**: the smallest $C$ that fits all signals,
#   $\max_i \|\Phi x_{i,\tau} - \Phi x_i\| / (\epsilon_i \|\Phi x_i\|)$;
# - **invariance**: the mean over signals of $\|\Phi(x_i \text{ shifted}) - \Phi x_i\| / \|\Phi x_i\|$, 0 is best;
# - **discriminability**: the share of signals whose nearest *other* signal is of the same class;
# - **reconstruction**: $y$ was found from $\Phi x$; the smallest $\|x - y(\cdot - s)\| / \|x\|$ over all circular
#   shifts.

# %% [markdown]
# ### Exercise 7.6 · Four numbers   ★★☆ · 20 min · 2 points
#
# **Goal.** Measure the four properties from representations that were computed already.
#
# ```python
# four_properties(phi: Float[Tensor, "signals features"], shifted: Float[Tensor, "signals features"],
#                 warped: Float[Tensor, "signals features"], sizes: Float[Tensor, "signals"],
#                 labels: Int[Tensor, "signals"], x: Float[Tensor, "samples"], y: Float[Tensor, "samples"]
#                 ) -> dict[str, float]
# ```
#
# - `phi`, `shifted`, `warped`: $\Phi$ of the signals, of their shifted and of their deformed copies. `sizes`:
#   $\epsilon_i$.
# - A signal is not its own neighbour. No row of `phi` is zero, and no two distances are equal.
# - Keys: `"stability"`, `"invariance"`, `"discriminability"`, `"reconstruction"`.
# - $y$ with the other sign is another signal. Shift 0 counts too.
# - Write it yourself: not the functions of `metrics` (the check cannot tell).
#
# <details><summary>Hint 1 · the idea</summary>
#
# Norms along the features first, then ratios, and only then the maximum or the mean over the signals. For the shifts:
# a loop over `y.roll(s)`, or one FFT.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# size = phi.norm(dim=1)
# ```
# </details>
# <details><summary>If three numbers pass but the discriminability fails, always 1</summary>
#
# Every row is at distance 0 from itself. Put infinity on the diagonal before you look for the smallest.
# </details>

# %% nbgrader={"grade_id": "four_properties", "solution": true}
def four_properties(
    phi: Float[Tensor, "signals features"], shifted: Float[Tensor, "signals features"],
    warped: Float[Tensor, "signals features"], sizes: Float[Tensor, "signals"], labels: Int[Tensor, "signals"],
    x: Float[Tensor, "samples"], y: Float[Tensor, "samples"],
) -> dict[str, float]:
    """Stability, invariance, discriminability and reconstruction as four numbers."""
    ### BEGIN SOLUTION
    size = phi.norm(dim=1)
    stability = (nn.functional.pairwise_distance(warped, phi, eps=0.0) / (size * sizes)).max()
    invariance = (nn.functional.pairwise_distance(shifted, phi, eps=0.0) / size).mean()
    nearest = torch.cdist(phi, phi).fill_diagonal_(torch.inf).argmin(1)
    hits = (labels[nearest] == labels).double().mean()
    overlap = torch.fft.irfft(torch.fft.rfft(x) * torch.fft.rfft(y).conj(), len(x)).max()
    error = (x.square().sum() + y.square().sum() - 2 * overlap).sqrt()
    return {
        "stability": float(stability), "invariance": float(invariance), "discriminability": float(hits),
        "reconstruction": float(error / x.norm()),
    }
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_four_properties", "points": 2}
checks.scattering.four_properties(four_properties)
### BEGIN HIDDEN TESTS
checks.scattering.four_properties(four_properties, rng=grading_rng(), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# ### A · Seven representations of spoken words
#
# Words of several speakers, one second each, at 8 kHz. Seven representations: the Fourier modulus, the wavelet modulus
# (nothing averaged), scattering of order 1, of orders 1 and 2, the logarithm of the latter, MFCCs every 16 ms, and
# MFCCs averaged with the same $\varphi$ as the scattering. All share $2^J = 1024$ samples:
# one value every 128 ms, averaged over about half a second.
#
# Logarithms have an arbitrary zero, so a common offset could make any *relative* distance small. Therefore the mean
# over the set is subtracted from each representation before anything is measured. Deformations: stretches by
# $\epsilon$ = 0.3, 1 and 3 % around the middle. Shift: 10 ms. Class: the word. Noise: white, 20 dB below each word; its
# constant is $\|\Phi(x + e) - \Phi x\| / \|\Phi x\|$ over $\|e\| / \|x\|$. (A non-expansive $\Phi$ may exceed 1 there,
# because the mean was subtracted below the fraction and not above.)

# %%
rate, n, J, Q = 8000, 8192, 10, 8
takes = device.choose(smoke=[5], laptop=[5, 6], full=[5, 6, 7, 8, 9])
speakers = device.choose(smoke=["theo", "nicolas"], laptop=list(data.SPEAKERS), full=list(data.SPEAKERS))
spoken, _ = data.digits_or_generated(speakers=speakers, takes=takes)


def centred(x, n):
    """`n` samples around the middle of the energy, norm 1."""
    middle = int(np.searchsorted(np.cumsum(x**2), np.sum(x**2) / 2))
    wide = np.pad(x, n)
    x = torch.from_numpy(wide[middle + n // 2 : middle + n // 2 + n].astype(np.float32))
    return x / x.norm()


words = torch.stack([centred(d.audio(), n) for d in spoken])
labels = torch.tensor([d.digit for d in spoken])
paths = signal.scattering_paths(J, Q)
first_order_rows = torch.tensor([path.order == 1 for path in paths])
upper_rows = torch.tensor([path.order > 0 for path in paths])


def word_mfcc(x):
    """Every 16 ms; 10·x has a mean energy near 0.01 per sample, far above the offset of 1e-6."""
    return signal.mfcc(10 * x, rate, n_mfcc=20, n_mels=40, n_fft=512, hop=128)


def averaged(frames, J, hop):
    """Frames every `hop` samples, smoothed by φ of scale 2^J and read every 2^J samples."""
    at = torch.arange(0, frames.shape[-1], 2**J // hop)
    lag = (torch.arange(frames.shape[-1]) - at[:, None]) * hop
    weights = torch.exp(-2 * (torch.pi * 0.1 / 2**J * lag) ** 2)
    return frames @ (weights / weights.sum(1, keepdim=True)).T


def scattered(x, order=2):
    """Orders 1 (and 2); short batches keep the memory small."""
    parts = [signal.scattering(part, J, Q, order=order)[..., 1:, :] for part in x.split(32)]
    return torch.cat(parts)


FLOOR = 1e-3 * float(scattered(words[:20]).mean())
REPRESENTATIONS = {
    "Fourier modulus": lambda x: torch.fft.rfft(x).abs(),
    "wavelet modulus": lambda x: torch.cat([signal.wavelet_modulus(p, J, Q)[..., ::16] for p in x.split(16)]),
    "scattering, order 1": lambda x: scattered(x, 1),
    "scattering, orders 1 and 2": scattered,
    "log scattering, orders 1 and 2": lambda x: torch.log(scattered(x).abs() + FLOOR),
    "MFCC": word_mfcc,
    "MFCC, averaged": lambda x: averaged(word_mfcc(x), J, 128),
}

# %% tags=["results"]
started = clock.perf_counter()
SIZES = (0.003, 0.01, 0.03)
generator = torch.Generator().manual_seed(0)
white = torch.randn(words.shape, generator=generator)
noisy = words + 0.1 * white / white.norm(dim=-1, keepdim=True)
stretches = {eps: signal.time_warp(words, eps * (torch.arange(n) - n / 2)) for eps in SIZES}
shift_words = words.roll(rate // 100, -1)
rows, change = [], {}
for name, represent in REPRESENTATIONS.items():
    phi = represent(words)
    mean = phi.mean(0)
    at = phi - mean
    warped = {eps: represent(y) - mean for eps, y in stretches.items()}
    change[name] = [float(metrics.relative_change(at, y).mean()) for y in warped.values()]
    row = {"representation": name, "values": phi[0].numel()}
    for eps in (SIZES[0], SIZES[-1]):
        row[f"C, {100 * eps:g} %"] = metrics.stability_constant(at, warped[eps], torch.tensor(eps))
    row["C, noise"] = metrics.stability_constant(at, represent(noisy) - mean, torch.tensor(0.1))
    row["shift 10 ms"] = float(metrics.relative_change(at, represent(shift_words) - mean).mean())
    row["nearest is the same word (%)"] = 100 * metrics.neighbour_accuracy(phi, labels)
    rows.append(row)
by_name = {row["representation"]: row for row in rows}
small, large = f"C, {100 * SIZES[0]:g} %", f"C, {100 * SIZES[-1]:g} %"
fourier, order2, plain_mfcc = (by_name[k] for k in ("Fourier modulus", "scattering, orders 1 and 2", "MFCC"))
four_table = rows
ui.results(
    rows, title=f"Stability, invariance, discriminability: {len(words)} words of {len(speakers)} speakers", seed=0,
    seconds=clock.perf_counter() - started,
    claim="Fourier is invariant and unstable; wavelets are stable and lose nothing of the signal; scattering is "
          "invariant and stable, and its upper orders recover information; its first order is similar to MFCC.",
    verdict=f"Fourier modulus: {fourier['shift 10 ms']:.3f} after a shift, C from {fourier[large]:.0f} to "
    f"{fourier[small]:.0f} as the stretch gets smaller. Scattering: C from {order2[large]:.0f} to {order2[small]:.0f}, "
    f"{order2['shift 10 ms']:.2f} after a shift of 10 ms (wavelet modulus "
    f"{by_name['wavelet modulus']['shift 10 ms']:.2f}, MFCC {plain_mfcc['shift 10 ms']:.2f}). The nearest neighbour "
    f"is the same word for {by_name['scattering, order 1']['nearest is the same word (%)']:.0f} % (order 1), "
    f"{order2['nearest is the same word (%)']:.0f} % (orders 1 and 2), "
    f"{by_name['log scattering, orders 1 and 2']['nearest is the same word (%)']:.0f} % (log), "
    f"{plain_mfcc['nearest is the same word (%)']:.0f} % (MFCC).",
)

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(13, 3.8), layout="constrained")
SHIFTS_MS = device.choose(smoke=(1, 10), laptop=(0.5, 1, 2, 5, 10, 20, 50), full=(0.5, 1, 2, 5, 10, 20, 50))
some = words[:: max(1, len(words) // 20)]
for (name, represent), marker in zip(REPRESENTATIONS.items(), "osd^vxP", strict=True):
    left.plot([100 * eps for eps in SIZES], change[name], marker=marker, label=name)
    phi = represent(some)
    moved = [metrics.relative_change(phi - phi.mean(0), represent(some.roll(int(rate * ms / 1000), -1)) - phi.mean(0))
             for ms in SHIFTS_MS]
    right.plot(SHIFTS_MS, [float(v.mean()) for v in moved], marker=marker, label=name)
left.set(xscale="log", yscale="log", xlabel="stretch (%)", ylabel="relative change", title="stability")
left.set_xticks([100 * eps for eps in SIZES], [f"{100 * eps:g}" for eps in SIZES])
left.minorticks_off()
right.set(xscale="log", xlabel="shift (ms)", ylabel="relative change", title="invariance")
right.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
ui.show(fig, alt="Relative change of seven representations against the size of a stretch and against a shift. "
        "Fourier changes most under all stretches; both MFCC curves lie below the scattering, whose logarithm is level "
        "with the MFCC. A shift leaves Fourier alone, moves the wavelet modulus most, and MFCC more than scattering.")

# %% [markdown]
# Read the left picture as slopes: a stable representation changes in proportion to the stretch, a line of slope 1. The
# Fourier modulus rises more slowly because it is near its ceiling already, at a stretch of 1 %, a sixth of a semitone.
# The MFCC are as stable as the scattering: they lie below it, and level with its logarithm. Mel bands are wide at high
# frequencies too, so stability to stretches is not what scattering adds to them. It is the right picture: the wavelet
# modulus follows every shift, MFCCs every 16 ms follow it in part, and the average does not. The logarithm makes small
# values as important as large ones: better neighbours, and a larger constant for noise. No row wins all columns.

# %% [markdown]
# ### B · Back to sound
#
# Reconstruction by gradient descent: start from noise at a tenth of the level and change the *samples* until the
# representation fits, $\min_y \|\Phi y - \Phi x\|^2 / \|\Phi x\|^2$. The representation must be differentiable, nothing
# else. Orders 1 and 2 start from what order 1 has found: the coarse picture first. What is averaged is read every
# $2^J = 1024$ samples, 128 ms, and $\varphi$ is half a second long.
#
# Measured: how well the representation fits at the end; the error of the second-order coefficients, which only the last
# method was told; the error of the magnitude spectrogram (windows of 32 ms); the error of the waveform up to a shift.
# Baseline: white noise with the level of the clip. Each representation has its own step size.

# %%
steps = device.choose(smoke=3, laptop=200, full=500)
music, _ = data.example("trumpet", sr=rate)
TAKES = [d.audio() for d in data.digits_or_generated(speakers=["theo"], digits=[3, 7], takes=[5])[0]]
CLIPS = {"speech": np.concatenate(TAKES), "trumpet": music[rate // 2 :]}
CLIPS = {name: fitted(x.astype(np.float32), n) for name, x in CLIPS.items()}
INVERTED = {
    "Fourier modulus": (lambda x: torch.fft.rfft(x).abs(), 0.7),
    "wavelet modulus": (lambda x: signal.wavelet_modulus(x, J, Q), 0.7),
    "MFCC": (word_mfcc, 0.1),
    "order 1, 128 ms": (lambda x: signal.scattering(x, J, Q, order=1), 0.7),
    "orders 1 and 2, 128 ms": (lambda x: signal.scattering(x, J, Q), 0.7),
}


def rebuilt(represent, target, steps, start, step_size):
    """A signal with nearly the representation of `target`, by Adam on the samples, and the relative error left."""
    goal = represent(target)
    y = start.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([y], lr=step_size / len(target) ** 0.5)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        ((represent(y) - goal).norm() / goal.norm()).square().backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        return y.detach(), distance(goal, represent(y))


def spectrogram_error(x, y):
    """Relative difference of the magnitudes, windows of 256 samples."""
    return distance(*(signal.stft(z, 256, 64).abs() for z in (x, y)))


def errors_of(x, y):
    """The columns that all rows share."""
    second = torch.tensor([path.order == 2 for path in signal.scattering_paths(J, Q)])
    return {
        "order 2 (%)": 100 * distance(*(signal.scattering(z, J, Q)[second] for z in (x, y))),
        "spectrogram (%)": 100 * spectrogram_error(x, y),
        "waveform up to a shift (%)": 100 * metrics.error_up_to_shift(x, y),
    }

# %% tags=["results"]
started = clock.perf_counter()
rows, heard = [], {name: {"original": x} for name, x in CLIPS.items()}
for clip_name, x in CLIPS.items():
    heard[clip_name]["stretched by 3 %"] = signal.time_warp(x, 0.03 * (torch.arange(n) - n / 2))
    hiss = torch.randn(n, generator=torch.Generator().manual_seed(1))
    hiss = hiss / hiss.norm()
    rows.append({"clip": clip_name, "from": "white noise (baseline)"} | errors_of(x, hiss))
    for name, (represent, step_size) in INVERTED.items():
        start = 0.1 * hiss if "orders" not in name else y  # orders 1 and 2 start from the result of order 1
        y, left = rebuilt(represent, x, steps, start, step_size)
        heard[clip_name][f"from {name}"] = y
        rows.append({"clip": clip_name, "from": name, "left in Φ (%)": 100 * left} | errors_of(x, y))
by_name = {(row["clip"], row["from"]): row for row in rows}
said = []
for clip_name in CLIPS:
    one, two = (by_name[clip_name, key] for key in ("order 1, 128 ms", "orders 1 and 2, 128 ms"))
    others = ", ".join(f"{by_name[clip_name, key]['spectrogram (%)']:.0f} % from the {key}"
                       for key in ("Fourier modulus", "wavelet modulus", "MFCC"))
    said.append(
        f"{clip_name}: with order 2 its error falls from {one['order 2 (%)']:.0f} to {two['order 2 (%)']:.0f} %, that "
        f"of the spectrogram goes from {one['spectrogram (%)']:.0f} to {two['spectrogram (%)']:.0f} % ({others})")
ui.results(
    rows, title=f"Reconstruction by gradient descent, {steps} steps", seed=0, seconds=clock.perf_counter() - started,
    claim="No direct reconstruction from scattering; the second order recovers information that the first has lost.",
    verdict="; ".join(said) + ".",
)

# %%
SHOWN = ("original", "from order 1, 128 ms", "from orders 1 and 2, 128 ms", "from Fourier modulus")
fig, axes = plt.subplots(2, 4, figsize=(13, 5), sharex=True, sharey=True, layout="constrained")
for line, clip_name in zip(axes, CLIPS, strict=True):
    for ax, key in zip(line, SHOWN, strict=True):
        ui.spectrogram(signal.stft(heard[clip_name][key], 256, 64), rate, hop=64, ax=ax, db_range=50,
                       title=f"{clip_name}:\n{key}", colorbar=False)
ui.show(fig, alt="Spectrograms of two clips and of three reconstructions each: order 1 blurs time, orders 1 and 2 "
        "restore onsets of the words, the Fourier modulus spreads everything over the whole second.")
for clip_name, sounds in heard.items():
    ui.player({f"{clip_name}, {name}": x for name, x in sounds.items()}, rate)

# %% [markdown]
# Listen for the time axis. Order 1 has the right colours, blurred over the length of $\varphi$, half a second. With
# order 2, words have onsets again, and the error of the spectrogram falls. With the trumpet the second order fits as
# well, but the spectrogram comes hardly closer. Onsets are right in each band by itself: nothing in $S_2$ ties a band
# to its neighbours, so the bands of the trumpet no longer start together. That is what joint scattering adds. The
# Fourier modulus holds every partial to within its bins of one hertz, and no order of events. The waveform is rebuilt
# by none of them: phases are gone.

# %% [markdown] nbgrader={"grade_id": "explain_average", "solution": true, "points": 1}
# ### Explain 7.7 · How long an average?   · 5 min · 1 point
#
# You classify (a) instruments from single notes of one second that may start anywhere in the clip, (b) spoken words of
# one second that are aligned. How long should the average be for each (the length of $\varphi$, about $4 \cdot 2^J$),
# and which orders would you take? What would you lose with the length of the other task? Three to five sentences.
#
# === BEGIN MARK SCHEME ===
# - (⅓) (a) long (about the clip, 0.5 to 1 s): the position is a shift that does not matter, so full invariance; order 2
#   is needed, since order 1 averaged over a second loses attack, vibrato, roughness.
# - (⅓) (b) shorter (some 30 to 250 ms): the order of the sounds is the word, invariance over the clip would destroy it;
#   only small shifts and rate changes are to be ignored. Order 1 suffices more nearly, order 2 still helps.
# - (⅓) With the other's length: (a) with short frames a classifier must learn every start position from data; (b) with
#   an average over the clip "on" and "no" or any reordered sounds look alike.
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# For the notes the start does not matter, so I average over about the whole clip, and need order 2 because an average
# of a second removes attack, vibrato and roughness from order 1. For the words the order of the sounds is what counts,
# so I take some 30 to 250 ms, where order 1 keeps most and order 2 adds fast transitions. With short frames the note
# classifier would have to see every start position among its few examples. With an average over the clip, words with
# the same sounds in another order would be equal.
# ### END SOLUTION

# %% [markdown]
# ## 8 · Few labels
#
# A representation that knows in advance which changes do not matter should need fewer examples. The test: ten words,
# six speakers, and only a few labelled takes per word, drawn at random from all speakers; all other takes are the test
# set. The classifier is the same for all: standardised features, ridge regression to the classes (least squares with a
# penalty on the size of the weights). The penalty is chosen on the labelled takes alone, by leave-one-out: each is
# predicted from all others. The scattering is read every $2^J = 512$ samples (64 ms).
#
# The baseline gets a fair chance: MFCCs every 32 ms, the same averaged on the grid of the scattering, and log-mel
# energies on that grid. The features keep their frames (the words are centred on the middle of their energy).

# %%
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

J = 9
takes = device.choose(smoke=range(4), laptop=range(20), full=range(50))
speakers = list(data.SPEAKERS)[: device.choose(smoke=2, laptop=6, full=6)]
spoken, _ = data.digits_or_generated(speakers=speakers, takes=takes)
words = torch.stack([centred(d.audio(), n) for d in spoken])
classes = np.array([d.digit for d in spoken])
started_features = clock.perf_counter()
S = torch.cat([signal.scattering(part, J, Q) for part in words.split(32)])
paths = signal.scattering_paths(J, Q)
order = np.array([path.order for path in paths])
floor = 1e-3 * float(S[:, order > 0].mean())
log_rows = torch.log(S.abs() + floor)
frames = word_mfcc(words)
mel = signal.log_mel(10 * words, rate, n_mels=64, n_fft=512, hop=128)
FEATURES = {
    "log-mel, 64 ms (baseline)": averaged(mel, J, 128),
    "MFCC, 32 ms (baseline)": frames[..., ::2],
    "MFCC, 64 ms (baseline)": averaged(frames, J, 128),
    "scattering, order 1": log_rows[:, order == 1],
    "scattering, orders 1 and 2": log_rows[:, order > 0],
}
FEATURES = {name: value.flatten(1).double().numpy() for name, value in FEATURES.items()}
print(f"features of {len(words)} words in {clock.perf_counter() - started_features:.1f} s")

# %% tags=["results"]
started = clock.perf_counter()
COUNTS = device.choose(smoke=(1, 2), laptop=(1, 2, 5, 10, 20), full=(1, 2, 5, 10, 20, 50))
SEEDS = range(device.choose(smoke=2, laptop=5, full=10))


def few_labels(features, count, seed):
    """Accuracy in percent with `count` labelled takes per word."""
    rng = np.random.default_rng(seed)
    known = np.concatenate([rng.permutation(np.flatnonzero(classes == c))[:count] for c in range(10)])
    rest = np.setdiff1d(np.arange(len(classes)), known)
    model = make_pipeline(StandardScaler(), RidgeClassifierCV(np.logspace(-1, 5, 13)))
    model.fit(features[known], classes[known])
    return 100 * model.score(features[rest], classes[rest])


accuracy = {(name, count): [few_labels(value, count, seed) for seed in SEEDS]
            for name, value in FEATURES.items() for count in COUNTS}
rows = []
for name, value in FEATURES.items():
    row = {"features": name, "values": value.shape[1]}
    for count in COUNTS:
        row[f"{count} per word (%)"] = float(np.mean(accuracy[name, count]))
        row[f"± {count}"] = float(np.std(accuracy[name, count]))
    rows.append(row)
best = {count: max((name for name in FEATURES if "baseline" in name), key=lambda k: np.mean(accuracy[k, count]))
        for count in COUNTS}
BOTH = "scattering, orders 1 and 2"
said = []
for count in COUNTS:
    gains_here = np.array(accuracy[BOTH, count]) - np.array(accuracy[best[count], count])
    said.append(f"{count} per word: {np.mean(accuracy[BOTH, count]):.1f} % against "
                f"{np.mean(accuracy[best[count], count]):.1f}"
                f" % ({best[count].split(' (')[0]}), better in {int((gains_here > 0).sum())} of {len(SEEDS)} draws")
ui.results(
    rows, title=f"Accuracy with few labels: {len(words)} words, {len(SEEDS)} draws", seed=0,
    seconds=clock.perf_counter() - started,
    claim="Scattering needs fewer labels than MFCC, because stability is built in and the second order adds what "
          "MFCC lose.",
    verdict="Orders 1 and 2 against the best baseline. " + "; ".join(said) + ".",
)

# %%
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
for name, marker in zip(FEATURES, "xs^od", strict=True):
    mean = [np.mean(accuracy[name, count]) for count in COUNTS]
    spread = [np.std(accuracy[name, count]) for count in COUNTS]
    ax.errorbar(COUNTS, mean, yerr=spread, marker=marker, capsize=2, label=name,
                linestyle="--" if "baseline" in name else "-")
ax.set(xscale="log", xlabel="labelled takes per word", ylabel="accuracy (%)", title=f"{len(words)} spoken words")
ax.set_xticks(COUNTS, [str(count) for count in COUNTS])
ax.minorticks_off()
ax.legend(fontsize=8)
ui.show(fig, alt="Accuracy against the number of labelled takes per word for log-mel, MFCC and scattering, with "
        "the spread over several draws.")

# %% [markdown]
# ## 9 · Where this goes
#
# - S. Mallat, [Group invariant scattering](https://arxiv.org/abs/1101.2286), 2012: the theorems behind sections 1 to 5.
# - J. Andén, S. Mallat, [Deep scattering spectrum](https://arxiv.org/abs/1304.6763), 2014: audio, the link to MFCC.
# - J. Bruna, S. Mallat, [Invariant scattering convolution networks](https://arxiv.org/abs/1203.1513), 2013: images.
# - J. Andén, V. Lostanlen, S. Mallat, [Joint time-frequency scattering](https://arxiv.org/abs/1807.08869), 2019.
# - V. Lostanlen, S. Mallat, [Wavelet scattering on the pitch spiral](https://arxiv.org/abs/1601.00287), 2015.
# - M. Andreux and others, [Kymatio: scattering transforms in Python](https://arxiv.org/abs/1812.11214), 2020.
#
# A scattering transform is a convolutional network whose filters were derived and not learned: convolution, modulus,
# pooling. Unit 08 learns the filters, unit 09 learns them from the waveform and begins with Gabor filters much like
# these. Where labels are few the derived ones are hard to beat; where they are many, the learned ones find variables
# that nobody put into the formula.
