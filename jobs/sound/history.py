"""The last samples of one channel, and which of them were really received."""

import numpy as np


class History:
    """At least the last ``length`` samples, float64; what came before the first is silence.

    ``count`` samples were added so far. Repaired samples are part of it and marked: a forecast goes on from
    them, and is not judged by them.
    """

    def __init__(self, length: int):
        self.length = length
        self.count = 0
        self._wave = np.zeros(4 * length)
        self._received = np.zeros(4 * length, bool)
        self._end = length

    def add(self, block: np.ndarray, received: bool = True) -> None:
        """Append ``block`` (n,), whole numbers of full scale or any other finite floats."""
        self.count += max(0, len(block) - self.length)
        block = block[-self.length :]
        wave, marks, place = self.room(len(block))
        wave[place : place + len(block)] = block
        marks[place : place + len(block)] = received
        self.grow(len(block))

    def room(self, count: int) -> tuple[np.ndarray, np.ndarray, int]:
        """The samples, which were received, and where in both ``count`` more belong, ``length`` at most."""
        if self._end + count > len(self._wave):
            self._wave[: self.length] = self._wave[self._end - self.length : self._end]
            self._received[: self.length] = self._received[self._end - self.length : self._end]
            self._end = self.length
        return self._wave, self._received, self._end

    def grow(self, count: int) -> None:
        """By what was put there."""
        self.count += count
        self._end += count

    def wave(self, count: int, ago: int = 0) -> np.ndarray:
        """The ``count`` samples that end ``ago`` samples before now: a view, to be read at once.

        ``count + ago`` is ``length`` at most.
        """
        end = self._end - ago
        return self._wave[end - count : end]

    def received(self, count: int) -> np.ndarray:
        """Which of the last ``count`` samples were received: a view."""
        return self._received[self._end - count : self._end]


class Past(History):
    """``length`` samples of a `History` that ended ``ago`` samples before now: it goes on, this doesn't."""

    def __init__(self, history: History, length: int, ago: int = 0):
        self.length, self.count = length, history.count - ago
        self._wave = history.wave(length, ago).copy()
        self._received = history.received(length + ago)[:length].copy()
        self._end = length


class Thinned(History):
    """Every ``every``-th sample of a `History` after ``filter`` (2 n + 1,), symmetric, as far as n samples
    beyond each are known."""

    def __init__(self, history: History, every: int, filter: np.ndarray):
        reach = len(filter) // 2
        begin = history.count - history.length
        first, self.count = -(-(begin + reach) // every), (history.count - 1 - reach) // every + 1
        places = np.arange(first, self.count) * every - begin
        self._wave = np.convolve(history.wave(history.length), filter, "same")[places]
        self._received = history.received(history.length)[places]
        self.length = self._end = len(places)
