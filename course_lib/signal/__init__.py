"""Signal processing that the course derives: differentiable torch code, batched over leading axes.

Every function takes a numpy array or a torch tensor and gives back the same kind; time is the last axis of a signal,
(bins, frames) the last two of a spectrogram.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "additive_synthesis": [
            "additive", "cubic_phase", "harmonic_synthesis", "integrate_phase", "interpolate_frames",
        ],
        "all_pole_filter": ["all_pole"],
        "cepstrum": [
            "cepstral_envelope", "complex_cepstrum", "inverse_complex_cepstrum", "lifter", "real_cepstrum",
        ],
        "chromagram": ["chroma"],
        "class_likelihood": ["gaussian_class_bits", "running_scale"],
        "constant_q": ["cqt", "cqt_frequencies", "cqt_lengths", "hcqt", "quality"],
        "constant_q_kernels": ["cqt_by_kernels", "cqt_kernels", "spectral_kernels"],
        "cross_synthesis": ["cross_synthesis", "lpc_envelope", "spectral_envelope"],
        "decibel": ["magnitude_db"],
        "dynamic_time_warping": ["dtw", "dtw_cost"],
        "f0": ["harmonic_product", "yin"],
        "fourier": ["dft", "dft_matrix", "dtft", "fft_radix2", "idft", "multiplications"],
        "framing": ["frame", "overlap_add"],
        "harmonic_fit": ["HarmonicModel", "harmonic_model"],
        "ideal_masks": ["ideal_binary_mask", "ideal_ratio_mask", "phase_sensitive_mask", "wiener_mask"],
        "linear_prediction": [
            "autocorrelation", "formants", "levinson_durbin", "lpc", "prediction_error", "prediction_gain",
        ],
        "mel": ["hz_to_mel", "log_compress", "log_mel", "mel_filterbank", "mel_to_hz"],
        "mel_cepstrum": ["dct", "mfcc"],
        "morlet": ["WaveletBank", "bank_design", "littlewood_paley", "morlet", "morlet_bank"],
        "mu_law": [
            "class_position", "mu_law_compress", "mu_law_decode", "mu_law_edges", "mu_law_encode", "mu_law_expand",
        ],
        "noise_model": ["noise_bands", "noise_envelope", "shaped_noise"],
        "parametric_synthesis": ["StateMeans", "speak_states", "state_means"],
        "partials": ["Partial", "synthesise_partials", "track_partials"],
        "peak_picking": ["Peaks", "parabolic_peak", "spectral_peaks"],
        "phase_recovery": ["griffin_lim", "griffin_lim_steps", "spectral_convergence"],
        "projection": ["inner_product", "project"],
        "scattering": ["log_scattering", "renormalise", "scattering", "wavelet_modulus"],
        "scattering_plan": ["Path", "scattering_paths"],
        "short_time": ["bin_frequencies", "frame_times", "istft", "stft"],
        "spec_augment": ["spec_augment"],
        "time_warp": ["time_warp"],
        "two_tones": ["smallest_length", "tone_dip"],
        "unit_selection": ["cross_fade", "select_units"],
        "window_shape": [
            "length_for_resolution", "main_lobe_width", "resolution_hz", "side_lobe_level", "window_spectrum",
        ],
        "windows": ["is_cola", "is_nola", "overlap_sum", "window"],
        "zero_crossings": ["zero_crossing_rate"],
    },
)
