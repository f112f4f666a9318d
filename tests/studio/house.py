# ruff: noqa: E501 - records are read as records, not as columns of code
"""A house with fixed records, written with the real library, so that every picture of it is the same."""

import json
import math
import sqlite3
import struct
import wave
from array import array
from functools import cache
from pathlib import Path

from jobs import specs
from jobs.ledger import Ledger
from store import paths, stream
from store.library import Library

MADE = "2020-03-0{}T09:30:00Z"
NAMES = [
    "kick_deep",
    "kick_tight",
    "snare_room",
    "snare_dry",
    "hat_closed",
    "hat_open",
    "rim",
    "clap",
    "tom_low",
    "tom_high",
    "ride",
    "shaker",
]


@cache
def frames(seconds: float, rate: int, pitch: float) -> bytes:
    """24-bit samples of a decaying tone."""
    return b"".join(
        struct.pack(
            "<i", int(0.7 * 2**31 * math.exp(-6 * i / rate) * math.sin(pitch * 2 * math.pi * i / rate))
        )[1:]
        for i in range(int(seconds * rate))
    )


def tone(path: Path, seconds: float = 0.4, rate: int = 48000, pitch: float = 220.0) -> Path:
    """A 24-bit WAV of a decaying tone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(rate)
        file.writeframes(frames(seconds, rate, pitch))
    return path


@cache
def peaks(seed: int, columns: int = 256) -> bytes:
    """Render-ready extremes of a sound that begins loud and dies away."""
    values = array("b")
    for i in range(columns):
        high = int(
            120
            * math.exp(-i / columns * (1 + seed % 5))
            * (0.6 + 0.4 * abs(math.sin(i * (0.05 + seed * 0.013))))
        )
        values.extend((-max(0, high - seed % 7), high))
    return values.tobytes()


@cache
def picture(seed: int, width: int = 160, height: int = 64) -> bytes:
    """A render-ready spectrogram: partials that die away, the high ones first."""
    out = bytearray()
    for y in range(height):
        f = (height - y) / height
        for x in range(width):
            level = (
                math.exp(-x / width * (1 + 5 * f))
                * (0.45 + 0.55 * math.cos((y + seed) * 0.9) ** 2)
                * (1.2 - 0.8 * f)
            )
            out.append(max(0, min(255, int(255 * level))))
    return bytes(out)


def dataset(
    library: Library, name: str = "drums", count: int = 12, problems: int = 2, names: list | None = None
) -> dict:
    id = f"{abs(hash_of(name)):012x}"[:12]
    folder = paths.dataset(id)
    folder.mkdir(parents=True, exist_ok=True)
    names = names or [NAMES[i % len(NAMES)] for i in range(count)]
    sounds = [
        {
            "id": f"{i:012x}", "file": f"/sounds/{name}/{word}.wav", "name": f"{word}.wav", "sha256": "", "audio_sha256": "",
            "seconds": 0.3 + 0.37 * i, "rate": 44100 if i % 3 else 48000, "channels": 1 + i % 2, "subtype": "PCM_24",
            "bytes": 90_000, "peak_dbfs": -0.3 - i, "rms_dbfs": -18.0, "dc": 0.0, "clipped": 0.0,
            "usable": i != 5, "reasons": ["silent: nothing above -80 dBFS"] if i == 5 else [],
        }
        for i, word in enumerate(names)
    ]  # fmt: skip
    (folder / "sounds.json").write_text(json.dumps(sounds), encoding="utf-8")
    (folder / "peaks.bin").write_bytes(b"".join(peaks(i) for i in range(len(sounds))))
    record = {
        "name": name, "created": MADE.format(1), "count": len(sounds), "seconds": 48.2, "bytes": 4_321_000,
        "rates": [44100, 48000], "channels": [1, 2], "subtypes": ["PCM_24"], "folder": str(folder), "copied": False,
        "problems": [
            {"level": "warning", "code": "silent", "file": "/sounds/drums/hat_open.wav", "message": "silent: it is left out"},
            {"level": "warning", "code": "few", "file": "", "message": "12 sounds: 20 or more learn better"},
        ][:problems],
        "job": "0" * 12,
    }  # fmt: skip
    return library.datasets.add(record, id=id)


def hash_of(text: str) -> int:
    return sum((i + 1) * ord(c) * 7919 for i, c in enumerate(text))


def axis(name: str, unit: str, low: str, high: str, top: float, **more: object) -> dict:
    return {
        "name": name, "unit": unit, "help": f"how {high} it is", "low_word": low, "high_word": high,
        "values": [top * (p + 5) / 105 for p in range(101)], "safe": [10, 90], "warning": [2, 98], "available": True,
        "kind": "sound", "why": "", "reach": [0, 100], **more,
    }  # fmt: skip


ENGINE = {"kind": "engine", "why": "made of the events of these sounds"}
AXES = [
    axis("density", "/s", "sparser", "denser", 8, **ENGINE),
    axis("brightness", "Hz", "darker", "brighter", 6000),
    axis("warmth", "dB", "thinner", "warmer", 12),
    axis("roughness", "", "smoother", "rougher", 1, reach=[0, 72]),
    axis("tension", "", "calmer", "tenser", 1),
    axis("rhythm", "dB", "rhythmic", "ambient", 24),
    axis("pulse", "", "loose", "steady", 1, **ENGINE),
    axis("reverberance", "s", "dry", "reverberant", 3, **ENGINE),
    axis("width", "", "narrow", "wide", 1, available=False, kind="engine", why="not in these sounds"),
    *(
        axis(f"explore{n}", "", "less", "more", 1, kind="explore", help=f"direction {n} of what differs most")
        for n in (1, 2, 3, 4)
    ),
]
QUALITY = {
    "verdict": "good",
    "reason": "clearly from these sounds, and not a copy of them",
    "judged_on": "files",
    "mr_stft_carrier": 0.71,
    "lsd_carrier_db": 3.4,
    "mr_stft_heap": 1.12,
    "lsd_heap_db": 5.9,
    "learned": 0.41,
    "blocks": {"mr_stft_carrier": 0.62, "lsd_carrier_db": 3.1},
    "axes": {"brightness": 0.83, "warmth": 0.77},
    "kad": 2.1,
    "kad_floor": 1.4,
    "kad_noise": 61.0,
    "coverage": 0.93,
    "coverage_floor": 0.97,
    "diversity": 0.88,
    "nearest": 0.61,
    "nearest_held_out": 0.74,
    "takes": 6,
    "take_seconds": 3.0,
    "seconds": 2.4,
}


def model(library: Library, owner: dict, name: str = "drums", id: str = "a1" * 6) -> dict:
    record = {
        "name": name, "created": MADE.format(2), "dataset": owner["id"], "dataset_name": owner["name"], "job": "b" * 12,
        "path": f"/house/models/{id}", "files": 12, "seconds": 48.2, "epochs": 214, "steps": 5136, "minutes": 4.9,
        "validation": 0.1834, "preset": "conservative", "device": "cpu", "bytes": 9_800_000,
        "axes": AXES, "quality": QUALITY,
        "spec": {"preset": "auto", "epochs": 0, "minutes": 5.0}, "sha256": "c0ffee" * 8,
    }  # fmt: skip
    return library.models.add(record, id=id)


def take(library: Library, owner: dict, at: int, name: str = "", real: bool = True) -> dict:
    id = f"{at + 1:02d}" * 6
    folder = paths.takes()
    (folder / f"{id}.wave").write_bytes(peaks(at, 512))
    (folder / f"{id}.heat").write_bytes(picture(at))
    sound = tone(folder / f"{id}.wav", 0.2, pitch=110.0 * (at + 1))
    record = {
        "name": name or f"gen_20200303T0930{at:02d}Z_seed{at}", "created": MADE.format(3), "model": owner["id"],
        "model_name": owner["name"], "job": "d" * 12, "seed": at, "sliders": {"brightness": 50 + 10 * at, "warmth": 50},
        "preset": "", "seconds": 4.0, "rate": 48000, "bits": "24", "channels": 1, "format": "wav", "path": str(sound) if real else f"/house/takes/{id}.wav",
        "sidecar": str(sound.with_suffix(".json")), "bytes": sound.stat().st_size, "render": "carrier",
        "quality": {"peak_dbfs": -1.0 - at, "rms_dbfs": -16.5 - at, "true_peak_dbtp": -0.8 - at,
                    "nearest": "kick_deep.wav", "nearest_distance": 0.4},
        "wave": str(folder / f"{id}.wave"), "wave_columns": 512, "heat": str(folder / f"{id}.heat"), "heat_size": [160, 64],
        "preview": False,
    }  # fmt: skip
    return library.takes.add(record, id=id)


def training(job: str, epochs: int = 180) -> None:
    """The stream of a training: losses that fall, a checkpoint now and then."""
    path = paths.run(job) / "events.jsonl"
    for epoch in range(1, epochs + 1):
        loss = 0.18 + 1.6 * math.exp(-epoch / 28) + 0.03 * math.sin(epoch * 1.7)
        held = 0.24 + 1.5 * math.exp(-epoch / 30) + 0.02 * math.sin(epoch * 0.7)
        stream.say(path, kind="row", epoch=epoch, step=epoch * 24, loss=loss, magnitude=loss * 0.6, frequency=loss * 0.3,
                   stft=loss * 0.4, kl=0.5, validation=held, validation_files=held * 1.1, gap=held - loss)  # fmt: skip
        if epoch % 25 == 0:
            with open(path, "a") as file:
                file.write(
                    json.dumps({"t": 0.0, "kind": "preview", "epoch": epoch, "path": f"/p/{epoch}.wav"})
                    + "\n"
                )
            stream.say(path, kind="checkpoint", epoch=epoch, step=epoch * 24)
    stream.say(path, kind="progress", done=epochs, total=240, unit="epochs", rate=1.5, eta=40.0)


def jobs() -> None:
    """Five jobs of fixed ids and times: queued, running as far as a dead worker can, done, failed, cancelled."""
    made = [
        (specs.make(specs.ImportSounds, paths=["/sounds/drums"], name="drums"), "done", None),
        (specs.make(specs.TrainVae, dataset="000000000001", name="drums at dusk"), "done", None),
        (specs.make(specs.Rehearse, steps=50), "failed", {"message": "no space left on the disk; free some, then resume", "code": 5}),
        (specs.make(specs.TrainVae, dataset="000000000001", name="drums at dawn"), "cancelled", None),
        (specs.make(specs.Rehearse, steps=20), "queued", None),
    ]  # fmt: skip
    ledger = Ledger()
    for at, (spec, state, error) in enumerate(made, 1):
        job = ledger.submit(spec)
        id = f"{at}0b" * 4
        with sqlite3.connect(paths.ledger()) as db:
            db.execute(
                "update job set id=?, published=1, state=?, submitted=?, started=?, ended=?, attempt=1, error=? where id=?",
                (id, state, MADE.format(at), MADE.format(at) if state != "queued" else None,
                 MADE.format(at) if state != "queued" else None, json.dumps(error) if error else None, job.id),
            )  # fmt: skip
        if spec.recipe == "vae":
            training(id, 180 if state == "done" else 60)


def furnish(library: Library | None = None, real: bool = True) -> Library:
    """Two datasets, a model, six takes, a preset."""
    library = library or Library()
    drums = dataset(library)
    dataset(library, "keys of the old upright", 10, 0)
    made = model(library, drums)
    model(library, drums, "drums bright", "e5" * 6)
    for at in range(6):
        take(library, made, at, real=real)
    preset = {"name": "dusk", "folder": "", "model": made["id"], "sliders": {"brightness": 25, "warmth": 70},
              "seed": 7, "modified": MADE.format(3), "description": "dark and warm", "created": MADE.format(3)}  # fmt: skip
    library.presets.add(preset, id="f1" * 6)
    return library
