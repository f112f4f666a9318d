# ruff: noqa: E501 - records are read as records
"""The Lab with a real worker: a sound looked at by keys, and what the command line says of the same one."""

from pathlib import Path

import pytest
import soundfile

from store.library import Library
from studio import actions, looking
from studio.widgets.ranges import bar, ranges
from studio.widgets.spectrum import draw
from tests import sounds
from tests.commands.front import ask, refused, run
from tests.studio import house
from tests.studio.conftest import studio, until
from tests.studio.test_drawing import INK


@pytest.mark.slow
async def test_a_sound_is_looked_at_by_keys_UX(home: Path, tmp_path: Path) -> None:
    """From the list of a dataset into the Lab, held against the dataset; another beside it; and again next time."""
    sounds.write_folder(tmp_path / "mine", count=6, seconds=0.5)
    actions.wait(actions.import_sounds([tmp_path / "mine"], "mine"), lambda row: None)
    app = studio("data", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("enter", "i")
        text = await until(pilot, "among mine")
        assert app.header.current == "lab"
        assert "brightness" in text and "of 6 of mine" in text and "Hz" in text
        await pilot.press("a", "1")
        await pilot.pause(0.2)
        await pilot.press("down", "i", "b")
        await until(pilot, "━ B")
        await pilot.press("v")
        app.remember()
    again = studio("lab")
    async with again.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        assert len(again.page.subjects) == 2 and set(again.page.sides) == {"a", "b"}


@pytest.mark.slow
def test_the_command_line_says_the_same_UX(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    sounds.write_folder(folder, count=6, seconds=0.5)
    actions.wait(actions.import_sounds([folder], "mine"), lambda row: None)
    files = sorted(folder.glob("*.wav"))
    found = ask("look", *files)
    assert [one["file"] for one in found] == [str(file) for file in files]
    for axis in ("brightness", "rhythm"):
        places = [next(one for one in sound["axes"] if one["name"] == axis) for sound in found]
        assert all(
            0 <= one["percentile"] <= 100 and one["least"] <= one["value"] <= one["most"] for one in places
        )
        assert sum(one["percentile"] for one in places) / len(places) == pytest.approx(50, abs=1e-6)
    one = ask("look", f"mine/{files[0].name}")[0]
    assert one["axes"] == found[0]["axes"]
    data, rate = soundfile.read(files[0])
    soundfile.write(tmp_path / "eight.wav", [[x] * 8 for x in data], rate)
    soundfile.write(tmp_path / "tiny.wav", data[:100], rate)
    soundfile.write(tmp_path / "silent.wav", data * 0, rate)
    (tmp_path / "bad.wav").write_bytes(b"RIFF and nothing")
    for name, words in (("eight", "8 channels"), ("tiny", "0.00"), ("silent", "silent")):
        assert words in run("look", str(tmp_path / f"{name}.wav"), "--against", "mine").stdout, name
    assert "bad.wav" in refused("look", tmp_path / "bad.wav", code=4)
    refused("look", "mine/nothing", code=3)
    refused("look", files[0], "--against", "nobody", code=3)


def test_words_mean_files_takes_and_sounds_of_datasets(home: Path, tmp_path: Path) -> None:
    library = house.furnish()
    take = library.takes.all()[0]
    assert looking.subject(take["name"]).path == take["path"]
    assert looking.subject(take["name"]).dataset == library.models.find(take["model"])["dataset"]
    assert looking.subject("drums/rim.wav").path == "/sounds/drums/rim.wav"
    with pytest.raises(looking.NotFound, match=r"rim\.wav"):
        looking.subject("drums/rym.wav")
    file = house.tone(tmp_path / "a.wav")
    assert looking.subject(str(file)) == looking.Subject(str(file), "a.wav")


AXIS = {"name": "brightness", "unit": "Hz", "value": 30.0, "least": 0.0, "low": 10.0, "median": 50.0, "high": 90.0,
        "most": 100.0, "below": 3, "sounds": 10, "percentile": 35.0, "help": "", "low_word": "", "high_word": ""}  # fmt: skip


@pytest.mark.parametrize("value", [-1e6, 0.0, 30.0, 100.0, 1e6])
@pytest.mark.parametrize("width", [10, 40])
def test_bars_are_as_wide_as_they_shall_be_and_hold_every_mark(value: float, width: int) -> None:
    drawn = "".join(words for words, _ in bar({**AXIS, "value": value}, None, width))
    assert len(drawn) == width and "●" in drawn
    same = {**AXIS, "least": 5.0, "low": 5.0, "median": 5.0, "high": 5.0, "most": 5.0, "value": 5.0}
    assert len("".join(words for words, _ in bar(same, same, width))) == width


def test_rows_of_descriptors_say_where_a_sound_lies() -> None:
    text = "".join(words for words, _ in ranges([AXIS], "drums", 110)[0])
    assert "brightness" in text and "30 Hz" in text and "above 3 of 10 of drums" in text
    assert "above all 10" in looking.standing({**AXIS, "value": 101.0}, "drums")


def test_a_spectrum_has_its_peak_where_it_is() -> None:
    hertz = [20 * 2 ** (band / 12) for band in range(120)]
    levels = [-20.0 if band == 54 else -90.0 for band in range(120)]
    drawn = draw([{"hz": hertz, "mean_db": levels}], ["wave"], 65, 8, INK)
    columns = [at for at, char in enumerate(drawn[0].text[5:]) if char not in " \u2800"]
    assert columns and abs(columns[0] - 54 / 119 * 60) < 2
    assert "500" in drawn[-1].text and drawn[-1].text.rstrip().endswith("Hz")


def test_the_lab_survives_records_of_another_shape(home: Path) -> None:
    Library().datasets.add({"name": "odd", "folder": "/nowhere"})
    assert looking.sounds({"folder": "/nowhere"}) == []


def test_a_list_of_sounds_that_somebody_spoiled_ends_nothing(home: Path, tmp_path: Path) -> None:
    """A line without a file is no sound that could be meant, and keeps no other from being found."""
    (tmp_path / "sounds.json").write_text('[3, {"name": "a.wav"}, {"name": "b.wav", "file": "/x/b.wav"}]')
    Library().datasets.add({"name": "odd", "folder": str(tmp_path)})
    assert [one["file"] for one in looking.sounds({"folder": str(tmp_path)})] == ["", "", "/x/b.wav"]
    assert looking.subject("odd/b.wav").path == "/x/b.wav"
    with pytest.raises(looking.NotFound):
        looking.subject("odd/a.wav")
