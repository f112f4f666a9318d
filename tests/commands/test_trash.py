"""Folders of presets, blind votes and the trash from the command line."""

from pathlib import Path

import pytest

from store.shapes import check
from studio import actions, pairing
from tests.commands import shelf
from tests.commands.front import ask, refused, run


def test_presets_have_folders_PRES_02(home: Path) -> None:
    model = shelf.model()
    ask("presets", "save", "night", "--model", "drums", "--slider", "brightness=20", "--folder", "dark/late")
    ask("presets", "save", "day", "--slider", "glitter=80", "--folder", "darkness")
    assert [one["name"] for one in ask("presets", "ls", "--folder", "dark")] == ["night"]
    assert ask("presets", "move", "day", " dark / ")["folder"] == "dark"
    assert [one["name"] for one in ask("presets", "ls", "--folder", "dark")] == ["night", "day"]
    found = ask("presets", "ls", "--where", "folder:dark model:drums")
    assert [(one["name"], one["model"]) for one in found] == [("night", model["id"])]
    assert ask("presets", "move", "day", "")["folder"] == ""
    assert ask("undo")["folder"] == "dark"
    assert "control" in refused("presets", "move", "day", "a\x1b[31mb", code=2)
    assert "no key 'seeed:'" in refused("presets", "ls", "--where", "seeed:1", code=2)


def test_a_take_becomes_a_preset_PRES_01(home: Path) -> None:
    model = shelf.model()
    shelf.take("gen_a", 7, 20, model=model["id"])
    made = ask("presets", "save", "kept", "--take", "gen_a", "--folder", "best")
    assert (made["sliders"], made["seed"], made["model"]) == ({"brightness": 20}, 7, model["id"])
    other = ask("presets", "save", "kept2", "--take", "gen_a", "--slider", "brightness=30", "--seed", "1")
    assert (other["sliders"], other["seed"]) == ({"brightness": 30}, 1)
    actions.trash("models", model["id"])
    assert ask("presets", "save", "kept3", "--take", "gen_a")["model"] == ""
    refused("presets", "save", "kept4", "--take", "gen_x", code=3)


def test_compare_says_the_votes_and_the_gain_AB_03(home: Path, tmp_path: Path) -> None:
    a = shelf.take("gen_a", 1, quality={"level_dbfs": -20.0})
    b = shelf.take("gen_b", 2, quality={"level_dbfs": -23.2})
    for winner, loser in ((a, b), (a, b), (b, a)):
        pairing.vote(winner["id"], loser["id"])
    found = ask("takes", "compare", "gen_a", "gen_b")
    assert found["blind"] == {"votes": [2, 1], "p": 1.0, "verdict": "A 2 of 3, that is what chance gives"}
    assert found["loudness"] == {"by": "rms level", "gain_db": [-3.2, 0.0]}
    text = run("takes", "compare", "gen_a", "gen_b").stdout
    assert "as loud: A -3.2 dB, by rms level" in text and "blind: A 2 of 3" in text
    assert ask("takes", "compare", "gen_b", "gen_a")["blind"]["votes"] == [1, 2]
    check("takes", ask("takes", "show", "gen_a"), "as it is exported")


@pytest.mark.parametrize("blind", [{"x": {"won": 10**30}}, {"x": 1}, {"won": {}}])
def test_votes_of_a_strange_record_are_none_AB_03(home: Path, blind: dict) -> None:
    shelf.take("gen_a", blind=blind)
    shelf.take("gen_b")
    assert ask("takes", "compare", "gen_a", "gen_b")["blind"]["votes"] == [0, 0]


def test_the_trash_is_listed_and_emptied_TRASH_01(home: Path) -> None:
    assert ask("trash", "ls") == [] and "empty" in run("trash", "ls").stdout
    take, model = shelf.take("gen_a"), shelf.model()
    actions.library().takes.amend(take["id"], name="x\x1b[31m")
    kept = shelf.take("gen_b")
    actions.save_preset("night", "", {"brightness": 20})
    ask("takes", "rm", take["id"])
    ask("models", "rm", "drums")
    ask("presets", "rm", "night")
    found = ask("trash", "ls")
    assert [one["kind"] for one in found] == ["preset", "model", "take"]
    assert [one["disk_bytes"] > 0 for one in found] == [False, True, True]
    text = run("trash", "ls").stdout
    assert "its weights" in text and "1 slider" in text and "\x1b" not in text
    assert "3 records" in refused("trash", "empty", code=2)
    assert Path(take["path"]).exists()
    gone = ask("trash", "empty", "--yes")
    assert gone["count"] == 3 and gone["disk_bytes"] == sum(one["disk_bytes"] for one in found)
    assert not Path(take["path"]).exists() and not Path(model["path"]).exists()
    assert Path(kept["path"]).exists() and ask("trash", "ls") == []
