"""Takes filtered from the command line, by the same code as in the studio."""

from pathlib import Path

import pytest

from studio import actions
from tests.commands import shelf
from tests.commands.front import ask, refused, run


def test_takes_ls_filters_as_the_studio_does_HIST_01(home: Path) -> None:
    model = shelf.model()
    shelf.take("gen_a", 1, model=model["id"], preset="dusk")
    shelf.take("gen_b", 5, format="flac", created="2026-11-01T12:00:00Z")
    shelf.take("gen_c", 9, created="2026-10-01T12:00:00Z")

    def names(*options: str) -> list[str]:
        return [one["name"] for one in ask("takes", "ls", *options)]

    assert names("--model", "drums", "--seed", "1-3") == ["gen_a"]
    assert names("--preset", "DUSK") == ["gen_a"]
    assert names("--seed", "3-9", "--after", "2026-10") == ["gen_b"]
    assert names("--before", "2026-11") == ["gen_c"]
    assert names("--where", "model:drums format:flac gen") == ["gen_b"]
    assert names("--date", "2026-10-01..2026-11-01", "--where", "marked") == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--where", "modle:drums"), "did you mean 'model'?"),
        (("--seed", "x"), "whole number"),
        (("--after", "yesterdy"), "did you mean 'yesterday'?"),
        (("--where", "marked:1"), "no key 'marked:'"),
    ],
)
def test_a_wrong_filter_is_one_line_HIST_01(home: Path, options: tuple[str, ...], said: str) -> None:
    assert said in refused("takes", "ls", *options, code=2)


def test_several_takes_go_at_once_and_come_back_at_once(home: Path) -> None:
    for name in ("gen_a", "gen_b", "gen_c"):
        shelf.take(name)
    refused("takes", "rm", "gen_a", "gen_x", code=3)
    assert len(actions.takes()) == 3
    assert [one["name"] for one in ask("takes", "rm", "gen_a", "gen_c")] == ["gen_a", "gen_c"]
    assert [one["name"] for one in actions.takes()] == ["gen_b"]
    assert run("undo").stdout.count("is as it was") == 2
    assert len(actions.takes()) == 3
