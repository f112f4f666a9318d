"""Material for repairs in the studio: degraded sounds and traces from the Lab, profiles that fill forms."""

import json
from pathlib import Path

import numpy as np
import soundfile

from studio import actions
from studio.looking import Subject
from studio.screens.panels import Panels
from tests import sounds
from tests.studio.conftest import shown, studio, typed, until
from tests.studio.test_repair import form

RATE = sounds.RATE


def pluck(folder: Path) -> Path:
    soundfile.write(folder / "pluck.wav", sounds.make("pluck", 0.8), RATE, subtype="PCM_24")
    return folder / "pluck.wav"


async def test_a_sound_is_degraded_from_the_lab_and_its_repair_knows_how_GAP_02_GAP_11(
    home: Path, tmp_path: Path
) -> None:
    sound = pluck(tmp_path)
    app = studio("lab", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        app.page.add(Subject(str(sound), sound.name))
        await pilot.press("o")
        await until(pilot, "to try repairs on", 30)
        await pilot.press(*"degrade", "enter")
        fields = await form(pilot)
        assert fields.values["out"] == str(tmp_path / "pluck_degraded.wav")
        for name, value in {"kind": "loss", "trace": "stress", "seed": "5", "packet_ms": "5"}.items():
            fields.set(name, value)
        await pilot.press("ctrl+r")
        await until(pilot, "pluck_degraded.wav is B")
        made = soundfile.read(tmp_path / "pluck_degraded.wav", dtype="int32")[0]
        truth = soundfile.read(sound, dtype="int32")[0]
        lost = made != truth
        assert lost.any() and not made[lost].any()
        assert json.loads((tmp_path / "pluck_degraded.wav.json").read_text())["trace"] == "stress"

        await pilot.press("b", "r")
        fields = await form(pilot)
        asked = {name: fields.values[name] for name in ("trace", "packet_ms", "seed")}
        assert asked == {"trace": "stress", "packet_ms": "5", "seed": "5"}
        await pilot.press("escape", "3")
        await until(pilot, "degrade   pluck.wav")


async def test_a_trace_is_made_from_the_lab_as_long_as_the_sound_GAP_02_GAP_11(
    home: Path, tmp_path: Path
) -> None:
    sound = pluck(tmp_path)
    app = studio("lab", wake=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        app.page.add(Subject(str(sound), sound.name))
        await until(pilot, "0:00.8")
        await pilot.press("o")
        await until(pilot, "packet trace", 30)
        await pilot.press(*"trace", "enter")
        fields = await form(pilot)
        assert fields.values["seconds"] == "0.8"
        fields.set("network", "burst")
        await pilot.press("ctrl+r")
        await until(pilot, "it runs", 30)
        await until(pilot, "3 shows how far")
        out = tmp_path / "pluck_trace.txt"
        for _ in range(300):
            if out.is_file():
                break
            await pilot.pause(0.1)
        assert len(out.read_text().split()) == 80


async def test_what_can_not_be_degraded_is_said_and_asked_again_GAP_02_GAP_11(
    home: Path, tmp_path: Path
) -> None:
    sound = pluck(tmp_path)
    app = studio("lab", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        app.page.add(Subject(str(sound), sound.name))
        for kept in ("", "level_db=-40"):
            await pilot.press("o", *"degrade", "enter")
            fields = await form(pilot)
            assert fields.values["amount"] == kept, "what was typed is there again"
            fields.set("kind", "clip")
            fields.set("amount", "level_db=-40")
            await pilot.press("ctrl+r")
            await until(pilot, "nearest: -18")
        assert not list(tmp_path.glob("*degraded*"))


async def test_a_profile_fills_the_form_of_a_training_GAP_05_GAP_11(home: Path, tmp_path: Path) -> None:
    profile = tmp_path / "calls.yaml"
    profile.write_text(f"net: mlp\ngaps: 120\nsounds: {tmp_path}\nlearning_rate: 2e-3\n")
    app = studio("data")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("o", *"by a profile", "enter")
        await until(pilot, "a profile of a training", 30)
        await typed(pilot, str(tmp_path / "none.yaml"))
        await pilot.press("enter")
        await until(pilot, "no such file", 30)
        app.screen.form.set("path", str(profile))
        profile.write_text("gapz: 120\n")
        await pilot.press("enter")
        await until(pilot, "unknown field 'gapz'", 30)
        profile.write_text(f"net: mlp\ngaps: 120\nsounds: {tmp_path}\nlearning_rate: 2e-3\n")
        app.screen.form.set("path", str(profile))
        await pilot.press("enter")
        fields = await form(pilot)
        asked = {name: fields.values[name] for name in ("net", "gaps", "sounds", "learning_rate", "minutes")}
        assert asked == {
            "net": "mlp",
            "gaps": "120",
            "sounds": str(tmp_path),
            "learning_rate": "0.002",
            "minutes": "5",
        }
        fields.set("gaps", "240")
        await pilot.press("ctrl+r")
        await until(pilot, "it begins with the first step", 30)
        assert isinstance(app.screen, Panels)
        spec = actions.jobs()[-1].spec
        assert (spec["net"], spec["gaps"], spec["learning_rate"]) == ("mlp", 240, 0.002), shown(app)
        assert np.isclose(spec["minutes"], 5)
