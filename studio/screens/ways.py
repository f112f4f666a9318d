"""Ways to a take besides a walk, for the Play screen: follow a sound, go from one to another, vary, blend."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.errors import Refusal
from studio import actions
from studio.listen.wav import Unplayable, read_wav
from studio.screens.dialog import Pick
from studio.screens.page import newest_first
from studio.screens.paths import PathWindow
from studio.sources import WAYS, sound
from studio.text import clock

if TYPE_CHECKING:
    from studio.screens.play import PlayPage

OFFERED = 500
"""Takes in a list to choose from, the newest."""


@dataclass(frozen=True)
class Way:
    """``name`` is a field of Generate; ``keys`` are ids of takes or absolute paths, two of ``between``.

    A variation may be ``over`` the sounds that its take was played over.
    """

    name: str
    keys: tuple[str, ...]
    over: "Way | None" = None

    def asked(self, amount: float) -> dict[str, Any]:
        """Fields of Generate."""
        if self.name == "vary":
            return {**(self.over.asked(amount) if self.over else {}), "vary": self.keys[0], "amount": amount}
        return {self.name: self.keys if self.name == "between" else self.keys[0]}

    def words(self) -> str:
        """What it does, for the line above the sliders."""
        said = [_name(key) for key in self.keys]
        if self.name == "between":
            return f"from {said[0]} to {said[1]}"
        beneath = f", {self.over.words()}" if self.over else ""
        return f"{'varies' if self.name == 'vary' else 'follows'} {said[0]}{beneath}"


def _name(key: str) -> str:
    take = actions.library().takes.get(key)
    return str(take["name"]) if take else Path(key).name


def lasting(key: str) -> float | None:
    """Seconds of a take or of a WAV file; None where only the engine could tell."""
    if take := actions.library().takes.get(key):
        return float(take["seconds"])
    try:
        return read_wav(key).seconds
    except Unplayable:
        return None


def way_of(asked: Any) -> Way | None:
    """The way that fields of Generate, or what was remembered, tell of; without sounds that are gone."""
    if not isinstance(asked, Mapping):
        return None
    way: Way | None = None
    for name in WAYS:
        keys = asked.get(name)
        keys = (keys,) if isinstance(keys, str) else tuple(keys) if isinstance(keys, list | tuple) else ()
        keys = tuple(str(key) for key in keys if key)
        if len(keys) == (2 if name == "between" else 1) and all(map(_there, keys)):
            way = Way(name, keys, way if name == "vary" else None)
    return way


def _there(key: str) -> bool:
    return bool(actions.library().takes.get(key)) or Path(key).is_file()


class SoundFile(PathWindow):
    """Asks for the file of a sound; gives its absolute path."""

    title_words = "a sound of your own"

    def __init__(self) -> None:
        super().__init__("a sound file; tab completes", (), "Take it")

    def check(self, name: str, value: str) -> str:
        if why := super().check(name, value):
            return why
        try:
            self._found(value)
        except Refusal as error:
            return str(error)
        return ""

    def _found(self, value: str) -> str:
        return sound(actions.library(), str(Path(value).expanduser().absolute()), "path")

    async def done(self) -> None:
        self.dismiss(self._found(self.form.values["path"]))


def pick_sound(page: Any, title: str, then: Callable[[str], None], at: str = "") -> None:
    """Choose a take or type the path of a file; ``then`` gets its key."""
    items: list[tuple[Any, str, str]] = [("", "a file of your own", "type its path")]
    for take in newest_first(actions.takes())[:OFFERED]:
        items.append((take["id"], take["name"], f"{take.get('model_name')} · {clock(take.get('seconds'))}"))

    def chosen(key: str | None) -> None:
        if key == "":
            page.studio.push_screen(SoundFile(), lambda path: then(path) if path else None)
        elif key:
            then(key)

    page.studio.push_screen(Pick(title, items, at=at or None), chosen)


def follow(page: "PlayPage") -> None:
    """Play a sound through the model."""
    pick_sound(page, "follow a sound", lambda key: page.take_way(Way("resynthesise", (key,))))


def walk(page: "PlayPage") -> None:
    """From one sound to another; the cursor stands on A and B of the history."""
    a, b = sides(page)

    def second(first: str) -> None:
        pick_sound(page, "walk to", lambda key: page.take_way(Way("between", (first, key))), b)

    pick_sound(page, "walk from", second, a)


def sides(page: Any) -> tuple[str, str]:
    """A and B of the history, as far as they are loaded there."""
    history = page.studio.pages.get("history")
    kept = history.pair.sides if history else page.studio.memory["pages"].get("history", {}).get("sides", {})
    kept = kept if isinstance(kept, dict) else {}
    return str(kept.get("a", "")), str(kept.get("b", ""))


def vary(page: "PlayPage") -> None:
    """Vary the take that was heard last, or, while one is varied, try the next seed."""
    if page.way and page.way.name == "vary":
        page.action_next_seed()
        return
    take = actions.library().takes.get((page.heard.take or {}).get("id", ""))
    if take is None:
        page.studio.say("only a kept take can be varied: enter keeps it, 6 has the others")
        return
    page.take_way(Way("vary", (take["id"],), page.way))


def blend(page: "PlayPage") -> None:
    """Put a model into the mixer, or take it out again."""
    mixed = {one["id"] for one in page.blended}
    model = page.model or {}
    others = [one for one in newest_first(actions.models()) if one["id"] != model.get("id")]
    if not others:
        page.studio.say("there is no other model to blend with: 2 trains one")
        return
    items = [
        (one["id"], one["name"], "in the blend; takes it out" if one["id"] in mixed else
         f"learned from {one.get('dataset_name')}")
        for one in others
    ]  # fmt: skip

    def chosen(id: str | None) -> None:
        if id in mixed:
            page.mix([one for one in page.blended if one["id"] != id])
        elif id:
            page.blend_in(next(one for one in others if one["id"] == id))

    page.studio.push_screen(Pick("blend with", items), chosen)
