"""The studio at a real pty: what reaches the terminal, what it costs, and how it ends."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import pyte

REPO = Path(__file__).parents[2]
TICK = os.sysconf("SC_CLK_TCK")
MODES = (1049, 1000, 1002, 1003, 1006, 1015, 1004, 2004, 2026)
"""Alternate screen, mouse, focus, paste, one paint at a time: all of them off where a shell is."""
PRIVATE = re.compile(rb"\x1b\[[<>=][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p|\x1b\[[\d;]*u")
"""Sequences that pyte would show as text."""


class Terminal:
    """A program at a pty of ``size`` columns and rows; answers the questions a terminal is asked."""

    def __init__(
        self,
        home: Path,
        size: tuple[int, int] = (120, 40),
        argv: list[str] | None = None,
        environ: dict[str, str] | None = None,
    ) -> None:
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = bytearray()
        env = {
            **os.environ,
            "WOODSHED_HOME": str(home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
        }
        for name in ("COLUMNS", "LINES", "TMUX", "NO_COLOR", "PULSE_SERVER", "XDG_RUNTIME_DIR"):
            env.pop(name, None)
        env.update(environ or {})
        argv = argv or [sys.executable, "-m", "studio"]
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(REPO)
            # The size before the first line of the program runs, as a terminal has it.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(argv[0], argv, env)
        self.pid = pid
        self.status: int | None = None
        self.before = termios.tcgetattr(self.fd)[:4]

    def resize(self, columns: int, rows: int) -> None:
        """Another size, as a hand that drags a window's corner makes it; the program gets SIGWINCH."""
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def unclean(self) -> list[str]:
        """What the program did to the terminal and has not taken back."""
        left = [
            f"mode {mode}" for mode in MODES if self._last(rb"\x1b\[\?%d([hl])" % mode) == b"h"
        ]  # fmt: skip
        if self._last(rb"\x1b\[\?25([hl])") == b"l":
            left.append("no cursor")
        if len(re.findall(rb"\x1b\[>\d+u", self.raw)) > self.raw.count(b"\x1b[<u"):
            left.append("kitty's keys")
        if termios.tcgetattr(self.fd)[:4] != self.before:
            left.append("raw mode")
        return left

    def _last(self, pattern: bytes) -> bytes:
        found = re.findall(pattern, bytes(self.raw))
        return found[-1] if found else b""

    def pump(self, timeout: float = 0.02) -> int:
        """Read what there is; the number of bytes, -1 at the end."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return 0
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return -1
        if not data:
            return -1
        self.raw += data
        for mode in re.findall(rb"\x1b\[\?(\d+)\$p", data):
            os.write(self.fd, b"\x1b[?" + mode + (b";2$y" if mode == b"2026" else b";0$y"))
        self.stream.feed(PRIVATE.sub(b"", data))
        return len(data)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def wait(self, words: str, seconds: float = 20) -> str:
        """Until ``words`` (a pattern) are on the screen, in a row or wrapped over several."""
        end = time.monotonic() + seconds
        while not re.search(words, self.text) and not re.search(words, " ".join(self.text.split())):
            assert time.monotonic() < end, f"{words!r} never came:\n{self.text}"
            if self.pump() < 0:
                break
        return self.text

    def sent(self, what: bytes, since: int = 0, seconds: float = 20) -> None:
        """Until these bytes have come after the first ``since``."""
        end = time.monotonic() + seconds
        while what not in self.raw[since:]:
            assert self.pump() >= 0 and time.monotonic() < end, f"{what!r} never came"

    def quiet(self, seconds: float = 0.3, most: float = 5) -> None:
        """Until nothing has come for a while."""
        begun = last = time.monotonic()
        while time.monotonic() - last < seconds and time.monotonic() - begun < most:
            if self.pump() > 0:
                last = time.monotonic()

    def press(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def cpu(self) -> float:
        """Seconds of CPU so far, of all its threads, to the nanosecond where the kernel counts so."""
        try:
            counted = [path.read_text() for path in Path(f"/proc/{self.pid}/task").glob("*/schedstat")]
            return sum(int(text.split()[0]) for text in counted) / 1e9
        except (OSError, IndexError):
            fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / TICK

    def rss(self) -> float:
        """Resident megabytes."""
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def end(self, number: int = signal.SIGTERM, seconds: float = 8) -> int:
        """Send a signal (0: none) and wait; the exit code."""
        if number:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
        stop = time.monotonic() + seconds
        while self.status is None and time.monotonic() < stop:
            self.pump(0.01)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            raise AssertionError("it did not end")
        while self.pump(0.01) > 0:
            pass
        return self.status

    def close(self) -> None:
        if self.status is None:
            with suppress(AssertionError, ProcessLookupError, ChildProcessError):
                self.end(signal.SIGKILL)
        with suppress(OSError):
            os.close(self.fd)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
