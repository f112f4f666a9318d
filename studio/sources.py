"""What a take can be made from besides a walk: other models, sounds, another take.

Names become ids and paths. The recipe opens the sounds; here it is only seen whether they are there.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jobs import specs
from jobs.specs import MODELS_AT_MOST
from store.errors import BadInput, NotFound, Usage
from store.library import Library
from store.names import shown

OVER = ("resynthesise", "between")
"""Fields of Generate that say over which sounds is played; a take has one at most."""
WAYS = (*OVER, "vary")


def resolved(library: Library, values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of Generate with every take, sound and model found. Raises Usage, NotFound, BadInput."""
    values = dict(values)
    if all(values.get(way) for way in OVER):
        raise Usage(f"{' and '.join(OVER)}: a take is made in one way; leave one out")
    if values.get("resynthesise"):
        values["resynthesise"] = sound(library, values["resynthesise"], "resynthesise")
    if values.get("between"):
        values["between"] = _two(library, values["between"])
    # A variation that tells its lineage needs no take before it.
    if values.get("vary") and not values.get("lineage"):
        values["vary"] = library.takes.find(str(values["vary"]))["id"]
    if values.get("blend"):
        values["blend"] = blend(library, str(values.get("model") or ""), values["blend"])
    return values


def sound(library: Library, key: object, field: str) -> str:
    """The absolute path of an existing file, or the id of the take that ``key`` means.

    A file with the ending of a sound comes first, as it does for ``play``. Raises NotFound or BadInput.
    """
    key = str(key)
    path = Path(key).expanduser()
    readable = path.suffix.lower() in specs.SOUND_ENDINGS
    try:
        if path.is_file() and (readable or "/" in key):
            if not readable:
                near = specs.nearest(path.suffix.lower(), specs.SOUND_ENDINGS)
                known = ", ".join(specs.SOUND_ENDINGS)
                raise BadInput(f"{field}: {shown(path.name)} has no audio ending{near}; one of {known}")
            return str(path.absolute())
        if path.is_dir() and "/" in key:
            raise BadInput(f"{field}: {shown(key)} is a folder; name one sound in it")
    except (OSError, ValueError):
        # Too long for a file or with a zero byte in it: then it can only be a take.
        readable = False
    return _take(library, key, path if readable or "/" in key else None, field)


def _take(library: Library, key: str, path: Path | None, field: str) -> str:
    try:
        take = library.takes.find(key)
    except NotFound as error:
        if path is None:
            raise NotFound(f"{field}: {error}, and no such file") from None
        raise NotFound(f"{field}: no such file: {shown(key)}{_neighbour(path)}") from None
    if not Path(take["path"]).is_file():
        again = f"woodshed generate --from {take['id']}"
        raise NotFound(f"{field}: the audio of take {shown(take['name'])} is gone; {again} makes it again")
    return take["id"]


def _neighbour(path: Path) -> str:
    import difflib  # what only a mistake has to pay

    try:
        names = [other.name for other in path.parent.iterdir()]
    except (OSError, ValueError):
        return ""
    close = difflib.get_close_matches(path.name, names, n=1, cutoff=0.5)
    return f" (did you mean '{shown(close[0])}'?)" if close else ""


def _two(library: Library, keys: Any) -> tuple[str, str]:
    if isinstance(keys, str) or not isinstance(keys, Sequence) or len(keys) != 2:
        raise Usage("between: two sounds are needed; example: --between 3fa kick.wav")
    return sound(library, keys[0], "between"), sound(library, keys[1], "between")


def blend(library: Library, model: str, weights: Mapping[str, Any]) -> dict[str, float]:
    """Ids of models -> weights. Raises NotFound, or Usage when nothing can be blended with them."""
    found: dict[str, float] = {}
    for key, weight in weights.items():
        record = library.models.find(str(key))
        name = shown(str(record["name"]))
        if record["id"] in found:
            raise Usage(f"blend: model {name} is given twice; leave one out")
        found[record["id"]] = _weight(name, weight)
    if not sum(found.values()) > 0:
        raise Usage("blend: the weights sum to 0, so nothing is left to play; nearest: 1 for one of them")
    told = {model: 1.0, **found} if model else found
    count = sum(weight > 0 for weight in told.values())
    if count > MODELS_AT_MOST:
        raise Usage(f"blend: {count} models; {MODELS_AT_MOST} at most, MODEL itself is one of them")
    return found


def _weight(name: str, weight: Any) -> float:
    try:
        number = float(weight)
        if math.isnan(number):
            raise ValueError
    except (TypeError, ValueError):
        raise Usage(f"blend: {name}: {shown(str(weight), 30)!r} is not a number; 0-100 is needed") from None
    if not 0 <= number <= 100:
        edge = 100 if number > 100 else 0
        raise Usage(f"blend: the weight of {name} is {number:g}; 0-100 is needed, nearest: {edge}")
    return number
