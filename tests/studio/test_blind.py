"""Two takes heard blind in the real app: nothing on the screen tells which is which, and votes are kept."""

import re
from pathlib import Path
from typing import Any

import pytest

from store import paths
from store.library import Library
from studio.frame import Studio
from studio.listen.wav import read_wav
from studio.pairing import Votes, votes
from tests.studio import house
from tests.studio.conftest import shown, studio, until

SIZES = [(80, 24), (120, 40)]
A, B = "06" * 6, "05" * 6
"""What ``a``, ``j``, ``b`` load."""


def listening(app: Studio) -> list[tuple[str, str, float, float]]:
    """What the app is asked to play from now on: path, title, place, gain; it is played as ever."""
    asked: list[tuple[str, str, float, float]] = []
    play = app.play

    def heard(path: str, title: str, at: float = 0.0, gain: float = 1.0) -> None:
        asked.append((path, title, at, gain))
        play(path, title, at, gain)

    app.play = heard  # type: ignore[method-assign]
    return asked


def traces(record: dict[str, Any]) -> list[str]:
    """What would give a take away."""
    return [record["id"], record["name"], record["path"], f"#{record['seed']}", f"seed {record['seed']}"]


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_tells_which_is_which_AB_03(library: Library, size: tuple[int, int]) -> None:
    app = studio("history")
    async with app.run_test(size=size) as pilot:
        asked = listening(app)
        await pilot.press("a", "j", "b", "B")
        for key in ("", "x", "x", "V", "k", "j", "space", "enter", "y"):
            await pilot.press(*([key] if key else []))
            await pilot.pause()
            text = shown(app)
            for id in (A, B):
                for trace in traces(library.takes.get(id) or {}):
                    seen = (text, app.player.path, app.clipboard)
                    assert not any(trace in words for words in seen), (key, trace)
            assert len(re.findall("one of the two you hear", text)) == 2
            assert not app.page.pictures.display, "the waveform would tell"
        assert {title for _, title, _, _ in asked} == {"X", "Y"}
        assert not any("dB" in title for _, title, _, _ in asked)


async def test_what_is_played_are_the_two_takes_shuffled_AB_03(library: Library) -> None:
    """Over the rounds X is now the one, now the other; each is as loud as the softer one."""
    sounds = {Path((library.takes.get(id) or {})["path"]).read_bytes(): id for id in (A, B)}
    app = studio("history")
    seen = set()
    async with app.run_test(size=(80, 24)) as pilot:
        asked = listening(app)
        await pilot.press("a", "j", "b", "B")
        for _ in range(12):
            await pilot.press("x")
            await pilot.pause()
            pair = {title: sounds[Path(path).read_bytes()] for path, title, _, _ in asked[-2:]}
            assert sorted(pair.values()) == sorted([A, B])
            gains = {sounds[Path(path).read_bytes()]: gain for path, _, _, gain in asked[-2:]}
            assert gains[A] == 1.0 and gains[B] == pytest.approx(10 ** (-1 / 20))
            seen.add(pair["X"])
            await pilot.press("V")
            await pilot.pause()
        assert seen == {A, B}, "a coin that falls on one side twelve times"
        assert len(app.page.pair.blind.votes) == 12


async def test_votes_are_kept_and_revealed_AB_03(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("a", "j", "b", "B", "V")
        await pilot.pause()
        assert "hear the other one first" in shown(app)
        blind = app.page.pair.blind
        for _ in range(3):
            await pilot.press("x")
            if blind.side(blind.here) != "b":
                await pilot.press("x")
            await pilot.press("V")
            await pilot.pause()
        first, second = (Library().takes.get(id) or {} for id in (A, B))
        assert votes(first, second) == Votes(0, 3), "each is kept at once"
        await pilot.press("B")
        await pilot.pause()
        text = shown(app)
        assert "B 3 of 3, could be chance 1 in 4" in " ".join(text.split())
        assert app.page.pair.blind is None and "#4" in text and app.page.pictures.display
        assert "X" not in app.transport.what.title and not list((paths.cache() / "blind").rglob("*.wav"))


async def test_takes_of_other_lengths_end_together_AB_03(library: Library) -> None:
    longer = library.takes.get(A) or {}
    house.tone(Path(longer["path"]), 0.5, pitch=700)
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        asked = listening(app)
        await pilot.press("a", "j", "b", "B", "x")
        await pilot.pause()
        files = [read_wav(path) for path, _, _, _ in asked]
        assert {round(wav.seconds, 3) for wav in files} == {0.2}
        assert len({Path(wav.path).stat().st_size for wav in files}) == 1
        assert "both end where the shorter one does" in shown(app)
    assert read_wav(longer["path"]).seconds == 0.5, "the take itself is as it was"


async def test_a_blind_sitting_is_there_after_a_restart_and_ends_with_its_takes_AB_03(
    library: Library,
) -> None:
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "j", "b", "B", "x", "V")
        await pilot.press("q")
        await pilot.pause()
    again = studio("")
    async with again.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "1 vote so far" in shown(again) and "#4" not in shown(again)
        await pilot.pause(0.2)
        library.takes.trash(A)
        await until(pilot, "one of the two is in the trash")
        assert again.page.pair.blind is None


async def test_blind_needs_two_different_takes_AB_03(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("B")
        await pilot.pause()
        assert "load two takes first" in shown(app)
        await pilot.press("a", "b", "B")
        await pilot.pause()
        assert "the same take" in shown(app) and app.page.pair.blind is None


async def test_swap_keeps_the_place_and_says_the_gain_AB_02(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=(120, 40)) as pilot:
        asked = listening(app)
        await pilot.press("a", "j", "b", "x")
        await pilot.pause()
        app.player.seek_to(0.1)
        await pilot.press("x")
        await pilot.pause()
        (_, _, at_a, gain_a), (_, title, at_b, gain_b) = asked
        assert (at_a, gain_a) == (0.0, 1.0)
        assert at_b == pytest.approx(0.1, abs=0.01) and gain_b == pytest.approx(10 ** (-1 / 20))
        assert title.startswith("B gen_") and title.endswith("-1.0 dB")
        assert "B -1.0 dB, by rms level" in shown(app)
