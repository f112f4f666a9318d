"""Whatever fails in a gap, the next way goes on: no error, no click, nothing too loud (GAP-08)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.field.cases import alternating, music
from jobs.field.channel import FALLBACKS, ways
from jobs.field.directives import Directives
from jobs.field.feedback import Feedback
from jobs.field.ladder import HARSH, HEARD, Ladder
from jobs.field.net import GUESSED, Net
from jobs.field.quiet import SILENT
from jobs.field.results import directives_for
from jobs.field.runner import Runner
from jobs.field.stress import faults
from jobs.sound import kernels
from jobs.sound.conceal import GONE
from jobs.sound.guesses import RECORDED
from jobs.sound.history import History
from jobs.sound.pcm import FULL, to_pcm
from tests.field import tiny_nets
from tests.field.test_directives import results, row

RATE, BLOCK = 48_000, 120
GAPS = {40: 8, 80: 1, 100: 8}
"""First block and number of blocks."""


def tones(blocks: int = 140, block: int = BLOCK) -> np.ndarray:
    """int32 (1, samples): a chord that dies away, in noise."""
    time = np.arange(blocks * block) / RATE
    chord = sum(np.sin(2 * np.pi * pitch * time) for pitch in (220, 331, 442.5)) * np.exp(-time)
    return to_pcm(0.2 * chord + 0.002 * np.random.default_rng(3).standard_normal(len(time)))[None]


def lost(gaps: dict[int, int], blocks: int = 140) -> np.ndarray:
    trace = np.zeros(blocks, bool)
    for first, count in gaps.items():
        trace[first : first + count] = True
    return trace


def played(runner: Runner, sound: np.ndarray, trace: np.ndarray, block: int = BLOCK) -> np.ndarray:
    out = []
    for index, missing in enumerate(trace):
        out.append(runner.process(None if missing else sound[:, index * block : (index + 1) * block]))
        runner.idle()
    return np.concatenate(out, axis=1)


def told(**changes: Any) -> Directives:
    return directives_for(results(**changes))


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Net]:
    folder = tmp_path_factory.mktemp("nets")
    return lambda kind: Net(tiny_nets.write(folder / f"{kind}.onnx", kind))


def by_prediction() -> np.ndarray:
    return played(Runner(RATE, 1, BLOCK), tones(), lost(GAPS))


# --- nets -------------------------------------------------------------------------------------------------


def test_a_net_goes_on_from_the_block_behind_its_chores_where_prediction_began_GAP_08(nets: Any) -> None:
    runner = Runner(RATE, 1, BLOCK, nets("copy"))
    out = played(runner, tones(), lost(GAPS))
    # It answers the forecast in single precision, so only who filled the gap tells the difference.
    assert np.abs(out - by_prediction()).max() < 64
    assert runner.feedback().fallbacks == {"net": 2, "ar-768": 1} and runner.failed == 0


def test_in_long_blocks_a_net_answers_at_once_GAP_08(nets: Any) -> None:
    runner = Runner(RATE, 1, 480, nets("copy"))
    played(runner, tones(40, 480), lost({20: 1}, 40), 480)
    assert runner.feedback().fallbacks == {"net": 1}


@pytest.mark.parametrize("kind", ["record", "copy"])
def test_a_net_hears_how_wrong_the_experts_of_the_runner_were_if_it_asks_GAP_08(
    nets: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, run = [], Net.run
    monkeypatch.setattr(Net, "run", lambda self, *given: heard.append(given) or run(self, *given))
    net, sound = nets(kind), tones(40, 480)
    runner = Runner(RATE, 1, 480, net)
    played(runner, sound, lost({20: 1}, 40), 480)
    assert runner.feedback().fallbacks == {"net": 1} and runner.failed == 0
    assert net.runner == (2 if kind == "record" else 1)
    past, guesses, record = heard[-1]
    scale = np.sqrt(((sound[0, 4_800:9_600] / FULL) ** 2).mean())
    wrong = guesses[1:3, :480] - sound[0, 9_600:10_080] / FULL / scale
    off = np.sqrt((wrong**2).mean(axis=1))
    assert record.shape == RECORDED and past.shape == (4_800,)
    assert (record[:, 0] > 0.3 * off).all() and (record[:, 3] < 3 * off).all()


@pytest.mark.parametrize("kind", ["nan", "raises", "short"])
def test_a_net_that_fails_leaves_what_prediction_gives_and_is_counted_GAP_08(nets: Any, kind: str) -> None:
    runner = Runner(RATE, 1, BLOCK, nets(kind))
    np.testing.assert_array_equal(played(runner, tones(), lost(GAPS)), by_prediction())
    # A gap of one block has ended before the net is asked.
    assert runner.failed == 2
    assert runner.feedback().fallbacks == {"ar-768": 3}


@pytest.mark.parametrize("block", [48, 120, 480])
def test_a_net_that_answers_far_too_much_is_never_louder_than_what_was_heard_GAP_08(
    nets: Any, block: int
) -> None:
    sound = tones(300, block)
    trace = lost({100: 30, 200: 1}, 300)
    out = played(Runner(RATE, 1, block, nets("huge")), sound, trace, block)
    for start, end in ((100, 130), (200, 201)):
        before = sound[0, max(0, start * block - 4800) : start * block]
        assert np.abs(out[0, start * block : end * block]).max() <= 1.5 * np.abs(before).max() + 1


def test_a_net_is_asked_as_far_as_directives_say_GAP_08(nets: Any) -> None:
    """Up to 2.5 ms prediction is better, from there to 10 ms the net, beyond them prediction again."""
    sound = tones()
    asked = Runner(RATE, 1, BLOCK, nets("huge"), told())
    out = played(asked, sound, lost({40: 8}))
    plain = by_prediction()
    edges = [(40 + blocks) * BLOCK for blocks in (0, 1, 4, 8)]
    same = [np.array_equal(out[:, a:b], plain[:, a:b]) for a, b in pairwise(edges)]
    assert same == [True, False, True]
    assert asked.feedback().model == "brass-1" and asked.feedback().fallbacks == {"net": 1}


def test_a_net_that_is_better_at_no_length_is_not_asked_GAP_08(nets: Any) -> None:
    worse = told(gains=[row(-1, kind="all", gap_ms=ms) for ms in (2.5, 5.0, 10.0, 20.0)])
    runner = Runner(RATE, 1, BLOCK, nets("huge"), worse)
    np.testing.assert_array_equal(played(runner, tones(), lost(GAPS)), by_prediction())
    assert runner.feedback().fallbacks == {"ar-768": 3}


def test_a_net_that_has_its_answer_too_late_is_not_heard_GAP_08(nets: Any) -> None:
    """It is better up to 2.5 ms, and so much is lost before it can answer."""
    early = told(gains=[row(1.0 if ms < 5 else -1.0, kind="all", gap_ms=ms) for ms in (2.5, 5.0)])
    runner = Runner(RATE, 1, BLOCK, nets("huge"), early)
    np.testing.assert_array_equal(played(runner, tones(), lost(GAPS)), by_prediction())
    assert runner.feedback().fallbacks == {"ar-768": 3}


def test_a_net_for_another_rate_or_with_too_long_a_past_is_refused_GAP_08(nets: Any) -> None:
    with pytest.raises(ValueError, match="net: made for 48000 Hz, not 44100"):
        Runner(44_100, 1, BLOCK, nets("copy"))
    long = nets("copy")
    long.past = 20_000
    with pytest.raises(ValueError, match="net: hears 20000 samples; 10080 are kept"):
        Runner(RATE, 1, BLOCK, long)


@pytest.mark.parametrize("part", ["past", "guesses", "record"])
def test_a_net_that_is_told_too_little_says_what_of_GAP_08(nets: Any, part: str) -> None:
    net = nets("record")
    told = {
        "past": np.zeros(net.past),
        "guesses": np.zeros((GUESSED, net.horizon)),
        "record": np.zeros(RECORDED),
    }
    told[part] = told[part][..., :-1]
    with pytest.raises(ValueError, match=f"net: {part} is "):
        net.run(**told)


def test_answers_are_kept_and_belong_to_the_thread_that_asked_GAP_08(nets: Any) -> None:
    """A net hears and answers in the same place each time; nobody sees that."""
    net, record = nets("copy"), np.zeros(RECORDED, np.float32)

    def answer(level: int) -> list[np.ndarray]:
        guesses = np.full((GUESSED, net.horizon), level, np.float32)
        return [net.run(np.zeros(net.past, np.float32), guesses, record) for _ in range(50)]

    with ThreadPoolExecutor(4) as pool:
        for level, answers in enumerate(pool.map(answer, range(16))):
            assert all((one == level).all() for one in answers)


# --- predictions ------------------------------------------------------------------------------------------


class Broken:
    """The loops, of which some fail from some call on."""

    def __init__(self, *names: str):
        self._names, self.broken = names, False

    def __getattr__(self, name: str) -> Callable[..., None]:
        if self.broken and name in self._names:
            raise MemoryError(name)
        return getattr(kernels.numbas(), name)


@pytest.fixture
def breaking() -> Any:
    def use(*names: str) -> Broken:
        loops = Broken(*names)
        kernels.use(loops)
        return loops

    yield use
    kernels.use(None)


def test_where_no_prediction_works_the_past_is_repeated_GAP_08(breaking: Any) -> None:
    loops = breaking("extrapolate", "outlook")
    runner = Runner(RATE, 1, BLOCK)
    loops.broken = True
    out = played(runner, tones(), lost(GAPS))
    assert runner.feedback().fallbacks == {"repeat": 3} and runner.failed > 0
    # Where it has got to from the sample before, and faded by so much.
    place = 80 * BLOCK + 110
    assert out[0, place] == pytest.approx(tones()[0, place - 480] * (1 - 110 / 1920), abs=1)


def test_what_fails_while_something_is_learned_stops_neither_this_nor_later_lessons_GAP_08(
    breaking: Any,
) -> None:
    loops = breaking("burg", "windowed")
    runner = Runner(RATE, 1, BLOCK)
    loops.broken = True
    played(runner, tones(60), lost({40: 8}, 60))
    failed = runner.failed
    assert failed > 10 and runner.feedback().packets == 60
    loops.broken = False
    out = played(runner, tones(), lost(GAPS))
    assert runner.failed == failed
    gap = slice(80 * BLOCK, 81 * BLOCK)
    assert np.abs(out[0, gap] - tones()[0, gap]).max() < 0.1 * np.abs(tones()[0, gap]).max()


def test_whatever_breaks_inside_received_blocks_come_out_as_they_are_GAP_08(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runner = Runner(RATE, 1, BLOCK)

    def breaks(*arguments: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(History, "room", breaks)
    out = played(runner, tones(), lost(GAPS))
    received = np.repeat(~lost(GAPS), BLOCK)
    np.testing.assert_array_equal(out[:, received], tones()[:, received])
    assert not out[:, ~received].any() and runner.failed == 140


def test_the_ways_that_directives_name_are_tried_in_their_order_GAP_08(breaking: Any) -> None:
    order = told(gains=[], net=None)
    assert order.fallbacks == ("ar-768", "ar-384", "repeat", "fade") and FALLBACKS[-1] == "fade"
    loops = breaking("extrapolate", "outlook")
    runner = Runner(RATE, 1, BLOCK, None, order)
    played(runner, tones(), lost(GAPS))
    loops.broken = True
    played(runner, tones(), lost(GAPS))
    assert runner.feedback().fallbacks == {"ar-768": 3, "repeat": 3}


@pytest.mark.parametrize(
    ("asked", "run"),
    [
        (FALLBACKS, FALLBACKS),
        (("ar-512", "ar-128", "repeat", "fade"), ("ar-768", "ar-384", "repeat", "fade")),
        (("net", "ar-64", "fade"), ("net", "ar-768", "fade")),
        (("ar-384", "ar-512", "fade"), ("ar-384", "ar-768", "fade")),
        (("ar-1", "ar-2", "ar-3", "repeat", "fade"), ("ar-768", "ar-384", "repeat", "fade")),
        (("repeat", "fade"), ("repeat", "fade")),
    ],
)
def test_predictions_that_a_runner_has_not_become_its_own_each_once_GAP_08(
    asked: tuple[str, ...], run: tuple[str, ...]
) -> None:
    assert ways(asked) == run


def test_what_an_older_package_names_is_counted_by_what_ran_GAP_08() -> None:
    older = replace(told(gains=[], net=None), fallbacks=("ar-512", "ar-128", "repeat", "fade"))
    runner = Runner(RATE, 1, BLOCK, None, older)
    np.testing.assert_array_equal(played(runner, tones(), lost(GAPS)), by_prediction())
    assert runner.feedback().fallbacks == {"ar-768": 3}


@pytest.mark.parametrize("milliseconds", [0.0, 0.5])
def test_no_cross_fade_is_longer_than_directives_say_GAP_08(milliseconds: float) -> None:
    whole = told(gains=[], net=None)
    short = replace(whole, adjustments=replace(whole.adjustments, crossfade_ms=milliseconds))
    out = played(Runner(RATE, 1, BLOCK, None, short), tones(), lost({40: 8}))
    behind = slice(48 * BLOCK, 49 * BLOCK)
    changed = np.flatnonzero(out[0, behind] != tones()[0, behind])
    assert len(changed) == 0 if not milliseconds else 0 < changed.max() < milliseconds * RATE / 1000
    assert by_prediction()[0, 48 * BLOCK + 50] != tones()[0, 48 * BLOCK + 50], "by itself it is longer"


@pytest.mark.parametrize(
    ("rate", "block"),
    [(RATE, 16), (RATE, 32), (RATE, 48), (RATE, 95), (RATE, 96), (RATE, 97), (44_100, 88), (8_000, 16)],
)
def test_a_cross_fade_goes_on_from_block_to_block_GAP_08(rate: int, block: int) -> None:
    """A tone comes back a quarter of full scale higher: within one short block that would be a click."""
    blocks, fade = round(0.2 * rate / block), round(0.002 * rate)
    first, count = blocks // 2, round(0.02 * rate / block)
    behind = slice((first + count) * block, None)
    sound = to_pcm(0.3 * np.sin(2 * np.pi * 50 * np.arange(blocks * block) / rate))[None]
    sound[0, behind] += FULL // 4
    out = played(Runner(rate, 1, block), sound, lost({first: count}, blocks), block)
    changed = np.flatnonzero(out[0, behind] != sound[0, behind])
    assert min(block, fade) - 1 <= changed.max() < fade
    assert np.abs(np.diff(out[0].astype(int))).max() < 2 * FULL // 4 / fade


def test_a_gap_that_begins_within_a_cross_fade_goes_on_from_what_was_heard_GAP_08() -> None:
    sound = to_pcm(0.3 * np.sin(2 * np.pi * 50 * np.arange(9_600) / RATE))[None]
    sound[0, 5_760:] += FULL // 4
    trace = lost({100: 20, 121: 4}, 200)
    out = played(Runner(RATE, 1, 48), sound, trace, 48)
    assert abs(int(out[0, 5_807]) - int(sound[0, 5_807])) > FULL // 16, "the fade had not ended"
    assert np.abs(np.diff(out[0, :5_900].astype(int))).max() < FULL // 4 / 48


# --- long gaps --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [48, 240, 9_600])
def test_when_nothing_comes_for_long_all_is_silent_and_comes_back_GAP_08(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a long gap takes no more work than a short one."""
    asked, until = [0], Ladder.until
    monkeypatch.setattr(Ladder, "until", lambda self, count: asked.append(count) or until(self, count))
    blocks = round(2.5 * RATE / block)
    sound = tones(blocks, block)
    first, count = round(0.5 * RATE / block), round(1.5 * RATE / block)
    runner = Runner(RATE, 1, block)
    out = played(runner, sound, lost({first: count}, blocks), block)
    start, end = first * block, (first + count) * block
    assert out[0, start : start + 480].any()
    assert not out[0, start + round(SILENT * RATE) + block : end].any()
    np.testing.assert_array_equal(out[0, end + 96 :], sound[0, end + 96 :])
    assert runner.feedback().fallbacks == {"fade": 1} and runner.failed == 0
    assert max(asked) <= GONE * RATE + block
    assert Feedback.parse(runner.feedback().record()) == runner.feedback()


@pytest.mark.parametrize("block", [16, 48, 240])
def test_what_is_made_of_what_was_made_does_not_grow_GAP_08(block: int) -> None:
    """Every other block is lost for seconds: half of what is learned from was made up. How well that goes
    hangs on chance, so several seeds are heard."""
    wrong = []
    for seed in range(4):
        sound = to_pcm(music(2 * RATE // block * block, RATE, np.random.default_rng(seed)))[None]
        trace = alternating(sound.shape[1] // block, block / RATE, np.random.default_rng(seed))
        out = played(Runner(RATE, 1, block), sound, trace, block)
        clicks, changed, loud = faults(sound, out, trace, RATE, block)
        assert (changed, loud) == (0, 0) and clicks <= trace.sum() / 1000
        gaps = np.repeat(trace, block)
        made, truth = (one[0, gaps] / FULL for one in (out, sound))
        wrong.append(float(((made - truth) ** 2).sum() / (truth**2).sum()))
    assert np.mean(wrong) < 0.5 and max(wrong) < 0.9


# --- the ladder -------------------------------------------------------------------------------------------


class Scripted:
    """A filling that is ``level`` for ``good`` samples and then breaks in a way of its own."""

    def __init__(self, level: float, good: int, way: str):
        self._level, self._good, self._way = level, good, way

    def until(self, count: int) -> np.ndarray:
        made = np.full(count, self._level)
        if count > self._good:
            if self._way == "raises":
                raise ArithmeticError
            if self._way == "short":
                return made[:-1]
            made[self._good] = {"nan": np.nan, "inf": np.inf, "loud": 3.0}[self._way]
        return made


WAYS = st.sampled_from(["raises", "short", "nan", "inf", "loud"])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(-0.9, 0.9), st.integers(0, 900), WAYS), max_size=5),
    st.lists(st.integers(1, 300), min_size=1, max_size=6),
    st.floats(-0.5, 0.5),
)
def test_no_rung_that_breaks_is_heard_GAP_08(rungs: list, steps: list[int], level: float) -> None:
    """From the last sample on, however the rungs break: finite, within the limit, and no step that clicks."""
    limit = 0.9
    ladder = Ladder([("rung", lambda told=told: Scripted(*told)) for told in rungs], RATE, limit, level, 0.0)
    sound, count = [np.array([level])], 0
    for step in steps:
        made = ladder.until(count + step)
        assert made.shape == (count + step,)
        sound.append(made[count:])
        count += step
    whole = np.concatenate(sound)
    assert np.isfinite(whole).all() and np.abs(whole).max() <= limit
    assert np.abs(np.diff(whole)).max() <= HARSH * HEARD + 1e-9
    assert ladder.falls <= len(rungs)


def test_a_rung_that_can_not_begin_is_passed_over_GAP_08() -> None:
    def never() -> Scripted:
        raise OSError

    ladder = Ladder([("one", never), ("two", lambda: Scripted(0.1, 999, "nan"))], RATE, 0.2, 0.1, 0.0)
    assert ladder.name == "two" and ladder.falls == 1
    np.testing.assert_allclose(ladder.until(99), 0.1)


def test_full_scale_is_not_left_GAP_08() -> None:
    """A tone at full scale may be forecast beyond it."""
    time = np.arange(200 * BLOCK) / RATE
    sound = to_pcm(np.clip(1.2 * np.sin(2 * np.pi * 100 * time), -1, 1))[None]
    runner = Runner(RATE, 1, BLOCK)
    out = played(runner, sound, lost(dict.fromkeys(range(50, 190, 5), 1), 200))
    assert out.min() >= -FULL and out.max() < FULL
