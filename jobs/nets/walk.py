"""Which pieces of the bank a take is made of: a seeded walk through the trained sounds.

The walk prefers sounds that already lie near the sliders' set-points, so that the closed loop has
little left to bend. Every choice draws its own random numbers from the seed and the choice's
number (Gumbel-max, Maddison et al. 2014): a slider that moves a little changes a few pieces of a
take, not all of it.
"""

from dataclasses import dataclass, replace

import numpy as np

from jobs.nets.bank import Bank
from jobs.sound.spectrum import FRAMES_PER_SECOND, HOP
from jobs.sound.tape import SLOT

PREFERENCE = 30.0
"""Percentiles a sound may lie from a set-point before it is clearly less likely."""
SHORT = int(1.5 * FRAMES_PER_SECOND)
"""Frames; a sound up to this length is played whole, from its start."""
LEAST = int(0.2 * FRAMES_PER_SECOND)
RING = int(0.35 * FRAMES_PER_SECOND)
"""Frames a piece rings on under the next."""
ATTACK = 192
"""Samples of fade-in where a piece starts on an onset: 4 ms."""
SWELL = 4096
"""Samples of fade-in where it starts in the middle of a sound."""


@dataclass(frozen=True)
class Piece:
    """``frames`` of sound ``place`` from frame ``start`` on, laid into the take at frame ``at``.

    The next piece follows after ``hold`` frames; fades are in samples.
    """

    place: int
    start: int
    frames: int
    at: int
    hold: int
    fade_in: int
    fade_out: int

    def slots(self, bank: Bank) -> tuple[int, int]:
        """First and one-past-last latent that cover the piece."""
        origin = bank.places[self.place].start // SLOT
        last = -(-(self.start + self.frames) // SLOT)
        return origin + self.start // SLOT, origin + min(last, bank.places[self.place].slots)

    def lead(self, bank: Bank) -> int:
        """Frames between the start of the first latent and the start of the piece."""
        return bank.places[self.place].start + self.start - self.slots(bank)[0] * SLOT

    def fade(self) -> np.ndarray:
        """``(frames * 256,)`` equal-power gains that let the piece in and out."""
        gain = np.ones(self.frames * HOP, np.float32)
        rise, fall = min(self.fade_in, len(gain)), min(self.fade_out, len(gain))
        gain[:rise] *= np.sin(np.linspace(0, np.pi / 2, rise, dtype=np.float32))
        gain[len(gain) - fall :] *= np.cos(np.linspace(0, np.pi / 2, fall, dtype=np.float32))
        return gain


def walk(bank: Bank, frames: int, seed: int, affinity: np.ndarray) -> list[Piece]:
    """Pieces that fill ``frames``; ``affinity (sounds,)`` is the log preference for each sound."""
    pieces: list[Piece] = []
    at = 0
    size = np.array([min(end, 4 * FRAMES_PER_SECOND) for end in bank.ends])
    weight = 0.5 * np.log(size + 1.0) + affinity
    while at < frames:
        random = np.random.default_rng([seed, 3, len(pieces)])
        score = weight + random.gumbel(size=len(weight))
        if len(weight) > 2 and pieces:
            score[pieces[-1].place] -= 1.5
        pieces.append(_piece(bank, int(score.argmax()), at, random))
        at += pieces[-1].hold
    return pieces


def relaid(pieces: list[Piece]) -> list[Piece]:
    """The same pieces one after another from the start, each with its own hold."""
    starts = np.cumsum([0] + [piece.hold for piece in pieces])
    return [replace(piece, at=int(at)) for piece, at in zip(pieces, starts[:-1], strict=True)]


def _piece(bank: Bank, place: int, at: int, random: np.random.Generator) -> Piece:
    end = bank.ends[place]
    length = random.uniform(0.5, 2.5) * FRAMES_PER_SECOND
    chance, which = random.random(2)
    if end <= SHORT:
        start, on_onset, hold = 0, True, end
    else:
        onsets = [t for t in bank.onsets[place] if end - t > LEAST] or [0]
        on_onset = chance < 0.75
        start = onsets[int(which * len(onsets))] if on_onset else int(which * max(1, end - length))
        hold = min(end - start, int(length))
    start = max(0, start - 1)
    hold = max(LEAST, hold)
    frames = min(hold + RING, bank.places[place].slots * SLOT - start)
    fade_out = min(frames, max(frames - hold, 8)) * HOP
    return Piece(place, start, frames, at, hold, ATTACK if on_onset else SWELL, fade_out)


def preference(percentiles: dict[str, np.ndarray], sliders: dict[str, float], sounds: int) -> np.ndarray:
    """Log affinity of each sound from how far its descriptors lie from the set-points."""
    total = np.zeros(sounds)
    for axis, position in sliders.items():
        total -= 0.5 * ((percentiles[axis] - position) / PREFERENCE) ** 2
    return total
