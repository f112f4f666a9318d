"""What the runner is told follows from what was measured, and nothing that can't be is taken (GAP-08)."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.field import directives as page
from jobs.field.channel import FALLBACKS, ways
from jobs.field.checked import Refused
from jobs.field.directives import Directives, Targets
from jobs.field.learning import LASTING
from jobs.field.results import directives_for, is_used
from tests import hostile

PREDICTED = {2.5: 9.6, 5.0: 7.7, 10.0: 5.6, 20.0: 4.5, 40.0: 0.2}
"""ms -> gap SDR of prediction alone."""
GAINS = {2.5: -0.2, 5.0: 0.6, 10.0: 0.9, 20.0: 0.1}


def row(mean: float, spread: float = 0.3, **told: Any) -> dict[str, Any]:
    return {"mean_db": mean, "low_db": mean - spread, "high_db": mean + spread, "gaps": 200, **told}


def results(**changes: Any) -> dict[str, Any]:
    """Of a net that surely helps at 5 and 10 ms, on music and speech at 48 kHz."""
    measured = [row(sdr, kind="all", gap_ms=ms, method="ar-512") for ms, sdr in PREDICTED.items()]
    measured += [row(PREDICTED[ms] + gain, kind="all", gap_ms=ms, method="net") for ms, gain in GAINS.items()]
    told = {
        "model": "brass-1",
        "name": "Brass",
        "created": "2026-01-31T12:00:00.000Z",
        "rates": [48_000],
        "packet": 240,
        "horizon": 1920,
        "net": "net.onnx",
        "gains": [row(gain, kind="all", gap_ms=ms) for ms, gain in GAINS.items()],
        "measured": measured,
    }
    return {**told, **changes}


def plain(directives: Directives) -> dict[str, Any]:
    return json.loads(json.dumps(directives.record()))


# --- what follows from the measurements ------------------------------------------------------------------


def test_the_net_is_used_where_its_gain_is_sure_and_nowhere_else_GAP_08() -> None:
    made = directives_for(results())
    used = {ms: made.least_confidence(ms) for ms in (1, 2.5, 2.6, 5, 7, 10, 10.1, 20, 20.1, 500)}
    assert used == {
        1: None, 2.5: None, 2.6: 0.0, 5: 0.0, 7: 0.0, 10: 0.0, 10.1: None, 20: None, 20.1: None, 500: None
    }  # fmt: skip
    assert made.net == "net.onnx"
    assert made.fallbacks == ("net", "ar-768", "ar-384", "repeat", "fade")


def test_where_no_gain_is_sure_prediction_is_shipped_alone_GAP_08() -> None:
    cases: tuple[dict[str, Any], ...] = (
        {"gains": [row(0.2, kind="all", gap_ms=ms) for ms in GAINS]},
        {"net": None},
        {"gains": []},
    )
    for changes in cases:
        made = directives_for(results(**changes))
        assert made.net is None and made.fallbacks == ("ar-768", "ar-384", "repeat", "fade")
        assert all(made.least_confidence(ms) is None for ms in GAINS)


def test_a_net_that_surely_harms_one_kind_of_sounds_is_not_used_at_that_length_GAP_08() -> None:
    gains = [row(gain, kind="all", gap_ms=ms) for ms, gain in GAINS.items()]
    gains += [row(-0.5, kind="speech", gap_ms=5.0), row(-0.1, kind="speech", gap_ms=10.0)]
    made = directives_for(results(gains=gains))
    assert made.least_confidence(5) is None, "its interval lies below 0 for speech"
    assert made.least_confidence(10) == 0, "for speech nothing is sure"


def test_where_all_answers_do_not_help_the_confident_ones_may_GAP_08() -> None:
    gains = [
        row(mean, kind="all", gap_ms=5.0, confidence=least)
        for least, mean in ((0.9, 2), (0.5, 0.8), (0, 0.1))
    ]
    made = directives_for(results(gains=gains))
    assert made.least_confidence(5) == 0.5
    (threshold,) = made.thresholds
    assert (threshold.mean_db, threshold.gaps) == (0.8, 200)


def test_the_suggestions_follow_from_what_is_used_at_each_length_GAP_08() -> None:
    """Interval of what is used: 9.3, 8.0, 6.2, 4.2 and -0.1 dB at least, from 2.5 to 40 ms."""
    made = directives_for(results())
    assert made.adjustments.packet == 480, "10 ms are the longest gap above 6 dB"
    assert made.adjustments.fade_after_ms == 20, "40 ms may be worse than silence"
    assert made.adjustments.crossfade_ms == 2
    without = directives_for(results(net=None))
    assert without.adjustments.packet == 240, "prediction alone has 5.3 dB at 10 ms"
    assert directives_for(results(horizon=300)).adjustments.packet == 300
    bad = [row(-1, kind="all", gap_ms=ms, method="ar-512") for ms in (2.5, 5)]
    worst = directives_for(results(net=None, measured=bad)).adjustments
    assert (worst.packet, worst.fade_after_ms, worst.crossfade_ms) == (120, 2.5, 1.25)


def test_prediction_and_fallbacks_are_those_that_the_runner_has_GAP_08() -> None:
    made = directives_for(results())
    assert (made.prediction.order, made.prediction.context_ms) == (LASTING.order, 1000 * LASTING.seconds)
    assert made.fallbacks == FALLBACKS == ways(made.fallbacks)


def test_a_net_is_used_where_one_length_at_least_has_a_sure_gain_GAP_08() -> None:
    assert is_used(results()["gains"])
    assert not is_used([]) and not is_used([row(0.2, kind="all", gap_ms=5.0)])


def test_targets_are_those_of_the_field_unless_others_are_asked_for_GAP_08() -> None:
    assert directives_for(results()).targets == Targets(1.0, 128.0, 15.0)
    asked = {"latency_p99_ms": 0.5, "rss_mb": 100, "cpu_percent": 10}
    assert directives_for(results(targets=asked)).targets == Targets(0.5, 100.0, 10.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gains": [row(1, kind="music", gap_ms=5.0)]}, "nothing of kind 'all' for 5 ms"),
        ({"measured": [row(1, kind="all", gap_ms=5.0, method="ar-512")]}, "no net of kind 'all' for 5 ms"),
        ({"measured": [row(1, kind="all", gap_ms=2.5, method="net")]}, "no ar-512 of kind 'all' for 2.5 ms"),
        ({"measured": []}, "measured has 0 entries"),
        ({"gains": [row(float("nan"), kind="all", gap_ms=5.0)]}, "gains[0]: mean_db is nan"),
        ({"net": "../net.onnx"}, "net is '../net.onnx'"),
        ({"horizon": 100}, "horizon is 100, less than a packet; nearest: 240"),
    ],
)
def test_results_that_can_t_be_are_refused_GAP_08(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as caught:
        directives_for(results(**changes))
    assert said in str(caught.value) and "\n" not in str(caught.value)


# --- the file --------------------------------------------------------------------------------------------


def test_directives_come_back_from_the_disk_as_they_were_GAP_08(tmp_path: Path) -> None:
    made = directives_for(results(name="Blech, zweite Fassung ä"))
    path = page.write(made, tmp_path / page.NAME)
    assert page.read(path) == made
    assert json.loads(path.read_text())["fallbacks"][0] == "net"


def changed(place: str, value: Any) -> dict[str, Any]:
    """Directives with one field put in, or taken out (None of this test): ``thresholds.0.mean_db``."""
    whole = plain(directives_for(results()))
    *way, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    part: Any = whole
    for step in way:
        part = part[step]
    if value is Ellipsis:
        del part[last]
    else:
        part[last] = value
    return whole


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("format", 2, "format is 2; this program reads 1"),
        ("packet", 0, "packet is 0; 1 to 65536 is possible, nearest: 1"),
        ("packet", 70_000, "nearest: 65536"),
        ("packet", 2.5, "packet is 2.5; a whole number"),
        ("packet", True, "packet is True"),
        ("packet", ..., "packet is missing"),
        ("packets", 5, "packets is not known (did you mean 'packet'?)"),
        ("model", "../x", "model is '../x'"),
        ("name", "a\nb", "name is 'a\\nb'"),
        ("name", "x" * 121, "1 to 120 characters"),
        ("created", "yesterday", "2026-01-31T12:00:00.000Z is needed"),
        ("rates", [], "rates has 0 entries"),
        ("rates", [48_000, 1], "rates[1] is 1; 8000 to 384000 is possible, nearest: 8000"),
        ("rates", "48000", "a list is needed"),
        ("prediction", 512, "prediction is 512; an object is needed"),
        ("prediction.order", 5000, "prediction: order is 5000"),
        ("prediction.context_ms", 10, "context_ms is 10; an order of 768 at 48000 Hz"),
        ("prediction.context_ms", 10, "nearest: 32"),
        ("net", "a/b", "net is 'a/b'"),
        ("net", None, "must all name a net"),
        ("thresholds.1.confidence", 1.5, "thresholds[1]: confidence is 1.5; 0 to 1 is possible, nearest: 1"),
        ("thresholds.1.longest_ms", 99, "longest_ms must rise"),
        ("thresholds.0.low_db", 5, "thresholds[0]: mean_db must lie"),
        ("thresholds", [], "must all name a net"),
        ("fallbacks", ["net", "ar-512"], "the last is ar-512; it must be fade"),
        ("fallbacks", ["net", "repeat", "repeat", "fade"], "named twice"),
        ("fallbacks", ["repeat", "fade"], "must all name a net"),
        ("fallbacks", ["prayer", "fade"], "fallbacks[0] is 'prayer'; net, ar-768"),
        ("fallbacks", [["net"], "fade"], "fallbacks[0]"),
        ("adjustments.crossfade_ms", 3, "crossfade_ms is 3; 0 to 2.0 is possible, nearest: 2"),
        ("targets.cpu_percent", "15", "cpu_percent is '15'"),
        ("targets.rss_mb", 10**400, "rss_mb is 1000"),
        ("measured.0.gaps", 0, "measured[0]: gaps is 0"),
        ("measured.0", None, "measured[0] is None; an object is needed"),
    ],
)
def test_a_field_that_can_t_be_is_refused_by_its_name_GAP_08(place: str, value: Any, said: str) -> None:
    with pytest.raises(Refused) as caught:
        Directives.parse(changed(place, value))
    message = str(caught.value)
    assert message.startswith("field_directives.json: ") and said in message and "\n" not in message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_field_it_is_taken_as_it_is_or_refused_GAP_08(data: st.DataObject) -> None:
    whole = deepcopy(plain(directives_for(results())))
    part: Any = whole
    while True:
        keys = list(range(len(part))) if isinstance(part, list) else list(part)
        key = data.draw(st.sampled_from(keys))
        if not isinstance(part[key], dict | list) or not part[key] or data.draw(st.booleans()):
            break
        part = part[key]
    part[key] = data.draw(JSON)
    try:
        taken = Directives.parse(whole)
    except Refused as error:
        assert "\n" not in str(error) and len(str(error)) < 300
    else:
        assert plain(taken) == whole


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b"\xff\xfe", b'{"format": NaN}', b"[" * 100_000, b"9" * 5000, b"null"],
    ids=["empty", "list", "cut", "no text", "nan", "deep", "long number", "null"],
)
def test_files_that_are_no_directives_are_refused_in_one_line_GAP_08(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / page.NAME
    path.write_bytes(content)
    with pytest.raises(Refused, match=r"^field_directives\.json") as caught:
        page.read(path)
    assert "\n" not in str(caught.value)


def test_numbers_that_are_not_finite_are_no_json_GAP_08(tmp_path: Path) -> None:
    for word in ("NaN", "Infinity", "-Infinity"):
        (tmp_path / page.NAME).write_text(f'{{"anything": {word}}}')
        with pytest.raises(Refused, match=f"{word} is no finite number"):
            page.read(tmp_path / page.NAME)


def test_a_file_that_is_missing_or_huge_or_a_pipe_is_refused_GAP_08(tmp_path: Path) -> None:
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(1 << 40)
    for path in (tmp_path / "none.json", tmp_path / "huge.json", tmp_path, hostile.pipe(tmp_path)):
        with pytest.raises(Refused, match=r"no such file|at most|is a folder|no plain file"):
            page.read(path)
