"""A widget that draws its own lines, and is the one gate for what gets onto the screen."""

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from studio.text import cells, crop, safe_text
from studio.widgets.ink import Ink

Part = tuple[str, str]
"""Words and the name of their ink."""
Line = Sequence[Part] | Strip


def strip(parts: Iterable[Part], width: int, ink: Ink, ground: str = "") -> Strip:
    """One row of exactly ``width`` cells; words are made safe here, for every widget of ours."""
    segments: list[Segment] = []
    left = width
    for words, color in parts:
        if left <= 0:
            break
        words = safe_text(words)
        taken = cells(words)
        if taken > left:
            words, taken = crop(words, left), left
        # What is drawn on a ground of its own keeps it, under the cursor too.
        bare = ground and " on " not in color
        segments.append(Segment(words, ink[f"{color or 'text'} on {ground}" if bare else color]))
        left -= taken
    if left > 0:
        segments.append(Segment(" " * left, ink[f"text on {ground}" if ground else ""]))
    return Strip(segments).adjust_cell_length(width)


def spread(left: Sequence[Part], right: Sequence[Part], width: int) -> list[Part]:
    """``left`` and ``right`` at the two ends of a row; the right one gives way."""
    used = sum(cells(safe_text(words)) for words, _ in left)
    room = sum(cells(safe_text(words)) for words, _ in right)
    if used + room + 1 > width:
        return list(left)
    return [*left, (" " * (width - used - room), ""), *right]


def wrap(words: str, width: int) -> list[str]:
    """Safe words in lines of at most ``width`` cells."""
    lines: list[str] = []
    line = ""
    for word in safe_text(words).split():
        while cells(word) > width > 1:
            head = _head(word, width - (cells(line) + 1 if line else 0))
            if line and not head:
                lines.append(line)
                line = ""
                continue
            head = head or word[0]
            lines.append(f"{line} {head}".strip())
            line, word = "", word[len(head) :]
        if line and cells(line) + 1 + cells(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def _head(word: str, width: int) -> str:
    """As much of a word as ``width`` cells hold."""
    end, used = 0, 0
    while end < len(word) and (used := used + cells(word[end])) <= width:
        end += 1
    return word[:end]


def changed_cells(before: Strip, after: Strip) -> tuple[int, int]:
    """The first cell that differs and the one behind the last: as one where none does, all of them where
    it can't be told."""
    if before == after:
        return 0, 0
    old, new = _characters(before), _characters(after)
    most = min(len(old), len(new))
    first = 0
    while first < most and old[first] == new[first]:
        first += 1
    last = 0
    while last < most - first and old[-1 - last] == new[-1 - last]:
        last += 1
    if len(old) == len(new) == first:
        return 0, 0
    middle, kept = new[first : len(new) - last], new[len(new) - last :]
    # What has no width of its own belongs to the cell before it, which would have to be sent too.
    if before.cell_length != after.cell_length or not all(cells(one[0]) for one in (*middle, *kept[:1])):
        return 0, after.cell_length
    start = sum(cells(char) for char, _ in new[:first])
    return start, start + max(1, sum(cells(char) for char, _ in middle))


def _characters(row: Strip) -> list[tuple[str, Style | None]]:
    return [(char, segment.style) for segment in row for char in segment.text]


class Lines(Widget, can_focus=False):
    """Subclasses give ``draw``; the rows are made once, until ``touch`` or another size or theme."""

    DEFAULT_CSS = "Lines { height: 1fr; width: 1fr; }"

    _rows: list[Strip] | None = None
    _made_for: tuple[int, int, Ink | None] = (0, 0, None)
    _base: Style | None = None

    @property
    def ink(self) -> Ink:
        """The theme's styles."""
        return self.app.ink  # type: ignore[attr-defined]

    def draw(self, width: int, height: int) -> list[Line]:
        """The rows; too few are filled up, too many are cut."""
        return []

    def touch(self) -> None:
        """What is shown has changed: draw again, and send the cells that are now different."""
        before, made_for = self._rows, self._made_for
        self._rows = None
        if before is None or not self.is_attached or not self.display:
            self.refresh()
            return
        rows = self.rows()
        if len(rows) != len(before) or self._made_for != made_for:
            self.refresh()
            return
        changed = []
        for y, row in enumerate(rows):
            first, end = changed_cells(before[y], row)
            if first < end:
                changed.append(Region(first, y, end - first, 1))
        if changed:
            self.refresh(*changed)

    def rows(self) -> list[Strip]:
        """What is on the screen now."""
        width, height = self.content_size
        want = (width, height, self.ink)
        if self._rows is None or self._made_for != want:
            self._made_for, self._base = want, None
            drawn = self.draw(width, height)[:height] if width > 0 and height > 0 else []
            self._rows = [row if isinstance(row, Strip) else strip(row, width, self.ink) for row in drawn]
        return self._rows

    def notify_style_update(self) -> None:
        # Rows may have been made anew before the style sheet took over the colours of another theme.
        self._base = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        rows = self.rows()
        base = self._base = self._base or self.rich_style
        return rows[y].apply_style(base) if y < len(rows) else Strip.blank(self.content_size.width, base)
