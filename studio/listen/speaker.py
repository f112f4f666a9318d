"""A program of its own that holds the sound device: ``python -m studio.listen.speaker``.

PortAudio and what it loads take 25 MB, write to the terminal as they please, wait for servers that do not
answer, and some of them end the whole process where a setting is wrong. Here that costs this process alone.

Commands come in as lines of JSON, each with its ``order``; where the sound stands goes out the same way.
``python -m studio.listen.speaker outputs`` says which outputs there are.
"""

import json
import os
import sys
import threading
import time
from queue import SimpleQueue
from typing import Any

from studio.listen.wav import Wav, scaled

BLOCK = 2048
"""Frames written at a time: 43 ms at 48 kHz, so pause and seek feel immediate."""
EVERY = 0.25
"""Seconds between two words on where the sound stands."""


class Speaker:
    """One sound at a time, until the next command says otherwise."""

    def __init__(self, commands: "SimpleQueue[dict[str, Any]]") -> None:
        self._commands = commands
        self._order = 0
        self._frame = 0
        self._gain, self._loop = 1.0, False
        self._told = 0.0

    def run(self) -> None:
        """Obey for ever."""
        command = self._commands.get()
        while True:
            self._order = command["order"]
            following = self._play(command) if command["do"] == "play" else None
            command = following or self._commands.get()

    def _play(self, command: dict[str, Any]) -> dict[str, Any] | None:
        """Play to the end; the command that came in between."""
        wav = Wav(**command["wav"])
        self._frame, self._gain, self._loop = command["frame"], command["gain"], command["loop"]
        try:
            import sounddevice
        except (ImportError, OSError) as error:
            self._say(lost=_line(error))
            return None
        try:
            with sounddevice.RawOutputStream(
                samplerate=wav.rate, channels=wav.channels, dtype=wav.sort, blocksize=0
            ) as stream:
                following = self._feed(stream, wav)
                if following:
                    # At once: what was written already is not wanted any more.
                    stream.abort()
                    return following
        except (sounddevice.PortAudioError, OSError, ValueError) as error:
            self._say(lost=_line(error))
            return None
        self._say(frame=self._frame, playing=False)
        return None

    def _feed(self, stream: Any, wav: Wav) -> dict[str, Any] | None:
        self._told = 0.0
        began, written = time.monotonic(), 0
        with open(wav.path, "rb") as file:
            while True:
                while not self._commands.empty():
                    command = self._commands.get()
                    self._order = command["order"]
                    if command["do"] not in ("seek", "level"):
                        return command
                    self._frame = command.get("frame", self._frame)
                    self._gain, self._loop = command.get("gain", self._gain), command.get("loop", self._loop)
                if self._loop and self._frame >= wav.frames > 0:
                    self._frame = 0
                block = min(BLOCK, wav.frames - self._frame)
                if block <= 0:
                    return None
                file.seek(wav.start + self._frame * wav.frame)
                data = file.read(block * wav.frame)
                if len(data) < block * wav.frame:
                    raise OSError(f"{wav.path}: it became shorter while it was played")
                stream.write(scaled(data, wav.sort, self._gain))
                self._frame += block
                written += block
                if time.monotonic() - self._told >= EVERY:
                    self._told = time.monotonic()
                    # What lies in buffers was not heard yet; no library says truly how much that is.
                    late = max(0, written - int((self._told - began) * wav.rate))
                    self._say(frame=max(0, self._frame - late), playing=True)

    def _say(self, **words: Any) -> None:
        _out({"order": self._order, **words})


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _out(words: dict[str, Any]) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


def outputs() -> dict[str, Any]:
    """``outputs``: names; or ``wrong``, with ``missing`` where there is no PortAudio."""
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        return {"wrong": _line(error), "missing": True}
    try:
        found = sounddevice.query_devices()
    except sounddevice.PortAudioError as error:
        return {"wrong": _line(error), "missing": False}
    return {"outputs": [one["name"] for one in found if one["max_output_channels"] > 0]}


def _listen(commands: "SimpleQueue[dict[str, Any]]") -> None:
    """Until whoever started this has gone."""
    for line in sys.stdin.buffer:
        commands.put(json.loads(line))
    os._exit(0)


def main(arguments: list[str]) -> None:
    if arguments == ["outputs"]:
        _out(outputs())
        return
    commands: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(commands,), daemon=True).start()
    Speaker(commands).run()


if __name__ == "__main__":
    main(sys.argv[1:])
