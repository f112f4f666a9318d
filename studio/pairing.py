"""Two takes against each other: how to play them as loud, and which one was preferred blind. Light.

A vote is kept in both takes: ``blind`` is ``{id of the other: {"won": n, "lost": n, "last": time}}``.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from jobs.job import utc
from store.errors import Usage
from studio.house import library
from studio.report import part

MEASURES = {
    "integrated_lufs": "integrated loudness (LUFS)",
    "level_dbfs": "rms level",
    "rms_dbfs": "rms level",
}
"""Figures that say how loud a take is, the one that fits the ear best first."""
VOTES_AT_MOST = 100_000
"""Of a record from elsewhere; beyond it is no count."""


class Match(NamedTuple):
    """How much to turn each of two takes, in dB, 0 or less, so that both are as loud as the softer one."""

    a: float
    b: float
    by: str
    """What was measured; empty: nothing that both have."""


def matched(a: Mapping[str, Any], b: Mapping[str, Any]) -> Match:
    """By the best figure that was measured of both."""
    for name, words in MEASURES.items():
        ours, theirs = (_level(one, name) for one in (a, b))
        if ours is not None and theirs is not None:
            return Match(min(0.0, theirs - ours), min(0.0, ours - theirs), words)
    return Match(0.0, 0.0, "")


def _level(take: Mapping[str, Any], name: str) -> float | None:
    value = part(take, "quality").get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


# --- votes -----------------------------------------------------------------------------------------


class Votes(NamedTuple):
    """How often each of two takes was preferred while nobody knew which it was."""

    a: int
    b: int

    @property
    def all(self) -> int:
        return self.a + self.b

    @property
    def chance(self) -> float:
        """Two-sided p of the sign test: how often a coin is at least as one-sided."""
        return chance(max(self), self.all)


def vote(winner: str, loser: str) -> Votes:
    """One more blind preference, kept in both takes; the votes of ``winner`` and ``loser`` now."""
    if winner == loser:
        raise Usage("vote: that is one and the same take; name two")
    takes = library().takes
    ids = [takes.find(key)["id"] for key in (winner, loser)]
    with takes.documents.changing():  # one voter after the other
        for id, other, field in ((ids[0], ids[1], "won"), (ids[1], ids[0], "lost")):
            kept = dict(part(takes.get(id) or {}, "blind"))
            before = part(kept, other)
            counts = {word: _count(before.get(word)) for word in ("won", "lost")}
            counts[field] += 1
            takes.amend(id, blind={**kept, other: {**counts, "last": utc()}})
    return votes(takes.get(ids[0]) or {}, takes.get(ids[1]) or {})


def votes(a: Mapping[str, Any], b: Mapping[str, Any]) -> Votes:
    """What is kept of two takes."""
    kept = part(part(a, "blind"), str(b.get("id")))
    return Votes(_count(kept.get("won")), _count(kept.get("lost")))


def preferred(take: Mapping[str, Any]) -> list[tuple[str, Votes]]:
    """(id of another take, votes for this one and for that one)."""
    found = []
    for other, kept in part(take, "blind").items():
        if isinstance(kept, Mapping):
            found.append((str(other), Votes(_count(kept.get("won")), _count(kept.get("lost")))))
    return [(other, counts) for other, counts in found if counts.all]


def _count(value: Any) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= VOTES_AT_MOST else 0


def chance(most: int, all: int) -> float:
    """Probability (0-1) that of ``all`` fair coins ``most`` or more fall on one side, whichever that is."""
    if not all:
        return 1.0
    logs = (
        math.lgamma(all + 1) - math.lgamma(one + 1) - math.lgamma(all - one + 1) - all * math.log(2)
        for one in range(most, all + 1)
    )
    return min(1.0, 2 * math.fsum(math.exp(log) for log in logs))


def verdict(votes: Votes, names: tuple[str, str] = ("A", "B")) -> str:
    """The votes in plain words; empty where there are none."""
    if not votes.all:
        return ""
    better, most = (names[0], votes.a) if votes.a >= votes.b else (names[1], votes.b)
    if votes.a == votes.b:
        return f"{votes.a} of {votes.all} each: no preference"
    odds = round(1 / max(votes.chance, 1e-9))
    luck = f"could be chance 1 in {odds}" if odds > 1 else "that is what chance gives"
    return f"{better} {most} of {votes.all}, {luck}"
