"""Made traces lose what their network promises, and the figures of a trace are those of its packets."""

import math

import numpy as np
import pytest

from jobs.sound.networks import DEADLINE_MS, PROFILES, Arrivals, arrivals, figures, make_trace
from jobs.sound.traces import MAX_LINES, gaps

LONG = 200_000


@pytest.mark.parametrize("kind", PROFILES)
def test_the_same_seed_makes_the_same_trace_and_a_longer_one_begins_with_it_GAP_02(kind: str) -> None:
    first = make_trace(kind, 5_000, 7, 10)
    np.testing.assert_array_equal(first, make_trace(kind, 5_000, 7, 10))
    np.testing.assert_array_equal(first, make_trace(kind, 9_000, 7, 10)[:5_000])
    assert (first != make_trace(kind, 5_000, 8, 10)).any()
    assert make_trace(kind, 0, 7, 10).shape == (0,)


@pytest.mark.parametrize("packet_ms", [2.5, 10, 20, 100])
@pytest.mark.parametrize(
    ("kind", "loss"),
    [("low", 0.01), ("typical", 0.02), ("stress", 0.10), ("jitter", 0.0228), ("burst", 0.05)]
)  # fmt: skip
def test_long_traces_lose_what_they_promise_GAP_02(kind: str, loss: float, packet_ms: float) -> None:
    """Within 4 standard deviations; in bursts losses depend on one another, so they count as fewer."""
    lost = make_trace(kind, LONG, 1, packet_ms)
    burst = max(1, PROFILES[kind].burst_ms / packet_ms)
    # Of Gilbert's chain the correlation from one packet to the next is 1 - begins - ends.
    stays = 1 - 1 / burst - loss / (1 - loss) / burst if PROFILES[kind].burst_ms else 0
    deviation = math.sqrt(loss * (1 - loss) / LONG * (1 + stays) / (1 - stays))
    assert lost.mean() == pytest.approx(loss, abs=4 * deviation)


def lengths(lost: np.ndarray) -> np.ndarray:
    return np.array([gap.samples for gap in gaps(lost, 1, len(lost))])


@pytest.mark.parametrize("kind", ["low", "typical", "stress", "jitter"])
def test_losses_are_isolated_but_by_chance_GAP_02(kind: str) -> None:
    """A run of k begins with the odds of one, whatever came before: their mean length is 1 / (1 - loss)."""
    found = lengths(make_trace(kind, LONG, 2, 10))
    loss = PROFILES[kind].loss
    spread = math.sqrt(loss) / (1 - loss) / math.sqrt(len(found))
    assert found.mean() == pytest.approx(1 / (1 - loss), abs=4 * spread)


@pytest.mark.parametrize("packet_ms", [2.5, 5, 10, 25])
def test_bursts_last_50_ms_on_average_GAP_02(packet_ms: float) -> None:
    found = lengths(make_trace("burst", LONG, 3, packet_ms)) * packet_ms
    # Geometric: the standard deviation is about the mean.
    assert found.mean() == pytest.approx(50, abs=4 * 50 / math.sqrt(len(found)))
    assert found.max() > 150


def test_lateness_follows_from_latency_and_jitter_GAP_02() -> None:
    """Two standard deviations from the deadline: 2.3 % of a normal distribution; hardly any at one third."""
    assert PROFILES["jitter"].loss == PROFILES["jitter"].late == pytest.approx(0.02275, abs=1e-5)
    assert PROFILES["stress"].late == pytest.approx(0.0478, abs=1e-4)
    assert PROFILES["low"].late == 0 and PROFILES["typical"].late < 1e-20
    assert [profile.latency_ms for profile in PROFILES.values()] == [20, 50, 100, 50, 50]
    assert [profile.jitter_ms for profile in PROFILES.values()] == [2, 10, 30, 50, 10]
    assert DEADLINE_MS == 150


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("bad\n" * 9, 10, 0, 10), r"trace: 'bad\\nbad\\n.*low, typical, stress, jitter, burst"),
        (("low", -1, 0, 10), "packets: -1"), (("low", MAX_LINES + 1, 0, 10), "packets: "),
        (("low", 10, 0, 0), "packet: 0 ms"), (("low", 10, 0, math.nan), "packet: nan ms"),
    ],
)  # fmt: skip
def test_what_can_not_be_made_is_refused_GAP_02(arguments: tuple, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        make_trace(*arguments)
    assert "\n" not in str(caught.value)


# --- figures -----------------------------------------------------------------------------------------


def test_figures_are_those_of_a_trace_known_by_hand_GAP_02() -> None:
    """The second and third packets never arrive, the fifth comes 10 ms too late."""
    dropped = np.array([0, 1, 1, 0, 0, 0], bool)
    came = Arrivals(dropped, np.array([40.0, 900, 900, 60, DEADLINE_MS + 10, 50]))
    found = figures(came, 20)
    assert came.lost.tolist() == [False, True, True, False, True, False]
    assert (found["packets"], found["seconds"], found["lost_percent"]) == (6, pytest.approx(0.12), 50)
    assert (found["lost_packets"], found["dropped_packets"], found["late_packets"]) == (3, 2, 1)
    assert found["bursts"] == {"count": 2, "mean_ms": 30, "longest_ms": 40, "by_packets": {"1": 1, "2": 1}}
    assert found["lateness"] == {"deadline_ms": DEADLINE_MS, "mean_ms": 10, "most_ms": 10}
    took = np.array([40.0, 60, 160, 50])
    assert found["arrival"]["latency_ms"] == took.mean() and found["arrival"]["latency_most_ms"] == 160
    assert found["arrival"]["jitter_ms"] == pytest.approx(took.std())
    jitter = 0.0
    for step in (20, 100, 110):
        jitter += (step - jitter) / 16
    assert found["arrival"]["interarrival_jitter_ms"] == pytest.approx(jitter)


@pytest.mark.parametrize("kind", PROFILES)
def test_figures_of_a_long_trace_are_its_networks_GAP_02(kind: str) -> None:
    profile, came = PROFILES[kind], arrivals(kind, LONG, 5, 10)
    found = figures(came, 10)
    np.testing.assert_array_equal(came.lost, make_trace(kind, LONG, 5, 10))
    assert found["lost_packets"] == came.lost.sum() == found["dropped_packets"] + found["late_packets"]
    assert sum(int(size) * count for size, count in found["bursts"]["by_packets"].items()) == came.lost.sum()
    if kind == "jitter":
        # A sixth of the delays would be below 0, and nothing arrives before it was sent.
        assert came.delays_ms.min() == 0 and 50 < found["arrival"]["latency_ms"] < 58
    else:
        assert found["arrival"]["latency_ms"] == pytest.approx(profile.latency_ms, rel=0.01)
        assert found["arrival"]["jitter_ms"] == pytest.approx(profile.jitter_ms, rel=0.02)


@pytest.mark.parametrize("dropped", [[True], [False]])
def test_one_packet_has_figures_as_far_as_there_are_any_GAP_02(dropped: list[bool]) -> None:
    found = figures(Arrivals(np.array(dropped), np.array([30.0])), 10)
    assert found["lost_percent"] == 100 * dropped[0] and found["lateness"]["mean_ms"] is None
    assert found["arrival"]["interarrival_jitter_ms"] is None
    assert found["bursts"]["mean_ms"] == (10 if dropped[0] else None)
