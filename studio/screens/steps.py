"""What the training of a repairer tells as it goes: curves by step, and a gap as it is filled now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from store import paths
from studio.course import Course, Term
from studio.report import brief
from studio.widgets.twins import Picture

LOOK = "look.json"
"""In the run of a training, anew at each judgement."""
FIRST, SOON = "it begins with the first step", "it begins with the first judgement"
NEVER = "it ended before the first step"
WORDS = {"truth": "truth", "output": "made"}
"""Of the pictures in a look."""
PARTS = ("sdr", "spectral", "perceptual", "coherence", "dynamics", "envelope")
"""Losses by the names of their lines."""
BEST = "gain_db"
"""What a judgement goes by."""


@dataclass(frozen=True)
class Told:
    """A panel of curves: those of one axis together; what is said while there are none."""

    title: str
    nothing: str
    axes: tuple[tuple[Term, ...], ...]


PANELS = (
    Told("loss", FIRST, ((Term("loss", "all together", "l", "train"),),)),
    Told(
        "accuracy",
        SOON,
        ((Term("composite", "composite", "c", "valid"), Term("accuracy", "≥20 dB", "a", "train")),),
    ),
    Told("learning rate", FIRST, ((Term("lr", "rate", "r", "second"),),)),
    Told(
        "SDR",
        SOON,
        (
            (Term("sdr_db", "in gaps, dB", "s", "train"),),
            (Term("over_ar512_db", "over AR-512", "o", "good"), Term(BEST, "all", "g", "valid")),
        ),
    ),
    Told(
        "PESQ, STOI",
        "of speech alone: as soon as some of 0.6 s and more is judged by; PESQ needs the speech extra",
        (
            (Term("pesq_wb", "PESQ", "p", "train"),),
            (Term("stoi", "STOI", "s", "valid"), Term("estoi", "ESTOI", "e", "good")),
        ),
    ),
    Told(
        "spectral error",
        SOON,
        (
            (
                Term("delta_fft_percent", "ΔFFT %", "f", "train"),
                Term("envelope_percent", "envelope %", "e", "valid"),
                Term("phase_degrees", "phase °", "p", "good"),
            ),
        ),
    ),
)


class Steps(Course):
    """The course of a training that counts steps and not epochs."""

    def take(self, row: Mapping[str, Any]) -> None:
        super().take({**row, "epoch": row["step"]} if "step" in row else row)

    @property
    def parts(self) -> list[str]:
        """The newest losses that the first curve is the sum of, in words."""
        row = self.told.get("row", {})
        return [f"{name} {brief(row[name])}" for name in PARTS if isinstance(row.get(name), int | float)]

    @property
    def peak(self) -> tuple[float, float] | None:
        """(step, dB) of the best judgement."""
        places, values = self.curves.get(BEST, ((), ()))
        points = [(value, place) for place, value in zip(places, values, strict=True) if value == value]
        return max(points)[::-1] if points else None


@dataclass(frozen=True)
class Look:
    """A gap as it is filled now, ready to be drawn."""

    view: dict[str, Any]
    spectra: Sequence[tuple[str, dict[str, Any]]]
    pictures: Sequence[Picture]
    words: str
    judged: dict[str, Any]
    """As a row of the stream tells it: the one before the first step is told of nowhere else."""


class Looks:
    """The looks of the training ``job``."""

    def __init__(self, job: str) -> None:
        self._path = paths.state() / "runs" / job / LOOK
        self._seen = 0
        """When the one that was read last was written."""

    def new(self) -> Look | None:
        """The newest, if it is another than last time and whole."""
        try:
            written = self._path.stat().st_mtime_ns
            if written == self._seen:
                return None
            self._seen = written
            return _look(json.loads(self._path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            return None


def _look(told: Mapping[str, Any]) -> Look:
    spectra, heat = told["spectra"], told["heat"]
    return Look(
        {**told["waves"], "from": told["from"], "to": 1.0, "ms": told["gap_ms"]},
        [
            (words, {"hz": spectra[name]["hertz"], "mean_db": spectra[name]["db"]})
            for name, words in WORDS.items()
        ],
        [_picture(words, heat[name]) for name, words in WORDS.items()],
        f"a gap of {told['gap_ms']:g} ms, {told['sdr_db']:.1f} dB",
        {"kind": "row", "step": told["step"], **told["judged"]},
    )


def _picture(name: str, rows: Sequence[Sequence[int]]) -> Picture:
    """Rows of low frequencies first, as they are drawn. Raises ValueError, TypeError, IndexError."""
    picture = b"".join(bytes(row) for row in reversed(rows))
    size = len(rows[0]), len(rows)
    if len(picture) != size[0] * size[1]:
        raise ValueError(name)
    return name, picture, size
