"""A trained model, ready to play: voice, bank and sliders together."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain as chained

import numpy as np
import torch

from jobs.nets import steer
from jobs.nets.bank import Bank
from jobs.nets.clock import TIMED, Clock
from jobs.nets.lay import Piece, Timing, enough, lay
from jobs.nets.loop import Goal
from jobs.nets.phrase import Control, Phrase, Wander, power_of
from jobs.nets.rehearsal import Rehearsal, Setting
from jobs.nets.scales import Exploration, Scale, explored
from jobs.nets.voice import Voice
from jobs.nets.walk import Event, Shares, Variation, Walk, in_order, recast
from jobs.sound.chain import Chain
from jobs.sound.course import Course, course
from jobs.sound.descriptors import NAMES
from jobs.sound.spectrum import HOP, RATE

FASTEST = 8
"""Times that density speeds a walk up at most."""
PHRASE_SLOTS = 144
"""Latents decoded at once: 12 s."""
KEPT = 4
"""Rehearsals an instrument remembers, so that a hand on a slider waits for its own move only."""
RECAST = ("brightness", "warmth", "roughness", "tension", "reverberance")
"""Axes that a walk can go to other slices for; the others are made by the engine."""
ALIKE = (*RECAST, "rhythm")
SHORT_OF = 0.3
"""Spreads from its set-point beyond which an axis is looked for in other slices."""
GUIDE_SECONDS = 8.0
"""Of the walk from which the nets' directions are taken."""
FIRMNESS = 2.0
"""How much more an error counts in what was asked for than in what shall stay."""


@dataclass(frozen=True)
class Request:
    """A take to play. ``sliders`` are percentiles of the trained sounds; axes left out are free.

    ``route``: "walk" through the bank, "order" plays its sounds as they are, "between" leads from
    the first sound to the second. ``shares``: of each model of a blend how many of the sounds are its
    own, and its weight. A ``quick`` take closes its loop less often.
    """

    seconds: float
    seed: int = 0
    sliders: tuple[tuple[str, float], ...] = ()
    wander: float = 0.3
    render: str = "carrier"
    stereo: bool = False
    route: str = "walk"
    variations: tuple[Variation, ...] = ()
    shares: tuple[tuple[int, float], ...] = ()
    quick: bool = False

    @property
    def samples(self) -> int:
        return round(self.seconds * RATE)

    @property
    def frames(self) -> int:
        return self.samples // HOP + 1


@dataclass(frozen=True)
class Plan:
    """What a take is made of, before it is rendered: pieces, setting, the course of its level, and each
    axis's percentile in it, ``reached``."""

    pieces: list[Piece]
    setting: Setting
    course: Course
    reached: dict[str, float]


class Instrument:
    """``voice`` and ``bank`` of a model, or of several blended, with its ``scales``."""

    def __init__(
        self, voice: Voice, bank: Bank, scales: dict[str, Scale], exploration: Exploration | None = None
    ):
        self.voice, self.bank, self.scales = voice, bank, scales
        self._exploration = exploration
        self._directions: dict[str, Control] = {}
        self._rehearsals: OrderedDict[tuple, Rehearsal] = OrderedDict()

    @cached_property
    def exploration(self) -> Exploration:
        return self._exploration or explored(self.bank)

    def with_bank(self, bank: Bank) -> "Instrument":
        """The same voice and sliders over other sounds."""
        other = Instrument(self.voice, bank, self.scales, self.exploration)
        other._directions = self.directions()
        return other

    def directions(self) -> dict[str, Control]:
        """What leads the sounds, on the whole, to be brighter or warmer: how far is for the loop."""
        if not self._directions:
            request = Request(GUIDE_SECONDS)
            events = enough(self._events(request), request.frames, Timing(), request.seed)
            pieces = lay(self.bank, events, request.frames, Timing(), request.seed)
            phrase = Phrase(self.voice, self.bank, pieces, _wander(request), False, request.seed)
            spreads = {name: self.scales[name].spread for name in steer.STEERED}
            self._directions = steer.directions(phrase, request.frames, spreads)
        return self._directions

    def plan(self, request: Request) -> Plan:
        """Choose the events, their times and the setting that the sliders ask for."""
        sliders = dict(request.sliders)
        free = enough(self._events(request), request.frames, Timing(), request.seed)
        explore = tuple((name, value) for name, value in request.sliders if name in self.exploration.names)
        named = {name: value for name, value in sliders.items() if name in NAMES}
        before = self._rehearsed(request, free, Timing(), explore)
        if not named:
            return self._plan(
                request, free, Timing(), before.setting(np.zeros(len(before.moves))), before.found
            )
        goal = self._goal(before.found, named, request)
        events, timing, rehearsal = free, Timing(), before
        if set(TIMED) & set(named):
            events = enough(self._events(request), FASTEST * request.frames, Timing(), request.seed)
            timing = Clock(self.bank, events, request.frames, request.seed).set(goal, tuple(named))
            if request.route == "between":
                # The second sound is reached at the end of the take, however fast the walk is played.
                way = self._events(request, 2.0**timing.density)
                events = enough(way, FASTEST * request.frames, Timing(), request.seed)
            rehearsal = self._rehearsed(request, events, timing, explore)
        moved = tuple(named)
        at = rehearsal.led(goal, moved)
        short = self._short(goal, at.found, moved)
        if short and request.route != "order":
            other = self._recast(events, goal.target - at.found[: len(NAMES)], short, request.seed)
            if other != events:
                events, rehearsal = other, self._rehearsed(request, other, timing, explore)
                at = rehearsal.led(goal, moved)
        if not request.quick:
            at = rehearsal.balanced(goal, at)
        setting, found = rehearsal.settled(goal, at, float(before.found[-1]))
        return self._plan(request, events, timing, setting, found)

    def _short(self, goal: Goal, found: np.ndarray, moved: tuple[str, ...]) -> tuple[str, ...]:
        """Moved axes that stay far from their set-points with these slices."""
        far = np.abs(goal.target - found[: len(NAMES)]) > SHORT_OF * goal.scale * FIRMNESS
        return tuple(name for name in RECAST if name in moved and far[NAMES.index(name)])

    def reach(self, seconds: float) -> dict[str, tuple[float, ...]]:
        """Percentiles that one take comes to when each slider alone is drawn to either end."""
        request = Request(seconds)
        events = enough(self._events(request), FASTEST * request.frames, Timing(), request.seed)
        clock = Clock(self.bank, events, request.frames, request.seed)
        free = self._rehearsed(request, events, Timing(), ())

        def end(name: str, up: bool) -> float:
            if name in TIMED:
                return clock.end(name, up)
            if name not in RECAST:
                return free.end(name, up)
            away = np.zeros(len(NAMES))
            away[NAMES.index(name)] = (
                self.scales[name].at(100.0 if up else 0.0) - free.found[NAMES.index(name)]
            )
            there = self._recast(events, away, (name,), request.seed)
            return self._rehearsed(request, there, Timing(), ()).end(name, up)

        return {
            name: tuple(sorted(self.scales[name].percentile(end(name, up)) for up in (False, True)))
            for name in NAMES
            if name != "width" and self.scales[name].available
        }

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
            phrase = Phrase(self.voice, self.bank, pieces, _wander(request), request.stereo, request.seed)
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

    def _events(self, request: Request, pace: float = 1.0) -> Iterator[Event]:
        """Without end; ``pace`` is how many seconds of the walk a second of the take will be."""
        if request.route == "order":
            return in_order(self.bank)
        return Walk(self.bank, request.seed, request.variations, _shares(request, pace)).events()

    def _rehearsed(
        self, request: Request, events: list[Event], timing: Timing, explore: tuple[tuple[str, float], ...]
    ) -> Rehearsal:
        """The same request rehearses once: what a slider has moved is not part of it."""
        key = (replace(request, sliders=explore, quick=False, render=""), tuple(events), timing)
        if key not in self._rehearsals:
            pieces = lay(self.bank, events, request.frames, timing, request.seed)
            base = self._explored(explore, pieces)
            self._rehearsals[key] = Rehearsal(
                self.voice,
                self.bank,
                pieces,
                request.frames,
                _wander(request),
                request.stereo,
                self.scales,
                base,
                self.directions,
            )
            while len(self._rehearsals) > KEPT:
                self._rehearsals.popitem(last=False)
        self._rehearsals.move_to_end(key)
        return self._rehearsals[key]

    def _explored(self, explore: tuple[tuple[str, float], ...], pieces: list[Piece]) -> Control:
        """The offset of the latents that leads the take to percentiles of the bank's components."""
        control = Control.neutral(self.voice.latent)
        if not explore:
            return control
        spread = self.bank.spread
        spans = [piece.slots(self.bank) for piece in pieces]
        z = torch.cat([self.bank.latents[:, a:b] for a, b in spans], dim=1).mean(dim=1) / spread
        offset = torch.zeros(self.voice.latent)
        for name, position in explore:
            k = self.exploration.names.index(name)
            component = self.exploration.components[k]
            target = float(np.interp(position, np.arange(101), self.exploration.values[k]))
            offset += (target - float(component @ z)) * component * spread
        return Control(offset[:, None], control.equaliser)

    def _goal(self, found: np.ndarray, named: dict[str, float], request: Request) -> Goal:
        target = found[: len(NAMES)].copy()
        scale = np.full(len(NAMES), np.inf)
        for k, name in enumerate(NAMES):
            if self.scales[name].available and (request.stereo or name != "width"):
                scale[k] = self.scales[name].spread
            if name in named:
                target[k] = self.scales[name].at(named[name])
                scale[k] /= FIRMNESS
        return Goal(target, scale)

    def _recast(
        self, events: list[Event], away: np.ndarray, short: tuple[str, ...], seed: int
    ) -> list[Event]:
        """Slices ``away (len(NAMES),)`` further in what falls short, alike in the rest."""
        columns = self.bank.marks.shape[1]
        shift, scale = np.zeros(columns), np.full(columns, np.inf)
        for name in ALIKE:
            if self.scales[name].kind == "sound":
                scale[NAMES.index(name)] = self.scales[name].spread
        for name in short:
            shift[NAMES.index(name)] = away[NAMES.index(name)]
        return recast(self.bank, events, seed, shift, scale)

    def _plan(
        self, request: Request, events: list[Event], timing: Timing, setting: Setting, found: np.ndarray
    ) -> Plan:
        pieces = lay(self.bank, events, request.frames, timing, request.seed)
        reached = {
            name: self.scales[name].percentile(float(found[k]))
            for k, name in enumerate(NAMES)
            if self.scales[name].available and (request.stereo or name != "width")
        }
        return Plan(pieces, setting, course(power_of(self.bank, pieces, request.frames)), reached)


def _shares(request: Request, pace: float) -> Shares | None:
    if request.route == "between":

        def led(seconds: float) -> np.ndarray:
            way = min(1.0, seconds / (pace * request.seconds))
            way = way * way * (3 - 2 * way)
            return np.array([1 - way, way])

        return Shares(np.arange(2), led)
    if len(request.shares) < 2:
        return None
    counts, weights = zip(*request.shares, strict=True)
    return Shares(np.repeat(np.arange(len(counts)), counts), lambda _: np.array(weights))


def _wander(request: Request) -> Wander:
    return Wander(request.seed, request.wander, request.variations)


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
