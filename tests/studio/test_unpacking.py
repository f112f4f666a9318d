"""Sounds that have to be unpacked before a browser plays them, among those that need not be."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from store import paths
from store.library import Library
from studio.frame import Studio
from tests.studio.conftest import studio
from tests.studio.house import tone


async def until(pilot, true: Callable[[], object]) -> None:
    """Wait until something is true."""
    for _ in range(200):
        if true():
            return
        await pilot.pause(0.05)
    raise AssertionError("it never came to be")


async def browser(app: Studio) -> asyncio.StreamWriter:
    """One more that has the player page open; closed by its writer."""
    page = await app.serve()
    reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
    writer.write(f"GET /{page.token}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    await asyncio.wait_for(reader.readuntil(b"\n\n"), 5)
    return writer


@pytest.fixture
def packed(tmp_path: Path) -> str:
    """Ten seconds of a kind that no browser takes."""
    soundfile.write(tmp_path / "packed.aiff", np.zeros(480_000), 48_000)
    return str(tmp_path / "packed.aiff")


async def test_what_is_still_unpacked_does_not_play_over_what_was_asked_for_later(
    library: Library, tmp_path: Path, packed: str
) -> None:
    later = str(tone(tmp_path / "later.wav"))
    app = studio("history")
    async with app.run_test(size=(100, 30)) as pilot:
        listening = await browser(app)
        app.play(packed, "packed")
        await pilot.pause(0.05)
        app.play(later, "later")
        await until(pilot, lambda: list((paths.cache() / "heard").glob("*.wav")))
        await pilot.pause(0.3)
        assert app.player.path == later and app.player.page.now.path == later
        listening.close()


async def test_an_unpacked_sound_keeps_its_name_when_another_browser_comes(
    library: Library, packed: str
) -> None:
    app = studio("history")
    async with app.run_test(size=(100, 30)) as pilot:
        listening = await browser(app)
        app.play(packed, "packed")
        await until(pilot, lambda: app.player.playing)
        other = await browser(app)
        assert app.player.path == packed
        for one in (listening, other):
            one.close()
