"""Two takes heard as X and Y: which is which is known to nobody until it is revealed.

What is played lies under a name of no meaning, for the player, its title and its path are seen too.
"""

import os
import random
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from store import paths
from studio.listen.wav import Unplayable, read_wav

NAMES = ("X", "Y")
CUT_AT_MOST = 120.0
"""Seconds that are copied of takes that differ in length."""


class Blind:
    """One sitting: rounds of hearing both and preferring one; every round they are shuffled anew."""

    def __init__(self, takes: Mapping[str, Mapping[str, Any]]) -> None:
        """``takes``: side (``a``, ``b``) -> its take."""
        self.takes = dict(takes)
        self.order = ("a", "b")
        self.here = ""
        """X or Y, as it is heard now."""
        self.heard: set[str] = set()
        self.votes: list[str] = []
        """The side that was preferred, per round."""
        self.files: dict[str, str] = {}
        self.cut = False
        """Whether both were made as long as the shorter one."""
        self.shuffle()

    def shuffle(self) -> None:
        """A new round."""
        self.order = random.choice((("a", "b"), ("b", "a")))
        self.here, self.heard, self.files = "", set(), {}

    def side(self, name: str) -> str:
        """What X or Y is."""
        return self.order[NAMES.index(name)]

    def turn(self) -> str:
        """The other one of X and Y is heard from now on; its name."""
        self.here = "Y" if self.here == "X" else "X"
        self.heard.add(self.here)
        return self.here

    def vote(self) -> str:
        """Prefer the one that is heard, and begin another round; its side."""
        side = self.side(self.here)
        self.votes.append(side)
        self.shuffle()
        return side

    def file(self, name: str) -> str:
        """What to play for X or Y. Raises OSError when a take can't be read."""
        if not self.files:
            self._lay_out()
        return self.files[name]

    def end(self) -> None:
        """Nothing of it is left on the disk."""
        import shutil  # with its archive formats 3 ms, for something rare

        shutil.rmtree(_folder(), ignore_errors=True)

    def _lay_out(self) -> None:
        self.end()
        _sweep()
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ends = self._ends()
        self.cut = ends > 0
        token = os.urandom(3).hex()
        for name in NAMES:
            source = Path(self.takes[self.side(name)]["path"])
            into = folder / f"{name}-{token}{source.suffix.lower()}"
            if ends:
                _beginning(source, into, ends)
            else:
                _same(source, into)
            self.files[name] = str(into)

    def _ends(self) -> float:
        """Seconds after which both have to end, for their lengths would tell them apart; 0: they may stay."""
        try:
            lengths = [read_wav(take["path"]).seconds for take in self.takes.values()]
        except Unplayable:
            return 0.0
        return min(*lengths, CUT_AT_MOST) if abs(lengths[0] - lengths[1]) > 0.01 else 0.0

    # --- until the next start ----------------------------------------------------------------------

    def memory(self) -> dict[str, Any]:
        return {"votes": self.votes}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """The votes of the sitting; the round begins anew."""
        self.votes = [side for side in memory.get("votes", ()) if side in ("a", "b")]


def _folder() -> Path:
    return paths.cache() / "blind" / str(os.getpid())


def _sweep() -> None:
    """Remove what studios left that were killed."""
    import shutil

    for folder in (paths.cache() / "blind").glob("*"):
        try:
            os.kill(int(folder.name), 0)
        except (ValueError, ProcessLookupError):
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


def _same(source: Path, into: Path) -> None:
    with suppress(OSError):
        os.link(source, into)
        return
    import shutil

    shutil.copyfile(source, into)


def _beginning(source: Path, into: Path, seconds: float) -> None:
    """The first ``seconds`` of a WAV file."""
    wav = read_wav(source)
    length = int(seconds * wav.rate) * wav.frame
    with open(source, "rb") as file:
        head = bytearray(file.read(wav.start))
        sound = file.read(length)
    head[4:8] = struct.pack("<I", len(head) - 8 + len(sound))
    head[-4:] = struct.pack("<I", len(sound))
    into.write_bytes(bytes(head) + sound)
