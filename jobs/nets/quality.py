"""What a model and a take are worth, measured the same way for everyone. Finite numbers only.

A model is judged by what its net makes of sounds it never saw, and by a handful of takes: a net that
knows nothing still plays its carriers, so takes alone would praise it.
"""

import time
import weakref
from collections.abc import Mapping
from typing import Any

import numpy as np
import soxr
import torch
from torch import Tensor

from jobs.nets import excerpts
from jobs.nets.excerpts import Split
from jobs.nets.instrument import Instrument
from jobs.nets.likeness import Material
from jobs.nets.request import Request
from jobs.nets.verdict import verdict
from jobs.sound import bands, levels, measures, phase, populations
from jobs.sound.embedding import SHORTEST
from jobs.sound.spectrum import RATE, istft, polar, stft
from jobs.sound.tape import SLOT, Tape

TAKES = 6
TAKE_SECONDS = 3.0
"""Many short takes tell more of a model than few long ones: each lives in a part of its sounds."""
EXCERPTS = 6
"""Held-out excerpts of 1.4 s that are resynthesised at most, of files and of blocks each."""
LISTENED = 60.0
"""Seconds of a take that are compared with the sounds."""
AT_MOST_DB = 40.0
"""A gain on a carrier is cut off there, as in training."""

_materials: "weakref.WeakKeyDictionary[Instrument, Material]" = weakref.WeakKeyDictionary()


@torch.no_grad()
def report(
    instrument: Instrument, tape: Tape, split: Split, training: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The quality of a model, ready for its record: finite numbers, a verdict and its reason.

    ``training``: what `jobs.nets.verdict.verdict` asks of it besides; it is not repeated here.

    - ``mr_stft_carrier``, ``lsd_carrier_db``, ``mr_stft_heap``, ``lsd_heap_db``: distance of the net's
      resynthesis to what was held out, with the sound's own phase and without; ``learned``: share of the
      spectrum's detail that the net gets right there (0 is a net that knows the mean spectrum and each
      frame's loudness). ``judged_on`` says what was held out; ``blocks`` has the same of blocks.
    - ``axes``: of each axis the sounds vary in, the share of their range that takes with the slider at
      either end come to (measured in the analysis).
    - ``kad`` beside ``kad_floor`` (the sounds' own other halves) and ``kad_noise`` (white noise as loud);
      ``coverage`` beside ``coverage_floor``; ``diversity`` (1 is as varied as the sounds).
    - ``nearest_distance`` of the takes to the training sounds, ``nearest_distance_held_out`` that of
      sounds held out; 0 is a copy, 1 as far as the sounds lie apart.

    What cannot be measured (of silent sounds, or of a set of one half second) is left out.
    """
    began = time.process_time()
    found = _judged(instrument, tape, split)
    material = Material.of(tape.places, tape.wave)
    takes = [mono(instrument.take(Request(TAKE_SECONDS, seed))[0]) for seed in range(TAKES)]
    found |= _likeness(material, takes, _places(tape, split))
    found["axes"] = {
        name: (scale.reach[1] - scale.reach[0]) / 100
        for name, scale in instrument.scales.items()
        if scale.kind == "sound"
    }
    found |= {"takes": TAKES, "take_seconds": TAKE_SECONDS}
    word, reason = verdict(found | dict(training or {}))
    rounded = _rounded(found)
    return {"verdict": word, "reason": reason, **rounded, "seconds": round(time.process_time() - began, 2)}


def of_take(audio: np.ndarray, rate: int, instrument: Instrument) -> dict[str, Any]:
    """What a finished take ``(channels, samples)`` at ``rate`` measures.

    ``level_dbfs``, ``peak_dbfs``, ``true_peak_dbtp``, ``dc``, ``clipped``; ``nearest`` is the training
    sound it is most like and ``nearest_distance`` how far it is from the training sounds (0 a copy, 1 as
    far as they lie apart); both are left out of a take that is silent or shorter than 85 ms. The first
    take of an instrument listens to its sounds (2 ms per second of them). Raises ValueError for NaN and Inf.
    """
    found: dict[str, Any] = {name: round(value, 4) for name, value in levels.evaluate(audio, rate).items()}
    wave = mono(np.atleast_2d(audio)[:, : round(LISTENED * rate)])
    if rate != RATE:
        wave = soxr.resample(wave, rate, RATE, quality="MQ")
    if len(wave) < SHORTEST:
        return found
    material = _material(instrument)
    rows = material.heard(wave)
    if len(rows) and len(material.rows):
        name, distance = material.nearest(rows)
        found |= {"nearest": name, "nearest_distance": round(distance, 3)}
    return found


def mono(audio: np.ndarray) -> np.ndarray:
    """``(channels, samples)`` or ``(samples,)`` -> ``(samples,)``, the mean of the channels."""
    return np.ascontiguousarray(np.atleast_2d(audio).mean(axis=0, dtype=np.float32))


def _material(instrument: Instrument) -> Material:
    if instrument not in _materials:
        _materials[instrument] = Material.of(instrument.bank.places, instrument.bank.wave)
    return _materials[instrument]


def _judged(instrument: Instrument, tape: Tape, split: Split) -> dict[str, Any]:
    """Of held-out files; where there are none, of held-out blocks; else of the training sounds."""
    mean = tape.excerpt(split.train[:: max(1, len(split.train) // 2000)])[0].mean(dim=1, keepdim=True)
    found = {
        name: _resynthesis(instrument, tape, spans, mean)
        for name, spans in (("files", split.files), ("blocks", split.blocks))
        if spans
    }
    found = {name: those for name, those in found.items() if those}
    if not found:
        found["training sounds"] = _resynthesis(instrument, tape, excerpts.beside(split), mean)
    judged_on = next(iter(found))
    result: dict[str, Any] = {"judged_on": judged_on, **found[judged_on]}
    return result | ({"blocks": found["blocks"]} if judged_on == "files" and "blocks" in found else {})


def _resynthesis(
    instrument: Instrument, tape: Tape, spans: tuple[tuple[int, int], ...], mean: Tensor
) -> dict[str, float]:
    """Mean distances over ``spans``; empty where all of them are silent."""
    every: list[dict[str, float]] = []
    for start, frames in _spread(spans):
        length = min(frames, excerpts.LENGTH) // SLOT * SLOT
        if length < SLOT:
            continue
        features, wave = tape.excerpt(slice(start, start + length)), tape.samples(start, length)
        if float(wave.abs().max()) >= measures.SILENT:
            every.append(_one(instrument, features, wave, mean))
    return {name: float(np.mean([one[name] for one in every])) for name in every[0]} if every else {}


def _one(instrument: Instrument, features: Tensor, wave: Tensor, mean: Tensor) -> dict[str, float]:
    voice = instrument.voice
    decoded = voice.decode(voice.encode(features.numpy()))
    carrier = _with_carrier(wave, decoded[0] - features[0])
    heap = _by_heap(decoded, len(wave))
    return {
        "mr_stft_carrier": measures.mr_stft(carrier, wave),
        "lsd_carrier_db": measures.lsd_db(carrier, wave),
        "mr_stft_heap": measures.mr_stft(heap, wave),
        "lsd_heap_db": measures.lsd_db(heap, wave),
        "learned": learned(decoded[0], features[0], mean),
    }


def _with_carrier(wave: Tensor, gain_db: Tensor) -> Tensor:
    gain = bands.to_bins(gain_db.clamp(-AT_MOST_DB, AT_MOST_DB))
    return istft(stft(wave) * 10 ** (gain / 20), len(wave))


def _by_heap(decoded: Tensor, samples: int) -> Tensor:
    """Audio from decoded features ``(2, BANDS, frames)`` alone."""
    magnitude = bands.magnitude(decoded[0])
    return istft(polar(magnitude, phase.integrate(magnitude, bands.deviation(decoded[1]))), samples)


def learned(level: Tensor, truth: Tensor, mean: Tensor) -> float:
    """Share of the detail of ``truth (BANDS, T)`` that ``level`` has, at most 1; below 0 it adds errors.

    Against ``mean (BANDS, 1)`` shifted to each frame's loudness: what knows the sounds' colour but not
    what sounds now. What lies below the audible floor in both counts as equal.
    """
    there = truth.clamp_min(bands.AUDIBLE_DB)
    plain = mean + (truth - mean).mean(dim=0, keepdim=True)
    error, least = (
        float((guess.clamp_min(bands.AUDIBLE_DB) - there).abs().mean()) for guess in (level, plain)
    )
    return 1 - error / max(least, 1e-3)


def _spread(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """At most ``EXCERPTS`` of them, from all over."""
    return [spans[i] for i in np.unique(np.linspace(0, len(spans) - 1, EXCERPTS).round().astype(int))]


def _places(tape: Tape, split: Split) -> set[int]:
    """Numbers of the sounds that were held out whole."""
    starts = {start for start, _ in split.files}
    return {i for i, place in enumerate(tape.places) if place.start in starts}


def _likeness(material: Material, takes: list[np.ndarray], held_out: set[int]) -> dict[str, float]:
    rows = np.concatenate([material.heard(take) for take in takes])
    found: dict[str, float] = {}
    if min(len(rows), len(material.rows)) < 2:
        return found
    found |= _beside(material, rows)
    first, second = material.halves()
    if min(len(first), len(second)) >= 2:
        chosen = second[np.linspace(0, len(second) - 1, min(len(second), len(rows))).astype(int)]
        found |= {
            "kad_floor": populations.kad(first, second),
            "coverage_floor": populations.coverage(first, chosen),
        }
    trained = material.without(held_out)
    unseen = material.rows[np.isin(material.owner, sorted(held_out))]
    if len(unseen) and len(trained.rows):
        found["nearest_distance"] = trained.nearest(rows)[1]
        found["nearest_distance_held_out"] = trained.nearest(unseen)[1]
    return found


def _beside(material: Material, rows: np.ndarray) -> dict[str, float]:
    loud = 0.05 * np.random.default_rng(0).standard_normal(round(TAKES * TAKE_SECONDS * RATE))
    return {
        "kad": populations.kad(material.rows, rows),
        "kad_noise": populations.kad(material.rows, material.heard(loud.astype(np.float32))),
        "coverage": populations.coverage(material.rows, rows),
        "diversity": populations.diversity(material.rows, rows),
        "nearest_distance": material.nearest(rows)[1],
    }


def _rounded(found: dict[str, Any]) -> dict[str, Any]:
    """Four digits; what is not finite has no place in a record and is left out."""
    result: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            result[name] = _rounded(value)
        elif not isinstance(value, float):
            result[name] = value
        elif np.isfinite(value):
            result[name] = round(value, 4)
    return result
