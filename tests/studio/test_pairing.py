"""Level matching and blind votes: what is kept, and what chance makes of it."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import NotFound, Usage
from store.library import Library
from studio import pairing
from studio.pairing import Votes, chance, matched, verdict, votes


@given(st.integers(0, 60), st.integers(0, 60))
def test_chance_is_that_of_the_two_sided_sign_test_AB_03(won: int, lost: int) -> None:
    all, most = won + lost, max(won, lost)
    exact = min(1.0, 2 * sum(math.comb(all, one) for one in range(most, all + 1)) / 2**all)
    assert Votes(won, lost).chance == pytest.approx(exact, rel=1e-9)
    assert Votes(won, lost).chance == Votes(lost, won).chance


def test_chance_of_many_votes_is_quick_and_finite_AB_03() -> None:
    assert 0 <= chance(60_000, 100_000) < 1e-9
    assert chance(50_000, 100_000) == 1.0


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((0, 0), ""),
        ((7, 2), "A 7 of 9, could be chance 1 in 6"),
        ((1, 9), "B 9 of 10, could be chance 1 in 47"),
        ((1, 0), "A 1 of 1, that is what chance gives"),
        ((4, 4), "4 of 8 each: no preference"),
    ],
)
def test_votes_are_said_plainly_AB_03(counts: tuple[int, int], said: str) -> None:
    assert verdict(Votes(*counts)) == said


def test_a_vote_is_kept_in_both_takes_AB_03(library: Library) -> None:
    a, b = "01" * 6, "02" * 6
    pairing.vote(a, b)
    pairing.vote(a, b)
    assert pairing.vote(b, a) == Votes(1, 2)
    first, second = (Library().takes.get(id) or {} for id in (a, b))
    assert votes(first, second) == Votes(2, 1) and votes(second, first) == Votes(1, 2)
    assert first["blind"][b]["last"].endswith("Z")
    assert library.undo() is None, "what was heard is not undone"


def test_votes_of_several_at_once_are_all_kept_AB_03(library: Library) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: pairing.vote("01" * 6, "02" * 6), range(20)))
    assert votes(library.takes.get("01" * 6) or {}, library.takes.get("02" * 6) or {}) == Votes(20, 0)


def test_a_vote_needs_two_takes_that_are_there_AB_03(library: Library) -> None:
    with pytest.raises(Usage):
        pairing.vote("01" * 6, "01" * 6)
    with pytest.raises(NotFound):
        pairing.vote("01" * 6, "nowhere")
    assert "blind" not in (library.takes.get("01" * 6) or {})


FIELDS = st.sampled_from(["b", "won", "lost", "integrated_lufs"])
ANY = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.dictionaries(FIELDS, inner, max_size=3),
)


@given(ANY, ANY)
def test_whatever_a_record_has_is_no_trouble_AB_03(blind: Any, quality: Any) -> None:
    a, b = {"id": "a", "blind": blind, "quality": quality}, {"id": "b", "quality": {"level_dbfs": -20.0}}
    assert votes(a, b).all >= 0 and pairing.preferred(a) is not None
    assert 0 <= votes(a, b).chance <= 1
    match = matched(a, b)
    assert match.a <= 0 and match.b <= 0 and math.isfinite(match.a + match.b)


def test_loudness_goes_before_level_when_both_have_it_AB_02() -> None:
    def take(**quality: float) -> dict[str, Any]:
        return {"quality": quality}

    loud, soft = take(integrated_lufs=-14.0, level_dbfs=-20.0), take(integrated_lufs=-17.2, level_dbfs=-20.0)
    assert matched(loud, soft).a == pytest.approx(-3.2) and matched(loud, soft).b == 0
    assert matched(soft, loud).b == pytest.approx(-3.2)
    assert "LUFS" in matched(loud, soft).by
    assert matched(loud, take(level_dbfs=-26.0)) == (-6.0, 0.0, "rms level")
    assert matched(loud, take()) == (0.0, 0.0, "")
