"""Model -> takes: audio in the library with its sidecar and pictures, or a preview for a hand on a slider."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from jobs import commit, lineage
from jobs.desk import Desk
from jobs.nets import quality
from jobs.nets.instrument import Instrument, Request
from jobs.nets.walk import Variation
from jobs.recipes.finish import Master, finish
from jobs.recipes.players import blend_of, digest, models_of, over
from jobs.sliders import check_asked
from jobs.sound.pictures import heat_picture, wave_picture
from jobs.sound.tags import tags
from jobs.specs import FORMAT_ENDINGS, USUAL_SECONDS, Generate, check_format
from store import clock, files, paths
from store.errors import BadInput, Usage
from store.library import Library

WAVE_COLUMNS = 1024
HEAT_SIZE = (240, 96)
PREVIEWS = 32
FAR_OFF = 10.0
"""Percentiles between what a slider asks for and what a take reaches that are worth a word."""
JUDGED, PICTURED = 60, 600
"""Seconds of a take that its quality and its pictures are taken from."""


@dataclass(frozen=True)
class Player:
    """What plays the takes of a request, what was ``trained`` of it, the request without its seed, and the
    SHA-256 of each further model (by id) and sound (by id or path) that they are made of."""

    instrument: Instrument
    trained: Instrument
    request: Request
    made_of: dict[str, str]


@dataclass(frozen=True)
class Made:
    """The files of one take, and what was measured on the way."""

    audio: Path
    wave: Path
    heat: Path
    quality: dict[str, Any]
    reached: dict[str, float]


def run(spec: Generate, desk: Desk) -> dict:
    library = Library()
    model = library.models.find(spec.model)
    spec = replace(spec, model=model["id"])
    models = models_of(library, spec)
    check_format(spec.format, spec.rate, spec.bits)
    check_asked(spec, [one for one, _ in models])
    if spec.vary and not spec.lineage:
        spec = replace(spec, lineage=lineage.of(library, spec.vary))
    player = player_of(spec, library, models)
    spec = replace(spec, seconds=player.request.seconds)
    records: list[dict[str, Any]] = []
    moves: list[dict[str, str]] = []
    names = _names(library, spec, desk)
    for index, name in enumerate(names):
        desk.progress(index, spec.count, "takes")
        record = _record(spec, desk, model, player, index, name)
        made = _make(spec, desk, player, record)
        record |= {
            "bytes": made.audio.stat().st_size,
            "quality": made.quality,
            "reached": {axis: round(value, 1) for axis, value in made.reached.items()},
        }
        if spec.preview:
            return {"summary": {"take": _as_preview(record, made, desk)}}
        target = _target(spec, name, len(names))
        if target:
            record["out"] = str(target)
        records.append({"table": "takes", "record": record})
        moves += _moves(desk, made, record)
        if target:
            _hand_out(made, record["id"], target)
    desk.progress(spec.count, spec.count, "takes")
    return {
        "records": records,
        "files": moves,
        "summary": {"takes": [entry["record"]["id"] for entry in records]},
    }


def player_of(spec: Generate, library: Library, models: list[tuple[dict, float]]) -> Player:
    """Raises BadInput or NotFound for models, sounds and takes that can't be played."""
    if spec.resynthesise and spec.between:
        raise Usage("resynthesise and between: a take is made in one way; leave one out")
    trained, parts = blend_of(models)
    instrument = trained
    made_of = {one["id"]: one["sha256"] for one, _ in models if one["id"] != spec.model}
    made_of |= {sound: digest(library, sound) for sound in (spec.resynthesise, *spec.between) if sound}
    request = Request(
        spec.seconds or USUAL_SECONDS,
        sliders=tuple(spec.sliders.items()),
        wander=spec.wander,
        render=spec.render,
        shares=parts,
        quick=spec.preview,
    )
    if spec.resynthesise:
        heard = over(trained, library, (spec.resynthesise,), "resynthesise")
        instrument, seconds = heard.played, spec.seconds or heard.seconds
        # As it is: only what sliders ask for changes it.
        request = replace(request, seconds=seconds, route="order", wander=0.0, shares=())
    if spec.between:
        if len(spec.between) != 2:
            raise Usage(f"between: {len(spec.between)} sounds; two are needed")
        instrument = over(trained, library, spec.between, "between").played
        request = replace(request, route="between", shares=())
    return Player(instrument, trained, replace(request, stereo=_stereo(spec, instrument)), made_of)


def _stereo(spec: Generate, instrument: Instrument) -> bool:
    """Whether two channels are made, before the space; ``stereo`` widens sounds that have one."""
    there = instrument.bank.side is not None and spec.space in ("auto", "stereo")
    return there or "width" in spec.sliders


def _request(spec: Generate, player: Player, seed: int) -> Request:
    """Of one take. A variation walks as the take it varies, and draws some of it anew by its own seed."""
    if not spec.lineage:
        return replace(player.request, seed=seed)
    root, before = lineage.told(spec.lineage)
    variations = tuple(Variation(*one) for one in (*before, (seed, spec.amount)))
    return replace(player.request, seed=root, variations=variations)


def _names(library: Library, spec: Generate, desk: Desk) -> list[str]:
    """One name per take, the same at every attempt."""
    kept = desk.checkpoint / "names.json"
    if kept.exists():
        return json.loads(kept.read_text())
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    seeds = range(spec.seed, spec.seed + spec.count)
    names = [library.takes.fresh_name(f"gen_{stamp}_seed{seed}") for seed in seeds]
    files.atomic(kept, json.dumps(names))
    return names


def _make(spec: Generate, desk: Desk, player: Player, record: dict) -> Made:
    instrument = player.instrument
    request = _request(spec, player, record["seed"])
    score = instrument.plan(request)
    desk.check()
    for axis, reached in score.reached.items():
        if axis in spec.sliders and abs(reached - spec.sliders[axis]) > FAR_OFF:
            desk.note(f"{axis}: asked for {spec.sliders[axis]:g}, this take reaches {reached:.0f}")
    given = 2 if request.stereo else 1
    master = Master(spec.rate, _space(spec, given), spec.azimuth, spec.format, spec.bits)
    record["channels"] = master.channels(given)
    folder, name = desk.attempt_folder, record["name"]
    path = folder / f"{name}.{spec.format}"
    heard = Heard(spec.rate)
    facts = finish(
        instrument.play(request, score), path, master, folder,
        given=given, samples=record["samples"], tags=tags(record), hear=heard.add, check=desk.check,
    )  # fmt: skip
    audio = heard.all()
    wave, heat = folder / f"{name}.wave", folder / f"{name}.heat"
    wave.write_bytes(wave_picture(audio, WAVE_COLUMNS))
    heat.write_bytes(heat_picture(audio, spec.rate, *HEAT_SIZE))
    found = quality.of_take(np.concatenate(heard.first, axis=1), spec.rate, player.trained)
    found |= {key: facts[key] for key in ("true_peak_dbtp", "turned_down_db", "limited_db")}
    return Made(path, wave, heat, found, score.reached)


def _space(spec: Generate, given: int) -> str:
    """``auto`` is what the take has; a width that was asked for is kept in stereo."""
    if spec.space == "auto":
        return "stereo" if given == 2 else "mono"
    return spec.space


class Heard:
    """What pictures and quality need of a take, however long: its first minute, and ten minutes in mono."""

    def __init__(self, rate: int):
        self.rate = rate
        self.first: list[np.ndarray] = []
        self.mono: list[np.ndarray] = []
        self.samples = 0

    def add(self, block: np.ndarray) -> None:
        if self.samples < JUDGED * self.rate:
            self.first.append(block)
        if self.samples < PICTURED * self.rate:
            self.mono.append(block.mean(axis=0).astype(np.float16))
        self.samples += block.shape[1]

    def all(self) -> np.ndarray:
        """``(1, samples)``."""
        return np.concatenate(self.mono)[None].astype(np.float32)


def _record(
    spec: Generate, desk: Desk, model: Mapping[str, Any], player: Player, index: int, name: str
) -> dict[str, Any]:
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


def _target(spec: Generate, name: str, count: int) -> Path | None:
    """The file of one's own that was asked for. Raises Usage when its ending names another format."""
    if not spec.out:
        return None
    target = Path(spec.out)
    if count > 1 or target.is_dir() or not target.suffix:
        target = target / f"{name}.{spec.format}"
    if FORMAT_ENDINGS.get(target.suffix.lower()) != spec.format:
        raise Usage(
            f"out: {target.name} ends in {target.suffix}, the format is {spec.format}; "
            f"nearest: {target.with_suffix('.' + spec.format).name}"
        )
    return target


def _hand_out(made: Made, take: str, target: Path) -> None:
    """A copy of audio and sidecar where the person asked for one, never over a file that is there."""
    sidecar = target.with_name(f"{target.name}.json")
    there = next((file for file in (target, sidecar) if file.exists()), None)
    # An attempt before this one may have got so far.
    if there and _take_of(sidecar) != take:
        raise BadInput(f"out: {there} exists already; choose another name")
    try:
        with files.disk(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.part")
            shutil.copyfile(made.audio, draft)
            shutil.copyfile(made.audio.with_suffix(".json"), sidecar)
            draft.rename(target)
    except OSError as error:
        raise BadInput(f"out: {target} can't be written ({error.strerror})") from None


def _take_of(sidecar: Path) -> str:
    """The id in a sidecar, or nothing."""
    try:
        content = json.loads(sidecar.read_bytes())
    except (OSError, ValueError):
        return ""
    return str(content.get("id", "")) if isinstance(content, dict) else ""
