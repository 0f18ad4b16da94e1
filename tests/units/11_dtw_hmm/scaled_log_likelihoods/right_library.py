"""The function of course_lib.
"""
def scaled_log_likelihoods(logits, counts):
    log_prior = torch.tensor(np.log(counts / counts.sum()))
    return models.scaled_log_likelihood(torch.tensor(np.array(logits)), log_prior)
