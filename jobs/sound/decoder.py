"""The starter's side of ``jobs.sound.decode``: sounds of strangers as whole numbers of 24 bits, in a stream.

A file that makes its decoder crash, hang or eat memory costs that process, and is `Unreadable` here.
"""

import json
import os
import select
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from jobs.sound.confined import epitaph, start
from jobs.sound.pcm import EXACT, Pcm
from jobs.sound.reader import BLOCK, Info, Unreadable

PATIENCE = 600.0
"""Seconds without a word or a sample, wherever the file lies: a dead network drive must not hold a job for
ever."""
LOOK = 0.1
CHUNK = 2**20
_CHANGED = "changed while it was read; try again when nobody writes to it"

Check = Callable[[], None]
"""Called while a decoder is waited for; may raise."""
Told = Callable[[float, float], None]
"""Called with the seconds of sound that were checked so far, and those of the whole file."""


class Decoder:
    """A checked sound: ``info``, and its samples once, from the first on. ``beyond`` samples were above full
    scale and are held there; ``exact`` as `jobs.sound.pcm.Pcm` has it."""

    def __init__(self, line: "_Line", found: dict[str, Any]):
        self._line = line
        self.info = Info(**found["info"])
        self.beyond = int(found["beyond"])
        self.exact = self.info.subtype in EXACT

    def take(self, count: int) -> np.ndarray:
        """The next ``count`` samples, int32 (channels, count); there must be as many. Raises Unreadable."""
        data = self._line.take(4 * count * self.info.channels)
        return np.ascontiguousarray(np.frombuffer(data, np.int32).reshape(count, self.info.channels).T)

    def whole(self, most: int) -> Pcm:
        """All of it, of at most ``most`` samples times channels. Raises Unreadable."""
        info = self.info
        if info.frames * info.channels > most:
            longest = most // info.channels // info.rate
            held = f"{info.seconds:.0f} s of {info.channels} channels at {info.rate} Hz"
            raise Unreadable(info.path, f"{held} are too much at once; cut it to {longest} s", "large")
        samples = np.empty((info.channels, info.frames), np.int32)
        for at in range(0, info.frames, BLOCK):
            count = min(BLOCK, info.frames - at)
            samples[:, at : at + count] = self.take(count)
        return Pcm(samples, info.rate, info, self.exact)


@contextmanager
def decoding(
    path: str | os.PathLike, check: Check = lambda: None, told: Told = lambda done, promised: None
) -> Iterator[Decoder]:
    """An open ``Decoder`` of a file that was read to its end once. Raises Unreadable, OSError, and what
    ``check`` raises."""
    process = start("decode", os.fspath(path), stdin=subprocess.DEVNULL)
    try:
        line = _Line(process, path, check)
        yield Decoder(line, _found(line, path, told))
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _found(line: "_Line", path: str | os.PathLike, told: Told) -> dict[str, Any]:
    while "info" not in (word := json.loads(line.word())):
        if "why" in word:
            raise Unreadable(path, word["why"], word["code"])
        told(word["done"], word["promised"])
    line.sending = True
    return word


class _Line:
    """What a decoder says, in the pieces that are asked for."""

    def __init__(self, process: subprocess.Popen[bytes], path: str | os.PathLike, check: Check):
        assert process.stdout is not None
        self._process, self._path, self._check = process, path, check
        self._from = process.stdout.fileno()
        self._heard = bytearray()
        self._used = 0
        """Bytes of it that were given away."""
        self.sending = False
        """Whether all was checked, and samples follow."""

    def word(self) -> bytes:
        """A line of text."""
        while (end := self._heard.find(b"\n", self._used)) < 0:
            self._hear()
        return self.take(end + 1 - self._used)

    def take(self, count: int) -> bytes:
        while len(self._heard) - self._used < count:
            self._hear()
        end = self._used + count
        given = bytes(memoryview(self._heard)[self._used : end])
        self._used = end
        return given

    def _hear(self) -> None:
        """More of it. Raises Unreadable where nothing more comes."""
        del self._heard[: self._used]
        self._used = 0
        patience = time.monotonic() + PATIENCE
        while not select.select([self._from], [], [], LOOK)[0]:
            self._check()
            if time.monotonic() > patience:
                self._process.kill()
        block = os.read(self._from, CHUNK)
        if not block:
            changed = self._process.wait() == 0 and self.sending
            raise Unreadable(self._path, _CHANGED if changed else epitaph(self._process))
        self._heard += block
