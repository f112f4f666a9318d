"""Presets, takes and whole libraries from the command line."""

import json
import wave
from pathlib import Path

import pytest

from studio import actions
from tests.commands import shelf
from tests.commands.front import ask, refused, run


def test_save_show_rename_rm_PRES_01_02(home: Path) -> None:
    shelf.model()
    made = ask("presets", "save", "night", "--model", "drums", "--slider", "brightness=20", "--seed", "4")
    assert made["sliders"] == {"brightness": 20} and made["seed"] == 4
    assert ask("presets", "show", "night")["id"] == made["id"]
    refused("presets", "save", "night", "--slider", "brightness=30", code=2)
    changed = ask("presets", "save", "night", "--slider", "brightness=30", "--replace")
    assert changed["id"] == made["id"] and changed["sliders"] == {"brightness": 30}
    ask("presets", "rename", "night", "dusk")
    assert [one["name"] for one in ask("presets", "ls", "--search", "DUS")] == ["dusk"]
    assert ask("presets", "ls", "--search", "dawn") == []
    ask("presets", "rm", "dusk")
    assert ask("presets", "ls") == []
    assert ask("undo")["name"] == "dusk"


@pytest.mark.parametrize(
    ("slider", "said"),
    [
        ("brigthness=20", "did you mean 'brightness'?"),
        ("brightness=99", "nearest: brightness=95"),
        ("brightness=120", "nearest: brightness=100"),
        ("density=20", "leave it out"),
        ("brightness=nan", "0-100"),
    ],
)
def test_a_slider_that_can_not_be_is_refused_GEN_08(home: Path, slider: str, said: str) -> None:
    shelf.model()
    for command in (("presets", "save", "x", "--model", "drums"), ("generate", "drums")):
        assert said in refused(*command, "--slider", slider, code=2)
    assert actions.jobs() == []


def test_beyond_the_safe_range_is_allowed_and_said_GEN_08(unattended: Path) -> None:
    shelf.model()
    done = run("generate", "drums", "--slider", "brightness=93", "--detach")
    assert "outside the safe range 10-90" in done.stderr
    assert actions.jobs()[-1].spec["sliders"] == {"brightness": 93.0}


def test_a_preset_gives_sliders_and_seed_and_the_hand_wins_PRES_01(unattended: Path) -> None:
    shelf.model()
    actions.save_preset("night", "drums", {"brightness": 20, "warmth": 70}, seed=4)
    run("generate", "drums", "--preset", "night", "--slider", "warmth=40", "--detach")
    spec = actions.jobs()[-1].spec
    assert spec["sliders"] == {"brightness": 20.0, "warmth": 40.0}
    assert (spec["seed"], spec["preset"]) == (4, "night")


@pytest.mark.parametrize(
    ("options", "said", "code"),
    [
        (("--out", "there.wav"), "nearest free: there-2.wav", 4),
        (("--out", "x.flac", "--format", "wav"), "nearest: 'x.wav'", 2),
        (("--out", "x.wvv"), "did you mean '.wav'?", 2),
        (("--out", "x.flac", "--bits", "32f"), "choose 24", 2),
        (("--format", "mp3", "--rate", "96000"), "nearest: 48000 Hz", 2),
    ],
)
def test_a_file_that_can_not_be_is_refused_before_any_work_OUT_02(
    home: Path, tmp_path: Path, options: tuple[str, ...], said: str, code: int
) -> None:
    shelf.model()
    (tmp_path / "there.wav").write_bytes(b"mine")
    at = [str(tmp_path / word) if "." in word else word for word in options]
    assert said in refused("generate", "drums", *at, code=code)
    assert actions.jobs() == []


def test_the_ending_chooses_the_format_OUT_02(unattended: Path, tmp_path: Path) -> None:
    shelf.model()
    run("generate", "drums", "--out", tmp_path / "x.oga", "--detach")
    assert actions.jobs()[-1].spec["format"] == "ogg"


def test_presets_travel_as_json_PRES_03(home: Path, tmp_path: Path) -> None:
    actions.save_preset("night", "", {"brightness": 20}, folder="dark", description="late")
    path = tmp_path / "presets.json"
    assert ask("presets", "export", path)["count"] == 1
    refused("presets", "export", path, code=2)
    kept = actions.presets()[0]
    actions.trash("presets", "night")
    actions.purge("presets", kept["id"])
    assert ask("presets", "import", path)[0]["sliders"] == {"brightness": 20}
    assert len(ask("presets", "import", path)) == len(actions.presets()) == 1


def one(**changes: object) -> str:
    """A preset file with one record."""
    record = {"id": "a1b", "name": "x", "created": "2026-01-01T00:00:00Z", "sliders": {"b": 1}, **changes}
    return json.dumps({"woodshed": 1, "tables": {"presets": [record]}})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"woodshed": 1, "tables": {"presets": [1]}}',
        one(sliders={"b": 1.5}).replace("1.5", "1e400"),
        one(sliders={"b": 101}),
        one(sliders={"b": "loud"}),
        one(id="../x"),
        one(name="\x1b[31m"),
        one(name=""),
    ],
)
def test_a_hostile_preset_file_is_refused_PRES_03(home: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    refused("presets", "import", path, code=4)
    assert actions.presets() == []


def test_takes_ls_show_compare_rm_OUT_08_09(home: Path) -> None:
    a, b = shelf.take("gen_a", 1, 20), shelf.take("gen_b", 2, 80)
    assert [one["id"] for one in ask("takes", "ls")] == [a["id"], b["id"]]
    found = ask("takes", "compare", "gen_a", b["id"])
    assert found["differences"] == {"seed": [1, 2], "sliders.brightness": [20, 80]}
    assert "brightness" in run("takes", "compare", "gen_a", "gen_b").stdout
    assert ask("takes", "show", "gen_a")["path"] == a["path"]
    assert ask("takes", "rename", "gen_a", "best")["name"] == "best"
    ask("takes", "rm", "best")
    assert [one["id"] for one in ask("takes", "ls")] == [b["id"]]
    ask("takes", "restore", "best")


def test_show_says_what_a_take_was_made_from_and_how_good_it_is_OUT_08(home: Path) -> None:
    spec = {
        "recipe": "take",
        "model": "m" * 12,
        "space": "binaural",
        "azimuth": -20.0,
        "blend": {"k" * 12: 0.5},
    }
    quality = {"level_dbfs": -20.1, "nearest": "kick\x1b[31m.wav", "nearest_distance": 0.4}
    take = shelf.take("gen_a", spec=spec, reached={"brightness": 48.5}, quality=quality)
    text = run("takes", "show", "gen_a").stdout
    for words in ("reached", "brightness=48.5", "binaural", "azimuth", "-20", "(distance 0.4)", "-20.1 dBFS"):
        assert words in text, words
    assert f"woodshed generate --from {take['id'][:6]}" in text and "\x1b" not in text
    shelf.take("gen_b", spec={**spec, "space": "mono"}, reached={"brightness": 51.0}, quality={})
    found = ask("takes", "compare", "gen_a", "gen_b")["differences"]
    assert found["spec.space"] == ["binaural", "mono"] and found["reached.brightness"] == [48.5, 51.0]
    assert found["quality.nearest_distance"] == [0.4, None]


def test_export_a_take_OUT_02(home: Path, tmp_path: Path) -> None:
    shelf.take("gen_a")
    path = tmp_path / "mine.wav"
    made = ask("takes", "export", "gen_a", path, "--rate", "44100", "--bits", "16")
    assert made["path"] == str(path)
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getsampwidth()) == (44100, 2)
    folder = ask("takes", "export", "gen_a", tmp_path)
    assert folder["path"] == str(tmp_path / "gen_a.wav")
    shelf.take("gen_b")
    both = ask("takes", "export", "gen_a", "gen_b", tmp_path, "--format", "flac")
    assert [one["path"] for one in both] == [str(tmp_path / "gen_a.flac"), str(tmp_path / "gen_b.flac")]
    assert all(Path(one["path"]).read_bytes()[:4] == b"fLaC" for one in both)
    refused("takes", "export", "gen_a", "gen_b", tmp_path / "x.wav", code=3)
    refused("takes", "export", "gen_a", tmp_path / "x.wav", "--format", "flac", code=2)
    refused("takes", "export", "gen_a", "gen_b", tmp_path, "--format", "flak", code=2)
    refused("takes", "export", "gen_a", tmp_path / "x.wma", code=2)
    refused("takes", "export", "gen_a", tmp_path / "no" / "x.wav", code=3)
    refused("takes", "export", "gen_a", tmp_path / "x.flac", "--bits", "32f", code=2)
    refused("takes", "export", "gen_a", tmp_path / "x.wav", "--rate", "12345", code=2)


def test_play_without_a_device_names_the_file_OUT_01(home: Path) -> None:
    take = shelf.take("gen_a")
    found = ask("play", "gen_a", "--via", "path")
    assert (found["route"], found["path"], found["id"]) == ("path", take["path"], take["id"])
    assert take["path"] in run("play", take["path"], "--via", "path").stdout
    Path(take["path"]).unlink()
    refused("play", "gen_a", code=3)


def test_the_library_travels_and_is_rebuilt_MOD_02(home: Path, tmp_path: Path) -> None:
    record = shelf.model()
    path = tmp_path / "library.json"
    assert ask("library", "export", path)["models"] == 1
    assert json.loads(path.read_text())["tables"]["models"][0]["id"] == record["id"]
    assert ask("library", "import", path)["added"]["models"] == 0
    (home / "data/tables/models.jsonl").unlink()
    assert ask("library", "rebuild")["models"] == 1
    assert ask("models", "show", "drums")["id"] == record["id"]
    path.write_text("words")
    refused("library", "import", path, code=4)
