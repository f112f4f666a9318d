"""What corrections are worth: flawed sounds are corrected, and held against their clean takes.

A sound has moved closer when its distance (`jobs.sound.nearness`) to its clean take is smaller than before;
leaving it alone never is. Sounds whose flaw nobody hears are left out.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.nets.forest import interval
from jobs.recipes.examples import Example
from jobs.sound import correction as corrections
from jobs.sound.correction import Correction
from jobs.sound.io import Unreadable, beginning
from jobs.sound.nearness import SAME_DB, distance
from jobs.sound.profile import Profile, mean, profile

LONGEST = 6.0
"""Seconds of a sound that a correction is tried on."""

Trial = dict[str, Any]
"""``instrument``, ``flaw``, ``source``, ``before`` dB and, by mode and way, ``after`` dB."""


def trial(one: Example, template: Profile | None, said: Mapping[str, np.ndarray]) -> Trial | None:
    """Correct one flawed sound in every way; ``said``: mode -> the 15 numbers of a model that did not know
    its source. None where it can't be read, or is as its clean take."""
    try:
        flawed, clean = (beginning(file, LONGEST) for file in (one.file, one.clean_file))
    except (Unreadable, OSError):
        return None
    rate, bad, good = flawed.rate, flawed.audio, clean.audio
    before = distance(bad, good, rate)
    if before < SAME_DB or clean.rate != rate:
        return None
    sound = profile(bad, rate)

    def after(correction: Correction) -> float:
        return distance(corrections.apply(bad, rate, correction)[0], good, rate)

    found = {"reference match": after(corrections.match(bad, rate, profile(good, rate), corrections.FINE))}
    if template is not None:
        found["gold match"] = after(corrections.match(bad, rate, template, corrections.TEMPLATE))
    for mode, values in said.items():
        found[f"{mode} model"] = after(corrections.of_targets(list(values), sound.levels))
    return {"instrument": one.instrument, "flaw": one.flaws[0], "source": one.source, "before": before,
            "after": found}  # fmt: skip


def worth(trials: list[Trial]) -> dict[str, dict[str, Any]]:
    """Mode and way -> ``closer`` (share that moved closer), its 95 % ``interval``, ``change_db`` (mean)."""
    found: dict[str, dict[str, Any]] = {}
    for way in sorted({way for one in trials for way in one["after"]}):
        some = [one for one in trials if way in one["after"]]
        moved = np.array([one["after"][way] - one["before"] for one in some])
        sources = np.array([one["source"] for one in some])
        found[way] = {
            "closer": round(float((moved < 0).mean()), 4),
            "interval": interval(_share(moved), sources),
            "change_db": round(float(moved.mean()), 3),
            "sounds": len(some),
        }
    return found


def _share(moved: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda rows: float((moved[rows] < 0).mean())


def chosen(found: list[Example], each: int, seed: int) -> list[int]:
    """Which of the flawed sounds are tried: ``each`` of every instrument and flaw, drawn."""
    rng = np.random.default_rng(seed)
    kinds: dict[tuple[str, str], list[int]] = {}
    for index, one in enumerate(found):
        if len(one.flaws) == 1 and one.clean_file:
            kinds.setdefault((one.instrument, one.flaws[0]), []).append(index)
    return sorted(int(index) for rows in kinds.values() for index in rng.permutation(rows)[:each])


def trials(
    found: list[Example], picked: list[int], profiles: Mapping[str, Mapping[str, Profile]],
    said: Mapping[int, Mapping[str, np.ndarray]], desk: Desk,
) -> list[Trial]:  # fmt: skip
    """Of the sounds at ``picked``; ``profiles`` of gold sounds by instrument and file. Raises Stopped."""
    results = []
    for count, index in enumerate(picked):
        desk.check()
        one = found[index]
        # Its own clean take is no part of the gold that it is held against: that would be the answer.
        others = [own for file, own in profiles.get(one.instrument, {}).items() if file != one.clean_file]
        made = trial(one, mean(others) if others else None, said.get(index, {}))
        if made:
            results.append(made)
        desk.progress(count + 1, len(picked), "corrections tried")
    return results
