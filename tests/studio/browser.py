# ruff: noqa: E501 - requests are read as requests
"""A real browser without a screen, driven by its DevTools protocol over a pipe."""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio", "--disable-dev-shm-usage",
    "--disable-background-networking", "--autoplay-policy=no-user-gesture-required", "--remote-debugging-pipe",
)  # fmt: skip


def program(*names: str) -> str:
    """The first of these programs that is installed; without one the test is skipped, but never in CI."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"CI has none of {', '.join(names)}")
    if found is None:
        pytest.skip(f"none of {', '.join(names)} is installed")
    return found


class Browser:
    """One page. ``run`` evaluates JavaScript in it and gives the value, awaited."""

    def __init__(self, folder: Path, *more: str) -> None:
        their_in, self._out = os.pipe()
        self._in, their_out = os.pipe()
        # The protocol is spoken on descriptors 3 and 4.
        command = f'exec "$@" 3<&{their_in} 4>&{their_out}'
        argv = [
            "bash",
            "-c",
            command,
            "bash",
            program(*NAMES),
            *FLAGS,
            *more,
            f"--user-data-dir={folder}",
            "about:blank",
        ]
        self._process = subprocess.Popen(
            argv, pass_fds=(their_in, their_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        os.close(their_in)
        os.close(their_out)
        self._left = b""
        self._id = 0
        target = next(one for one in self.ask("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self._session = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)[
            "sessionId"
        ]
        self.ask("Page.enable", session=True)

    def ask(self, method: str, session: bool = False, **params: Any) -> Any:
        self._id += 1
        message: dict[str, Any] = {"id": self._id, "method": method, "params": params}
        if session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + 30
        while time.monotonic() < end:
            answer = self._next(end - time.monotonic())
            if answer.get("id") == self._id:
                assert "error" not in answer, answer
                return answer["result"]
        raise AssertionError(f"{method} was not answered")

    def _next(self, seconds: float) -> dict[str, Any]:
        while b"\0" not in self._left:
            assert select.select([self._in], [], [], seconds)[0], "the browser says nothing"
            data = os.read(self._in, 1 << 16)
            assert data, "the browser has ended"
            self._left += data
        one, _, self._left = self._left.partition(b"\0")
        return json.loads(one)

    def open(self, url: str) -> None:
        self.ask("Page.navigate", session=True, url=url)

    def run(self, code: str) -> Any:
        found = self.ask(
            "Runtime.evaluate", session=True, expression=code, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def key(self, key: str, code: int = 0) -> None:
        """Press a key as a person does."""
        for sort in ("keyDown", "keyUp"):
            text = {"text": key} if len(key) == 1 and sort == "keyDown" else {}
            self.ask(
                "Input.dispatchKeyEvent", session=True, type=sort, key=key, windowsVirtualKeyCode=code, **text
            )

    def picture(self, path: Path) -> Path:
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", session=True)["data"]))
        return path

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
