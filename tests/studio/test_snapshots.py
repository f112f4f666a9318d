"""Each screen, empty and full, at both sizes. Look at the report before you accept a new picture."""

from pathlib import Path

import pytest

from studio.keymap import SCREENS
from tests.studio import house
from tests.studio.conftest import studio

SIZES = ((80, 24), (120, 40))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", [name for name, _, _ in SCREENS])
@pytest.mark.parametrize("state", ["empty", "full"])
def test_screen(home: Path, snap_compare, state: str, screen: str, size: tuple[int, int]) -> None:
    """UX: complete at 80x24, good at 120x40, and an empty screen says what to do."""
    if state == "full":
        house.furnish(real=False)
        house.jobs()
    assert snap_compare(studio(screen), terminal_size=size, run_before=settle)


async def settle(pilot) -> None:
    await pilot.pause(0.3)
