"""The net on top of prediction: it begins as that, learns whom to trust, and exports as what it is."""

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch

from jobs import worth
from jobs.nets import gap_net, gap_verdict
from jobs.nets.gap_examples import Examples, examples
from jobs.nets.gap_fit import Plan, Training, fit, gain, made, masks
from jobs.nets.gap_shape import Shape
from jobs.nets.gates import Gates
from jobs.sound.guesses import RECORDED
from jobs.sound.weighing import EDGES
from tests import sounds

SHAPE = Shape(past=2_640, horizon=600)
SDR = Plan(batch=16, weights={"sdr": 1.0})


@pytest.fixture(scope="module")
def gaps() -> Examples:
    waves = [sounds.make(kind, 1.0, seed) for kind in ("drums", "vowels", "pluck") for seed in range(2)]
    return examples(waves, [0, 0, 1, 1, 2, 2], SHAPE, 120, 0)


def mixed(count: int = 200) -> Examples:
    """The second guess is right and the first half too loud: what is to be learned is known."""
    rng = np.random.default_rng(0)
    truth = rng.standard_normal((count, SHAPE.horizon)).astype(np.float32)
    guesses = np.stack([1.5 * truth, truth, 0 * truth, rng.standard_normal(truth.shape)], axis=1)
    past = rng.standard_normal((count, SHAPE.past)).astype(np.float32)
    ones = np.ones(count, np.float32)
    source = np.arange(count) // 4
    guesses, record = guesses.astype(np.float32), np.ones((count, *RECORDED), np.float32)
    return Examples(past, guesses, record, truth, guesses[:, 0], ones, source, 0 * source)


def sure(net: torch.nn.Module) -> torch.nn.Module:
    """A net that says as much as it can, and changes its mind from slot to slot."""
    random = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for layer in (net.gates, net.residual):
            layer.weight += 3 * torch.randn(layer.weight.shape, generator=random)
    return net


def test_a_fresh_net_is_prediction_to_the_bit_GAP_05(gaps):
    assert np.array_equal(made(Gates(SHAPE), gaps), gaps.guesses[:, 0])


@pytest.mark.parametrize(("right_db", "least_db"), [(60, 50), (100, 90), (300, 140)])
def test_predictions_that_were_right_are_left_as_they_are_GAP_05(gaps, right_db, least_db):
    """Whatever a net has learned: of a tone that prediction follows it knows nothing better."""
    known = replace(gaps, record=np.full_like(gaps.record, 10 ** (-right_db / 20)))
    guess = gaps.guesses[:, 0]
    moved = [np.sqrt(((made(sure(Gates(SHAPE)), some) - guess) ** 2).mean()) for some in (known, gaps)]
    assert moved[0] < 10 ** (-least_db / 20) and moved[1] > 0.1


def test_the_better_expert_says_how_far_an_answer_may_go_and_where_GAP_05(gaps):
    record = np.ones_like(gaps.record)
    record[:, 1, EDGES.index(0.010) :] = 1e-4
    off = np.abs(made(sure(Gates(SHAPE)), replace(gaps, record=record)) - gaps.guesses[:, 0])
    # From the middle of one slot to that of the next it goes from one to the other.
    after = round(0.010 * SHAPE.rate) + SHAPE.slot // 2
    assert off[:, after:].max() < 1e-3 and off[:, after - 2 * SHAPE.slot : after - SHAPE.slot].max() > 0.1


@pytest.mark.parametrize("odd", [0.0, 1e-30, 1e30, np.inf, np.finfo(np.float32).max])
def test_odd_records_make_no_odd_answers_GAP_05(gaps, odd):
    """And of experts that were never wrong nothing is changed."""
    some = gaps.some(np.arange(8))
    for which in ((slice(None),), (0, 0, 0), (slice(None), 1)):
        record = some.record.copy()
        record[which] = odd
        output = made(sure(Gates(SHAPE)), replace(some, record=record))
        assert np.isfinite(output).all()
        if which == (slice(None),) and odd == 0:
            assert np.array_equal(output, some.guesses[:, 0])


def test_the_same_seed_is_the_same_net_and_the_same_losses_GAP_05(gaps):
    rows = []
    for _ in range(2):
        steps = fit(Training(gap_net.new("gates", SHAPE, 5), SDR), gaps)
        rows.append([next(steps)["loss"] for _ in range(4)])
    assert rows[0] == rows[1]
    other = fit(Training(gap_net.new("gates", SHAPE, 6), SDR), gaps)
    assert [next(other)["loss"] for _ in range(4)][1:] != rows[0][1:]


def test_a_training_goes_on_where_it_was_left_GAP_05(gaps):
    whole = fit(Training(Gates(SHAPE, 1), SDR), gaps)
    expected = [next(whole)["loss"] for _ in range(6)]
    first = Training(Gates(SHAPE, 1), SDR)
    steps = fit(first, gaps)
    begun = [next(steps)["loss"] for _ in range(3)]
    second = Training(Gates(SHAPE, 2), SDR)
    second.load_state_dict(first.state_dict())
    steps = fit(second, gaps)
    assert begun + [next(steps)["loss"] for _ in range(3)] == expected


def test_whom_to_trust_is_learned_GAP_05():
    known = mixed()
    training = Training(Gates(SHAPE), Plan(batch=32, learning_rate=5e-3, weights={"sdr": 1.0}))
    steps = fit(training, known)
    for _ in range(250):
        next(steps)
    output = made(training.average, known)
    assert gain(output, known.guesses[:, 0], known.truth, SHAPE.rate) > 6
    mean, low, high = gap_verdict.overall(output, known, known.baseline, SHAPE.rate)
    assert 0 < low < mean < high


def test_every_loss_of_a_plan_is_told_GAP_05(gaps):
    row = next(fit(Training(Gates(SHAPE), Plan(batch=8)), gaps))
    assert {
        "step",
        "loss",
        "lr",
        "hard",
        "sdr",
        "spectral",
        "perceptual",
        "coherence",
        "dynamics",
        "envelope",
    } == set(row)
    assert all(np.isfinite(value) for value in row.values())


@pytest.mark.parametrize("name", list(gap_net.NETS))
def test_what_is_exported_answers_the_same_GAP_05(name, gaps, tmp_path):
    net = gap_net.new(name, SHAPE, 3)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter += 0.01 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1))
    session = onnxruntime.InferenceSession(gap_net.exported(net, SHAPE), providers=["CPUExecutionProvider"])
    some = gaps.some(np.arange(3))
    names = {one.name for one in session.get_inputs()}
    for number, expected in enumerate(made(net, some)):
        given = {key: getattr(some, key)[number][None] for key in ("past", "guesses", "record")}
        (answer,) = session.run(None, {key: value for key, value in given.items() if key in names})
        assert answer[0] == pytest.approx(expected, abs=1e-4)


def test_gaps_to_learn_from_are_what_they_say_GAP_05(gaps):
    assert gaps.past.shape[1:] == (SHAPE.past,) and gaps.guesses.shape[1:] == (4, SHAPE.horizon)
    assert np.sqrt((gaps.past**2).mean(axis=1)) == pytest.approx(1, abs=1e-3)
    wave = sounds.make("drums", 1.0, 0)
    first = gaps.truth[0] * gaps.scale[0]
    places = np.lib.stride_tricks.sliding_window_view(wave, SHAPE.horizon)
    assert np.abs(places - first).max(axis=1).min() < 1e-5
    assert set(gaps.kind) == {0, 1, 2} and (gaps.kind == gaps.source // 2).all()


def test_guesses_at_a_sound_upside_down_are_those_at_the_sound_upside_down_GAP_05():
    """Which is why gaps may be turned where they are learned, and need not be predicted anew."""
    waves = [sounds.make(kind, 0.5, 1) for kind in ("drums", "vowels", "bell")]
    up, down = (examples([sign * wave for wave in waves], [0] * 3, SHAPE, 12, 0) for sign in (1, -1))
    for name in ("past", "guesses", "truth", "baseline"):
        assert getattr(down, name) == pytest.approx(-getattr(up, name), abs=1e-6)
    assert np.array_equal(up.scale, down.scale)
    assert down.record == pytest.approx(up.record, rel=1e-4), "nobody is less wrong"


def test_what_is_learned_upside_down_is_another_training_GAP_05(gaps):
    losses = {}
    for turned in (True, False):
        steps = fit(Training(Gates(SHAPE, 1), Plan(batch=16, weights={"sdr": 1.0}, turned=turned)), gaps)
        losses[turned] = [next(steps)["loss"] for _ in range(4)]
    assert losses[True] != losses[False]
    assert losses[True][0] == pytest.approx(losses[False][0], rel=1e-5), (
        "a fresh net is prediction either way"
    )


def test_gaps_are_as_long_as_the_field_says_GAP_09(gaps):
    losses = {}
    for length in (2.5, 10.0):
        plan = Plan(batch=16, weights={"sdr": 1.0}, lengths={length: 0.3})
        losses[length] = next(fit(Training(Gates(SHAPE, 1), plan), gaps))["loss"]
    assert losses[2.5] < losses[10.0], "prediction knows less of a long gap"


def test_no_more_gaps_are_cut_than_a_sound_has_GAP_05():
    found = examples([sounds.make("pluck", 0.5, 1)], [0], SHAPE, 5_000, 0)
    assert 25 <= len(found) <= 50


def test_a_gap_counts_with_its_cross_fade_and_no_further_GAP_05():
    found = masks(np.array([2.5, 10.0]), SHAPE.horizon, 48_000).sum(dim=1)
    assert found.tolist() == [216, 576]


def test_intervals_are_of_sources_and_not_of_gaps_GAP_05():
    """A hundred gaps of one sound that all say the same are one witness, not a hundred."""
    gains = np.repeat([1.0, -1.0, 1.0, 1.0], 100)
    mean, low, high = gap_verdict.interval(gains, np.repeat(np.arange(4), 100))
    assert mean == 0.5 and low < 0 < high
    mean, low, high = gap_verdict.interval(gains, np.arange(400))
    assert low > 0.4
    mean, low, high = gap_verdict.interval(gains + 2, np.arange(400) % 2)
    assert mean == 2.5 and low <= 0 < high, "two sounds say nothing of others"


@pytest.mark.parametrize(
    ("level", "over_ar512", "over_ar", "verdict", "ships"),
    [
        (0.0, -1.0, -1.0, worth.MASTERED, False),
        (0.0, 0.1, 0.1, worth.MASTERED, True),
        (1.0, 0.1, 0.1, worth.BETTER, True),
        (1.0, -0.1, 0.1, worth.PREDICTION, False),
        (1.0, 0.1, -0.1, worth.PREDICTION, False),
    ],
)
def test_there_are_three_verdicts_GAP_05(level, over_ar512, over_ar, verdict, ships):
    known = mixed(40)
    noise = level * np.random.default_rng(1).standard_normal(known.truth.shape).astype(np.float32)
    score = gap_verdict.mastery(known.truth + noise, known, SHAPE.rate)
    over = {"low": over_ar512}, {"low": over_ar}
    assert gap_verdict.verdict(score, *over) == verdict and worth.is_better(*over) == ships
