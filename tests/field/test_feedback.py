"""The field's feedback survives kills, full disks and strangers, and adds up to what was counted (GAP-09)."""

import json
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.field import feedback as page
from jobs.field.checked import Refused
from jobs.field.directives import Targets
from jobs.field.feedback import Feedback, append, read, summary
from jobs.field.histogram import CONFIDENCE, GAP_MS, LATENCY_MS, above, empty, labels, quantile, slot, total
from store.errors import Busy
from tests import hostile


def counts(edges: tuple[float, ...], **values: int) -> tuple[int, ...]:
    """A histogram: ``_5=3`` counts three times 5, ``_0_2`` is 0.2."""
    made = empty(edges)
    for name, count in values.items():
        made[slot(edges, float(name[1:].replace("_", ".")))] += count
    return tuple(made)


def session(**changes: Any) -> Feedback:
    told: dict[str, Any] = {
        "format": 1,
        "model": "brass-1",
        "version": 3,
        "started": "2026-01-31T12:00:00.000Z",
        "seconds": 60.0,
        "packets": 12_000,
        "lost": 300,
        "gaps": counts(GAP_MS, _5=80, _15=15, _30=5),
        "fallbacks": {"net": 60, "ar-512": 40},
        "clamped": 0,
        "missed": 1,
        "latency": counts(LATENCY_MS, _0_2=11_950, _0_9=50),
        "confidence": counts(CONFIDENCE, _0_85=60, _0_1=40),
    }
    return Feedback(**{**told, **changes})


# --- histograms ------------------------------------------------------------------------------------------


def test_a_value_on_an_edge_belongs_below_it_GAP_09() -> None:
    assert labels(GAP_MS)[slot(GAP_MS, 5.0)] == "2.5-5"
    assert labels(GAP_MS)[slot(GAP_MS, 5.1)] == "5-10"
    assert labels(GAP_MS)[slot(GAP_MS, 1e9)] == "over 320" and labels(GAP_MS)[slot(GAP_MS, 0)] == "0-2.5"
    assert above(GAP_MS, counts(GAP_MS, _20=3, _21=4, _500=5), 20) == 9
    assert {0.1, 1.0, 10.0} <= set(LATENCY_MS), "the target of 1 ms is an edge"


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(st.floats(0.001, 99), min_size=1, max_size=200), share=st.sampled_from([0.5, 0.9, 0.99])
)
def test_a_quantile_lies_in_the_slot_of_the_true_one_GAP_09(values: list[float], share: float) -> None:
    made = empty(LATENCY_MS)
    for value in values:
        made[slot(LATENCY_MS, value)] += 1
    true = float(np.quantile(values, share, method="inverted_cdf"))
    index = slot(LATENCY_MS, true)
    found = quantile(LATENCY_MS, made, share)
    assert found is not None
    assert (LATENCY_MS[index - 1] if index else 0) <= found <= LATENCY_MS[index]


def test_quantiles_of_nothing_and_beyond_the_last_edge_GAP_09() -> None:
    assert quantile(LATENCY_MS, empty(LATENCY_MS), 0.5) is None
    assert quantile(LATENCY_MS, counts(LATENCY_MS, _5000=3), 0.5) == 100
    assert quantile(GAP_MS, counts(GAP_MS, _7=4), 0.5) == 7.5, "the middle of 5-10"


@given(parts=st.lists(st.lists(st.integers(0, 2**53), min_size=9, max_size=9), max_size=5))
def test_histograms_add_up_GAP_09(parts: list[list[int]]) -> None:
    assert sum(total(GAP_MS, parts)) == sum(map(sum, parts)) and len(total(GAP_MS, parts)) == 9


# --- the file --------------------------------------------------------------------------------------------


def test_sessions_come_back_in_their_order_GAP_09(tmp_path: Path) -> None:
    path = tmp_path / page.NAME
    sessions = [session(packets=1000 + number) for number in range(5)]
    for one in sessions:
        append(path, one)
    assert read(path) == (sessions, 0)
    assert path.read_bytes().count(b"\n") == 5 and path.stat().st_mode & 0o777 == 0o600


def test_half_a_line_of_a_runner_that_was_killed_costs_that_line_alone_GAP_09(tmp_path: Path) -> None:
    path = tmp_path / page.NAME
    append(path, session(packets=1000))
    append(path, session(packets=2000))
    content = path.read_bytes()
    for cut in (1, 100, len(content) // 4):
        path.write_bytes(content[:-cut])
        append(path, session(packets=3000))
        found, passed_over = read(path)
        # Without its line break alone a line is still whole.
        assert [one.packets for one in found] == ([1000, 2000, 3000] if cut == 1 else [1000, 3000])
        assert passed_over == (0 if cut == 1 else 1)


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(st.binary(max_size=80).map(lambda line: line.replace(b"\n", b"")), max_size=6))
def test_lines_of_anybody_are_counted_and_passed_over_GAP_09(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / "foreign.jsonl"
    path.write_bytes(b"\n".join([*lines, b""]))
    append(path, session())
    assert read(path) == ([session()], sum(1 for line in lines if line))


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"lost": 12_001},
        {"missed": 12_001},
        {"packets": -1},
        {"packets": 2**53 + 1},
        {"gaps": (1, 2)},
        {"latency": ()},
        {"fallbacks": {"prayer": 1}},
        {"fallbacks": {"net": 0.5}},
        {"fallbacks": {f"ar-{order}": 1 for order in range(1, 18)}},
        {"seconds": float("nan")},
        {"started": "now"},
        {"model": "a/b"},
        {"version": 0},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_session_that_can_t_be_is_neither_written_nor_read_GAP_09(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = tmp_path / page.NAME
    with pytest.raises(Refused, match=next(iter(changes))):
        append(path, session(**changes))
    assert not path.exists()
    path.write_text(json.dumps({**session().record(), **changes}) + "\n")
    append(path, session())
    assert read(path) == ([session()], 1)


def test_a_field_that_is_missing_or_unknown_makes_a_line_foreign_GAP_09(tmp_path: Path) -> None:
    path = tmp_path / page.NAME
    whole = session().record()
    less = {name: value for name, value in whole.items() if name != "lost"}
    lines = [less, {**whole, "audio": [0.1, 0.2]}, [whole], None, {**whole, "gaps": "x"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + " " * 20_000 + json.dumps(whole))
    assert read(path) == ([], 6)


def test_the_file_stays_within_bounds_and_keeps_the_newest_GAP_09(tmp_path: Path) -> None:
    path = tmp_path / page.NAME
    append(path, session(packets=1000))
    line = path.read_bytes()
    path.write_bytes(line * (page.BYTES_AT_MOST // len(line)))
    for packets in (2000, 3000):
        append(path, session(packets=packets))
    assert path.read_bytes().count(b"\n") == 2
    found, passed_over = read(path)
    assert passed_over == 0 and [one.packets for one in found[-3:]] == [1000, 2000, 3000]
    path.write_bytes(line * (page.BYTES_AT_MOST // len(line)))
    append(path, session(packets=4000))
    assert len(list(tmp_path.iterdir())) == 2
    assert sum(one.stat().st_size for one in tmp_path.iterdir()) < 2 * page.BYTES_AT_MOST


def test_what_was_put_aside_is_read_where_nothing_new_was_written_yet_GAP_09(tmp_path: Path) -> None:
    path = tmp_path / page.NAME
    append(path, session())
    path.rename(tmp_path / f"{page.NAME}.old")
    assert read(path) == ([session()], 0)


def test_files_that_are_missing_huge_or_none_are_refused_GAP_09(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)
    for path in (tmp_path / "none", tmp_path / "huge", tmp_path, hostile.pipe(tmp_path)):
        with pytest.raises(Refused, match=r"no such file|at most|is a folder|no plain file"):
            read(path)


def test_a_full_disk_is_told_and_costs_that_line_alone_GAP_09(tmp_path: Path) -> None:
    path = tmp_path / page.NAME
    append(path, session(packets=1000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 50, hard))
    try:
        with pytest.raises(Busy, match="larger than files may be"):
            append(path, session(packets=2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    append(path, session(packets=3000))
    found, passed_over = read(path)
    assert [one.packets for one in found] == [1000, 3000] and passed_over == 1


APPENDER = """
import itertools, json, sys
from dataclasses import replace
from pathlib import Path
from jobs.field.feedback import Feedback, append
session = Feedback.parse(json.loads(sys.argv[3]))
for number in itertools.count(int(sys.argv[2])):
    append(Path(sys.argv[1]), replace(session, packets=1000 + number))
    print(number, flush=True)
"""


def test_what_was_appended_is_there_after_a_kill_GAP_09(tmp_path: Path) -> None:
    path = tmp_path / page.NAME
    number = 0
    for _ in range(2):
        killed = subprocess.Popen(
            [sys.executable, "-c", APPENDER, path, str(number), json.dumps(session().record())],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert killed.stdout
        told = [int(killed.stdout.readline()) for _ in range(20)]
        killed.kill()
        told += [int(line) for line in killed.stdout.read().split()]
        killed.wait()
        killed.stdout.close()
        found = {one.packets - 1000 for one in read(path)[0]}
        assert set(told) <= found
        number = max(found) + 1


# --- what it says ----------------------------------------------------------------------------------------


def said(**changes: Any) -> list[str]:
    return summary([session(**changes)])["suggestions"]


def test_totals_weigh_every_session_by_what_it_counted_GAP_09() -> None:
    long = session(packets=100_000, lost=100, gaps=counts(GAP_MS, _8=900), seconds=500, version=4)
    totals = summary([session(), long])
    assert totals["lost_share"] == 400 / 112_000 and totals["seconds"] == 560
    assert totals["packages"] == ["brass-1 3", "brass-1 4"]
    assert totals["gaps"]["2.5-5"] == 80 and totals["gaps"]["5-10"] == 900
    assert totals["most_gaps_ms"] == "5-10"
    assert totals["fallbacks"] == {"net": 120, "ar-512": 80} and totals["blocks"] == 24_000
    assert 0.1995 < totals["latency_p50_ms"] < totals["latency_p99_ms"] < 0.2512, "around 0.2"
    assert totals["confidence"]["0-0.1"] == 80 and totals["confidence"]["0.8-0.9"] == 120
    json.dumps(totals, allow_nan=False)


def test_a_field_that_does_well_gets_no_suggestion_and_no_field_none_either_GAP_09() -> None:
    assert said() == []
    nothing = summary([])
    assert nothing["suggestions"] == [] and nothing["sessions"] == 0
    assert nothing["lost_share"] is None and nothing["latency_p99_ms"] is None
    assert nothing["most_gaps_ms"] is None


def test_gaps_longer_than_was_trained_ask_for_longer_ones_GAP_09() -> None:
    gaps = counts(GAP_MS, _10=38, _30=50, _400=12)
    assert said(gaps=gaps) == ["62 % of gaps are longer than 20 ms: train with longer gaps"]
    assert summary([session(gaps=gaps)], trained_ms=40)["suggestions"] == []
    assert summary([session(gaps=gaps)], trained_ms=1000)["suggestions"] == []


def test_gaps_far_shorter_than_was_trained_ask_for_shorter_ones_GAP_09() -> None:
    gaps = counts(GAP_MS, _2=50, _4=45, _30=5)
    assert said(gaps=gaps) == ["95 % of gaps are no longer than 5 ms: train with shorter gaps"]
    assert summary([session(gaps=gaps)], trained_ms=2.5)["suggestions"] == [
        "50 % of gaps are longer than 2.5 ms: train with longer gaps"
    ]


def test_blocks_that_come_late_or_take_long_ask_for_longer_ones_GAP_09() -> None:
    assert said(missed=60) == ["0.5 % of blocks came too late: run longer blocks, or ar alone"]
    slow = counts(LATENCY_MS, _0_5=900, _1_5=100)
    (words,) = said(latency=slow)
    assert words.startswith("1 % of blocks take longer than 1.") and "the target is 1" in words
    targets = Targets(2.0, 128.0, 15.0)
    assert summary([session(latency=slow)], targets=targets)["suggestions"] == []


def test_repairs_tell_whether_the_net_and_the_fade_do_their_part_GAP_09() -> None:
    assert said(fallbacks={"net": 4, "ar-512": 96})[0].startswith("the net made 4 % of repairs")
    assert said(fallbacks={"ar-512": 100}) == [], "none was shipped"
    assert said(fallbacks={"net": 80, "fade": 20})[0].startswith("20 % of repairs faded to silence")


def test_predictions_beyond_full_scale_are_told_GAP_09() -> None:
    assert said(clamped=3000) == ["10 samples a lost packet were held within full scale: fade earlier"]


def test_nothing_is_concluded_from_a_few_GAP_09() -> None:
    few = session(
        gaps=counts(GAP_MS, _400=49), fallbacks={"net": 0, "fade": 49}, lost=49, clamped=10_000, missed=49,
        latency=counts(LATENCY_MS, _50=49),
    )  # fmt: skip
    assert summary([few])["suggestions"] == []
    assert len(summary([few, replace(few, version=4)])["suggestions"]) == 5


def test_a_feedback_line_is_small_GAP_09() -> None:
    assert len(json.dumps(session().record())) < 1000
