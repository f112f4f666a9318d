"""The two sides of the History: which takes are A and B, which one is heard, and what is told of them."""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from studio import actions
from studio.pairing import Match, Votes, matched, verdict, vote, votes
from studio.screens.against import against, as_loud, preference
from studio.screens.blind import NAMES, Blind
from studio.screens.taken import short
from studio.text import cells, count, pad
from studio.widgets.lines import Line, Part, wrap

if TYPE_CHECKING:
    from studio.frame import Studio

SIDES = ("a", "b")
FIRST = "load two takes first: a on one, b on the other"
HOW = (("a b", "accent"), (" load two takes  ", "dim"), ("x", "accent"), (" swaps  ", "dim"),
       ("B", "accent"), (" blind", "dim"))  # fmt: skip


class Pair:
    """``changed`` is called when something of it has to be drawn again."""

    def __init__(self, studio: "Studio", changed: Callable[[], None]) -> None:
        self.studio, self.changed = studio, changed
        self.sides: dict[str, str] = {}
        self.gone: dict[str, str] = {}
        """Sides whose take is in the trash: they come back with it."""
        self.side = ""
        """The one that is heard."""
        self.blind: Blind | None = None

    # --- which they are ----------------------------------------------------------------------------

    def known(self, ids: Collection[str]) -> None:
        """Only these takes are there."""
        sides = {**self.gone, **self.sides}
        self.sides = {side: id for side, id in sides.items() if id in ids}
        self.gone = {side: id for side, id in sides.items() if id not in ids}
        if self.blind and len(self.sides) < 2:
            self._end()
            self.studio.say("blind listening ends: one of the two is in the trash", "warn")

    def load(self, side: str, id: str) -> None:
        """This take is that side."""
        self.sides[side] = id
        self.side = side

    def take(self, side: str) -> dict[str, Any] | None:
        return actions.library().takes.get(self.sides.get(side, ""))

    def both(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        a, b = self.take("a"), self.take("b")
        return (a, b) if a and b else None

    def marks(self, id: str) -> str:
        """``A``, ``B``, ``AB`` or nothing."""
        return "".join(side.upper() for side in SIDES if self.sides.get(side) == id)

    def hides(self, id: str) -> bool:
        """Whether nothing of this take may be seen now."""
        return self.blind is not None and id in self.sides.values()

    # --- hearing -----------------------------------------------------------------------------------

    def swap(self) -> str:
        """The other side from the same place, both as loud as the softer one; the id that is heard."""
        both = self.both()
        if both is None:
            self.studio.say(FIRST)
            return ""
        if self.blind:
            self._play_blind(self.blind, matched(*both))
            return ""
        # The browser's page may have swapped them by itself.
        here = {take["path"]: side for side, take in zip(SIDES, both, strict=True)}
        self.side = "b" if here.get(self.studio.player.path, self.side) == "a" else "a"
        match = matched(*both)
        self.studio.offer_pair(
            {side: (one["path"], one["name"], _factor(gain))
             for side, one, gain in zip(SIDES, both, (match.a, match.b), strict=True)}
        )  # fmt: skip
        take, gain = (both[0], match.a) if self.side == "a" else (both[1], match.b)
        at = self._place(one["path"] for one in both)
        turned = f" {gain:.1f} dB" if gain else ""
        self.studio.play(take["path"], f"{self.side.upper()} {take['name']}{turned}", at, _factor(gain))
        return str(take["id"])

    def _place(self, paths: Any) -> float:
        """Seconds into what plays, if it is one of these."""
        player = self.studio.player
        return player.position if player.path in tuple(paths) else 0.0

    def _play_blind(self, blind: Blind, match: Match) -> None:
        at = self._place(blind.files.values())
        name = blind.turn()
        try:
            path = blind.file(name)
        except OSError as error:
            self._end()
            self.studio.say(f"blind listening ends: {error.strerror or error}", "bad")
            return
        gain = match.a if blind.side(name) == "a" else match.b
        # A page that swaps by itself would hear without being counted.
        self.studio.offer_pair({})
        self.studio.play(path, name, at, _factor(gain))
        self.changed()

    def sound(self) -> tuple[str, str] | None:
        """(path, title) of what is heard blind."""
        blind = self.blind
        return (blind.files[blind.here], blind.here) if blind and blind.here in blind.files else None

    # --- blind -------------------------------------------------------------------------------------

    def hide(self) -> None:
        """Begin to listen blind, or end it and say which was which."""
        if self.blind:
            self.studio.say(self._revealed(self.blind), "good")
            self._end()
        elif (both := self.both()) is None:
            self.studio.say(FIRST)
        elif both[0]["id"] == both[1]["id"]:
            self.studio.say("A and B are the same take: load another one with a or b")
        else:
            self.studio.player.stop()
            self.blind = Blind(dict(zip(SIDES, both, strict=True)))
            self.swap()
        self.changed()

    async def vote(self) -> None:
        """Prefer the one that is heard; kept in both takes at once, so that no vote can be left out."""
        blind = self.blind
        if blind is None:
            return
        if len(blind.heard) < 2:
            self.studio.say(f"hear {'both' if not blind.heard else 'the other one'} first: x")
            return
        here = blind.here
        side = blind.side(here)
        other = "b" if side == "a" else "a"
        if await self.studio.do(lambda: vote(self.sides[side], self.sides[other])) is None:
            return
        blind.vote()
        self.studio.player.stop()
        self.swap()
        self.studio.say(f"{here} it is: vote {len(blind.votes)} is kept; they are shuffled again", "good")
        self.changed()

    def _revealed(self, blind: Blind) -> str:
        names = {side: short(blind.takes[side]["name"], 30) for side in SIDES}
        here = f"{blind.here} was {blind.side(blind.here).upper()}; " if blind.here else ""
        sitting = Votes(blind.votes.count("a"), blind.votes.count("b"))
        told = f"this time {verdict(sitting)}" if sitting.all else "no votes this time"
        return f"{here}A is {names['a']}, B is {names['b']}; {told}"

    def _end(self) -> None:
        if self.blind:
            self.studio.player.stop()
            self.blind.end()
            # Its path and title go with it.
            self.studio.player.path = self.studio.transport.what.title = ""
            self.studio.transport.touch()
        self.blind = None

    # --- telling -----------------------------------------------------------------------------------

    def told(self, width: int) -> list[Line]:
        """A and B, and what differs between them."""
        if self.blind:
            return _blindly(self.blind, self.studio.player.route, width)
        both = self.both()
        if both is None:
            return [self._loaded(width)] if self.sides else [HOW]
        if both[0]["id"] == both[1]["id"]:
            return [self._loaded(width), [("the same take on both sides", "dim")]]
        found = actions.compare(both[0]["id"], both[1]["id"])["differences"]
        return [
            *preference(votes(*both), width),
            *as_loud(matched(*both), self.studio.player.route, width),
            *against(*both, found, width, self.side),
        ]

    def _loaded(self, width: int) -> list[Part]:
        room = max(8, (width - 8) // 2)
        line: list[Part] = []
        for side in SIDES:
            take, here = self.take(side), side == self.side
            words = short(take["name"], room) if take else "empty"
            line += [
                (f"{side.upper()} ", "b:accent" if here else "accent"),
                (pad(words, min(room, cells(words))), "text" if here else "dim"),
                ("  ", ""),
            ]
        return line

    # --- until the next start ----------------------------------------------------------------------

    def memory(self) -> dict[str, Any]:
        kept: dict[str, Any] = {"sides": self.sides, "side": self.side}
        return {**kept, "blind": self.blind.memory()} if self.blind else kept

    def recall(self, memory: Mapping[str, Any]) -> None:
        self.sides = {side: str(id) for side, id in memory.get("sides", {}).items() if side in SIDES}
        self.side = str(memory.get("side", ""))
        both = self.both()
        kept = memory.get("blind")
        if both and isinstance(kept, Mapping) and not any(one.get("trashed") for one in both):
            self.blind = Blind(dict(zip(SIDES, both, strict=True)))
            self.blind.recall(kept)


def _blindly(blind: Blind, route: str, width: int) -> list[Line]:
    """Nothing here says which is which, or how the votes fall."""
    line: list[Part] = [("blind  ", "b:accent")]
    for name in NAMES:
        here, heard = name == blind.here, name in blind.heard
        mark = "♪" if here else "✓" if heard else " "
        line += [(f"{mark} {name}  ", "b:text" if here else "dim")]
    words = (
        "x hears the other one from the same place, V prefers the one you hear, B ends it and says which "
        "was which"
    )
    lines: list[Line] = [line, [], *([(row, "text")] for row in wrap(words, width)), []]
    kept = f"{count(len(blind.votes), 'vote')} so far" if blind.votes else "no votes yet"
    lines.append([(kept, "dim")])
    if blind.cut:
        lines += [[(row, "dim")] for row in wrap("both end where the shorter one does", width)]
    match = matched(blind.takes["a"], blind.takes["b"])
    if not match.by or (route == "path" and (match.a or match.b)):
        why = "a player of your own does not level them" if match.by else "their loudness was not measured"
        lines += [[(row, "warn")] for row in wrap(f"▲ one may be louder than the other: {why}", width)]
    return lines


def _factor(gain: float) -> float:
    """Decibels as a factor."""
    return float(10 ** (gain / 20))
