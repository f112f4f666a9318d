"""Diagnosis in the Lab and work on sets from Data, by keys and a real worker (FP-07, FP-02, UX)."""

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio import actions
from studio.looking import Subject
from studio.screens.diagnosis import Diagnosis
from tests import sounds
from tests.studio.conftest import shown, studio, until

RATE = sounds.RATE


def pair(folder: Path) -> tuple[Path, Path]:
    """A clean sound and one with its highs gone."""
    clean, bad = folder / "clean.wav", folder / "bad.wav"
    audio = 0.3 * sounds.make("drums", 2.0)
    soundfile.write(clean, audio, RATE, subtype="PCM_24")
    soundfile.write(bad, np.convolve(audio, np.ones(12) / 12)[: len(audio)], RATE, subtype="PCM_24")
    return clean, bad


async def test_a_sound_is_diagnosed_against_another_and_its_correction_kept_FP_07(
    home: Path, tmp_path: Path
) -> None:
    clean, bad = pair(tmp_path)
    app = studio("lab", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        app.page.add(Subject(str(bad), "bad.wav"))
        await pilot.press("b")
        app.page.add(Subject(str(clean), "clean.wav"))
        await pilot.press("a", "w")
        text = await until(pilot, "100 % of it")
        assert isinstance(app.screen, Diagnosis)
        assert "1. raise everything above" in text and "no diagnosis model" in text
        assert "━ before" in text and "━ after" in text and "━ reference" in text
        await pilot.press("x")
        assert app.player.path.endswith("corrected.wav")
        await pilot.press("x")
        assert app.player.path == str(bad)
        await pilot.press("minus", "minus", "p")
        await until(pilot, "80 % of it, equaliser alone")
        await pilot.press("s")
        await pilot.pause(0.3)
        await pilot.press(*"dull", "enter")
        await until(pilot, "kept: dull")
        assert [one["name"] for one in actions.library().corrections.all()] == ["dull"]
        await pilot.press("W")
        await pilot.pause(0.3)
        await pilot.press("enter")
        end = time.monotonic() + 30
        while not (tmp_path / "bad_corrected.wav").exists():
            assert time.monotonic() < end, shown(app)
            await pilot.pause(0.1)
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert not isinstance(app.screen, Diagnosis)
        await pilot.press("1", "o")
        await pilot.pause(0.3)
        await pilot.press(*"corrections", "enter")
        assert "raise everything above" in await until(pilot, "▌dull")
        await pilot.press("enter")
        await pilot.pause(0.3)
        app.screen.form.set("sounds", str(bad))
        app.screen.form.set("apply", str(tmp_path / "brighter.wav"))
        await pilot.press("ctrl+r")
        end = time.monotonic() + 30
        while not (tmp_path / "brighter.wav").exists():
            assert time.monotonic() < end, shown(app)
            await pilot.pause(0.1)
        await pilot.press("d")
        await until(pilot, "A correction that was kept")
        assert not actions.library().corrections.all()


async def test_without_a_model_the_studio_says_what_to_do_FP_07(home: Path, tmp_path: Path) -> None:
    _, bad = pair(tmp_path)
    app = studio("lab", wake=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        app.page.add(Subject(str(bad), "bad.wav"))
        await pilot.press("w")
        text = await until(pilot, "no diagnosis model yet")
        assert "woodshed diagnosis train" in text
        await pilot.press("x", "s", "escape")


async def test_a_fingerprint_is_explored_number_by_number_FP_05(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "drums"
    folder.mkdir()
    clean, bad = pair(folder)
    gold = {"drums": {"mean": [100.0] * 64, "spread": [50.0] * 64}}
    record = {
        "name": "mine",
        "path": str(tmp_path),
        "schema": 1,
        "instruments": ["drums"],
        "parts": [],
        "report": {},
    }
    app = studio("lab", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        app.page.add(Subject(str(clean), "clean.wav"))
        await pilot.press("a")
        app.page.add(Subject(str(bad), "bad.wav"))
        await pilot.press("b", "p")
        text = await until(pilot, "spectral centroid")
        assert "mfcc 00" in text and "geometric by" in text and "A" in text and "B" in text
        await pilot.press("slash", *"mud", "enter")
        text = await until(pilot, "mud, 200-500")
        assert "spectral centroid" not in text
        await pilot.press("escape", "escape")
        actions.library().diagnosers.add({**record, "gold": gold})
        await pilot.press("p")
        text = await until(pilot, "against the gold of drums in mine")
        assert "━" in text and "◆" in text


async def test_a_folder_is_organised_from_data_after_its_plan_FP_02(home: Path, tmp_path: Path) -> None:
    for name in ("drums/kick.wav", "wind/storm.wav"):
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True)
        soundfile.write(path, sounds.make("drums", 0.3), RATE)
    app = studio("data", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("o")
        await pilot.pause(0.3)
        assert "work on sets of sounds" in shown(app)
        await pilot.press("enter")
        await pilot.pause(0.3)
        app.screen.form.set("folder", str(tmp_path / "mine"))
        app.screen.form.set("out", str(tmp_path / "set"))
        await pilot.press("ctrl+r")
        text = await until(pilot, "nothing is copied yet")
        assert "raw/gold/drums/kick.wav" in text and "no instrument" in text
        assert not (tmp_path / "set").exists()
        await pilot.press("enter")
        end = time.monotonic() + 30
        while not (tmp_path / "set" / "manifest.json").exists():
            assert time.monotonic() < end, shown(app)
            await pilot.pause(0.1)
        await pilot.press("3")
        assert "1 sound in" in await until(pilot, "1 left out")


@pytest.mark.parametrize(
    "tool", ["normalise", "verify", "flaws", "fingerprint", "analyse", "loudness", "learn flaws"]
)
async def test_every_tool_asks_and_says_what_is_wrong_FP_03(home: Path, tool: str) -> None:
    app = studio("data")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("o", *tool.replace(" ", "")[:5], "enter") if " " not in tool else await pilot.press(
            "o", *"learn", "enter"
        )
        await pilot.pause(0.3)
        form = app.screen.form
        field = "folder" if tool == "verify" else "sounds"
        form.set(field, "/nowhere/at/all")
        if "out" in form.values and tool not in ("fingerprint", "analyse"):
            form.set("out", str(home / "out"))
        await pilot.press("ctrl+r")
        await until(pilot, "no such", 5)


async def test_a_form_that_was_refused_keeps_what_was_typed_UX(home: Path, tmp_path: Path) -> None:
    app = studio("data")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("o", *"norm", "enter")
        await pilot.pause(0.3)
        app.screen.form.set("sounds", "/nowhere/at/all")
        app.screen.form.set("out", str(tmp_path / "out"))
        app.screen.form.set("target", "-20")
        await pilot.press("ctrl+r")
        await until(pilot, "no such", 5)
        await pilot.press("o", *"norm", "enter")
        await pilot.pause(0.3)
        assert app.screen.form.values["target"] == "-20"
        assert app.screen.form.values["out"] == str(tmp_path / "out")
        # It is the person's, so typing goes on with it.
        await pilot.press("x")
        assert app.screen.form.values["sounds"] == "/nowhere/at/allx"
        await pilot.press("escape", "o", *"flaws", "enter")
        await pilot.pause(0.3)
        assert app.screen.form.values["sounds"] != "/nowhere/at/all"


async def test_what_models_of_diagnosis_learned_is_shown_and_refused_where_it_is_gone_FP_09(
    home: Path, tmp_path: Path
) -> None:
    report = {"parts": {"reference-drums": {"macro_f1": 0.93}}}
    record = {"name": "mine", "path": str(home), "schema": 1, "sounds": 12, "instruments": ["drums"],
              "parts": ["reference-drums"], "files": {}, "report": report}  # fmt: skip
    actions.library().diagnosers.add(record)
    app = studio("data", wake=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("o", *"models", "enter")
        text = await until(pilot, "macro-F1")
        assert "12 sounds of drums" in text and "0.93" in text
        await pilot.press("enter")
        await pilot.pause(0.3)
        app.screen.form.set("path", str(tmp_path / "mine.onnx"))
        await pilot.press("ctrl+r", "escape", "3")
        await until(pilot, "is gone or changed", 30)


async def test_keys_are_heard_while_a_plan_is_made_and_it_interrupts_nobody_FP_02(
    home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine" / "drums" / "kick.wav"
    path.parent.mkdir(parents=True)
    soundfile.write(path, sounds.make("drums", 0.3), RATE)
    app = studio("data", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("o", *"organise", "enter")
        await pilot.pause(0.3)
        app.screen.form.set("folder", str(tmp_path / "mine"))
        app.screen.form.set("out", str(tmp_path / "set"))
        await pilot.press("ctrl+r", "7")
        await until(pilot, "organise: it is there; ask again to see it")
        assert "nothing is copied yet" not in shown(app) and not (tmp_path / "set").exists()


async def test_distributions_are_shown_gold_against_flaws_FP_10(home: Path, tmp_path: Path) -> None:
    for index in range(3):
        clean = sounds.make("drums", 1.0, index)
        dull = np.convolve(clean, np.ones(12) / 12)[: len(clean)]
        for subset, name, audio in (
            ("gold", f"kick_{index}", clean),
            ("flawed", f"kick_flawed_muddy_{index:03d}", dull),
        ):
            path = tmp_path / "set" / "raw" / subset / "drums" / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, audio, RATE)
    app = studio("data", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("o", *"analyse", "enter")
        await pilot.pause(0.3)
        app.screen.form.set("sounds", str(tmp_path / "set"))
        await pilot.press("ctrl+r")
        text = await until(pilot, "gold 3   ▄ muddy 3")
        assert "1 of 1" in text and "-1.00" in text
        first = text.index("-1.00")
        await pilot.press("o")
        text = await until(pilot, "▌spectral centroid")
        await pilot.press("right", "left", "slash", *"air", "enter")
        text = await until(pilot, "level of air")
        assert "crest factor" not in text and first > 0
