"""Gaps filled from what came before, and from both sides: exact outside, finite and never loud inside."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sound.conceal import CROSS_FADE, METHODS, Concealer, conceal
from jobs.sound.forecast import shares
from jobs.sound.history import History
from jobs.sound.interpolate import interpolate
from tests import sounds

RATE = 48_000
PACKET = 480
GAPS = [(14_400, 14_880), (20_160, 21_120), (30_240, 30_720), (38_400, 38_880)]


def gap_sdr_db(truth: np.ndarray, output: np.ndarray, gaps: list[tuple[int, int]] = GAPS) -> float:
    signal = sum(float(truth[start:end] @ truth[start:end]) for start, end in gaps)
    error = sum(float(((truth - output)[start:end] ** 2).sum()) for start, end in gaps)
    return 10 * np.log10(signal / max(error, 1e-20))


def steady(seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return sum(gain * np.sin(2 * np.pi * hertz * time + hertz)
               for gain, hertz in ((0.3, 220.0), (0.2, 659.3), (0.1, 3951.1)))  # fmt: skip


@pytest.mark.parametrize("method", [*METHODS, "both sides"])
@pytest.mark.parametrize("kind", ["pluck", "drums", "noise"])
def test_what_was_received_stays_to_the_bit_but_for_a_cross_fade_GAP_03(method, kind):
    truth = sounds.make(kind, 1.0).astype(np.float64)
    heard = truth.copy()
    for start, end in GAPS:
        heard[start:end] = np.nan
    if method == "both sides":
        output = interpolate(heard, RATE, GAPS)
    else:
        output = conceal(heard, RATE, GAPS, PACKET, method)
    assert np.isfinite(output).all()
    received = np.ones(len(truth), bool)
    for start, end in GAPS:
        received[start : end + round(CROSS_FADE * RATE)] = False
    assert np.array_equal(output[received], truth[received])


def test_held_notes_are_gone_on_with_GAP_03():
    truth = steady()
    assert gap_sdr_db(truth, conceal(truth, RATE, GAPS, PACKET, "ar")) > 45
    assert gap_sdr_db(truth, conceal(truth, RATE, GAPS, PACKET, "ar-512")) > 30
    assert gap_sdr_db(truth, conceal(truth, RATE, GAPS, PACKET, "zero")) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("kind", ["pluck", "bell", "pad"])
def test_the_best_way_is_no_worse_than_its_parts_GAP_03(kind):
    truth = sounds.make(kind, 1.0, seed=2).astype(np.float64)
    found = {name: gap_sdr_db(truth, conceal(truth, RATE, GAPS, PACKET, name)) for name in METHODS}
    assert found["ar"] >= max(found["ar-512"], found["levinson-512"]) - 0.7
    assert found["ar"] > max(found["repeat"], found["pitch"], 0.5)


@pytest.mark.parametrize("kind", ["pluck", "bell", "pad"])
def test_who_sees_both_sides_repairs_better_GAP_04(kind):
    truth = sounds.make(kind, 1.0, seed=3).astype(np.float64)
    both = gap_sdr_db(truth, interpolate(np.where(_inside(len(truth)), 0, truth), RATE, GAPS))
    assert both > gap_sdr_db(truth, conceal(truth, RATE, GAPS, PACKET, "ar"))


def test_a_band_limited_sound_is_interpolated_without_blowing_up_GAP_04():
    """Above 4 kHz there is nothing, so some samples are as good as any: the noise floor settles which."""
    spectrum = np.fft.rfft(sounds.make("pluck", 1.0, seed=1))
    spectrum[4_000:] = 0
    truth = np.fft.irfft(spectrum)
    assert gap_sdr_db(truth, interpolate(np.where(_inside(len(truth)), 0, truth), RATE, GAPS)) > 10


def _inside(length: int) -> np.ndarray:
    mask = np.zeros(length, bool)
    for start, end in GAPS:
        mask[start:end] = True
    return mask


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    lost=st.lists(st.booleans(), min_size=1, max_size=24),
    packet=st.sampled_from([16, 48, 120, 480]),
    level=st.sampled_from([1e-6, 0.1, 1.0]),
    seed=st.integers(0, 5),
)
def test_whatever_is_lost_the_answer_is_finite_whole_and_never_loud_GAP_03(lost, packet, level, seed):
    wave = level * np.sign(np.random.default_rng(seed).standard_normal(packet * len(lost)))
    concealer = Concealer(RATE, packet, METHODS["ar"][1])
    out = [
        concealer.process(None if gone else wave[at * packet : (at + 1) * packet], packet)
        for at, gone in enumerate(lost)
    ]
    assert [len(block) for block in out] == [packet] * len(lost)
    assert np.isfinite(np.concatenate(out)).all()
    assert np.abs(np.concatenate(out)).max() <= 1.5 * level + 1e-12


def test_a_long_gap_fades_to_the_quiet_of_the_room_GAP_03():
    room = 1e-3 * np.random.default_rng(0).standard_normal(RATE)
    room[::2400] += 0.5
    concealer = Concealer(RATE, PACKET, METHODS["ar"][1])
    concealer.process(room, len(room))
    made = concealer.process(None, RATE)
    assert 2e-4 < np.sqrt((made[RATE // 2 :] ** 2).mean()) < 2e-3


def test_blocks_do_not_show_in_the_answer_GAP_03():
    """Packet by packet or all at once: the same samples."""
    truth = sounds.make("bell", 0.6).astype(np.float64)
    gaps = [(14_400, 14_880), (19_200, 20_160)]
    whole = conceal(truth, RATE, gaps, PACKET)
    concealer = Concealer(RATE, PACKET, METHODS["ar"][1])
    lost = {start // PACKET + part for start, end in gaps for part in range((end - start) // PACKET)}
    blocks = [
        concealer.process(None if at in lost else truth[at * PACKET : (at + 1) * PACKET], PACKET)
        for at in range(len(truth) // PACKET)
    ]
    assert np.concatenate(blocks) == pytest.approx(whole, abs=1e-9)


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000, 192_000])
def test_orders_follow_the_rate_GAP_10(rate):
    time = np.arange(round(0.5 * rate)) / rate
    truth = 0.3 * np.sin(2 * np.pi * 440 * time) + 0.2 * np.sin(2 * np.pi * 1234.5 * time)
    gaps = [(round(0.4 * rate), round(0.41 * rate))]
    output = conceal(truth, rate, gaps, round(0.01 * rate), "ar-512")
    assert gap_sdr_db(truth, output, gaps) > 30


def test_the_past_is_kept_in_order_and_marked_GAP_03():
    history = History(100)
    random = np.random.default_rng(0)
    everything = np.zeros(0)
    for number in range(60):
        block = random.standard_normal(int(random.integers(0, 40)))
        history.add(block, received=number % 2 == 0)
        everything = np.append(everything, block)
    assert history.count == len(everything)
    assert np.array_equal(history.wave(70, ago=30), everything[-100:-30])
    history.add(np.arange(500.0))
    assert history.count == len(everything) + 500
    assert np.array_equal(history.wave(100), np.arange(400.0, 500.0))
    assert history.received(100).all()


def test_who_was_right_weighs_more_GAP_03():
    weights = shares(np.array([[1.0, 0.0, 4.0], [4.0, 0.0, 1.0]]), np.array([100.0, 0.0, 100.0]))
    assert weights.sum(axis=0) == pytest.approx(1)
    assert weights[0, 0] > 0.95 and weights[1, 2] > 0.95
    # Nothing was seen in the middle: as at the nearest distance.
    assert weights[:, 1].tolist() in (weights[:, 0].tolist(), weights[:, 2].tolist())
    assert shares(np.zeros((2, 3)), np.zeros(3)) == pytest.approx(0.5)
