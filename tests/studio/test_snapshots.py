"""Each screen in each of its states, at both sizes. Look at the report before you accept a new picture."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from studio.keymap import SCREENS
from studio.screens.diagnosis import Diagnosis
from studio.screens.gaps import Gaps
from studio.screens.panels import Panels
from studio.screens.prints import Prints
from tests.studio import house, states
from tests.studio.conftest import studio

SIZES = ((80, 24), (120, 40))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", [name for name, _, _ in SCREENS])
@pytest.mark.parametrize("state", ["empty", "full", "busy", "error"])
def test_screen(home: Path, snap_compare, state: str, screen: str, size: tuple[int, int]) -> None:
    """UX: complete at 80x24, good at 120x40; what is empty, runs or failed says what to do."""
    if state == "full":
        house.furnish(real=False)
        house.jobs()
    if state == "error":
        states.trouble()
    with states.busy() if state == "busy" else nullcontext():
        assert snap_compare(studio(screen), terminal_size=size, run_before=settle)


@pytest.mark.parametrize("screen", [name for name, _, _ in SCREENS])
def test_wide_screen(home: Path, snap_compare, screen: str) -> None:
    """UX: a breakpoint at 160 columns, where lists have more columns and pictures lie beside."""
    with states.busy():
        assert snap_compare(studio(screen), terminal_size=(160, 45), run_before=settle)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("window", ["analysis", "prints", "diagnosis"])
def test_window_of_diagnosis(
    home: Path, snap_compare, monkeypatch: pytest.MonkeyPatch, window: str, size: tuple[int, int]
) -> None:
    """FP-05, FP-07, FP-10: what was found, whoever measured it."""
    monkeypatch.setattr(Prints, "_measure", states.measured)
    monkeypatch.setattr(Diagnosis, "_ask", states.diagnosed)

    async def open_it(pilot) -> None:
        await pilot.app.push_screen(states.window(window))
        await settle(pilot)

    assert snap_compare(studio("lab"), terminal_size=size, run_before=open_it)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("window", [Gaps, Panels], ids=["gaps", "panels"])
def test_window_of_repair(home: Path, snap_compare, window: type, size: tuple[int, int]) -> None:
    """GAP-11: gaps with the sound around them; nine panels of a training, by rows where it is small."""

    async def open_it(pilot) -> None:
        await pilot.app.push_screen(window(score if window is Gaps else training))
        await settle(pilot)

    with states.repairing() as (score, training):
        assert snap_compare(studio("jobs"), terminal_size=size, run_before=open_it)


async def settle(pilot) -> None:
    await pilot.pause(0.3)
