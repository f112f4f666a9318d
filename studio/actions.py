"""What a person can do, for both fronts: the studio and the command line call nothing else.

Light: the store, the specs, the ledger and the queue. Every function raises ``store.errors.Refusal``
with one line for the person who asked.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from jobs import queue, specs
from jobs.job import ENDED, Job, utc
from jobs.ledger import Ledger
from jobs.sliders import axes_of, check, check_asked
from store import paths, stream
from store.errors import NotFound, Usage
from store.library import Library
from store.names import checked_name
from studio.checks import check_takes, export_path, sound_file

_open: dict[Path, tuple[Library, Ledger]] = {}


def _house() -> tuple[Library, Ledger]:
    # By folder and not once for all: WOODSHED_HOME may change under a test or an embedding program.
    folder = paths.tables()
    if folder not in _open:
        _open[folder] = (Library(folder), Ledger(paths.ledger()))
    return _open[folder]


def library() -> Library:
    """The library of this process."""
    return _house()[0]


def ledger() -> Ledger:
    """The ledger of this process."""
    return _house()[1]


def shelf(table: str) -> Any:
    """A table of the library by name: datasets, models, presets or takes. Raises Usage."""
    tables = ("datasets", "models", "presets", "takes")
    if table not in tables:
        raise Usage(f"no table {table!r}{specs.nearest(table, tables)}; tables: {', '.join(tables)}")
    return getattr(library(), table)


# --- asking for work -------------------------------------------------------------------------------


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
    if asked.get("model") not in {model["id"] for model in models()}:
        raise NotFound(f"take {take.get('name')}: its model {take.get('model_name')} is not here any more")
    return asked


def variation(key: str, **changes: Any) -> dict[str, Any]:
    """What ``generate`` needs to vary a take; without a ``seed`` it is the one after the take's."""
    from studio.again import varied

    return varied(library(), key, changes)


def export_take(take_key: str, path: str | Path, **values: Any) -> Job:
    """A job that writes a take to a file of the person's own; its ending chooses the format."""
    return submit(specs.ExportTake, take=take_key, path=str(path), **values)


def submit(kind: type[specs.Spec] | str, group: str = "", **values: Any) -> Job:
    """Make a spec, replace names by ids, check it against the library, and queue it."""
    return queue.submit(prepare(kind, **values), group)


def prepare(kind: type[specs.Spec] | str, **values: Any) -> specs.Spec:
    """The spec that ``submit`` would queue. Raises Usage or NotFound."""
    kind = _kind(kind)
    for field in fields(kind):
        table = field.metadata.get("record")
        if table and values.get(field.name):
            values[field.name] = _ids(table, values[field.name])
    if values.get("continue_from"):
        values["continue_from"] = library().models.find(str(values["continue_from"]))["id"]
    if kind is specs.FeedTakes and values.get("dataset"):
        values["dataset"] = library().datasets.find(str(values["dataset"]))["id"]
    if kind is specs.Generate:
        from studio.sources import resolved

        values = resolved(library(), _with_preset(values))
    return _checked(specs.make(kind, **values), values)


def _ids(table: str, keys: Any) -> Any:
    """The id that a key means, or those of several keys, each once."""
    if isinstance(keys, list | tuple):
        return list(dict.fromkeys(shelf(table).find(str(key))["id"] for key in keys))
    return shelf(table).find(str(keys))["id"]


def _checked(spec: specs.Spec, given: Mapping[str, Any]) -> specs.Spec:
    """The spec with absolute paths, if the library can fulfil it; ``given``: fields that are no defaults."""
    if isinstance(spec, specs.ImportSounds | specs.FeedTakes | specs.TrainVae) and spec.name:
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


# --- sliders and presets ---------------------------------------------------------------------------


def _with_preset(values: dict[str, Any]) -> dict[str, Any]:
    """The preset's sliders and seed, where the caller sends none; sent sliders are all there are.

    Where both are sent the preset is a label, and may be gone by now.
    """
    if not values.get("preset") or {"seed", "sliders"} <= values.keys():
        return values
    preset = library().presets.find(str(values["preset"]))
    held = {"seed": preset.get("seed", 0), "sliders": preset["sliders"]}
    return {**held, **values, "preset": preset["name"]}


def save_preset(
    name: str,
    model_key: str,
    sliders: Mapping[str, float],
    seed: int | str = 0,
    folder: str = "",
    description: str = "",
    overwrite: bool = False,
) -> dict:
    """Keep slider positions under a name; without a model the axes are not checked.

    A name that is taken is refused, or its preset changed when ``overwrite``.
    """
    checked_name(name)
    values: dict[str, Any] = {
        "folder": folder,
        "model": "",
        "sliders": specs.parse(specs.Generate, "sliders", sliders),
        "seed": specs.parse(specs.Generate, "seed", seed),
        "modified": utc(),
        "description": description,
    }
    if model_key:
        model = library().models.find(model_key)
        check(values["sliders"], axes_of([model]))
        values["model"] = model["id"]
    taken = next((one for one in presets() if one["name"] == name), None)
    if taken and not overwrite:
        raise Usage(f"name: preset '{name}' exists; nearest: '{library().presets.fresh_name(name)}'")
    if taken:
        return library().presets.update(taken["id"], **values)
    return library().presets.add({"name": name, **values})


# --- jobs ------------------------------------------------------------------------------------------


def cancel(key: str) -> Job:
    """Ask a job to stop; its checkpoint is kept."""
    return queue.cancel(ledger().find(key).id)


def resume(key: str) -> Job:
    """Let a stopped or failed job go on from its checkpoint."""
    return queue.resume(ledger().find(key).id)


def jobs(
    limit: int = 200, states: Iterable[str] = (), recipes: Iterable[str] = (), previews: bool = True
) -> list[Job]:
    """The ``limit`` newest (of some states or recipes, without previews), newest last.

    Those that wait or run are always among them.
    """
    return ledger().all(limit, tuple(states), tuple(recipes), previews, moving=True)


def job(key: str) -> Job:
    """By id or unique prefix. Raises NotFound."""
    return ledger().find(key)


def events(job_id: str, offset: int = 0) -> tuple[list[dict], int]:
    """Rows of a job's stream from ``offset`` on, and the offset to ask from next time."""
    return stream.follow(paths.events(job_id), offset)


def wait(job: Job, on_event: Callable[[dict], Any], poll: float = 0.05) -> Job:
    """Give every row of the job's stream to ``on_event`` until it has ended; returns it as it ended.

    A job that is done counts as ended when its records are in the library. A worker that died
    is replaced, so waiting never hangs on an empty house.
    """
    offset, asked = 0, time.monotonic()
    while True:
        # The state first: rows that were written before it changed are then surely seen.
        current = ledger().get(job.id) or job
        rows, offset = events(job.id, offset)
        for row in rows:
            on_event(row)
        if _over(current):
            return current
        if time.monotonic() - asked > 2:
            queue.ensure_worker()
            asked = time.monotonic()
        time.sleep(poll)


def _over(job: Job) -> bool:
    if job.state == "done":
        return job.published
    if job.state == "interrupted":
        # A worker that lives takes it up again by itself.
        return not queue.worker_status()["alive"]
    return job.state in ENDED


# --- the library -----------------------------------------------------------------------------------


def datasets() -> list[dict]:
    """Oldest first."""
    return library().datasets.all()


def models() -> list[dict]:
    """Oldest first."""
    return library().models.all()


def presets() -> list[dict]:
    """Oldest first."""
    return library().presets.all()


def takes() -> list[dict]:
    """Oldest first."""
    return library().takes.all()


def rename(table: str, key: str, name: str) -> dict:
    """A record under a new name."""
    return shelf(table).rename(key, name)


def trash(table: str, key: str) -> dict:
    """Out of sight, until ``undo`` or ``restore``; its files stay where they are."""
    return shelf(table).trash(key)


def trashed(table: str) -> list[dict]:
    """What is in the trash, oldest first."""
    return shelf(table).all(trashed=True)


def restore(table: str, key: str) -> dict:
    """Back from the trash."""
    return shelf(table).restore(key)


def purge(table: str, key: str) -> dict:
    """Remove for good what is in the trash, with its files inside the library; the record as it was."""
    record = next((one for one in trashed(table) if key in (one["id"], one.get("name"))), None)
    shelf(table).purge(record["id"] if record else key)
    return record or {"id": key}


def undo() -> dict | None:
    """Revert the last trash, rename or change; the record, or None when there was none."""
    return library().undo()


def compare(take_a: str, take_b: str) -> dict:
    """What differs between two takes: ``{"a", "b", "differences": {field: [a, b]}}``."""
    from studio.report import differences

    a, b = library().takes.find(take_a), library().takes.find(take_b)
    sides = [{key: take[key] for key in ("id", "name", "path")} for take in (a, b)]
    return {"a": sides[0], "b": sides[1], "differences": differences(a, b)}
