"""A package tells of its repairer what is so: what is used, how well it fills gaps, how sure (GAP-09)."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.desk import Desk
from jobs.nets.gap_fit import LENGTHS_MS
from jobs.nets.gap_parity import answers
from jobs.nets.gap_verdict import pooled
from jobs.recipes.gap_sizes import examples_of
from jobs.recipes.measured_levels import levels
from jobs.recipes.repairer import SHAPE
from store import paths
from tests.nets.gaps import gaps
from tests.recipes.test_gap_sizes import notes, repairer, shipped
from tests.studio.repairs import PREDICTED

SURE, UNSURE, RATE = [0.1, 0.9], [-0.1, 0.9], SHAPE.rate


@pytest.fixture
def desk(home: Path) -> Desk:
    return Desk("0b" * 6, paths.run("0b" * 6))


def gains(interval: list[float]) -> list[dict[str, Any]]:
    return [
        {"kind": "all", "gap_ms": length, "gaps": 90, "gain_db": 0.5, "interval_db": interval}
        for length in LENGTHS_MS
    ]


def told(package: Path) -> dict[str, Any]:
    with zipfile.ZipFile(package) as archive:
        return json.loads(archive.read("field_directives.json"))


def rows(directives: dict[str, Any], method: str) -> dict[float, dict[str, Any]]:
    found = (one for one in directives["measured"] if (one["kind"], one["method"]) == ("all", method))
    return {one["gap_ms"]: one for one in found}


def test_prediction_alone_is_told_as_prediction_repaired_and_not_as_the_net_did_GAP_09(
    desk: Desk, tmp_path: Path
):
    # As one was stored before the verdict counted both intervals: its net would have been shipped.
    record = repairer(over=PREDICTED, verdict="plateau, AR-512 shipped", ships="net")
    shipped(desk, tmp_path / "mine.zip")
    directives, held = told(tmp_path / "mine.zip"), examples_of(record)
    assert {one["method"] for one in directives["measured"]} == {"ar", "ar-512"}
    for method, output in {"ar": held.guesses[:, 0], "ar-512": held.baseline}.items():
        for length, one in rows(directives, method).items():
            assert one["mean_db"] == pytest.approx(pooled(output, held, length, RATE))
            assert one["gaps"] == len(held) and one["low_db"] < one["mean_db"] < one["high_db"]
    assert directives["fallbacks"] == ["ar-768", "ar-384", "repeat", "fade"]


def test_a_net_is_told_as_the_size_of_it_that_is_used_repaired_GAP_09(desk: Desk, tmp_path: Path):
    record = repairer(over_prediction_by_gap=gains(SURE))
    used = shipped(desk, tmp_path / "mine.zip")["net"]
    directives, held = told(tmp_path / "mine.zip"), examples_of(record)
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        made = answers(archive.read(used), held)
    assert {one["method"] for one in directives["measured"]} == {"net", "ar", "ar-512"}
    for length, one in rows(directives, "net").items():
        assert one["mean_db"] == pytest.approx(pooled(made, held, length, RATE), abs=1e-3)


def test_a_net_that_is_sure_at_no_length_is_left_out_in_every_size_GAP_09(desk: Desk, tmp_path: Path):
    repairer(over_prediction_by_gap=gains(UNSURE))
    found = shipped(desk, tmp_path / "mine.zip")
    assert found["net"] is None and found["parity"] == [] and found["files"] == ["field_directives.json"]
    assert told(tmp_path / "mine.zip")["net"] is None
    assert "no length of gap has a gain that is sure" in notes(desk)


def test_levels_have_intervals_over_sounds_and_of_one_sound_over_its_gaps_GAP_09():
    held = gaps(24)
    held.scale[:] = 1.0
    held.kind[8:] = 1
    every = levels({"ar": held.guesses[:, 1]}, held, ["music", "speech"], RATE)
    assert {(one["kind"], one["gaps"]) for one in every} == {("all", 24), ("music", 8), ("speech", 16)}
    alone = held.some(held.source == 0)
    for one in [*every, *levels({"ar": alone.guesses[:, 1]}, alone, ["music"], RATE)]:
        assert one["low_db"] < one["mean_db"] < one["high_db"]
    # Sounds that are all the same leave nothing open.
    same = held.some(np.zeros(4, int))
    same.source[:] = np.arange(4)
    for one in levels({"ar": same.guesses[:, 1]}, same, ["music"], RATE):
        assert one["low_db"] == pytest.approx(one["high_db"])
