"""What was received lately is known before it is asked for, and nothing else counts (GAP-08)."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.field.learning import RENEWED
from jobs.field.recent import STEEP, Recent
from jobs.sound.forecast import RECENT
from jobs.sound.history import History

RATE = 48_000


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 700), st.booleans(), st.booleans()), min_size=1, max_size=40),
    st.integers(0, 2**32 - 1),
)
def test_peak_and_step_are_those_of_what_was_received_GAP_08(
    blocks: list[tuple[int, bool, bool]], seed: int
) -> None:
    """However blocks are lost and whenever it looks: between the whole of the time and a little less."""
    random = np.random.default_rng(seed)
    history = History(round(2 * RECENT * RATE))
    recent = Recent(history, RATE)
    wave, known = np.zeros(history.length), np.zeros(history.length, bool)
    for count, received, looks in blocks:
        block = random.uniform(-1, 1, count) * random.uniform(0, 1)
        history.add(block, received)
        wave, known = np.append(wave, block), np.append(known, np.full(count, received))
        if looks:
            recent.look()
    loud, steep, less = (round(part * RATE) for part in (RECENT, STEEP, RENEWED))
    peaks = [np.abs(wave[-n:][known[-n:]]).max(initial=-1) for n in (loud - less, loud)]
    peak, step = recent.now()
    assert peaks[0] <= (-1 if peak is None else peak) <= peaks[1]
    both = known[1:] & known[:-1]
    steps = [(np.abs(np.diff(wave)) * both)[-n:].max() for n in (steep - less, steep)]
    assert steps[0] <= step <= steps[1]
