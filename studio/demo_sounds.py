"""A dozen small sounds from nothing but the standard library: strings, bells, drums, pads.

A sound is an iterable of floats at RATE; the same on every machine, so that a demo can be compared.
"""

import io
import math
import random
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path

from store.files import atomic

RATE = 48_000
"""Samples per second."""


def decay(seconds: float) -> float:
    """Factor per sample that loses 60 dB in ``seconds``."""
    return 10 ** (-3 / (seconds * RATE))


def string(hz: float, seconds: float, softness: float, seed: int) -> Iterator[float]:
    """A plucked string: noise that goes round a delay of one period and is smoothed on its way."""
    rng = random.Random(seed)
    held, loop = 0.0, array("d")
    for _ in range(round(RATE / hz)):
        held += (1 - softness) * (rng.uniform(-1, 1) - held)
        loop.append(held)
    middle = sum(loop) / len(loop)
    loop = array("d", (value - middle for value in loop))
    keep, place = 0.5 * decay(4 * seconds) ** len(loop), 0
    for _ in range(round(seconds * RATE)):
        following = place + 1 if place + 1 < len(loop) else 0
        value = loop[place]
        yield value
        loop[place] = keep * (value + loop[following])
        place = following


def bell(hz: float, seconds: float, ratios: tuple[float, ...]) -> Iterator[float]:
    """Partials that are no harmonics, the high ones gone first; each a two-pole resonator."""
    partials = []
    for number, ratio in enumerate(ratios):
        radius, angle = decay(seconds / (1 + 0.7 * number)), 2 * math.pi * hz * ratio / RATE
        first = math.sin(angle) / (1 + number)
        partials.append([2 * radius * math.cos(angle), -radius * radius, first, 0.0])
    for _ in range(round(seconds * RATE)):
        total = 0.0
        for one in partials:
            total += one[3]
            one[2], one[3] = one[0] * one[2] + one[1] * one[3], one[2]
        yield total


def drum(low: float, high: float, seconds: float, noise: float, seed: int) -> Iterator[float]:
    """A tone that falls from ``high`` to ``low`` Hz, with a share of fading noise."""
    rng = random.Random(seed)
    phase, hz, body, hiss = 0.0, high, 1.0, 1.0
    fall, fade, hush = decay(0.12), decay(seconds), decay(0.6 * seconds)
    for _ in range(round(seconds * RATE)):
        phase += 2 * math.pi * hz / RATE
        yield (1 - noise) * body * math.sin(phase) + noise * hiss * rng.uniform(-1, 1)
        hz = low + (hz - low) * fall
        body *= fade
        hiss *= hush


def cymbal(seconds: float, seed: int) -> Iterator[float]:
    """Noise without its lows."""
    rng = random.Random(seed)
    level, fade, before = 1.0, decay(seconds), 0.0
    for _ in range(round(seconds * RATE)):
        now = rng.uniform(-1, 1)
        yield 0.5 * level * (now - before)
        before = now
        level *= fade


def pad(chord: tuple[float, ...], seconds: float, dark: float) -> Iterator[float]:
    """Saw waves through a filter that opens and closes once."""
    count = round(seconds * RATE)
    phases, held = [0.1 * number for number in range(len(chord))], 0.0
    for sample in range(count):
        swell = math.sin(math.pi * sample / count)
        total = 0.0
        for number, hz in enumerate(chord):
            phases[number] = (phases[number] + hz / RATE) % 1.0
            total += 2 * phases[number] - 1
        held += (0.002 + (1 - dark) * 0.2 * swell) * (total / len(chord) - held)
        yield swell * held


SMALL, LARGE = (1.0, 2.76, 5.4, 8.93), (0.5, 1.0, 1.19, 1.56, 2.0, 2.74)
SOUNDS = {
    "string-low": (lambda: string(110.0, 2.0, 0.6, 1), 0.7),
    "string-mid": (lambda: string(196.0, 1.8, 0.3, 2), 0.6),
    "string-high": (lambda: string(440.0, 1.5, 0.0, 3), 0.5),
    "string-soft": (lambda: string(146.8, 2.0, 0.85, 4), 0.25),
    "bell-small": (lambda: bell(880.0, 1.8, SMALL), 0.5),
    "bell-large": (lambda: bell(330.0, 2.2, LARGE), 0.7),
    "drum-low": (lambda: drum(48.0, 180.0, 0.8, 0.02, 5), 0.9),
    "drum-snare": (lambda: drum(180.0, 330.0, 0.6, 0.6, 6), 0.8),
    "drum-tom": (lambda: drum(95.0, 210.0, 0.9, 0.05, 7), 0.6),
    "cymbal": (lambda: cymbal(0.8, 8), 0.35),
    "pad-dark": (lambda: pad((110.0, 164.8, 220.7), 2.5, 0.9), 0.4),
    "pad-open": (lambda: pad((220.0, 277.2, 331.0), 2.5, 0.2), 0.5),
}
"""Name -> how it is made, and its peak (1 is full scale)."""


def render(name: str) -> bytes:
    """A sound as the bytes of a WAV file: mono, 16 bits, RATE."""
    make, peak = SOUNDS[name]
    samples = list(make())
    gain = peak * 32767 / max(map(abs, samples))
    edge = RATE // 100
    for back in range(edge):
        # The last 10 ms fade, so that nothing ends in a click.
        samples[-1 - back] *= back / edge
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(array("h", (round(gain * sample) for sample in samples)).tobytes())
    return file.getvalue()


def make(folder: Path) -> list[Path]:
    """Write the sounds that ``folder`` has not yet; all of them, in order."""
    paths = []
    for name in SOUNDS:
        path = folder / f"{name}.wav"
        if not path.is_file():
            atomic(path, render(name))
        paths.append(path)
    return paths
