"""The starter's end of the line to a process of ours."""

import contextlib
import os
import select
import signal
import subprocess
import sys
from contextlib import ExitStack

from store import paths


class Child:
    """A process running ``jobs.<module>`` in a session of its own, with a line to it.

    Raises OSError when it can't be started; then nothing of it is left.
    """

    def __init__(self, module: str) -> None:
        with ExitStack() as ours, ExitStack() as theirs:
            log = os.open(paths.log("worker"), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            theirs.callback(os.close, log)
            theirs_in, self._to = os.pipe()
            theirs.callback(os.close, theirs_in)
            ours.callback(os.close, self._to)
            self._from, theirs_out = os.pipe()
            theirs.callback(os.close, theirs_out)
            ours.callback(os.close, self._from)
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "jobs.leash", f"jobs.{module}"],
                stdin=theirs_in,
                stdout=theirs_out,
                stderr=log,
                start_new_session=True,
                cwd=paths.state(),
            )
            # Only a process that did not come to be leaves its line to be closed here.
            ours.pop_all()
        self._heard = b""
        self._code: int | None = None

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def tell(self, word: str) -> bool:
        """False when nobody is there to hear it."""
        try:
            os.write(self._to, word.encode() + b"\n")
        except BrokenPipeError:
            return False
        return True

    def hear(self, seconds: float) -> str | None:
        """The next word, None when there was none for ``seconds``. Raises EOFError when the line is cut."""
        while b"\n" not in self._heard:
            if not select.select([self._from], [], [], seconds)[0]:
                return None
            block = os.read(self._from, 4096)
            if not block:
                raise EOFError
            self._heard += block
        word, self._heard = self._heard.split(b"\n", 1)
        return word.decode()

    def ask_to_stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)

    def end(self, grace: float = 0.0) -> int:
        """Wait ``grace`` s, then kill it and whatever it started. Exit code; minus the signal if killed."""
        if self._code is not None:
            return self._code
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(grace)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._code = self.process.wait()
        os.close(self._to)
        os.close(self._from)
        return self._code
