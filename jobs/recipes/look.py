"""Look closely at a sound: pictures, spectrum, descriptors, and where these lie among a dataset's sounds.

What was found lies in the cache, by the content of the file: a second look costs reading the file.
"""

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.sound import average, facts, loudness, pictures
from jobs.sound.descriptors import AXES, Axis, listen, measure
from jobs.sound.io import Sound, Unreadable, load, resample
from jobs.sound.spectrum import RATE
from jobs.specs import Look
from store import paths
from store.errors import BadInput
from store.files import atomic
from store.library import Library

VERSION = 2
"""Of what is measured here: another one makes every sound new."""
LONGEST = 600.0
"""Seconds that are looked at."""
AMONG = 64
"""Sounds of a dataset that are measured, evenly taken from all of them."""
AMONG_SECONDS = 20.0
COLUMNS, HEAT = 512, (256, 96)
KEPT = 300
"""Looks and measured datasets that stay in the cache."""
SHORTEST = 0.05
"""Seconds below which no descriptor says anything."""
QUANTILES = (10, 50, 90)


def run(spec: Look, desk: Desk) -> dict:
    """Raises BadInput when the sound can't be read."""
    try:
        found = _looked(Path(spec.path))
    except Unreadable as error:
        raise BadInput(str(error)) from None
    against = _dataset(spec.dataset, desk) if spec.dataset else None
    axes = [_axis(axis, found["descriptors"], against) for axis in AXES if axis.name in found["descriptors"]]
    among = {"id": against["id"], "name": against["name"]} if against else None
    return {"summary": {**found, "axes": axes, "against": among}}


def _looked(path: Path) -> dict[str, Any]:
    """What is known of the file, measured now where it is not in the cache. Raises Unreadable."""
    key = _key(path)
    kept = paths.cache() / "looks" / f"{key}.json"
    try:
        found = json.loads(kept.read_text(encoding="utf-8"))
        if Path(found["wave"]).is_file() and Path(found["heat"]).is_file():
            return {**found, "file": str(path)}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = _measured(path, kept)
    atomic(kept, json.dumps(found, allow_nan=False))
    _forget(kept.parent)
    return found


def _forget(folder: Path) -> None:
    """All but what was looked at last, with its pictures."""
    with suppress(OSError):
        found = sorted(folder.glob("*.json"), key=lambda one: one.stat().st_mtime)
        for old in found[:-KEPT]:
            for one in folder.glob(f"{old.stem}.*"):
                one.unlink(missing_ok=True)


def _key(path: Path) -> str:
    digest = hashlib.sha256(f"look {VERSION} ".encode())
    try:
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise Unreadable(path, error.strerror or str(error)) from None
    return digest.hexdigest()[:32]


def _measured(path: Path, kept: Path) -> dict[str, Any]:
    sound = load(path, max_seconds=LONGEST)
    about = facts.measure(sound.audio, sound.rate)
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    wave, heat = kept.with_suffix(".wave"), kept.with_suffix(".heat")
    atomic(wave, pictures.wave_picture(sound.audio, COLUMNS))
    atomic(heat, pictures.heat_picture(sound.audio, sound.rate, *HEAT))
    mean, most = average.spectrum(sound.audio, sound.rate)
    loud = loudness.measure(sound.audio, sound.rate)
    return {
        "file": str(path),
        "seconds": about.seconds,
        "rate": about.rate,
        "channels": about.channels,
        "format": f"{sound.info.format} {sound.info.subtype}",
        "peak_dbfs": round(about.peak_dbfs, 2),
        "rms_dbfs": round(about.rms_dbfs, 2),
        "loudness_lufs": None if loud.level is None else round(loud.level, 2),
        "true_peak_dbtp": round(loud.true_peak, 2),
        "faults": [fault.message for fault in facts.faults(about)],
        "wave": str(wave),
        "heat": str(heat),
        "heat_size": list(HEAT),
        "spectrum": {
            "hz": [round(float(hertz), 2) for hertz in average.centres(sound.rate)],
            "mean_db": [round(float(level), 2) for level in mean],
            "max_db": [round(float(level), 2) for level in most],
        },
        "descriptors": _descriptors(sound) if about.peak_dbfs > facts.SILENT_DBFS else {},
    }


def _descriptors(sound: Sound) -> dict[str, float]:
    """By name, as the sliders measure them, before ``Axis.shown``; none of a mere click."""
    if sound.audio.shape[-1] < SHORTEST * sound.rate:
        return {}
    pair = sound.audio[:2] if sound.audio.shape[0] > 1 else sound.audio
    at_48k = resample(pair, sound.rate, RATE) if sound.rate != RATE else pair
    mid = at_48k.mean(axis=0)
    side = (at_48k[0] - at_48k[1]) / 2 if len(at_48k) > 1 else None
    values = measure(listen(mid, side))
    return {axis.name: float(value) for axis, value in zip(AXES, values, strict=False) if np.isfinite(value)}


def _dataset(id: str, desk: Desk) -> dict[str, Any] | None:
    """Descriptors of the sounds of a dataset, measured once: ``{"name", "id", "values": {axis: [...]}}``."""
    record = Library().datasets.get(id)
    if record is None:
        return None
    sounds = _usable(Path(record["folder"]) / "sounds.json")
    some = [sounds[at * len(sounds) // AMONG] for at in range(AMONG)] if len(sounds) > AMONG else sounds
    stamp = hashlib.sha256(json.dumps([VERSION, some]).encode()).hexdigest()[:32]
    kept = paths.cache() / "looks" / f"among-{stamp}.json"
    try:
        return {"id": id, "name": record["name"], "values": json.loads(kept.read_text(encoding="utf-8"))}
    except (OSError, ValueError):
        pass
    values: dict[str, list[float]] = {axis.name: [] for axis in AXES}
    for done, file in enumerate(some):
        desk.check()
        desk.progress(done, len(some), "sounds")
        for name, value in _measured_briefly(file).items():
            values[name].append(value)
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    atomic(kept, json.dumps(values, allow_nan=False))
    return {"id": id, "name": record["name"], "values": values}


def _usable(path: Path) -> list[str]:
    try:
        sounds = json.loads(path.read_text(encoding="utf-8"))
        return [str(one["file"]) for one in sounds if one.get("usable", True)]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return []


def _measured_briefly(file: str) -> dict[str, float]:
    """Descriptors of the beginning of a sound; nothing of one that can't be read any more."""
    try:
        sound = load(file, max_seconds=LONGEST)
    except (Unreadable, OSError):
        return {}
    part = sound.audio[:, : int(AMONG_SECONDS * sound.rate)]
    return _descriptors(Sound(part, sound.rate, sound.info))


def _axis(axis: Axis, own: dict[str, float], dataset: dict[str, Any] | None) -> dict[str, Any]:
    """The value of an axis in its unit and, among a dataset's, their 10, 50 and 90 % and its percentile."""
    value = own[axis.name]
    told = {
        "name": axis.name, "unit": axis.unit, "value": axis.shown(value), "low_word": axis.low_word,
        "high_word": axis.high_word, "help": axis.help,
    }  # fmt: skip
    others = np.sort(np.asarray(dataset["values"].get(axis.name, ()) if dataset else (), np.float64))
    if not len(others):
        return told
    low, middle, high = (axis.shown(float(np.percentile(others, at))) for at in QUANTILES)
    below, upto = (int(np.searchsorted(others, value, side)) for side in ("left", "right"))
    return told | {
        "low": low, "median": middle, "high": high,
        "least": axis.shown(float(others[0])), "most": axis.shown(float(others[-1])),
        # Half of those that measure the same count as below: the median sound lies at 50.
        "percentile": 50.0 * (below + upto) / len(others), "below": below, "sounds": len(others),
    }  # fmt: skip
