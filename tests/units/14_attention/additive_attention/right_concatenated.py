"""One matrix on query and key side by side; float64 inside.
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    g, h, w_g, w_h, v = (x.double() for x in (g, h, w_g, w_h, v))
    pair = torch.cat([g[:, :, None].expand(-1, -1, h.shape[1], -1), h[:, None].expand(-1, g.shape[1], -1, -1)], -1)
    s = torch.tanh(pair @ torch.cat([w_g, w_h], 1).T) @ v
    a = s.masked_fill(~mask[:, None], -torch.inf).softmax(-1).nan_to_num(0)
    return (a @ h).float(), a.float()
