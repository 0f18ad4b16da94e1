"""The batched functions of course_lib.
"""
def forward_backward(log_probs, label, blank=0):
    y = torch.tensor(np.ascontiguousarray(log_probs))[None]
    target = torch.tensor([label], dtype=torch.long)
    alpha, beta = losses.ctc_forward(y, target, blank=blank), losses.ctc_backward(y, target, blank=blank)
    return alpha[0], beta[0], -losses.ctc_loss(y, target, blank=blank)[0]
