"""The logarithm of the mask is added: NaN gradients beside a phrase of padding.

Expect: NaN in a batch with a phrase without any key
"""
def bilinear_attention(g, h, w, mask):
    s = g @ w @ h.transpose(1, 2)
    a = (s + mask.to(s).log()[:, None]).softmax(-1)
    return torch.where(a.isnan(), 0.0, a)
