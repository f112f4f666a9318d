"""Lost packets are found where an input is not its truth, and nothing else is taken for them."""

import numpy as np
import pytest

from jobs.sound.degrade import degrade
from jobs.sound.differences import NoLosses, lost_runs
from jobs.sound.networks import make_trace
from jobs.sound.traces import Gap, gaps
from tests import sounds

RATE = 48_000


@pytest.mark.parametrize("kind", ["pluck", "vowels", "drums", "mix"])
@pytest.mark.parametrize("packet", [120, 480, 960])
def test_gaps_are_those_of_the_trace_GAP_01(kind: str, packet: int) -> None:
    """Where the truth itself is not silent: what is lost of silence is not missed."""
    truth = sounds.stereo(kind, 1.0)
    lost = make_trace("stress", 48_000 // packet, 3, packet / 48)
    degraded = sounds.without_packets(truth, lost, packet)
    heard = [gap for gap in gaps(lost, packet, 48_000) if np.abs(truth[:, gap.start : gap.end]).max() > 1e-3]
    found = lost_runs(degraded, truth, RATE)
    starts = np.array([run.start for run in found])
    for gap in heard:
        near = starts[np.abs(starts - gap.start) <= 48]
        assert len(near), f"{gap} was not found"
    inside = np.repeat(lost, packet)
    assert all(inside[run.start] and inside[run.end - 1] for run in found)


def test_a_lost_packet_that_another_one_fills_is_lost_GAP_01() -> None:
    """A receiver has put repetition in its place, and a channel alone may be hit."""
    truth = sounds.stereo("vowels", 0.5)
    degraded = truth.copy()
    degraded[1, 4_800:5_280] = truth[1, 4_320:4_800]
    (found,) = lost_runs(degraded, truth, RATE)
    assert found.start == pytest.approx(4_800, abs=4) and found.end == pytest.approx(5_280, abs=4)


def test_what_was_rounded_was_received_GAP_01() -> None:
    """An input of 16 bits beside a truth of 24."""
    truth = sounds.stereo("mix", 0.5)
    degraded = (np.rint(truth * 2**15) / 2**15).astype(np.float32)
    with pytest.raises(NoLosses, match="nothing differs"):
        lost_runs(degraded, truth, RATE)
    degraded[:, 9_600:10_080] = 0
    (found,) = lost_runs(degraded, truth, RATE)
    assert found == Gap(9_600, 10_080)


@pytest.mark.parametrize("kind", ["phase", "band", "bits"])
def test_other_damage_is_not_taken_for_lost_packets_GAP_01(kind: str) -> None:
    truth = sounds.stereo("mix", 0.5)
    degraded, _ = degrade(truth, RATE, kind, 1)
    with pytest.raises(NoLosses, match="more than lost packets"):
        lost_runs(degraded, truth, RATE)


def test_clicks_are_no_packets_GAP_01() -> None:
    truth = sounds.stereo("mix", 0.5)
    degraded = truth.copy()
    degraded[:, 100:108] += 0.1
    with pytest.raises(NoLosses, match="no 16 samples in a row"):
        lost_runs(degraded, truth, RATE)
