"""What a training of a repairer looks like now: a gap, its spectra, for panels that are only to be drawn."""

from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.nets.gap_examples import Examples
from jobs.nets.gap_fit import JUDGED, sdr_each
from jobs.recipes.outside import give_json

LOOK = "look.json"
"""In the folder of the run; the newest only."""
BEFORE_MS, POINTS = 10.0, 400
SIZE, HOP, ROWS = 512, 96, 48
RANGE_DB = 80.0
STEPS = 1000


def look(
    desk: Desk,
    output: np.ndarray,
    held: Examples,
    judged: dict[str, float],
    losses: dict[str, float],
    rate: int,
) -> None:
    """Write it. The gap is the one whose SDR is the median of all: neither the best nor the worst."""
    sdr = sdr_each(output, held.truth, JUDGED, rate)
    at = int(np.argsort(sdr)[len(sdr) // 2])
    count, before = (round(ms * rate / 1000) for ms in (JUDGED, BEFORE_MS))
    past = held.past[at, -before:]
    waves = {
        name: np.concatenate([past, made[at, :count]])
        for name, made in (("truth", held.truth), ("output", output), ("baseline", held.baseline))
    }
    two = {"truth": held.truth, "output": output}
    peak = max(1e-9, *(float(np.abs(wave).max()) for wave in waves.values()))
    places = np.linspace(0, before + count - 1, min(POINTS, before + count)).round().astype(int)
    give_json(desk.folder / LOOK, {
        "step": losses.get("step", 0),
        "gap_ms": JUDGED,
        "sdr_db": float(sdr[at]),
        "from": before / (before + count),
        "waves": {name: [round(float(value)) for value in wave[places] * (STEPS / peak)]
                  for name, wave in waves.items()},
        "spectra": {name: _spectrum(made[at], rate) for name, made in two.items()},
        "heat": {name: _heat(np.concatenate([held.past[at], made[at]])) for name, made in two.items()},
        "judged": judged,
    })  # fmt: skip


def _spectrum(wave: np.ndarray, rate: int) -> dict[str, Any]:
    """dB of `ROWS` bands, spaced as octaves from 50 Hz."""
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
    edges = np.geomspace(50, rate / 2, ROWS + 1) * len(wave) / rate
    places = np.unique(np.clip(edges.astype(int), 0, len(power) - 1))
    bands = np.add.reduceat(power, places) / np.diff(np.append(places, len(power)))
    return {"hertz": [float(place * rate / len(wave)) for place in places],
            "db": [round(float(value), 1) for value in 10 * np.log10(bands + 1e-12)]}  # fmt: skip


def _heat(wave: np.ndarray) -> list[list[int]]:
    """A spectrogram of 8 bits, rows of low frequencies first, `RANGE_DB` below its loudest."""
    frames = np.lib.stride_tricks.sliding_window_view(wave, SIZE)[::HOP] * np.hanning(SIZE)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    edges = np.unique(np.geomspace(1, SIZE // 2, ROWS + 1).astype(int))
    bands = 10 * np.log10(np.add.reduceat(power, edges[:-1], axis=1) + 1e-12)
    shade = np.clip((bands - bands.max() + RANGE_DB) / RANGE_DB, 0, 1) * 255
    return shade.T.round().astype(int).tolist()
