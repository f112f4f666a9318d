"""What a filter lets through, and that nothing that is typed breaks it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio import sifting, spans

NOW = datetime(2026, 11, 27, 12, 0)  # a Friday


def take(**fields: Any) -> dict[str, Any]:
    return {
        "id": "a" * 12, "name": "gen_night", "model": "b" * 12, "model_name": "drums at dusk",
        "preset": "dusk", "seed": 5, "rate": 48000, "format": "flac", "created": "2026-11-26T10:00:00Z",
        **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("NIGHT", True),
        ("gen night", True),
        ("gen day", False),
        ("model:drums", True),
        ('model:"drums at"', True),
        ('model:"drums at dusk', True),
        ("model:bbbb", True),
        ("model:keys", False),
        ("model:keys model:drums", True),
        ("model:", True),
        ("preset:dusk seed:5", True),
        ("preset:dusk seed:4", False),
        ("seed:3-9", True),
        ("seed:3..4", False),
        ("seed:1 seed:5", True),
        ("date:2026", True),
        ("date:2026-11", True),
        ("date:2026-10", False),
        ("date:yesterday", True),
        ("date:thursday", True),
        ("date:today", False),
        ("date:2026-11-20..", True),
        ("date:2026-11-20..2026-11-25", False),
        ("after:2026-11-25", True),
        ("after:2026-11-26", False),
        ("before:today", True),
        ("before:yesterday", False),
        ("after:2026-11-20 after:yesterday", False),
        ("rate:48k", True),
        ("rate:48000Hz", True),
        ("rate:44.1k", False),
        ("format:fl", True),
        ("format:wav", False),
        ("marked", False),
        ('"marked"', False),
    ],
)
def test_terms_find_what_they_say_HIST_01(text: str, fits: bool) -> None:
    made = sifting.sieve(text, now=NOW)
    assert made.wrong == ""
    assert made.fits(take()) is fits


def test_a_marked_take_is_found_HIST_01() -> None:
    assert sifting.sieve("marked", marked=["a" * 12]).fits(take())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modle:drums", "did you mean 'model'?"),
        ("seed:x", "whole number"),
        ("seed:9-3", "whole number"),
        ("date:yesterdy", "did you mean 'yesterday'?"),
        ("after:2026-13", "2026-11"),
        ("rate:fast", "48000"),
        ("format:flak", "did you mean 'flac'?"),
        ("format:flak\n\x1b[31m", "did you mean 'flac'?"),
    ],
)
def test_a_wrong_term_is_said_in_one_line_and_the_rest_filters_on_HIST_01(text: str, said: str) -> None:
    made = sifting.sieve(f"{text} night", now=NOW)
    assert said in made.wrong and "\n" not in made.wrong
    assert made.fits(take(name="night")) or "\x1b" in text
    assert not made.fits(take(name="day"))


BITS = st.sampled_from(["date:", "seed:", "after:", "rate:", "model:", '"', "..", "-", " ", "9", "k", "\x1b"])
WILD = st.lists(BITS | st.text(max_size=4), max_size=12).map("".join)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)


@given(WILD | st.text(), st.dictionaries(st.sampled_from(list(take())), ANY))
def test_nothing_that_is_typed_and_no_record_breaks_a_filter_HIST_01(text: str, record: dict) -> None:
    for keys in sifting.KEYS.values():
        made = sifting.sieve(text, keys, now=NOW)
        assert made.fits(record) in (True, False)
        assert len(made.wrong) < 400


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)))
def test_a_day_is_found_by_its_date_its_month_and_its_year_HIST_01(made: datetime) -> None:
    for word in (f"{made:%Y-%m-%d}", f"{made:%Y-%m}", f"{made:%Y}"):
        first, last = spans.days(word, NOW) or (made, made)
        assert first <= made < last
        assert last - first <= timedelta(days=366)


@given(st.sampled_from(["model", "preset", "seed"]), st.text(min_size=1, max_size=12))
def test_the_terms_of_a_take_find_it_again_HIST_01(by: str, word: str) -> None:
    record = take(model_name=word, preset=word)
    term = sifting.terms_of(record, by)
    if '"' not in word and len(word.split()) == 1 and word == word.strip():
        assert sifting.sieve(term, now=NOW).fits(record), term
