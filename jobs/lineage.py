"""What a variation goes back to, told by the variation itself: the takes before it may be gone.

A lineage is a tuple of texts: the seed of the walk that all of it began with, then ``seed:amount`` of each
variation since, the oldest first. It is the field of that name in ``jobs.specs.Generate``, hence in the
record and the sidecar of every variation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from store.errors import BadInput, NotFound, Usage
from store.library import Library
from store.names import shown

MOST = 50
"""Variations in a row."""
LAST_SEED = 2**31 - 1


def told(lineage: Sequence[str]) -> tuple[int, tuple[tuple[int, float], ...]]:
    """The seed of the walk, and seed and amount of each variation. Raises Usage for what is no lineage."""
    if not lineage or len(lineage) > MOST + 1:
        raise Usage(f"lineage: {len(lineage)} texts; a seed and at most {MOST} variations are needed")
    try:
        root = int(lineage[0])
        pairs = [(int(seed), float(amount)) for seed, amount in (one.split(":") for one in lineage[1:])]
    except ValueError:
        raise Usage(
            f"lineage: {shown(' '.join(lineage), 60)!r} is not a seed followed by seed:amount"
        ) from None
    if not all(0 <= seed <= LAST_SEED for seed in (root, *(seed for seed, _ in pairs))):
        raise Usage(f"lineage: a seed is outside 0-{LAST_SEED}")
    if not all(0 <= amount <= 1 for _, amount in pairs):
        raise Usage("lineage: an amount is outside 0-1")
    return root, tuple(pairs)


def of(library: Library, key: str) -> tuple[str, ...]:
    """The lineage of what varies the take of ``key``. Raises NotFound, and BadInput for too many."""
    take = library.takes.find(key)
    found = _through(library, take, 0)
    if len(found) > MOST:
        raise BadInput(f"vary: {shown(take['name'])} is a variation of too many; vary an earlier take")
    return found


def _through(library: Library, take: Mapping[str, Any], depth: int) -> tuple[str, ...]:
    """Up to and with ``take``."""
    spec, seed = take.get("spec") or {}, int(take["seed"])
    if not spec.get("vary") and not spec.get("lineage"):
        return (str(seed),)
    before = tuple(map(str, spec.get("lineage") or ())) or _before(library, take, depth)
    return (*before, f"{seed}:{float(spec['amount'])!r}")


def _before(library: Library, take: Mapping[str, Any], depth: int) -> tuple[str, ...]:
    """For records of before lineages were kept: from take to take, also in the trash."""
    earlier = library.takes.get(str(take["spec"]["vary"]))
    if earlier is None:
        raise NotFound(f"vary: {shown(take['name'])} varies a take that is gone; vary another take")
    return _through(library, earlier, depth + 1) if depth < MOST else ()
