"""Conv-TasNet, TasNet, deep clustering: lengths, silence, parameter count of torchaudio's model, gradients."""

import pytest
import torch
from torch.nn.functional import normalize

from course_lib.models import ConvTasNet, DeepClustering, TasNet, kmeans

SMALL = {"filters": 16, "bottleneck": 8, "hidden": 12, "blocks": 3, "repeats": 2}
PAPER_LIKE = {"filters": 128, "length": 20, "bottleneck": 64, "hidden": 96, "blocks": 4, "repeats": 3}


@pytest.mark.parametrize("samples", [1, 16, 401, 800])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("sources", [2, 3])
def test_as_many_samples_out_as_in(samples, batch, sources):
    x = torch.randn(batch, samples)
    for net in (ConvTasNet(sources, **SMALL), TasNet(sources, filters=12, hidden=7, layers=1)):
        assert net(x).shape == (batch, sources, samples)
        assert torch.isfinite(net(0 * x)).all()


@pytest.mark.parametrize("dims", [{"length": 16, **SMALL}, PAPER_LIKE])
@pytest.mark.parametrize("sources", [2, 3])
def test_parameter_count_of_torchaudio(dims, sources):
    torchaudio = pytest.importorskip("torchaudio")
    peer = torchaudio.models.ConvTasNet(
        num_sources=sources, enc_kernel_size=dims["length"], enc_num_feats=dims["filters"], msk_kernel_size=3,
        msk_num_feats=dims["bottleneck"], msk_num_hidden_feats=dims["hidden"], msk_num_layers=dims["blocks"],
        msk_num_stacks=dims["repeats"],
    )
    count = [sum(p.numel() for p in net.parameters()) for net in (ConvTasNet(sources, **dims), peer)]
    assert count[0] == count[1]


def test_every_parameter_gets_a_gradient():
    for net in (ConvTasNet(**SMALL), TasNet(filters=12, hidden=7, layers=1), DeepClustering(n_fft=32, hop=8, hidden=5)):
        net(torch.randn(2, 300)).square().sum().backward() if not isinstance(net, DeepClustering) else net(
            torch.randn(2, 300)
        )[..., 0].sum().backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_softmax_masks_sum_to_one_and_consistent_outputs_sum_to_the_mixture():
    x = torch.randn(2, 500)
    net = ConvTasNet(3, mask="softmax", consistent=True, **SMALL)
    torch.testing.assert_close(net.masks(net.encode(x)).sum(1), torch.ones(2, 16, 64))
    torch.testing.assert_close(net(x).sum(1), x, atol=1e-5, rtol=0)


def test_examples_of_a_batch_do_not_meet():
    net, x = ConvTasNet(**SMALL), torch.randn(3, 400)
    torch.testing.assert_close(net(x)[1:2], net(x[1:2]), atol=1e-5, rtol=1e-4)


def test_tasnet_level_in_level_out_and_causality():
    net, x = TasNet(filters=12, hidden=7, bidirectional=False), torch.randn(1, 400)
    torch.testing.assert_close(net(10 * x), 10 * net(x), rtol=1e-3, atol=1e-4)
    later = x.clone()
    later[:, 200:] = torch.randn(200)
    torch.testing.assert_close(net(later)[..., :200], net(x)[..., :200])


def test_bad_arguments():
    with pytest.raises(ValueError, match="even"):
        ConvTasNet(length=15)
    with pytest.raises(ValueError, match="mask must be"):
        ConvTasNet(mask="relu")


def test_kmeans_finds_separate_clusters_from_any_seed():
    centres = torch.eye(4)[:3]
    truth = torch.arange(90) % 3
    points = normalize(centres[truth] + 0.05 * torch.randn(90, 4), dim=-1)
    for seed in range(5):
        found, labels = kmeans(points, 3, seed=seed)
        assert len({(a, b) for a, b in zip(truth.tolist(), labels.tolist(), strict=True)}) == 3
        torch.testing.assert_close(found.norm(dim=-1), torch.ones(3))
    with pytest.raises(ValueError, match="3 clusters"):
        kmeans(points[:2], 3)


def test_deep_clustering_with_perfect_embeddings_applies_the_ideal_binary_mask():
    from course_lib.signal.ideal_masks import ideal_binary_mask

    torch.manual_seed(0)
    net = DeepClustering(n_fft=64, hop=16, embedding=2)
    sources = torch.randn(1, 2, 700)
    mixture = sources.sum(1)
    partition, weight = net.targets(mixture, sources)
    net.forward = lambda _: partition                   # an oracle in place of the LSTM
    masks = ideal_binary_mask(net.stft(sources[0]))
    want = net.istft(masks * net.stft(mixture), 700)
    got = net.separate(mixture)[0]
    assert min((got - w).abs().max() for w in (want, want.flip(0))) < 1e-4
    assert set(weight.unique().tolist()) <= {0.0, 1.0}


def test_deep_clustering_of_silence_is_silence():
    assert torch.equal(DeepClustering(n_fft=64, hop=16, hidden=4).separate(torch.zeros(1, 300)), torch.zeros(1, 2, 300))
