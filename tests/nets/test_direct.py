"""The plain nets for gaps: their shapes, their seeds, and that each learns what can be learned."""

import io
import warnings

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from jobs.nets.direct import NETS
from jobs.nets.gap_losses import sdr
from jobs.nets.gap_shape import Shape, seeded
from jobs.sound.guesses import RECORDED

torch.set_num_threads(1)

SMALL = Shape(past=1_920, horizon=240)


def given(shape: Shape, count: int = 1, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Noise for a past and for its candidates, and a record of those."""
    random = torch.Generator().manual_seed(seed)
    past = torch.randn(count, shape.past, generator=random)
    candidates = torch.randn(count, shape.candidates, shape.horizon, generator=random)
    return past, candidates, torch.rand(count, *RECORDED, generator=random)


def exported(net: nn.Module, sounds: tuple[Tensor, ...]) -> onnxruntime.InferenceSession:
    file = io.BytesIO()
    with warnings.catch_warnings():
        # The newer exporter needs a package more.
        warnings.simplefilter("ignore", DeprecationWarning)
        names = ["past", "candidates", "record"]
        torch.onnx.export(
            net.eval(), sounds, file, input_names=names, output_names=["gap"], opset_version=17, dynamo=False
        )
    return onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])


def tones(count: int, shape: Shape, seed: int) -> tuple[Tensor, Tensor]:
    """``past (B, C)`` of rms 1 and what follows, ``(B, T)``: one of a few pitches, at any phase."""
    random = np.random.default_rng(seed)
    time = np.arange(shape.past + shape.horizon) / shape.rate
    pitch = random.choice([220.0, 311.0, 494.0, 880.0], (count, 1))
    wave = np.sqrt(2) * np.sin(2 * np.pi * pitch * time + random.uniform(0, 2 * np.pi, (count, 1)))
    wave = torch.from_numpy(wave.astype(np.float32))
    return wave[:, : shape.past], wave[:, shape.past :]


@pytest.mark.parametrize("name", sorted(NETS))
def test_a_gap_is_made_from_its_past_alone_GAP_05(name):
    net = NETS[name](seed=1).eval()
    past, candidates, record = given(net.shape, 3)
    with torch.no_grad():
        made = net(past, candidates, record)
        assert made.shape == (3, net.shape.horizon) and made.dtype == torch.float32
        assert torch.equal(made, net(past, 2 * candidates, 2 * record))
        alone = net(past[1:2], candidates[1:2], record[1:2])
        torch.testing.assert_close(made[1:2], alone, atol=1e-5, rtol=1e-4)
        for near in (slice(0, 240), slice(-240, None)):
            other = past.clone()
            other[:, near] += 1
            reached = (net(other, candidates, record) - made).abs().amax(dim=0)
            assert bool(reached[:120].any()) or name == "conv1d", "only convolutions hear what is near alone"
    assert name == net.name and 1e5 < sum(weight.numel() for weight in net.parameters()) < 5e5


@pytest.mark.parametrize("name", sorted(NETS))
def test_a_seed_gives_the_same_net_and_leaves_others_their_chance_GAP_05(name):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    nets = [NETS[name](SMALL, seed).state_dict() for seed in (3, 3, 4)]
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(nets[0][key], nets[1][key]) for key in nets[0])
    assert not all(torch.equal(nets[0][key], nets[2][key]) for key in nets[0])


@pytest.mark.parametrize("name", sorted(NETS))
def test_tones_are_learned_far_below_silence_GAP_05(name):
    """Silence has an SDR of 0 dB; tones of other phases than those learned are filled with 10 and more."""
    net = NETS[name](SMALL)
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3)
    mask = torch.ones(16, SMALL.horizon)
    _, *others = given(SMALL, 16)
    for step in range(80):
        past, truth = tones(16, SMALL, seed=step)
        loss = sdr(net(past, *others), truth, past, mask)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
    past, truth = tones(16, SMALL, seed=10_000)
    with torch.no_grad():
        assert float(sdr(net.eval()(past, *others), truth, past, mask)) < -10


@pytest.mark.parametrize("name", sorted(NETS))
def test_the_runtime_gives_what_the_net_gives_GAP_05(name):
    net = NETS[name](seed=2)
    sounds = given(net.shape)
    session = exported(net, sounds)
    (made,) = session.run(None, {"past": sounds[0].numpy()})
    with torch.no_grad():
        np.testing.assert_allclose(made, net(*sounds).numpy(), atol=1e-4)


@pytest.mark.parametrize("name", sorted(NETS))
@pytest.mark.parametrize("shape", [
    Shape(rate=192_000, past=19_200, horizon=8_160, slot=480), Shape(44_100, 110 * 40, 110 * 17, 110),
    Shape(rate=8_000, past=20 * 40, horizon=20, slot=20),
])  # fmt: skip
def test_every_rate_has_its_nets_GAP_10(name, shape):
    with torch.no_grad():
        assert NETS[name](shape)(*given(shape, 2)).shape == (2, shape.horizon)


@pytest.mark.parametrize(("field", "value", "told"), [
    ("past", 4_810, "past: 4810 must be 1920 to 48000, a multiple of 120; the nearest is 4800"),
    ("horizon", 0, "horizon: 0 must be 120 to 4800, a multiple of 120; the nearest is 120"),
    ("horizon", 6_000, "horizon: 6000 must be 120 to 4800, a multiple of 120; the nearest is 4800"),
    ("rate", 4_000, "rate: 4000 must be 8000 to 192000; the nearest is 8000"),
    ("slot", 121, "slot: 121 must be 16 to 480, a multiple of 2; the nearest is 120"),
    ("candidates", 17, "candidates: 17 must be 1 to 16; the nearest is 16"),
    ("past", 4_800.0, "past: 4800.0 is no whole number"), ("rate", True, "rate: True is no whole number"),
])  # fmt: skip
def test_an_impossible_shape_is_refused_with_the_nearest_GAP_05(field, value, told):
    with pytest.raises(ValueError, match=told):
        Shape(**{field: value})


def test_drawing_inside_a_seed_is_repeatable_GAP_05():
    with seeded(1):
        first = torch.rand(3)
    with seeded(1):
        assert torch.equal(torch.rand(3), first)
