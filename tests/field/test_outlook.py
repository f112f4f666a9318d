"""What is made before a gap is what would be made when it begins, and only while that is now (GAP-08)."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.field.channel import AHEAD
from jobs.field.ladder import Ladder
from jobs.field.learning import EXPERTS, Learner
from jobs.field.outlook import Outlook
from jobs.field.recent import Recent
from jobs.field.runner import Runner
from jobs.sound import kernels
from jobs.sound.conceal import HELD
from jobs.sound.forecast import LOUDEST, Forecast, Forecaster
from jobs.sound.pcm import to_pcm

RATE = 48_000
SOUNDS = ("tones", "noise", "square", "silence", "begins")


def sound(kind: str, rate: int, samples: int, seed: int = 0) -> np.ndarray:
    random, time = np.random.default_rng(seed), np.arange(samples) / rate
    noise = random.standard_normal(samples)
    tone = np.sin(2 * np.pi * 331 * time) + np.sin(2 * np.pi * 442.5 * time)
    return {
        "tones": 0.3 * tone * np.exp(-time) + 0.002 * noise,
        "noise": 0.3 * noise,
        "square": 1.2 * np.sign(np.sin(2 * np.pi * 97 * time)),
        "silence": np.zeros(samples),
        "begins": 0.3 * tone * (time > 0.7 * time[-1]),
    }[kind]


class Heard:
    """A channel's ears: what it heard of a sound, and what it learned from it."""

    def __init__(self, rate: int):
        self.rate, self.learner = rate, Learner(rate, round(0.005 * rate))
        self.forecaster = Forecaster(rate, EXPERTS, self.learner)
        self.recent, self.last = Recent(self.forecaster.history, rate), 0.0

    def hear(self, block: np.ndarray, received: bool = True, learn: bool = True) -> None:
        self.forecaster.add(block, received)
        self.last = float(block[-1])
        if learn:
            self.recent.look()
            for _ in self.learner.lesson(self.forecaster.history):
                pass

    def outlook(self, count: int) -> Outlook:
        return Outlook(self.rate, count, self.forecaster.history, self.recent, self.learner)

    def begun(self, limit: float) -> Ladder:
        """Of a gap that begins now, as a channel makes it on demand."""
        peak, step = self.recent.now()
        limit = limit if peak is None else LOUDEST * peak
        return Ladder([("ar", lambda: self.forecaster.forecast(limit))], self.rate, limit, self.last, step)

    def expected(self, outlook: Outlook) -> Ladder | None:
        """The same, of what was made before."""
        forecast = outlook.forecast()
        if forecast is None:
            return None
        rungs = [("ar", lambda: forecast)]
        ladder = Ladder(rungs, self.rate, outlook.limit, self.last, outlook.steepest)
        ladder.begin(outlook.given, outlook.beside)
        return ladder


def same(ours: Ladder | None, theirs: Ladder, counts: tuple[int, ...]) -> None:
    assert ours is not None
    assert (ours.limit, ours.steepest, ours.name, ours.falls) == (
        theirs.limit, theirs.steepest, theirs.name, theirs.falls
    )  # fmt: skip
    for count in counts:
        np.testing.assert_allclose(ours.until(count), theirs.until(count), rtol=1e-9, atol=1e-12)


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from([8_000, 44_100, RATE]),
    st.sampled_from([0.002, 0.0051, 0.01, 0.06]),
    st.sampled_from(SOUNDS),
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=24),
    st.floats(-1, 1),
)
def test_what_is_made_before_is_what_would_be_made_then_GAP_08(
    rate: int, seconds: float, kind: str, heard: list[tuple[bool, bool]], last: float
) -> None:
    """However long it was heard, and whenever it learned: the first block, the next ones, and their steps."""
    count = round(seconds * rate)
    ears, wave = Heard(rate), sound(kind, rate, len(heard) * count)
    outlook = ears.outlook(count)
    for index, (received, learn) in enumerate(heard):
        ears.hear(wave[index * count : (index + 1) * count], received, learn)
    ears.last = last
    outlook.make(ears.last, 0.4)
    same(ears.expected(outlook), ears.begun(0.4), (count, count + 100, 3 * count))


def test_what_was_made_before_more_was_heard_is_not_taken_GAP_08() -> None:
    ears, wave = Heard(RATE), sound("tones", RATE, 9_600)
    outlook = ears.outlook(240)
    assert outlook.forecast() is None, "before the first"
    ears.hear(wave[:4_800])
    outlook.make(ears.last, 1.0)
    ears.hear(wave[4_800:5_040])
    assert outlook.forecast() is None
    outlook.make(ears.last, 1.0)
    first = outlook.forecast()
    assert first is not None and outlook.forecast() is None, "it is given away once"


def test_what_was_given_away_stays_as_it_is_GAP_08() -> None:
    ears, wave = Heard(RATE), sound("tones", RATE, 9_600)
    outlook = ears.outlook(240)
    ears.hear(wave[:4_800])
    outlook.make(ears.last, 1.0)
    ladder = ears.expected(outlook)
    assert ladder is not None and isinstance(ladder.filling, Forecast)
    before = ladder.until(240).copy()
    ears.hear(wave[4_800:])
    outlook.make(0.9, 0.1)
    np.testing.assert_array_equal(ladder.until(240), before)
    np.testing.assert_allclose(ladder.filling.until(240), before, atol=1e-12)


def test_where_it_fails_nothing_of_before_is_taken_GAP_08() -> None:
    """The experts may have learned in between: what they were is not what they are."""
    ears, wave = Heard(RATE), sound("noise", RATE, 4_800)
    outlook = ears.outlook(240)
    ears.hear(wave, learn=False)
    outlook.make(ears.last, 1.0)
    for _ in ears.learner.lesson(ears.forecaster.history):
        pass

    class Broken:
        def __getattr__(self, name: str) -> Any:
            if name == "outlook":
                raise MemoryError
            return getattr(kernels.numbas(), name)

    kernels.use(Broken())
    try:
        with pytest.raises(MemoryError):
            outlook.make(ears.last, 1.0)
    finally:
        kernels.use(None)
    assert outlook.forecast() is None


@pytest.mark.parametrize(
    ("channels", "milliseconds"), [(1, 2), (1, 5), (2, 4), (3, 10), (8, 16), (1, 60), (1, 1), (2, 3), (1, 61)]
)
def test_a_gap_begins_with_what_was_made_wherever_there_is_time_to_GAP_08(
    channels: int, milliseconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, forecast = [], Outlook.forecast
    monkeypatch.setattr(Outlook, "forecast", lambda self: taken.append(forecast(self)) or taken[-1])
    block, rate = milliseconds * RATE // 1000, RATE
    runner = Runner(rate, channels, block)
    taken.clear()
    wave = to_pcm(sound("tones", rate, 40 * block))
    for index in range(40):
        given = np.stack([wave[index * block : (index + 1) * block]] * channels)
        runner.process(None if index % 4 == 3 else given)
        runner.idle()
    prepared = AHEAD * channels <= block / rate <= HELD
    assert len(taken) == (10 * channels if prepared else 0)
    assert all(one is not None for one in taken) and runner.failed == 0
