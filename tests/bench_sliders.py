"""The sliders, judged by rulers that share no code with them: does each move what it names, and only that.

By default a model is trained for a minute on synthesised sounds. ``WOODSHED_BENCH_SOUNDS=folder[:folder]``
trains one on each folder, for ``WOODSHED_BENCH_MINUTES``; ``WOODSHED_BENCH_MODEL=folder[:folder]`` takes
models that are there; ``WOODSHED_BENCH_AXES=warmth,pulse`` looks at some sliders only and
``WOODSHED_BENCH_SEEDS=0`` at some seeds; ``WOODSHED_BENCH_OUT=file`` keeps every measurement as JSON.
"""

import json
import multiprocessing
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from scipy import stats

from tests import sounds
from tests.rulers import RULERS, all_of

RATE, HOP = 48_000, 256
POSITIONS = (5.0, 20.0, 35.0, 50.0, 65.0, 80.0, 95.0)
SEEDS = tuple(int(seed) for seed in os.environ.get("WOODSHED_BENCH_SEEDS", "0,1,2").split(","))
SECONDS = 8.0
EXCERPT = 4 * RATE
SHORT = 2 * RATE
"""Sounds under two seconds are measured several in a row: one hit has no density and no pulse."""
LEAST = {
    "density": 0.1, "brightness": 0.05, "warmth": 0.5, "roughness": 0.01, "tension": 0.01,
    "rhythm": 0.1, "pulse": 0.03, "reverberance": 0.1, "width": 0.5,
}  # fmt: skip
"""A standard deviation under this is no variation: such sounds can't be leaked into."""
NAMES = tuple(RULERS)


class Judged(NamedTuple):
    """One slider: ``leaks`` by axis, ``low`` and ``high`` the percentiles of the sounds that it reaches.

    ``steady`` is the median leak of the seeds' mean: what is left when chance, as other pieces being
    chosen for another position, averages out.
    """

    axis: str
    rho: float
    leaks: dict[str, float]
    steady: float
    low: float
    high: float
    own_range: float

    @property
    def worst(self) -> str:
        return max(self.leaks, key=lambda name: self.leaks[name])


def synthesise(folder: Path, count: int = 20) -> None:
    """Ten kinds of sound, mono to wide."""
    folder.mkdir()
    kinds = tuple(sounds.KINDS)
    for i in range(count):
        left, right = sounds.stereo(kinds[i % len(kinds)], 5.0, seed=i)
        mid, side = (left + right) / 2, (left - right) / 2 * (i % 5) / 4
        soundfile.write(folder / f"{i:02d}.wav", np.stack([mid + side, mid - side]).T, RATE, "PCM_24")


def train(folder: Path, minutes: float) -> Path:
    """The folder of a model trained on ``folder`` in the home of now."""
    from jobs.desk import Desk
    from jobs.recipes import sounds as gather
    from jobs.recipes import vae
    from jobs.specs import ImportSounds, TrainVae, make
    from store import paths
    from tests.recipes.playing import settle

    job = f"import-{folder.name}"
    spec = make(ImportSounds, paths=[str(folder.resolve())])
    (dataset,) = settle(job, gather.run(spec, Desk(job, paths.run(job))))
    job = f"train-{folder.name}"
    spec = make(TrainVae, dataset=dataset["id"], minutes=minutes, preview_every=0)
    (model,) = settle(job, vae.run(spec, Desk(job, paths.run(job))))
    return Path(model["path"])


def excerpts(bank) -> Iterator[np.ndarray]:
    """The sounds of a bank, ``(channels, samples)``, in pieces of four seconds; short ones in a row."""
    channels = [bank.wave]
    if getattr(bank, "side", None) is not None:
        channels = [bank.wave + bank.side, bank.wave - bank.side]
    whole = np.stack(channels)
    row = np.zeros((len(whole), 0), np.float32)
    for place, end in zip(bank.places, bank.ends, strict=True):
        sound = whole[:, place.start * HOP : (place.start + end) * HOP]
        if sound.shape[1] < SHORT:
            row = np.concatenate([row, sound], axis=1)
            if row.shape[1] >= EXCERPT:
                yield row[:, :EXCERPT]
                row = row[:, :0]
            continue
        for start in range(0, max(1, sound.shape[1] - SHORT), EXCERPT):
            yield sound[:, start : start + EXCERPT]
    if row.shape[1] >= SHORT:
        yield row


_instrument = None


def _load(folder: str) -> None:
    global _instrument
    import torch

    from jobs.nets import saved

    torch.set_num_threads(1)
    _instrument = saved.load(Path(folder))


def _measured(task: tuple[str, int]) -> list[list[float]]:
    """``(positions, rulers)`` of one slider's takes with one seed."""
    from jobs.nets.request import Request

    axis, seed = task
    found = []
    for position in POSITIONS:
        request = Request(SECONDS, seed, ((axis, position),))
        if getattr(_instrument.bank, "side", None) is not None:
            request = replace(request, stereo=True)
        audio, _ = _instrument.take(request)
        found.append(list(all_of(np.atleast_2d(audio), RATE).values()))
    return found


def judge(axis: str, takes: np.ndarray, material: np.ndarray) -> Judged:
    """Of ``takes (seeds, positions, rulers)`` and the sounds' own ``material (excerpts, rulers)``."""
    spread = np.nanstd(material, axis=0)
    own = NAMES.index(axis)
    scaled = takes / np.maximum(spread, list(LEAST.values()))
    ranges = np.nanmax(scaled, axis=1) - np.nanmin(scaled, axis=1)
    mean = np.nanmean(scaled, axis=0)
    of_mean = np.nanmax(mean, axis=0) - np.nanmin(mean, axis=0)
    rhos = [stats.spearmanr(POSITIONS, one[:, own], nan_policy="omit").statistic for one in takes]
    leaks = (ranges / np.maximum(ranges[:, own : own + 1], 0.1)).mean(axis=0)
    varies = [i for i, name in enumerate(NAMES) if spread[i] > LEAST[name] and i != own]
    there = material[np.isfinite(material[:, own]), own]
    curve = np.nanmean(takes[:, :, own], axis=0)
    low, high = (stats.percentileofscore(there, value, "mean") for value in (curve.min(), curve.max()))
    return Judged(
        axis,
        float(np.nan_to_num(rhos).mean()),
        {NAMES[i]: float(leaks[i]) for i in varies},
        float(np.median(of_mean[varies] / max(of_mean[own], 0.1))),
        float(low),
        float(high),
        float(ranges[:, own].mean()),
    )


def judged(folder: Path) -> tuple[list[Judged], dict]:
    """Every slider that the model in ``folder`` has, and all that was measured."""
    from jobs.nets import saved

    instrument = saved.load(folder)
    material = np.array([list(all_of(piece, RATE).values()) for piece in excerpts(instrument.bank)])
    chosen = os.environ.get("WOODSHED_BENCH_AXES", ",".join(NAMES)).split(",")
    scales = instrument.scales
    axes = [name for name in NAMES if name in chosen and name in scales and scales[name].available]
    tasks = [(axis, seed) for axis in axes for seed in SEEDS]
    found = []
    with multiprocessing.get_context("spawn").Pool(2, _load, (str(folder),)) as pool:
        for task, one in zip(tasks, pool.imap(_measured, tasks), strict=True):
            print(f"  {task[0]}, seed {task[1]}", file=sys.stderr, flush=True)
            found.append(one)
    takes = np.array(found).reshape(len(axes), len(SEEDS), len(POSITIONS), len(NAMES))
    kept = {
        "rulers": NAMES,
        "material": material.tolist(),
        "takes": dict(zip(axes, takes.tolist(), strict=True)),
    }
    return [judge(axis, one, material) for axis, one in zip(axes, takes, strict=True)], kept


def show(title: str, found: list[Judged]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(
        "axis", "own rho", "own range, sd", "leak median", "of the mean", "leak max", "reached", title=title
    )
    for one in found:
        table.add_row(
            one.axis,
            f"{one.rho:.2f}",
            f"{one.own_range:.2f}",
            f"{statistics.median(one.leaks.values()):.2f}",
            f"{one.steady:.2f}",
            f"{one.leaks[one.worst]:.2f} ({one.worst})",
            f"{one.low:.0f}..{one.high:.0f} %",
        )
    Console(width=None if sys.stdout.isatty() else 140, markup=False).print(table)


def summary(name: str, found: list[Judged]) -> dict:
    rhos = [one.rho for one in found]
    leaks = [statistics.median(one.leaks.values()) for one in found]
    worst = max(found, key=lambda one: one.leaks[one.worst])
    return {
        "figure": f"{len(found)} sliders by independent rulers, {name}",
        "ours": f"rho {statistics.mean(rhos):.2f}/{min(rhos):.2f}, "
        f"leak {statistics.median(leaks):.2f}/{worst.leaks[worst.worst]:.2f}",
        "note": "mean/min, median/max; goal >= .95/.85, <= .15/.5; lowest "
        f"{min(found, key=lambda one: one.rho).axis}, most {worst.axis} into {worst.worst}",
    }


def models(home: Path) -> Iterator[tuple[str, Path]]:
    """Name and folder of each model to judge."""
    given = os.environ.get("WOODSHED_BENCH_MODEL")
    if given:
        yield from ((Path(folder).name, Path(folder)) for folder in given.split(os.pathsep))
        return
    os.environ["WOODSHED_HOME"] = str(home / "home")
    (home / "home").mkdir(mode=0o700)
    folders = [
        Path(folder) for folder in os.environ.get("WOODSHED_BENCH_SOUNDS", "").split(os.pathsep) if folder
    ]
    if not folders:
        folders = [home / "synthesised"]
        synthesise(folders[0])
    for folder in folders:
        yield folder.name, train(folder, float(os.environ.get("WOODSHED_BENCH_MINUTES", "1")))


def rows() -> list[dict]:
    found, kept = [], {}
    before = os.environ.get("WOODSHED_HOME")
    with tempfile.TemporaryDirectory() as home:
        for name, folder in models(Path(home)):
            sliders, kept[name] = judged(folder)
            if sliders:
                show(name, sliders)
                found.append(summary(name, sliders))
    os.environ.pop("WOODSHED_HOME", None)
    if before is not None:
        os.environ["WOODSHED_HOME"] = before
    if os.environ.get("WOODSHED_BENCH_OUT"):
        Path(os.environ["WOODSHED_BENCH_OUT"]).write_text(json.dumps(kept))
    return found
