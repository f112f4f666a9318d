"""A trained model, ready to play: net, bank and sliders together."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from jobs.nets import steer
from jobs.nets.bank import Bank
from jobs.nets.losses import Statistics
from jobs.nets.steer import Control
from jobs.nets.vae import Vae
from jobs.nets.walk import Piece, preference, relaid, walk
from jobs.sound import bands, descriptors, phase
from jobs.sound.descriptors import AXES
from jobs.sound.spectrum import HOP, RATE, istft, polar, stft
from jobs.sound.tape import SLOT

HEARD_FRAMES = 1500
"""Frames (8 s) that the closed loop listens to; of a longer take, pieces spread evenly over it."""
LOUDNESS_SCALE = 3.0
"""dB of loudness that matter as much as one spread of a slider's own descriptor."""
HELD_SCALE = 2.0
"""How many spreads of a held descriptor matter as much as one of a moved one."""
PHRASE_SLOTS = 144
"""Latents decoded at once: 12 s."""


@dataclass(frozen=True)
class Request:
    """A take to play. ``sliders`` are percentiles of the trained sounds; axes left out are free."""

    seconds: float
    seed: int = 0
    sliders: tuple[tuple[str, float], ...] = ()
    wander: float = 0.3
    render: str = "carrier"

    @property
    def samples(self) -> int:
        return round(self.seconds * RATE)

    @property
    def frames(self) -> int:
        return self.samples // HOP + 1


@dataclass(frozen=True)
class Plan:
    """What a take is made of, before it is rendered.

    ``swing (frames,)`` is its envelope in dB; ``reached`` each moved slider's percentile in it.
    """

    pieces: list[Piece]
    control: Control
    swing: Tensor
    reached: dict[str, float]


@dataclass(frozen=True)
class Scale:
    """An axis as the trained sounds fill it: ``values (101,)`` at percentiles 0 to 100, their ``spread``,
    and the percentile of each sound of the bank, ``sounds (n,)``."""

    values: np.ndarray
    spread: float
    sounds: np.ndarray
    available: bool

    def at(self, percentile: float) -> float:
        return float(np.interp(percentile, np.arange(101), self.values))

    def percentile(self, value: float) -> float:
        return float(np.interp(value, self.values, np.arange(101)))


class Instrument:
    def __init__(self, net: Vae, statistics: Statistics, bank: Bank, scales: dict[str, Scale]):
        self.net = net.eval().requires_grad_(False).cpu()
        self.statistics = statistics
        self.bank = bank
        self.scales = scales

    @cached_property
    def spread(self) -> Tensor:
        """``(latent,)`` standard deviation of each latent over the bank."""
        return self.bank.latents.std(dim=1).clamp_min(1e-3)

    def plan(self, request: Request) -> Plan:
        """Choose the pieces and close the loop on the sliders."""
        sliders = dict(request.sliders)
        percentiles = {axis: self.scales[axis].sounds for axis in sliders}
        count = len(self.bank.places)
        affinity = preference(percentiles, sliders, count)
        pieces = walk(self.bank, request.frames, request.seed, affinity)
        swing = steer.envelope(torch.from_numpy(self._power(pieces, request.frames)))
        if not sliders:
            return Plan(pieces, Control.neutral(len(self.spread)), swing, {})
        free = walk(self.bank, request.frames, request.seed, np.zeros(count))
        held = descriptors.measure(self._rehearse(free, request).base_level())
        target, scale = held.clone(), torch.full_like(held, LOUDNESS_SCALE)
        for k, axis in enumerate(AXES):
            spread = max(self.scales[axis.name].spread, axis.step)
            moved = axis.name in sliders
            scale[k] = spread * (1.0 if moved else HELD_SCALE)
            if moved:
                target[k] = self.scales[axis.name].at(sliders[axis.name])
        rehearsal = self._rehearse(pieces, request)

        def steered(control: Control) -> Tensor:
            return rehearsal.level(self._decode(rehearsal.latents + control.latent), control)

        control, found = steer.solve(steered, descriptors.measure, target, scale, self.spread)
        reached = {
            axis.name: self.scales[axis.name].percentile(float(found[k]))
            for k, axis in enumerate(AXES)
            if axis.name in sliders
        }
        return Plan(pieces, control, swing, reached)

    def play(self, request: Request, plan: Plan) -> Iterator[np.ndarray]:
        """Blocks ``(n,)`` float32 that add up to exactly ``request.samples``, in memory that doesn't grow."""
        pending = np.zeros(0, np.float32)
        written = 0
        for phrase in _phrases(plan.pieces, self.bank):
            for piece, wave in self._render(phrase, request, plan.control):
                done = min(piece.at * HOP, request.samples) - written
                if done:
                    pending = np.pad(pending, (0, max(0, done - len(pending))))
                    yield _swung(pending[:done], written, plan)
                    pending, written = pending[done:], written + done
                pending = np.pad(pending, (0, max(0, len(wave) - len(pending))))
                pending[: len(wave)] += wave
        left = request.samples - written
        yield _swung(np.pad(pending, (0, max(0, left - len(pending))))[:left], written, plan)

    def take(self, request: Request) -> tuple[np.ndarray, Plan]:
        """The whole take at once, ``(samples,)`` float32."""
        plan = self.plan(request)
        return np.concatenate(list(self.play(request, plan))), plan

    def _decode(self, latents: Tensor) -> Tensor:
        """``(latent, slots) -> (BANDS, slots * 16)`` level in dB."""
        return self.statistics.restore(self.net.decode(latents[None]))[0, 0]

    def _latents(self, pieces: list[Piece], request: Request) -> tuple[Tensor, Tensor]:
        """Latents of the pieces one after another, and the same with the walk's own wandering."""
        plain, wandering = [], []
        for piece in pieces:
            first, last = piece.slots(self.bank)
            z = self.bank.latents[:, first:last]
            plain.append(z)
            wandering.append(z + self._wander(piece, z, request))
        return torch.cat(plain, dim=1), torch.cat(wandering, dim=1)

    def _wander(self, piece: Piece, z: Tensor, request: Request) -> Tensor:
        """Slow noise in the latents and a pull towards another sound's: what makes a take new."""
        if not request.wander:
            return torch.zeros_like(z)
        random = np.random.default_rng([request.seed, 4, piece.place, piece.start])
        slots = z.shape[1]
        noise = torch.from_numpy(random.standard_normal((len(z), slots + 8))).float()
        slow = torch.nn.functional.avg_pool1d(noise[None], 9, 1)[0] * 3
        place = self.bank.places[int(random.integers(len(self.bank.places)))]
        columns = place.start // SLOT + torch.arange(slots) % place.slots
        pull = float(random.uniform(0, 0.6))
        return request.wander * (
            0.5 * self.spread[:, None] * slow + pull * (self.bank.latents[:, columns] - z)
        )

    @torch.no_grad()
    def _rehearse(self, pieces: list[Piece], request: Request) -> "Rehearsal":
        """The take as the closed loop hears it; of a long one, pieces spread evenly over it."""
        total = sum(piece.frames for piece in pieces)
        if total > HEARD_FRAMES:
            chosen = np.unique(np.arange(0, len(pieces), total / HEARD_FRAMES).astype(int))
            pieces = relaid([pieces[i] for i in chosen])
        frames = min(request.frames, pieces[-1].at + pieces[-1].frames)
        plain, latents = self._latents(pieces, request)
        decoded = self._decode(latents)
        if request.render == "carrier":
            base = torch.cat([self._source_level(piece) for piece in pieces], dim=1)
            without = self._decode(plain)
        else:
            base, without = decoded, decoded
        swing = steer.envelope(torch.from_numpy(self._power(pieces, frames)))
        columns, rows, gains = self._laid(pieces, frames)
        return Rehearsal(latents, base, without, decoded, swing, columns, rows, gains)

    def _source_level(self, piece: Piece) -> Tensor:
        first, last = piece.slots(self.bank)
        frames = (last - first) * SLOT
        return bands.features(self.bank.samples(first * SLOT, frames))[0, :, :frames]

    def _laid(self, pieces: list[Piece], frames: int) -> tuple[Tensor, Tensor, Tensor]:
        """For each frame of each piece: its column among the decoded, its frame in the take, its gain."""
        columns, rows, gains = [], [], []
        offset = 0
        for piece in pieces:
            first, last = piece.slots(self.bank)
            length = min(piece.frames, max(0, frames - piece.at))
            columns.append(offset + piece.lead(self.bank) + np.arange(length))
            rows.append(piece.at + np.arange(length))
            gains.append(piece.fade()[HOP // 2 :: HOP][:length] ** 2)
            offset += (last - first) * SLOT
        return (
            torch.from_numpy(np.concatenate(columns)),
            torch.from_numpy(np.concatenate(rows)),
            torch.from_numpy(np.concatenate(gains)),
        )

    def _power(self, pieces: list[Piece], frames: int) -> np.ndarray:
        """``(frames,)`` power of the take's sources, before any change."""
        power = np.zeros(frames, np.float32)
        for piece in pieces:
            start = self.bank.places[piece.place].start + piece.start
            length = min(piece.frames, max(0, frames - piece.at))
            gain = piece.fade()[HOP // 2 :: HOP][:length] ** 2
            power[piece.at : piece.at + length] += self.bank.power[start : start + length] * gain
        return power

    @torch.no_grad()
    def _render(
        self, pieces: list[Piece], request: Request, control: Control
    ) -> Iterator[tuple[Piece, np.ndarray]]:
        """Each piece's wave, faded. With a carrier, output = source spectrum x net(z + dz) / net(z)."""
        plain, latents = self._latents(pieces, request)
        steered = self.statistics.restore(self.net.decode((latents + control.latent)[None]))[0]
        change = steered[0] - self._decode(plain)
        tilt = (steer.equaliser_shape() @ control.equaliser)[:, None]
        column = 0
        for piece in pieces:
            first, last = piece.slots(self.bank)
            frames = (last - first) * SLOT
            here = slice(column, column + frames)
            column += frames
            if request.render == "carrier":
                carrier = self.bank.samples(first * SLOT, frames)
                wave = _with_carrier(carrier, steer.limited(change[:, here] + tilt))
            else:
                wave = _from_net(steered[:, :, here], tilt, request.seed + piece.at)
            lead = piece.lead(self.bank) * HOP
            yield piece, wave[lead : lead + piece.frames * HOP] * piece.fade()


@dataclass(frozen=True)
class Rehearsal:
    """Levels of a take's pieces and how they are laid out, ready to be steered again and again.

    ``latents (latent, slots)``; ``base``, ``without`` and ``decoded`` ``(BANDS, slots * 16)`` in dB:
    the sources, the net at their own latents, and the net at the take's; ``swing (T,)`` the envelope.
    """

    latents: Tensor
    base: Tensor
    without: Tensor
    decoded: Tensor
    swing: Tensor
    columns: Tensor
    rows: Tensor
    gains: Tensor

    def base_level(self) -> Tensor:
        """``(BANDS, T)`` dB of the take with every slider free."""
        return self.level(self.decoded, Control.neutral(len(self.latents)))

    def level(self, decoded: Tensor, control: Control) -> Tensor:
        """``(BANDS, T)`` dB of the take when the net decodes ``decoded``."""
        tilt = (steer.equaliser_shape() @ control.equaliser)[:, None]
        pieces = self.base + steer.limited(decoded - self.without + tilt)
        power = descriptors.power(pieces[:, self.columns].clamp(bands.FLOOR_DB, bands.CEILING_DB))
        take = torch.zeros(len(power), len(self.swing)).index_add(1, self.rows, power * self.gains)
        take = take * 10 ** (control.envelope * self.swing / 10)
        return 10 * torch.log10(take + 10 ** (bands.FLOOR_DB / 10))


def _with_carrier(carrier: Tensor, gain: Tensor) -> np.ndarray:
    """A source of ``frames * 256`` samples through gains ``(BANDS, frames)`` in dB."""
    gain = torch.cat([gain, gain[:, -1:]], dim=1)
    return istft(stft(carrier) * 10 ** (bands.to_bins(gain) / 20), len(carrier)).numpy()


def _from_net(features: Tensor, tilt: Tensor, seed: int) -> np.ndarray:
    """Audio from decoded features ``(2, BANDS, frames)`` alone."""
    magnitude = bands.magnitude(features[0] + steer.limited(tilt))
    spectrum = polar(magnitude, phase.integrate(magnitude, bands.deviation(features[1]), seed))
    spectrum = torch.cat([spectrum, spectrum[:, -1:]], dim=1)
    return istft(spectrum, (spectrum.shape[1] - 1) * HOP).numpy()


def _swung(block: np.ndarray, start: int, plan: Plan) -> np.ndarray:
    """The block, which starts at sample ``start`` of the take, with the envelope's gain."""
    if not plan.control.envelope:
        return block
    db = float(plan.control.envelope) * plan.swing.numpy()
    at = np.arange(start, start + len(block), dtype=np.float64) / HOP
    gain = 10 ** (np.interp(at, np.arange(len(db)), db) / 20)
    return (block * gain).astype(np.float32)


def _phrases(pieces: list[Piece], bank: Bank) -> Iterator[list[Piece]]:
    """Runs of pieces decoded together."""
    phrase: list[Piece] = []
    slots = 0
    for piece in pieces:
        first, last = piece.slots(bank)
        if phrase and slots + last - first > PHRASE_SLOTS:
            yield phrase
            phrase, slots = [], 0
        phrase.append(piece)
        slots += last - first
    if phrase:
        yield phrase


@torch.no_grad()
def resynthesise(net: Vae, statistics: Statistics, features: Tensor) -> np.ndarray:
    """What the net alone makes of ``features (2, BANDS, frames)``: ``(frames * 256,)`` float32."""
    mean, _ = net.encode(statistics.normalise(features)[None])
    decoded = statistics.restore(net.decode(mean))[0].cpu()
    return _from_net(decoded, torch.zeros(bands.BANDS, 1), seed=0)


def scales(bank: Bank, features: np.ndarray) -> dict[str, Scale]:
    """How the sounds of a tape fill each axis, from excerpts of 1.4 s (or whole sounds, where shorter)."""
    levels, owner = [], []
    for i, (place, end) in enumerate(zip(bank.places, bank.ends, strict=True)):
        starts = range(0, max(1, end - 192), 128)
        for start in starts:
            frames = slice(place.start + start, place.start + min(end, start + 256))
            levels.append(torch.from_numpy(features[0, :, frames].astype(np.float32)))
            owner.append(i)
    found = torch.stack([descriptors.measure(level) for level in levels]).numpy()
    loud = found[:, -1] > found[:, -1].max() - 50
    owners = np.array(owner)
    result = {}
    for k, axis in enumerate(AXES):
        values = np.quantile(found[loud, k], np.linspace(0, 1, 101))
        spread = float(found[loud, k].std())
        mean = np.array([found[owners == i, k].mean() for i in range(len(bank.places))])
        sounds = np.interp(mean, values, np.arange(101))
        result[axis.name] = Scale(values, spread, sounds, spread > axis.step)
    return result
