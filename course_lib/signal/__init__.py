"""Signal processing that the course derives: differentiable torch code, batched over leading axes.

Every function takes a numpy array or a torch tensor and gives back the same kind; time is the last axis of a signal,
(bins, frames) the last two of a spectrogram.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "decibel": ["magnitude_db"],
        "fourier": ["dft", "dft_matrix", "dtft", "fft_radix2", "idft", "multiplications"],
        "framing": ["frame", "overlap_add"],
        "ideal_masks": ["ideal_binary_mask", "ideal_ratio_mask", "phase_sensitive_mask", "wiener_mask"],
        "mel": ["hz_to_mel", "log_mel", "mel_filterbank", "mel_to_hz"],
        "phase_recovery": ["griffin_lim", "griffin_lim_steps", "spectral_convergence"],
        "projection": ["inner_product", "project"],
        "short_time": ["bin_frequencies", "frame_times", "istft", "stft"],
        "two_tones": ["smallest_length", "tone_dip"],
        "window_shape": [
            "length_for_resolution", "main_lobe_width", "resolution_hz", "side_lobe_level", "window_spectrum",
        ],
        "windows": ["is_cola", "is_nola", "overlap_sum", "window"],
    },
)
