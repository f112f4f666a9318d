"""Streams must not show how they were cut: helpers for the tests of everything that runs in blocks."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st

CUTS = st.lists(st.integers(0, 20_000), max_size=8)
"""Where a sound of up to 20,000 samples is cut; a place twice gives an empty block."""


def streamed(machine: Any, audio: np.ndarray, cuts: Sequence[int] = ()) -> np.ndarray:
    """Everything that ``machine.process`` and then ``machine.tail`` give for (channels, samples)."""
    blocks = np.split(audio, sorted(cut for cut in cuts if cut < audio.shape[1]), axis=1)
    return np.concatenate([machine.process(block) for block in blocks] + [machine.tail()], axis=1)


def noise(channels: int, count: int, seed: int = 0, level: float = 0.1) -> np.ndarray:
    return (level * np.random.default_rng(seed).standard_normal((channels, count))).astype(np.float32)


def octaves(sound: np.ndarray, rate: int, low: float, high: float, parts: int = 3) -> np.ndarray:
    """Power in bands of 1/``parts`` octave between ``low`` and ``high`` Hz, for one channel."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    frequency = np.fft.rfftfreq(len(sound), 1 / rate)
    edges = low * 2 ** (np.arange(round(parts * np.log2(high / low)) + 1) / parts)
    return np.array([power[(frequency >= a) & (frequency < b)].sum() for a, b in pairwise(edges)])


def decibels(ratio: Any) -> Any:
    return 10 * np.log10(ratio)
