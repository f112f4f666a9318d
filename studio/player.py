"""Sound out of the studio: through a device where there is one, else by saying where the file is.

No numpy: samples go from the file to PortAudio as they are, or through ``array`` when a gain is wanted.
"""

import os
import struct
import sys
import threading
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCK = 2048
"""Frames written at a time: 43 ms at 48 kHz, so pause and seek feel immediate."""

TYPES = {(1, 16): "int16", (1, 24): "int24", (1, 32): "int32", (3, 32): "float32"}
"""(WAV format, bits) -> PortAudio's name."""


class Unplayable(ValueError):
    """The file is no WAV that a device takes."""


@dataclass(frozen=True)
class Wav:
    """Where the samples of a WAV file lie. ``frames`` of ``channels`` samples at ``rate`` Hz."""

    path: str
    start: int
    frames: int
    channels: int
    rate: int
    sort: str
    width: int

    @property
    def frame(self) -> int:
        """Bytes of a frame."""
        return self.channels * self.width

    @property
    def seconds(self) -> float:
        return self.frames / self.rate


def read_wav(path: str | Path) -> Wav:
    """The layout of a 16, 24 or 32-bit WAV. Raises Unplayable with one line."""
    try:
        with open(path, "rb") as file:
            return _chunks(str(path), file, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise Unplayable(f"{path}: {error.strerror or error}") from error
    except struct.error:
        raise Unplayable(f"{path}: the header is cut off") from None


def _chunks(path: str, file: Any, size: int) -> Wav:
    riff, _, sort = struct.unpack("<4sI4s", file.read(12))
    if riff != b"RIFF" or sort != b"WAVE":
        raise Unplayable(f"{path}: not a WAV file")
    layout: tuple[int, int, int, int] | None = None
    while file.tell() + 8 <= size:
        name, length = struct.unpack("<4sI", file.read(8))
        at = file.tell()
        if name == b"fmt ":
            layout = _layout(file.read(min(length, 40)))
        elif name == b"data" and layout:
            return _wav(path, at, min(length, size - at), layout)
        file.seek(at + length + (length & 1))
    raise Unplayable(f"{path}: no samples in it")


def _layout(chunk: bytes) -> tuple[int, int, int, int]:
    form, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if form == 0xFFFE and len(chunk) >= 26:
        form = struct.unpack("<H", chunk[24:26])[0]
    return form, channels, rate, bits


def _wav(path: str, at: int, length: int, layout: tuple[int, int, int, int]) -> Wav:
    form, channels, rate, bits = layout
    if (form, bits) not in TYPES or not 1 <= channels <= 8 or not 4000 <= rate <= 384_000:
        raise Unplayable(f"{path}: {bits}-bit samples in {channels} channels at {rate} Hz")
    width = bits // 8
    return Wav(path, at, length // (width * channels), channels, rate, TYPES[form, bits], width)


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


class Player:
    """One sound at a time. ``route`` is ``device`` or ``path``; a missing device is never an error."""

    def __init__(self) -> None:
        self.route = "device" if likely_device() else "path"
        self.path = ""
        self.why = ""
        self.playing = False
        self._wav: Wav | None = None
        self._frame = 0
        self._gain = 1.0
        self._order = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    # --- what is loaded ----------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """Length of what is loaded."""
        return self._wav.seconds if self._wav else 0.0

    @property
    def position(self) -> float:
        """Seconds from the start."""
        return self._frame / self._wav.rate if self._wav else 0.0

    def load(self, path: str | Path) -> bool:
        """Make this the sound of the transport, silent; whether a device could play it."""
        self.stop()
        self.path, self.why, self._wav, self._frame = str(path), "", None, 0
        try:
            self._wav = read_wav(path)
        except Unplayable as error:
            # Where no device is, a FLAC plays as well as a WAV: by its path. No reason to warn.
            if self.route == "device" or Path(path).suffix.lower() == ".wav":
                self.why = str(error)
        return self._wav is not None and self.route == "device"

    def play(self, path: str | Path, at: float = 0.0, gain: float = 1.0) -> str:
        """Play from ``at`` seconds, scaled by ``gain``; returns the route taken, never raises."""
        if not self.load(path):
            return "path"
        self._gain = gain
        self.seek_to(at)
        self._start()
        return self.route

    # --- moving ------------------------------------------------------------------------------------

    def toggle(self) -> bool:
        """Pause or go on, from the start when at the end; whether it plays now."""
        if self.playing:
            self.stop()
        elif self._wav and self.route == "device":
            if self._frame >= self._wav.frames:
                self._frame = 0
            self._start()
        return self.playing

    def seek(self, by: float) -> float:
        """Move by seconds; the new position."""
        return self.seek_to(self.position + by)

    def seek_to(self, seconds: float) -> float:
        if self._wav:
            with self._lock:
                self._frame = max(0, min(int(seconds * self._wav.rate), self._wav.frames))
        return self.position

    def stop(self) -> None:
        """Silence; the position stays."""
        self.playing = False
        self._order += 1
        thread, self._thread = self._thread, None
        if thread and thread is not threading.current_thread():
            thread.join(0.5)

    # --- the device --------------------------------------------------------------------------------

    def _start(self) -> None:
        self._order += 1
        self.playing = True
        self._thread = threading.Thread(target=self._run, args=(self._wav, self._order), daemon=True)
        self._thread.start()

    def _run(self, wav: Wav, order: int) -> None:
        try:
            import sounddevice
        except (ImportError, OSError) as error:
            self._no_device(f"no audio output: {error}", order)
            return
        try:
            with sounddevice.RawOutputStream(
                samplerate=wav.rate, channels=wav.channels, dtype=wav.sort, blocksize=0
            ) as stream:
                self._feed(stream, wav, order)
        except (sounddevice.PortAudioError, OSError, ValueError) as error:
            self._no_device(f"no audio output: {error}", order)

    def _no_device(self, why: str, order: int) -> None:
        self.route, self.why = "path", why.splitlines()[0]
        if order == self._order:
            self.playing = False

    def _feed(self, stream: Any, wav: Wav, order: int) -> None:
        with open(wav.path, "rb") as file:
            while order == self._order:
                with self._lock:
                    at = self._frame
                    block = min(BLOCK, wav.frames - at)
                    self._frame = at + block
                if block <= 0:
                    break
                file.seek(wav.start + at * wav.frame)
                stream.write(scaled(file.read(block * wav.frame), wav.sort, self._gain))
        if order == self._order:
            self.playing = False


def scaled(data: bytes, sort: str, gain: float) -> bytes:
    """Samples times ``gain``, held within full scale; as they are when the gain is 1."""
    if gain == 1.0 or not data:
        return data
    if sort == "float32":
        floats = array("f", data)
        return array("f", [max(-1.0, min(1.0, x * gain)) for x in floats]).tobytes()
    if sort == "int24":
        return _narrow(scaled(_widen(data), "int32", gain))
    code, top = ("h", 1 << 15) if sort == "int16" else ("i", 1 << 31)
    whole = array(code, data)
    return array(code, [max(-top, min(top - 1, int(x * gain))) for x in whole]).tobytes()


def _widen(data: bytes) -> bytes:
    """24-bit little-endian samples in the top of 32 bits."""
    out = bytearray(len(data) // 3 * 4)
    out[1::4], out[2::4], out[3::4] = data[0::3], data[1::3], data[2::3]
    return bytes(out)


def _narrow(data: bytes) -> bytes:
    out = bytearray(len(data) // 4 * 3)
    out[0::3], out[1::3], out[2::3] = data[1::4], data[2::4], data[3::4]
    return bytes(out)
