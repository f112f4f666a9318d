"""A take once more: the request that its record, or the sidecar of an exported file, tells of.

A sidecar may come from anybody. Nothing of it is believed that is not a field of Generate within its
range, and it never says where to write.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from jobs import lineage, specs
from store import exchange, files, shapes
from store.errors import BadInput, NotFound, Refusal, Usage
from store.library import Library
from store.names import checked_name, shown
from studio.sources import OVER

NOT_KEPT = ("count", "preview", "out")
"""Fields that belong to the asking, not to the take."""
LARGEST = 4 * 2**20
"""Bytes of a sidecar; ours have a few thousand."""


def again(library: Library, key: str, changes: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Fields of Generate that make the take of ``key`` again, and a line for each that ``changes`` changed.

    ``key``: a take, or the path of a sidecar or of an audio file beside its sidecar. Raises NotFound or
    BadInput also when the model is no longer the one that made it, unless ``changes`` names a model.
    """
    record, where = _record(library, key)
    held = asked_for(record, where)
    asked = library.models.find(str(changes["model"])) if changes.get("model") else None
    if asked is None or asked["id"] == held.get("model"):
        _check_model(library, record, where)
        _check_made_of(library, record, where)
        return _changed(library, held, {name: value for name, value in changes.items() if name != "model"})
    values, told = _changed(library, held | {"model": asked["id"]}, {**changes, "model": asked["id"]})
    before = shown(str(record.get("model_name", "")), 40)
    return values, [f"model: {shown(asked['name'])} instead of {before}", *told]


def varied(library: Library, key: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of Generate for a variation of a take: all as it was, with the next seed."""
    take = library.takes.find(key)
    held = asked_for(take, f"take {shown(take['name'])}")
    seed = {"seed": int(held.get("seed", 0)) + 1} if int(held.get("seed", 0)) < 2**31 - 1 else {}
    return _changed(library, held | seed, {**changes, "vary": take["id"]})[0]


def _record(library: Library, key: str) -> tuple[dict[str, Any], str]:
    """The record of a take, and the words that name it in a message."""
    sidecar = _sidecar(key)
    if sidecar is None:
        take = library.takes.find(key)
        return take, f"take {shown(take['name'])}"
    where = shown(sidecar.name)
    return shapes.check("takes", exchange.plain(sidecar, LARGEST), where), where


def _sidecar(key: str) -> Path | None:
    """The sidecar that a path means; None when it can only be a take."""
    path = Path(key).expanduser()
    try:
        if not path.is_file():
            return None
        if path.suffix.lower() == ".json":
            return path
        if path.suffix.lower() not in specs.SOUND_ENDINGS:
            return None
        beside = (path.with_name(f"{path.name}.json"), path.with_suffix(".json"))
        found = next((one for one in beside if one.is_file()), None)
    except (OSError, ValueError):
        return None
    if found is None:
        raise NotFound(f"{shown(path.name)}: no sidecar beside it; {shown(path.name)}.json is needed")
    return found


def asked_for(record: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The fields of Generate in the record of a take, each in range. Raises BadInput."""
    told = record.get("spec")
    if told is not None and not isinstance(told, Mapping):
        raise BadInput(f"{where}: its spec is no object of fields")
    # Records of before the spec was kept have its fields beside their own.
    source = told or {f.name: record[f.name] for f in fields(specs.Generate) if f.name in record}
    values = {name: value for name, value in source.items() if name not in (*NOT_KEPT, "recipe")}
    try:
        if source.get("recipe", specs.Generate.recipe) != specs.Generate.recipe:
            raise Usage("its spec is not that of a take")
        if values.get("preset"):
            values["preset"] = checked_name(str(values["preset"]))
        made = specs.make(specs.Generate, **values)
        if made.lineage:
            lineage.told(made.lineage)
    except Usage as error:
        raise BadInput(f"{where}: {shown(str(error), 200)}") from None
    return {name: getattr(made, name) for name in values}


def _check_model(library: Library, record: Mapping[str, Any], where: str) -> None:
    """Raises NotFound or BadInput unless the model is here and is the one that made the take."""
    name = shown(str(record.get("model_name", "")), 40)
    model = library.models.get(str(record.get("model", "")))
    if model is None or model.get("trashed"):
        back = "woodshed models restore" if model else "woodshed models import FILE"
        raise NotFound(f"{where}: its model {name} is not here any more; {back} brings it back")
    made, now = record.get("model_sha256"), model.get("sha256")
    if not made:
        raise BadInput(f"{where}: does not say which model made it (no model_sha256); name MODEL to use it")
    if made != now:
        raise BadInput(
            f"{where}: model {name} is no longer what made it (sha256 {shown(str(made), 12)}, now "
            f"{str(now)[:12]}); name MODEL to play it with another"
        )


def _check_made_of(library: Library, record: Mapping[str, Any], where: str) -> None:
    """Raises NotFound or BadInput unless the blended models and the sounds are those that made the take."""
    told = record.get("made_of") or {}
    if not isinstance(told, Mapping):
        raise BadInput(f"{where}: made_of is no object of names and sums")
    for key, digest in told.items():
        if _sum_of(library, str(key)) not in ("", digest):
            raise BadInput(f"{where}: {shown(str(key), 60)} is no longer what the take was made of")


def _sum_of(library: Library, key: str) -> str:
    """SHA-256 of a model, or of the file of a take or a path; empty where it is gone: others tell that."""
    model = library.models.get(key)
    if model:
        return str(model["sha256"])
    take = library.takes.get(key)
    path = Path(take["path"] if take else key)
    try:
        return files.sha256(path) if path.is_file() else ""
    except (OSError, ValueError):
        # No file can have that name.
        return ""


def _changed(
    library: Library, held: dict[str, Any], changes: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """``held`` under ``changes``: sliders one by one, a preset as a whole, one sound for another."""
    base, changes = dict(held), dict(changes)
    if changes.get("preset"):
        preset = library.presets.find(str(changes["preset"]))
        changes["preset"] = preset["name"]
        base |= {"sliders": preset["sliders"], "seed": preset.get("seed", 0)}
    if changes.get("sliders"):
        changes["sliders"] = {**base.get("sliders", {}), **changes["sliders"]}
    if any(changes.get(way) for way in OVER):
        base = {name: value for name, value in base.items() if name not in OVER}
    if changes.get("vary"):
        # Another take to vary has another past.
        base.pop("lineage", None)
    after = base | changes
    kept = {f.name: specs.default(f) for f in fields(specs.Generate)} | held
    told = [name for name in after if name not in NOT_KEPT and _same(name, after[name]) != kept[name]]
    return after, [f"{name}: {_word(after[name])} instead of {_word(kept[name])}" for name in told]


def _same(name: str, value: Any) -> Any:
    """As the spec would hold it, so that ``"8"`` and ``8.0`` are no difference."""
    try:
        return specs.parse(specs.Generate, name, value)
    except Refusal:
        return value


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        return shown(" ".join(f"{key}={number:g}" for key, number in value.items())) or "none"
    if isinstance(value, list | tuple):
        return shown(" ".join(map(str, value))) or "none"
    return f"{value:g}" if isinstance(value, float) else shown(str(value)) or "none"
