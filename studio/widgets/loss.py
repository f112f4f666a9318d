"""The curves of a training, live, beside those of others: a pane with keys of its own."""

from typing import Any

from textual import events
from textual.binding import Binding

from studio.course import LOSS, Course, Curve, Term, View, value_at
from studio.text import cells, figure, pad, safe_text
from studio.widgets.chart import LETTERS, MARGIN, Frame, chart, frame_of, inks_of, whole
from studio.widgets.lines import Line, Lines, Part
from studio.widgets.zoom import Zoom

CLOSER = 0.5


class Loss(Lines, can_focus=True):
    """Terms of one training, or one term of several. ``others``: ``(name, course)`` to compare it with."""

    DEFAULT_CSS = "Loss { height: 1fr; width: 1fr; }"
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("t", "term(1)", "term", id="curve.term", tooltip="the next term named above the curve"),
        Binding("ctrl+t", "term(-1)", "term before", show=False, id="curve.term_before"),
        Binding("plus,equals_sign", "closer(1)", "closer", key_display="+", id="curve.closer",
                tooltip="see half as much, around the cursor; it stays while data arrives"),
        Binding("minus", "closer(-1)", "wider", key_display="-", id="curve.wider",
                tooltip="see twice as much"),
        Binding("0", "all", "all", id="curve.all", tooltip="the whole curve again, as it grows"),
        Binding("left", "cursor(-1)", "cursor left", show=False, id="curve.left", tooltip="a value"),
        Binding("right", "cursor(1)", "cursor right", show=False, id="curve.right", tooltip="a value"),
        Binding("shift+left,comma", "pan(-1)", "earlier", show=False, id="curve.earlier",
                tooltip="what lies before; the comma too"),
        Binding("shift+right,full_stop", "pan(1)", "later", show=False, id="curve.later",
                tooltip="what comes after; the full stop too"),
        Binding("home", "edge(0)", "cursor first", show=False, id="curve.first"),
        Binding("end", "edge(1)", "cursor last", show=False, id="curve.last"),
        Binding("escape", "leave", "no cursor", show=False, id="curve.leave"),
    ]  # fmt: skip

    def __init__(self, nothing: list[Line] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.nothing = nothing or []
        self.log_y = False
        self.name_of_view = LOSS.name
        self.course = Course("")
        self.title = ""
        self.others: list[tuple[str, Course]] = []
        self.zoom = Zoom()
        self.cursor: float | None = None

    def show(self, course: Course, title: str = "") -> None:
        """Another training: all of it is seen."""
        self.course, self.title = course, title
        self.zoom.all()
        self.cursor = None
        self.touch()

    # --- what is drawn -----------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """The chosen view where the training has it, else its first."""
        views = self.course.views()
        return next((view for view in views if view.name == self.name_of_view), views[0] if views else LOSS)

    def curves(self) -> list[tuple[str, str, str, Curve]]:
        """(words, letter, ink, points) of each curve."""
        view = self.view
        if not self.others:
            shown: dict[Term, Curve] = self.course.shown(view)
            return [(term.words, term.letter, term.ink, points) for term, points in shown.items()]
        runs = [(self.title, self.course), *self.others]
        inks = inks_of([name for name, _ in runs])
        found = []
        for (name, course), letter, ink in zip(runs, LETTERS, inks, strict=False):
            judged = course.judged(view)
            if judged:
                found.append((name, letter, ink, judged[1]))
        return found

    def _whole(self) -> tuple[float, float]:
        return whole([points for *_, points in self.curves()])

    def _frame(self, width: int, height: int) -> Frame:
        series = [points for *_, points in self.curves()]
        return frame_of(series, width, height, self.log_y, self.zoom.ends)

    def draw(self, width: int, height: int) -> list[Line]:
        found = self.curves()
        if not found:
            return self.nothing
        head = [self._legend(found, width), self._terms(width)]
        frame = self._frame(width, height - len(head))
        best = None if self.others else self.course.best(self.view)
        return [
            *head,
            *chart(
                [points for *_, points in found],
                [ink for _, _, ink, _ in found],
                frame,
                self.ink,
                letters=[letter for _, letter, _, _ in found],
                cursor=self.cursor,
                best=best[0] if best else None,
            ),
        ]

    def _legend(self, found: list[tuple[str, str, str, Curve]], width: int) -> list[Part]:
        """The last values and the best, or the values at the cursor; the words as far as there is room."""
        before: list[Part] = []
        after: list[Part] = []
        if self.cursor is not None:
            before.append((f"at {self.cursor:.4g}  ", "head"))
        elif not self.others and (best := self.course.best(self.view)):
            after.append((f"▲ best {figure(best[1])} at {best[0]:.4g}", "good"))
        values = []
        for words, letter, ink, points in found:
            value = value_at(points, points[0][-1] if self.cursor is None else self.cursor)
            values.append(
                (
                    pad(words, min(16, cells(safe_text(words)))),
                    letter,
                    ink,
                    "gap" if value is None else figure(value),
                )
            )
        for worded, tail in ((True, after), (False, after), (False, [])):
            parts = list(before)
            for at, (words, letter, ink, said) in enumerate(values, 1):
                long = f"{words} " if worded else ""
                # Without colours the plot has but one whole line, the last.
                line = "╌" if self.ink.mono and at < len(values) else "━"
                parts += [(f"{letter}{line} ", f"b:{ink}"), (long, "dim"), (f"{said}  ", "text")]
            parts += tail
            if sum(cells(words) for words, _ in parts) <= width:
                break
        return parts

    def _terms(self, width: int) -> list[Part]:
        """The terms there are, as many around the drawn one as there is room for."""
        after: list[Part] = [(" log", "second")] if self.log_y else []
        after += [(" zoomed, 0 all", "second")] if self.zoom.ends else []
        room = width - sum(len(words) for words, _ in after)
        names = [f" {view.name} " for view in self.course.views()]
        here = f" {self.view.name} "
        while sum(map(len, names)) > room and len(names) > 1:
            names.pop(0 if names[-1] == here else -1)
        return [(name, "b:text on raised" if name == here else "dim") for name in names] + after

    # --- keys --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "leave":
            return self.cursor is not None
        if action in ("term", "closer", "all", "cursor", "pan", "edge"):
            return bool(self.course.curves)
        return super().check_action(action, parameters)

    def action_term(self, by: int) -> None:
        names = [view.name for view in self.course.views()]
        if names:
            self.name_of_view = names[(names.index(self.view.name) + by) % len(names)]
            self.touch()

    def action_closer(self, way: int) -> None:
        self.zoom.closer(self._whole(), CLOSER if way > 0 else 1 / CLOSER, self.cursor)
        self.touch()

    def action_all(self) -> None:
        self.zoom.all()
        self.touch()

    def action_pan(self, way: int) -> None:
        self.zoom.pan(self._whole(), 0.25 * way)
        self.touch()

    def action_cursor(self, by: int) -> None:
        """A column further; it begins at the newest point."""
        frame = self._frame(*self.content_size)
        if self.cursor is None:
            self._point(self._newest())
            return
        step = (frame.ends[1] - frame.ends[0]) / max(1, frame.columns - 1)
        self._point(self.cursor + by * step)

    def action_edge(self, which: int) -> None:
        self._point(self._newest() if which else self._whole()[0])

    def action_leave(self) -> None:
        self.cursor = None
        self.touch()
        self.refresh_bindings()

    def _newest(self) -> float:
        return max(points[0][-1] for *_, points in self.curves())

    def _point(self, place: float) -> None:
        first, last = self._whole()
        self.cursor = min(max(place, first), last)
        self.zoom.to(self.cursor, (first, last))
        self.touch()
        self.refresh_bindings()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and offset.x >= MARGIN and self.course.curves:
            self._point(self._frame(*self.content_size).place(offset.x - MARGIN))
