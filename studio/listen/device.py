"""The device route: ``studio.listen.speaker``, a program of its own, plays a WAV; here it is told what."""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from studio.listen.wav import Unplayable, Wav, read_wav

PATIENCE = 10.0
"""Seconds for a device to open: a server behind a connection that broke never answers."""
PROGRAM = [sys.executable, "-P", "-m", "studio.listen.speaker"]


class NoPortAudio(OSError):
    """The library is not on this machine."""


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
    """Whether the outputs of this machine are where nobody sits: over SSH, with no sound server brought."""
    return bool(os.environ.get("SSH_CONNECTION")) and not os.environ.get("PULSE_SERVER")


def outputs() -> list[str]:
    """Names of the outputs that PortAudio has. Raises NoPortAudio, or OSError with one line."""
    try:
        done = subprocess.run(
            [*PROGRAM, "outputs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=_environment(),
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise OSError(f"the sound server did not answer within {PATIENCE:.0f} s") from None
    if done.returncode:
        raise OSError(_ended(done.returncode, done.stderr))
    found = json.loads(done.stdout.splitlines()[-1])
    if "wrong" in found:
        raise (NoPortAudio if found["missing"] else OSError)(found["wrong"])
    return list(found["outputs"])


def _environment() -> dict[str, str]:
    # Asked whether JACK runs, its library would start it.
    return {**os.environ, "JACK_NO_START_SERVER": "1"}


def _ended(code: int, said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    how = f"signal {-code}" if code < 0 else f"status {code}"
    return f"the sound library gave up ({how}){': ' + lines[-1].strip() if lines else ''}"


class Device:
    """One WAV at a time. ``why``: what is wrong with the file; ``lost``: why there is no device any more."""

    def __init__(self) -> None:
        self.there = False
        self.lost = ""
        self.look()
        self.elsewhere = elsewhere()
        self.why = ""
        self.loop = False
        self.gain = 1.0
        self._wav: Wav | None = None
        self._frame = 0
        self._since: float | None = None
        """When the sound was at ``_frame``; None while it does not move."""
        self._playing = False
        self._asked = 0.0
        self._order = 0
        self._lock = threading.Lock()
        self._speaker: subprocess.Popen[bytes] | None = None

    def look(self) -> None:
        """Whether there may be an output; one that was lost may be there again."""
        self.there, self.lost = likely_device(), ""

    @property
    def playing(self) -> bool:
        if self._playing and self._since is None and time.monotonic() - self._asked > PATIENCE:
            self._fail(f"the sound server did not answer within {PATIENCE:.0f} s")
            self.close()
        return self._playing

    @property
    def seconds(self) -> float:
        return self._wav.seconds if self._wav else 0.0

    @property
    def position(self) -> float:
        if self._wav is None or not self.seconds:
            return 0.0
        with self._lock:
            at = self._frame / self._wav.rate + (time.monotonic() - self._since if self._since else 0.0)
        return at % self.seconds if self.loop and self._since else min(at, self.seconds)

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
            self._stand(max(0, min(int(seconds * self._wav.rate), self._wav.frames)), self._playing)
            if self._playing:
                self._tell("seek", frame=self._frame)

    def level(self, gain: float, loop: bool) -> None:
        """How much the samples are scaled, and whether it goes on over and over."""
        changed = (gain, loop) != (self.gain, self.loop)
        if changed and self._playing:
            self._hold()
        self.gain, self.loop = gain, loop
        if changed and self._playing:
            self._tell("level", gain=gain, loop=loop)

    def start(self) -> None:
        """Play on from where it stands, from the start when that is the end."""
        if self._wav is None:
            return
        self.stop()
        if self._frame >= self._wav.frames:
            self._frame = 0
        self._playing, self._asked = True, time.monotonic()
        self._tell("play", wav=asdict(self._wav), frame=self._frame, gain=self.gain, loop=self.loop)

    def stop(self) -> None:
        """Silence; the position stays."""
        if self._playing:
            self._hold()
            self._stand(self._frame, False)
            self._tell("stop")

    def close(self) -> None:
        """End the program that holds the device."""
        speaker, self._speaker = self._speaker, None
        if speaker:
            speaker.kill()

    # --- the program ---------------------------------------------------------------------------------

    def _hold(self) -> None:
        """Where it is by the clock is where it was last heard of."""
        if self._wav:
            at = int(self.position * self._wav.rate)
            with self._lock:
                self._frame = at
                self._since = time.monotonic() if self._since else None

    def _stand(self, frame: int, playing: bool) -> None:
        with self._lock:
            self._frame, self._playing = frame, playing
            self._since = time.monotonic() if playing and self._since else None

    def _tell(self, do: str, **words: Any) -> None:
        with self._lock:
            self._order += 1
            line = json.dumps({"order": self._order, "do": do, **words}).encode() + b"\n"
        for attempt in range(2):
            if self._speaker is None and do == "play":
                self._speaker = self._begin()
            if self._speaker is None:
                return
            try:
                assert self._speaker.stdin is not None
                self._speaker.stdin.write(line)
                self._speaker.stdin.flush()
                return
            except OSError:
                # It ended while it had nothing to do: another one.
                self._speaker = None
                if attempt:
                    self._fail("the sound library gave up")

    def _begin(self) -> subprocess.Popen[bytes] | None:
        import tempfile

        said = tempfile.TemporaryFile()  # noqa: SIM115 - read when the program ends
        try:
            speaker = subprocess.Popen(
                PROGRAM,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env=_environment(),
                # Ctrl-C is for the command that started it.
                start_new_session=True,
            )
        except OSError as error:
            said.close()
            self._fail(error.strerror or str(error))
            return None
        threading.Thread(target=self._follow, args=(speaker, said), daemon=True).start()
        return speaker

    def _follow(self, speaker: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        """What the program says of itself, until it ends."""
        assert speaker.stdout is not None and speaker.stdin is not None
        for line in speaker.stdout:
            self._heard(json.loads(line))
        code = speaker.wait()
        with said:
            said.seek(0)
            words = said.read(1 << 16)
        if self._speaker is speaker:
            self._speaker = None
            if self._playing:
                self._fail(_ended(code, words))
        with suppress(OSError):
            speaker.stdin.close()

    def _heard(self, told: dict[str, Any]) -> None:
        with self._lock:
            # What it says of an older command is old news.
            if told["order"] != self._order:
                return
            if "lost" not in told:
                self._frame, self._playing = told["frame"], told["playing"]
                self._since = time.monotonic() if told["playing"] else None
                return
        self._fail(told["lost"])
        # PortAudio looks for devices once: the next try begins anew.
        self.close()

    def _fail(self, why: str) -> None:
        with self._lock:
            self.there, self.lost = False, f"no audio output: {why}"
            self._playing, self._since = False, None
