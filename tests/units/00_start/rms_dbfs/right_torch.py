"""In torch"""

import numpy as np
import torch


def rms_dbfs(x):
    x = torch.from_numpy(np.ascontiguousarray(x))
    return 20 * torch.log10(x.square().mean(-1).sqrt())
