"""Lost packets: gap SDR of every way to fill them, and what they cost.

``WOODSHED_BENCH_SOUNDS`` names a folder of sounds whose paths tell what they are (else they are synthesised);
``WOODSHED_BENCH_REPAIRER`` an exported net that is tried beside the others. Ten packets of a hundred are
lost, each alone; the SDR is that of the lost samples, all together.
"""

import os
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from jobs.field.net import Net
from jobs.sound import linear
from jobs.sound.conceal import conceal
from jobs.sound.gather import gather
from jobs.sound.interpolate import interpolate
from jobs.sound.io import Unreadable, load
from jobs.sound.labels import label
from tests import sounds
from tests.bench import Row

RATE = 48_000
LENGTHS_MS = (2.5, 5, 10, 20, 40)
LOST, LEAD = 0.1, 0.2
SECONDS = 4.0
MOST = 24
"""Sounds of a class, evenly taken."""
CLASSES = {"vocals": "speech", "drums": "drums"}
WAYS = ("zero", "repeat", "ar-128", "levinson-512", "ar-512", "ar")
TRUE = 20
Table = dict[tuple[str, str, float], list[float]]


def rows() -> list[Row]:
    return [*_costs(), *_table()]


def _costs() -> list[Row]:
    past = np.ascontiguousarray(sounds.make("pluck", 0.5)[-9_600:], np.float64)
    found = {
        "Levinson 512, 100 ms": lambda: linear.by_autocorrelation(past[-4_800:], 512),
        "Burg 512, 100 ms": lambda: linear.by_burg(past[-4_800:], 512),
        "Burg 1024, 200 ms": lambda: linear.by_burg(past, 1024),
    }
    coefficients = linear.by_autocorrelation(past[-4_800:], 512)
    ahead = _ms(lambda: linear.continued(past, coefficients, 576))
    return [
        Row(f"fit {name}", f"{_ms(fit):.3f} ms", note=f"+ {ahead:.3f} ms to predict 10 ms and a cross-fade")
        for name, fit in found.items()
    ]


def _ms(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(TRUE):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * sorted(times)[TRUE // 2]


def _table() -> list[Row]:
    waves = _waves()
    net = os.environ.get("WOODSHED_BENCH_REPAIRER")
    ways: dict[str, Callable[[np.ndarray, list[tuple[int, int]], int], np.ndarray]] = {
        name: lambda wave, gaps, packet, name=name: conceal(wave, RATE, gaps, packet, name) for name in WAYS
    }
    if net:
        repairer = Net(net)
        ways["repairer"] = lambda wave, gaps, packet: conceal(wave, RATE, gaps, packet, repairer.fill)
    ways["Janssen (both sides)"] = lambda wave, gaps, packet: interpolate(wave, RATE, gaps)
    table: Table = defaultdict(lambda: [0.0, 0.0])
    for kind, some in waves.items():
        for wave in some:
            for length in LENGTHS_MS:
                _measure(table, kind, wave, length, ways)
    return [
        Row(
            f"gap SDR, {kind}: {way}",
            _levels(table, kind, way),
            _levels(table, kind, "ar-512"),
            note=_lengths(),
        )
        for kind in waves
        for way in ways
    ]


def _measure(table: Table, kind: str, wave: np.ndarray, length: float, ways: dict) -> None:  # type: ignore[type-arg]
    packet = round(length * RATE / 1000)
    places = np.arange(round(LEAD * RATE) // packet + 1, len(wave) // packet - 1, 2)
    if not len(places):
        return
    count = min(len(places), max(1, round(LOST * len(wave) / packet)))
    lost = np.sort(np.random.default_rng(7).choice(places, count, replace=False))
    gaps = [(int(one) * packet, int(one + 1) * packet) for one in lost]
    holed = wave.copy()
    for start, end in gaps:
        holed[start:end] = 0
    for name, way in ways.items():
        output = way(holed, gaps, packet)
        for start, end in gaps:
            table[kind, name, length][0] += float((wave[start:end] ** 2).sum())
            table[kind, name, length][1] += float(((wave - output)[start:end] ** 2).sum())


def _levels(table: Table, kind: str, way: str) -> str:
    ratios = (table[kind, way, length] for length in LENGTHS_MS)
    return (
        "/".join(f"{10 * np.log10((signal + 1e-20) / (error + 1e-20)):.1f}" for signal, error in ratios)
        + " dB"
    )


def _lengths() -> str:
    return "/".join(f"{length:g}" for length in LENGTHS_MS) + " ms; peer: ar-512 by Burg"


def _waves() -> dict[str, list[np.ndarray]]:
    """Mono sounds by class, and tones."""
    folder = os.environ.get("WOODSHED_BENCH_SOUNDS", "")
    found: dict[str, list[np.ndarray]] = defaultdict(list)
    if not folder:
        for kind, of in (("music", "pluck"), ("music", "pad"), ("speech", "vowels"), ("drums", "drums")):
            found[kind].append(sounds.make(of, 2.0).astype(np.float64))
    for path in gather([folder]).files if folder else ():
        told = label(str(Path(path).relative_to(folder))).instrument
        try:
            wave = load(path, RATE, mono=True).audio[0][: round(SECONDS * RATE)].astype(np.float64)
        except Unreadable:
            continue
        if len(wave) > 0.3 * RATE:
            found[CLASSES.get(told, "music")].append(wave)
    picked = {kind: some[:: max(1, -(-len(some) // MOST))] for kind, some in found.items()}
    return {**picked, "tones": [_tones(seed) for seed in range(6)]}


def _tones(seed: int) -> np.ndarray:
    rng = np.random.default_rng([3, seed])
    time = np.arange(2 * RATE) / RATE
    wave = sum(
        rng.uniform(0.2, 1) * np.sin(2 * np.pi * rng.uniform(60, 8_000) * time + rng.uniform(0, 6))
        for _ in range(rng.integers(1, 7))
    )
    return np.round(wave / np.abs(wave).max() * 0.6 * 2**23) / 2**23
