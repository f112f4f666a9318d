"""Model -> takes: audio in the library with its sidecar and pictures, or a preview for a hand on a slider."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobs import commit
from jobs.desk import Desk
from jobs.nets.instrument import Instrument
from jobs.nets.request import Request
from jobs.recipes.asked import Player, player_of
from jobs.recipes.handout import hand_out, target_of
from jobs.recipes.made import HEAT_SIZE, WAVE_COLUMNS, Made, make
from jobs.specs import Generate
from store import clock, files, paths
from store.library import Library

PREVIEWS = 32

_played: list[tuple[Instrument, Request]] = []
"""Of the last preview, at most one: what the next will most likely be near."""


def run(spec: Generate, desk: Desk) -> dict:
    library = Library()
    player = player_of(spec, library)
    records: list[dict[str, Any]] = []
    moves: list[dict[str, str]] = []
    names = _names(library, spec, desk)
    for index, name in enumerate(names):
        desk.progress(index, spec.count, "takes")
        record = _record(player, desk, index, name)
        made = make(player, record, desk)
        record |= {
            "bytes": made.audio.stat().st_size,
            "quality": made.quality,
            "reached": {axis: round(value, 1) for axis, value in made.reached.items()},
        }
        if spec.preview:
            _played[:] = [(player.instrument, player.asked(record["seed"]))]
            return {"summary": {"take": _as_preview(record, made, desk)}}
        target = target_of(spec, name, len(names))
        if target:
            record["out"] = str(target)
        records.append({"table": "takes", "record": record})
        moves += _moves(desk, made, record)
        if target:
            hand_out(made.audio, record["id"], target)
    desk.progress(spec.count, spec.count, "takes")
    return {
        "records": records,
        "files": moves,
        "summary": {"takes": [entry["record"]["id"] for entry in records]},
    }


def prepare() -> bool:
    """Hear a little of what the next preview needs; whether there is more of it to hear."""
    for instrument, request in _played:
        if instrument.prepare(request):
            return True
    _played.clear()
    return False


def _names(library: Library, spec: Generate, desk: Desk) -> list[str]:
    """One name per take, the same at every attempt."""
    kept = desk.folder / "names.json"
    if kept.exists():
        return json.loads(kept.read_text())
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    seeds = range(spec.seed, spec.seed + spec.count)
    names = [library.takes.fresh_name(f"gen_{stamp}_seed{seed}") for seed in seeds]
    files.atomic(kept, json.dumps(names))
    return names


def _record(player: Player, desk: Desk, index: int, name: str) -> dict[str, Any]:
    spec, model = player.spec, player.model
    id = commit.record_id(desk.job, "takes", index)
    stem = paths.takes() / f"{name}-{id}"
    seed = spec.seed + index
    asked = asdict(replace(spec, seed=seed, count=1, preview=False, out=""))
    return {
        "id": id,
        "name": name,
        "created": clock.now(),
        "model": model["id"],
        "model_name": model["name"],
        "model_sha256": model["sha256"],
        "made_of": player.made_of,
        "job": desk.job,
        "seed": seed,
        "sliders": dict(spec.sliders),
        "preset": spec.preset,
        "seconds": player.request.seconds,
        "samples": round(player.request.seconds * spec.rate),
        "rate": spec.rate,
        "bits": spec.bits,
        "format": spec.format,
        "render": spec.render,
        "wander": spec.wander,
        "space": spec.space,
        "spec": {"recipe": spec.recipe, **asked},
        "path": f"{stem}.{spec.format}",
        "sidecar": f"{stem}.json",
        "wave": f"{stem}.wave",
        "wave_columns": WAVE_COLUMNS,
        "heat": f"{stem}.heat",
        "heat_size": list(HEAT_SIZE),
        "preview": spec.preview,
    }


def _moves(desk: Desk, made: Made, record: dict) -> list[dict[str, str]]:
    sidecar = files.atomic(made.audio.with_suffix(".json"), json.dumps(record, indent=1, allow_nan=False))
    targets = {
        made.audio: record["path"],
        sidecar: record["sidecar"],
        made.wave: record["wave"],
        made.heat: record["heat"],
    }
    return [
        {"from": str(source.relative_to(desk.folder)), "to": f"takes/{Path(target).name}"}
        for source, target in targets.items()
    ]


def _as_preview(record: dict, made: Made, desk: Desk) -> dict:
    """A preview lies in the cache, where only the last few stay."""
    folder = paths.cache() / "previews"
    folder.mkdir(mode=0o700, exist_ok=True)
    for key, source in (("path", made.audio), ("wave", made.wave), ("heat", made.heat)):
        target = folder / f"{desk.job}{source.suffix}"
        source.replace(target)
        record[key] = str(target)
    del record["sidecar"]
    old = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)[: -3 * PREVIEWS]
    for path in old:
        path.unlink(missing_ok=True)
    return record
