"""What is learned of flaws where there is little to learn from (FP-06)."""

import numpy as np
import pytest

from jobs.nets import forest
from jobs.nets.forest import Table
from jobs.recipes.examples import Row, table_of
from jobs.sound.damage import TARGETS


def rows(flaws: dict[str, int], known: bool = True) -> list[Row]:
    """So many of each flaw, each of a source of its own, and plainly told apart."""
    made = []
    for at, (flaw, count) in enumerate(flaws.items()):
        for index in range(count):
            values = np.random.default_rng([at, index]).normal(size=64)
            values[at] += 8
            targets = np.zeros(len(TARGETS)) if known else None
            made.append(Row(values, flaw, targets, f"{flaw} {index}"))
    return made


def last(steps) -> forest.Tested:
    return [step for step in steps if isinstance(step, forest.Tested)][-1]


def test_what_one_source_alone_has_is_left_out_FP_06() -> None:
    table = table_of(rows({"none": 8, "muddy": 6, "thin": 1}))
    assert table is not None and set(table.flaws) == {"none", "muddy"}
    assert table_of(rows({"none": 8, "muddy": 1})) is None
    assert table_of(rows({"none": 2, "muddy": 2})) is None


@pytest.mark.filterwarnings("ignore:Only one sample available")
@pytest.mark.slow
def test_two_of_a_flaw_are_enough_to_go_on_FP_06() -> None:
    table = table_of(rows({"none": 8, "muddy": 2}))
    assert table is not None
    found = last(forest.best_classifier(table, 0))
    assert found.out_of_fold.shape == (10, 2) and np.isfinite(found.out_of_fold).all()


@pytest.mark.slow
def test_without_a_known_correction_there_is_a_diagnosis_and_no_regressor_FP_06() -> None:
    table = table_of(rows({"none": 8, "muddy": 8}, known=False))
    assert table is not None
    assert last(forest.best_regressor(table, 0)).model is None
    assert last(forest.best_classifier(table, 0)).scores["forest"] > 0.9


def test_nothing_is_ever_certain_FP_07() -> None:
    said = np.tile([0.9, 0.1], (20, 1))
    always, never = (
        forest.calibration(np.array([flaw] * 20), said, ("muddy", "none")) for flaw in ("muddy", "none")
    )
    assert max(always) == pytest.approx(21 / 22, abs=1e-3) and min(never) == pytest.approx(1 / 22, abs=1e-3)


def test_confidence_of_a_row_comes_from_other_sources_FP_07() -> None:
    count = 40
    flaws = np.array(["muddy", "none"] * (count // 2))
    said = np.tile([0.6, 0.4], (count, 1))
    nothing = np.zeros((count, len(TARGETS)))
    table = Table(np.zeros((count, 64), np.float32), flaws, nothing, np.ones(count, bool), np.arange(count),
                  np.arange(count))  # fmt: skip
    told = forest.confidence(table, said, ("muddy", "none"))
    assert np.abs(told - 0.5).max() < 0.15
