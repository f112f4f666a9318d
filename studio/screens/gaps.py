"""The gap browser: every gap of a score, how well it is filled, and what is around it to see and to hear."""

from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical

from store import paths, stream
from store.errors import Refusal
from studio import actions, progress
from studio.messages import Highlighted
from studio.screens.dialog import Window
from studio.screens.excerpt import Excerpt
from studio.screens.gap_row import NARROW, ORDERS, columns, moment, ordered, ranked, row, words
from studio.screens.scored import drawn_ways, heading, speech, targets, ways
from studio.text import count
from studio.widgets.facts import Facts, bar
from studio.widgets.gap import OUTPUT, TRUTH, GapWave
from studio.widgets.lines import Line, wrap
from studio.widgets.rows import Rows

VIEWS = "gaps.json"
"""Beside what a score leaves: the sound around its worst gaps."""
NO_TRACE = "Without a packet trace the gaps are not known: the file alone is scored."
NO_GAPS = "By this trace nothing was lost."
LOOK = 0.2
"""Seconds between two looks at a score that is made."""
AROUND = 0.4
"""Seconds that are heard on either side of a gap."""
TALL = 34
CLOSER = 0.7


class Gaps(Window):
    """Waits for the ``job`` that scores, then shows it; gives nothing."""

    DEFAULT_CSS = f"""
    Gaps > #frame {{ width: 100%; max-width: 100%; height: 1fr; max-height: 100%; padding: 0 1; }}
    Gaps.-short > #frame {{ border: none; border-top: round $ink-accent; }}
    Gaps #gap {{ height: 1fr; }}
    Gaps #gap > Rows {{ width: {NARROW}; }}
    Gaps.-w120 #gap > Rows, Gaps.-w160 #gap > Rows {{ width: {NARROW + 9}; }}
    Gaps #gap > Vertical {{ margin-left: 1; width: 1fr; }}
    Gaps.-tall #gap, Gaps.-tall #figures {{ margin-top: 1; }}
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
        self.excerpt = Excerpt(self, self._rest)
        self.head = Facts(self._heading, id="heading")
        self.list = Rows(
            row,
            key=lambda one: one["start_seconds"],
            words=words,
            head=lambda width: columns(self.order),
        )
        self.wave = GapWave()
        self.figures = Facts(self._figures, id="figures")

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
        self.excerpt.stop()

    # --- waiting -----------------------------------------------------------------------------------

    def _look(self) -> None:
        """Whether it is there by now; else once more in a moment."""
        job = actions.ledger().get(self.job)
        if job is not None and job.state not in actions.ENDED:
            self.head.show(self._heading)
            self.set_timer(LOOK, self._look)
            return
        if job is None or job.state != "done":
            self.wrong = str(((job and job.error) or {}).get("message", "it was stopped"))
        else:
            try:
                self._take(job)
            except Refusal as error:
                self.wrong = str(error)
        self.head.show(self._heading)
        self._show()

    def _take(self, job: Any) -> None:
        """What the score left. Raises Refusal."""
        self.found = actions.left(job)
        gaps = self.found.get("each") or []
        if gaps:
            self.views = {one["start_seconds"]: one for one in actions.left(job, VIEWS)}
        nothing = NO_GAPS if "gaps" in self.found else NO_TRACE
        self.list.empty = [[], *([(line, "dim")] for line in wrap(nothing, NARROW - 3))]
        worst = ranked(gaps)
        self.list.put(gaps, at=worst[0]["start_seconds"] if worst else None)
        self.list.touch()

    # --- what is shown -----------------------------------------------------------------------------

    def _heading(self, width: int) -> list[Line]:
        if self.wrong:
            return [[("✗ " if not at else "  ", "bad"), (line, "text")]
                    for at, line in enumerate(wrap(self.wrong, width - 2))]  # fmt: skip
        if self.found:
            return heading(self.found, width)
        told = stream.last(paths.events(self.job), "progress")
        far = progress.numbers(told)
        done = bar(far["done"] or 0, far["total"] or 0, 20)
        return [[("… scoring  ", "dim"), *done, (f"  {progress.count(told) or 'it begins'}", "dim")]]

    def _show(self) -> None:
        """The gap under the cursor."""
        one = self.list.item
        self.wave.heard = self.heard if self.excerpt.asked else ""
        kept = f"only the worst {count(len(self.views), 'gap')} are drawn"
        self.wave.show(self.views.get(one["start_seconds"]) if one else None, kept if one else "")
        self.figures.show(self._figures)
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

    def action_worst(self, by: int) -> None:
        keys = [one["start_seconds"] for one in ranked(self.list.shown)]
        here = self.list.item["start_seconds"]
        at = keys.index(here) + by if here in keys else 0
        if 0 <= at < len(keys):
            self.list.go(keys[at])
        else:
            self.studio.say("that is the best one" if by > 0 else "that is the worst one")

    def action_order(self) -> None:
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        self.list.put(ordered(self.list.items, self.order))
        self.studio.say(self.order)

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
        if self.excerpt.position is not None:
            self.excerpt.stop()
        else:
            self._hear(OUTPUT, None)

    def action_swap(self) -> None:
        """The other one goes on where this one is; from before the gap where nothing is heard."""
        self._hear(TRUTH if self.heard == OUTPUT else OUTPUT, self.excerpt.position)

    def _hear(self, name: str, at: float | None) -> None:
        one, path = self.list.item, str(self.found[name])
        start, self.heard = one["start_seconds"], name
        end = start + one["ms"] / 1000 + AROUND
        title = f"{Path(path).name} around {moment(start)}"
        self.excerpt.play(path, title, max(0.0, start - AROUND) if at is None else at, end)
        self._show()

    def _rest(self) -> None:
        if self.is_attached:
            self._show()

    def action_copy(self) -> None:
        path = str(self.found[self.heard])
        self.studio.copy_to_clipboard(path)
        self.studio.say(f"copied: {path}", "good")
