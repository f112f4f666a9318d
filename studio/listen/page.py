"""The player page, on loopback: a browser at the far end of ``ssh -L`` plays what is played here.

Its own few lines of HTTP on the loop that the studio has anyway: no thread and no package. A browser keeps
one stream of events open; each event is the whole state that it should be in. What it does in turn (where
it is, that it ended, that it swapped A and B) it posts back.
"""

import asyncio
import json
import os
import secrets
import stat
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from studio.listen import http
from studio.listen.offers import Offer, Offers

TYPES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".mp3": "audio/mpeg",
}
"""What browsers decode."""
FILES = {
    "": ("page.html", "text/html"),
    "page.js": ("page.js", "text/javascript"),
    "page.css": ("page.css", "text/css"),
}
CONNECTIONS = 32
STREAMS = 4
PATIENCE = 10.0
"""Seconds for a request to arrive, and for a browser to take a block."""
STILL = 20.0
"""Seconds after which a quiet stream of events says that it is still there."""
BLOCK = 65_536


class PlayerPage:
    """Serves one player. As an output it has ``playing``, ``position``, ``seconds``, ``gain``, ``loop``."""

    def __init__(
        self,
        colors: Mapping[str, Any] | None = None,
        changed: Callable[[], Any] = lambda: None,
        about: Callable[[str], Mapping[str, Any]] = lambda path: {},
    ) -> None:
        """``changed`` is called when a browser did something; ``about`` gives the record of a take's file."""
        self.token = secrets.token_urlsafe(18)
        self.port = 0
        self.why = ""
        self.gain = 1.0
        self.volume = 0.0
        """dB."""
        self.loop = False
        self.playing = False
        self.blocked = False
        """The browser wants a click before it makes a sound."""
        self.now: Offer | None = None
        """The sound that is loaded."""
        self.pair: dict[str, tuple[Offer, float]] = {}
        """A and B, each with its gain."""
        self._colors = dict(colors or {})
        self._changed, self._about = changed, about
        self._offers = Offers()
        self._at, self._since = 0.0, 0.0
        self._order = 0
        self._streams: set[asyncio.Queue[None]] = set()
        self._tasks: set[asyncio.Task] = set()
        self._server: asyncio.Server | None = None

    # --- the server --------------------------------------------------------------------------------

    async def open(self, port: int = 0) -> None:
        """Listen on loopback; on ``port`` where that is free. Raises OSError."""
        for wanted in dict.fromkeys((port, 0)):
            try:
                self._server = await asyncio.start_server(
                    self._meet, "127.0.0.1", wanted, limit=http.HEAD_AT_MOST
                )
                break
            except OSError:
                if not wanted:
                    raise
        assert self._server is not None
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server:
            self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    @property
    def connected(self) -> bool:
        """Whether a browser has it open."""
        return bool(self._streams)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._tasks) >= CONNECTIONS:
            writer.write(http.head(503, Content_Length=0))
            writer.close()
            return
        self._tasks.add(task)
        try:
            await self._answer(reader, writer)
        except http.Wrong as error:
            with suppress(OSError):
                writer.write(http.head(error.status, Content_Length=0))
        except (OSError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError):
            # Whoever asked has gone, sends nothing or too much, or the studio ends.
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(PATIENCE):
            request = http.parse((await reader.readuntil(b"\r\n\r\n"))[:-4])
            way = http.admit(request, self.token)
            body = await reader.readexactly(request.length) if request.length else b""
        if request.method == "POST":
            if way != ("told",):
                raise http.Wrong(404)
            self._told(body)
            writer.write(http.head(204))
        elif way == ("events",) and request.method == "GET":
            await self._stream(reader, writer)
        elif len(way) == 1 and way[0] in FILES:
            self._page(request, writer, *FILES[way[0]])
        elif len(way) == 2 and way[0] == "sound":
            path = self._offer(way[1]).path
            kind = TYPES.get(Path(path).suffix.lower(), "application/octet-stream")
            await self._send(request, writer, path, kind)
        elif len(way) == 2 and way[0] in ("wave", "heat"):
            picture = getattr(self._offer(way[1]), way[0])
            await self._send(request, writer, picture, "application/octet-stream")
        else:
            raise http.Wrong(404)

    def _offer(self, id: str) -> Offer:
        found = self._offers.get(id)
        if found is None:
            raise http.Wrong(404)
        return found

    def _page(self, request: http.Request, writer: asyncio.StreamWriter, name: str, kind: str) -> None:
        data = Path(__file__).with_name(name).read_bytes()
        writer.write(http.head(200, Content_Type=f"{kind}; charset=utf-8", Content_Length=len(data)))
        if request.method == "GET":
            writer.write(data)

    async def _send(self, request: http.Request, writer: asyncio.StreamWriter, path: str, kind: str) -> None:
        """A file, or the bytes of it that were asked for."""
        try:
            # Never waits: a pipe that was put in the place of a sound would hold the studio.
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            raise http.Wrong(404) from None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise http.Wrong(404)
        with open(handle, "rb") as file:
            size = os.fstat(handle).st_size
            try:
                asked = http.span(request.headers.get("range"), size)
            except http.Wrong:
                writer.write(http.head(416, Content_Range=f"bytes */{size}", Content_Length=0))
                return
            first, last = asked or (0, size - 1)
            told = {"Content_Range": f"bytes {first}-{last}/{size}"} if asked else {}
            left = last - first + 1
            status = 206 if asked else 200
            writer.write(
                http.head(status, Content_Type=kind, Accept_Ranges="bytes", Content_Length=left, **told)
            )
            file.seek(first)
            while request.method == "GET" and left > 0 and (block := file.read(min(BLOCK, left))):
                writer.write(block)
                left -= len(block)
                async with asyncio.timeout(PATIENCE):
                    await writer.drain()

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The state, now and whenever it changes, until the browser goes."""
        if len(self._streams) >= STREAMS:
            raise http.Wrong(503)
        bell: asyncio.Queue[None] = asyncio.Queue(1)
        self._streams.add(bell)
        self._changed()
        gone = asyncio.ensure_future(reader.read(1))
        rung = asyncio.ensure_future(bell.get())
        try:
            writer.write(http.head(200, Content_Type="text/event-stream"))
            writer.write(self._event())
            while not gone.done():
                async with asyncio.timeout(PATIENCE):
                    await writer.drain()
                await asyncio.wait({gone, rung}, timeout=STILL, return_when=asyncio.FIRST_COMPLETED)
                writer.write(self._event() if rung.done() else b": still here\n\n")
                if rung.done():
                    rung = asyncio.ensure_future(bell.get())
        finally:
            gone.cancel()
            rung.cancel()
            self._streams.discard(bell)
            if not self._streams:
                self._stand(False)
            self._changed()

    # --- what is said to the browser, and what it says -----------------------------------------------

    def _event(self) -> bytes:
        return b"data: " + json.dumps(self.state(), allow_nan=False).encode() + b"\n\n"

    def state(self) -> dict[str, Any]:
        """What the browser should be doing. ``order`` grows with every command."""
        return {
            "order": self._order,
            "sound": self.now.public() if self.now else None,
            "playing": self.playing,
            "at": round(self.position, 3),
            "gain": self.gain,
            "volume": self.volume,
            "loop": self.loop,
            "pair": {side: {**one.public(), "gain": gain} for side, (one, gain) in self.pair.items()},
            "colors": self._colors,
        }

    def tell(self) -> None:
        """Let every browser have the state as it is now."""
        self._order += 1
        for bell in self._streams:
            with suppress(asyncio.QueueFull):
                bell.put_nowait(None)

    def _told(self, body: bytes) -> None:
        """What the browser says of itself: nothing is believed of it beyond numbers, and yes or no."""
        try:
            told = json.loads(body)
            at, seconds, volume = (float(told.get(name) or 0.0) for name in ("at", "seconds", "volume"))
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            raise http.Wrong(400) from None
        known = self._offers.get(told.get("sound"))
        # What it says of the last sound while the next one is on its way to it is old news.
        if known is None or not 0 <= at < 1e6 or told.get("order") != self._order:
            return
        swapped = self.now is None or known.id != self.now.id
        self.now = self._offers.lasting(known, seconds) if 0 < seconds < 1e6 else known
        was = self._standing()
        self.blocked = bool(told.get("blocked"))
        self.why = "this browser can't decode the file" if told.get("failed") else ""
        self.loop = bool(told.get("loop", self.loop))
        self._stand(bool(told.get("playing")), at)
        if -60 <= volume <= 0:
            self.volume = volume
        if swapped or was != self._standing():
            self._changed()

    def _standing(self) -> tuple[object, ...]:
        return self.playing, self.blocked, self.why, self.loop, self.volume

    def _stand(self, playing: bool, at: float | None = None) -> None:
        self._at = self.position if at is None else at
        self._since = time.monotonic()
        self.playing = playing

    # --- as an output ------------------------------------------------------------------------------

    def offer(self, path: str, title: str = "", seconds: float = 0.0) -> Offer:
        """Let a sound be asked for."""
        return self._offers.put(path, title, seconds, self._about(path))

    @property
    def seconds(self) -> float:
        return self.now.seconds if self.now else 0.0

    @property
    def position(self) -> float:
        at = self._at + (time.monotonic() - self._since if self.playing else 0.0)
        if self.loop and self.seconds:
            return at % self.seconds
        return min(at, self.seconds) if self.seconds else at

    def load(self, path: str, title: str = "", seconds: float = 0.0) -> bool:
        """Make this the sound, silent."""
        self.now, self.why = self.offer(path, title, seconds), ""
        self._stand(False, 0.0)
        return True

    def seek_to(self, seconds: float) -> None:
        self._stand(self.playing, seconds)
        self.tell()

    def start(self) -> None:
        """Play on from where it stands, from the start when that is the end."""
        at = self.position
        self._stand(True, 0.0 if self.seconds and at >= self.seconds - 0.01 else at)
        self.tell()

    def stop(self) -> None:
        self._stand(False)
        self.tell()
