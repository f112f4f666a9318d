"""The event engine: when the slices of a walk are heard, and how they are let in and out.

The walk has its own time, that of the sounds. Density plays it faster or slower, pulse evens its steps
out or scatters them; each step plays the same sound, from its onset where onsets are to be heard.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from jobs.nets.bank import LEAST, Bank, Slice
from jobs.nets.walk import Event
from jobs.sound.spectrum import FRAMES_PER_SECOND, HOP
from jobs.sound.tape import SLOT

RING = int(0.35 * FRAMES_PER_SECOND)
"""Frames a slice rings on under the next."""
ATTACK = 192
"""Samples of fade where a slice starts on an onset, or goes on into its next: 4 ms."""
SWELL = 4096
"""Samples of fade-in where it starts in the middle of a sound."""
CLOSE = 8
"""Frames of fade-out where a sound ends."""
DECAY_DB = 10.0
"""By which a slice decays before the next, per octave of density."""
BEAT_EVENTS = 12
"""Events whose mean step is the beat that pulse evens out to."""
FASTEST_BEAT, SLOWEST_BEAT = 0.25 * FRAMES_PER_SECOND, 0.6 * FRAMES_PER_SECOND
"""Frames between beats: around the 0.6 s that are felt most (London, Hearing in Time, 2004); slower ones are
too few in a take of seconds."""
LENGTHS = np.geomspace(0.25, 2.0, 8)
"""How steps are to each other where they are scattered."""
LEGATO = int(2.0 * FRAMES_PER_SECOND)
"""Frames that a slice rings on longer at most."""
STACCATO = 0.75
"""Share of a step that is silent at most."""
DAMPED = int(0.06 * FRAMES_PER_SECOND)
"""Frames in which a slice that is cut short dies away."""
FIRM_DB = 20.0
"""By which a slice that is cut short decays before the next beat, so that each is heard."""
ACCENT_DB = 18.0
"""By which a slice is made as loud as the others at most, where they make a beat."""
FAINT_DB = 30.0
"""By which a slice that is softer than the others is left so."""
SUDDEN = 3
"""Frames in which an attack may rise as it does: 16 ms."""
BREATH = int(0.13 * FRAMES_PER_SECOND)
"""Frames in which a sound is let out at most before the next, where what starts shall be heard to: a
sustained sound that runs into another starts nothing."""
SILENT = 2
"""Frames of silence after that."""
LONGEST = 47 * SLOT
"""Frames of a piece at most, 4 s: what is longer is laid in parts, so that none needs more memory."""


@dataclass(frozen=True)
class Timing:
    """``density`` in octaves of speed; ``pulse`` from -1 (scattered) over 0 (as it is) to 1 (even);
    ``staccato`` from -1 (one rings on under the next) over 0 (as it is) to 1 (cut short); ``parted``: each
    sound is struck, and let out before the next; ``metred``: steps are on the mean as long as a beat may be,
    also where there is none, so that pulse has steps to even out or scatter and changes nothing else."""

    density: float = 0.0
    pulse: float = 0.0
    staccato: float = 0.0
    parted: bool = False
    metred: bool = False


@dataclass(frozen=True)
class Piece:
    """``frames`` of sound ``place`` from frame ``start`` on, laid into the take at frame ``at``.

    It rises over ``fade_in`` samples and falls over ``fade_out`` samples after sample ``body``; it decays
    by ``decay_db`` per frame, and has done so for ``begun`` frames before; ``gain_db`` is that of its accent.
    """

    place: int
    start: int
    frames: int
    at: int
    fade_in: int
    body: int
    fade_out: int
    decay_db: float = 0.0
    begun: int = 0
    gain_db: float = 0.0

    def since(self, frames: int) -> "Piece":
        """The piece without its first ``frames``, let in as what goes on."""
        return replace(
            self,
            start=self.start + frames,
            frames=self.frames - frames,
            at=self.at + frames,
            fade_in=ATTACK,
            body=self.body - frames * HOP,
            begun=self.begun + frames,
        )

    def until(self, frames: int) -> "Piece":
        """The first ``frames`` of the piece, let out into what goes on."""
        return replace(self, frames=frames + 1, body=frames * HOP, fade_out=ATTACK)

    def within(self, start: int, end: int) -> "Piece | None":
        """What is heard of it between two frames of the take."""
        if self.at >= end or self.at * HOP + self.body <= start * HOP:
            return None
        piece = self.since(start - self.at) if self.at < start else self
        return piece.until(end - piece.at) if piece.at * HOP + piece.body > end * HOP else piece

    def parts(self) -> Iterator["Piece"]:
        """The piece as some that are not too long, and add up to it."""
        rest = self
        while rest.body > LONGEST * HOP:
            yield rest.until(LONGEST)
            rest = rest.since(LONGEST)
        yield rest

    def slots(self, bank: Bank) -> tuple[int, int]:
        """First and one-past-last latent that cover the piece."""
        origin = bank.places[self.place].start // SLOT
        last = -(-(self.start + self.frames) // SLOT)
        return origin + self.start // SLOT, origin + min(last, bank.places[self.place].slots)

    def lead(self, bank: Bank) -> int:
        """Frames between the start of the first latent and the start of the piece."""
        return bank.places[self.place].start + self.start - self.slots(bank)[0] * SLOT

    def fade(self) -> np.ndarray:
        """``(frames * 256,)`` gains: straight where it is short, so that what goes on adds up to itself,
        else of equal power."""
        gain = np.ones(self.frames * HOP, np.float32)
        rise = min(self.fade_in, len(gain))
        gain[:rise] *= _ramp(rise)
        body = min(self.body, len(gain))
        fall = min(self.fade_out, len(gain) - body)
        gain[body : body + fall] *= _ramp(fall)[::-1]
        gain[body + fall :] = 0
        if self.decay_db:
            past = self.begun + np.arange(len(gain), dtype=np.float32) / HOP
            gain *= 10 ** (-self.decay_db / 20 * past)
        return gain * np.float32(10 ** (self.gain_db / 20))


def _ramp(samples: int) -> np.ndarray:
    line = (np.arange(samples, dtype=np.float32) + 0.5) / max(samples, 1)
    return line if samples <= ATTACK else np.sin(line * np.pi / 2)


def steps(events: Iterable[Event], timing: Timing, seed: int) -> Iterator[tuple[Event, int]]:
    """Each event and the frames until the next one is heard."""
    first: list[Event] = []
    source = iter(events)
    for event in source:
        first.append(event)
        if len(first) == BEAT_EVENTS:
            break
    beat = float(np.mean([event.hold for event in first])) if first else 1.0
    rate = 2.0**timing.density
    if timing.metred:
        rate *= beat / float(np.clip(beat, FASTEST_BEAT, SLOWEST_BEAT))
    even = float(np.clip(beat / rate, FASTEST_BEAT, SLOWEST_BEAT))

    def gap(number: int, event: Event) -> int:
        step = event.hold / rate
        if timing.pulse > 0:
            # Half way a tenth of the unevenness is left: less is heard as a beat, more as none.
            step = even + (1 - min(1.0, timing.pulse)) ** 3 * (step - even)
        elif timing.pulse < 0:
            amount = -timing.pulse
            step *= (beat / event.hold) ** amount * scattered(amount, seed, number)
        return max(LEAST, round(step))

    number = 0
    for events_ in (first, source):
        for event in events_:
            yield event, gap(number, event)
            number += 1


def scattered(amount: float, seed: int, number: int) -> float:
    """What step ``number`` is multiplied by where nothing shall repeat: every eight steps get eight factors
    of mean 1 in an order of their own, so that the mean of all stays."""
    block, k = divmod(number, len(LENGTHS))
    factors = LENGTHS**amount
    order = np.random.default_rng([seed, 8, block]).permutation(len(LENGTHS))
    return float(factors[order[k]] / factors.mean())


def pace(events: list[Event], timing: Timing, seed: int) -> float:
    """How many times faster than in the walk's own time the events are heard."""
    played = list(steps(events, timing, seed))
    return sum(event.hold for event, _ in played) / max(1, sum(gap for _, gap in played))


def enough(events: Iterable[Event], frames: int, timing: Timing, seed: int) -> list[Event]:
    """The events that fill ``frames``, and at least those that make the beat."""
    taken, at = [], 0
    for event, gap in steps(events, timing, seed):
        taken.append(event)
        at += gap
        if at >= frames and len(taken) >= BEAT_EVENTS:
            break
    return taken


def heard(events: Iterable[Event], frames: int, timing: Timing, seed: int) -> list[int]:
    """For how many frames each event is heard in a take of ``frames``, up to the last that is."""
    at, lengths = 0, []
    for _, gap in steps(events, timing, seed):
        if at >= frames:
            break
        lengths.append(min(gap, frames - at))
        at += gap
    return lengths


def lay(bank: Bank, events: list[Event], frames: int, timing: Timing, seed: int) -> list[Piece]:
    """The pieces of a take of ``frames``."""
    pieces: list[Piece] = []
    at, goes_on = 0, -1
    events = sounded(bank, events, timing)
    level = _level(bank, [event.slice for event in events[:BEAT_EVENTS]])
    for event, gap in steps(events, timing, seed):
        if at >= frames:
            break
        follows = event.slice == goes_on and not timing.parted
        pieces += _piece(bank, event, at, gap, follows, timing, level).parts()
        whole = gap == bank.slices[event.slice].frames
        goes_on = int(bank.following[event.slice]) if whole else -1
        at += gap
    return pieces


def _piece(bank: Bank, event: Event, at: int, gap: int, follows: bool, timing: Timing, level: float) -> Piece:
    hurry = max(0.0, timing.density)
    firm = max(timing.pulse, min(1.0, hurry))
    one = _attacked(bank, event.slice, 1.0 if timing.parted else firm)
    # What is cut short in a hurry decays, else sustained sounds would run into each other and nothing
    # would be heard to start.
    decay = max(DECAY_DB * min(hurry, 2.0), FIRM_DB * firm) / gap if gap < one.frames else 0.0
    frames, body, fade_out = _let_out(bank, one, gap, timing, firm)
    starts = one.onset or follows or timing.parted
    fade_in = ATTACK if starts else max(ATTACK, round(SWELL / 4 ** (hurry + 2 * firm)))
    accent = max(0.0, timing.pulse) * _accent(bank, event.slice, level)
    return Piece(one.place, one.start, frames, at, fade_in, body, fade_out, decay, gain_db=accent)


def _let_out(bank: Bank, one: Slice, gap: int, timing: Timing, firm: float) -> tuple[int, int, int]:
    """Of a slice whose next is heard ``gap`` frames later: its frames, the samples after which it falls, and
    over how many."""
    hurry, cut, legato = max(0.0, timing.density), max(0.0, timing.staccato), max(0.0, -timing.staccato)
    room = bank.places[one.place].slots * SLOT - one.start
    end = round(gap * (1 - STACCATO * cut))
    breath = max(1, round(min(BREATH, gap // 6) * (1 - 0.75 * legato))) if timing.parted else 0
    if end < one.frames or (breath and gap - SILENT - breath < one.frames):
        ring = RING / 2 ** (hurry + 2 * firm) + LEGATO * legato
        ring = max(1, round(ring * min(1.0, DAMPED / ring) ** min(1.0, 2 * cut)))
        frames = min(one.frames, end + ring, gap - SILENT if breath else end + ring)
        body = min(end, frames - breath)
        return frames, body * HOP, (frames - body) * HOP
    if one.end >= bank.ends[one.place]:
        frames = min(one.frames + CLOSE, room)
        return frames, one.frames * HOP, (frames - one.frames) * HOP
    return min(one.frames + 1, room), one.frames * HOP, ATTACK


def sounded(bank: Bank, events: list[Event], timing: Timing) -> list[Event]:
    """The events with the slices that they are played with."""
    if not timing.parted:
        return events
    return [replace(event, slice=int(bank.struck[event.slice])) for event in events]


def _level(bank: Bank, slices: list[int]) -> float:
    """dB that the attacks of the slices that make the beat reach."""
    return float(np.median(bank.attacks[1][slices])) if slices else 0.0


def _accent(bank: Bank, number: int, level: float) -> float:
    """dB that make a slice as loud as the others; what is hardly heard beside them stays so."""
    short_of = level - float(bank.attacks[1][number])
    return float(np.clip(short_of, -ACCENT_DB, ACCENT_DB)) if short_of < FAINT_DB else 0.0


def _attacked(bank: Bank, number: int, firm: float) -> Slice:
    """The slice without the slow part of its attack, so that a beat is where it starts."""
    one = bank.slices[number]
    if not firm:
        return one
    skipped = round(firm * max(0, int(bank.attacks[0][number]) - SUDDEN))
    return replace(one, start=one.start + min(skipped, max(0, one.frames - LEAST)))
