"""The sounds a model was trained on, as material to play: waves, latents, and slices to play from.

Kept inside the model's folder, so that a model plays where its dataset is not. Sounds from elsewhere
(a take, a file) become a bank of their own in the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from jobs.nets.voice import Voice
from jobs.sound import bands
from jobs.sound.descriptors import Heard, listen, measure
from jobs.sound.onsets import onsets
from jobs.sound.spectrum import FRAMES_PER_SECOND, HOP
from jobs.sound.tape import SLOT, Place, Tape, layout

AUDIBLE_DB = 40.0
"""How far below its loudest frame a sound still counts as going on."""
LEAST = int(0.08 * FRAMES_PER_SECOND)
"""Frames of the shortest slice."""
SOFT_EVERY = int(1.5 * FRAMES_PER_SECOND)
"""Frames between places in a long slice, where nothing starts, from which it may be played too."""
LOOKED_AT = int(4 * FRAMES_PER_SECOND)
"""Frames of a slice that its descriptors are taken over."""


ATTACKED = int(0.4 * FRAMES_PER_SECOND)
"""Frames in which a slice rises."""
RISEN = 10**-0.6
"""Share of its highest power at which it has risen: 6 dB below."""


@dataclass(frozen=True)
class Slice:
    """From one onset of a sound to before its next, in frames from the sound's start.

    ``onset`` is False where it starts in the middle of something.
    """

    place: int
    start: int
    end: int
    onset: bool

    @property
    def frames(self) -> int:
        return self.end - self.start


@dataclass(frozen=True)
class Bank:
    """``wave`` and, where any sound is stereo, ``side`` ``(samples,)`` float32; ``power (frames,)`` of
    the wave, as descriptors are.

    ``latents (latent, slots)``; ``marks (slices, descriptors)`` what each slice measures;
    ``ends`` the last frame of each sound that is heard. All lie along the places of the sounds.
    """

    places: tuple[Place, ...]
    latents: Tensor
    wave: np.ndarray
    side: np.ndarray | None
    power: np.ndarray
    ends: tuple[int, ...]
    slices: tuple[Slice, ...]
    marks: np.ndarray

    def samples(self, start: int, frames: int, channel: str = "wave") -> Tensor:
        """A channel from the middle of frame ``start`` on, ``frames * 256`` samples, zeros past the end."""
        whole = getattr(self, channel)
        piece = whole[start * HOP : (start + frames) * HOP]
        wave = np.zeros(frames * HOP, np.float32)
        wave[: len(piece)] = piece
        return torch.from_numpy(wave)

    @cached_property
    def spread(self) -> Tensor:
        """``(latent,)`` standard deviation of each latent over the bank."""
        return (
            self.latents.std(dim=1).clamp_min(1e-3)
            if self.latents.shape[1] > 1
            else torch.ones(len(self.latents))
        )

    @cached_property
    def following(self) -> np.ndarray:
        """``(slices,)`` the slice that goes on where this one ends, or -1."""
        starts = {(s.place, s.start): i for i, s in enumerate(self.slices)}
        return np.array([starts.get((s.place, s.end), -1) for s in self.slices])

    @cached_property
    def struck(self) -> np.ndarray:
        """``(slices,)`` the slice with the onset of what each slice is a part of."""
        found: list[int] = []
        last: dict[int, int] = {}
        for i, one in enumerate(self.slices):
            if one.onset or one.place not in last:
                last[one.place] = i
            found.append(last[one.place])
        return np.array(found)

    @cached_property
    def attacks(self) -> tuple[np.ndarray, np.ndarray]:
        """``(slices,)`` the frames in which each slice rises, and how loud it then is, in dB."""
        rises, peaks = [], []
        for one in self.slices:
            start = self.places[one.place].start + one.start
            power = self.power[start : start + min(max(1, one.frames), ATTACKED)]
            rises.append(int(np.flatnonzero(power >= RISEN * power.max())[0]))
            peaks.append(10 * np.log10(power.max() + 1e-6))
        return np.array(rises), np.array(peaks)

    @cached_property
    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Latents in which each slice begins and in which it ends, ``(slices, latent)``, by spread."""
        z = (self.latents / self.spread[:, None]).numpy()
        first = np.array([self.places[s.place].start // SLOT + s.start // SLOT for s in self.slices])
        last = np.array(
            [self.places[s.place].start // SLOT + max(s.start, s.end - 1) // SLOT for s in self.slices]
        )
        top = z.shape[1] - 1
        return z[:, first.clip(0, top)].T, z[:, last.clip(0, top)].T

    @cached_property
    def centres(self) -> np.ndarray:
        """``(sounds, latent)`` mean latents of each sound, by spread."""
        z = (self.latents / self.spread[:, None]).numpy()
        return np.array(
            [z[:, p.start // SLOT : p.start // SLOT + max(1, -(-end // SLOT))].mean(axis=1)
             for p, end in zip(self.places, self.ends, strict=True)]
        )  # fmt: skip


def audible_end(level: np.ndarray) -> int:
    """One past the last frame within 40 dB of the loudest, of ``level (frames,)`` in dB."""
    return int(np.flatnonzero(level > level.max() - AUDIBLE_DB)[-1]) + 1


def slices_of(place: int, heard: Heard, end: int) -> list[Slice]:
    """Cut a sound at its onsets; what is long can also be entered where nothing starts."""
    first = int(np.flatnonzero(heard.level > heard.level.max() - AUDIBLE_DB)[0])
    cuts = [max(0, first - 1)]
    for onset in onsets(heard.rise[:end], heard.level[:end]).tolist():
        start = max(0, onset - 2)
        if start - cuts[-1] >= LEAST and end - start >= LEAST:
            cuts.append(start)
    found = []
    for start, stop in zip(cuts, [*cuts[1:], end], strict=True):
        found.append(Slice(place, start, stop, True))
        soft = range(start + SOFT_EVERY, stop - SOFT_EVERY // 2, SOFT_EVERY)
        found += [Slice(place, at, stop, False) for at in soft]
    return found


def of_tape(voice: Voice, tape: Tape) -> tuple[Bank, list[Heard]]:
    """Everything on the tape, held-out sounds too, and how each sound is heard.

    Held-out sounds are material, though the net never saw them.
    """
    ends, slices, heard = [], [], []
    power = np.zeros(tape.frames, np.float32)
    for i, place in enumerate(tape.places):
        span = slice(place.start * HOP, (place.start + place.frames - 1) * HOP)
        side = None if tape.side is None else np.asarray(tape.side[span])
        sound = listen(np.asarray(tape.wave[span]), side)
        ends.append(min(place.frames, audible_end(sound.level)))
        slices += slices_of(i, sound, ends[-1])
        power[place.start : place.start + len(sound.level)] = sound.low + sound.rest
        heard.append(sound)
    marks = np.array([measure(heard[s.place].part(s.start, min(s.end, s.start + LOOKED_AT))) for s in slices])
    bank = Bank(
        tape.places,
        voice.encode(tape.features),
        np.asarray(tape.wave),
        None if tape.side is None else np.asarray(tape.side),
        power,
        tuple(ends),
        tuple(slices),
        marks,
    )
    return bank, heard


def of_sounds(voice: Voice, sounds: list[tuple[str, np.ndarray]], whole: bool = False) -> Bank:
    """A bank of ``(name, (1|2, samples) at 48 kHz)`` from elsewhere; ``whole`` keeps the silence before
    a sound and what fades away after it in its slices."""
    places = layout((name, "", audio.shape[-1]) for name, audio in sounds)
    frames = places[-1].start + places[-1].slots * SLOT
    channels = np.zeros((2, frames * HOP), np.float32)
    for place, (_, audio) in zip(places, sounds, strict=True):
        span = slice(place.start * HOP, place.start * HOP + audio.shape[-1])
        channels[0, span] = audio.mean(axis=0)
        channels[1, span] = (audio[0] - audio[1]) / 2 if len(audio) == 2 else 0
    side = channels[1] if channels[1].any() else None
    bank = of_tape(voice, Tape(places, channels[0], _features(channels[0], places), side))[0]
    return _whole(bank) if whole else bank


def _whole(bank: Bank) -> Bank:
    slices, owner = [], -1
    for one in bank.slices:
        first, last = one.place != owner, one.end == bank.ends[one.place]
        end = bank.places[one.place].frames if last else one.end
        slices.append(replace(one, start=0 if first else one.start, end=end))
        owner = one.place
    return replace(bank, slices=tuple(slices), ends=tuple(place.frames for place in bank.places))


def joined(banks: list[Bank], voice: Voice) -> Bank:
    """The sounds of several banks as one, heard by ``voice``."""
    if len(banks) == 1 and banks[0].latents.shape[0] == voice.latent:
        return banks[0]
    places: list[Place] = []
    slices: list[Slice] = []
    start = 0
    for bank in banks:
        slices += [replace(s, place=s.place + len(places)) for s in bank.slices]
        places += [replace(p, start=p.start + start) for p in bank.places]
        start += len(bank.power)
    wave = np.concatenate([bank.wave for bank in banks])
    sides = [np.zeros_like(bank.wave) if bank.side is None else bank.side for bank in banks]
    features = _features(wave, places)
    return Bank(
        tuple(places),
        voice.encode(features),
        wave,
        None if all(bank.side is None for bank in banks) else np.concatenate(sides),
        np.concatenate([bank.power for bank in banks]),
        tuple(end for bank in banks for end in bank.ends),
        tuple(slices),
        np.concatenate([bank.marks for bank in banks]),
    )


def _features(wave: np.ndarray, places: Sequence[Place]) -> np.ndarray:
    """As a tape has them: each sound on its own, ``(2, BANDS, frames)``."""
    found = []
    for place in places:
        piece = wave[place.start * HOP : (place.start + place.slots * SLOT) * HOP]
        found.append(bands.features(torch.from_numpy(np.ascontiguousarray(piece)))[..., : place.slots * SLOT])
    return torch.cat(found, dim=-1).numpy()
