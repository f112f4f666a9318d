"""Pairs of a degraded sound and its truth: which files belong together, and whether their samples do.

Files are paired by their names: ``inputs/x.wav`` with ``ground_truth/x.wav``, folders below them and other
endings allowed, and without those folders ``input_001.wav`` with ``truth_001.wav``. A pair is of use where
every sample of one belongs to the same sample of the other: same rate, channels and length, no lag, the same
way up.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from jobs.sound.alignment import Placed, place
from jobs.sound.gather import gather
from jobs.sound.io import load
from jobs.sound.reader import name_of

INPUTS, TRUTHS = "inputs", "ground_truth"
"""Folders."""
PREFIXES = ("input_", "truth_")
SILENT = 2.0**-24
"""Peak below which a sound is silence: half a step of 24 bits."""


class Mismatch(ValueError):
    """A pair that can't be used as it is, or a folder without any; one line that says what to do."""


@dataclass(frozen=True)
class Pair:
    """``degraded`` and ``truth`` are paths; ``name`` is what both are called, without folder and ending."""

    name: str
    degraded: str
    truth: str


@dataclass(frozen=True)
class Aligned:
    """``degraded`` and ``truth``, float32 (channels, samples) of one shape, sample by sample; ``placed`` is
    where they lay, ``told`` what was done about it, empty where nothing was."""

    degraded: np.ndarray
    truth: np.ndarray
    rate: int
    placed: Placed
    told: str = ""


@dataclass
class _Sides:
    """Name -> paths, of the degraded sounds and of the truths; and the ``others``."""

    degraded: dict[str, list[str]] = field(default_factory=dict)
    truth: dict[str, list[str]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)


def pair_up(folder: str | os.PathLike, files: Iterable[str | os.PathLike] | None = None) -> list[Pair]:
    """All pairs in ``folder`` by name; of ``files`` alone where they are given, paths below its two folders,
    where nothing needs to be any more. Raises Mismatch where there are none, TooMany.

    A name that one side has twice is left out; `without_partner` tells.
    """
    sides = _sides(Path(folder), files)
    both = sorted(set(sides.degraded) & set(sides.truth))
    found = [(name, sides.degraded[name], sides.truth[name]) for name in both]
    pairs = [Pair(name, ours[0], theirs[0]) for name, ours, theirs in found if len(ours) == len(theirs) == 1]
    if not pairs:
        raise Mismatch(f"{name_of(folder)}: no pairs; {INPUTS}/x.wav belongs to {TRUTHS}/x.wav")
    return pairs


def without_partner(folder: str | os.PathLike, files: Iterable[str | os.PathLike] | None = None) -> list[str]:
    """A line for every sound that `pair_up` leaves out, and why. Raises TooMany."""
    top = Path(folder)
    sides = _sides(top, files)
    lines = []
    for ours, theirs, other in (
        (sides.degraded, sides.truth, "truth"),
        (sides.truth, sides.degraded, "input"),
    ):
        for name, paths in sorted(ours.items()):
            shown = [Path(path).relative_to(top).as_posix() for path in paths]
            if len(shown) > 1:
                lines.append(f"{' and '.join(shown)} have one name; keep one of them")
            elif name not in theirs:
                lines.append(f"{shown[0]} has no {other}; add it, or take the file out")
    starts = " nor with ".join(PREFIXES)
    for path in sides.others:
        lines.append(f"{Path(path).relative_to(top).as_posix()} begins neither with {starts}; name it so")
    return lines


def check_pair(
    degraded: np.ndarray,
    truth: np.ndarray,
    rates: tuple[int, int],
    names: tuple[str, str] = ("input", "truth"),
    align: bool = False,
) -> Aligned:
    """Both (channels, samples) with their ``rates`` in Hz, checked; ``names`` are what refusals call them.

    With ``align`` a lag is cut off (both are shorter by it then) and a sound that is upside down is turned
    over; without it they are refused. Raises Mismatch in one line with both names and figures.
    """
    check_shapes(degraded, truth, rates, names)
    for audio, name in zip((degraded, truth), names, strict=True):
        if not np.isfinite(audio).all():
            raise Mismatch(f"{name}: holds numbers that are not finite")
        if float(np.abs(audio).max()) < SILENT:
            raise Mismatch(f"{name}: silent; nothing can be learnt from it, so take the pair out")
    placed = place(degraded, truth, rates[0])
    ours, theirs = names
    if not placed.alike:
        share = f"{placed.similarity:.0%} in common"
        raise Mismatch(f"{ours} was not made from {theirs} ({share}); pair it with the sound it comes from")
    told = "; ".join(_faults(placed, rates[0], names))
    if told and not align:
        raise Mismatch(f"{told}; align them, or write {ours} anew")
    if align:
        degraded, truth = _aligned(degraded, truth, placed)
    return Aligned(degraded, truth, rates[0], placed, f"{told}; corrected" if told else "")


def read_pair(pair: Pair, align: bool = False, names: tuple[str, str] | None = None) -> Aligned:
    """Both files of a pair, checked as `check_pair` does; without ``names`` they are called by their paths
    below the folder that both are in. Raises Unreadable, Mismatch."""
    ours, theirs = load(pair.degraded), load(pair.truth)
    names = names or _below_both(pair)
    return check_pair(ours.audio, theirs.audio, (ours.rate, theirs.rate), names, align)


def _below_both(pair: Pair) -> tuple[str, str]:
    degraded, truth = (Path(path).absolute() for path in (pair.degraded, pair.truth))
    top = os.path.commonpath([degraded.parent, truth.parent])
    return degraded.relative_to(top).as_posix(), truth.relative_to(top).as_posix()


def check_shapes(
    degraded: np.ndarray, truth: np.ndarray, rates: tuple[int, int], names: tuple[str, str]
) -> None:
    for audio, name in zip((degraded, truth), names, strict=True):
        if audio.ndim != 2 or not audio.size:
            raise Mismatch(f"{name}: needs the shape (channels, samples), has {audio.shape}")
    figures = (
        (rates, "Hz", "resample one of them"),
        ((len(degraded), len(truth)), "channels", "give both the same"),
        ((degraded.shape[1], truth.shape[1]), "samples", "cut both to what they share"),
    )
    for (ours, theirs), unit, remedy in figures:
        if ours != theirs:
            raise Mismatch(f"{names[0]} has {ours} {unit}, {names[1]} {theirs}; {remedy}")


def _faults(placed: Placed, rate: int, names: tuple[str, str]) -> Iterator[str]:
    ours, theirs = names
    if placed.lag:
        side = "behind" if placed.lag > 0 else "before"
        figure = f"{abs(placed.lag)} samples ({abs(placed.lag) / rate * 1_000:.1f} ms)"
        yield f"{ours} is {figure} {side} {theirs} (confidence {placed.confidence:.2f})"
    if placed.polarity < 0:
        yield f"{ours} is {theirs} upside down ({placed.degrees:.0f}°)"


def _aligned(degraded: np.ndarray, truth: np.ndarray, placed: Placed) -> tuple[np.ndarray, np.ndarray]:
    count = truth.shape[1] - abs(placed.lag)
    late, early = max(0, placed.lag), max(0, -placed.lag)
    degraded, truth = degraded[:, late : late + count], truth[:, early : early + count]
    return (-degraded if placed.polarity < 0 else degraded), truth


def _sides(top: Path, files: Iterable[str | os.PathLike] | None) -> _Sides:
    """Raises Mismatch where a folder is missing, TooMany."""
    if files is not None:
        return _halves(top, files)
    if not top.is_dir():
        raise Mismatch(f"{name_of(top)}: no such folder")
    folders = [top / INPUTS, top / TRUTHS]
    there = [folder.is_dir() for folder in folders]
    if all(there):
        return _halves(top, [path for folder in folders for path in gather([str(folder)]).files])
    sides = _Sides()
    if any(there):
        here, gone = (INPUTS, TRUTHS) if there[0] else (TRUTHS, INPUTS)
        raise Mismatch(f"{name_of(top)}: has {here} and no {gone}; put the other half of each pair there")
    for path in gather([str(top)]).files:
        name = Path(path).name
        if not name.startswith(PREFIXES):
            sides.others.append(path)
            continue
        side = sides.degraded if name.startswith(PREFIXES[0]) else sides.truth
        side.setdefault(_name(Path(path).relative_to(top)), []).append(path)
    return sides


def _halves(top: Path, files: Iterable[str | os.PathLike]) -> _Sides:
    """By the folder of ``top`` that each of the files is in."""
    sides = _Sides()
    folders = {INPUTS: sides.degraded, TRUTHS: sides.truth}
    for path in map(Path, files):
        half = path.relative_to(top).parts[0]
        folders[half].setdefault(_name(path.relative_to(top / half)), []).append(str(path))
    return sides


def _name(path: Path) -> str:
    """What a file of a pair is called: no ending, no prefix, letters and their accents in one piece."""
    stem = path.stem
    for prefix in PREFIXES:
        stem = stem.removeprefix(prefix)
    return unicodedata.normalize("NFC", (path.parent / (stem or path.stem)).as_posix())
