"""The gap browser: every gap of a score, how well it is filled, and what is around it to see and to hear."""

from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from store import paths, stream
from store.errors import Refusal
from studio import actions, progress
from studio.messages import Highlighted
from studio.screens.dialog import Window
from studio.screens.scored import better, drawn_ways, gain, heading, speech, targets, tenths, ways
from studio.text import count, pad
from studio.widgets.facts import Facts, bar
from studio.widgets.gap import OUTPUT, TRUTH, GapWave
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows

VIEWS = "gaps.json"
"""Beside what a score leaves: the sound around its worst gaps."""
ORDERS = ("in time", "worst first", "furthest below AR-512 first")
LOOK = 0.2
"""Seconds between two looks at a score that is made."""
AROUND = 0.4
"""Seconds that are heard on either side of a gap."""
TALL = 34
LIST = 33
"""Columns of the list, where there is no room for more."""
CLOSER = 0.7
TIME, LENGTH, SDR, GAIN = 8, 5, 7, 10
MOST_DB = 20.0
"""End of the bars in a wide list: what a target asks for."""
NO_TRACE = "Without a packet trace the gaps are not known: the file alone is scored."
NO_GAPS = "By this trace nothing was lost."


class Gaps(Window):
    """Waits for the ``job`` that scores, then shows it; gives nothing."""

    DEFAULT_CSS = """
    Gaps > #frame { width: 100%; max-width: 100%; height: 1fr; max-height: 100%; padding: 0 1; }
    Gaps.-short > #frame { border: none; border-top: round $ink-accent; }
    Gaps #gap { height: 1fr; }
    Gaps #gap > Rows { width: 33; }
    Gaps.-w120 #gap > Rows, Gaps.-w160 #gap > Rows { width: 42; }
    Gaps #gap > Vertical { margin-left: 1; width: 1fr; }
    Gaps.-tall #gap { margin-top: 1; }
    Gaps.-tall Vertical > Facts { margin-top: 1; }
    """
    BINDINGS = [  # noqa: RUF012 - read by Textual
        Binding("space", "hear", "hear", id="gaps.hear", tooltip="around the gap what was made, or pause"),
        Binding("x", "swap", "truth⇄made", id="gaps.swap", tooltip="the other one from the same place"),
        Binding("n", "worst(1)", "next worst", id="gaps.next", tooltip="of those from worst to best"),
        Binding("p", "worst(-1)", "worse", id="gaps.before", tooltip="the one before in that order"),
        Binding("o", "order", "order", id="gaps.order",
                tooltip="in time, worst first, or furthest below AR-512"),
        Binding("b", "baseline", "AR-512", id="gaps.baseline", tooltip="draw what AR-512 makes, or not"),
        Binding("plus,equals_sign", "closer(1)", "closer", key_display="+ -", id="gaps.closer",
                tooltip="see less around the gap, or more"),
        Binding("minus", "closer(-1)", "wider", show=False, id="gaps.wider",
                tooltip="see more around the gap"),
        Binding("y", "copy", "copy", show=False, id="gaps.copy", tooltip="the path of what is heard"),
        Binding("question_mark", "app.help", "help", key_display="?", id="gaps.help"),
    ]  # fmt: skip
    title_words = "gaps"

    def __init__(self, job: str) -> None:
        super().__init__()
        self.job = job
        self.found: dict[str, Any] = {}
        self.views: dict[float, dict[str, Any]] = {}
        """By the seconds at which its gap begins."""
        self.wrong = ""
        self.order = ORDERS[0]
        self.heard = OUTPUT
        self.head = Facts(self._heading, id="heading")
        self.list = Rows(
            self._row,
            key=lambda one: one["start_seconds"],
            words=_words,
            head=self._columns,
            empty=[[("… scoring", "dim")]],
        )
        self.wave = GapWave()
        self.figures = Facts(self._figures, id="figures")
        self._ending: Timer | None = None

    @property
    def studio(self) -> Any:
        return self.app

    def parts(self) -> ComposeResult:
        yield self.head
        with Horizontal(id="gap"):
            yield self.list
            with Vertical():
                yield self.wave
                yield self.figures

    def on_mount(self) -> None:
        self._look()

    def on_unmount(self) -> None:
        if self._ending:
            self._rest()

    # --- waiting -----------------------------------------------------------------------------------

    def _look(self) -> None:
        """Whether it is there by now; else once more in a moment."""
        job = actions.ledger().get(self.job)
        if job is not None and job.state not in actions.ENDED:
            self.head.show(self._heading)
            self.head.touch()
            self.set_timer(LOOK, self._look)
            return
        if job is None or job.state != "done":
            self.wrong = str(((job and job.error) or {}).get("message", "it was stopped"))
        else:
            try:
                self._take(job)
            except Refusal as error:
                self.wrong = str(error)
        self.list.empty = self._nothing()
        self.list.touch()
        self.head.show(self._heading)
        self._show()

    def _take(self, job: Any) -> None:
        """What the score left. Raises Refusal."""
        self.found = actions.left(job)
        gaps = self.found.get("each") or []
        if gaps:
            self.views = {one["start_seconds"]: one for one in actions.left(job, VIEWS)}
        worst = self.ranked(gaps)
        self.list.put(gaps, at=worst[0]["start_seconds"] if worst else None)

    def _nothing(self) -> list[Line]:
        """Why no gap is listed."""
        words = "" if self.wrong else NO_GAPS if "gaps" in self.found else NO_TRACE
        return [[], *([(line, "dim")] for line in wrap(words, LIST - 4))]

    # --- what is shown -----------------------------------------------------------------------------

    def _heading(self, width: int) -> list[Line]:
        if self.wrong:
            return [[("✗ " if not at else "  ", "bad"), (line, "text")]
                    for at, line in enumerate(wrap(self.wrong, width - 2))]  # fmt: skip
        if self.found:
            return heading(self.found, width)
        told = stream.last(paths.events(self.job), "progress") or {}
        words = progress.count(told) or "it begins"
        done, total = progress.numbers(told)["done"] or 0, progress.numbers(told)["total"] or 0
        return [[("… scoring  ", "dim"), *bar(done, total, 20), (f"  {words}", "dim")]]

    def _columns(self, width: int) -> list[Part]:
        return [(" " + pad("at", TIME) + pad("ms", LENGTH, True) + pad("SDR dB", SDR, True)
                 + pad("vs AR-512", GAIN, True), "faint")]  # fmt: skip

    def _row(self, one: dict[str, Any], width: int) -> list[Part]:
        sdr, (words, color) = one["gap_sdr_db"], better(gain(one))
        parts: list[Part] = [
            (pad(moment(one["start_seconds"]), TIME), "text"),
            (pad(f"{one['ms']:.4g}", LENGTH, right=True), "dim"),
            (pad("silent" if sdr is None else tenths(sdr), SDR, right=True), "b:text"),
            (pad(words, GAIN, right=True), color),
        ]
        room = width - TIME - LENGTH - SDR - GAIN - 2
        if room >= 5 and sdr is not None:
            parts += [("  ", ""), *bar(sdr, MOST_DB, room, "accent")]
        return parts

    def _show(self) -> None:
        """The gap under the cursor."""
        one = self.list.item
        view = self.views.get(one["start_seconds"]) if one else None
        kept = count(len(self.views), "gap")
        self.wave.heard = self.heard if self._ending else ""
        self.wave.show(view, f"only the worst {kept} are drawn" if one else "")
        self.figures.show(self._figures)
        self.figures.touch()
        self.refresh_bindings()

    def _figures(self, width: int) -> list[Line]:
        if not self.found:
            return []
        tall, one = self.app.size.height >= TALL, self.list.item
        lines = targets(self.found, width)
        if self.found.get("gap"):
            lines += [[], *drawn_ways(self.found, one, width)] if tall else ways(self.found, one, width)
        elif why := self.found.get("why"):
            lines += [[(line, "dim")] for line in wrap(str(why), width)]
        spoken = speech(self.found, width)
        return [*lines, *([[]] if tall and spoken else []), *spoken]

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        self._show()

    # --- moving ------------------------------------------------------------------------------------

    def ranked(self, gaps: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those that can be judged, the worst first."""
        judged = [one for one in gaps if one["gap_sdr_db"] is not None]
        return sorted(judged, key=lambda one: one["gap_sdr_db"])

    def action_worst(self, by: int) -> None:
        keys = [one["start_seconds"] for one in self.ranked(self.list.shown)]
        here = self.list.item["start_seconds"]
        at = keys.index(here) + by if here in keys else 0
        if not 0 <= at < len(keys):
            self.studio.say("that is the best one" if by > 0 else "that is the worst one")
        else:
            self.list.go(keys[at])

    def action_order(self) -> None:
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        self.list.put(sorted(self.list.items, key=self._rank))
        self.studio.say(self.order)

    def _rank(self, one: dict[str, Any]) -> tuple[bool, float]:
        values = one["start_seconds"], one["gap_sdr_db"], gain(one)
        value = values[ORDERS.index(self.order)]
        return value is None, value or 0.0

    def action_baseline(self) -> None:
        self.wave.baseline = not self.wave.baseline
        self.wave.touch()

    def action_closer(self, way: int) -> None:
        self.wave.closer(CLOSER if way > 0 else 1 / CLOSER)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("hear", "swap", "worst", "order", "baseline", "closer"):
            return self.list.item is not None
        if action == "copy":
            return bool(self.found)
        return super().check_action(action, parameters)

    # --- hearing -----------------------------------------------------------------------------------

    def action_hear(self) -> None:
        """What was made around the gap; once more: silence."""
        if self._ending and self.studio.player.playing:
            self._rest()
            return
        self.heard = OUTPUT
        one = self.list.item
        self._play(max(0.0, one["start_seconds"] - AROUND))

    def action_swap(self) -> None:
        """The other one goes on where this one is; from before the gap where nothing is heard."""
        self.heard = TRUTH if self.heard == OUTPUT else OUTPUT
        one, player = self.list.item, self.studio.player
        goes_on = self._ending is not None and player.playing
        self._play(player.position if goes_on else max(0.0, one["start_seconds"] - AROUND))

    def _play(self, at: float) -> None:
        one, path = self.list.item, self.found[self.heard]
        ends = one["start_seconds"] + one["ms"] / 1000 + AROUND
        self.studio.play(path, f"{Path(path).name} around {moment(one['start_seconds'])}", at)
        if self._ending:
            self._ending.stop()
        self._ending = self.set_timer(max(0.05, ends - at), self._rest)
        self._show()

    def _rest(self) -> None:
        """What comes behind the gap is not asked for."""
        if self._ending:
            self._ending.stop()
        self._ending = None
        self.studio.player.stop()
        self.studio.transport.touch()
        if self.is_attached:
            self._show()

    def action_copy(self) -> None:
        path = str(self.found[self.heard])
        self.studio.copy_to_clipboard(path)
        self.studio.say(f"copied: {path}", "good")


def moment(seconds: float) -> str:
    """``0:04.215``: gaps are told apart by milliseconds."""
    return f"{int(seconds // 60)}:{seconds % 60:06.3f}"


def _words(one: dict[str, Any]) -> str:
    """What a filter looks in."""
    over = gain(one)
    standing = "" if over is None else "better" if over > 0 else "worse"
    return f"{moment(one['start_seconds'])} {one['ms']:.4g} ms {standing}"
