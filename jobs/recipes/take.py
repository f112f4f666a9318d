"""Model -> takes: audio in the library with its sidecar and pictures, or a preview for a hand on a slider."""

import json
import shutil
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from jobs import commit
from jobs.desk import Desk
from jobs.nets import saved
from jobs.nets.instrument import Instrument, Request
from jobs.nets.instrument import Plan as Score
from jobs.sound.facts import measure
from jobs.sound.pictures import heat_picture, wave_picture
from jobs.sound.spectrum import RATE
from jobs.sound.tags import tags
from jobs.sound.write import Writer
from jobs.specs import FORMAT_ENDINGS, Generate, check_format, nearest
from store import clock, files, paths
from store.errors import BadInput, Usage
from store.library import Library

LOADED = 3
"""Models the engine keeps ready."""
LOUDEST = 10 ** (-1 / 20)
"""-1 dBFS; a take above it is turned down as a whole."""
WAVE_COLUMNS = 1024
HEAT_SIZE = (240, 96)
PREVIEWS = 32
FAR_OFF = 7.0
"""Percentiles between what a slider asks for and what a take reaches that are worth a word."""
BLOCK = 1 << 18

_instruments: OrderedDict[str, Instrument] = OrderedDict()


@dataclass(frozen=True)
class Made:
    """The files of one take, and what was measured on the way."""

    audio: Path
    wave: Path
    heat: Path
    quality: dict[str, float]
    reached: dict[str, float]


def run(spec: Generate, desk: Desk) -> dict:
    library = Library()
    model = library.models.find(spec.model)
    check_format(spec.format, spec.rate, spec.bits)
    check_sliders(spec, model)
    instrument = instrument_of(model)
    records: list[dict[str, Any]] = []
    moves: list[dict[str, str]] = []
    names = _names(library, spec, desk)
    for index, name in enumerate(names):
        desk.progress(index, spec.count, "takes")
        record = _record(spec, desk, model, index, name)
        made = _make(spec, desk, instrument, record)
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
            _hand_out(made, target)
    desk.progress(spec.count, spec.count, "takes")
    return {
        "records": records,
        "files": moves,
        "summary": {"takes": [entry["record"]["id"] for entry in records]},
    }


def check_sliders(spec: Generate, model: dict) -> None:
    """Raises Usage for an axis the model does not have, BadInput for one its sounds do not vary in."""
    axes = {axis["name"]: axis for axis in model["axes"]}
    for name in spec.sliders:
        if name not in axes:
            raise Usage(
                f"slider: no axis {name!r} in model {model['name']}{nearest(name, axes)}; "
                f"axes: {', '.join(axes)}"
            )
        if not axes[name]["available"]:
            raise BadInput(f"slider: {name} is not in these sounds: they hardly differ in it; leave it out")


def instrument_of(model: dict) -> Instrument:
    """The model, loaded; the last few stay loaded. Raises BadInput when its files are not what they were."""
    key = f"{model['path']}:{model['sha256']}"
    if key in _instruments:
        _instruments.move_to_end(key)
        return _instruments[key]
    folder = Path(model["path"])
    try:
        text = (folder / "manifest.json").read_text()
        complaints = files.verify(folder, json.loads(text))
    except (OSError, ValueError, AttributeError, TypeError):
        raise BadInput(
            f"model {model['name']}: its folder is gone or damaged ({folder}); train or import it again"
        ) from None
    if files.sha256(folder / "manifest.json") != model["sha256"]:
        complaints.insert(0, "manifest.json: changed since it was written")
    if complaints:
        raise BadInput(f"model {model['name']}: {complaints[0]}; train or import it again")
    try:
        instrument = saved.load(folder)
    except saved.Unusable as error:
        raise BadInput(f"model {model['name']}: {error}") from None
    _instruments[key] = instrument
    while len(_instruments) > LOADED:
        _instruments.popitem(last=False)
    return instrument


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


def _make(spec: Generate, desk: Desk, instrument: Instrument, record: dict) -> Made:
    request = Request(spec.seconds, record["seed"], tuple(spec.sliders.items()), spec.wander, spec.render)
    score = instrument.plan(request)
    for axis, reached in score.reached.items():
        if abs(reached - spec.sliders[axis]) > FAR_OFF:
            desk.note(f"{axis}: asked for {spec.sliders[axis]:g}, these sounds reach {reached:.0f}")
    folder = desk.attempt_folder
    draft = folder / "draft.f32"
    try:
        with files.disk(folder):
            _render(instrument, request, score, spec, draft, desk)
            audio = np.memmap(draft, np.float32, "r")
            peak = float(np.abs(audio).max())
            gain = min(1.0, LOUDEST / max(peak, 1e-9))
            return _written(spec, folder, record, audio, gain, score)
    finally:
        draft.unlink(missing_ok=True)


def _render(
    instrument: Instrument, request: Request, score: Score, spec: Generate, draft: Path, desk: Desk
) -> None:
    """Stream the take to ``draft`` (raw float32 at the spec's rate): its peak is known only at the end."""
    samples = round(spec.seconds * spec.rate)
    written = 0
    with open(draft, "wb") as file:
        for block in _at_rate(instrument.play(request, score), spec.rate):
            block = block[: samples - written]
            file.write(np.ascontiguousarray(block, np.float32).tobytes())
            written += len(block)
            desk.check()
        file.write(bytes(4 * (samples - written)))


def _at_rate(blocks: Iterator[np.ndarray], rate: int) -> Iterator[np.ndarray]:
    if rate == RATE:
        yield from blocks
        return
    stream = soxr.ResampleStream(RATE, rate, 1, dtype="float32", quality="VHQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _written(
    spec: Generate, folder: Path, record: dict, audio: np.ndarray, gain: float, score: Score
) -> Made:
    name = record["name"]
    path = folder / f"{name}.{spec.format}"
    with Writer(path, spec.rate, 1, spec.format, spec.bits, tags(record)) as writer:
        for start in range(0, len(audio), BLOCK):
            writer.add(audio[None, start : start + BLOCK] * np.float32(gain))
        writer.close()
    heard = audio[None, : spec.rate * 600] * np.float32(gain)
    wave, heat = folder / f"{name}.wave", folder / f"{name}.heat"
    wave.write_bytes(wave_picture(heard, WAVE_COLUMNS))
    heat.write_bytes(heat_picture(heard, spec.rate, *HEAT_SIZE))
    facts = measure(heard, spec.rate)
    quality = {
        "peak_dbfs": round(facts.peak_dbfs, 2),
        "rms_dbfs": round(facts.rms_dbfs, 2),
        "dc": facts.dc,
        "clipped": facts.clipped,
        "turned_down_db": round(20 * float(np.log10(1 / gain)), 2),
    }
    return Made(path, wave, heat, quality, score.reached)


def _record(spec: Generate, desk: Desk, model: dict, index: int, name: str) -> dict[str, Any]:
    id = commit.record_id(desk.job, "takes", index)
    stem = paths.takes() / f"{name}-{id}"
    return {
        "id": id,
        "name": name,
        "created": clock.now(),
        "model": model["id"],
        "model_name": model["name"],
        "model_sha256": model["sha256"],
        "job": desk.job,
        "seed": spec.seed + index,
        "sliders": dict(spec.sliders),
        "preset": spec.preset,
        "seconds": spec.seconds,
        "samples": round(spec.seconds * spec.rate),
        "rate": spec.rate,
        "bits": spec.bits,
        "channels": 1,
        "format": spec.format,
        "render": spec.render,
        "wander": spec.wander,
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


def _hand_out(made: Made, target: Path) -> None:
    """A copy of audio and sidecar where the person asked for one, never over a file that is there."""
    if target.is_file() and files.sha256(target) == files.sha256(made.audio):
        # An attempt before this one got so far.
        return
    if target.exists():
        raise BadInput(f"out: {target} exists already; choose another name")
    try:
        with files.disk(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.part")
            shutil.copyfile(made.audio, draft)
            shutil.copyfile(made.audio.with_suffix(".json"), target.with_name(f"{target.name}.json"))
            draft.rename(target)
    except OSError as error:
        raise BadInput(f"out: {target} can't be written ({error.strerror})") from None
