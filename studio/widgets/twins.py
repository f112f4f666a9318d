"""Two spectrograms above each other, to be told apart by eye."""

from collections.abc import Sequence
from typing import Any

from studio.widgets.heat import heat, scaled
from studio.widgets.lines import Line, Lines

Picture = tuple[str, bytes, tuple[int, int]]
"""Name, 8-bit values with the top row first, columns and rows."""


class Twins(Lines):
    """Each with its name above it; ``nothing`` says why there are none."""

    DEFAULT_CSS = "Twins { height: 1fr; width: 1fr; }"

    def __init__(self, nothing: str, **options: Any) -> None:
        super().__init__(**options)
        self.nothing = nothing
        self.pictures: Sequence[Picture] = ()

    def show(self, pictures: Sequence[Picture]) -> None:
        """Draw these."""
        if pictures != self.pictures:
            self.pictures = pictures
            self.touch()

    def draw(self, width: int, height: int) -> list[Line]:
        if not self.pictures:
            return [[(self.nothing, "dim")]]
        lines: list[Line] = []
        for at, (name, picture, size) in enumerate(self.pictures):
            lines.append([(name, "text")])
            room = max(1, (height - len(lines)) // (len(self.pictures) - at) - (0 if at else 1) // 2)
            lines += heat(scaled(picture, size, width, room * 2, self.ink.levels), self.ink)
        return lines
