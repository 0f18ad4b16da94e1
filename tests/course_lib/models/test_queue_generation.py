"""Generation with plain queues draws what the naive way draws."""

import pytest
import torch

from course_lib.models import WaveNet, generate_naive
from course_lib.models.queue_generation import generate_with_queues


@pytest.mark.parametrize("conditioned", [False, True])
def test_same_samples_as_naive(conditioned):
    torch.manual_seed(0)
    sizes = {"global_size": 2, "local_size": 3, "upsampling": (4, 5)} if conditioned else {}
    model = WaveNet(channels=6, skip=5, blocks=3, stacks=2, **sizes).double()
    condition = (torch.randn(2, 2).double(), torch.randn(2, 3, 3).double()) if conditioned else ()
    uniform = torch.rand(2, 50, dtype=torch.float64)
    classes, logits = generate_naive(model, uniform, *condition)
    drawn, found = generate_with_queues(model, uniform, *condition)
    assert torch.equal(drawn, classes)
    torch.testing.assert_close(found, logits, rtol=0, atol=1e-10)


def test_another_kernel_is_refused():
    with pytest.raises(ValueError, match="kernel 2"):
        generate_with_queues(WaveNet(channels=4, skip=4, blocks=2, stacks=1, kernel=3), torch.rand(1, 5))
