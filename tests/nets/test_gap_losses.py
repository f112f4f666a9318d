"""What nets for gaps are trained to lower, and how their training goes on."""

import math

import numpy as np
import pytest
import torch

from jobs.nets import gap_losses
from jobs.nets.gap_losses import LOSSES, WEIGHTS, total
from jobs.nets.gap_schedule import Plateau, Threshold, annealed
from tests import sounds

torch.set_num_threads(1)

PAST, HORIZON = 4_800, 2_040
NAMES = sorted(LOSSES)


def gaps(kinds: tuple[str, ...] = ("pluck", "vowels", "drums", "noise"), start: int = 30_000):
    """``truth (B, T)`` and ``past (B, C)`` by the rms of the past, and a mask of everything."""
    waves = torch.stack([torch.from_numpy(sounds.make(kind, 1.0)) for kind in kinds])
    past, truth = waves[:, start - PAST : start], waves[:, start : start + HORIZON]
    level = past.square().mean(dim=1, keepdim=True).sqrt()
    return truth / level, past / level, torch.ones_like(truth)


@pytest.mark.parametrize("name", NAMES)
def test_a_perfect_output_has_the_smallest_loss_GAP_05(name):
    truth, past, mask = gaps()
    loss = LOSSES[name]
    perfect = float(loss(truth, truth, past, mask, 48_000))
    assert perfect == pytest.approx(-gap_losses.SDR_MOST if name == "sdr" else 0, abs=1e-5)
    near = float(loss(truth + 0.01 * torch.randn_like(truth), truth, past, mask, 48_000))
    far = float(loss(0.5 * truth + 0.3 * torch.randn_like(truth), truth, past, mask, 48_000))
    assert perfect < near < far
    assert float(loss(torch.zeros_like(truth), truth, past, mask, 48_000)) > perfect + 0.1


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_finite_for_silence_and_for_what_is_far_too_loud_GAP_05(name):
    silence, past = torch.zeros(2, HORIZON), torch.zeros(2, PAST)
    loud = 1e4 * torch.randn(2, HORIZON)
    mask = torch.ones(2, HORIZON)
    for output, truth, heard in (
        (silence, silence, mask), (loud, silence, mask), (silence, loud, mask), (loud, loud, mask),
        (loud, silence, 0 * mask),
    ):  # fmt: skip
        given = output.clone().requires_grad_(True)
        loss = LOSSES[name](given, truth, past, heard, 48_000)
        loss.backward()
        assert loss.ndim == 0 and math.isfinite(loss.item())
        assert given.grad is not None and bool(torch.isfinite(given.grad).all())


@pytest.mark.parametrize("name", NAMES)
def test_only_samples_of_the_gap_count_GAP_05(name):
    """What lies behind its end may be anything, and gets no gradient."""
    truth, past, mask = gaps()
    mask[:, 480:] = 0
    output = 0.5 * truth
    other = output.clone()
    other[:, 480:] = 7
    other.requires_grad_(True)
    loss = LOSSES[name](other, truth, past, mask, 48_000)
    assert loss.item() == pytest.approx(float(LOSSES[name](output, truth, past, mask, 48_000)), rel=1e-6)
    loss.backward()
    assert not other.grad[:, 480:].any() and bool(other.grad[:, :480].any())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_every_rate_has_its_losses_GAP_10(name, rate):
    torch.manual_seed(0)
    truth, past = torch.randn(2, 17 * (rate // 400)), torch.randn(2, 40 * (rate // 400))
    past = torch.cat([torch.randn(2, 2_048), past], dim=1)
    loss = LOSSES[name](0.9 * truth, truth, past, torch.ones_like(truth), rate)
    assert LOSSES[name](truth, truth, past, torch.ones_like(truth), rate) < loss < 100


def test_the_sdr_loss_is_the_sdr_GAP_05():
    truth, past, mask = gaps()
    noise = torch.randn_like(truth)
    noise *= truth.norm(dim=1, keepdim=True) / noise.norm(dim=1, keepdim=True)
    for db in (0, 6, 12):
        output = truth + 10 ** (-db / 20) * noise
        assert float(LOSSES["sdr"](output, truth, past, mask, 48_000)) == pytest.approx(-db, abs=0.1)


def test_a_gain_scales_only_what_it_should_GAP_05():
    """Of 6 dB: so much in the dynamics, as much again of the envelope, nothing in coherence."""
    truth, past, mask = gaps()
    found = {name: float(loss(2 * truth, truth, past, mask, 48_000)) for name, loss in LOSSES.items()}
    assert found["dynamics"] == pytest.approx(6.02, abs=0.01)
    assert found["sdr"] == pytest.approx(0, abs=0.01)
    assert found["coherence"] < 0.02 and found["envelope"] > 0.9


def test_upside_down_is_the_worst_coherence_and_no_other_envelope_GAP_05():
    truth, past, mask = gaps()
    flipped = -truth
    assert float(LOSSES["coherence"](flipped, truth, past, mask, 48_000)) > 1.9
    assert float(LOSSES["envelope"](flipped, truth, past, mask, 48_000)) < 1e-5


def test_a_step_at_the_edge_is_heard_by_spectral_losses_GAP_05():
    """A low tone that goes on is better than the same one begun anew, which has the same spectrum alone."""
    time = torch.arange(PAST + HORIZON) / 48_000
    wave = torch.sin(2 * torch.pi * 200 * time)[None]
    past, truth = wave[:, :PAST], wave[:, PAST:]
    mask = torch.ones_like(truth)
    for name in ("spectral", "perceptual"):
        loss = LOSSES[name]
        smooth, broken = 0.97 * truth, torch.cat([truth[:, :1] + 0.5, truth[:, 1:]], dim=1)
        assert float(loss(broken, truth, past, mask, 48_000)) > float(loss(smooth, truth, past, mask, 48_000))


def test_errors_hidden_by_the_sound_weigh_less_GAP_05():
    """The same power of noise: beside a loud tone it is masked, two octaves away it is heard."""
    time = torch.arange(PAST + HORIZON) / 48_000
    wave = torch.sin(2 * torch.pi * 1_000 * time)[None]
    past, truth, mask = wave[:, :PAST], wave[:, PAST:], torch.ones(1, HORIZON)

    def heard(hertz: float) -> float:
        error = 0.02 * torch.sin(2 * torch.pi * hertz * time[PAST:])
        return float(LOSSES["perceptual"](truth + error, truth, past, mask, 48_000))

    assert heard(1_060) < 0.5 * heard(4_000)
    assert heard(4_000) > heard(17_000)


def test_the_total_is_weighted_and_names_what_is_in_it_GAP_05():
    truth, past, mask = gaps()
    output = 0.7 * truth
    assert WEIGHTS.keys() == LOSSES.keys()
    whole, named = total(output, truth, past, mask)
    assert whole.item() == pytest.approx(sum(WEIGHTS[name] * float(named[name]) for name in LOSSES), rel=1e-5)
    alone, one = total(output, truth, past, mask, weights={"envelope": 2.0, "sdr": 0.0})
    assert list(one) == ["envelope"] and alone.item() == pytest.approx(2 * one["envelope"].item())
    with pytest.raises(ValueError, match="no loss 'sdrr'; there are sdr, spectral"):
        total(output, truth, past, mask, weights={"sdrr": 1.0})


def test_learning_rates_fall_and_begin_anew_for_longer_GAP_05():
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    schedule, rates = annealed(optimiser, first=10), []
    for _ in range(30):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    assert rates[0] == rates[10] == pytest.approx(0.1) and optimiser.param_groups[0]["lr"] == pytest.approx(
        0.1
    )
    assert (np.diff(rates[:10]) < 0).all() and (np.diff(rates[10:30]) < 0).all()
    assert 0.002 < min(rates) < 0.005


def test_the_further_a_net_has_come_the_more_hard_gaps_it_is_given_GAP_05():
    sdr = np.random.default_rng(0).normal(5, 5, 900)
    hardest = np.sort(sdr)[:300]
    threshold = Threshold()
    shares = []
    for gain in (-1.0, 0.2, 0.1, 0.6, 5.0, -3.0):
        assert threshold.judged(gain) == threshold.share
        chances = threshold.chances(sdr)
        assert chances.sum() == pytest.approx(1)
        shares.append(chances[np.isin(sdr, hardest)].sum())
    assert shares == pytest.approx([1 / 3, 0.4, 0.4, 1 / 3 + 0.2, 2 / 3, 2 / 3], abs=0.01)
    assert Threshold(best=5.0).share == threshold.share, "a resumed training goes on where it was"
    assert threshold.chances(np.ones(4)).tolist() == [0.25] * 4


def test_a_training_ends_on_a_plateau_GAP_05():
    plateau = Plateau(patience=3, least=0.01)
    judged = [plateau.judged(loss) for loss in (1.0, 0.5, 0.495, float("nan"), 0.4)]
    assert judged == [True, True, False, False, True] and not plateau.over
    again = Plateau(**vars(plateau))
    for one in (plateau, again):
        assert not any(one.judged(loss) for loss in (0.4, 0.399, 0.41)) and one.over
