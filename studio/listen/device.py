"""The device route: samples go from a WAV file to PortAudio as they are, in a thread of their own."""

import os
import sys
import threading
from pathlib import Path
from typing import Any

from studio.listen.wav import Unplayable, Wav, read_wav, scaled

BLOCK = 2048
"""Frames written at a time: 43 ms at 48 kHz, so pause and seek feel immediate."""


def likely_device() -> bool:
    """Whether a look at the machine promises an output; costs no import."""
    if sys.platform in ("darwin", "win32") or os.environ.get("PULSE_SERVER"):
        return True
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and any(Path(runtime, name).exists() for name in ("pulse/native", "pipewire-0")):
        return True
    try:
        cards = Path("/proc/asound/cards").read_text()
    except OSError:
        return False
    return bool(cards.strip()) and "no soundcards" not in cards


def elsewhere() -> bool:
    """Whether the outputs of this machine are where nobody sits: over SSH, and no sound server was brought."""
    return bool(os.environ.get("SSH_CONNECTION")) and not os.environ.get("PULSE_SERVER")


class Device:
    """One WAV at a time. ``why``: what is wrong with the file; ``lost``: why there is no device any more."""

    def __init__(self) -> None:
        self.there = False
        self.lost = ""
        self.look()
        self.elsewhere = elsewhere()
        self.why = ""
        self.playing = False
        self.loop = False
        self.gain = 1.0
        self._wav: Wav | None = None
        self._frame = 0
        self._order = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Whether there may be an output; one that was lost may be there again."""
        self.there, self.lost = likely_device(), ""

    @property
    def seconds(self) -> float:
        return self._wav.seconds if self._wav else 0.0

    @property
    def position(self) -> float:
        return self._frame / self._wav.rate if self._wav else 0.0

    def load(self, path: str) -> bool:
        """Make this the sound, silent; whether a device could play it."""
        self.stop()
        self.why, self._wav, self._frame = "", None, 0
        try:
            self._wav = read_wav(path)
        except Unplayable as error:
            self.why = str(error)
        return self._wav is not None

    def seek_to(self, seconds: float) -> None:
        if self._wav:
            with self._lock:
                self._frame = max(0, min(int(seconds * self._wav.rate), self._wav.frames))

    def start(self) -> None:
        """Play on from where it stands, from the start when that is the end."""
        if self._wav is None:
            return
        self.stop()
        if self._frame >= self._wav.frames:
            self._frame = 0
        self.playing = True
        self._thread = threading.Thread(target=self._run, args=(self._wav, self._order), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Silence; the position stays."""
        self.playing = False
        self._order += 1
        thread, self._thread = self._thread, None
        if thread and thread is not threading.current_thread():
            thread.join(0.5)

    def _run(self, wav: Wav, order: int) -> None:
        try:
            import sounddevice
        except (ImportError, OSError) as error:
            self._fail(f"no audio output: {error}", order)
            return
        try:
            with sounddevice.RawOutputStream(
                samplerate=wav.rate, channels=wav.channels, dtype=wav.sort, blocksize=0
            ) as stream:
                self._feed(stream, wav, order)
        except (sounddevice.PortAudioError, OSError, ValueError) as error:
            self._fail(f"no audio output: {error}", order)

    def _fail(self, why: str, order: int) -> None:
        self.there, self.lost = False, why.splitlines()[0]
        if order == self._order:
            self.playing = False

    def _feed(self, stream: Any, wav: Wav, order: int) -> None:
        with open(wav.path, "rb") as file:
            while order == self._order:
                at, block = self._next(wav)
                if block <= 0:
                    break
                file.seek(wav.start + at * wav.frame)
                stream.write(scaled(file.read(block * wav.frame), wav.sort, self.gain))
        if order == self._order:
            self.playing = False

    def _next(self, wav: Wav) -> tuple[int, int]:
        """The next frame to write and how many; none at the end."""
        with self._lock:
            if self.loop and self._frame >= wav.frames > 0:
                self._frame = 0
            at = self._frame
            block = min(BLOCK, wav.frames - at)
            self._frame = at + block
        return at, block
