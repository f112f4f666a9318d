"""Listen: the three ways that sound can take, which one it takes and why, and the lines to copy."""

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.binding import Binding

from studio.listen import routes
from studio.messages import Chosen, Highlighted
from studio.screens.dialog import Window
from studio.text import pad
from studio.widgets.facts import Facts
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows

if TYPE_CHECKING:
    from studio.frame import Studio

MEANS = {
    "device": "an output of this machine, or your own by PULSE_SERVER",
    "browser": "a page of this studio, in a browser where you sit",
    "path": "the file, to be copied and played where you sit",
}

FIRST = "device, else browser, else path; over SSH a browser comes before the sound card of this machine"


class Listen(Window):
    """Enter takes a way by hand, or leaves the choice to the studio again."""

    DEFAULT_CSS = "Listen Rows { height: 4; } Listen Facts { margin-top: 1; }"
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("y", "copy", "copy the line", id="listen.copy", tooltip="to the clipboard, by OSC 52"),
    ]
    title_words = "listen"

    def __init__(self) -> None:
        super().__init__()
        self.list = Rows(self._draw, key=lambda row: row, words=str)
        self.told = Facts()
        self.found: dict[str, routes.Route] = {}
        self._copied = ("", 0)
        """Of which way, and how many of its lines."""

    @property
    def studio(self) -> "Studio":
        return self.app  # type: ignore[return-value]

    def parts(self) -> ComposeResult:
        yield self.list
        yield self.told

    async def on_mount(self) -> None:
        self.list.put(["auto", *MEANS])
        page = await self.studio.serve()
        device = await self.studio.do(routes.device)
        if device:
            self.found["device"] = device
        self.look(page)
        self.set_interval(1.0, lambda: self.look(page))

    def look(self, page: Any) -> None:
        """What there is by now: a browser may have come."""
        player = self.studio.player
        if page is not None:
            self.found["browser"] = routes.browser(page.port, page.url, page.connected)
        self.found["path"] = routes.path(player.path or "take.wav")
        if player.device.lost and "device" in self.found:
            self.found["device"] = routes.Route("device", False, player.device.lost)
        self.list.touch()
        self._describe()

    def _draw(self, name: str, width: int) -> list[Part]:
        player = self.studio.player
        chosen = "● " if name == player.via else "  "
        if name == "auto":
            return [
                (chosen, "accent"),
                (pad("auto", 9), "text"),
                (f"takes the first that is there: {player.route}", "dim"),
            ]
        here = name == player.route
        mark: Part = ("♪ ", "good") if here else ("  ", "")
        return [(chosen, "accent"), (pad(name, 9), "b:text" if here else "text"), mark, (MEANS[name], "dim")]

    def _describe(self) -> None:
        self.told.show(lambda width: self._facts(width))

    def _facts(self, width: int) -> list[Line]:
        name = self.list.item
        if name == "auto":
            return [[(line, "dim")] for line in wrap(FIRST, width)]
        route = self.found.get(name)
        if route is None:
            return [[("looking", "dim")]]
        mark: Part = ("✓ ", "good") if route.open else ("· ", "dim")
        lines: list[Line] = [
            [mark if not row else ("  ", ""), (words, "text")]
            for row, words in enumerate(wrap(route.why, width - 2))
        ]
        for number, words in enumerate(route.lines):
            lines += [
                [],
                [(self._about(name, number), "dim")],
                *[[(part, "second")] for part in wrap(words, width)],
            ]
        return lines

    def _about(self, name: str, number: int) -> str:
        if name == "path":
            return "where you sit:"
        if name == "device":
            return "then here:" if number else "brings your own sound server here; where you sit:"
        last = number == len(self.found["browser"].lines) - 1
        return "then in a browser:" if last and number else "in a browser:" if last else "where you sit:"

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        self._describe()

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        self.studio.take_route(event.item)
        self.list.touch()

    def action_copy(self) -> None:
        route = self.found.get(self.list.item or "")
        if route and route.lines:
            if self.list.item != self._copied[0]:
                self._copied = (self.list.item or "", 0)
            number = self._copied[1] % len(route.lines)
            self._copied = (self._copied[0], number + 1)
            self.app.copy_to_clipboard(route.lines[number])
            more = "; y again copies the other" if len(route.lines) > 1 else ""
            self.studio.say(f"copied: {route.lines[number]}{more}", "good")
