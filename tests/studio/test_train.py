"""Train: a training that is watched while it goes, with the real app over real streams."""

import math
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import specs
from jobs.job import Claim
from jobs.ledger import Ledger
from store import paths, stream
from store.library import Library
from studio import actions
from studio.course import Course
from studio.widgets.chart import INKS, inks_of
from studio.widgets.gauge import gap, gauges, kl
from studio.widgets.zoom import Zoom
from tests.studio import house
from tests.studio.conftest import shown, studio, until
from tests.studio.terminal import Terminal


def say(job: str, epoch: int, **more: object) -> None:
    loss = 0.2 + math.exp(-epoch / 20)
    told = {"loss": loss, "validation": loss * 1.05, "stft": loss / 2, "kl": 3.0, "kl_total": 160.0,
            "kl_active": 0.96, "gap": 0.05, "seconds": epoch * 1.0}  # fmt: skip
    stream.say(paths.events(job), kind="row", epoch=epoch, epochs=200, **told | more)
    stream.say(
        paths.events(job), kind="progress", done=epoch, total=200, unit="epochs", rate=1.0, eta=200.0 - epoch
    )


def submitted(name: str, epochs: int = 0) -> str:
    dataset = actions.datasets()[0]["id"]
    job = Ledger().submit(specs.make(specs.TrainVae, dataset=dataset, name=name))
    for epoch in range(1, epochs + 1):
        say(job.id, epoch)
    return job.id


def kept(job: str, steps: dict[int, int], best: bool = True) -> None:
    """Checkpoints of epochs, on the disk and in the stream."""
    folder = paths.run(job) / "checkpoint"
    folder.mkdir(exist_ok=True)
    for epoch, step in steps.items():
        (folder / f"step-{step:08d}.pt").write_bytes(b"")
        stream.say(paths.events(job), kind="checkpoint", epoch=epoch, step=step)
    if best:
        (folder / "best.pt").write_bytes(b"")


@pytest.fixture
def running(library: Library) -> Iterator[Claim]:
    """A training that this process holds, 40 epochs on."""
    job = submitted("live", 40)
    claim = Ledger().claim(job)
    assert claim is not None
    with claim:
        yield claim


async def test_every_term_has_its_curve_and_a_key_draws_the_next_UX(running: Claim) -> None:
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        text = shown(app)
        assert "t━ train" in text and "v━ validation" in text and "▲ best" in text
        await pilot.press("t")
        assert app.page.loss.has_focus
        assert app.page.loss.view.name == "stft"
        await pilot.press("t")
        assert "kl above its floor" in shown(app) or app.page.loss.view.name == "kl"
        await pilot.press("ctrl+t", "ctrl+t")
        assert app.page.loss.view.name == "loss"


async def test_a_zoomed_curve_stays_while_data_arrives_and_a_whole_one_follows_UX(running: Claim) -> None:
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        await pilot.press("left", *["left"] * 20, "plus", "plus")
        loss = app.page.loss
        ends, cursor = loss.zoom.ends, loss.cursor
        assert ends is not None and ends[0] < cursor < ends[1] and ends[1] - ends[0] == pytest.approx(10)
        assert "zoomed" in shown(app)
        for epoch in range(41, 101):
            say(running.id, epoch)
        app.page.tick()
        await pilot.pause()
        assert loss.zoom.ends == ends and loss.cursor == cursor
        assert f"{ends[1]:.4g} epoch" in shown(app)
        await pilot.press("full_stop")
        assert loss.zoom.ends[0] == pytest.approx(ends[0] + 2.5)
        await pilot.press("0")
        await pilot.pause()
        assert "100 epoch" in shown(app), "the whole of it, with what came meanwhile"
        say(running.id, 110)
        app.page.tick()
        await pilot.pause()
        assert "120 epoch" in shown(app)


async def test_the_cursor_reads_the_values_at_a_place_UX(running: Claim) -> None:
    say(running.id, 41, validation=None)
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        await pilot.press("right")
        await pilot.pause()
        assert "at 41" in shown(app) and "v━ validation gap" in shown(app), "nothing was measured there"
        await pilot.press("home")
        await pilot.pause()
        assert "at 0" in shown(app) and f"{0.2 + math.exp(-1 / 20):.4g}" in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.page.loss.cursor is None and "▲ best" in shown(app)


async def test_rate_eta_step_and_beat_are_said_every_second_UX(running: Claim) -> None:
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        text = shown(app)
        assert "40/200 epochs" in text and "1/s" in text and "2 min 40 s left" in text
        assert re.search(r"beat \d s ago", text)


async def test_gauges_say_gap_and_kl_with_ranges_and_a_word_TRAIN_07(running: Claim) -> None:
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        text = shown(app)
        assert "+5% good" in text
        assert "160 nat healthy, 62 x its floor" in text and "96% speak" in text
        say(running.id, 41, gap=0.15, kl_total=2.0, kl_active=0.0)
        app.page.tick()
        await pilot.pause()
        assert "+15% much" in shown(app) and "at its floor" in shown(app)


def test_kl_is_judged_by_its_floor_and_not_by_its_total_LOSS_03() -> None:
    assert kl(2.5, 2.56).level == "bad", "0.5 and more may still be nothing"
    assert kl(2.5, 0.2).level == "good"
    assert kl(150, 2.56, 0.2).level == "warn", "a few channels say it all"
    assert [gap(value).level for value in (0.1, 0.2, 0.21)] == ["good", "warn", "bad"]
    assert gauges({"gap": None, "kl_total": "x"}, {"kl_floor": 0.02, "latent": 128}) == []
    for width in (30, 42, 80):
        for one in (gap(-0.2), gap(9.0), kl(0, 2.56, 0.0), kl(1e9, 2.56, 1.0)):
            parts = one.parts(width)
            assert sum(len(words) for words, _ in parts) <= width
            assert "●" in "".join(words for words, _ in parts)


async def test_checkpoints_are_listed_with_the_best_UX(running: Claim) -> None:
    kept(running.id, {20: 80, 30: 120, 40: 160})
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        text = await until(pilot, "checkpoints")
        assert "▲ epoch 40 best" in text and "20  30  40" in text


async def test_earlier_previews_are_a_key_away_while_it_trains_UX(running: Claim, tmp_path: Path) -> None:
    folder = paths.run(running.id) / "previews"
    for epoch in (10, 20, 30):
        sound = house.tone(folder / f"epoch-{epoch:05d}.wav", 0.1)
        stream.say(paths.events(running.id), kind="preview", epoch=epoch, path=str(sound))
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, "preview of epoch 30 (3 of 3)")
        await pilot.press("space")
        assert app.player.path.endswith("epoch-00030.wav")
        await pilot.press("p")
        await pilot.pause()
        assert app.player.path.endswith("epoch-00020.wav")
        assert "preview of epoch 20 (2 of 3)" in shown(app)
        await pilot.press("p", "p")
        await pilot.pause()
        assert app.player.path.endswith("epoch-00010.wav") and "no earlier preview" in shown(app)
        await pilot.press("P")
        assert app.player.path.endswith("epoch-00020.wav")
        shutil.rmtree(folder)
        await pilot.press("P")
        await pilot.pause()
        assert "its file is gone" in shown(app)
        assert actions.job(running.id).state == "running"


async def test_trainings_are_compared_over_one_another_UX(running: Claim) -> None:
    other, hostile = submitted("dusk", 60), submitted("\x1b[31m[b]bad[/b]", 20)
    for job in (other, hostile):
        actions.cancel(job)
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        await pilot.press("n", "n")
        await until(pilot, "live  ▶ running")
        await pilot.press("o")
        await until(pilot, "[ ] dusk")
        await pilot.press("j", "space", "k", "enter", "escape")
        await pilot.pause()
        text = shown(app)
        assert [course.job for _, course in app.page.loss.others] == [other, hostile]
        assert "A━ live" in text and "B━ dusk" in text and "C━ ␛[31m[b]bad[/b]" in text
        row = next(line for line in text.splitlines() if "B dusk" in line)
        assert " 60 " in row and "+5%" in row and "auto" in row
        assert "\x1b" not in text
        say(running.id, 41)
        app.page.tick()
        await pilot.pause()
        assert next(line for line in shown(app).splitlines() if "A live" in line).count(" 41 ")
        await pilot.press("o", "x", "escape")
        await pilot.pause()
        assert not app.page.loss.others and "v━ validation" in shown(app)


async def test_what_is_compared_is_remembered_UX(running: Claim) -> None:
    other = submitted("dusk", 60)
    actions.cancel(other)
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        await pilot.press("n", "o", "space", "escape", "q")
    again = studio("train")
    async with again.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        assert again.page.watching.marked == [other]


def test_the_ink_of_a_training_is_of_its_name_and_letters_tell_the_rest() -> None:
    names = ["drums", "bells", "glass", "wood"]
    alone = {name: inks_of([name])[0] for name in names}
    assert inks_of(["drums"]) == inks_of(["drums", "bells"])[:1]
    assert all(ink in INKS for ink in alone.values())
    found = inks_of(["same"] * 8)
    assert len(set(found)) == 8


def test_zoom_keeps_the_place_of_the_cursor_and_never_leaves_the_curve() -> None:
    zoom, whole = Zoom(), (0.0, 100.0)
    zoom.closer(whole, 0.5, 20.0)
    assert zoom.ends == (10.0, 60.0), "20 is still a fifth of the way"
    for _ in range(40):
        zoom.closer(whole, 0.5, 20.0)
    assert zoom.ends[1] - zoom.ends[0] == pytest.approx(0.1)
    zoom.pan(whole, -1e6)
    assert zoom.ends[0] == 0.0
    for _ in range(40):
        zoom.closer(whole, 2.0, None)
    assert zoom.ends is None


def test_rows_that_nobody_expected_become_curves_or_nothing(home: Path) -> None:
    course = Course("x")
    for row in (
        {"kind": "row", "epoch": 1, "mystery_figure": 2.0, "loss": "words", "flag": True},
        {"kind": "row", "epoch": None, "loss": 1.0},
        {"kind": "row", "epoch": 2, "mystery_figure": None},
        {"kind": "preview", "epoch": 3, "path": 7},
        {"kind": "checkpoint", "epoch": 3, "step": "8"},
    ):
        course.take(row)
    assert [view.name for view in course.views()] == ["mystery figure"]
    assert course.previews == {} and course.saved == {} and course.best() is None
    assert course.last("mystery_figure") == 2.0


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("queued", "waits for its turn"),
        ("cancelled", "r begins it again"),
        ("cancelled and kept", "r goes on from its checkpoint"),
        ("failed", "l opens the log"),
        ("interrupted", "the next one goes on by itself"),
        ("done", "5 plays it"),
    ],
)
async def test_every_state_says_what_to_do_next_UX(library: Library, state: str, words: str) -> None:
    ledger = Ledger()
    job = submitted("one", 3)
    state, _, kept = state.partition(" and ")
    if kept:
        folder = paths.run(job) / "checkpoint"
        folder.mkdir()
        (folder / "step-00000001.pt").touch()
    if state == "cancelled":
        ledger.cancel(job)
    elif state != "queued":
        claim = ledger.claim(job)
        assert claim
        with claim:
            if state == "interrupted":
                ledger.release(claim, state)
            else:
                error = {"message": "the training diverged", "code": 1} if state == "failed" else None
                ledger.finish(claim, state, {"summary": {"name": "one"}}, error)
    app = studio("train")
    async with app.run_test(size=(80, 24)) as pilot:
        text = " ".join(shown(app).split()) if (await pilot.pause(0.2)) is None else ""
        assert state in text
        for word in words.split():
            assert word in text
        await pilot.press("escape", "l")
        await pilot.pause()
        assert f"log of {job}" in shown(app)


def test_a_live_training_costs_little_on_the_wire_UX(library: Library, home: Path) -> None:
    job = submitted("live", 60)
    claim = Ledger().claim(job)
    assert claim
    with claim, Terminal(home) as terminal:
        terminal.wait("1 run")
        terminal.press("2")
        terminal.wait("60/200")
        terminal.quiet(0.6)
        before = len(terminal.raw)
        for epoch in range(61, 65):
            say(job, epoch)
            terminal.quiet(1.0, 1.0)
        assert "64/200" in terminal.wait("64/200")
        sent = (len(terminal.raw) - before) / 4
        assert sent <= 2500, f"{sent} B/s"
