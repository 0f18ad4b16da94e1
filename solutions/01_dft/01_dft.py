# %% [markdown]
# ## 1 · A signal is a vector
#
# $N$ samples are $N$ numbers, so a signal is a point in a space of $N$ dimensions. In that space, length and angle
# mean something. The **inner product** of two signals is
#
# $$\langle x, y \rangle = \sum_{n=0}^{N-1} x[n]\, y^*[n],$$
#
# with the complex conjugate $y^*$, which does nothing to real signals. The **norm** $|x| = \sqrt{\langle x, x
# \rangle}$ is the length of the vector: $|x|^2$ is the energy, and $|x| / \sqrt N$ the RMS value of unit 00. For
# real signals, the cosine of the angle between two vectors is their **similarity**:
#
# $$\cos\theta = \frac{\langle x, y \rangle}{|x|\,|y|}.$$
#
# 1 is the same shape, −1 the same shape upside down, 0 (**orthogonal**) nothing in common.
#
# Which pure tone is most similar to a clarinet?

# %%
sr = 22050
note = data.instrument_notes(instruments=["clarinet"], pitches=range(60, 66), dynamics=["forte"])[0]
N = 4096
whole = torch.from_numpy(note.audio(sr=sr)).double()
begin = int(signal.frame(whole, N, 256).square().sum(-1).argmax()) * 256
clarinet = whole[begin : begin + N]  # the loudest 4096 samples
n = torch.arange(N, dtype=torch.float64)
frequencies = torch.arange(50, 3000, 1.0, dtype=torch.float64)


def similarity(x, y):
    """Cosine of the angle between two real signals."""
    return signal.inner_product(x, y) / (x.norm() * y.norm())


angles = 2 * torch.pi * frequencies[:, None] * n / sr
with_cosine, with_sine = [
    (wave @ clarinet) / (wave.norm(dim=-1) * clarinet.norm()) for wave in (angles.cos(), angles.sin())
]
both = (with_cosine**2 + with_sine**2).sqrt()
best = float(frequencies[both.argmax()])
print(f"{note.instrument}, {note.name}: |x|/√N = {clarinet.norm() / N**0.5:.3f}, loudest tone near {best:.1f} Hz")
late = torch.cos(2 * torch.pi * best * n / sr + torch.linspace(0, torch.pi, 5)[:, None])
print("similarity with that tone, started at five phases:", [f"{similarity(clarinet, c):+.2f}" for c in late])

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained", width_ratios=(1, 2))
near = (frequencies > best - 40) & (frequencies < best + 40)
left.plot(frequencies[near], with_cosine[near], label="cosine")
left.plot(frequencies[near], with_sine[near], "--", label="sine")
left.set(xlabel="frequency of the tone (Hz)", ylabel="similarity", title="with a cosine, with a sine")
left.legend()
right.plot(frequencies, both, linewidth=0.8)
right.set(xlabel="frequency of the tone (Hz)", ylabel="similarity", title="with both: √(cos² + sin²)")
ui.show(fig, alt="Left, similarity with a cosine and a sine swings between plus and minus near one frequency. Right, "
        "both together give one clean peak per harmonic of the clarinet.")
tone = torch.cos(2 * torch.pi * best * n / sr)
ui.player({"clarinet": clarinet.repeat(8), "the most similar tone": tone.repeat(8)}, sr)

# %% [markdown]
# Left: the similarity with a cosine swings between plus and minus, because it asks for the right *phase* too. Right:
# cosine and sine together do not care for the phase, and the harmonics of the clarinet stand there. One complex
# exponential does the work of both, $e^{2\pi i f n / f_s} = \cos(\cdot) + i \sin(\cdot)$. You hear that the tone has
# the right pitch and nothing of the timbre: one vector of many.

# %% [markdown]
# ## 2 · Projection: how much of $v$ is in $y$
#
# The multiple of $v$ that comes nearest to $y$ is the **projection** of $y$ on $v$:
#
# $$\hat y = c\, v, \qquad c = \frac{\langle y, v \rangle}{|v|^2}.$$
#
# $c$ is the **projection coefficient**. What is left, $y - cv$, is orthogonal to $v$. (Minimise $|y - cv|^2$ over $c$
# to see both.) With several vectors $v_k$ that are orthogonal *to each other*, the coefficients do not disturb each
# other, and
#
# $$\hat y = \sum_k \frac{\langle y, v_k \rangle}{|v_k|^2}\, v_k$$
#
# is the nearest point of all their sums. The first half, $y \to c_k$, is called **analysis**; the second, $c_k \to
# \hat y$, **synthesis**. If the $v_k$ are a basis, as many as there are samples, then $\hat y = y$.
#
# **Read lectures on this with a pencil.** You will find three shorter versions: that a signal can be rebuilt from its
# projections if and only if the vectors are a basis; that $x = \sum_k \langle x, b_k \rangle b_k$; and
# $\langle x, y \rangle$ in place of $\langle y, x \rangle$ in the coefficient. The first needs *orthogonal* vectors,
# the second *orthonormal* ones (of length 1), and the third gives the complex conjugate. Three bases of the same
# space show it:

# %%
generator = torch.Generator().manual_seed(0)
y = torch.randn(64, generator=generator, dtype=torch.float64)
orthonormal = torch.linalg.qr(torch.randn(64, 64, generator=generator, dtype=torch.float64)).Q
bases = {
    "orthonormal": orthonormal,
    "orthogonal, lengths 0.5 to 2": orthonormal * torch.linspace(0.5, 2, 64, dtype=torch.float64)[:, None],
    "not orthogonal": orthonormal + 0.5 * orthonormal.roll(1, 0),
}
rows = []
for name, V in bases.items():
    products = V @ y
    candidates = {
        "Σ ⟨y,v⟩ v": products @ V, "Σ ⟨y,v⟩/|v|² v": (products / V.square().sum(-1)) @ V,
        "solved with all ⟨v_j,v_k⟩": signal.project(y, V)[1],
    }
    rows.append({"basis": name} | {
        formula: f"{float((z - y).norm() / y.norm()):.1g}" for formula, z in candidates.items()
    })
ui.table(rows, title="|ŷ − y| / |y| for a random y", caption="The first formula is right in one "
         "row, the second in two, the third in all: it solves Σ_j c_j ⟨v_j,v_k⟩ = ⟨y,v_k⟩, as signal.project does.")

# %% [markdown]
# Now a real signal and few vectors. The pitch of the clarinet gives its **harmonics** $h f_0$: project on the cosines
# and sines of the first $H$ of them. (These are not exactly orthogonal over our 4096 samples, so `signal.project`
# solves the equations.)

# %%
f0 = max((signal.dtft(clarinet, torch.arange(1, 13) * f, sr=sr).abs().square().sum(), float(f))
         for f in torch.arange(0.98, 1.02, 0.001, dtype=torch.float64) * note.frequency)[1]
rows, heard, left_over = [], {}, {}
for H in (1, 3, 8, 20):
    turns = 2 * torch.pi * f0 * torch.arange(1, H + 1, dtype=torch.float64)[:, None] * n / sr
    _, approximation = signal.project(clarinet, torch.cat([turns.cos(), turns.sin()]))
    rest = clarinet - approximation
    total, part, left = (float(z.square().sum()) for z in (clarinet, approximation, rest))
    rows.append({
        "harmonics": H, "vectors": 2 * H, "energy of ŷ (%)": 100 * part / total,
        "left over (dB)": 10 * np.log10(left / total), "|ŷ|² + |y − ŷ|² − |y|²": f"{part + left - total:.0e}",
    })
    heard[f"{H} harmonic{'s' if H > 1 else ''}"] = approximation.repeat(8)
ui.table(rows, title=f"{N} samples of a clarinet on the harmonics of {f0:.1f} Hz",
         caption="The last column is Pythagoras: parts that are orthogonal share the energy between them.")
ui.player(heard | {"clarinet": clarinet.repeat(8), "what 20 harmonics leave": rest.repeat(8)}, sr)

# %% [markdown]
# A handful of numbers holds nearly all the energy. What is left is breath and the slow changes of the note. (The loop
# ticks where its end meets its beginning.) Unit 06 builds a whole synthesiser on this.

# %% [markdown]
# ### Exercise 1.1 · Projection and reconstruction   ★☆☆ · 15 min · 2 points
#
# **Goal.** Coefficients of signals on orthogonal vectors, and the sum that they give back.
#
# ```python
# project(y: Complex[Tensor, "*batch samples"], vectors: Complex[Tensor, "K samples"]
#         ) -> tuple[Complex[Tensor, "*batch K"], Complex[Tensor, "*batch samples"]]
# ```
#
# - The vectors are orthogonal to each other, of any length: not of length 1. They may be fewer than the samples.
# - Return `(c, approximation)`: $c_k = \langle y, v_k \rangle / |v_k|^2$ and $\sum_k c_k v_k$.
# - Real input (float32, float64) gives real output, complex gives complex: the annotation `Complex` stands for both.
#   Both arguments have the same dtype. Any number of batch dimensions, also none.
# - Do not write into the arguments: they belong to the caller.
# - Write it yourself: not `signal.project`.
#
# **Target.** With the second basis of the table above, the approximation equals `y`.
#
# <details><summary>Hint 1 · the idea</summary>
#
# All inner products at once are one matrix product with the conjugated vectors, transposed; the sum is one more,
# with the vectors as they are.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# products = y @ vectors.conj().mT          # (*batch, K)
# ```
# </details>
# <details><summary>If real vectors pass but complex ones fail</summary>
#
# The conjugate belongs to the vector, in the analysis, and only there. And $|v|^2$ is the sum of $|v[n]|^2$, not of
# $v[n]^2$.
# </details>

# %% nbgrader={"grade_id": "project", "solution": true}
def project(
    y: Complex[Tensor, "*batch samples"], vectors: Complex[Tensor, "K samples"]
) -> tuple[Complex[Tensor, "*batch K"], Complex[Tensor, "*batch samples"]]:
    """Coefficients ⟨y, v_k⟩/|v_k|² on orthogonal vectors, and the approximation Σ c_k v_k."""
    ### BEGIN SOLUTION
    c = y @ vectors.conj().mT / vectors.abs().square().sum(-1)
    return c, c @ vectors
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_project", "points": 2}
checks.dft.project(project)
### BEGIN HIDDEN TESTS
checks.dft.project(project, rng=grading_rng(), cases=80)
### END HIDDEN TESTS

# %% [markdown]
# ## 3 · The Fourier basis
#
# Take the complex exponentials that make $k$ whole turns in $N$ samples, $k = 0, \dots, N - 1$:
#
# $$b_k[n] = e^{2\pi i k n / N}, \qquad \langle b_j, b_k \rangle = \begin{cases} N & j = k \\ 0 & j \ne k.
# \end{cases}$$
#
# They are orthogonal (for $j \ne k$ the inner product adds up whole turns), and there are $N$ of them: an orthogonal
# basis, of length $\sqrt N$ each. Analysis with it is the **discrete Fourier transform** (DFT), synthesis its inverse:
#
# $$X[k] = \langle x, b_k \rangle = \sum_{n=0}^{N-1} x[n]\, e^{-2\pi i k n / N}, \qquad
# x[n] = \frac1N \sum_{k=0}^{N-1} X[k]\, e^{2\pi i k n / N}.$$
#
# The minus is the conjugate in the inner product. The $1/N$ is the $1/|b_k|^2$ of the projection, left for the way
# back. Bin $k$ belongs to the frequency $k f_s / N$; beyond $N/2$ the turns are so fast that they look like turns
# backwards, at $(k - N) f_s / N$.

# %%
B = 16 * signal.dft_matrix(16, inverse=True, dtype=torch.complex128)
fig, axes = plt.subplots(2, 5, figsize=(12, 3.6), layout="constrained", sharex=True, sharey=True)
fine = torch.linspace(0, 15, 400, dtype=torch.float64)
for column, k in enumerate((0, 1, 2, 8, 15)):
    turn = torch.polar(torch.ones_like(fine), 2 * torch.pi * (k - 16 * (k > 8)) * fine / 16)
    for ax, part, colour, label in zip(axes[:, column], (torch.real, torch.imag), ("C0", "C1"), ("real", "imaginary"),
                                       strict=True):
        ax.plot(fine, part(turn), color="0.75", linewidth=1)
        ax.plot(part(B[k]), "o", color=colour, markersize=4)
        ax.set_title(f"k = {k}{' or −1' if k == 15 else ''}, {label}", fontsize=10)
for ax in axes[1]:
    ax.set_xlabel("sample n")
for ax in axes[:, 0]:
    ax.set_ylabel("b_k[n]")
ui.show(fig, alt="Real and imaginary parts of the Fourier basis for N = 16 at k = 0, 1, 2, 8 and 15: cosines and "
        "sines; k = 15 is k = 1 turning backwards.")
gram = B @ B.mH
elsewhere = (gram - 16 * torch.eye(16)).abs().max()
print(f"⟨b_j, b_k⟩: {gram.diagonal().real.mean():.0f} on the diagonal, at most {elsewhere:.0e} elsewhere")
x = torch.randn(16, dtype=torch.float64, generator=generator)
c, back = signal.project(x + 0j, B)
print(f"DFT − N · projection coefficients: {(signal.dft(x) - 16 * c).abs().max():.0e}")
print(f"rebuilt − x: {(back - x).abs().max():.0e}")

# %% [markdown]
# A basis turns a signal without changing its length, but for the factor $N$ (**Parseval**): $\sum_n |x[n]|^2 =
# \frac1N \sum_k |X[k]|^2$. So energy can be counted on either side, and dropping the small $X[k]$ is the best one can
# do with few of them. How few does music need? Keep the $K$ largest bins of a whole recording:

# %%
music, _ = data.example("brahms", sr=sr)
music = torch.from_numpy(music[5 * sr : 10 * sr])
X = torch.fft.rfft(music)
order = X.abs().argsort(descending=True)
print(f"Parseval: {music.square().sum():.3f} = {torch.fft.fft(music).abs().square().sum() / len(music):.3f}")
energy = X.abs().square()[order].cumsum(0) / X.abs().square().sum()
kept, rows = {}, []


def loudness(x):
    """RMS of pieces of 50 ms."""
    return signal.frame(x, sr // 20, sr // 20).square().mean(-1).sqrt()


for K in (10, 100, 1000, 10000):
    few = torch.zeros_like(X)
    few[order[:K]] = X[order[:K]]
    kept[f"the {K} largest of {len(X)}"] = rebuilt = torch.fft.irfft(few, len(music))
    rows.append({"bins kept": K, "share of the bins (%)": 100 * K / len(X), "energy (%)": float(100 * energy[K - 1]),
                 "error (dB)": float(10 * torch.log10(1 - energy[K - 1])), "follows the loudness (correlation)":
                 float(torch.corrcoef(torch.stack([loudness(rebuilt), loudness(music)]))[0, 1])})
ui.table(rows, title=f"{len(music) / sr:.0f} s of a string orchestra from few sinusoids")
ui.player(kept | {"all": music}, sr)

# %% [markdown]
# Ten sinusoids are a chord that knows little of the rhythm: see the last column. Every $b_k$ lasts for the whole
# recording, so *when* something sounds takes many of them, which add up here and cancel there. Unit 02 cuts time into
# frames for that reason.

# %% [markdown]
# ### Exercise 1.2 · DFT and IDFT   ★★☆ · 20 min · 2 points
#
# **Goal.** The discrete Fourier transform and its inverse, by their definition.
#
# ```python
# dft(x: Float[Tensor, "*batch N"] | Complex[Tensor, "*batch N"], inverse=False) -> Complex[Tensor, "*batch N"]
# ```
#
# - `inverse=False`: $X[k] = \sum_n x[n]\, e^{-2\pi i k n/N}$, all $N$ bins, no factor. `inverse=True`: $x[n] = \frac1N
#   \sum_k X[k]\, e^{2\pi i k n/N}$.
# - Any $N$, also odd and 1; real or complex input, float32 or float64; the sum runs along the last axis. The result is
#   always complex; compute in float64 and return complex128.
# - Write it yourself: neither `torch.fft` nor `signal.dft`.
#
# **Target.** `dft(dft(x), inverse=True)` equals `x`. An **impulse** at $n = 0$ (one sample that is not 0) gives the
# same value in every bin.
#
# <details><summary>Hint 1 · the idea</summary>
#
# All bins at once are one product of `x` with a matrix of $N \times N$ complex exponentials. The matrix is symmetric:
# $kn = nk$.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# n = torch.arange(x.shape[-1], dtype=torch.float64)      # and torch.exp takes 1j * a tensor
# ```
# </details>
# <details><summary>If the DFT passes but the inverse fails</summary>
#
# Two things change: the sign in the exponent, and a division by $N$. An inverse that gives the signal backwards has
# the wrong sign.
# </details>

# %% nbgrader={"grade_id": "dft", "solution": true}
def dft(
    x: Float[Tensor, "*batch N"] | Complex[Tensor, "*batch N"], inverse: bool = False
) -> Complex[Tensor, "*batch N"]:
    """Discrete Fourier transform along the last axis, or its inverse."""
    ### BEGIN SOLUTION
    n = torch.arange(x.shape[-1], dtype=torch.float64, device=x.device)
    sign = 1 if inverse else -1
    X = x.to(torch.complex128) @ torch.exp(sign * 2j * torch.pi / len(n) * n[:, None] * n)
    return X / len(n) if inverse else X
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_dft", "points": 2}
checks.dft.dft(dft)
### BEGIN HIDDEN TESTS
checks.dft.dft(dft, rng=grading_rng(), cases=80)
### END HIDDEN TESTS

# %% [markdown]
# ## 4 · Four properties that do most of the work
#
# Indices count modulo $N$: the DFT sees its $N$ samples as one period that repeats for ever.
#
# | | $x[n]$ | $X[k]$ |
# |---|---|---|
# | shift | $x[n - d]$ | $X[k]\, e^{-2\pi i k d/N}$ |
# | modulation | $x[n]\, e^{2\pi i m n/N}$ | $X[k - m]$ |
# | convolution | $(x \circledast h)[n] = \sum_m x[m]\, h[n - m]$ | $X[k]\, H[k]$ |
# | product | $x[n]\, w[n]$ | $\frac1N (X \circledast W)[k]$ |
# | conjugate | $x^*[n]$ | $X^*[-k]$ |
# | real | $x = x^*$ | $X[k] = X^*[-k]$: even real part, odd imaginary part |
# | real and even | $x[n] = x[-n]$ | real and even |
# | real and odd | $x[n] = -x[-n]$ | imaginary and odd |
#
# Two lines are easily printed wrong. The spectrum of $x^*$ is $X^*[-k]$: the conjugate alone is not enough. And the
# product has a $1/N$, which the continuous transform has not.

# %%
size, d = 15, 4
x, h, w = torch.randn(3, size, dtype=torch.complex128, generator=generator)
real = x.real
flip = torch.arange(0, -size, -1) % size  # index −n
k = torch.arange(size, dtype=torch.float64)


def circular(a, b):
    """Circular convolution, term by term."""
    return torch.stack([sum(a[m] * b[(i - m) % len(a)] for m in range(len(a))) for i in range(len(a))])


F = signal.dft
pairs = {
    "shift": (F(x.roll(d)), F(x) * torch.exp(-2j * torch.pi * k * d / size)),
    "modulation": (F(x * torch.exp(2j * torch.pi * d * k / size)), F(x).roll(d)),
    "convolution": (F(circular(x, h)), F(x) * F(h)),
    "product": (F(x * w), circular(F(x), F(w)) / size),
    "conjugate, X*[−k]": (F(x.conj()), F(x).conj()[flip]),
    "conjugate, X*[k] (wrong)": (F(x.conj()), F(x).conj()),
    "real": (F(real), F(real).conj()[flip]),
    "real and even: imaginary part is 0": (F(real + real[flip]).imag, torch.zeros(size, dtype=torch.float64)),
    "real and odd: real part is 0": (F(real - real[flip]).real, torch.zeros(size, dtype=torch.float64)),
}
ui.table([{"property": name, "largest difference of the two sides": f"{float((a - b).abs().max()):.0e}"}
          for name, (a, b) in pairs.items()], title=f"Each property on random numbers, N = {size}",
         caption="All but the wrong one hold to rounding.")

# %% [markdown]
# **Convolution** is what rooms, filters and the layers of unit 08 do. The **impulse response** $h$ of a room is what
# you record there when an impulse, a single click, is played; here it is noise that dies away. Each sample of speech
# is such a click, and the room answers it with the $M$ samples of $h$. The last of $L$ samples of speech comes at $n =
# L - 1$, and its answer lasts $M$ samples: the whole is $L + M - 1$ samples long.
#
# Multiplying the spectra of speech and room is a *circular* convolution: in a DFT of fewer than $L + M - 1$ samples,
# the echo that runs past the end comes back at the beginning. Zeros at the end give it room to die. (The code calls
# `torch.fft`: the **fast Fourier transform**, FFT, gives the numbers of the DFT in less time. Section 7 derives it;
# the simplest one wants $N$ to be a power of two.)

# %%
speech, _ = data.example("libri1", sr=sr)
speech = torch.from_numpy(speech[int(2.0 * sr) : int(4.5 * sr)])
seconds = torch.arange(int(1.2 * sr)) / sr
room = torch.randn(len(seconds), generator=generator) * torch.exp(-seconds / 0.25)
room[0] = 8.0  # the direct sound


def filtered(x, h, size):
    """x ∗ h by multiplying DFTs of `size` samples."""
    return torch.fft.irfft(torch.fft.rfft(x, size) * torch.fft.rfft(h, size), size)


circular_echo = filtered(speech, room, len(speech))
linear_echo = filtered(speech, room, len(speech) + len(room) - 1)
direct = torch.nn.functional.conv1d(speech[None, None, :4000], room.flip(0)[None, None, -2000:], padding=1999)[0, 0]
print(f"against a sum written out: {(filtered(speech[:4000], room[:2000], 5999) - direct).abs().max():.0e}")
fig, axes = plt.subplots(1, 2, figsize=(11, 2.8), layout="constrained", sharey=True)
ui.waveform(circular_echo, sr, ax=axes[0], title="circular: the end has wrapped round")
ui.waveform(linear_echo, sr, ax=axes[1], title="with zeros: the echo dies after the end")
wrapped = linear_echo[len(speech) :]
axes[0].axvspan(0, len(wrapped) / sr, alpha=0.15, color="C1")
axes[1].axvspan(len(speech) / sr, len(linear_echo) / sr, alpha=0.15, color="C1")
ui.show(fig, alt="Two waveforms of speech in a room: in the circular one the tail of the echo is added at the start, "
        "in the other it follows after the end.")
error = circular_echo[: len(wrapped)] - linear_echo[: len(wrapped)] - wrapped
print(f"circular = linear + its own tail at the start, to {error.abs().max():.0e}")
ui.player({"dry": speech, "circular": circular_echo, "with zeros": linear_echo}, sr)

# %% [markdown]
# In the middle player you hear an echo of the end before the first word.

# %% [markdown] nbgrader={"grade_id": "explain_circular", "solution": true, "points": 1}
# ### Explain 1.3 · Circular or not   · 5 min · 1 point
#
# A plug-in filters blocks of 1024 samples with an impulse response of 257 samples by multiplying FFTs of 1024 points,
# and there is a soft wrong sound in every block. (a) Which samples of a block are wrong, and why? (b) What is the
# smallest FFT that makes each block right, and which power of two would you take? (c) Blocks then come out longer
# than they went in: what has to happen to the extra samples? Three to five sentences.
#
# === BEGIN MARK SCHEME ===
# - (⅓) The product of DFTs is a circular convolution: the tail of 256 samples (257 − 1) wraps round and is added to
#   the first 256 samples of the block.
# - (⅓) 1024 + 257 − 1 = 1280 points at least; 2048 is the next power of two.
# - (⅓) The last 256 samples belong to the time of the next block and are added to its beginning (overlap-add; accept
#   overlap-save described rightly).
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) Multiplying DFTs convolves in a circle of 1024 samples. The convolution is 1280 samples long, so its last 256
# fall on the first 256 of the block. (b) At least 1024 + 257 − 1 = 1280 points are needed, so 2048 as a power of two,
# with zeros behind both signals. (c) The 256 extra samples are the echo that sounds during the next block: add them to
# its first 256 samples.
# ### END SOLUTION

# %% [markdown]
# ## 5 · Windows: a tone is never one line
#
# A DFT of $L$ samples sees a signal through a hole: it has multiplied the signal by a **window** $w$, the rectangle
# (`boxcar`) if nothing else. Up to here, frequencies were in hertz. From here on, the formulas count them in **cycles
# per sample**, $\nu = f / f_s$, from 0 to ½, and the figures in bins, $\nu L$: so a tone of frequency $f$ below is
# $e^{2\pi i f n}$ without $f_s$. Times $f_s$ gives hertz again. By the product rule, each tone becomes a copy of the
# window's spectrum at its frequency:
#
# $$x[n] = e^{2\pi i f n} \quad\Rightarrow\quad |X(\nu)| = |W(\nu - f)|, \qquad W(\nu) = \sum_{n=0}^{L-1} w[n]\,
# e^{-2\pi i \nu n}.$$
#
# $X(\nu)$ and $W(\nu)$ take *any* frequency, not only bins: the same sum as the DFT's, read everywhere. That is the
# **discrete-time Fourier transform** (DTFT, `signal.dtft`). The windows here are **periodic**: $w[L]$ would equal
# $w[0]$, so their middle is $n = L/2$, and the symmetric ones of filter design, with $w[L - 1] = w[0]$, differ by one
# sample.
#
# $W$ has a **main lobe** and, beside it, **side lobes**. The DFT reads this curve at its bins only. If the frequency
# lies *on* a bin, the rectangle is read exactly at its zeros, and you see one line. If it lies between two bins, you
# see the side lobes: **leakage**. Neither is a property of the tone.

# %%
L = 64
fig, axes = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained", sharey=True)
n64 = torch.arange(L, dtype=torch.float64)
curve_bins = torch.arange(0, 24, 0.02, dtype=torch.float64)
for ax, cycles in zip(axes, (10.0, 10.5), strict=True):
    for name, colour in (("boxcar", "C0"), ("hann", "C1")):
        w = signal.window(name, L, dtype=torch.float64)
        frame = w * torch.exp(2j * torch.pi * cycles * n64 / L)
        curve = signal.dtft(frame, curve_bins / L).abs() / w.sum()
        points = torch.fft.fft(frame).abs()[:24] / w.sum()
        ax.plot(curve_bins, signal.magnitude_db(curve, ref=1.0), color=colour, linewidth=0.8, label=name)
        ax.plot(signal.magnitude_db(points, ref=1.0), "o", color=colour, markersize=5 if name == "boxcar" else 3)
    ax.set(xlabel="frequency (bins)", title=f"a tone of {cycles:g} cycles in {L} samples", ylim=(-85, 5))
axes[0].set_ylabel("level (dB re tone)")
axes[0].legend()
ui.show(fig, alt="Spectra of one tone on a bin and between two bins. The curves are the same, shifted; the DFT points "
        "of the rectangular window hit its zeros in the first case and its side lobes in the second.")
cut = torch.cos(2 * torch.pi * torch.tensor([[10.0], [10.5]]) * torch.arange(L) / L).repeat(1, 300)
ui.player({"10 cycles, repeated": cut[0], "10.5 cycles, repeated": cut[1]}, 8000)

# %% [markdown]
# The curves left and right are the same. Only the points differ. The sounds repeat the 64 samples, as the DFT does: on
# a bin the period closes, between bins every repeat has a jump, and the buzz that you hear is the leakage.
#
# Three numbers describe a window. **Main-lobe width** at −6 dB, where $|W|$ is half of its maximum: the lecture's
#
# $$B_w = \frac{C_w}{L}, \qquad\text{in hertz}\quad B_w = C_w \frac{f_s}{L}\quad\text{for $L$ in samples},$$
#
# so $C_w$ is this width in bins. **Side-lobe level**: the highest side lobe, in dB re the top. And the **slope** at
# which the side lobes fall, in dB per octave: per doubling of the distance from the main lobe. Harris (1978) lists them
# for dozens of windows. Here they are measured.

# %%
names = ("boxcar", "bartlett", "hann", "hamming", "blackman")
rows = []
for name in names:
    for size in (64, 1024):
        w = signal.window(name, size, dtype=torch.float64)
        far = [float(signal.magnitude_db(
            signal.window_spectrum(w, torch.linspace(a, a + 2, 101, dtype=torch.float64)).max(), ref=1.0, floor=-200))
            for a in (size // 16, size // 8)]
        rows.append({
            "window": name, "L": size, "C_w: width at −6 dB (bins)": float(signal.main_lobe_width(w)),
            "at −3 dB": float(signal.main_lobe_width(w, level_db=-3.0103)),
            "side lobe (dB)": float(signal.side_lobe_level(w)), "slope (dB per octave)": far[1] - far[0],
            "a tone between bins loses (dB)": -float(signal.magnitude_db(
                signal.window_spectrum(w, torch.tensor([0.5]))[0], ref=1.0)),
        })
ui.table(rows, title="Windows measured", caption="In bins, the width does not depend on L: so in hertz it is C_w·sr/L.")

# %%
fig, (lobe, side) = plt.subplots(1, 2, figsize=(12, 3.6), layout="constrained", width_ratios=(1, 2))
offsets = torch.linspace(-24, 24, 4001, dtype=torch.float64)
for index, name in enumerate(names):
    w = signal.window(name, 512, dtype=torch.float64)
    level = signal.magnitude_db(signal.window_spectrum(w, offsets), ref=1.0, floor=-140)
    near = offsets.abs() < 3
    lobe.plot(offsets[near], level[near], label=name)
    width = float(signal.main_lobe_width(w))
    lobe.plot([-width / 2, width / 2], [-6.02, -6.02], "|", color=f"C{index}", markersize=12)
    side.plot(offsets[offsets >= 0], level[offsets >= 0], linewidth=0.9, label=name)
lobe.axhline(-6.02, color="0.6", linewidth=0.8)
lobe.set(xlabel="offset (bins)", ylabel="level (dB re top)", title="main lobes, −6 dB marked", ylim=(-40, 3))
side.set(xlabel="offset (bins)", ylabel="level (dB re top)", title="side lobes", ylim=(-130, 3))
side.legend(loc="upper right", ncols=3)
ui.show(fig, alt="Left, the main lobes of five windows with their widths at minus six decibels. Right, their side "
        "lobes: the rectangle's are high, Blackman's fall lowest; Hamming's stay flat.")

# %% [markdown]
# No window has both the narrowest lobe and the lowest side lobes. When does that matter? Play an oboe, and with it a
# flute two semitones above, so soft that the oboe's leakage may hide it. Does the spectrum show the flute?

# %%
def loudest(note, size):
    """The loudest `size` samples of a recorded note, at level 1 RMS."""
    x = torch.from_numpy(note.audio(sr=sr)).double()
    start = int(signal.frame(x, size, 256).square().sum(-1).argmax()) * 256
    return x[start : start + size] / x[start : start + size].square().mean().sqrt()


loud_note = data.instrument_notes(instruments=["oboe"], pitches=[74], dynamics=["forte"])[0]
soft_note = data.instrument_notes(instruments=["flute"], pitches=[76], dynamics=["forte"])[0]
size, softer_by = 4096, 45
loud, soft = loudest(loud_note, size), 10 ** (-softer_by / 20) * loudest(soft_note, size)
hertz = torch.arange(size // 2 + 1) * sr / size
line = int(torch.fft.rfft(soft * signal.window("hann", size)).abs().argmax())
fig, axes = plt.subplots(1, 3, figsize=(13, 3.2), layout="constrained", sharey=True)
rows = []
for ax, name in zip(axes, ("boxcar", "hann", "blackman"), strict=True):
    spectra = {part: torch.fft.rfft(x * signal.window(name, size, dtype=torch.float64)).abs()
               for part, x in (("both", loud + soft), ("oboe alone", loud), ("flute alone", soft))}
    reference = float(spectra["oboe alone"].max())
    levels = {part: signal.magnitude_db(X, ref=reference, floor=-130) for part, X in spectra.items()}
    for part, style in (("both", {"color": "C0"}), ("flute alone", {"color": "C1", "linestyle": "--"})):
        ax.plot(hertz, levels[part], linewidth=0.9, label=part, **style)
    ax.set(xlabel="frequency (Hz)", title=name, xlim=(450, 850), ylim=(-105, 3))
    rows.append({"window": name} | {f"{part} at {hertz[line]:.0f} Hz (dB)": float(levels[part][line])
                                    for part in ("oboe alone", "flute alone")})
axes[0].set_ylabel("level (dB re maximum)")
axes[0].legend()
ui.show(fig, alt="Spectrum of a loud oboe and a flute 45 decibels below it: under the rectangle the flute's line is "
        "level with the oboe's leakage, under Hann and Blackman it stands out.")
ui.table(rows, title=f"{loud_note.instrument} {loud_note.name}, and {soft_note.instrument} {soft_note.name}, "
         f"{softer_by} dB softer", caption="What the oboe alone has at the flute's line, against the line itself.")
fade = signal.window("hann", size, dtype=torch.float64) ** 0.5
heard = {"both": loud + soft, "oboe": loud, "flute": soft}
ui.player({name: (x * fade).repeat(6) for name, x in heard.items()}, sr)

# %% [markdown]
# The same samples, three pictures. Under the rectangle the oboe leaks over the whole axis, as far as its recording
# goes. Where the flute's line should stand, there is even a notch: in this frame, leakage and line are both near −44 dB
# there and in opposite phase, so their sum nearly vanishes. The two others show the line, and pay with a wider lobe.

# %% [markdown]
# ### Exercise 1.4 · Shape of a window   ★★☆ · 25 min · 3 points
#
# **Goal.** Measure $C_w$ and the side-lobe level of any window. A DFT of $L$ samples reads $W$ at whole bins only.
# Zeros behind the window (**zero-padding**) add nothing to the sum, but the longer DFT reads the same curve at more
# points.
#
# ```python
# window_shape(w: Float[Tensor, "L"]) -> tuple[float, float]
# ```
#
# - `w` has its largest $|W|$ at 0 hertz. It may have any height (its maximum need not be 1), any length from 24 on,
#   and side lobes as low as −90 dB.
# - First: the whole width of the main lobe where $|W|$ is half of $|W(0)|$, in bins of $f_s / L$, to 0.008
#   bins (256 points per bin are enough).
# - Second: the largest $|W|$ beyond the first minimum, in dB re $|W(0)|$, to 0.05 dB. It is negative.
# - `w` is float32 or float64. Either is precise enough: at −90 dB, float32 is wrong by some thousandths of a dB.
#   Write it yourself: not `signal.main_lobe_width` and `signal.side_lobe_level`.
#
# **Target.** The table above: `window_shape(signal.window("hann", 64))` gives about 2.0 and −31.5.
#
# <details><summary>Hint 1 · the idea</summary>
#
# A DFT with many zeros behind the window draws $W$ finely. One half of a symmetric lobe is enough. Walk from 0 until
# the level falls below one half: that is half of the width. Walk on until it rises for the first time: there the side
# lobes begin.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# W = torch.fft.rfft(w.double(), 256 * len(w)).abs()      # 256 points per bin
# ```
#
# and `(condition).nonzero()[0]` is the first index where a condition holds.
# </details>
# <details><summary>If the width passes but the side lobe fails</summary>
#
# Plot $20 \log_{10} |W|/|W(0)|$. Does your search begin while the main lobe still falls? Is it 20 log10, and divided
# by $|W(0)|$ first?
# </details>

# %% nbgrader={"grade_id": "window_shape", "solution": true}
def window_shape(w: Float[Tensor, "L"]) -> tuple[float, float]:
    """(width of the main lobe at half amplitude in bins, level of the highest side lobe in dB)."""
    ### BEGIN SOLUTION
    W = torch.fft.rfft(w.double(), 256 * len(w)).abs()
    W = W / W.max()
    width = 2 * (W > 0.5).sum() / 256  # points above one half; the side lobes are far below
    highest = W[1:][W.diff() > 0].max()  # the main lobe only falls: every rise belongs to a side lobe
    return float(width), float(20 * torch.log10(highest))
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_window_shape", "points": 3}
checks.dft.window_shape(window_shape)
### BEGIN HIDDEN TESTS
checks.dft.window_shape(window_shape, rng=grading_rng(), cases=28)
### END HIDDEN TESTS

# %% [markdown]
# ## 6 · Precision is not resolution
#
# Two numbers are often mixed up:
#
# - **precision** $\Delta f = f_s / N$: how finely the DFT of $N$ points *reads* the spectrum. Zeros behind the frame
#   (**zero-padding**) make $N$ as large as you like;
# - **resolution** $B_w = C_w f_s / L$: how far apart two tones must be to *part*. It depends on the $L$ samples under
#   the window, and zeros are no samples.
#
# Zero-padding does not change the curve $X(\nu)$, since zeros add nothing to the sum. It only reads it at more points.

# %%
tones_hz = (1000.0, 1040.0)
fig, axes = plt.subplots(1, 4, figsize=(14, 3), layout="constrained", sharey=True)
rate = 8000
for ax, (length, padded) in zip(axes, ((256, 256), (256, 1024), (256, 8192), (1024, 1024)), strict=True):
    t = (torch.arange(length, dtype=torch.float64) - length / 2) / rate
    frame = sum(torch.cos(2 * torch.pi * f * t) for f in tones_hz) * signal.window("hann", length, dtype=torch.float64)
    level = signal.magnitude_db(torch.fft.rfft(frame, padded), floor=-60)
    ax.plot(torch.arange(len(level)) * rate / padded, level, "o-", markersize=3, linewidth=0.8)
    for f in tones_hz:
        ax.axvline(f, color="0.7", linewidth=0.8)
    ax.set(xlabel="frequency (Hz)", xlim=(880, 1160), ylim=(-50, 3),
           title=f"L = {length}, N = {padded}\nΔf = {rate / padded:.1f} Hz, B_w = "
           f"{signal.resolution_hz('hann', length, rate):.0f} Hz")
axes[0].set_ylabel("level (dB re maximum)")
ui.show(fig, alt="Two tones 40 hertz apart: with 256 samples one hump, however many points the DFT has; with 1024 "
        "samples two peaks.")
second = torch.arange(2 * rate) / rate
two = sum(torch.cos(2 * torch.pi * f * second) for f in tones_hz)
ui.player({"two tones 40 Hz apart": two, "1000 Hz": torch.cos(2 * torch.pi * 1000 * second)}, rate)

# %% [markdown]
# First three pictures: one hump, drawn ever more finely. Only more *samples* part it. Zero-padding is still useful:
# for a *single* tone, the top of the hump tells its frequency far better than the distance of the bins.
#
# ### Why −6 dB?
#
# Two equal tones a distance $D$ apart, $f_1$ and $f_2$. In the middle, each contributes $W(D/2)$. At $D = B_w$ that is
# half of $W(0)$, by definition. So:
#
# - **in phase** (in the middle of the frame), the two halves add up to $2 \cdot \tfrac12 = 1$: as high as the peaks.
#   The dip begins at $D = B_w$ (leaving out what each tone leaks on the other's peak);
# - **with random phases**, powers add up: $2 \cdot \tfrac14 = \tfrac12$. At $D = B_w$ the dip of the averaged power
#   is 3 dB;
# - **in opposite phase**, the halves cancel, and there is always a dip, at any $D$. It tells nothing.
#
# So $B_w$ is a rule for the average of many frames, and in phase one needs more. The table measures it.

# %%
def dip_db(length, name, distance, phase):
    """Dip in dB between two complex tones, `distance` bins apart, with `phase` between them in mid-frame."""
    t = torch.arange(length, dtype=torch.float64) - length / 2
    w = signal.window(name, length, dtype=torch.float64)
    tones = sum(torch.exp(1j * s * (torch.pi * distance * t / length + phase / 2)) for s in (-1, 1))
    return float(signal.tone_dip(tones * w, -distance / 2, distance / 2, sr=length))


def first_distance(enough):
    """The smallest distance in bins from which `enough(distance)` holds, found by bisection to 0.001 bins."""
    low, high = 0.3, 6.0
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def mean_power_dip(name, distance):
    """Dip in dB of the power averaged over all phases."""
    w = signal.window(name, 512, dtype=torch.float64)
    half, whole = signal.window_spectrum(w, torch.tensor([distance / 2, distance])) ** 2
    return float(10 * torch.log10((1 + whole) / (2 * half)))


rows = []
for name in names:
    rows.append({
        "window": name, "C_w": float(signal.main_lobe_width(signal.window(name, 512))),
        "random phases, mean dip of 3 dB": first_distance(lambda D, name=name: mean_power_dip(name, D) >= 3),
        "in phase, dip of 0 dB": first_distance(lambda D, name=name: dip_db(512, name, D, 0.0) >= 0),
        "in phase, dip of 3 dB": first_distance(lambda D, name=name: dip_db(512, name, D, 0.0) >= 3),
        "dip at 0.5 bins in opposite phase (dB)": dip_db(512, name, 0.5, np.pi * 0.999),
    })
ui.table(rows, title="Distance of two tones in bins, where they part",
         caption="Averaged over phases, a dip of 3 dB appears at C_w. In phase a dip begins near there; for "
         "the rectangle later, because each tone's first side lobe lowers the other's peak.")

# %% [markdown]
# ### Demo: window length and zero-padding against resolution
#
# Points: what the DFT gives. Line: the curve that it reads. Grey: the two tones.

# %%
def look(window_length, zero_padding, distance_in_hertz, window):
    """Spectrum of two tones around 1 kHz under one window: figure, alt text, sound."""
    t = (torch.arange(window_length, dtype=torch.float64) - window_length / 2) / rate
    places = (1000 - distance_in_hertz / 2, 1000 + distance_in_hertz / 2)
    w = signal.window(window, window_length, dtype=torch.float64)
    frame = sum(torch.cos(2 * torch.pi * f * t) for f in places) * w
    size = window_length * zero_padding
    hertz = torch.linspace(800, 1200, 1201, dtype=torch.float64)
    curve = signal.dtft(frame, hertz, sr=rate).abs()
    bins = torch.arange(-(-800 * size // rate), 1200 * size // rate + 1)
    points = torch.fft.rfft(frame, size).abs()[bins]
    dip = float(signal.tone_dip(frame, *places, sr=rate))
    fig, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
    ax.plot(hertz, signal.magnitude_db(curve, ref=float(curve.max()), floor=-70), linewidth=0.9)
    ax.plot(bins * rate / size, signal.magnitude_db(points, ref=float(curve.max()), floor=-70), "o", markersize=4)
    for f in places:
        ax.axvline(f, color="0.7", linewidth=0.9)
    words = (f"precision Δf = {rate / size:.1f} Hz, resolution B_w = "
             f"{signal.resolution_hz(window, window_length, rate):.1f} Hz, dip {dip:.1f} dB")
    ax.set(xlabel="frequency (Hz)", ylabel="level (dB re maximum)", ylim=(-70, 4), xlim=(800, 1200), title=words)
    sound = sum(torch.cos(2 * torch.pi * f * torch.arange(rate) / rate) for f in places)
    alt = f"Spectrum of two tones {distance_in_hertz} Hz apart with {window_length} samples under {window}: {words}."
    return fig, alt, {f"1 s of both, {distance_in_hertz} Hz apart": sound}


ui.explore(
    look, sr=rate, window_length=[256, 128, 512, 1024, 2048, 4096], zero_padding=[1, 2, 4, 16, 64],
    distance_in_hertz=[40, 10, 20, 80, 160], window=["hann", "boxcar", "hamming", "blackman"],
    question="Find the shortest window that parts tones 40 Hz apart. Does any zero-padding save a shorter one? Which "
    "window shape needs the fewest samples, and what do you pay for it further out?",
)

# %% [markdown]
# **Target of exercise 1.5:** the smallest lengths for two tones in phase, measured.

# %%
rows = []
for name in ("boxcar", "hann", "hamming", "blackman"):
    for low, high in ((1000.0, 1040.0), (1000.0, 1080.0)):
        measured = signal.smallest_length(low, high, rate, name)
        rule = signal.length_for_resolution(name, high - low, rate)
        rows.append({
            "window": name, "tones (Hz)": f"{low:.0f}, {high:.0f}", "C_w·sr/D": rule, "measured, dip of 3 dB": measured,
            "measured · D / sr": measured * (high - low) / rate,
        })
ui.table(rows, title=f"Smallest length in samples at {rate} Hz", caption="Twice the distance, half the length. In "
         "phase it is longer than C_w·sr/D by the factor of the table before.")

# %% [markdown]
# ### Exercise 1.5 · The smallest length that parts two tones   ★★☆ · 20 min · 2 points
#
# **Goal.** Find by measuring how many samples it takes to see two tones as two.
#
# ```python
# smallest_length(low: float, high: float, sr: int, name: str, longest: int = 4096) -> int
# ```
#
# - The signal: two cosines of amplitude 1 at `low` and `high` hertz, both at their crest in the middle of the frame,
#   at $n = L/2$. Times the window `signal.window(name, L)`.
# - $|X|$ is measured at the frequencies `low`, `high` and `(low + high) / 2` themselves (not at bins). The tones part
#   when the level in the middle is at least 3 dB below the *weaker* of the two others.
# - Return the smallest $L$ from 1 to `longest`, both included; 0 if there is none.
# - float32 is precise enough. `signal.window` and `signal.dtft` may be used; `signal.tone_dip` and
#   `signal.smallest_length` not. The tones may lie near 0 Hz or near $f_s/2$, where their mirror images leak and one
#   comes out weaker; and a longer frame does not always part what a shorter one parts.
#
# **Target.** The table above.
#
# <details><summary>Hint 1 · the idea</summary>
#
# One loop over $L$, from small to large. Three projections per $L$: the inner products of the frame with $e^{2\pi i f
# t}$ at three frequencies.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# t = (torch.arange(L, dtype=torch.float64) - L / 2) / sr      # seconds, 0 in the middle
# ```
# </details>
# <details><summary>If your length is close, but not the same</summary>
#
# A little too small or too large: is the crest at $n = L/2$, is the window the periodic one, and did you measure at
# the three frequencies, or at the nearest bins? A power of two: try every length.
# </details>

# %% nbgrader={"grade_id": "smallest_length", "solution": true}
def smallest_length(low: float, high: float, sr: int, name: str, longest: int = 4096) -> int:
    """The smallest frame in samples that shows a dip of 3 dB between two cosines in phase, or 0."""
    ### BEGIN SOLUTION
    frequencies = torch.tensor([low, (low + high) / 2, high], dtype=torch.float64)
    for L in range(1, longest + 1):
        t = (torch.arange(L, dtype=torch.float64) - L / 2) / sr
        tones = torch.cos(2 * torch.pi * low * t) + torch.cos(2 * torch.pi * high * t)
        frame = tones * signal.window(name, L, dtype=torch.float64)
        X = (torch.exp(-2j * torch.pi * frequencies[:, None] * t) * frame).sum(-1).abs()
        if 20 * torch.log10(torch.minimum(X[0], X[2]) / X[1]) >= 3:
            return L
    return 0
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_smallest_length", "points": 2}
checks.dft.smallest_length(smallest_length)
### BEGIN HIDDEN TESTS
checks.dft.smallest_length(smallest_length, rng=grading_rng(), cases=12)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade_id": "explain_tuner", "solution": true, "points": 1}
# ### Explain 1.6 · A tuner   · 5 min · 1 point
#
# A guitar tuner looks at frames of 50 ms, adds zeros up to 2 s, and takes the highest point of the spectrum. (a) How
# far apart are its points, and how far apart must two strings be for their lines to part under a Hann window? (b) Why
# does it show the pitch of *one* string to less than 1 Hz all the same? (c) Two strings, meant to be equal, are 3 Hz
# apart and sound together. What does the tuner show, and what would you change? Three to five sentences, with
# numbers.
#
# === BEGIN MARK SCHEME ===
# - (⅓) Precision 1/2 s = 0.5 Hz; resolution Cw/T = 2/0.05 s = 40 Hz.
# - (⅓) One tone has one hump; its top lies at the frequency however wide the hump is, and zero-padding reads the top
#   finely (noise or other harmonics move it).
# - (⅓) One hump between or near the two (moving with the beat); a frame of at least 2/3 s, about 0.7 s or more
#   (accept the beat, 3 a second, as another way to hear it; window and zero-padding do not help).
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) The points are 1/(2 s) = 0.5 Hz apart; two tones part at 2/(0.05 s) = 40 Hz. (b) A single string gives a single
# hump, 40 Hz wide, and its top is at the right place; zero-padding reads the top to half a hertz. (c) Both strings
# lie in one hump: the tuner shows one value that wanders with the beat of 3 Hz. It needs frames of about 2/3 s or
# longer; more zeros change nothing.
# ### END SOLUTION

# %% [markdown]
# ## 7 · The fast Fourier transform
#
# The definition costs $N^2$ complex multiplications. Split the sum into even and odd samples ($N$ even):
#
# $$X[k] = \underbrace{\sum_{m} x[2m]\, e^{-2\pi i k m/(N/2)}}_{E[k]} + e^{-2\pi i k/N} \underbrace{\sum_{m}
# x[2m + 1]\, e^{-2\pi i k m/(N/2)}}_{O[k]}.$$
#
# $E$ and $O$ are DFTs of half the length. They repeat after $N/2$, and $e^{-2\pi i (k + N/2)/N} = -e^{-2\pi i k/N}$.
# So for $k < N/2$
#
# $$X[k] = E[k] + t_k\, O[k], \qquad X[k + \tfrac N2] = E[k] - t_k\, O[k], \qquad t_k = e^{-2\pi i k/N}.$$
#
# One product (with the **twiddle factor** $t_k$) gives two bins: a **butterfly**. Halve again, until one sample is
# left, whose DFT is itself. That is the **radix-2 FFT** (Cooley and Tukey 1965; Gauss had it in 1805). With $M(N)$
# multiplications, $M(N) = 2 M(N/2) + N/2$ and $M(1) = 0$, so
#
# $$M(N) = \tfrac N2 \log_2 N.$$

# %%
def draw_butterflies(N=8):
    """The graph of a radix-2 FFT: samples in bit-reversed order on the left, bins on the right."""
    fig, ax = plt.subplots(figsize=(9, 3.8), layout="constrained")
    stages = N.bit_length() - 1
    for stage in range(stages):
        half = 2**stage
        for top in range(N):
            if top // half % 2:
                continue
            bottom, k = top + half, top % half
            for start, colour in ((top, "0.4"), (bottom, "C1")):
                ax.plot([stage, stage + 0.3], [-start, -start], color=colour, linewidth=1.1)
                for end in (top, bottom):
                    ax.plot([stage + 0.3, stage + 1], [-start, -end], color=colour, linewidth=1.1)
            ax.text(stage + 0.03, -bottom + 0.12, f"× t({k}/{2 * half})", fontsize=8, color="C1")
            ax.text(stage + 0.9, -bottom + 0.04, "−", fontsize=12, color="C1", ha="center", va="bottom")
    for row in range(N):
        reversed_bits = int(f"{row:0{stages}b}"[::-1], 2)
        ax.text(-0.05, -row, f"x[{reversed_bits}] ({reversed_bits:0{stages}b})", ha="right", va="center")
        ax.text(stages + 0.05, -row, f"X[{row}]", va="center")
    ax.set(xlim=(-0.9, stages + 0.5))
    ax.axis("off")
    return fig


ui.show(draw_butterflies(), alt="Three stages of butterflies join eight samples in bit-reversed order to eight bins; "
        "each odd branch is multiplied by a twiddle factor, and subtracted at its lower end, marked with a minus.")


def count(N):
    """Complex multiplications of the recursion, counted by walking through it."""
    return 0 if N == 1 else 2 * count(N // 2) + N // 2


rows = [
    {"N": N, "N²": N * N, "counted in the recursion": count(N), "N/2 · log2 N": signal.multiplications(N)["fft"],
     "ratio": N * N / count(N), "N² at 1 ns each (s)": N * N * 1e-9} for N in (8, 64, 1024, 16384, 2**20)
]
ui.table(rows, title="Complex multiplications", caption=f"The last row is {2**20 / 44100:.0f} s of sound at 44.1 kHz. "
         f"A nanosecond per multiplication makes {2**40 * 1e-9 / 60:.0f} minutes of the definition.")

# %% [markdown]
# Orange branches carry the odd half. They are multiplied by $t(k/N) = e^{-2\pi i k/N}$, with the length $N$ of the DFT
# that this stage joins: $t(1/4) = -i$ is $t_1$ of a DFT of four samples. At the upper end an orange branch is added,
# at the lower end, marked with −, subtracted. The samples enter in **bit-reversed** order: even before odd, at every
# level.
#
# ### Exercise 1.7 · Radix-2 FFT   ★★☆ · 25 min · 3 points
#
# **Goal.** The fast Fourier transform by recursion.
#
# ```python
# fft(x: Float[Tensor, "*batch N"] | Complex[Tensor, "*batch N"]) -> Complex[Tensor, "*batch N"]
# ```
#
# - $N$ is a power of two, 1 included. Real or complex input, float32 or float64, any batch dimensions, also none.
# - Compute in complex128 and return it. 4096 samples must be right to 3e-6 of the largest bin.
# - Write it yourself: no `torch.fft`, no `signal.fft_radix2`, no matrix of $N \times N$. The check compares values and
#   cannot see how they came about: `torch.fft` or a matrix would pass it, and nothing in it would notice. What it
#   cannot ask is for you to answer: does your function multiply as often as `count(N)` says? (The similarity report
#   compares the answers of a class with each other, no more.)
#
# **Target.** `fft(x)` equals `torch.fft.fft(x)`, and `count(N)` above is what it multiplies.
#
# <details><summary>Hint 1 · the idea</summary>
#
# The function calls itself on `x[..., ::2]` and on `x[..., 1::2]`, and joins the two with one butterfly. It stops at
# one sample.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# ```python
# if x.shape[-1] == 1:
#     return x.to(torch.complex128)
# ```
# </details>
# <details><summary>If 2 samples pass but 4 fail</summary>
#
# With two samples the only twiddle factor is 1. With four, $t_1 = -i$: is the exponent $-2\pi i k/N$ with $N$ the
# length of the *joined* DFT? And is the result all $E + tO$ first, then all $E - tO$?
# </details>

# %% nbgrader={"grade_id": "fft", "solution": true}
def fft(x: Float[Tensor, "*batch N"] | Complex[Tensor, "*batch N"]) -> Complex[Tensor, "*batch N"]:
    """Radix-2 fast Fourier transform along the last axis."""
    ### BEGIN SOLUTION
    N = x.shape[-1]
    if N == 1:
        return x.to(torch.complex128)
    even, odd = fft(x[..., ::2]), fft(x[..., 1::2])
    k = torch.arange(N // 2, dtype=torch.float64, device=x.device)
    twisted = torch.exp(-2j * torch.pi * k / N) * odd
    return torch.cat([even + twisted, even - twisted], dim=-1)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_fft", "points": 3}
checks.dft.fft(fft)
### BEGIN HIDDEN TESTS
checks.dft.fft(fft, rng=grading_rng(), cases=40)
### END HIDDEN TESTS

# %% [markdown]
# ## 8 · Experiment
#
# ### A · Operations and time of DFT against FFT
#
# Four ways to the same numbers, on one float32 vector: the sum written out as a product with a matrix that is made
# once and reused (a fair chance: the product itself is compiled and optimised code); the radix-2 recursion of this
# unit, step by step in Python; `torch.fft`; and a plain Python loop over the definition, for scale.

# %%
import cmath
import statistics
import time as clock


def median_time(run, least=0.05):
    """Median seconds of one call, over at least five calls and `least` seconds, after a warm-up."""
    run()
    times, started = [], clock.perf_counter()
    while len(times) < 5 or clock.perf_counter() - started < least:
        before = clock.perf_counter()
        run()
        times.append(clock.perf_counter() - before)
    return statistics.median(times)


def python_dft(values):
    """The definition, number by number."""
    N = len(values)
    return [sum(v * cmath.exp(-2j * cmath.pi * k * n / N) for n, v in enumerate(values)) for k in range(N)]

# %% tags=["results"]
started = clock.perf_counter()
largest = device.choose(smoke=9, laptop=12, full=13)
least = device.choose(smoke=0.01, laptop=0.3, full=1.0)
x_all, _ = data.example("trumpet", sr=sr)
rows, seconds_of = [], {}
for power in range(3, largest + 1):
    N = 2**power
    x = torch.from_numpy(x_all[sr : sr + N])
    matrix = signal.dft_matrix(N)
    exact = torch.fft.fft(x.double())
    ways = {"matrix": lambda x=x, m=matrix: x.to(m.dtype) @ m, "radix-2": lambda x=x: signal.fft_radix2(x),
            "torch.fft": lambda x=x: torch.fft.fft(x)}
    if N <= 256:
        ways["Python loop"] = lambda x=x: python_dft(x.tolist())
    row = {"N": N, "N²": N * N, "N/2·log2 N": signal.multiplications(N)["fft"]}
    for name, run in ways.items():
        seconds_of[name, N] = median_time(run, least)
        row[f"{name} (µs)"] = 1e6 * seconds_of[name, N]
        error = (torch.as_tensor(run()).to(exact) - exact).norm() / exact.norm()
        row[f"{name}: error"] = f"{float(error):.0e}" if name != "Python loop" else None
    rows.append({key: value for key, value in row.items() if value is not None})
top = 2**largest


def growth(name):
    """log2 of time(2N)/time(N), averaged over the last two doublings."""
    return np.log2(seconds_of[name, top] / seconds_of[name, top // 4]) / 2


crossing = [2**p for p in range(3, largest + 1) if seconds_of["radix-2", 2**p] < seconds_of["matrix", 2**p]]
faster = seconds_of["matrix", top] / seconds_of["torch.fft", top]
fewer = signal.multiplications(top)["dft"] / signal.multiplications(top)["fft"]
ui.results(
    rows, title="One DFT of N samples", seed=0, seconds=clock.perf_counter() - started,
    claim="The FFT needs N/2·log2 N multiplications where the definition needs N².",
    verdict=f"At the end of the table, doubling N costs the matrix {2 ** growth('matrix'):.1f} times the time, and "
    f"torch.fft {2 ** growth('torch.fft'):.1f} times. At N = {top}, torch.fft is {faster:.0f} times faster than the "
    f"matrix, with {fewer:.0f} times fewer multiplications. "
    + (f"The FFT written in Python passes the compiled matrix from N = {crossing[0]} on." if crossing else
       "The FFT written in Python stays slower than the compiled matrix at these N.")
    + (" These N are too small to show the law: here a call costs more than its work." if top < 2048 else ""),
)

# %%
fig, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
for name, style in (("Python loop", "^-"), ("matrix", "s-"), ("radix-2", "o-"), ("torch.fft", "d-")):
    sizes = [N for way, N in seconds_of if way == name]
    ax.loglog(sizes, [1e6 * seconds_of[name, N] for N in sizes], style, markersize=4, label=name, base=2)
sizes = np.array([2**p for p in range(3, largest + 1)], dtype=float)
scale = 1e6 * seconds_of["matrix", top] / top**2
ax.loglog(sizes, scale * sizes**2, ":", color="0.6", label="∝ N²", base=2)
ax.loglog(sizes, 1e6 * seconds_of["torch.fft", top] * sizes * np.log2(sizes) / (top * np.log2(top)), "--", color="0.6",
          label="∝ N log N", base=2)
ax.set(xlabel="N (samples)", ylabel="time (µs)", title="Time of one DFT")
ax.legend(ncols=2)
ui.show(fig, alt="Time against N on logarithmic axes: the matrix product rises as N squared, the two FFTs nearly as N.")

# %% [markdown]
# For small $N$ the number of multiplications says little: calling a function costs more than the work. The law shows
# at the right end of the figure. There the matrix may even rise faster than $N^2$: its $N^2$ numbers must also be
# read, and from some $N$ on they do not fit into the fast memory of the processor.
#
# ### B · Resolution of real notes
#
# Two notes of one instrument, a semitone apart, sound together. Frames of $L$ samples, a quarter of a frame apart,
# cover them; the powers of all frames are averaged at three frequencies: a **partial** (one of the sinusoids that make
# up a note, here a harmonic) of the first note, the same partial of the second, and the middle. What is the smallest
# $L$ with a dip of 3 dB? Theory says $L = C_w f_s / D$, for a distance $D$, if tones were steady and phases random. The
# partial is the loudest of the first three. Its frequency comes from the whole note by itself.

# %%
def steady_part(note):
    """The samples of a note from 50 ms after it has reached a tenth of its power to 50 ms before it has lost it."""
    x = torch.from_numpy(note.audio(sr=sr)).double()
    power = torch.nn.functional.avg_pool1d(x.square()[None], 1101, 1, 550)[0]
    loud = (power > 0.1 * power.max()).nonzero()
    return x[int(loud[0]) + 1100 : int(loud[-1]) - 1100]


def partial_of(x, near):
    """Frequency in Hz and amplitude of the strongest line within 4 % of `near`, from the whole of x."""
    w = signal.window("blackman", len(x), dtype=torch.float64)
    size = 2**18
    spectrum = torch.fft.rfft(x * w, size).abs()
    low, high = round(0.96 * near * size / sr), round(1.04 * near * size / sr)
    place = low + int(spectrum[low : high + 1].argmax())
    return place * sr / size, float(2 * spectrum[place] / w.sum())


def dip_of_frames(x, low, high, length, name):
    """Dip in dB of the power averaged over frames of `length` samples."""
    frames = signal.frame(x, length, max(length // 4, 1)) * signal.window(name, length, dtype=torch.float64)
    P = signal.dtft(frames, torch.tensor([low, (low + high) / 2, high]), sr=sr).abs().square().mean(0)
    return float(10 * torch.log10(torch.minimum(P[0], P[2]) / P[1]))


def bins_to_part(x, low, high, name):
    """The smallest L·D/sr from 0.6 on with a dip of 3 dB, to 2 %; None if the note is too short."""
    for bins in 0.6 * 1.02 ** np.arange(120):
        length = round(bins * sr / (high - low))
        if length > len(x):
            return None
        if dip_of_frames(x, low, high, length, name) >= 3:
            return bins
    return None


found = data.instrument_notes(pitches=range(52, 73), dynamics=["mezzo-forte", "forte"])
notes = {(a.instrument, a.dynamic, a.pitch): a for a in found}
neighbours = [(a, notes[i, d, p + 1]) for (i, d, p), a in notes.items() if (i, d, p + 1) in notes]
how_many = device.choose(smoke=3, laptop=60, full=len(neighbours))
chosen = np.random.default_rng(0).permutation(len(neighbours))[:how_many]
print(f"{len(neighbours)} pairs of neighbouring notes, {len(chosen)} of them taken")

# %% tags=["results"]
started = clock.perf_counter()
parted = {name: [] for name in ("boxcar", "hann", "hamming", "blackman")}
distances, mixtures = [], []
for index in chosen:
    sounds = [steady_part(a) for a in neighbours[index]]
    length = min(map(len, sounds))
    lines = [[partial_of(x[:length], h * a.frequency) for x, a in zip(sounds, neighbours[index], strict=True)]
             for h in (1, 2, 3)]
    (low, one), (high, other) = max(lines, key=lambda pair: min(amplitude for _, amplitude in pair))
    mixture = sounds[0][:length] / one + sounds[1][:length] / other
    distances.append(high - low)
    mixtures.append((neighbours[index], mixture, low, high))
    for name, values in parted.items():
        values.append(bins_to_part(mixture, low, high, name))
rows = []
for name, values in parted.items():
    found = np.array([v for v in values if v])
    theory = float(signal.main_lobe_width(signal.window(name, 4096)))
    rows.append({
        "window": name, "theory: C_w = L·D/sr": theory, "measured, median": float(np.median(found)),
        "mean": float(found.mean()), "± deviation": float(found.std()), "within 10 % of theory (%)":
        float(100 * np.mean(np.abs(found / theory - 1) < 0.1)), "pairs parted": len(found),
    })
far_off = max(abs(row["measured, median"] / row["theory: C_w = L·D/sr"] - 1) for row in rows)
apart = f"{min(distances):.0f} to {max(distances):.0f} Hz apart"
ui.results(
    rows, title=f"Smallest length that parts two real notes, {len(chosen)} pairs, {apart}", seed=0,
    seconds=clock.perf_counter() - started,
    claim="The resolution is B_w = C_w/L, the width of the main lobe at −6 dB.",
    verdict=f"The medians are within {100 * far_off:.0f} % of C_w for every window (the search has steps of 2 %), and "
    f"{min(row['within 10 % of theory (%)'] for row in rows):.1f} % of the pairs or more are within 10 %.",
)

# %%
fig, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
found = [[v for v in values if v] for values in parted.values()]
ax.boxplot(found, tick_labels=list(parted), widths=0.5, medianprops={"color": "black"})
for position, row in enumerate(rows, start=1):
    ax.plot([position - 0.35, position + 0.35], [row["theory: C_w = L·D/sr"]] * 2, color="C1", linewidth=2,
            label="theory, C_w" if position == 1 else None)
ax.set(ylabel="smallest L · D / sr (bins)", title="Pairs of real notes a semitone apart")
ax.legend()
ui.show(fig, alt="Box plots of the smallest length in bins for four windows, each close to a line at its theoretical "
        "width.")
(first, second_note), mixture, low, high = mixtures[0]
ui.player({f"{first.instrument}, {first.name} and {second_note.name}": mixture,
           **{a.name: steady_part(a)[: len(mixture)] for a in (first, second_note)}}, sr)

# %% [markdown]
# ### C · Leakage of real notes
#
# Between two harmonics of a steady note there should be nothing. What the spectrum shows there is leakage of the
# harmonics, or it is in the recording: breath, bow, room, and changes of the note itself. Theory gives the first
# part: take the measured frequency and amplitude of each harmonic, build a note that is perfectly steady, and analyse
# it in the same way. The level is the median over all middles between harmonics up to 5 kHz, power averaged over
# frames of 4096 samples, relative to the strongest harmonic.

# %%
def valley_db(x, f0, name, length=4096):
    """Median level midway between harmonics up to 5 kHz, in dB re the strongest harmonic."""
    frames = signal.frame(x, length, length // 4) * signal.window(name, length, dtype=torch.float64)
    harmonics = f0 * torch.arange(1, int(5000 / f0), dtype=torch.float64)
    on = signal.dtft(frames, harmonics, sr=sr).abs().square().mean(0)
    between = signal.dtft(frames, harmonics + f0 / 2, sr=sr).abs().square().mean(0)
    return float(10 * torch.log10(between.median() / on.max()))


def steady_copy(x, f0, generator):
    """Harmonics of the same amplitudes as those of x, exactly steady, with random phases."""
    count = int(5000 / f0) + 4
    amplitudes = torch.tensor([partial_of(x, h * f0)[1] for h in range(1, count) if 1.05 * h * f0 < sr / 2])
    turns = f0 * torch.arange(1, len(amplitudes) + 1, dtype=torch.float64)[:, None] * torch.arange(len(x)) / sr
    start = torch.rand(len(amplitudes), 1, generator=generator, dtype=torch.float64)
    return (amplitudes[:, None] * torch.cos(2 * torch.pi * (turns + start))).sum(0)


candidates = [a for a in notes.values() if a.pitch >= 57]
how_many = device.choose(smoke=3, laptop=60, full=200)
picked = [candidates[i] for i in np.random.default_rng(1).permutation(len(candidates))[:how_many]]

# %% tags=["results"]
started = clock.perf_counter()
generator = torch.Generator().manual_seed(0)
levels = {name: [] for name in ("boxcar", "bartlett", "hamming", "hann", "blackman")}
used = []
for a in picked:
    x = steady_part(a)
    if len(x) < 8192:
        continue
    f0 = partial_of(x, a.frequency)[0]
    copy = steady_copy(x, f0, generator)
    used.append(a)
    for name, values in levels.items():
        values.append((valley_db(x, f0, name), valley_db(copy, f0, name)))
rows = []
for name, values in levels.items():
    measured, predicted = np.array(values).T
    rows.append({
        "window": name, "side lobe (dB)": float(signal.side_lobe_level(signal.window(name, 4096))),
        "recording (dB)": float(measured.mean()), "± rec.": float(measured.std()),
        "leakage alone, theory (dB)": float(predicted.mean()), "± theory": float(predicted.std()),
        "mean |difference| (dB)": float(np.abs(measured - predicted).mean()),
        "leakage 10 dB below the recording (% of notes)": float(100 * np.mean(predicted < measured - 10)),
    })
by_window = {row["window"]: row for row in rows}
box, black = by_window["boxcar"], by_window["blackman"]
ui.results(
    rows, title=f"Level between the harmonics of {len(used)} real notes, frames of 4096 samples", seed=0,
    seconds=clock.perf_counter() - started,
    claim="The window's type and length determine what stands beside a line: main-lobe width and side lobes.",
    verdict=f"With the rectangle the recordings show {box['recording (dB)']:.0f} dB, and leakage alone explains "
    f"{box['leakage alone, theory (dB)']:.0f} dB. With Blackman they show {black['recording (dB)']:.0f} dB where "
    f"leakage alone would give {black['leakage alone, theory (dB)']:.0f} dB: there the recording itself is the limit, "
    "and a better window would not show less.",
)

# %%
fig, axes = plt.subplots(1, 2, figsize=(12, 3.6), layout="constrained")
for index, (name, values) in enumerate(levels.items()):
    measured, predicted = np.array(values).T
    axes[0].plot(predicted, measured, "osd^v"[index], markersize=4, label=name, alpha=0.7)
low, high = axes[0].get_xlim()
axes[0].plot([low, high], [low, high], color="0.6", linewidth=0.8)
axes[0].set(xlabel="leakage alone, theory (dB)", ylabel="recording (dB)", title="level between harmonics")
axes[0].legend(fontsize=8)
a = used[0]
x, size = steady_part(a), 4096
x = x[len(x) // 2 - size // 2 :][:size]
for name, colour in (("boxcar", "C0"), ("hann", "C3"), ("blackman", "C4")):
    X = torch.fft.rfft(x * signal.window(name, size, dtype=torch.float64))
    axes[1].plot(np.arange(len(X)) * sr / size / 1000, signal.magnitude_db(X, floor=-120), linewidth=0.7, color=colour,
                 label=name)
axes[1].set(xlabel="frequency (kHz)", ylabel="level (dB re maximum)", xlim=(0, 5),
            title=f"{a.instrument}, {a.name}: one frame")
axes[1].legend()
ui.show(fig, alt="Left, measured against predicted level between harmonics: the rectangle's points lie near the "
        "diagonal, those of Blackman far above it. Right, one frame under three windows.")
original = steady_part(a)
copy = steady_copy(original, partial_of(original, a.frequency)[0], generator)
ui.player({f"{a.instrument}, {a.name}": original, "its steady copy": copy}, sr)

# %% [markdown]
# The steady copy has the pitch and the strength of each harmonic, and nothing else: what you miss in it is what
# changes in a real note. For a spectrum, a window is good enough when its leakage lies below what the recording has
# there anyway. The last column of the table tells for how many of these notes each window is.

# %% [markdown]
# ## 9 · Where this goes
#
# - J. W. Cooley, J. W. Tukey, [An algorithm for the machine calculation of complex Fourier
#   series](https://doi.org/10.1090/S0025-5718-1965-0178586-1), 1965.
# - F. J. Harris, [On the use of windows for harmonic analysis with the discrete Fourier
#   transform](https://doi.org/10.1109/PROC.1978.10837), 1978.
# - M. Frigo, S. G. Johnson, [The design and implementation of FFTW3](https://doi.org/10.1109/JPROC.2004.840301), 2005:
#   what stands behind a fast FFT of any length.
# - J. Lee-Thorp and others, [FNet: mixing tokens with Fourier transforms](https://arxiv.org/abs/2105.03824), 2021.
#
# Unit 02 cuts the signal into frames and takes a DFT of each. Unit 03 gives every note a window of its own length,
# from the same $C_w$. Unit 08 learns the vectors to project on, where Fourier fixes them. In **FNet**, a language
# model, a DFT over words and channels stands in place of attention. The cell below loads it and puts our `dft` beside
# its layer; it needs the network and `transformers`, and does nothing unless `ONLINE` is True.

# %%
ONLINE = False
if ONLINE:
    from transformers import FNetModel

    layer = FNetModel.from_pretrained("google/fnet-base").encoder.layer[0].fourier.self
    words = torch.randn(1, 16, 768)
    mixed = layer(words)[0]
    ours = signal.dft(signal.dft(words).mT).mT.real
    print(f"largest difference from FNet's Fourier layer: {(ours - mixed).abs().max():.1e}")
