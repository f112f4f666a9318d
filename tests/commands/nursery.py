"""A process that has loaded what every command loads and becomes one command after the other, by forking.

What is so begun is a process of its own like any other, with its folder, its environment, its streams and its
exit code; only the interpreter's start and the imports are not paid for each time.
"""

import contextlib
import io
import json
import os
import runpy
import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path

REPO = Path(__file__).parents[2]


class Nursery:
    """The starter's side; one for each process that runs tests, for one thread at a time."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            # Not of the home of the test that happens to come first: that test ends what is left of it.
            environment = {name: value for name, value in os.environ.items() if name != "WOODSHED_HOME"}
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                # No files: what was once found to be seekable is taken for it ever after.
                stdout=theirs,
                stderr=theirs,
                cwd=REPO,
                env=environment,
                pass_fds=[theirs.fileno()],
            )
        self._words = self._line.makefile()

    def run(
        self, arguments: list[str], environment: dict[str, str], seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """One command to its end and that of its streams. Raises TimeoutExpired, and has it killed then."""
        ours, theirs = zip(os.pipe(), os.pipe(), strict=True)
        told = json.dumps([arguments, environment, str(Path.cwd())]).encode() + b"\n"
        self._line.sendall(told[socket.send_fds(self._line, [told], theirs) :])
        for end in theirs:
            os.close(end)
        pid = int(self._words.readline())
        try:
            out, err = _read(ours, time.monotonic() + seconds)
        except TimeoutError:
            # It may have ended while a child of its own holds its streams.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
            raise subprocess.TimeoutExpired(arguments, seconds) from None
        finally:
            code = int(self._words.readline())
        return subprocess.CompletedProcess(arguments, code, _text(out), _text(err))


def _read(ends: tuple[int, ...], until: float) -> list[bytes]:
    """All that comes out of some pipes. Raises TimeoutError."""
    found = [bytearray() for _ in ends]
    with selectors.DefaultSelector() as open_:
        for at, end in enumerate(ends):
            open_.register(end, selectors.EVENT_READ, at)
        try:
            while open_.get_map():
                ready = open_.select(max(0.0, until - time.monotonic()))
                if not ready:
                    raise TimeoutError
                for key, _ in ready:
                    block = os.read(key.fd, 1 << 16)
                    found[key.data] += block
                    if not block:
                        open_.unregister(key.fd)
        finally:
            for end in ends:
                os.close(end)
    return [bytes(one) for one in found]


def _text(data: bytes) -> str:
    return io.TextIOWrapper(io.BytesIO(data)).read()


def _next(line: socket.socket) -> tuple[list[str], dict[str, str], str, list[int]] | None:
    """What is to be done next, with the two streams for it; None at the end."""
    told, streams, _, _ = socket.recv_fds(line, 1 << 16, 2)
    while told and not told.endswith(b"\n"):
        told += line.recv(1 << 16)
    return (*json.loads(told), streams) if told else None


def main(line: socket.socket) -> list[str] | None:
    """Fork for each command that is asked for; the arguments in a child, None when the line is cut."""
    while (told := _next(line)) is not None:
        arguments, environment, folder, streams = told
        pid = os.fork()
        if pid == 0:
            for number, stream in enumerate(streams, 1):
                os.dup2(stream, number)
            os.closerange(3, 1 << 10)
            line.detach()
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(environment)
            time.tzset()
            return arguments
        for stream in streams:
            os.close(stream)
        line.sendall(f"{pid}\n".encode())
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        line.sendall(f"{code}\n".encode())
    return None


if __name__ == "__main__":
    import studio.actions
    import studio.cli  # noqa: F401

    begun = main(socket.socket(fileno=int(sys.argv[1])))
    if begun is not None:
        sys.argv[1:] = begun
        runpy.run_module("studio", run_name="__main__", alter_sys=True)
