"""The field from the window of repairers: packages verified and installed, feedback read, nets compared."""

from pathlib import Path
from typing import Any

import pytest

from jobs.field import feedback, installed
from jobs.field.histogram import GAP_MS
from studio import actions
from studio.screens.dialog import Ask
from studio.screens.fed_back import fed_back
from studio.screens.kept import Repairers
from studio.screens.telling import Told
from tests.field import updates
from tests.field.test_feedback import counts, session
from tests.studio.conftest import shown, studio, until


async def asked(pilot: Any, work: str, **values: Any) -> None:
    """Choose what is to be done, and send its form with these values."""
    await pilot.press("f")
    await until(pilot, "this house's public key")
    await pilot.press(*work, "enter")
    await pilot.pause(0.3)
    assert isinstance(pilot.app.screen, Ask), shown(pilot.app)
    for name, value in values.items():
        pilot.app.screen.form.set(name, str(value))
    await pilot.press("ctrl+r")


async def test_a_package_is_verified_and_installed_and_feedback_comes_back_GAP_09(
    home: Path, tmp_path: Path
) -> None:
    updates.repairer("mine")
    updates.repairer("yours", "brass-2", scale=1.1)
    package, field = updates.package(tmp_path / "it.zip", 1), tmp_path / "field"
    app = studio("data", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        app.push_screen(Repairers())
        await until(pilot, "▌yours")
        await asked(pilot, "verify", package=package)
        text = await until(pilot, "Brass, version 1, of repairer brass-1")
        assert isinstance(app.screen, Told) and "gaps up to 5 ms: used, +0.60 dB" in text
        assert "copy" not in text.splitlines()[-1], "nothing in it is worth a copy"
        await pilot.press("escape")

        await asked(pilot, "install", package=package, folder=field)
        text = await until(pilot, f"Brass, version 1, in {field}")
        assert installed.installed_version(field) == 1
        await pilot.press("y", "escape")
        assert app.clipboard.endswith(f"jobs.field.live {field} --rate 48000 --block 240")

        updates.feedback(field / feedback.NAME, session(gaps=counts(GAP_MS, _5=80, _30=20)))
        await asked(pilot, "read feedback", feedback=field, model="brass-2")
        await until(pilot, "none of its 1 sessions is of brass-2, but of brass-1")
        await asked(pilot, "read feedback", feedback=field, model="")
        await until(pilot, "mine: 1 new sessions, kept with it")
        await pilot.press("escape")
        assert isinstance(app.screen, Repairers)
        app.screen.list.go(updates.MODEL)
        await pilot.press("tab", "G")
        text = await until(pilot, "gaps to train on")
        assert "5 ms (80 %)" in text and "20-40" in text

        await asked(pilot, "compare", old="yours")
        text = await until(pilot, "yours → mine")
        assert "first.weight" in text and "9.09 %" in text and "1 changed" in text
        await pilot.press("escape")
        await asked(pilot, "go back", folder=field)
        await until(pilot, "there is no version to go back to")
        await pilot.press("f", *"key", "enter")
        await until(pilot, "BEGIN PUBLIC KEY")
        await pilot.press("y", "escape", "escape", "3")
        assert app.clipboard.startswith("-----BEGIN PUBLIC KEY")
        text = await until(pilot, "feedback")
        words = " ".join(text.split())
        assert "install it.zip" in words and "verify" not in words, "what is only looked at is no job"


async def test_without_repairers_the_field_has_what_needs_none_GAP_09(home: Path) -> None:
    app = studio("data")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        app.push_screen(Repairers())
        await until(pilot, "woodshed repair train FOLDER")
        await pilot.press("f")
        text = await until(pilot, "this house's public key")
        assert "install" in text and "compare" not in text
        await pilot.press(*"read", "enter")
        await pilot.pause(0.3)
        app.screen.form.set("feedback", "/nowhere/at/all")
        await pilot.press("ctrl+r")
        await until(pilot, "no such file or folder")
        assert not actions.jobs()


async def test_each_repairer_is_proposed_a_folder_of_its_own_GAP_09(home: Path) -> None:
    updates.repairer("mine")
    updates.repairer("yours", "brass-2")
    app = studio("data")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        app.push_screen(Repairers())
        await until(pilot, "▌yours")
        for id, name in (("brass-2", "yours"), (updates.MODEL, "mine")):
            app.screen.list.go(id)
            for work in ("install", "go back"):
                await pilot.press("f")
                await until(pilot, "this house's public key")
                await pilot.press(*work, "enter")
                await pilot.pause(0.3)
                assert app.screen.form.values["folder"] == str(Path.home() / f"{name}-field")
                await pilot.press("escape")


@pytest.mark.parametrize("width", [24, 60])
@pytest.mark.parametrize(
    "totals",
    [
        {"sessions": "many", "gaps": [1], "fallbacks": {"net": "x"}, "packages": 3, "suggestions": "none"},
        {"train_on": [3, {"gap_ms": None}], "latency_p99_ms": {}, "seconds": None, "clamped": "\x1b[31m"},
        {"gaps": {"\x1b": -1, "5-10": 10**400}, "packages": [None], "suggestions": [None, 3]},
    ],
)
def test_feedback_of_any_shape_becomes_lines_GAP_09(totals: dict[str, Any], width: int) -> None:
    assert all(isinstance(words, str) for line in fed_back(totals, width) for words, _ in line)
