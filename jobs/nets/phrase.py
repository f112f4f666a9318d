"""Pieces of a take decoded together, ready to be heard again and again under other controls."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from jobs.nets.bank import Bank
from jobs.nets.lay import Piece
from jobs.nets.voice import Voice
from jobs.nets.walk import Variation
from jobs.sound import bands, phase
from jobs.sound.bands import BANDS, FLOOR_DB, filterbank
from jobs.sound.spectrum import HOP, istft, polar, stft
from jobs.sound.tape import SLOT

EQ_BANDS = 14
MOST_GAIN_DB = 24.0
EVEN = 17
"""Frames over which a loudness is taken: about a latent's."""


@dataclass(frozen=True)
class Control:
    """``latent (latent, 1)`` offset and ``equaliser (EQ_BANDS,)`` in dB; ``freed``, 0 to 1, is how much is
    left of what they do to the loudness of each sound."""

    latent: Tensor
    equaliser: Tensor
    freed: float = 0.0

    @staticmethod
    def neutral(latent: int) -> "Control":
        return Control(torch.zeros(latent, 1), torch.zeros(EQ_BANDS))

    def __add__(self, other: "Control") -> "Control":
        return Control(self.latent + other.latent, self.equaliser + other.equaliser)

    def __mul__(self, factor: float) -> "Control":
        return Control(self.latent * factor, self.equaliser * factor)


def equaliser_shape() -> Tensor:
    """``(BANDS, EQ_BANDS)``: overlapping raised cosines over the bands, a partition of unity."""
    position = torch.linspace(0, EQ_BANDS - 1, BANDS)[:, None]
    distance = (position - torch.arange(EQ_BANDS)).abs().clamp(max=1)
    return 0.5 + 0.5 * torch.cos(math.pi * distance)


def limited(gain: Tensor) -> Tensor:
    """Gains beyond 24 dB only raise noise or leave holes; eased in, so that a loop keeps a gradient."""
    return MOST_GAIN_DB * torch.tanh(gain / MOST_GAIN_DB)


@dataclass(frozen=True)
class Wander:
    """What makes a take new: slow noise in the latents, and a pull towards another sound's.

    ``depth`` 0 is the sounds as they are; each of the ``variations`` mixes in noise of its own.
    """

    seed: int
    depth: float
    variations: tuple[Variation, ...] = ()

    def offset(self, bank: Bank, piece: Piece, z: Tensor) -> Tensor:
        """For the latents ``z (latent, slots)`` of a piece."""
        if not self.depth:
            return torch.zeros_like(z)
        moved = self._drawn(bank, piece, z, [self.seed, 4, piece.place])
        for level, one in enumerate(self.variations):
            other = self._drawn(bank, piece, z, [self.seed, 4, piece.place, 1 + level, one.seed])
            moved = math.sqrt(1 - one.amount**2) * moved + one.amount * other
        return self.depth * moved

    def _drawn(self, bank: Bank, piece: Piece, z: Tensor, key: list[int]) -> Tensor:
        # By the sound and not by the piece: what goes on from slice to slice wanders on.
        random = np.random.default_rng(key)
        place = bank.places[piece.place]
        noise = torch.from_numpy(random.standard_normal((len(z), min(place.slots, 4096) + 8))).float()
        slow = F.avg_pool1d(noise[None], 9, 1)[0] * 3
        other = bank.places[int(random.integers(len(bank.places)))]
        pull = float(random.uniform(0, 0.6))
        here = piece.slots(bank)[0] - place.start // SLOT + torch.arange(z.shape[1])
        columns = other.start // SLOT + here % other.slots
        return 0.5 * bank.spread[:, None] * slow[:, here % slow.shape[1]] + pull * (
            bank.latents[:, columns] - z
        )


class Phrase:
    """``pieces`` of one bank, with what does not depend on a control computed once."""

    def __init__(
        self, voice: Voice, bank: Bank, pieces: list[Piece], wander: Wander, stereo: bool, seed: int
    ):
        self.voice, self.bank, self.pieces, self.seed = voice, bank, pieces, seed
        plain, latents = [], []
        for piece in pieces:
            first, last = piece.slots(bank)
            z = bank.latents[:, first:last]
            plain.append(z)
            latents.append(z + wander.offset(bank, piece, z))
        self.latents = torch.cat(latents, dim=1)
        with torch.no_grad():
            self.wandered = voice.decode(self.latents)
            self.without = voice.decode(torch.cat(plain, dim=1))[0] if wander.depth else self.wandered[0]
        self.channels = ("wave", "side") if stereo and bank.side is not None else ("wave",)
        self.stereo = stereo
        self.spectra = [
            torch.stack([stft(bank.samples(first * SLOT, (last - first) * SLOT, c)) for c in self.channels])
            for first, last in (piece.slots(bank) for piece in pieces)
        ]
        self.fades = [piece.fade() for piece in pieces]

    @cached_property
    def level(self) -> Tensor:
        """``(BANDS, frames)`` dB of the sources' first channel."""
        return torch.cat([_source_level(spectrum[0]) for spectrum in self.spectra], dim=1)

    def changed(self, decoded: Tensor, tilt: Tensor, freed: float) -> Tensor:
        """``(BANDS, frames)`` dB by which the sources change where the nets' level is ``decoded`` and an
        equaliser ``tilt`` is added; ``freed`` as in `Control`.

        The first thing that latents tell of a sound is how loud it is, and an equaliser makes one sound
        louder and another softer; a wander or a move is one of timbre, and envelopes stay the sounds' own.
        """
        change = limited(decoded - self.without + tilt)
        louder = self._louder(self.level, self.level + change)
        change = change - louder + freed * (louder - self.drift)
        return change.clamp(-MOST_GAIN_DB, MOST_GAIN_DB)

    @cached_property
    def drift(self) -> Tensor:
        """``(1, frames)`` dB by which wandering alone makes the sources louder."""
        return self._louder(self.level, self.level + limited(self.wandered[0] - self.without))

    def _louder(self, before: Tensor, after: Tensor) -> Tensor:
        """``(1, frames)`` dB between two ``(BANDS, frames)`` levels, about a latent's time at once, piece by
        piece: what lies side by side here is heard at other times."""
        sums = torch.stack([(10 ** (level / 10)).sum(dim=0) for level in (before, after)])[:, None]
        pooled = [F.avg_pool1d(sums[..., here], EVEN, 1, EVEN // 2) for here in self._columns()]
        quiet, loud = torch.cat(pooled, dim=2)[:, 0]
        return 10 * torch.log10(loud / quiet)[None]

    def _decoded(self, control: Control) -> Tensor:
        if not control.latent.any():
            return self.wandered
        return self.voice.decode(self.latents + control.latent)

    @torch.no_grad()
    def waves(self, control: Control) -> Iterator[tuple[Piece, np.ndarray]]:
        """Each piece's ``(channels, samples)``, faded: source spectrum x net(z + dz) / net(z)."""
        tilt = (equaliser_shape() @ control.equaliser)[:, None]
        change = self.changed(self._decoded(control)[0], tilt, control.freed)
        for piece, spectrum, fade, here in zip(
            self.pieces, self.spectra, self.fades, self._columns(), strict=True
        ):
            gain = change[:, here]
            factor = 10 ** (bands.to_bins(torch.cat([gain, gain[:, -1:]], dim=1)) / 20)
            wave = istft(spectrum * factor, (here.stop - here.start) * HOP).numpy()
            yield piece, self._cut(piece, wave, fade)

    @torch.no_grad()
    def waves_of_net(self, control: Control) -> Iterator[tuple[Piece, np.ndarray]]:
        """The same from the nets alone: magnitude and phase decoded, no carrier."""
        decoded = self._decoded(control)
        gain = limited((equaliser_shape() @ control.equaliser)[:, None])
        louder = self._louder(self.without, decoded[0] + gain)
        gain = gain - louder + control.freed * (louder - self._louder(self.without, self.wandered[0]))
        for piece, fade, here in zip(self.pieces, self.fades, self._columns(), strict=True):
            wave = from_net(decoded[:, :, here], gain[:, here], self.seed + piece.at)[None]
            yield piece, self._cut(piece, wave, fade)

    def _columns(self) -> Iterator[slice]:
        column = 0
        for piece in self.pieces:
            first, last = piece.slots(self.bank)
            yield slice(column, column + (last - first) * SLOT)
            column += (last - first) * SLOT

    def _cut(self, piece: Piece, wave: np.ndarray, fade: np.ndarray) -> np.ndarray:
        lead = piece.lead(self.bank) * HOP
        cut = wave[:, lead : lead + len(fade)] * fade[: wave.shape[1] - lead]
        if self.stereo and len(cut) == 1:
            cut = np.concatenate([cut, np.zeros_like(cut)])
        return cut


def _source_level(spectrum: Tensor) -> Tensor:
    power = spectrum.real.square() + spectrum.imag.square()
    return 10 * torch.log10(filterbank().weights @ power[:, :-1] + 10 ** (FLOOR_DB / 10))


def from_net(features: Tensor, gain: Tensor, seed: int) -> np.ndarray:
    """Audio ``(frames * 256,)`` from decoded features ``(2, BANDS, frames)`` alone, ``gain`` dB louder."""
    magnitude = bands.magnitude(features[0] + gain)
    spectrum = polar(magnitude, phase.integrate(magnitude, bands.deviation(features[1]), seed))
    spectrum = torch.cat([spectrum, spectrum[:, -1:]], dim=1)
    return istft(spectrum, (spectrum.shape[1] - 1) * HOP).numpy()


def mixed(waves: Iterable[tuple[Piece, np.ndarray]], channels: int, samples: int) -> np.ndarray:
    """Pieces laid into ``(channels, samples)``."""
    take = np.zeros((channels, samples), np.float32)
    for piece, wave in waves:
        start = piece.at * HOP
        length = min(wave.shape[1], samples - start)
        if length > 0:
            take[:, start : start + length] += wave[:, :length]
    return take


def power_of(bank: Bank, pieces: list[Piece], frames: int) -> np.ndarray:
    """``(frames,)`` power of the pieces' sources as they are laid, before any change."""
    power = np.zeros(frames, np.float32)
    for piece in pieces:
        start = bank.places[piece.place].start + piece.start
        length = max(0, min(piece.frames, frames - piece.at))
        gain = piece.fade()[HOP // 2 :: HOP][:length] ** 2
        power[piece.at : piece.at + length] += bank.power[start : start + length] * gain
    return power
