"""A trained model, ready to play: voice, bank and sliders together."""

from collections.abc import Iterator
from functools import cached_property
from itertools import chain as chained

import numpy as np

from jobs.nets import steer
from jobs.nets.bank import Bank
from jobs.nets.lay import Piece, Timing, enough, lay
from jobs.nets.phrase import Control, Phrase
from jobs.nets.planner import Planner
from jobs.nets.request import Plan, Request, events_of, wander_of
from jobs.nets.scales import Exploration, Scale, explored
from jobs.nets.voice import Voice
from jobs.sound.chain import Chain
from jobs.sound.spectrum import HOP

PHRASE_SLOTS = 144
"""Latents decoded at once: 12 s."""
GUIDE_SECONDS = 8.0
"""Of the walk from which the nets' directions are taken."""


class Instrument:
    """``voice`` and ``bank`` of a model, or of several blended, with its ``scales``."""

    def __init__(
        self, voice: Voice, bank: Bank, scales: dict[str, Scale], exploration: Exploration | None = None
    ):
        self.voice, self.bank, self.scales = voice, bank, scales
        self._exploration = exploration
        self._directions: dict[str, Control] = {}

    @cached_property
    def exploration(self) -> Exploration:
        return self._exploration or explored(self.bank)

    @cached_property
    def _planner(self) -> Planner:
        return Planner(self.voice, self.bank, self.scales, self.exploration, self.directions)

    def with_bank(self, bank: Bank) -> "Instrument":
        """The same voice and sliders over other sounds."""
        return self._other(bank, self.scales)

    def with_scales(self, scales: dict[str, Scale]) -> "Instrument":
        """The same voice and sounds under other sliders."""
        return self._other(self.bank, scales)

    def _other(self, bank: Bank, scales: dict[str, Scale]) -> "Instrument":
        other = Instrument(self.voice, bank, scales, self.exploration)
        other._directions = self.directions()
        return other

    def directions(self) -> dict[str, Control]:
        """What leads the sounds, on the whole, to be brighter or warmer: how far is for the loop."""
        if not self._directions:
            request = Request(GUIDE_SECONDS)
            events = enough(events_of(request, self.bank), request.frames, Timing(), request.seed)
            pieces = lay(self.bank, events, request.frames, Timing(), request.seed)
            phrase = Phrase(self.voice, self.bank, pieces, wander_of(request), False, request.seed)
            spreads = {name: self.scales[name].spread for name in steer.STEERED}
            self._directions = steer.directions(phrase, request.frames, spreads)
        return self._directions

    def plan(self, request: Request) -> Plan:
        """Choose the events, their times and the setting that the sliders ask for."""
        return self._planner.plan(request)

    def prepare(self, request: Request) -> bool:
        """Hear a little of what sliders will do to a take, for quick ones; whether there is more."""
        return self._planner.prepare(request)

    def reach(self, seconds: float) -> dict[str, tuple[float, ...]]:
        """Percentiles that one take comes to when each slider alone is drawn to either end."""
        return self._planner.reach(seconds)

    def play(self, request: Request, plan: Plan) -> Iterator[np.ndarray]:
        """Blocks ``(channels, n)`` float32, channels left and right where the request is stereo, that add up
        to exactly ``request.samples``, in memory that doesn't grow."""
        channels = 2 if request.stereo else 1
        chain = Chain(plan.setting.shaping, plan.course, channels)
        blocks = (chain.process(block) for block in self._dry(request, plan, channels))
        for block in chained(blocks, (chain.rest() for _ in range(1))):
            if block.shape[1]:
                yield np.stack([block[0] + block[1], block[0] - block[1]]) if channels == 2 else block

    def take(self, request: Request) -> tuple[np.ndarray, Plan]:
        """The whole take at once, ``(channels, samples)`` float32."""
        plan = self.plan(request)
        return np.concatenate(list(self.play(request, plan)), axis=1), plan

    def _dry(self, request: Request, plan: Plan, channels: int) -> Iterator[np.ndarray]:
        """The pieces added up, before the chain."""
        pending = np.zeros((channels, 0), np.float32)
        written = 0
        for pieces in _phrases(plan.pieces, self.bank):
            phrase = Phrase(self.voice, self.bank, pieces, wander_of(request), request.stereo, request.seed)
            play = phrase.waves if request.render == "carrier" else phrase.waves_of_net
            for piece, wave in play(plan.setting.control):
                done = min(piece.at * HOP, request.samples) - written
                if done > 0:
                    pending = _longer(pending, done)
                    yield pending[:, :done]
                    pending, written = pending[:, done:], written + done
                pending = _longer(pending, wave.shape[1])
                pending[:, : wave.shape[1]] += wave
        left = request.samples - written
        yield _longer(pending, left)[:, :left]


def _longer(block: np.ndarray, samples: int) -> np.ndarray:
    missing = samples - block.shape[1]
    return np.pad(block, ((0, 0), (0, missing))) if missing > 0 else block


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
