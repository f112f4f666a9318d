"""Versions of the sounds that a net learns from: other pitch, other tempo, a little noise, other gain.

Made once, as features. A version is played faster or slower by resampling, which moves pitch and tempo
together; the tempo is then set on its own by analysing at another hop, the first half of a phase
vocoder (Laroche & Dolson 1999): a net that learns power and frequency needs no phase, so nothing is
smeared by putting one together again. Only spans that are trained on are ever read.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import soxr
import torch

from jobs.sound.bands import BANDS, features_after
from jobs.sound.bands import VERSION as REPRESENTATION
from jobs.sound.spectrum import FFT, FRAMES_PER_SECOND, HOP, RATE, window

VERSION = 1
"""Changes with anything that changes what is made, so that cached versions are made again."""
PIECE = int(8 * FRAMES_PER_SECOND)
"""Frames that share one drawing; a longer span is cut, so that it is heard at several pitches."""
CONTEXT = 4
"""Frames around a piece that its analysis window sees: fewer than the gap around what is held out."""
BLOCK = 512
SHORTEST = 8


@dataclass(frozen=True)
class Changes:
    """What is drawn for each piece, uniformly: semitones, tempo, dB below the sound, gain."""

    versions: int = 4
    semitones: tuple[float, float] = (-2.0, 2.0)
    stretch: tuple[float, float] = (0.9, 1.1)
    noise_db: tuple[float, float] = (15.0, 40.0)
    noisy: float = 0.25
    gain: tuple[float, float] = (0.7, 1.3)
    seed: int = 0
    most_seconds: float = 1200.0
    """Of versions in all, 350 MB: of more sound fewer are made, and in the end not of every piece."""


@dataclass(frozen=True)
class Versions:
    """``features (2, BANDS, frames)`` float16, memory-mapped.

    ``pieces`` tell, one after another, the frame of the tape a piece comes from and its own length.
    """

    features: np.ndarray
    pieces: tuple[tuple[int, int], ...]

    @property
    def frames(self) -> int:
        return self.features.shape[-1]


def key(tape: str, spans: tuple[tuple[int, int], ...], changes: Changes) -> str:
    """Changes with the tape (its key), what of it is trained on, the settings and both versions."""
    told = [VERSION, REPRESENTATION, FFT, HOP, BANDS, PIECE, tape, spans, asdict(changes)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]


def work(spans: tuple[tuple[int, int], ...], changes: Changes) -> list[tuple[int, tuple[int, int]]]:
    """``(version, piece)`` for all that is to be made, pieces spread evenly where there is room for few."""
    parts = pieces(spans)
    most = changes.most_seconds * FRAMES_PER_SECOND
    total = max(1, sum(frames for _, frames in parts))
    versions = max(1, min(changes.versions, int(most / total)))
    parts = parts[:: max(1, round(total / most))]
    return [(version, part) for version in range(versions) for part in parts]


def pieces(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Spans ``(start, frames)`` cut into equal parts of at most `PIECE` frames."""
    found = []
    for start, frames in spans:
        parts = -(-frames // PIECE)
        edges = np.linspace(start, start + frames, parts + 1).astype(int)
        found += [(int(a), int(b - a)) for a, b in pairwise(edges) if b - a >= SHORTEST]
    return found


def build(
    folder: Path, wave: np.ndarray, spans: tuple[tuple[int, int], ...], changes: Changes, key: str
) -> Iterator[tuple[int, int]]:
    """Make the versions of ``wave``'s spans in ``folder``; yields (pieces done, total).

    The manifest is written last: a folder without one holds nothing.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts = work(spans, changes)
    made: list[tuple[int, int]] = []
    with (folder / "features.f16").open("wb") as file:
        for done, (version, (start, frames)) in enumerate(parts):
            random = np.random.default_rng([changes.seed, 5, version, start])
            found = changed(wave, start, frames, changes, random)
            # Frames first, so that pieces can be appended.
            file.write(np.ascontiguousarray(found.transpose(2, 0, 1)).tobytes())
            made.append((start, found.shape[-1]))
            yield done + 1, len(parts)
    manifest = {"key": key, "pieces": made}
    draft = folder / "manifest.json.tmp"
    draft.write_text(json.dumps(manifest))
    draft.replace(folder / "manifest.json")


def load(folder: Path, key: str) -> Versions | None:
    """The versions in ``folder`` if they are the ones ``key`` tells of, whole."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        if manifest["key"] != key:
            return None
        made = tuple((int(start), int(frames)) for start, frames in manifest["pieces"])
        flat = np.memmap(folder / "features.f16", np.float16, "r")
        rows = flat.reshape(sum(frames for _, frames in made), 2, BANDS)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Versions(rows.transpose(1, 2, 0), made)


def changed(
    wave: np.ndarray, start: int, frames: int, changes: Changes, random: np.random.Generator
) -> np.ndarray:
    """A version of ``frames`` of a tape from ``start`` on, ``(2, BANDS, about frames / stretch)`` float16."""
    semitones, stretch = random.uniform(*changes.semitones), random.uniform(*changes.stretch)
    gain, snr = random.uniform(*changes.gain), random.uniform(*changes.noise_db)
    speed = 2 ** (semitones / 12)
    before = min(CONTEXT, start)
    cut = np.asarray(wave[(start - before) * HOP : (start + frames + CONTEXT) * HOP]) * np.float32(gain)
    # Played faster, a sound has fewer samples at the same rate and a higher pitch.
    cut = soxr.resample(cut, RATE * speed, RATE, quality="HQ")
    if random.random() < changes.noisy:
        cut = cut + noise(len(cut), float(np.sqrt(np.mean(np.square(cut)))) * 10 ** (-snr / 20), random)
    hop = HOP * stretch / speed
    count = max(1, round(frames / stretch))
    return analysed(cut, before * HOP / speed + hop * np.arange(count)).half().numpy()


def noise(count: int, level: float, random: np.random.Generator) -> np.ndarray:
    """``(count,)`` of RMS ``level``, its slope drawn between white and -6 dB per octave."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    spectrum /= np.maximum(np.arange(len(spectrum)) * RATE / count, 50.0) ** random.uniform(0, 1)
    found = np.fft.irfft(spectrum, count)
    return (found * (level / max(float(np.sqrt(np.mean(np.square(found)))), 1e-12))).astype(np.float32)


def analysed(wave: np.ndarray, centres: np.ndarray) -> torch.Tensor:
    """Features ``(2, BANDS, n)`` of frames centred on ``centres (n,)`` samples.

    Frequency is taken from the advance over the 256 samples before each, as in `jobs.sound.bands`.
    """
    padded = torch.nn.functional.pad(torch.from_numpy(wave), (FFT // 2 + HOP, FFT))
    at = torch.from_numpy(np.rint(centres).astype(np.int64)).clamp(0, len(wave))
    windows = padded.unfold(0, FFT, 1)
    made = []
    for part in at.split(BLOCK):
        before, now = (torch.fft.rfft(windows[part + shift] * window()).T for shift in (0, HOP))
        made.append(features_after(now, before))
    return torch.cat(made, dim=-1)
