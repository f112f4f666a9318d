"""Repair in the studio: from the Lab to the gap browser, a training in panels, what it leaves (GAP-11)."""

import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from jobs import specs
from store import paths, stream
from studio import actions
from studio.looking import Subject
from studio.screens.dialog import Ask
from studio.screens.gap_row import length, moment, row, words
from studio.screens.gaps import Gaps
from studio.screens.jobs import subject_of
from studio.screens.kept import Repairers
from studio.screens.learned import interval, report, verdict
from studio.screens.panels import BAR, Panels
from studio.screens.repairing import beside, trace_of
from studio.screens.scored import better, targets, ways
from studio.screens.steps import Steps
from studio.sight import Sight
from studio.widgets import gap
from studio.widgets.curves import Curves
from studio.widgets.ink import Ink, load
from tests.studio import repairs, states
from tests.studio.conftest import shown, studio, until

RATE = 48_000
INK, MONO = Ink(load("woodshed")), Ink(load("woodshed"), Sight(color="none"))


def melody(folder: Path, seconds: float = 0.6) -> tuple[Path, Path]:
    """A falling tone with a little noise, and a trace that loses three of its packets of 10 ms."""
    time_axis = np.arange(round(seconds * RATE)) / RATE
    wave = np.sin(2 * np.pi * (500 - 100 * time_axis) * time_axis) * np.exp(-time_axis)
    noise = np.random.default_rng(1).standard_normal(len(wave))
    soundfile.write(folder / "bells.wav", 0.4 * wave + 0.01 * noise, RATE, subtype="PCM_24")
    lost = [0] * round(seconds * 100)
    for packet in (12, 30, 31):
        lost[packet] = 1
    (folder / "bells.txt").write_text("\n".join(map(str, lost)) + "\n")
    return folder / "bells.wav", folder / "bells.txt"


def listening(app: Any) -> list[tuple[str, str, float, float]]:
    """What ``play`` is asked for from here on."""
    asked: list[tuple[str, str, float, float]] = []
    app.play = lambda path, title, at=0.0, gain=1.0: asked.append((path, title, at, gain))
    return asked


async def form(pilot: Any) -> Any:
    """The fields of the form that is asked."""
    await pilot.pause(0.3)
    assert isinstance(pilot.app.screen, Ask), shown(pilot.app)
    return pilot.app.screen.form


# --- from the Lab ----------------------------------------------------------------------------------


async def test_a_sound_is_repaired_compared_and_scored_from_the_lab_GAP_11(
    home: Path, tmp_path: Path
) -> None:
    sound, trace = melody(tmp_path)
    app = studio("lab", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        app.page.add(Subject(str(sound), sound.name))
        await pilot.press("r")
        fields = await form(pilot)
        # The file beside it is its trace, the repaired one lies beside it too.
        assert fields.values["trace"] == str(trace)
        assert fields.values["out"] == str(tmp_path / "bells_repaired.wav")
        await pilot.press("ctrl+r")
        await until(pilot, "bells_repaired.wav is B")
        made = app.page.list.item
        assert (tmp_path / "bells_repaired.wav").exists() and made.name == "bells_repaired.wav"
        assert app.page.sides == {"a": str(sound), "b": made.path}
        asked = listening(app)
        await pilot.press("x")
        assert asked[-1][0] == str(sound) and app.page.list.item.path == str(sound)

        await pilot.press("r")
        fields = await form(pilot)
        assert fields.values["trace"] == str(trace), "as it was repaired by"
        await pilot.press("ctrl+r")
        text = await until(pilot, "this gap")
        assert isinstance(app.screen, Gaps)
        assert "bells_repaired.wav against bells.wav" in text and "2 gaps, 5 % lost" in text
        assert "0:00.120   10" in text and "▌0:00.300   20" in text, "the worst one is under the cursor"
        for words in (
            "mastered",
            "composite",
            "ΔFFT %",
            "oracle",
            "━━ truth",
            "━━ made",
            "┄┄ AR-512",
            "✓ met",
        ):
            assert words in text, words
        gaps = actions.left(actions.job(app.screen.job))["each"]
        assert f"{gaps[1]['gap_sdr_db']:.1f}" in text and f"{gaps[1]['oracle_db']:.1f}" in text

        await pilot.press("escape", "3")
        await until(pilot, "▌✓ done         score     bells_repaired.wav")
        await pilot.press("v")
        await until(pilot, "this gap")


async def test_what_a_score_is_refused_for_is_said_and_the_form_keeps_what_was_typed_GAP_11(
    home: Path, tmp_path: Path
) -> None:
    sound, _ = melody(tmp_path)
    soundfile.write(tmp_path / "short.wav", np.zeros(4800) + 0.1, RATE, subtype="PCM_24")
    app = studio("lab", wake=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        app.page.add(Subject(str(sound), sound.name))
        await pilot.press("a", "b", "r")
        await pilot.pause(0.2)
        assert "one and the same sound" in shown(app)
        app.page.add(Subject(str(tmp_path / "short.wav"), "short.wav"))
        await pilot.press("b", "r")
        (await form(pilot)).set("trace", "no such network")
        await pilot.press("ctrl+r")
        await until(pilot, "a network is one of", 30)
        await pilot.press("r")
        fields = await form(pilot)
        assert fields.values["trace"] == "no such network"
        fields.set("trace", "stress")
        await pilot.press("ctrl+r")
        text = await until(pilot, "✗ short.wav")
        assert isinstance(app.screen, Gaps) and "samples" in text
        await pilot.press("n", "x", "space", "escape")
        await pilot.pause(0.2)
        assert not isinstance(app.screen, Gaps)


def test_a_repaired_sound_never_lands_in_the_library_or_on_another_file_GAP_11(
    home: Path, tmp_path: Path
) -> None:
    sound, trace = melody(tmp_path)
    subject = Subject(str(sound), sound.name)
    assert trace_of(subject) == str(trace)
    (tmp_path / "bells_repaired.wav").touch()
    assert beside(subject, "repaired") == tmp_path / "bells_repaired_2.wav"
    assert beside(Subject(str(tmp_path / "a.mp3"), "a.mp3"), "repaired").name == "a_repaired.wav", (
        "MP3 has no 24 bits"
    )
    take = Subject(str(paths.takes() / "0101.flac"), "dusk")
    assert beside(take, "repaired") == Path.home() / "dusk_repaired.flac" and trace_of(take) == "typical"


# --- the gap browser -------------------------------------------------------------------------------


async def test_gaps_are_walked_from_worst_to_best_ordered_and_sifted_GAP_11(home: Path) -> None:
    app = studio("jobs")
    with states.repairing() as (score, _):
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause(0.3)
            await app.push_screen(Gaps(score))
            await until(pilot, "this gap")
            screen = app.screen
            sdr = [one["gap_sdr_db"] for one in screen.found["each"] if one["gap_sdr_db"] is not None]
            assert screen.list.item["gap_sdr_db"] == min(sdr)
            await pilot.press("p")
            assert "that is the worst one" in shown(app)
            await pilot.press("n", "n")
            assert screen.list.item["gap_sdr_db"] == sorted(sdr)[2]
            assert "0 ms" in shown(app) and moment(screen.list.item["start_seconds"]) in shown(app)
            await pilot.press("o")
            assert "worst first" in shown(app)
            await pilot.press("g")
            assert screen.list.item["gap_sdr_db"] == min(sdr)
            await pilot.press("G")
            assert screen.list.item["gap_sdr_db"] is None and "silent" in shown(app)
            await pilot.press("o", "g")
            over = [one["gap_sdr_db"] - one["ar-512_db"] for one in screen.list.items[:-1]]
            assert over == sorted(over)
            await pilot.press("slash", *"better", "enter")
            assert screen.list.shown and all(
                one["gap_sdr_db"] > one["ar-512_db"] for one in screen.list.shown
            )
            before = shown(app)
            await pilot.press("b")
            assert "AR-512" in before.split("made")[1].splitlines()[0]
            assert "AR-512" not in shown(app).split("━━ made")[1].splitlines()[0]
            await pilot.press("plus")
            assert screen.wave.seen < gap.SEEN
            await pilot.press("y")
            assert app.clipboard == "/sounds/bells_repaired.wav"
            await pilot.press("question_mark")
            await pilot.pause(0.3)
            assert "the other one from the same place" in shown(app)


async def test_truth_and_what_was_made_are_heard_from_the_same_place_GAP_11(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = studio("jobs")
    with states.repairing() as (score, _):
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause(0.3)
            await app.push_screen(Gaps(score))
            await until(pilot, "this gap")
            asked = listening(app)
            start = app.screen.list.item["start_seconds"]
            await pilot.press("space")
            assert asked == [("/sounds/bells_repaired.wav", asked[0][1], pytest.approx(start - 0.4), 1.0)]
            assert "made ♪" in shown(app)
            monkeypatch.setattr(type(app.player), "playing", property(lambda player: True))
            monkeypatch.setattr(type(app.player), "position", property(lambda player: 0.123))
            await pilot.press("x")
            assert asked[-1][0] == "/sounds/bells.wav" and asked[-1][2:] == (0.123, 1.0)
            await until(pilot, "truth ♪", 30)
            await pilot.press("space")
            assert len(asked) == 2 and "♪" not in shown(app), "space stops what is heard"
            monkeypatch.undo()
            await pilot.press("space")
            # It ends by itself behind the gap.
            end = time.monotonic() + 5
            while "♪" in shown(app):
                assert time.monotonic() < end
                await pilot.pause(0.1)


async def test_a_file_without_a_trace_is_scored_alone_GAP_11(home: Path) -> None:
    app = studio("jobs")
    with states.repairing() as (score, _):
        path = paths.run(score) / "score.json"
        kept = ("truth", "output", "profile", "mode", "composite", "tier", "mastered", "measures", "failing")
        whole = json.loads(path.read_text())
        path.write_text(json.dumps({key: whole[key] for key in kept}))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause(0.3)
            await app.push_screen(Gaps(score))
            text = await until(pilot, "alone is scored.")
            assert "0.930 very good" in text and "gaps ✗" not in text and "✓ met" in text
            await pilot.press("space", "x", "n", "o")
            (path.parent / "score.json").unlink()
            await pilot.press("escape")
            await app.push_screen(Gaps(score))
            await until(pilot, "tidied away")


@pytest.mark.parametrize("ink", [INK, MONO])
def test_a_gap_is_drawn_where_it_is_and_alike_outside_of_it_GAP_11(ink: Ink) -> None:
    view = repairs.view(0, {"start_seconds": 1.0, "ms": 10.0, "gap_sdr_db": 3.0})
    rows = gap.draw(view, 60, 12, ink)
    assert [row.cell_length for row in rows] == [60] * 12
    bracket = rows[-1].text
    first, last = bracket.index("╰"), bracket.index("╯")
    assert first == pytest.approx(20, abs=1) and last == pytest.approx(40, abs=1) and " 10 ms " in bracket
    assert bracket.startswith("0.990 s") and bracket.endswith("1.020 s")
    assert all(math.isnan(one) for one in gap.apart(view["output"], view["truth"])[:100])
    inside = [x for row in rows for x in _inked(row, gap.INKS[gap.OUTPUT], ink)]
    assert ink.mono or (min(inside) >= first and max(inside) <= last + 1)
    without = gap.draw(view, 60, 12, ink, baseline=False)
    assert [row.text for row in without] != [row.text for row in rows]
    nearer = gap.draw(view, 60, 12, ink, ends=gap.around(view, 1.0))[-1].text
    assert nearer.count("─") > bracket.count("─")


def _inked(row: Any, name: str, ink: Ink) -> list[int]:
    """Columns of a row in an ink, whatever its ground."""
    cells = [(char, segment.style) for segment in row for char in segment.text]
    inks = ink[name], ink[f"{name} on panel"]
    return [x for x, (char, style) in enumerate(cells) if char != " " and style in inks]


@pytest.mark.parametrize(
    ("ms", "said"), [(4.8333, "4.8"), (10.0, "10"), (99.96, "100"), (1234.5, "1234"), (9999.9, "10 s")]
)
def test_a_gap_stands_apart_from_the_time_at_which_it_begins_GAP_11(ms: float, said: str) -> None:
    one = {"start_seconds": 3.8, "ms": ms, "gap_sdr_db": 21.2, "ar-512_db": 20.0}
    assert "".join(words for words, _ in row(one, 36)).split()[:-2] == ["0:03.800", *said.split(), "21.2"]


def test_rows_and_targets_say_it_without_colours_GAP_11() -> None:
    one = {"start_seconds": 75.0054, "ms": 12.5, "gap_sdr_db": -0.04, "ar-512_db": 0.46}
    words = "".join(words for words, _ in row(one, 32))
    assert words.split() == ["1:15.005", "12.5", "0.0", "▾", "-0.5"], "what is nearly nothing has no sign"
    assert better(1.26) == ("▲ +1.3", "good") and better(0.01)[0] == "· +0.0" and better(None)[0] == ""
    found = repairs.found([])
    said = ["".join(words for words, _ in line) for line in targets(found, 44)]
    assert any("21.3 ✓ met" in line and "6.1 ✗ missed" in line for line in said)
    assert "missed by 13.9" in "".join(words for line in targets(found, 80) for words, _ in line)
    for width in (44, 45, 80):
        rows = ["".join(words for words, _ in line) for line in ways(found, None, width)]
        assert all(len(line) <= width for line in rows) and "oracle" in rows[0] and "7.6" in rows[-1]


# --- panels ----------------------------------------------------------------------------------------


async def test_nine_panels_follow_a_training_by_the_second_GAP_11(home: Path) -> None:
    app = studio("jobs")
    with states.repairing() as (_, training):
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause(0.3)
            await pilot.press("v")
            text = await until(pilot, "spectrogram")
            assert isinstance(app.screen, Panels)
            titles = [str(panel.border_title) for panel in app.screen.panels]
            assert len(titles) == 9 and all(f"─ {title} ─" in text for title in titles), titles
            assert "of speech alone" in text and "best +0.57 dB" in text and "800/1200 step" in text
            more = {"loss": 0.125, "gain_db": 2.5, "pesq_wb": 2.25, "stoi": 0.875}
            stream.say(paths.events(training), kind="row", step=850, lr=1e-3, **more)
            stream.say(paths.events(training), kind="progress", done=850, total=1200, unit="step")
            repairs.look(training, 850, sdr=7.7)
            text = await until(pilot, "best +2.50 dB over all prediction at step 850", 30)
            assert "850/1200 step" in text and "all together 0.125" in text
            assert "PESQ 2.25" in text and "STOI 0.875" in text and "a gap of 10 ms, 7.7 dB" in text
            assert "of speech alone" not in text
            # A look that is being spoilt leaves the one before it.
            (paths.run(training) / "look.json").write_text('{"waves": 3')
            await pilot.pause(1.2)
            assert "7.7 dB" in shown(app)
            await pilot.press("L", "l")
            await until(pilot, f"log of {training}", 30)


async def test_panels_come_a_row_at_a_time_where_the_terminal_is_small_GAP_11(home: Path) -> None:
    app = studio("jobs")
    with states.repairing() as (_, training):
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause(0.3)
            await app.push_screen(Panels(training))
            text = await until(pilot, "1 of 3")
            assert "─ loss" in text and "─ learning rate" in text and "─ SDR" not in text
            await pilot.press("tab")
            text = await until(pilot, "2 of 3", 30)
            assert "─ SDR" in text and "─ spectral error" in text and "─ loss" not in text
            await pilot.press("left", "left")
            text = await until(pilot, "3 of 3", 30)
            assert "─ waveform" in text and "╰──" in text and "─ spectrum" in text


async def test_a_training_that_ended_shows_its_last_state_and_its_verdict_GAP_11(home: Path) -> None:
    app = studio("jobs")
    with states.repairing() as (_, training):
        states.ended(training, {"verdict": "plateau, better than AR-512", "ships": "net", "name": "bells"})
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause(0.3)
            await app.push_screen(Panels(training))
            text = await until(pilot, "✓ plateau, better than AR-512: the net ships")
            assert "800/1200" not in text and BAR * "━" in text, "what is done has no part left"
            assert "✓ done" in text and "all together 1.62" in text and "waveform: a gap of 10 ms" in text
            await pilot.press("escape")
            # One that was as good as it can be from the start: its only judgement is that of its look.
            paths.events(training).unlink()
            await app.push_screen(Panels(training))
            text = await until(pilot, "it ended before the first step")
            assert "composite 0.35" in text and "50 step" not in text


def test_what_a_repairer_is_worth_goes_by_its_figures_GAP_05_GAP_11() -> None:
    """One stored before the verdict counted both intervals, when its net shipped."""
    old = repairs.repairer()
    old["report"] |= {"over": repairs.PREDICTED, "ended_by": "mastered", "steps": 0, "best_step": 0}
    lines = ["".join(words for words, _ in line) for line in report(old, 200)]
    assert "· plateau, AR-512 shipped: linear prediction ships" in lines
    assert any("; mastered at step 0, best at 0" in line for line in lines)
    # What a job says has no figures, but its verdict is one.
    told = verdict({"verdict": "plateau, AR-512 shipped", "ships": "net"}, 80)
    assert told[0][1][0] == "plateau, AR-512 shipped: linear prediction ships"


def test_a_step_that_said_nothing_is_a_gap_in_the_curve_GAP_11(home: Path) -> None:
    course = Steps("0a" * 6)
    for step, loss in ((1, 2.0), (2, 2.0), (3, None), (4, None), (5, 2.0), (6, 1.0)):
        course.take({"kind": "row", "step": step, "loss": loss})
    assert [math.isnan(value) for value in course.curves["loss"][1]] == [0, 0, 1, 1, 0, 0]
    course.take({"kind": "row", "step": 5, "loss": 3.0})
    assert course.curves["loss"][0] == [1, 2, 3, 4, 5], "what is done again after a restart is cut off"
    assert course.peak is None and Curves(list, "not yet").draw(20, 5) == [[("not yet", "dim")]]


# --- what is kept ----------------------------------------------------------------------------------


async def test_learning_a_repairer_is_asked_for_from_data_GAP_11(unattended: Path) -> None:
    app = studio("data")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("o", *"learn repair", "enter")
        (await form(pilot)).set("sounds", "/nowhere/at/all")
        await pilot.press("ctrl+r")
        await until(pilot, "no such", 30)
        await pilot.press("o", *"learn repair", "enter")
        fields = await form(pilot)
        assert fields.values["sounds"] == "/nowhere/at/all"
        fields.set("sounds", str(unattended))
        await pilot.press("ctrl+r")
        await until(pilot, "it begins with the first step", 30)
        assert isinstance(app.screen, Panels) and "◦ queued" in shown(app)
        assert actions.jobs()[-1].recipe == specs.TrainRepairer.recipe
        await pilot.press("escape")


async def test_a_training_is_asked_to_go_by_the_feedback_of_a_repairer_GAP_05_GAP_11(
    unattended: Path,
) -> None:
    bells = actions.library().repairers.add(repairs.repairer())
    app = studio("data")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("o", *"learn repair", "enter")
        fields = await form(pilot)
        fields.set("sounds", str(unattended))
        fields.set("name", "chimes")
        fields.point("feedback")
        assert "none" in await until(pilot, "feedback") and fields.values["feedback"] == ""
        await pilot.press("right")
        await until(pilot, "‹ bells ›")
        await pilot.press("ctrl+r")
        await until(pilot, "it begins with the first step", 30)
        (job,) = actions.jobs()
        assert job.spec["feedback"] == bells["id"] and subject_of(job) == "chimes"


async def test_repairers_are_shown_with_their_report_renamed_and_deleted_GAP_11(home: Path) -> None:
    app = studio("data")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("o", *"repairers", "enter")
        await until(pilot, "woodshed repair train FOLDER", 30)
        await pilot.press("escape")
        actions.library().repairers.add(repairs.repairer())
        await pilot.press("o", *"repairers", "enter")
        text = await until(pilot, "▌bells", 30)
        assert "✓ plateau, better than AR-512: the net ships" in text
        assert "over AR-512         ▲ +0.82 dB  95 %: +0.41 to +1.20" in text
        assert "over all prediction ▲ +0.31 dB" in text and "speech" in text and "40 ms" in text
        assert "missed: SDR dB by 14" in " ".join(text.split()) and "┼" in text and "●" in text
        assert "ended by its plateau at step 1200, best at 850" in " ".join(text.split())
        await pilot.press("r")
        (await form(pilot)).set("name", "chimes")
        await pilot.press("ctrl+r")
        await until(pilot, "▌chimes", 30)
        await pilot.press("enter")
        assert (await form(pilot)).values["out"].endswith("chimes.zip")
        await pilot.press("escape", "d")
        await until(pilot, "woodshed repair train FOLDER", 30)
        assert not actions.library().repairers.all()
        await pilot.press("u")
        await until(pilot, "▌chimes", 30)


async def test_the_palette_finds_what_learns_to_repair_and_each_repairer_by_name_GAP_11(home: Path) -> None:
    for name in ("bells", "chimes"):
        actions.library().repairers.add({**repairs.repairer(), "name": name})
    app = studio("jobs")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("ctrl+p")
        await pilot.pause()
        for words in ("repairers", "repair", "train a repairer", "learn to repair"):
            app.screen.list.sift(words)
            assert "repairers" in {item[1] for item in app.screen.list.shown}, words
        app.screen.list.sift("")
        await pilot.press(*"bells in repairers", "enter")
        text = await until(pilot, "▌bells", 30)
        assert isinstance(app.screen, Repairers) and "chimes" in text
        assert app.screen.list.item["name"] == "bells"
        await pilot.press("escape", "ctrl+p")
        await pilot.pause()
        await pilot.press(*"learn train a repairer", "enter")
        await until(pilot, "learn repair", 30)
        assert isinstance(app.screen, Ask)


@pytest.mark.parametrize("width", [5, 30])
@pytest.mark.parametrize("values", [(-2.0, -1.0, -0.5), (0.0, 0.0, 0.0), (0.1, 0.4, 3.0)])
def test_an_interval_is_drawn_on_a_line_with_its_zero_GAP_11(width: int, values: tuple) -> None:
    drawn = "".join(words for words, _ in interval(values, (-2.0, 3.0), width, "good"))
    assert len(drawn) == width and "●" in drawn
    if width > 5 and values[1]:
        assert (drawn.index("●") > drawn.index("┼")) == (values[1] > 0)


@pytest.mark.parametrize(
    ("ms", "said"),
    [(4.833, "4.8 ms"), (10.0, "10 ms"), (99.96, "100 ms"), (120.4, "120 ms"), (12_345.6, "12 s")],
)
def test_the_length_of_a_gap_is_said_alike_in_list_and_picture_GAP_11(ms: float, said: str) -> None:
    assert gap.spoken(ms) == said and length(ms) in (said.removesuffix(" ms"), said)
    one = {"start_seconds": 3.0, "ms": ms, "gap_sdr_db": 1.0, "ar-512_db": 0.0}
    assert f" {said} " in words(one)
