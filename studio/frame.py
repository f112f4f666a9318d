"""The frame: header, page, transport, keys; one page per screen, made when it is first opened."""

import asyncio
import gc
import importlib
import os
import signal
from contextlib import suppress
from copy import deepcopy
from typing import Any

from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen

from store.errors import Refusal
from studio import actions, crash, house, keymap
from studio.ahead import Ahead
from studio.hearing import Hearing
from studio.looks import PLAIN_CSS, WIDE_CSS, Looks
from studio.messages import Settled
from studio.player import Player
from studio.screens.page import Page, maximise, pane_of
from studio.sight import Sight
from studio.watch import Watch
from studio.widgets import ink as inks
from studio.widgets.header import Header
from studio.widgets.keys import Keys
from studio.widgets.sending import Sparing
from studio.widgets.transport import Transport

PAGES = {name: (f"studio.screens.{name}", f"{words}Page") for name, words, _ in keymap.SCREENS}
"""Name of a screen -> its module and class; imported when it is first opened."""


PLACE = "place"
"""Key of a page's memory under which lies where the hands were."""


def _memory(kept: Any) -> dict[str, Any]:
    """What was remembered, as far as it is of the shape that ``remember`` gives it."""
    memory = kept if isinstance(kept, dict) else {}
    pages = memory.get("pages")
    pages = pages if isinstance(pages, dict) else {}
    return {**memory, "pages": {name: page for name, page in pages.items() if isinstance(page, dict)}}


class Studio(Hearing, Looks, inherit_bindings=False):
    """Keys, pages, one player, one look at the house per second."""

    CSS = "#body { height: 1fr; width: 1fr; }" + PLAIN_CSS + WIDE_CSS
    BINDINGS = keymap.GLOBAL
    ENABLE_COMMAND_PALETTE = False
    TITLE = "woodshed"

    def __init__(self, start: str = "", wake: bool = True, sight: Sight | None = None) -> None:
        """``start``: the screen to open; ``wake``: start a worker when one will be needed soon."""
        house.hurry()
        self.memory = _memory(actions.library().setting("studio"))
        super().__init__(str(self.memory.get("theme") or inks.DEFAULT), sight or Sight())
        self.player = Player()
        self.header = Header()
        self.transport = Transport(self.player)
        self.keys = Keys()
        self.ahead = Ahead(self, self._hear)
        self.wake = wake
        self.house = Watch(wake)
        self.behind = False
        """Whether the page has not seen the last change yet: what it read was refused."""
        self.undone: dict[tuple[str, str], dict[str, str]] = {}
        """What a form was sent with and not done, by its title and the dataset it is about."""
        self.refused = ""
        """Why the last look at the house failed."""
        self.pages: dict[str, Page] = {}
        self.came = ""
        """The screen that an action led here from."""
        self._start = start or str(self.memory.get("screen"))
        self._moving: Any = None
        self._pathed = False
        """Whether it was said that sounds are played by their path."""
        self.leaving = ""

    def compose(self) -> ComposeResult:
        yield self.header
        self.header.current = self._start if self._start in PAGES else "data"
        yield Container(self._make(self.header.current), id="body")
        yield self.transport
        yield self.keys

    async def on_mount(self) -> None:
        for number, code in ((signal.SIGTERM, 143), (getattr(signal, "SIGHUP", 0), 129)):
            if number and not self.is_headless:
                asyncio.get_running_loop().add_signal_handler(number, self._ended, code)
        # Textual paints a starting screen several times over; once, when all is in place, is enough.
        opening = self.batch_update()
        opening.__enter__()
        await self.open_page(self.header.current)

        def shown() -> None:
            opening.__exit__(None, None, None)
            if self.size.width < 80 or self.size.height < 24:
                # Without this a screen as small as that stays blank until the first key.
                self.screen.refresh(layout=True)
            self.set_timer(0.05, self._settle)

        self.set_timer(0.005, shown)

    def _settle(self) -> None:
        """What the first paint need not wait for."""
        if not gc.isenabled():
            # What there is by now stays to the end: no collection has to look at it again.
            gc.freeze()
            gc.enable()
        self.take_keys()
        self.ask_terminal()
        self.poll()
        self.set_interval(1.0, self.poll)
        # What ends without a word, a power cut or a kill, loses this much at most.
        self.set_interval(10.0, self._keep_place)

    def take_keys(self) -> None:
        """The keys of the person's own file, if there is one."""
        told, wrong = keymap.remapped()
        if told:
            # Only who has such a file pays for looking at every action there is.
            from studio.catalog import fitting

            told, unfit = fitting(told)
            wrong = wrong or unfit
        if told:
            self.set_keymap(told)
        if wrong := wrong or self.sight.wrong:
            self.say(wrong, "bad")

    def _keep_place(self) -> None:
        self.remember()
        self.leaving = ""

    # --- pages -------------------------------------------------------------------------------------

    @property
    def page(self) -> Page | None:
        return self.pages.get(self.header.current)

    async def open_page(self, name: str) -> Page:
        """Show a page, made when it is opened for the first time."""
        with self.batch_update():
            if self.page and self.page is not self.pages.get(name):
                self.page.focused_last = self.page.touched()
            page = self.pages.get(name)
            if page is None:
                page = self._make(name)
                await self.screen.query_one("#body").mount(page)
            if not page.recalled:
                page.recalled = True
                # What another version remembered is no reason not to open.
                kept = deepcopy(self.memory["pages"].get(name, {}))
                with suppress(AttributeError, KeyError, TypeError, ValueError):
                    page.recall({key: value for key, value in kept.items() if key != PLACE})
                with suppress(AttributeError, KeyError, TypeError, ValueError):
                    page.regain(kept.get(PLACE, {}))
            for other in self.pages.values():
                other.display = other is page
            self.header.update(current=name, route=self.player.route)
            self.behind, self.refused = True, ""
            # The next look tries again, and says why not: nothing may be said before the first paint.
            with suppress(Refusal, OSError):
                self._show()
            last, page.focused_last = page.focused_last, None
            first = last if last is not None and last.is_attached and last.focusable else page.first()
            # A page that was being made when the studio was told to end is taken away again.
            if first is not None and first.is_attached:
                # At once: a focus that comes later may meet a page that was left in the meantime.
                first.screen.set_focus(first)
        return page

    def _make(self, name: str) -> Page:
        """A page, imported now."""
        module, kind = PAGES[name]
        page = self.pages[name] = getattr(importlib.import_module(module), kind)(name)
        return page

    async def action_screen(self, name: str) -> None:
        if name != self.header.current:
            self.came = ""
            await self.open_page(name)

    async def go(self, name: str) -> Page:
        """A page for what is shown on this one: escape comes back."""
        self.came = self.header.current
        return await self.open_page(name)

    async def action_back(self) -> None:
        """To where an action led from."""
        if self.page and self.page.has_class("one"):
            maximise(self.page, None)
            return
        came, self.came = self.came, ""
        if came and self.page:
            self.page.left()
            await self.open_page(came)

    # --- what changes ------------------------------------------------------------------------------

    @property
    def jobs(self) -> list[Any]:
        """Those that wait or run, as of the last look, newest last."""
        return self.house.jobs

    def poll(self) -> None:
        """Look whether the library or the ledger changed, and let the page see it."""
        if not self.screen_stack:  # on its way out
            return
        try:
            self._poll()
            self.refused = ""
        except (Refusal, OSError) as error:
            # Once, not every second: what is said stands over the keys.
            words = crash.plain(error)
            if words != self.refused and not self.keys.said[0]:
                self.say(words, "bad")
                self.refused = words

    def _poll(self) -> None:
        changed = self.house.look()
        # At the first look too: something may have happened since the page was opened.
        self.behind |= changed
        for words, level in (*self.house.trouble(), *self.house.replace_worker()):
            self.say(words, level)
        if wrong := self.reread():
            self.say(wrong, "bad")
        self.header.update(
            alive=self.house.alive,
            busy=self.house.busy,
            waiting=len(self.house.jobs),
            route=self.player.route,
        )
        if self.page:
            if self.behind:
                self._show()
                self.refresh_bindings()
            first = self.page.first()
            if self.focused is None and first is not None and not self.page.covered:
                # A screen that was too small for it took the focus away.
                self.screen.set_focus(first)
            self.page.tick()
            self.transport.offer(bool(self.page.sound()))

    def _show(self) -> None:
        """Let the page see what is there now."""
        if self.page:
            self.page.look()
            self.transport.offer(bool(self.page.sound()))
        self.behind = False

    def say(self, words: str, level: str = "text") -> None:
        """A line to the person, until the next key."""
        for keys in self._voices():
            keys.say(words, level)

    def _voices(self) -> list[Keys]:
        """The bottom rows of the page and of the window over it, which may be about to close."""
        above = self.screen.query(Keys) if len(self.screen_stack) > 1 else ()
        return [self.keys, *above]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "play_pause":
            return bool(self.player.path or (self.page and self.page.sound()))
        if action in ("seek", "loop", "volume"):
            return bool(self.player.path)
        if action == "back":
            return bool(self.came) or bool(self.page and self.page.has_class("one"))
        return True

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self.ahead.take(event)
        else:
            await super().on_event(event)

    async def _hear(self, event: events.Key | events.Paste) -> None:
        if isinstance(event, events.Key) and self.keys.is_attached:
            for keys in self._voices():
                keys.say("")
        await super().on_event(event)

    async def on_settled(self, message: Settled) -> None:
        await self.ahead.settle(message)

    async def on_opened(self) -> None:
        await self.ahead.done()

    # --- everything else ---------------------------------------------------------------------------

    async def action_undo(self) -> None:
        records = await self.do(actions.undo_all) or []
        record = records[0] if records else None
        if record:
            more = f" and {len(records) - 1} more" if len(records) > 1 else ""
            self.say(f"taken back: {record.get('name', '')}{more}", "good")
        elif not self.keys.said[0]:
            self.say("nothing to take back")
        self.poll()
        shown = self.page.first() if self.page else None
        if record and shown and hasattr(shown, "go"):
            shown.go(record.get("id"))

    def action_jump(self) -> None:
        from studio.screens.jump import jump

        jump(self)

    def action_maximise(self) -> None:
        """The pane that has the focus alone, or all of them again."""
        if self.page:
            alone = pane_of(self.focused)
            maximise(self.page, None if self.page.has_class("one") else alone)

    def action_copy(self) -> None:
        text = self.page.copied() if self.page else ""
        if text:
            self.copy_to_clipboard(text)
            self.say(f"copied: {text}", "good")
        else:
            self.say("nothing here to copy")

    def copy_to_clipboard(self, text: str) -> None:
        # A path need not be UTF-8: its bytes are copied as they are, where Textual would end the studio.
        try:
            text.encode()
        except UnicodeEncodeError:
            self._copy_bytes(text)
            return
        super().copy_to_clipboard(text)

    def _copy_bytes(self, path: str) -> None:
        from base64 import b64encode

        try:
            raw = path.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # no path, but a table that somebody edited
            raw = path.encode("utf-8", "replace")
        self._clipboard = path
        if self._driver is not None:
            self._driver.write(f"\x1b]52;c;{b64encode(raw).decode()}\a")

    def action_edit(self) -> None:
        from studio import edit

        edit.edit(self)

    def action_edit_keys(self) -> None:
        from studio import edit

        edit.edit_keys(self)

    def action_trash(self) -> None:
        from studio.screens.trash import Trash

        self.push_screen(Trash(), lambda _: self.poll())

    def action_house_log(self) -> None:
        from studio.screens.log import Log

        self.push_screen(Log())

    def action_help(self) -> None:
        from studio.screens.help import Help

        self.push_screen(Help())

    def action_palette(self) -> None:
        from studio.screens.palette import palette

        palette(self)

    def _display(self, screen: Screen, renderable: Any) -> None:
        if isinstance(renderable, ChopsUpdate | LayoutUpdate):
            renderable = Sparing(renderable, self.sight.erases)
        super()._display(screen, renderable)

    # --- leaving -----------------------------------------------------------------------------------

    def remember(self) -> None:
        """Keep where we are for the next start."""
        pages = {
            **self.memory["pages"],
            **{
                name: {**page.memory(), PLACE: page.place()}
                for name, page in self.pages.items()
                if page.recalled
            },
        }
        memory = {**self.memory, "screen": self.header.current, "pages": pages}
        if memory != self.memory:
            try:
                actions.library().set("studio", memory)
                # A copy: what a page gave may be what it goes on working with.
                self.memory = deepcopy(memory)
            except (Refusal, OSError) as error:
                self.leaving = f"{crash.plain(error)}; this screen is not remembered"

    async def action_quit(self) -> None:
        self.remember()
        if self.player.page:
            await self.player.page.close()
        self.player.stop()
        going = self.attempt(lambda: actions.jobs(states=("running", "queued")))
        if going:
            these = "1 job goes" if len(going) == 1 else f"{len(going)} jobs go"
            these += " on without the studio; `woodshed jobs ls` lists, `woodshed` comes back"
            self.leaving = f"{self.leaving}\n{these}" if self.leaving else these
        self.exit(0)

    def _ended(self, code: int) -> None:
        """SIGTERM or SIGHUP: keep the state, give the terminal back."""
        # A terminal that is gone can block the last writes for ever.
        asyncio.get_running_loop().call_later(3, os._exit, code)
        self.remember()
        self.player.stop()
        self.exit(code, return_code=code)

    def _fatal_error(self) -> None:
        """Textual would print the traceback over the terminal that it has just given back."""
        if self._exception is not None:
            self.leaving = crash.told(self._exception)
        self._close_messages_no_wait()
