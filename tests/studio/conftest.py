"""A furnished house, and the studio in it without a terminal."""

import time
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from store.library import Library
from studio.frame import Studio
from tests.studio import house


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same zone, colours and no sound device on every machine."""
    for name in ("PULSE_SERVER", "XDG_RUNTIME_DIR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.fixture
def library(home: Path) -> Library:
    """Records of everything, in a home of its own."""
    return house.furnish()


def studio(start: str = "data", wake: bool = False) -> Studio:
    """The real app; silent, and asleep unless told."""
    app = Studio(start=start, wake=wake)
    app.player.device.there = False
    return app


def shown(app: Studio) -> str:
    """What is on the screen, as text."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in lines)


async def typed(pilot: Pilot, text: str) -> None:
    """As a paste or a very fast hand: characters without a rest between them."""
    for character in text:
        pilot.app.post_message(events.Key(_character_to_key(character), character))
    await pilot.pause()


async def until(pilot: Pilot, words: str, seconds: float = 60) -> str:
    """Wait until ``words`` are on the screen; what it then shows."""
    begun = time.monotonic()
    while words not in (text := shown(pilot.app)):
        waited = time.monotonic() - begun
        assert waited < seconds, f"{words!r} never came:\n{text}"
        # Ever rarer: to look takes the processor from what is waited for.
        await pilot.pause(min(0.3, 0.05 + waited / 10))
    return text
