"""Sounds that the tests make for themselves: ten kinds, seeded, 48 kHz, mono float32 within +-0.9.

``make("bell", seconds=2, seed=3)`` -> (samples,); ``write_folder(path, count=10)`` -> files on disk.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile

RATE = 48_000


def make(kind: str, seconds: float = 2.0, seed: int = 0) -> np.ndarray:
    """One sound of ``KINDS``: float32 (samples,), peak between 0.3 and 0.9, no DC, the same for a seed."""
    rng = np.random.default_rng([sorted(KINDS).index(kind), seed])
    audio = KINDS[kind](round(seconds * RATE), rng)
    audio = audio - audio.mean()
    return (audio * rng.uniform(0.3, 0.9) / max(np.abs(audio).max(), 1e-9)).astype(np.float32)


def stereo(kind: str, seconds: float = 2.0, seed: int = 0) -> np.ndarray:
    """Float32 (2, samples): the right side is another take of the same kind, a little softer."""
    return np.stack([make(kind, seconds, seed), 0.8 * make(kind, seconds, seed + 1)])


def without_packets(audio: np.ndarray, lost: np.ndarray, packet: int) -> np.ndarray:
    """``audio (channels, samples)``, silent where a packet of ``packet`` samples is told as ``lost``."""
    gone = np.repeat(lost, packet)[: audio.shape[1]]
    return np.where(np.pad(gone, (0, audio.shape[1] - len(gone))), np.float32(0), audio)


def write_folder(
    folder: Path,
    count: int = 10,
    seconds: float = 2.0,
    seed: int = 0,
    kinds: Sequence[str] = (),
    ending: str = "wav",
    rate: int = RATE,
) -> list[Path]:
    """``count`` files in ``folder``, kinds in turn; WAV and AIFF are 24-bit. ``rate`` only relabels."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = kinds or tuple(KINDS)
    paths = []
    for index in range(count):
        kind = kinds[index % len(kinds)]
        path = folder / f"{index:03d}_{kind}.{ending}"
        subtype = "PCM_24" if ending in ("wav", "aiff", "flac") else None
        soundfile.write(path, make(kind, seconds, seed + index), rate, subtype=subtype)
        paths.append(path)
    return paths


def _pitch(rng: np.random.Generator, low: float = 45, high: float = 75) -> float:
    return 440.0 * 2 ** ((rng.uniform(low, high) - 69) / 12)


def _time(count: int) -> np.ndarray:
    return np.arange(count) / RATE


def _onsets(count: int, rng: np.random.Generator, low: float, high: float) -> list[int]:
    """Sample positions from the start on, ``low`` to ``high`` seconds apart."""
    positions, at = [], 0.02
    while at * RATE < count - 64:
        positions.append(int(at * RATE))
        at += rng.uniform(low, high)
    return positions or [0]


def pluck(count: int, rng: np.random.Generator) -> np.ndarray:
    """Strings: harmonics a little sharp of whole multiples, the high ones fading first."""
    out = np.zeros(count)
    for start in _onsets(count, rng, 0.35, 0.7):
        pitch, t = _pitch(rng), _time(count - start)
        for n in range(1, 25):
            frequency = n * pitch * np.sqrt(1 + 2e-4 * n * n)
            if frequency > 18_000:
                break
            gain = abs(np.sin(np.pi * n * 0.18)) / n
            out[start:] += gain * np.exp(-t * (1.5 + 0.5 * n)) * np.sin(2 * np.pi * frequency * t)
    return out


def bell(count: int, rng: np.random.Generator) -> np.ndarray:
    """Inharmonic partials with long tails, some in beating pairs."""
    t, pitch, out = _time(count), _pitch(rng, 60, 80), np.zeros(count)
    for ratio, gain in ((0.5, 0.4), (1, 1), (1.19, 0.7), (1.56, 0.4), (2, 0.6), (2.66, 0.4), (3.76, 0.3)):
        beat = rng.uniform(0.3, 2)
        tail = np.exp(-t * (0.8 + ratio))
        for frequency, share in ((pitch * ratio, 1), (pitch * ratio + beat, 0.5)):
            out += gain * share * tail * np.sin(2 * np.pi * frequency * t)
    return out * np.minimum(1, t / 0.002)


def drums(count: int, rng: np.random.Generator) -> np.ndarray:
    """Kick, snare and hat on a grid."""
    out, step = np.zeros(count), rng.uniform(0.11, 0.16)
    for index, start in enumerate(range(0, count - 64, int(step * RATE))):
        t = _time(min(count - start, RATE // 2))
        noise = rng.standard_normal(len(t))
        hat = 0.25 * np.diff(noise, prepend=0) * np.exp(-t * 60)
        hit = hat
        if index % 4 == 0:
            hit = hat + np.exp(-t * 9) * np.sin(2 * np.pi * (50 * t + 4 * (1 - np.exp(-t * 30))))
        elif index % 4 == 2:
            hit = hat + 0.6 * noise * np.exp(-t * 18) + 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t * 25)
        out[start : start + len(t)] += hit
    return out


def vowels(count: int, rng: np.random.Generator) -> np.ndarray:
    """A voice that glides between vowels: harmonics under moving formants."""
    t, pitch = _time(count), _pitch(rng, 43, 55)
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.01 * np.sin(2 * np.pi * 5 * t))) / RATE
    table = np.array([(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480)])
    order = table[rng.permutation(4)]
    where = np.linspace(0, 3, count)
    formants = [np.interp(where, range(4), order[:, k]) for k in range(3)]
    out = np.zeros(count)
    for n in range(1, int(5_000 / pitch)):
        widths = zip(formants, (80, 100, 140), strict=True)
        gain = sum(1 / (1 + ((n * pitch - middle) / width) ** 2) for middle, width in widths)
        out += gain / np.sqrt(n) * np.sin(n * phase)
    return out * np.minimum(1, np.minimum(t, t[::-1]) / 0.03)


def noise(count: int, rng: np.random.Generator) -> np.ndarray:
    """Wind: noise whose slope and level move slowly."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / RATE)
    spectrum /= np.maximum(frequency, 60) ** rng.uniform(0.2, 0.9)
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * rng.uniform(0.3, 1.2) * _time(count) + rng.uniform(0, 6))
    return np.fft.irfft(spectrum, count) * swell


def pad(count: int, rng: np.random.Generator) -> np.ndarray:
    """Organ chord: steady harmonics, slow attack."""
    t, root, out = _time(count), _pitch(rng, 45, 57), np.zeros(count)
    for interval in (0, 7, 12, 16):
        for n, gain in ((1, 1), (2, 0.7), (3, 0.3), (4, 0.4), (6, 0.2), (8, 0.15)):
            frequency = root * 2 ** (interval / 12) * n * (1 + rng.uniform(-1e-3, 1e-3))
            out += gain * np.sin(2 * np.pi * frequency * t + rng.uniform(0, 6.28))
    return out * np.minimum(1, t / 0.25) * np.minimum(1, t[::-1] / 0.25)


def sweep(count: int, rng: np.random.Generator) -> np.ndarray:
    """Frequency modulation whose index and ratio travel."""
    t, carrier = _time(count), _pitch(rng, 45, 60)
    index = np.linspace(rng.uniform(0, 2), rng.uniform(5, 12), count)
    glide = carrier * 2 ** np.linspace(0, rng.uniform(-1, 1.5), count)
    phase = 2 * np.pi * np.cumsum(glide) / RATE
    return np.sin(phase + index * np.sin(phase * rng.choice([1.0, 1.41, 2.0]))) * np.minimum(1, t / 0.01)


def vibrato(count: int, rng: np.random.Generator) -> np.ndarray:
    """A flute: few harmonics, vibrato that sets in, a little breath."""
    t, pitch = _time(count), _pitch(rng, 60, 80)
    depth = 0.012 * np.minimum(1, t / 0.6)
    phase = 2 * np.pi * np.cumsum(pitch * (1 + depth * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * t))) / RATE
    tone = sum(g * np.sin(n * phase) for n, g in ((1, 1), (2, 0.4), (3, 0.15), (4, 0.05)))
    breath = np.diff(rng.standard_normal(count), prepend=0) * 0.01
    return (tone + breath) * np.minimum(1, np.minimum(t / 0.06, t[::-1] / 0.1))


def clicks(count: int, rng: np.random.Generator) -> np.ndarray:
    """Sparse resonant ticks, near silence between."""
    out = np.zeros(count)
    for start in _onsets(count, rng, 0.08, 0.4):
        t = _time(min(count - start, RATE // 10))
        tick = np.exp(-t * rng.uniform(80, 200)) * np.sin(2 * np.pi * rng.uniform(800, 6_000) * t)
        out[start : start + len(t)] += tick * rng.uniform(0.3, 1)
    return out + 1e-4 * rng.standard_normal(count)


def mix(count: int, rng: np.random.Generator) -> np.ndarray:
    """Drums, a pad and plucked strings at once."""
    parts = [f(count, rng) for f in (drums, pad, pluck)]
    return sum(p / max(np.abs(p).max(), 1e-9) for p in parts)


KINDS: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    kind.__name__: kind for kind in (pluck, bell, drums, vowels, noise, pad, sweep, vibrato, clicks, mix)
}
