"""Which part of a curve is seen: all of it as it grows, or a part that stays where it is."""

NEAREST = 1e-3
"""Of the whole: the smallest part that can be seen."""

Ends = tuple[float, float]


class Zoom:
    """``whole`` is where the curve begins and ends now."""

    def __init__(self) -> None:
        self.ends: Ends | None = None
        """None: everything, also what is still to come."""

    def seen(self, whole: Ends) -> Ends:
        return self.ends or whole

    def closer(self, whole: Ends, factor: float, at: float | None) -> None:
        """``factor`` times as much of the curve; ``at`` (None: the middle) stays in its column."""
        first, last = self.seen(whole)
        at = (first + last) / 2 if at is None else min(max(at, first), last)
        width = max((last - first) * factor, (whole[1] - whole[0]) * NEAREST)
        if width >= whole[1] - whole[0]:
            self.ends = None
            return
        part = (at - first) / ((last - first) or 1)
        self._place(at - part * width, width, whole)

    def pan(self, whole: Ends, part: float) -> None:
        """Move by a part of what is seen; there is nothing to move when all of it is."""
        if self.ends:
            first, last = self.ends
            self._place(first + part * (last - first), last - first, whole)

    def to(self, place: float, whole: Ends) -> None:
        """So that ``place`` is seen."""
        if self.ends and not self.ends[0] <= place <= self.ends[1]:
            width = self.ends[1] - self.ends[0]
            self._place(place - width / 2, width, whole)

    def all(self) -> None:
        self.ends = None

    def _place(self, first: float, width: float, whole: Ends) -> None:
        first = min(max(first, whole[0]), whole[1] - width)
        self.ends = (first, first + width)
