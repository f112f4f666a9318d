"""What connections and cheap converters do to a sound besides losing packets, made by a seed.

`MAKES` is the table of how each kind of ``jobs.sound.amounts`` is made. What comes out is as long as what
went in, and what was done is told with it: parameters given back with the same seed give the same samples.
Nothing is clipped but by ``clip``: a phase error may lift peaks above full scale.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from jobs.sound.amounts import KINDS
from jobs.sound.io import resample
from jobs.sound.traces import gaps, packet_samples

HIGHEST = 0.45
"""Of the rate: no frequency is drawn above it."""
TAIL = 0.25
"""Seconds of silence behind a sound: a filter rings out in it and does not reach round to the beginning."""


Values = dict[str, float]
Made = tuple[np.ndarray, dict[str, Any]]


def degrade(
    audio: Any, rate: int, kind: str, seed: int, /, **amount: Any
) -> tuple[np.ndarray, dict[str, Any]]:
    """(channels, samples) float32 at ``rate`` Hz after a degradation of `KINDS`, and what was done.

    ``amount`` sets parameters of the kind that are drawn otherwise. Told are ``kind``, ``seed``, all
    parameters and what follows from them and the sound. Raises ValueError in one line.
    """
    wave = _checked(audio)
    if kind not in KINDS:
        raise ValueError(f"degradation: {str(kind)[:20]!r} is not one of {', '.join(KINDS)}")
    ranges = KINDS[kind].ranges
    if unknown := sorted(set(amount) - set(ranges)):
        raise ValueError(f"{kind}: no parameter {unknown[0][:20]!r}; it has {KINDS[kind]}")
    rng = np.random.default_rng([seed, *kind.encode()])
    # All are drawn, so that setting one leaves the others as they are.
    values = {name: within.draw(rng) for name, within in ranges.items()}
    values |= {name: ranges[name].checked(f"{kind}: {name}", value) for name, value in amount.items()}
    made, found = MAKES[kind](wave, rate, rng, values)
    return made.astype(np.float32, copy=False), {"kind": kind, "seed": seed, **values, **found}


def _checked(audio: Any) -> np.ndarray:
    wave = np.asarray(audio, np.float32)
    if wave.ndim != 2 or not wave.size:
        raise ValueError(f"sound: needs the shape (channels, samples), has {wave.shape}")
    if not np.isfinite(wave).all():
        raise ValueError("sound: holds numbers that are not finite")
    return wave


# --- one function per kind ---------------------------------------------------------------------------


def _dropouts(audio: np.ndarray, rate: int, rng: np.random.Generator, values: Values) -> Made:
    """``gaps`` are told as (start, end) in samples, without the edges."""
    count = audio.shape[1]
    length = min(count, max(1, round(values["length_ms"] * rate / 1_000)))
    edge = round(values["edge_ms"] * rate / 1_000)
    fall = 0.5 + 0.5 * np.cos(np.pi * np.arange(1, edge + 1) / (edge + 1))
    gain = np.ones(count)
    for start in rng.integers(0, count - length + 1, max(1, round(values["per_second"] * count / rate))):
        end = start + length
        gain[start:end] = 0
        before, after = gain[max(0, start - edge) : start], gain[end : end + edge]
        np.minimum(before, fall[edge - len(before) :], out=before)
        np.minimum(after, fall[::-1][: len(after)], out=after)
    found = [(gap.start, gap.end) for gap in gaps(gain == 0, 1, count)]
    return audio * gain.astype(np.float32), {"gaps": found}


def _clip(audio: np.ndarray, rate: int, rng: np.random.Generator, values: Values) -> Made:
    """``clipped`` is the share of samples."""
    ceiling = np.float32(np.abs(audio).max() * 10 ** (values["level_db"] / 20))
    return np.clip(audio, -ceiling, ceiling), {"clipped": round(float((np.abs(audio) > ceiling).mean()), 6)}


def _bits(audio: np.ndarray, rate: int, rng: np.random.Generator, values: Values) -> Made:
    """Mid-tread, as whole numbers are, without dither."""
    full = 2.0 ** (values["bits"] - 1)
    return np.clip(np.rint(audio * full), -full, full - 1) / full, {}


def _band(audio: np.ndarray, rate: int, rng: np.random.Generator, values: Values) -> Made:
    """As if it had been sampled at twice ``hertz``, nothing is left above it."""
    hertz = min(values["hertz"], HIGHEST * rate)
    narrow = resample(resample(audio, rate, round(2 * hertz)), round(2 * hertz), rate)
    out = np.zeros_like(audio)
    count = min(audio.shape[1], narrow.shape[1])
    out[:, :count] = narrow[:, :count]
    return out, {"hertz": hertz}


def _reorder(audio: np.ndarray, rate: int, rng: np.random.Generator, values: Values) -> Made:
    """``swapped`` are the packets (of ``packet`` samples) that changed places with the one behind them."""
    packet = packet_samples(values["packet_ms"], rate)
    whole = audio.shape[1] // packet
    if whole < 2:
        raise ValueError(
            f"reorder: {audio.shape[1]} samples are not two packets of {packet}; take a longer sound"
        )
    first = int(rng.integers(0, 2)) if whole > 2 else 0
    places = (whole - first) // 2
    count = min(places, max(1, round(values["share"] * whole / 2)))
    swapped = np.sort(first + 2 * rng.choice(places, count, replace=False))
    order = np.arange(whole)
    order[swapped], order[swapped + 1] = swapped + 1, swapped
    packets = audio[:, : whole * packet].reshape(len(audio), whole, packet)[:, order]
    out = audio.copy()
    out[:, : whole * packet] = packets.reshape(len(audio), -1)
    return out, {"packet": packet, "swapped": swapped.tolist()}


def _phase(audio: np.ndarray, rate: int, rng: np.random.Generator, values: Values) -> Made:
    """All frequencies turned by the same angle."""
    turn = np.exp(1j * math.radians(values["degrees"]))
    return _filtered(audio, rate, lambda delay: np.full(len(delay), turn)), {}


def _allpass(audio: np.ndarray, rate: int, rng: np.random.Generator, values: Values) -> Made:
    """All-passes of second order in a row (Bristow-Johnson's cookbook, 1998): around ``hertz`` the sound is
    late."""
    hertz = min(values["hertz"], HIGHEST * rate)
    turn = 2 * math.pi * hertz / rate
    middle, side = -2 * math.cos(turn), math.sin(turn) / (2 * values["q"])

    def response(delay: np.ndarray) -> np.ndarray:
        up = 1 - side + middle * delay + (1 + side) * delay**2
        down = 1 + side + middle * delay + (1 - side) * delay**2
        return (up / down) ** values["stages"]

    return _filtered(audio, rate, response), {"hertz": hertz}


def _filtered(audio: np.ndarray, rate: int, response: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """``response`` gets z^-1 on the unit circle, from 0 Hz to half the rate."""
    count = audio.shape[1]
    # Half of what a process needs to begin, for two of the ways.
    from scipy import fft

    size = fft.next_fast_len(count + round(TAIL * rate), real=True)
    delay = np.exp(-2j * math.pi * np.arange(size // 2 + 1) / size)
    return fft.irfft(fft.rfft(audio.astype(np.float64), size) * response(delay), size)[:, :count]


MAKES: dict[str, Callable[[np.ndarray, int, np.random.Generator, Values], Made]] = {
    "dropouts": _dropouts,
    "clip": _clip,
    "bits": _bits,
    "band": _band,
    "reorder": _reorder,
    "phase": _phase,
    "allpass": _allpass,
}
"""Of each kind: sound, rate, generator and values to the sound and what was found out on the way."""
