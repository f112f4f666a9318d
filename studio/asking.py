"""Asking for work: a spec is made, its names become ids, it is checked against the library and queued.

Every function raises ``store.errors.Refusal`` with one line for the person who asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from jobs import queue, specs
from jobs.job import Job
from jobs.sliders import check_asked
from store.errors import NotFound, Usage
from store.names import checked_name
from studio.checks import check_takes, export_path, sound_file
from studio.house import library, shelf

NAMED = specs.ImportSounds | specs.FeedTakes | specs.TrainVae | specs.TrainRepairer
"""Requests whose ``name`` becomes that of a record."""


def import_sounds(sounds: Iterable[str | Path], name: str = "", copy: bool = False) -> Job:
    """A job that makes a dataset. Raises NotFound when a path does not exist."""
    return submit(specs.ImportSounds, paths=[_existing(path) for path in sounds], name=name, copy=copy)


def feed(takes: Iterable[str], dataset_key: str = "", name: str = "") -> Job:
    """A job that makes a dataset of takes, beside the sounds of another one where it is named."""
    return submit(specs.FeedTakes, takes=list(takes), dataset=dataset_key, name=name)


def train(dataset_key: str, **values: Any) -> Job:
    """A job that trains on a dataset; ``values`` are fields of TrainVae."""
    return submit(specs.TrainVae, dataset=dataset_key, **values)


def generate(model_key: str, group: str = "", **values: Any) -> Job:
    """A job that makes takes; ``values`` are fields of Generate. In a ``group`` the newest wins."""
    return submit(specs.Generate, group, model=model_key, **values)


def repeat(key: str, **changes: Any) -> tuple[dict[str, Any], list[str]]:
    """What ``generate`` needs to make a take once more, bit for bit, and a line for each changed field.

    ``key``: a take, or the path of a sidecar. Raises NotFound or BadInput, also when its model is another
    one by now and ``changes`` names none.
    """
    from studio.again import again  # as the others below: what the first paint need not wait for

    return again(library(), key, changes)


def request_of(take: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of Generate that made a take. Raises BadInput, or NotFound when its model is gone."""
    from studio.again import asked_for

    asked = asked_for(take, f"take {take.get('name')}")
    if asked.get("model") not in {model["id"] for model in library().models.all()}:
        raise NotFound(f"take {take.get('name')}: its model {take.get('model_name')} is not here any more")
    return asked


def variation(key: str, **changes: Any) -> dict[str, Any]:
    """What ``generate`` needs to vary a take; without a ``seed`` it is the one after the take's."""
    from studio.again import varied

    return varied(library(), key, changes)


def export_take(take_key: str, path: str | Path, **values: Any) -> Job:
    """A job that writes a take to a file of the person's own; its ending chooses the format."""
    return submit(specs.ExportTake, take=take_key, path=str(path), **values)


def submit(kind: type[specs.Spec] | str, /, group: str = "", lane: str | None = None, **values: Any) -> Job:
    """Make a spec, replace names by ids, check it against the library, and queue it.

    ``lane``: another one than its own, where a person waits for what usually may take its time.
    """
    return queue.submit(prepare(kind, **values), group, lane=lane)


def prepare(kind: type[specs.Spec] | str, /, **values: Any) -> specs.Spec:
    """The spec that ``submit`` would queue. Raises Usage or NotFound."""
    kind = _kind(kind)
    for field in fields(kind):
        table = field.metadata.get("record")
        if table and values.get(field.name):
            values[field.name] = _ids(table, values[field.name])
    values |= _places(fields(kind), values)
    if kind is specs.Diagnose:
        from studio.words import diagnosis

        values |= diagnosis(library(), values)
    if kind is specs.Repair and values.get("model") not in (None, *specs.METHODS):
        from studio.words import repairer

        values["model"] = repairer(library(), str(values["model"]))
    if values.get("continue_from"):
        values["continue_from"] = library().models.find(str(values["continue_from"]))["id"]
    if kind is specs.FeedTakes and values.get("dataset"):
        values["dataset"] = library().datasets.find(str(values["dataset"]))["id"]
    if kind is specs.Generate:
        from studio.sources import resolved

        values = resolved(library(), _with_preset(values))
    return _checked(specs.make(kind, **values), values)


def _places(known: Iterable[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that name sounds, folders and files, as absolute paths and ids."""
    found: dict[str, Any] = {}
    for field in known:
        value, told = values.get(field.name), field.metadata
        if not value or not (told.get("words") or told.get("path")):
            continue
        from studio import words  # what the first paint and a slider need not wait for
        from studio.looking import subject

        if told.get("words") == "sounds":
            found[field.name] = words.sounds(library(), value, field.name)
        elif told.get("path") == "folder":
            found[field.name] = words.folder(str(value), field.name)
        elif told.get("path") == "sound":
            try:
                found[field.name] = subject(str(value)).path
            except NotFound as error:
                raise NotFound(f"{field.name}: {error}") from None
        elif told.get("path") == "trace":
            found[field.name] = words.trace(str(value), field.name)
        elif told.get("path") == "there":
            found[field.name] = words.there(str(value), field.name)
        elif told.get("path") == "net":
            found[field.name] = words.net(library(), str(value), field.name)
        elif told.get("path") == "new":
            found[field.name] = str(Path(str(value)).expanduser().absolute())
    return found


def _ids(table: str, keys: Any) -> Any:
    """The id that a key means, or those of several keys, each once."""
    if isinstance(keys, list | tuple):
        return list(dict.fromkeys(shelf(table).find(str(key))["id"] for key in keys))
    return shelf(table).find(str(keys))["id"]


def _checked(spec: specs.Spec, given: Mapping[str, Any]) -> specs.Spec:
    """The spec with absolute paths, if the library can fulfil it; ``given``: fields that are no defaults."""
    if isinstance(spec, NAMED) and spec.name:
        checked_name(spec.name)
    if isinstance(spec, specs.Generate):
        check_asked(spec, [library().models.get(id) or {} for id in spec.played])
        return sound_file(spec, "format" in given)
    if isinstance(spec, specs.FeedTakes):
        check_takes(library(), spec.takes)
    if isinstance(spec, specs.ExportTake):
        return export_path(spec, library().takes.get(spec.take) or {})
    return spec


def _kind(kind: type[specs.Spec] | str) -> type[specs.Spec]:
    if not isinstance(kind, str):
        return kind
    if kind not in specs.SPECS:
        raise Usage(f"no recipe {kind!r}{specs.nearest(kind, specs.SPECS)}")
    return specs.SPECS[kind]


def _existing(path: str | Path) -> str:
    full = Path(path).expanduser().absolute()
    if not full.exists():
        names = [other.name for other in full.parent.iterdir()] if full.parent.is_dir() else []
        raise NotFound(f"{path}: no such file or folder{specs.nearest(full.name, names)}")
    return str(full)


def _with_preset(values: dict[str, Any]) -> dict[str, Any]:
    """The preset's sliders and seed, where the caller sends none; sent sliders are all there are.

    Where both are sent the preset is a label, and may be gone by now.
    """
    if not values.get("preset") or {"seed", "sliders"} <= values.keys():
        return values
    preset = library().presets.find(str(values["preset"]))
    held = {"seed": preset.get("seed", 0), "sliders": preset["sliders"]}
    return {**held, **values, "preset": preset["name"]}
