"""Minus infinity is added: NaN gradients beside a phrase of padding.

Expect: NaN in a batch with a phrase without any key
"""
def bilinear_attention(g, h, w, mask):
    s = g @ w @ h.transpose(1, 2)
    bias = torch.zeros_like(h[:, :, 0]).masked_fill(~mask, -torch.inf)
    return (s + bias[:, None]).softmax(-1).nan_to_num(0)
