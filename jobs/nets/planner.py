"""From sliders to a plan: which slices, at what times, and with which setting a take is played."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import torch

from jobs.nets.bank import Bank
from jobs.nets.clock import Clock
from jobs.nets.lay import Piece, Timing, enough, lay, pace, sounded
from jobs.nets.loop import COUNTED, TIMED, Goal, Heard
from jobs.nets.phrase import Control, power_of
from jobs.nets.recast import RECAST, Recaster
from jobs.nets.rehearsal import LOUDNESS, Rehearsal, Setting, axis_of
from jobs.nets.request import Plan, Request, events_of, wander_of
from jobs.nets.scales import Exploration, Scale
from jobs.nets.sketch import Sketch
from jobs.nets.voice import Voice
from jobs.nets.walk import Event, again
from jobs.sound.course import course
from jobs.sound.descriptors import NAMES
from jobs.sound.opinions import OPINIONS

SPARE = 2
"""Times as many events as a walk between two sounds should need: paces differ along the way."""
KEPT = 4
"""Rehearsals that are remembered, so that a hand on a slider waits for its own move only."""
SHORT_OF = 0.7
"""Spreads from its set-point beyond which an axis is looked for in other slices."""
HEARD = [*(k for k, name in enumerate(NAMES) if name not in ("roughness", "tension", "width")), LOUDNESS]
"""Rows that are measured on sources alone."""
GAIN = 0.35
"""Spreads by which other slices have to come nearer."""
SIBLINGS = {"rhythm": "reverberance", "reverberance": "rhythm"}
"""Axes that hang together: what decays sooner moves more in level."""
LOOSE = 1.4
"""How much less firmly an axis is held than the others when its sibling moves."""
FIRMNESS = 2.0
"""How much more an error counts in what was asked for than in what shall stay."""
OPINION = {axis_of(row): row for row in range(LOUDNESS + 1, LOUDNESS + 1 + len(OPINIONS))}
"""Row of the second opinion on an axis."""

Made = TypeVar("Made")


def remembered(those: OrderedDict[tuple, Made], key: tuple, make: Callable[[], Made]) -> Made:
    """What ``make`` makes, once; the last few stay."""
    if key not in those:
        those[key] = make()
        while len(those) > KEPT:
            those.popitem(last=False)
    those.move_to_end(key)
    return those[key]


def nearer(
    goal: Goal, found: np.ndarray, than: np.ndarray, moved: tuple[str, ...], short: tuple[str, ...]
) -> bool:
    """Whether other slices, that measure ``found (measured,)``, are worth it: what they change besides is not
    all measured. What fell ``short`` has to come nearer by both opinions: one alone is easily pleased."""
    rows = [NAMES.index(name) for name in moved]
    missed = [np.abs(goal.target - one)[rows] / goal.scale[rows] for one in (found, than)]
    towards = np.sign(goal.target - than)[[NAMES.index(name) for name in short]]
    seconded = towards * (found - than)[[OPINION[name] for name in short]] >= 0
    return float((missed[1] - missed[0]).max()) > FIRMNESS * GAIN and bool(seconded.all())


class Planner:
    """Plans takes of one bank; ``directions`` as `jobs.nets.steer.directions` finds them."""

    def __init__(
        self,
        voice: Voice,
        bank: Bank,
        scales: dict[str, Scale],
        exploration: Exploration,
        directions: Callable[[], dict[str, Control]],
    ):
        self.voice, self.bank, self.scales = voice, bank, scales
        self.exploration, self.directions = exploration, directions
        self.recaster = Recaster(bank, scales)
        self._sketches: OrderedDict[tuple, Sketch] = OrderedDict()
        self._clocks: OrderedDict[tuple, Clock] = OrderedDict()

    def plan(self, request: Request) -> Plan:
        """Choose the events, their times and the setting that the sliders ask for."""
        sliders = dict(request.sliders)
        free = self._walked(request)
        explore = self._explore(request)
        named = {name: value for name, value in sliders.items() if name in NAMES}
        sketch = self._sketched(request, free, Timing(), explore)
        before = sketch.rehearsal
        if not named:
            return self._plan(
                request, free, Timing(), before.setting(np.zeros(len(before.moves))), before.found
            )
        goal = self._goal(before.found, named, request)
        loudness, moved = float(before.found[LOUDNESS]), tuple(named)
        events, timing = self._timed(request, free, goal, moved)
        events = sounded(self.bank, enough(events, request.frames, timing, request.seed), timing)
        if request.quick:
            at = sketch.heard(goal, moved if not timing.staccato else (*(set(moved) - {"rhythm"}),))
            at = self._expected(request, free, timing, at)
            setting, found = before.sketched(goal, at, loudness)
            return self._plan(request, events, timing, setting, found)
        sketch = self._sketched(request, events, timing, explore)
        at = self._closed(sketch, goal, moved)
        short = self._short(goal, at.found, moved)
        for other in self.recaster.tries(request, events, timing, goal.target - at.found, short):
            anew = self._sketched(request, other, timing, explore)
            there = self._closed(anew, goal, moved)
            if nearer(goal, there.found, at.found, moved, short):
                events, sketch, at = other, anew, there
        setting, found = sketch.rehearsal.settled(goal, at, loudness)
        return self._plan(request, events, timing, setting, found)

    def prepare(self, request: Request) -> bool:
        """Hear a little of what sliders will do to the request's take; whether there is more to hear."""
        free = self._walked(request)
        explore = self._explore(request)
        return self._sketched(request, free, Timing(), explore).step() or self._clock(request, free).step()

    def _timed(
        self, request: Request, free: list[Event], goal: Goal, moved: tuple[str, ...]
    ) -> tuple[list[Event], Timing]:
        """The events of the take and when they are heard."""
        if not set(TIMED) & set(moved):
            return free, Timing()
        clock = self._clock(request, free)
        timing = clock.set(goal, moved, hold=not request.quick)
        if request.route != "between":
            return clock.events, timing
        # The second sound is reached at the end of the take, however fast the walk is played.
        faster = pace(clock.events, timing, request.seed)
        way = events_of(request, self.bank, faster)
        return enough(way, round(SPARE * faster * request.frames), Timing(), request.seed), timing

    def _expected(self, request: Request, free: list[Event], timing: Timing, at: Heard) -> Heard:
        """What was heard, with what the timing changes, by the sources alone."""
        if timing == Timing():
            return at
        clock = self._clock(request, free)
        found = at.found.copy()
        found[HEARD] += (clock.measured(timing) - clock.measured(Timing()))[HEARD]
        return Heard(at.point, found)

    def _clock(self, request: Request, free: list[Event]) -> Clock:
        key = (tuple(free), request.frames, request.seed, request.route)
        events = again(free, request.frames, request.seed, in_order=request.route == "order")
        asked = {name: self.scales[name].ends for name in TIMED}
        return remembered(
            self._clocks, key, lambda: Clock(self.bank, events, request.frames, request.seed, asked)
        )

    def _closed(self, sketch: Sketch, goal: Goal, moved: tuple[str, ...]) -> Heard:
        point, drawn = sketch.drawn(goal, moved)
        at = sketch.rehearsal.led(drawn, moved, point)
        return sketch.rehearsal.balanced(drawn, at, moved)

    def _short(self, goal: Goal, found: np.ndarray, moved: tuple[str, ...]) -> tuple[str, ...]:
        """Moved axes that stay far from their set-points with these slices."""
        far = np.abs(goal.target - found) > SHORT_OF * goal.scale * FIRMNESS
        return tuple(name for name in RECAST if name in moved and far[NAMES.index(name)])

    def reach(self, seconds: float) -> dict[str, tuple[float, ...]]:
        """Percentiles that one take comes to when each slider alone is drawn to either end.

        What timing moves is taken from a take four times as long: it is heard on the sources alone, and in
        few seconds there is little to count.
        """
        request = Request(seconds)
        clock = self._clock_of(Request(4 * seconds))
        events = self._walked(request)
        free = self._rehearsed(request, events, Timing(), ())

        def end(name: str, up: bool) -> float:
            if name in COUNTED:
                return clock.end(name, up)
            if name in TIMED:
                return (max if up else min)(clock.end(name, up), free.end(name, up))
            away = np.zeros(len(NAMES))
            away[NAMES.index(name)] = (
                self.scales[name].at(100.0 if up else 0.0) - free.found[NAMES.index(name)]
            )
            there = self.recaster.furthest(request, events, Timing(), away, (name,))
            return self._rehearsed(request, there, Timing(), ()).end(name, up)

        return {
            name: tuple(sorted(self.scales[name].percentile(end(name, up)) for up in (False, True)))
            for name in NAMES
            if name != "width" and self.scales[name].available
        }

    def _walked(self, request: Request) -> list[Event]:
        """The events of a request's own time."""
        return enough(events_of(request, self.bank), request.frames, Timing(), request.seed)

    def _clock_of(self, request: Request) -> Clock:
        return self._clock(request, self._walked(request))

    def _explore(self, request: Request) -> tuple[tuple[str, float], ...]:
        return tuple((name, value) for name, value in request.sliders if name in self.exploration.names)

    def _rehearsed(
        self, request: Request, events: list[Event], timing: Timing, explore: tuple[tuple[str, float], ...]
    ) -> Rehearsal:
        return self._sketched(request, events, timing, explore).rehearsal

    def _sketched(
        self, request: Request, events: list[Event], timing: Timing, explore: tuple[tuple[str, float], ...]
    ) -> Sketch:
        """The same request rehearses once: what a slider has moved is not part of it."""
        key = (replace(request, sliders=explore, quick=False, render=""), tuple(events), timing)

        def make() -> Sketch:
            pieces = lay(self.bank, events, request.frames, timing, request.seed)
            base = self._explored(explore, pieces)
            wander = wander_of(request)
            voice, bank, frames = self.voice, self.bank, request.frames
            return Sketch(
                Rehearsal(
                    voice, bank, pieces, frames, wander, request.stereo, self.scales, base, self.directions
                )
            )

        return remembered(self._sketches, key, make)

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
        target = found.copy()
        scale = np.full(len(found), np.inf)
        for k in range(len(found)):
            name = axis_of(k)
            if k == LOUDNESS or not self.scales[name].available or (name == "width" and not request.stereo):
                continue
            if name not in named:
                loose = LOOSE if SIBLINGS.get(name) in named else 1.0
                scale[k] = loose * self.scales[name].spread
            elif k < LOUDNESS:
                target[k] = self.scales[name].at(named[name])
                scale[k] = self.scales[name].spread / FIRMNESS
        return Goal(target, scale)

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
