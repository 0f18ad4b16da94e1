"""einsum, and the softmax by hand with the largest score taken off.
"""
def bilinear_attention(g, h, w, mask):
    scores = torch.einsum("bnd,de,bme->bnm", g, w, h)
    there = mask[:, None].to(scores.dtype)
    top = torch.where(mask[:, None], scores, torch.full_like(scores, -1e30)).amax(-1, keepdim=True)
    shifted = torch.where(mask[:, None], scores - top, torch.full_like(scores, -1e30))
    e = shifted.exp() * there
    return e / e.sum(-1, keepdim=True).clamp_min(1e-30)
