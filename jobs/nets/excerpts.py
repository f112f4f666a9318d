"""Which frames a net learns from and which it is judged by.

Two kinds are held out: *blocks* inside training sounds, with a guard gap on both sides, tell whether
it memorises; whole *files* tell how far it generalises. Nothing of either is ever trained on.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jobs.sound.spectrum import FRAMES_PER_SECOND
from jobs.sound.tape import SLOT, Tape

LENGTH = 256
"""Frames in an excerpt: 1.37 s."""
GUARD = 24
"""Frames between a held-out block and what is trained on."""
BLOCK_SHARE = 0.1
LONG_ENOUGH = int(2 * FRAMES_PER_SECOND)
"""Frames a sound needs before a block of it is held out."""


@dataclass(frozen=True)
class Split:
    """Frame numbers on the tape: ``train`` in order, and spans ``(start, frames)`` held out."""

    train: np.ndarray
    blocks: tuple[tuple[int, int], ...]
    files: tuple[tuple[int, int], ...]
    held_out: tuple[str, ...]


def held_out_files(count: int) -> int:
    """How many of ``count`` files are kept for validation: a tenth, at least one from five on."""
    return 0 if count < 5 else min(30, max(1, count // 10))


def split(tape: Tape, seed: int) -> Split:
    """Same tape and seed, same split."""
    random = np.random.default_rng([seed, 1])
    places = tape.places
    files_out = set(random.permutation(len(places))[: held_out_files(len(places))].tolist())
    spans: list[tuple[int, int]] = []
    blocks: list[tuple[int, int]] = []
    for i, place in enumerate(places):
        if i in files_out:
            continue
        end = place.start + place.slots * SLOT
        if place.frames < LONG_ENOUGH:
            spans.append((place.start, end))
            continue
        length = max(96, int(place.frames * BLOCK_SHARE))
        start = place.start + int(random.integers(GUARD, place.frames - length - GUARD))
        blocks.append((start, length))
        spans += [(place.start, start - GUARD), (start + length + GUARD, end)]
    train = np.concatenate([np.arange(start, end) for start, end in spans])
    files = tuple((places[i].start, places[i].slots * SLOT) for i in sorted(files_out))
    return Split(train, tuple(blocks), files, tuple(places[i].name for i in sorted(files_out)))


def beside(split: Split) -> tuple[tuple[int, int], ...]:
    """Spans of training material to compare what is held out with.

    Next to each held-out block and as long as it: the same sound at nearly the same time, so that a
    gap tells of memorising and not of quieter material. Without blocks, five spans from all over.
    """
    inside = set(split.train.tolist())
    spans = [
        span
        for start, length in split.blocks
        for span in ((start - GUARD - length, length), (start + length + GUARD, length))
        if all(frame in inside for frame in range(span[0], span[0] + length))
    ]
    if spans:
        return tuple(spans)
    starts = np.linspace(0, max(0, len(split.train) - LENGTH), 5).astype(int)
    pieces = [split.train[start : start + LENGTH] for start in np.unique(starts)]
    return tuple((int(piece[0]), len(piece)) for piece in pieces if (np.diff(piece) == 1).all())


def steps_in_epoch(split: Split, batch: int) -> int:
    """Steps until as many frames were drawn as there are to learn; at least four."""
    return max(4, -(-len(split.train) // (batch * LENGTH)))


def draw(tape: Tape, split: Split, batch: int, random: np.random.Generator) -> tuple[Tensor, np.ndarray]:
    """A batch ``(batch, 2, BANDS, LENGTH)`` and the first frame of each excerpt on the tape.

    The first frame is -1 where the excerpt runs over a joint, so that there is no one wave for it.
    """
    starts = random.integers(0, len(split.train), batch)
    excerpts, firsts = [], []
    for start in starts:
        frames = split.train[(start + np.arange(LENGTH)) % len(split.train)]
        whole = bool((np.diff(frames) == 1).all())
        excerpts.append(tape.excerpt(slice(frames[0], frames[0] + LENGTH) if whole else frames))
        firsts.append(int(frames[0]) if whole else -1)
    return torch.stack(excerpts), np.array(firsts)


def held_out(tape: Tape, spans: tuple[tuple[int, int], ...], most: int = 12) -> list[Tensor]:
    """Excerpts ``(2, BANDS, frames)`` of held-out spans, a whole number of slots long; at most ``most``."""
    chosen = spans
    if len(spans) > most:
        chosen = tuple(spans[i] for i in np.linspace(0, len(spans) - 1, most).round().astype(int))
    lengths = [max(SLOT, min(frames, LENGTH) // SLOT * SLOT) for _, frames in chosen]
    return [
        tape.excerpt(slice(start, start + length)) for (start, _), length in zip(chosen, lengths, strict=True)
    ]
