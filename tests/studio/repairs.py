# ruff: noqa: E501 - records are read as records, not as columns of code
"""A score of gaps and a training of a repairer, fixed, as their jobs leave them."""

import json
import math
from typing import Any

from jobs.sound.scoring import TARGETS
from store import paths, stream
from tests.studio import house

RATE = 48_000


def score(job: str, count: int = 24) -> None:
    """What a score of ``count`` gaps leaves: some better than AR-512, some worse, one silent."""
    folder = paths.run(job)
    each = [_gap(at) for at in range(count)]
    (folder / "score.json").write_text(json.dumps(found(each)))
    (folder / "gaps.json").write_text(json.dumps([view(at, one) for at, one in enumerate(each)]))


def _gap(at: int) -> dict[str, Any]:
    sdr = None if at == 5 else 6 + 7 * math.sin(at * 1.3)
    over = 2.0 * math.cos(at * 0.8)
    return {
        "start_seconds": 0.07 + 0.11 * at, "ms": 10.0 if at % 4 else 20.0, "gap_sdr_db": sdr,
        "zero_db": 0.0, "repeat_db": -2.5, "ar-512_db": None if sdr is None else sdr - over,
        "oracle_db": None if sdr is None else sdr + 1.4,
    }  # fmt: skip


def found(each: list[dict[str, Any]]) -> dict[str, Any]:
    file = _told(
        {"sdr_db": 21.3, "delta_fft_percent": 9.1, "envelope_percent": 2.6, "phase_degrees": 5.3},
        0.93,
        "very good",
    )
    gaps = _told(
        {"sdr_db": 6.1, "delta_fft_percent": 24.8, "envelope_percent": 17.2, "phase_degrees": 14.1},
        0.412,
        "very poor",
    )
    ways = {"zero": (0.0, 0.048), "repeat": (-2.4, 0.105), "ar-512": (4.9, 0.371), "oracle": (7.6, 0.44)}
    return {
        "truth": "/sounds/bells.wav", "output": "/sounds/bells_repaired.wav", "rate": RATE, "channels": 1, "seconds": 3.0,
        "profile": "music", "mode": "strict", **file, "notes": ["the output is 3 samples behind the truth"],
        "gaps": len(each), "packets": 300, "lost_packets": 30, "lost_percent": 10.0, "packet_ms": 10.0,
        "packet_samples": 480, "trace_left_over": 0, "gap_sdr_db": 6.1, "gap": gaps,
        "beside": {name: {"gap_sdr_db": sdr, "composite": one} for name, (sdr, one) in ways.items()}, "each": each,
    }  # fmt: skip


def _told(measures: dict[str, float], composite: float, tier: str) -> dict[str, Any]:
    failing: dict[str, float] = {}
    for name, value in measures.items():
        missed = TARGETS[name] - value if name == "sdr_db" else value - TARGETS[name]
        failing |= {name: missed} if missed > 0 else {}
    return {"composite": composite, "tier": tier, "mastered": not failing, "deployable": False, "measures": measures,
            "scores": {}, "failing": failing}  # fmt: skip


def view(at: int, one: dict[str, Any]) -> dict[str, Any]:
    """A decaying tone; what was made loses its height in the gap, the baseline its time."""
    points = [place / 399 for place in range(400)]
    start, end = 1 / 3, 2 / 3

    def tone(place: float, late: float = 0.0) -> float:
        return 620 * math.exp(-place) * math.sin(
            2 * math.pi * (11 + at % 5) * (place - late)
        ) + 180 * math.sin(70 * place)

    inside = [max(0.0, place - start) if place < end else 0.0 for place in points]
    return {
        "start_seconds": one["start_seconds"], "ms": one["ms"], "gap_sdr_db": one["gap_sdr_db"], "channel": 0,
        "left_seconds": one["start_seconds"] - one["ms"] / 1000, "right_seconds": one["start_seconds"] + 2 * one["ms"] / 1000,
        "from": start, "to": end, "peak": 0.6,
        "truth": [round(tone(place)) for place in points],
        "output": [round(tone(place) * (1 - 1.4 * gone)) for place, gone in zip(points, inside, strict=True)],
        "baseline": [round(tone(place, 0.06 * gone) * (1 - 2.2 * gone)) for place, gone in zip(points, inside, strict=True)],
    }  # fmt: skip


def training(job: str, steps: int = 800) -> None:
    """The stream of a training that gets better, a step that said nothing, and how a gap looks now."""
    path = paths.run(job) / "events.jsonl"
    for step in range(10, steps + 1, 10):
        far = math.exp(-step / 260)
        parts = {
            "sdr": 0.3 + far,
            "spectral": 0.4 + 0.5 * far,
            "perceptual": 0.2,
            "coherence": 0.31,
            "dynamics": 0.05,
            "envelope": 0.22,
        }
        judged = _judged(1 - far) if step % 50 == 0 else {}
        loss = None if step == 300 else sum(parts.values()) + 0.08 * math.sin(step)
        cosine = 0.5 + 0.5 * math.cos(math.pi * (step % 400) / 400)
        stream.say(
            path,
            kind="row",
            seconds=step / 8,
            step=step,
            loss=loss,
            **parts,
            lr=2e-3 * cosine,
            hard=0.4,
            **judged,
        )
    stream.say(path, kind="progress", done=steps, total=1200, unit="step", rate=8.0, eta=50.0)
    look(job, steps)


def _judged(far: float) -> dict[str, float]:
    return {"gain_db": 0.7 * far - 0.1, "over_ar512_db": 1.4 * far + 0.3, "sdr_db": 4.6 + far, "composite": 0.31 + 0.08 * far,
            "accuracy": 0.06 + 0.05 * far, "delta_fft_percent": 30 - 4 * far, "envelope_percent": 21 - 3 * far, "phase_degrees": 15 - 2 * far}  # fmt: skip


def look(job: str, step: int, sdr: float = 5.2) -> None:
    """The gap of the newest judgement."""
    drawn = view(2, _gap(2))
    waves = {name: drawn[name][:268] for name in ("truth", "output", "baseline")}
    hertz = [50 * 2 ** (band / 5.5) for band in range(48)]
    tilt = [20 - 0.9 * band + 6 * math.sin(band) for band in range(48)]
    spectra = {"truth": tilt, "output": [level - 3 * (band > 30) for band, level in enumerate(tilt)]}
    told = {
        "step": step, "gap_ms": 10.0, "sdr_db": sdr, "from": drawn["from"] / drawn["to"], "waves": waves,
        "spectra": {name: {"hertz": hertz, "db": levels} for name, levels in spectra.items()},
        "heat": {name: _heat(seed) for seed, name in enumerate(spectra)}, "judged": _judged(0.5),
    }  # fmt: skip
    (paths.run(job) / "look.json").write_text(json.dumps(told))


def _heat(seed: int) -> list[list[int]]:
    picture = house.picture(seed, 40, 44)
    return [list(picture[row * 40 : row * 40 + 40]) for row in reversed(range(44))]


PREDICTED = {
    "ar-512": {"gain_db": 0.82, "low": -0.02, "high": 1.2},
    "ar": {"gain_db": 0.31, "low": 0.04, "high": 0.6},
}
"""``over`` of a report whose net is not surely better than AR-512."""


def repairer() -> dict[str, Any]:
    """A record as its training leaves it: better than AR-512, on music more than on speech."""
    rows = [
        {"kind": kind, "gap_ms": length, "gaps": 90, "sources": 12, "gain_db": gain, "interval_db": [gain - 0.5, gain + 0.4],
         "gap_sdr_db": 9.0 - at, "baseline_gap_sdr_db": 9.0 - at - gain}
        for kind, best in (("all", 1.1), ("music", 1.4), ("speech", 0.4))
        for at, (length, gain) in enumerate((length, best - 0.2 * at) for at, length in enumerate((2.5, 5.0, 10.0, 20.0, 40.0)))
    ]  # fmt: skip
    over = {
        "ar-512": {"gain_db": 0.82, "low": 0.41, "high": 1.2},
        "ar": {"gain_db": 0.31, "low": 0.04, "high": 0.6},
    }
    report = {
        "verdict": "plateau, better than AR-512", "ships": "net", "ended_by": "plateau", "composite": 0.412,
        "failing": {"sdr_db": 14.0, "delta_fft_percent": 15.2}, "over": over, "by_gap": rows, "steps": 1200,
        "best_step": 850, "gaps": 450, "sources": 12,
    }  # fmt: skip
    return {"name": "bells", "created": house.MADE.format(4), "net": "gates", "parameters": 45_321, "rate": RATE,
            "sounds": 84, "kinds": ["music", "speech"], "verdict": report["verdict"], "report": report, "path": "/house"}  # fmt: skip
