"""What usual mistakes in unit 07_scattering would give: tables for `mistakes=`, computed when needed."""

import numpy as np

from course_lib.checks.scattering import oracle


def morlet_bank(n: int, centres: np.ndarray, widths: np.ndarray) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    def bank(**choices) -> np.ndarray:
        return oracle.morlet_bank(n, centres, widths, **choices)

    want = bank()
    near = oracle.morlet_bank(n, centres, widths, images=(0,))
    bare = oracle.morlet_bank(n, centres, widths, corrected=False)
    half = n - n // 2
    signed = bare - np.exp(-0.5 * (centres / widths) ** 2)[:, None] * oracle.morlet_bank(
        n, 0 * centres, widths, corrected=False)
    return {
        "the mean is not zero: subtract so much of the Gaussian around 0 that the value at frequency 0 vanishes.": bare,
        "the correction is subtracted as a constant: it is a Gaussian around 0, of the same width.":
            bare - bare[:, :1],
        "only bin 0 was set to zero: subtract a Gaussian around 0, of the same width.":
            np.where(np.arange(n) == 0, 0, bare),
        "there are no images: the DFT has period 1, so add the Gaussian at c - 1 and at c + 1.": near,
        "frequencies above 1/2 count as negative, but there are no images: a wavelet near 1/2 reaches round.":
            np.concatenate([near[:, :half], _negative(n, centres, widths)[:, half:]], 1),
        "the filters are symmetric: a wavelet is analytic, it passes positive frequencies only.":
            want + np.roll(want[:, ::-1], 1, 1),
        "the exponent lacks its 1/2: exp(-(f - c)² / 2w²).": bank(square=1.0),
        "the exponent has 1/4: exp(-(f - c)² / 2w²).": bank(square=0.25),
        "the share of the correction leaves out the images, so the mean is only nearly zero.": signed,
        "the bins run from -1/2 to 1/2: the order of the DFT begins with frequency 0.": np.fft.fftshift(want, axes=1),
        "each filter has energy 1: the card asks for the plain difference of Gaussians.":
            want / np.linalg.norm(want, axis=1, keepdims=True),
        "each filter has its maximum scaled to 1: the card asks for the plain difference of Gaussians.":
            want / np.abs(want).max(1, keepdims=True),
        "the filters are in time: the card asks for their values at the bins of the DFT.": np.fft.ifft(want),
        "the axes are swapped: rows are filters.": want.T,
    }


def _negative(n: int, centres: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """One Gaussian without images on frequencies from -1/2 to 1/2."""
    f = np.fft.fftfreq(n)
    band = np.exp(-0.5 * ((f - centres[:, None]) / widths[:, None]) ** 2)
    low = np.exp(-0.5 * (f / widths[:, None]) ** 2)
    return band - low * np.exp(-0.5 * (centres / widths) ** 2)[:, None]


def littlewood_paley(wavelets: np.ndarray, low_pass: np.ndarray) -> dict:
    """Sentence → value."""
    want = oracle.littlewood_paley(wavelets, low_pass)
    power, low = (np.abs(wavelets) ** 2).sum(0), np.abs(low_pass) ** 2
    mirrored = np.roll(power[::-1], 1)
    return {
        "the mirror image is missing: a real signal has its energy at +ω and at -ω, half each.": low + power,
        "only the positive half is counted, and halved: the mirror image ψ(-ω) is missing.": low + power / 2,
        "the 1/2 is missing: |ψ(ω)|² and |ψ(-ω)|² count half each.": low + power + mirrored,
        "the mirror image is one bin off: -ω of bin k is bin (n - k) % n, so flip and roll by 1.":
            low + (power + power[::-1]) / 2,
        "the mirror image is rolled the wrong way.": low + (power + np.roll(power[::-1], -1)) / 2,
        "the low-pass is missing.": want - low,
        "the low-pass is halved: it is symmetric, so both halves are there already.": want - low / 2,
        "the low-pass is not squared.": want - low + np.abs(low_pass),
        "the filters are not squared: energy is |ψ|².":
            low + (np.abs(wavelets).sum(0) + np.roll(np.abs(wavelets).sum(0)[::-1], 1)) / 2,
        "the sum was squared: it is the sum of the squares.":
            low + (np.abs(wavelets.sum(0)) ** 2 + np.roll(np.abs(wavelets.sum(0))[::-1], 1) ** 2) / 2,
        "the root was taken: A is an energy.": np.sqrt(want),
        "it is the average over the filters: A is their sum.": low + (power + mirrored) / 2 / len(wavelets),
        "complex values were squared without the modulus.":
            np.real(low_pass**2 + ((wavelets**2).sum(0) + np.roll((wavelets**2).sum(0)[::-1], 1)) / 2),
    }


def four_properties(
    phi: np.ndarray, shifted: np.ndarray, warped: np.ndarray, sizes: np.ndarray, labels: np.ndarray, x: np.ndarray,
    y: np.ndarray,
) -> dict[str, dict]:
    """Name of the property → (sentence → value)."""
    norm, root = np.linalg.norm, np.sqrt
    size, apart, moved = norm(phi, axis=1), norm(warped - phi, axis=1), norm(shifted - phi, axis=1)
    best = oracle.four_properties(phi, shifted, warped, sizes, labels, x, y)["reconstruction"]
    squared = ((phi[:, None] - phi[None]) ** 2).sum(-1)
    def hits(distances: np.ndarray) -> float:
        return float((labels[(distances + np.diag(np.full(len(phi), np.inf))).argmin(1)] == labels).mean())

    farthest = labels[squared.argmax(1)]
    origin = labels[np.argsort(squared, axis=1)[:, 2]]
    return {
        "stability": {
            "it is the mean of the ratios: a bound holds for all signals, so take the largest.":
                float((apart / size / sizes).mean()),
            "it is the smallest ratio: a bound holds for all signals, so take the largest.":
                float((apart / size / sizes).min()),
            "the size of the deformation is missing.": float((apart / size).max()),
            "the norm of the representation is missing.": float((apart / sizes).max()),
            "it was multiplied by the size of the deformation.": float((apart / size * sizes).max()),
            "the norms were squared.": float((apart**2 / size**2 / sizes).max()),
            "it was divided by the norm of the warped one.": float((apart / norm(warped, axis=1) / sizes).max()),
            "it looks at the shifted rows: take the warped ones.": float((moved / size / sizes).max()),
            "all rows were put into one norm.": float(norm(apart) / norm(size) / sizes.max()),
        },
        "invariance": {
            "it is the largest: the card asks for the mean over the signals.": float((moved / size).max()),
            "the norm of the representation is missing.": float(moved.mean()),
            "it is the ratio of the means: the card asks for the mean of the ratios.":
                float(moved.mean() / size.mean()),
            "all rows were put into one norm: the card asks for the mean of the ratios.":
                float(norm(moved) / norm(size)),
            "it looks at the warped rows: take the shifted ones.": float((apart / size).mean()),
            "the norms were squared.": float((moved**2 / size**2).mean()),
            "it is 1 minus the relative distance: the card asks for the distance.": float(1 - (moved / size).mean()),
        },
        "discriminability": {
            "every row is its own nearest: leave it out.": 1.0,
            "it is the share of errors: the card asks for the share of hits.":
                float(1 - oracle.four_properties(phi, shifted, warped, sizes, labels, x, y)["discriminability"]),
            "the neighbour was looked for by the sum of absolute differences: take the Euclidean norm.":
                hits(np.abs(phi[:, None] - phi[None]).sum(-1)),
            "the neighbour was looked for by the angle (cosine): take the distance ‖a - b‖.":
                hits(-(phi / size[:, None]) @ (phi / size[:, None]).T),
            "the neighbour was looked for among the shifted copies: look among the other rows of `phi`.":
                hits(((phi[:, None] - shifted[None]) ** 2).sum(-1)),
            "it is a percentage: the card asks for a share between 0 and 1.":
                100 * oracle.four_properties(phi, shifted, warped, sizes, labels, x, y)["discriminability"],
            "it is the farthest row that was asked, not the nearest.": float((farthest == labels).mean()),
            "it is the second nearest row: the first of the sorted list is the row itself.":
                float((origin == labels).mean()),
            "it is a count: divide by the number of rows.":
                len(phi) * oracle.four_properties(phi, shifted, warped, sizes, labels, x, y)["discriminability"],
        },
        "reconstruction": {
            "no shift was tried: take the smallest error over all circular shifts of y.": float(norm(x - y) / norm(x)),
            "a copy with the other sign counts as found: take the smallest ‖x - y‖, not ‖x + y‖ as well.":
                float(min(norm(x - sign * np.roll(y, s)) for s in range(len(x)) for sign in (1, -1)) / norm(x)),
            "the shift 0 was left out: try all `len(x)` of them.":
                float(min(norm(x - np.roll(y, s)) for s in range(1, len(x))) / norm(x)),
            "the norm of x is missing.": float(best * norm(x)),
            "the norms were squared.": float(best**2),
            "it was divided by the norm of y.": float(best * norm(x) / norm(y)),
            "it is the largest error over the shifts: take the smallest.":
                float(max(norm(x - np.roll(y, s)) for s in range(len(x))) / norm(x)),
            "it is a root mean square of x and y together.": float(best * root(2) / root(1 + (norm(y) / norm(x)) ** 2)),
        },
    }
