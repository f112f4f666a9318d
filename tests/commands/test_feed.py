"""Sounds onto a model and takes into a dataset, from the command line."""

from pathlib import Path

import pytest

from studio import actions
from tests import sounds
from tests.commands import shelf
from tests.commands.front import ask, refused, run


def a_dataset(tmp_path: Path, name: str = "kit") -> str:
    """A dataset of six real sounds; its id."""
    folder = tmp_path / name
    sounds.write_folder(folder, count=6, seconds=0.5)
    return ask("data", "add", folder, "--name", name)["id"]


def test_takes_are_fed_beside_the_sounds_of_a_dataset_FEED_01_02(home: Path, tmp_path: Path) -> None:
    kit = a_dataset(tmp_path)
    shelf.take("gen_a")
    fed = ask("data", "feed", "kit", "gen_a", "gen_a", "--name", "second")
    assert fed["id"] != kit and fed["name"] == "second"
    shown = ask("data", "show", "second")
    made = [sound for sound in shown["sounds"] if sound.get("generated")]
    assert len(made) == 1 and len(shown["sounds"]) == 7
    assert "yes, generated" in run("data", "show", "second").stdout
    assert len(ask("data", "show", "kit")["sounds"]) == 6
    alone = ask("data", "feed", "-", "gen_a")
    assert [sound["generated"] for sound in ask("data", "show", alone["id"])["sounds"]] == [True]


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("kit", "gen_x"), "no take", 3),
        (("kti", "gen_a"), "no dataset", 3),
        (("-", "gone"), "makes it again", 3),
        (("-", "gen_a", "--name", "\x1b[31m"), "control", 2),
        (("-",), "Missing argument", 2),
    ],
)
def test_what_can_not_be_fed_is_one_line_FEED_01(
    home: Path, words: tuple[str, ...], said: str, code: int
) -> None:
    shelf.take("gen_a")
    Path(shelf.take("gone")["path"]).unlink()
    line = refused("data", "feed", *words, code=code)
    assert said in line and "\x1b" not in line
    assert actions.jobs() == []


def test_add_to_continues_a_model_with_its_own_sounds_INCR_01_02(home: Path, tmp_path: Path) -> None:
    model, kit = shelf.model(), a_dataset(tmp_path)
    run("train", "kit", "--add-to", "drums", "--set", "old_share=0.3", "--augment", "no", "--detach")
    spec = actions.jobs()[-1].spec
    assert (spec["dataset"], spec["continue_from"], spec["add"]) == (kit, model["id"], True)
    assert (spec["old_share"], spec["augment"]) == (0.3, False)


@pytest.mark.parametrize(
    ("options", "said", "code"),
    [
        (("--add-to", "drmus"), "nearest: 'drums'", 3),
        (("--add-to", "drums", "--set", "continue_from=drums"), "given twice", 2),
        (("--add-to", "drums", "--set", "old_share=2"), "nearest: 0.95", 2),
        (("--augment", "maybe"), "yes or no", 2),
    ],
)
def test_what_can_not_be_added_is_one_line_INCR_01(
    home: Path, tmp_path: Path, options: tuple[str, ...], said: str, code: int
) -> None:
    shelf.model()
    a_dataset(tmp_path)
    before = len(actions.jobs())
    assert said in refused("train", "kit", *options, code=code)
    assert len(actions.jobs()) == before
