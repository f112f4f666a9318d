"""A process of ours never outlives the one that started it.

The starter holds the other end of stdin: words come in on it, and its end means that the starter is
gone. Where the kernel can also kill a child with its parent, it is asked to, for the sake of a child that
is stuck in native code.

``python -m jobs.leash jobs.run`` is how such a process begins: tied first, anything else afterwards, so
that one whose starter dies at once does not live on while it imports.
"""

import ctypes
import importlib
import os
import queue
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask Linux to kill this process when the thread that started it ends; elsewhere do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Line:
    """The line to the starter: ``hear`` a word, ``tell`` a word; the process dies when it is cut."""

    def __init__(self) -> None:
        die_with_parent()
        # What a library prints must not be taken for a word of ours.
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._words: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="leash", daemon=True).start()

    def hear(self) -> str:
        """The next word; waits for it."""
        return self._words.get()

    def quiet(self) -> bool:
        """Whether no word is waiting to be heard."""
        return self._words.empty()

    def tell(self, word: str) -> None:
        os.write(self._out, word.encode() + b"\n")

    def _listen(self) -> None:
        rest = b""
        while block := os.read(0, 4096):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                self._words.put(line.decode())
        # With a session of our own the group is us and whatever we started.
        if os.getpgid(0) == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)


if __name__ == "__main__":
    line = Line()
    importlib.import_module(sys.argv[1]).main(line)
