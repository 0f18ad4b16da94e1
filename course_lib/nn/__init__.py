"""Building blocks that several models share."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "attention": ["AdditiveAttention", "BilinearAttention", "masked_softmax"],
        "bidirectional_lstm": ["BidirectionalLSTM"],
        "causal_convolution": ["CausalConv1d", "causal_conv1d", "causal_receptive_field"],
        "dual_path": ["DualPathBlock", "overlap_add_chunks", "split_chunks"],
        "global_layer_norm": ["GlobalLayerNorm"],
        "masked_batch_norm": ["MaskedBatchNorm"],
        "padding": ["inside", "mirror"],
        "scattering": ["Scattering"],
        "tcn": ["TCN", "TCNBlock", "receptive_field"],
    },
)
