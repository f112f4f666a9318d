"""Which frames a net learns from and which it is judged by.

Two kinds are held out: *blocks* inside training sounds, with a guard gap on both sides, tell whether
it memorises; whole *files* tell how far it generalises. Nothing of either is ever trained on, nor are
versions of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jobs.sound.augment import Versions
from jobs.sound.spectrum import FRAMES_PER_SECOND
from jobs.sound.tape import SLOT, Place, Tape

LENGTH = 256
"""Frames in an excerpt: 1.37 s."""
GUARD = 24
"""Frames between a held-out block and what is trained on."""
BLOCK_SHARE = 0.1
LONG_ENOUGH = int(2 * FRAMES_PER_SECOND)
"""Frames a sound needs before a block of it is held out."""


@dataclass(frozen=True)
class Split:
    """Frame numbers on the tape: ``train`` in order, and spans ``(start, frames)`` held out.

    ``spans`` are the stretches of sounds that ``train`` consists of.
    """

    train: np.ndarray
    blocks: tuple[tuple[int, int], ...]
    files: tuple[tuple[int, int], ...]
    held_out: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def held_out_files(count: int) -> int:
    """How many of ``count`` files are kept for validation: a tenth, at least one from five on."""
    return 0 if count < 5 else min(30, max(1, count // 10))


Spans = tuple[tuple[int, int], ...]


def choose(places: Sequence[Place], seed: int, never: Collection[int] = ()) -> tuple[Spans, Spans]:
    """Spans of blocks and of files to hold out; the same for the same places and seed.

    Of sounds in ``never`` (indices) nothing is held out.
    """
    random = np.random.default_rng([seed, 1])
    order = [i for i in random.permutation(len(places)).tolist() if i not in never]
    files = set(order[: held_out_files(len(order))])
    blocks = []
    for i, place in enumerate(places):
        if i in files or i in never or place.frames < LONG_ENOUGH:
            continue
        length = max(96, int(place.frames * BLOCK_SHARE))
        blocks.append((place.start + int(random.integers(GUARD, place.frames - length - GUARD)), length))
    return tuple(blocks), tuple((places[i].start, places[i].slots * SLOT) for i in sorted(files))


def around(places: Sequence[Place], blocks: Spans, files: Spans) -> Split:
    """The split that holds these spans out, the blocks with a guard gap on both sides."""
    whole = {start for start, _ in files}
    spans: list[tuple[int, int]] = []
    names = []
    for place in places:
        end = place.start + place.slots * SLOT
        if place.start in whole:
            names.append(place.name)
            continue
        at = place.start
        for start, length in sorted(block for block in blocks if place.start <= block[0] < end):
            spans.append((at, start - GUARD - at))
            at = start + length + GUARD
        spans.append((at, end - at))
    spans = [(start, frames) for start, frames in spans if frames > 0]
    train = np.concatenate([np.zeros(0, int), *(np.arange(start, start + frames) for start, frames in spans)])
    return Split(train, blocks, files, tuple(names), tuple(spans))


def split(tape: Tape, seed: int) -> Split:
    """Same tape and seed, same split."""
    return around(tape.places, *choose(tape.places, seed))


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


class Drawing:
    """Draws batches: excerpts of the training sounds and, for a ``share`` of a batch, of their versions.

    ``weights (places,)`` tell how often a sound is drawn, for its length; all alike when left out.
    """

    def __init__(
        self,
        tape: Tape,
        split: Split,
        versions: Versions | None = None,
        share: float = 0.0,
        weights: Sequence[float] | None = None,
    ):
        self.tape, self.split = tape, split
        self.versions = versions if versions and share and versions.frames >= LENGTH else None
        self.share = share
        by_place = np.ones(len(tape.places)) if weights is None else np.asarray(weights, float)
        starts = np.array([place.start for place in tape.places])

        def chances(frames: np.ndarray) -> np.ndarray:
            total = np.cumsum(by_place[np.searchsorted(starts, frames, side="right") - 1])
            return total / total[-1]

        self.chances = chances(split.train)
        if self.versions:
            origins = [np.full(frames, start) for start, frames in self.versions.pieces]
            self.version_chances = chances(np.concatenate(origins))

    def batch(self, size: int, random: np.random.Generator) -> tuple[Tensor, np.ndarray]:
        """``(size, 2, BANDS, LENGTH)`` and the first frame of each excerpt on the tape.

        The first frame is -1 where there is no one wave for the excerpt: where it runs over a joint,
        and for versions. The first excerpt is never one of a version.
        """
        excerpts, firsts = [], []
        for i in range(size):
            other, where = random.random(2)
            if i and self.versions and other < self.share:
                start = int(np.searchsorted(self.version_chances, where))
                start = min(start, self.versions.frames - LENGTH)
                piece = self.versions.features[:, :, start : start + LENGTH]
                excerpts.append(torch.from_numpy(piece.astype(np.float32)))
                firsts.append(-1)
                continue
            train = self.split.train
            first = min(int(np.searchsorted(self.chances, where)), len(train) - 1)
            frames = train[(first + np.arange(LENGTH)) % len(train)]
            whole = bool((np.diff(frames) == 1).all())
            excerpts.append(self.tape.excerpt(slice(frames[0], frames[0] + LENGTH) if whole else frames))
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
