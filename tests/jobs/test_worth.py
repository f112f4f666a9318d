"""What a repairer's report bears out, whatever a training before stored beside its figures (GAP-05)."""

from typing import Any

import pytest

from jobs import worth


def report(ar512: float = 0.1, ar: float = 0.1, sources: Any = 9, **others: Any) -> dict[str, Any]:
    """Of a training that stored that its net ships."""
    over = {
        "ar-512": {"gain_db": 1.0, "low": ar512, "high": 2.0},
        "ar": {"gain_db": 1.0, "low": ar, "high": 2.0},
    }
    return {"verdict": worth.BETTER, "ships": worth.NET, "over": over, "sources": sources, **others}


@pytest.mark.parametrize(
    ("told", "verdict", "ships"),
    [
        (report(), worth.BETTER, worth.NET),
        (report(verdict=worth.PREDICTION, ships=worth.AR), worth.BETTER, worth.NET),
        (report(ar512=-0.1, verdict=worth.PREDICTION), worth.PREDICTION, worth.AR),
        (report(ar=-0.1), worth.PREDICTION, worth.AR),
        (report(ar=0.0), worth.PREDICTION, worth.AR),
        (report(sources=worth.FEWEST), worth.BETTER, worth.NET),
        (report(sources=worth.FEWEST - 1), worth.PREDICTION, worth.AR),
        (report(verdict=worth.MASTERED), worth.MASTERED, worth.NET),
        (report(ar512=-0.1, verdict=worth.MASTERED), worth.MASTERED, worth.AR),
        # Where the figures are missing, what was stored counts, as far as it agrees.
        (report(sources=None), worth.BETTER, worth.NET),
        (report(over={}), worth.BETTER, worth.NET),
        (report(over=None, verdict=worth.PREDICTION), worth.PREDICTION, worth.AR),
        (report(over={"ar": 3, "ar-512": []}, ships=worth.AR), worth.BETTER, worth.AR),
        ({}, "no verdict", worth.AR),
    ],
)  # fmt: skip
def test_what_ships_goes_by_the_figures_GAP_05(told: dict[str, Any], verdict: str, ships: str) -> None:
    assert (worth.verdict(told), worth.ships(told)) == (verdict, ships)
    record = worth.honest({"name": "mine", "verdict": "another", "report": told})
    assert record["verdict"] == record["report"]["verdict"] == verdict and record["report"]["ships"] == ships
    assert record["report"].get("over") == told.get("over")


def test_a_record_without_a_report_stays_as_it_is_GAP_05() -> None:
    for record in ({"name": "mine"}, {"name": "mine", "report": "no"}):
        assert worth.honest(record) == record
