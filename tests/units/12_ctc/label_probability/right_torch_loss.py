"""The loss of torch, turned back into a probability.
"""
def label_probability(probs, label, blank=0):
    log_probs = torch.tensor(probs).log()[:, None]
    target = torch.tensor([label], dtype=torch.long)
    loss = nn.functional.ctc_loss(log_probs, target, [len(probs)], [len(label)], blank=blank, reduction="sum")
    return (-loss).exp()
