"""What ``generate`` asks for and what it refuses, before any work is done."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs import specs
from studio import actions, demo_sounds
from tests.commands import shelf
from tests.commands.front import refused, run

pytestmark = pytest.mark.usefixtures("unattended")
HOSTILE = "\x1b]0;pwned\x07[bold]x"


def asked(*options: str | Path) -> dict[str, Any]:
    """The spec that a command line queues."""
    run("generate", *options, "--detach")
    return actions.jobs()[-1].spec


def nothing_was_queued() -> bool:
    return actions.jobs() == []


def test_a_blend_is_resolved_to_ids_MOD_05(home: Path) -> None:
    shelf.model()
    keys, odd = shelf.model("keys"), shelf.model("odd:name")
    spec = asked("drums", "--blend", "keys:0.5", "--blend", f"{odd['id'][:6]}:2")
    assert spec["blend"] == {keys["id"]: 0.5, odd["id"]: 2.0}
    assert asked("drums", "--blend", "odd:name:1")["blend"] == {odd["id"]: 1.0}


def test_sliders_are_those_of_the_models_that_are_played_MOD_05_GEN_08(home: Path) -> None:
    drums, keys = shelf.model(), shelf.model("keys")
    actions.library().models.amend(keys["id"], axes=[*shelf.AXES[:2], shelf.AXIS | {"name": "tension"}])
    blend = ("--blend", "drums:0", "--blend", "keys:1")
    assert asked("drums", *blend, "--slider", "tension=40")["blend"] == {drums["id"]: 0, keys["id"]: 1}
    assert asked("drums", "--blend", "keys:1", "--slider", "tension=40", "--slider", "explore1=9")
    line = refused("generate", "drums", *blend, "--slider", "explore1=9", code=2)
    assert "no such axis" in line and line.endswith("axes: brightness, warmth, tension")
    done = run("generate", "drums", *blend, "--slider", "warmth=80", "--detach")
    assert "get to about 60" in done.stderr
    done = run("generate", "drums", "--blend", "keys:1", "--slider", "warmth=80", "--detach")
    assert "get to" not in done.stderr, "of a blend that was not measured"


@pytest.mark.parametrize(
    ("blend", "said", "code"),
    [
        (["keys"], "is not MODEL:WEIGHT", 2),
        (["keys:"], "is not MODEL:WEIGHT", 2),
        (["keys:0"], "sum to 0", 2),
        (["keys:-1"], "nearest: 0", 2),
        (["keys:nan"], "'nan' is not a number; 0-100 is needed", 2),
        (["keys:inf"], "nearest: 100", 2),
        (["keys:much"], "not a number", 2),
        (["kyes:1"], "nearest: 'keys'", 3),
        (["keys:1", "keys:2"], "given twice", 2),
        (["keys:1", "m2:1", "m3:1", "m4:1"], "5 models; 4 at most", 2),
        ([f"{HOSTILE}:1"], "no model", 3),
    ],
)
def test_a_blend_that_can_not_be_is_refused_MOD_05(
    home: Path, blend: list[str], said: str, code: int
) -> None:
    for name in ("drums", "keys", "m2", "m3", "m4"):
        shelf.model(name)
    line = refused("generate", "drums", *(word for one in blend for word in ("--blend", one)), code=code)
    assert said in line and "\x1b" not in line
    assert nothing_was_queued()


def test_a_sound_is_a_take_or_a_file_MOD_05_GEN_01(home: Path, tmp_path: Path) -> None:
    shelf.model()
    a, b = shelf.take("gen_a"), shelf.take("gen_b")
    file = tmp_path / "my voice.wav"
    file.write_bytes(demo_sounds.render("cymbal"))
    spec = asked("drums", "--resynthesise", file)
    assert (spec["resynthesise"], spec["seconds"]) == (str(file), None), "how long it is, the recipe knows"
    assert actions.jobs()[-1].lane == "short", "until then it may be long"
    assert asked("drums", "--resynthesise", file, "--seconds", "4")["seconds"] == 4
    assert asked("drums", "--resynthesise", "gen_a")["resynthesise"] == a["id"]
    assert asked("drums", "--between", a["id"][:7], file)["between"] == [a["id"], str(file)]
    spec = asked("drums", "--vary", "gen_b", "--amount", "0.2")
    assert (spec["vary"], spec["amount"]) == (b["id"], 0.2)


@pytest.mark.parametrize(
    ("options", "said", "code"),
    [
        (("--resynthesise", "no.wav"), "no such file", 3),
        (("--resynthesise", "gen_b"), "nearest: 'gen_a'", 3),
        (("--resynthesise", HOSTILE), "no such file", 3),
        (("--resynthesise", "x" * 5000), "no such file", 3),
        (("--resynthesise", "{tmp}"), "is a folder", 4),
        (("--resynthesise", "{tmp}/voice.wva"), "did you mean '.wav'?", 4),
        (("--resynthesise", "{tmp}/vioce.wav"), "did you mean 'voice.wav'?", 3),
        (("--between", "gen_a", "{tmp}/none.wav"), "between: no such file", 3),
        (("--vary", "gen_x"), "no take", 3),
        (("--between", "gen_a", "gen_a", "--resynthesise", "gen_a"), "leave one out", 2),
        (("--slider", "width=50", "--space", "mono"), "nearest: space stereo", 2),
        (("--amount", "0.3"), "goes with vary", 2),
        (("--vary", "gen_a", "--amount", "1.5"), "nearest: 1", 2),
        (("--azimuth", "40"), "goes with space", 2),
        (("--space", "binaural", "--azimuth", "181"), "nearest: 180", 2),
        (("--space", "binural"), "did you mean 'binaural'?", 2),
        (("--seconds", "0"), "nearest: 0.05", 2),
        (("--seconds", "-1"), "nearest: 0.05", 2),
        (("--seconds", "nan"), "finite", 2),
        (("--seconds", "1e9"), "nearest: 3600", 2),
        (("--rate", "22050"), "rate: 22050 is not one of 44100, 48000, 88200, 96000; nearest: 44100", 2),
        (("--rate", "47999"), "nearest: 48000", 2),
        (("--rate", "1000000"), "nearest: 96000", 2),
        (("--slider", "brightness=nan"), "brightness=nan is not a number; choose one of 0-100", 2),
        (("--slider", "brightness=inf"), "nearest: brightness=100", 2),
        (("--slider", "brightness=-1"), "nearest: brightness=0", 2),
        (("--slider", "brightnes=3"), "did you mean 'brightness'?", 2),
        (("--slider", "density=50"), "not in these sounds", 2),
    ],
)
def test_what_can_not_be_is_one_line_GEN_01_OUT_07(
    home: Path, tmp_path: Path, options: tuple[str, ...], said: str, code: int
) -> None:
    shelf.model()
    shelf.take("gen_a")
    for name in ("voice.wav", "voice.wva"):
        (tmp_path / name).write_bytes(b"RIFF")
    at = [word.replace("{tmp}", str(tmp_path)) for word in options]
    line = refused("generate", "drums", *at, code=code)
    assert said in line and "\x1b" not in line
    assert nothing_was_queued()


def test_a_take_whose_audio_is_gone_says_how_to_make_it_again(home: Path) -> None:
    shelf.model()
    take = shelf.take("gen_a")
    Path(take["path"]).unlink()
    assert f"--from {take['id']}" in refused("generate", "drums", "--resynthesise", "gen_a", code=3)


def test_out_of_reach_is_allowed_and_said_GEN_08(home: Path) -> None:
    shelf.model()
    done = run("generate", "drums", "--slider", "warmth=80", "--detach")
    assert "these sounds get to about 60" in done.stderr


# --- a take again ----------------------------------------------------------------------------------


def spec_of(model: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The packed spec that a take's record holds."""
    return json.loads(json.dumps(specs.pack(specs.make(specs.Generate, model=model["id"], **values))))


def made_by(model: dict[str, Any], name: str = "gen_a", **values: Any) -> dict[str, Any]:
    return shelf.take(
        name, model=model["id"], model_sha256=model["sha256"], spec=spec_of(model, **values)
    )  # fmt: skip


SAID = {"seconds": 2.5, "seed": 41, "sliders": {"brightness": 33.0, "explore1": 80.0}, "render": "heap",
        "wander": 0.7, "space": "binaural", "azimuth": -20.0, "format": "flac", "rate": 44100,
        "bits": "16"}  # fmt: skip


def test_from_repeats_every_field_GEN_09(home: Path) -> None:
    model = shelf.model()
    take = made_by(model, **SAID)
    spec = asked("--from", "gen_a")
    assert spec == take["spec"]
    assert asked("drums", "--from", take["id"][:7]) == take["spec"], "its own model may be named"


def test_from_rebuilds_the_request_of_an_older_record_GEN_09(home: Path) -> None:
    model = shelf.model()
    shelf.take("gen_a", 7, 20.0, model=model["id"], model_sha256=model["sha256"], wander=0.4, preset="gone")
    spec = asked("--from", "gen_a")
    told = {name: spec[name] for name in ("seed", "sliders", "seconds", "rate", "bits", "wander", "preset")}
    assert told == {"seed": 7, "sliders": {"brightness": 20.0}, "seconds": 0.8, "rate": 48000, "bits": "16",
                    "wander": 0.4, "preset": "gone"}  # fmt: skip


def test_options_beside_from_change_one_thing_and_are_said_GEN_09(home: Path) -> None:
    model = shelf.model()
    other = shelf.model("keys")
    made_by(model, **SAID)
    done = run("generate", "--from", "gen_a", "--seed", "42", "--slider", "warmth=40", "--seconds", "2.5",
               "--detach")  # fmt: skip
    spec = actions.jobs()[-1].spec
    assert spec["seed"] == 42 and spec["sliders"] == SAID["sliders"] | {"warmth": 40.0}
    said = done.stderr.strip().splitlines()
    assert "seed: 42 instead of 41" in said
    assert len([line for line in said if "instead of" in line]) == 2, "what is the same is no change"
    done = run("generate", "keys", "--from", "gen_a", "--detach")
    assert actions.jobs()[-1].spec["model"] == other["id"]
    assert "model: keys instead of drums" in done.stderr


def test_from_needs_the_same_model_GEN_09(home: Path) -> None:
    model = shelf.model()
    made_by(model, **SAID)
    actions.library().models.amend(model["id"], sha256="0" * 64)
    assert "no longer what made it" in refused("generate", "--from", "gen_a", code=4)
    actions.trash("models", "drums")
    assert "models restore" in refused("generate", "--from", "gen_a", code=3)
    shelf.take("gen_b", model=shelf.model("keys")["id"])
    assert "does not say which model" in refused("generate", "--from", "gen_b", code=4)
    assert nothing_was_queued()


def test_from_a_sidecar_and_from_the_file_beside_it_GEN_09_META(home: Path, tmp_path: Path) -> None:
    take = made_by(shelf.model(), **SAID)
    quality = {"level_dbfs": -20.0, "nearest": "kick.wav", "nearest_distance": 0.4}
    take = actions.library().takes.amend(take["id"], quality=quality, reached={"brightness": 31.2})
    actions.trash("takes", "gen_a")
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    (tmp_path / "x.wav.json").write_text(json.dumps(take))
    for name in ("x.wav", "x.wav.json"):
        assert asked("--from", tmp_path / name) == take["spec"]
    (tmp_path / "bare.wav").write_bytes(b"RIFF")
    assert "bare.wav.json is needed" in refused("generate", "--from", tmp_path / "bare.wav", code=3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"spec": {"seconds": 1e9}}, "nearest: 3600"),
        ({"spec": {"seconds": "nan"}}, "finite"),
        ({"spec": {"seconds": [1]}}, "not a number"),
        ({"spec": {"sliders": {"brightness": 1e300}}}, "outside 0-100"),
        ({"spec": {"sliders": 3}}, "sliders"),
        ({"spec": {HOSTILE: 1}}, "unknown field"),
        ({"spec": {"recipe": "vae"}}, "not that of a take"),
        ({"spec": {"preset": HOSTILE}}, "control"),
        ({"spec": {"lineage": ["8", "9:2"]}}, "amount is outside 0-1"),
        ({"spec": {"lineage": [HOSTILE]}}, "not a seed"),
        ({"spec": {"lineage": ["1"] * 99}}, "at most 50"),
        ({"spec": []}, "an object is needed"),
        ({"sliders": "x"}, "sliders"),
        ({"id": "../../x"}, "id"),
        ({"model_sha256": HOSTILE}, "no longer what made it"),
        ({"model_sha256": None}, "does not say"),
    ],
)
def test_a_hostile_sidecar_is_one_line_GEN_09_META(
    home: Path, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    take = made_by(shelf.model(), **SAID)
    spec = change.get("spec")
    merged = {**take["spec"], **spec} if isinstance(spec, dict) else spec or take["spec"]
    path = tmp_path / "x.json"
    path.write_text(json.dumps({**take, **change, "spec": merged if spec != [] else [1]}))
    line = refused("generate", "--from", path, code=4)
    assert said in line and "\x1b" not in line
    assert nothing_was_queued()


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"a": NaN}', "[" * 100_000, "\xff"])
def test_a_sidecar_that_is_none_is_refused_GEN_09(home: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    refused("generate", "--from", path, code=4)


def test_a_sidecar_never_says_where_to_write_META(home: Path, tmp_path: Path) -> None:
    take = made_by(shelf.model(), **SAID)
    path = tmp_path / "x.json"
    spec = {**take["spec"], "out": str(tmp_path / "evil.wav"), "count": 99, "preview": True}
    path.write_text(json.dumps({**take, "spec": spec}))
    queued = asked("--from", path)
    assert (queued["out"], queued["count"], queued["preview"]) == ("", 1, False)


def test_a_variation_is_as_its_take_with_the_next_seed_GEN_09(home: Path) -> None:
    model = shelf.model()
    take = made_by(model, **SAID)
    spec = asked("--vary", "gen_a", "--amount", "0.1")
    assert spec == {**take["spec"], "vary": take["id"], "amount": 0.1, "seed": 42}
    assert asked("--vary", "gen_a", "--seed", "5", "--seconds", "9")["seed"] == 5
    over = made_by(model, "gen_b", between=[take["id"], take["id"]])
    assert asked("--vary", "gen_b")["between"] == over["spec"]["between"], "over the same sounds"


def test_without_model_take_or_sidecar_it_says_what_is_missing_CLI(home: Path) -> None:
    assert "MODEL is missing" in refused("generate", code=2)
