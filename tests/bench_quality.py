"""What a trained model is worth, beside everything that needs no training; one table, one run.

``WOODSHED_BENCH_SOUNDS`` names a folder of sounds to learn (else twenty are synthesised),
``WOODSHED_BENCH_MINUTES`` how long to train (1; goals are set for 5). Real recipes all the way.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch

from jobs.desk import Desk
from jobs.nets import quality, saved
from jobs.nets.analysis import analyse
from jobs.nets.excerpts import LENGTH, Split
from jobs.nets.instrument import Instrument
from jobs.nets.likeness import Material
from jobs.nets.vae import Shape, Vae
from jobs.recipes import lesson, vae
from jobs.recipes import sounds as gather
from jobs.sound import measures, populations
from jobs.sound.spectrum import RATE
from jobs.sound.tape import SLOT, Tape
from jobs.specs import ImportSounds, TrainVae, make
from store import paths
from tests import baselines, sounds
from tests.baselines import System
from tests.recipes.playing import settle

TAKES, SECONDS = 12, 4.0
MOST = 8
"""Held-out excerpts, of files and of blocks each."""
Numbers = dict[str, float | None]
FLOOR = "floor: the sounds' other halves"
NOISE = "white noise"
IDEAL = {"coverage": 1.0, "diversity": 1.0}
COLUMNS = ("carrier, files", "own phase, files", "carrier, blocks", "own phase, blocks",
           "KAD", "coverage", "diversity")  # fmt: skip


@dataclass(frozen=True)
class Studio:
    """A trained model and what it was trained on."""

    record: dict[str, Any]
    instrument: Instrument
    tape: Tape
    split: Split
    analysed: float
    """CPU seconds of analysis and report together, in a process that has compiled what it needs."""
    reported: float


def trained(home: Path) -> Studio:
    """Import, train and load as a person would. ``home`` is WOODSHED_HOME."""
    folder = os.environ.get("WOODSHED_BENCH_SOUNDS", "")
    if not folder:
        sounds.write_folder(home / "sounds", 20, 5.0)
    spec = make(ImportSounds, paths=[folder or str(home / "sounds")], name="bench")
    (dataset,) = settle("import", gather.run(spec, Desk("import", paths.run("import"))))
    minutes = float(os.environ.get("WOODSHED_BENCH_MINUTES", "1"))
    spec = make(TrainVae, dataset=dataset["id"], minutes=minutes, preview_every=0)
    (record,) = settle("train", vae.run(spec, Desk("train", paths.run("train"))))
    learned = lesson.of_dataset(dataset, spec.seed, None, Desk("again", paths.run("again")))
    instrument = saved.load(Path(record["path"]))
    (part,) = instrument.voice.parts
    began = time.process_time()
    analyse(part.net, part.statistics, learned.tape)
    reported = quality.report(instrument, learned.tape, learned.split)["seconds"]
    analysed = time.process_time() - began
    return Studio(record, instrument, learned.tape, learned.split, analysed, reported)


def untrained(studio: Studio) -> Instrument:
    (part,) = studio.instrument.voice.parts
    torch.manual_seed(0)
    return analyse(Vae(Shape(latent=part.net.shape.latent)), part.statistics, studio.tape)


def resynthesis(system: System, studio: Studio) -> Numbers:
    """Median MR-STFT to held-out excerpts, with the excerpt's phase and without."""
    found: Numbers = {}
    for name, spans in (("files", studio.split.files), ("blocks", studio.split.blocks)):
        scores: dict[str, list[float]] = {"carrier": [], "own": []}
        chosen = np.unique(np.linspace(0, max(len(spans) - 1, 0), MOST).round().astype(int))
        for start, frames in [spans[i] for i in chosen] if spans and system.again else []:
            length = min(frames, LENGTH) // SLOT * SLOT
            wave = studio.tape.samples(start, length)
            if float(wave.abs().max()) < measures.SILENT:
                continue
            features = studio.tape.excerpt(slice(start, start + length))
            for way, made in system.again(features, wave).items():
                scores[way].append(measures.mr_stft(made, wave))
        for way, word in (("carrier", "carrier"), ("own", "own phase")):
            found[f"{word}, {name}"] = statistics.median(scores[way]) if scores[way] else None
    return found


def likeness(take: Callable[[int, float], np.ndarray], material: Material) -> Numbers:
    rows = np.concatenate([material.heard(take(seed, SECONDS)) for seed in range(TAKES)])
    return populated(material.rows, rows)


def populated(real: np.ndarray, made: np.ndarray) -> Numbers:
    return {
        "KAD": populations.kad(real, made),
        "coverage": populations.coverage(real, made),
        "diversity": populations.diversity(real, made),
    }


def white(seed: int, seconds: float) -> np.ndarray:
    return (0.05 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def table(studio: Studio) -> dict[str, Numbers]:
    """System -> its numbers; ``None`` where it has none."""
    tape, split = studio.tape, studio.split
    material = Material.of(tape.places, tape.wave)
    systems = [
        baselines.net("trained", studio.instrument),
        baselines.net("untrained net", untrained(studio)),
        baselines.pca(tape, split),
        baselines.nearest_chunk(tape, split),
        baselines.granular(tape, split),
        baselines.griffin_lim(tape, split),
        baselines.bound(),
    ]
    found: dict[str, Numbers] = {}
    for system in systems:
        print(f"  {system.name}...", file=sys.stderr, flush=True)
        found[system.name] = resynthesis(system, studio) | (
            likeness(system.take, material) if system.take else {}
        )
    found[FLOOR] = populated(*material.halves())
    found[NOISE] = likeness(white, material)
    return found


def show(studio: Studio, found: dict[str, Numbers]) -> None:
    from rich.console import Console
    from rich.table import Table

    record = studio.record
    trained_on = f"{record['files']} sounds, {record['seconds']:.0f} s, {record['minutes']:.1f} min"
    title = (
        f"{trained_on}, {record['steps']} steps: {record['quality']['verdict']}\n"
        f"MR-STFT to what was held out; {TAKES} takes of {SECONDS:g} s"
    )
    out = Table("", *COLUMNS, title=title)
    for name, numbers in found.items():
        cells = [numbers.get(column) for column in COLUMNS]
        out.add_row(name, *("" if value is None else f"{value:.2f}" for value in cells))
    Console(width=None if sys.stdout.isatty() else 140, markup=False).print(out)


def rows() -> list[dict[str, str]]:
    torch.set_num_threads(2)
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.dict(os.environ, WOODSHED_HOME=str(Path(folder) / "home")),
    ):
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        studio = trained(home)
        found = table(studio)
        show(studio, found)
        return [*_beside(found), *_costs(studio)]


def _beside(found: dict[str, Numbers]) -> list[dict[str, str]]:
    ours = found["trained"]
    # What was given the truth, or is the truth, is a bound and no peer.
    peers = {
        n: v for n, v in found.items() if not n.endswith("no net") and n not in ("trained", FLOOR, NOISE)
    }
    goals = {
        "carrier, files": "goal <= 0.75 after 5 min",
        "own phase, files": "goal <= 1.15 after 5 min",
        "KAD": f"floor {found[FLOOR]['KAD']:.2f}",
        "coverage": "goal >= 0.9",
        "diversity": "goal >= 0.8",
    }
    result = []
    for column, goal in goals.items():
        mine = ours.get(column)
        if mine is None:
            continue
        theirs = {name: value for name, n in peers.items() if (value := n.get(column)) is not None}
        best = min(theirs, key=lambda name: abs(theirs[name] - IDEAL.get(column, 0.0)))
        result.append(
            {
                "figure": f"quality: {column}",
                "ours": f"{mine:.2f}",
                "peer": f"{theirs[best]:.2f} {best}",
                "ratio": "",
                "note": goal,
            }
        )
    return result


def _costs(studio: Studio) -> list[dict[str, str]]:
    return [
        {
            "figure": "quality report of a model, CPU",
            "ours": f"{studio.reported:.1f} s",
            "note": f"{quality.TAKES} takes of {quality.TAKE_SECONDS:g} s; goal <= 3 s",
        },
        {"figure": "analysis and report, CPU", "ours": f"{studio.analysed:.1f} s", "note": "goal <= 5 s"},
    ]
