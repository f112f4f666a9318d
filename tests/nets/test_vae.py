"""The net's shapes and what it promises about them."""

import pytest
import torch

from jobs.nets.vae import Shape, Vae, fold, unfold


def devices() -> list[str]:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return ["cpu", *(name for name, here in there.items() if here)]


@pytest.mark.parametrize("device", devices())
@pytest.mark.parametrize("frames", [16, 256, 400])
def test_two_channels_in_and_out_ARCH_01_ARCH_04(device, frames):
    net = Vae(Shape(latent=24, widths=(16, 16, 24))).to(device)
    x = torch.randn(2, 2, 384, frames, device=device)
    y, mean, log_variance = net(x)
    assert y.shape == x.shape
    assert mean.shape == log_variance.shape == (2, 24, frames // 16)


def test_latent_is_128_unless_asked_ARCH_03():
    net = Vae(Shape())
    mean, _ = net.encode(torch.randn(1, 2, 384, 64))
    assert mean.shape == (1, 128, 4)


def test_folding_loses_nothing_ARCH_01():
    x = torch.randn(2, 3, 16, 8)
    assert torch.equal(unfold(fold(x, 8, 4), 8, 4), x)


def test_time_is_never_seen_whole_ARCH_01():
    """What happens far away changes nothing: a sound of any length can be encoded in pieces."""
    torch.manual_seed(0)
    net = Vae(Shape(latent=24, widths=(16, 16, 24))).eval()
    z = torch.randn(1, 24, 64)
    other = z.clone()
    other[..., 48:] = torch.randn(1, 24, 16)
    with torch.no_grad():
        first, second = net.decode(z), net.decode(other)
    # Group normalisation sees the whole excerpt, so far frames agree closely, not bit for bit.
    assert float((first - second)[..., :256].abs().mean()) < 0.2 * float(first.abs().mean())
