"""What a take can be played on: blends, other sounds, the way between two, and takes before it."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from jobs.recipes import players
from store import paths
from store.errors import BadInput, NotFound, Usage
from store.library import Library
from studio.again import again, varied
from studio.sources import resolved
from tests import sounds
from tests.measures import sdr_db
from tests.recipes.playing import generate, settle


def played(job: str, **values: Any) -> tuple[dict, np.ndarray]:
    """The record of one take, and its audio ``(channels, samples)``."""
    (record,) = settle(job, generate(job, **{"seconds": 0.5, "bits": "32f", **values}))
    return record, soundfile.read(record["path"], dtype="float32", always_2d=True)[0].T


def written(path: Path, audio: np.ndarray) -> str:
    soundfile.write(path, audio.T, sounds.RATE, subtype="FLOAT")
    return str(path)


def test_a_blend_plays_both_models_and_repeats_MOD_05_GEN_09(models):
    small, wide = models["small"]["id"], models["wide"]["id"]
    record, audio = played("a", model=small, blend={wide: 2.0}, seconds=2)
    assert record["made_of"] == {wide: models["wide"]["sha256"]}
    assert record["spec"]["blend"] == {wide: 2.0}
    assert audio.shape == (2, 96_000), "one of stereo sounds makes the blend stereo"
    players._ready.clear()
    spec = {name: value for name, value in record["spec"].items() if name != "recipe"}
    assert np.array_equal(audio, played("b", **spec)[1])


def test_a_model_that_weighs_nothing_is_not_there_MOD_05(models):
    small, wide = models["small"]["id"], models["wide"]["id"]
    alone = played("a", model=small, seed=4)[1]
    assert np.array_equal(alone, played("b", model=small, seed=4, blend={wide: 0.0})[1])
    assert np.array_equal(alone, played("c", model=wide, seed=4, blend={wide: 0.0, small: 3.0})[1])


def test_a_blend_has_the_sliders_of_those_that_are_played_MOD_05_GEN_08(models):
    """One that weighs nothing brings none, and takes none away."""
    small, wide = models["small"], models["wide"]
    Library().models.amend(small["id"], axes=[axis | {"available": False} for axis in small["axes"]])
    values = {"seconds": 0.3, "sliders": {"brightness": 60.0, "explore1": 50.0}}
    weighs_nothing = {small["id"]: 0.0, wide["id"]: 1.0}
    record, audio = played("a", model=small["id"], blend=weighs_nothing, **values)
    assert {"brightness"} <= set(record["reached"])
    assert np.array_equal(audio, played("b", model=wide["id"], **values)[1])
    played("c", model=small["id"], blend={wide["id"]: 1.0}, **values)
    for blend in ({wide["id"]: 0.0}, {}):
        with pytest.raises(Usage, match="slider 'brightness'"):
            generate("d", model=small["id"], blend=blend, **values)


def test_a_blend_of_nothing_or_of_nobody_is_refused_MOD_05(models):
    small = models["small"]["id"]
    with pytest.raises(BadInput, match="add up to 0"):
        generate(model=small, blend={small: 0.0})
    with pytest.raises(NotFound):
        generate(model=small, blend={"nobody": 1.0})


def test_more_than_four_models_are_refused_MOD_05(models):
    library = Library()
    small = models["small"]
    copies = [library.models.add({**small, "name": f"copy{n}"}, id=f"copy{n:08d}") for n in range(4)]
    with pytest.raises(BadInput, match="at most 4"):
        generate(model=small["id"], blend={copy["id"]: 1.0 for copy in copies})


def test_each_model_is_loaded_once_MOD_05(models):
    first = players.instrument_of(models["small"])
    generate("a", model=models["small"]["id"], blend={models["wide"]["id"]: 1.0}, seconds=0.2)
    assert players.instrument_of(models["small"]) is first


@pytest.mark.parametrize("channels", [1, 2])
def test_a_sound_is_played_through_a_model_and_comes_back_GEN_02(models, tmp_path, channels):
    """Silence before it, and its tail; sample by sample where no slider moves it."""
    sound = 0.4 * sounds.stereo("pluck", 1.5, 3)[:channels]
    sound[:, 30_000:] *= 10 ** (-4 * np.arange(sound.shape[1] - 30_000) / 40_000)
    sound = np.pad(sound, ((0, 0), (9_000, 0))).astype(np.float32)
    path = written(tmp_path / "mine.wav", sound)
    seconds = sound.shape[1] / sounds.RATE
    record, audio = played("a", model=models["small"]["id"], resynthesise=path, seconds=seconds)
    assert audio.shape == sound.shape and list(record["made_of"]) == [path]
    inside = np.s_[:, 2_600:-600]
    assert sdr_db(torch.from_numpy(audio[inside]), torch.from_numpy(sound[inside])) > 100


@pytest.mark.parametrize(("rate", "samples"), [(48_000, 31_007), (44_100, 28_488)])
def test_a_sound_that_is_played_through_keeps_its_length_unless_one_is_asked_for_GEN_01(
    models, tmp_path, rate, samples
):
    path = written(tmp_path / "mine.wav", 0.4 * sounds.make("pad", 1, 3)[None, :31_007])
    values = {"model": models["small"]["id"], "resynthesise": path, "rate": rate, "seconds": None}
    record, audio = played("a", **values)
    assert audio.shape[1] == record["samples"] == samples
    assert record["seconds"] == record["spec"]["seconds"] == 31_007 / 48_000
    assert played("b", **{**values, "seconds": 0.3})[1].shape[1] == round(0.3 * rate)
    again = played("c", **{name: value for name, value in record["spec"].items() if name != "recipe"})
    assert np.array_equal(again[1], audio)
    assert played("d", model=models["small"]["id"], seconds=None)[0]["seconds"] == 4.0


def test_a_slider_moves_a_sound_that_is_played_through_GEN_02(models, tmp_path):
    path = written(tmp_path / "mine.wav", 0.4 * sounds.make("drums", 2, 3)[None])
    values = {"model": models["small"]["id"], "resynthesise": path, "seconds": 2}
    reached = [
        played(f"r{position:g}", **values, sliders={"rhythm": position})[0]["reached"]["rhythm"]
        for position in (20.0, 80.0)
    ]
    assert reached[1] > reached[0] + 5


def test_a_take_is_played_through_another_model_GEN_02(models):
    first, audio = played("a", model=models["small"]["id"], seed=2)
    record, again = played("b", model=models["wide"]["id"], resynthesise=first["id"])
    assert record["made_of"] == {first["id"]: players.digest(Library(), first["id"])}
    assert again.shape == audio.shape
    inside = np.s_[:, 2_600:-2_600]
    assert sdr_db(torch.from_numpy(again[inside]), torch.from_numpy(audio[inside])) > 100


def test_a_sound_that_is_played_through_is_compared_with_what_the_model_learned_GEN_02(models, tmp_path):
    """It would be a copy of itself."""
    small = models["small"]
    trained = {place.name for place in players.instrument_of(small).bank.places}
    low, high = (written(tmp_path / f"{hertz:g}.wav", tones(hertz)) for hertz in (200.0, 3_000.0))
    for job, way in (("a", {"resynthesise": low}), ("b", {"between": [low, high]})):
        quality = played(job, model=small["id"], seconds=2, **way)[0]["quality"]
        assert quality["nearest"] in trained
        assert quality["nearest_distance"] > 0.3


def test_between_two_sounds_a_take_goes_from_one_to_the_other_GEN_02(models, tmp_path):
    low, high = (written(tmp_path / f"{hertz}.wav", tones(hertz)) for hertz in (200.0, 3_000.0))
    record, audio = played("a", model=models["small"]["id"], between=[low, high], seconds=9, wander=0.0)
    assert list(record["made_of"]) == [low, high]
    third = audio.shape[1] // 6
    spectra = [np.abs(np.fft.rfft(part, 48_000)) for part in (audio[0, :third], audio[0, -third:])]
    shares = [float(s[2_900:3_100].sum() / (s[150:250].sum() + s[2_900:3_100].sum())) for s in spectra]
    assert shares[0] < 0.35 and shares[1] > 0.65


def tones(hertz: float) -> np.ndarray:
    """Notes half a second apart."""
    t = np.arange(2 * sounds.RATE) / sounds.RATE
    return (0.3 * np.sin(2 * np.pi * hertz * t) * np.exp(-(t % 0.5) * 6))[None].astype(np.float32)


def test_a_variation_of_nothing_is_the_take_and_more_is_another_GEN_09(models):
    small = models["small"]["id"]
    origin, audio = played("a", model=small, seed=8, seconds=3)
    same = played("b", model=small, seed=9, seconds=3, vary=origin["id"], amount=0.0)[1]
    assert np.array_equal(audio, same)
    takes = [
        played(f"v{seed}", model=small, seed=seed, seconds=3, vary=origin["id"], amount=0.5)[1]
        for seed in (9, 10)
    ]
    assert not np.array_equal(takes[0], audio) and not np.array_equal(takes[0], takes[1])


def test_a_variation_of_a_variation_goes_on_from_there_GEN_09(models):
    small = models["small"]["id"]
    origin, _ = played("a", model=small, seed=8, seconds=2)
    once, audio = played("b", model=small, seed=9, seconds=2, vary=origin["id"], amount=0.7)
    twice = played("c", model=small, seed=10, seconds=2, vary=once["id"], amount=0.0)[1]
    assert np.array_equal(audio, twice)
    with pytest.raises(NotFound):
        generate("d", model=small, vary="nothing")


def test_a_variation_is_repeated_when_all_before_it_are_gone_GEN_09_META(models):
    """By its record and by its sidecar, also a variation of a variation of a variation."""
    small = models["small"]["id"]
    takes = [played("origin", model=small, seed=8, seconds=1)]
    for seed in (9, 10, 11):
        values = {"seed": seed, "seconds": 1, "vary": takes[-1][0]["id"], "amount": seed / 16}
        takes.append(played(f"v{seed}", model=small, **values))
    assert [record["spec"]["lineage"] for record, _ in takes] == [
        [], ["8"], ["8", "9:0.5625"], ["8", "9:0.5625", "10:0.625"]
    ]  # fmt: skip
    library = Library()
    for record, _ in takes[:-1]:
        library.takes.trash(record["id"])
        library.takes.purge(record["id"])
    sidecar = takes[-1][0]["sidecar"]
    players._ready.clear()
    for number, key in enumerate((takes[-1][0]["id"], sidecar)):
        values, said = again(library, key, {})
        assert not said
        record, audio = played(f"again{number}", **resolved(library, values))
        assert np.array_equal(audio, takes[-1][1])
        assert record["spec"]["lineage"] == takes[-1][0]["spec"]["lineage"]
    with pytest.raises(NotFound):
        again(library, takes[0][0]["id"], {})


def test_to_vary_another_take_is_to_have_another_past_GEN_09(models):
    small = models["small"]["id"]
    first, second = (played(f"o{seed}", model=small, seed=seed)[0] for seed in (3, 4))
    once = played("v", model=small, seed=5, vary=first["id"])[0]
    values = varied(Library(), once["id"], {})
    assert played("w", **values)[0]["spec"]["lineage"] == ["3", "5:0.5"]
    values, _ = again(Library(), once["id"], {"vary": second["id"]})
    assert played("x", **resolved(Library(), values))[0]["spec"]["lineage"] == ["4"]


def test_sounds_that_can_not_be_played_are_refused_GEN_02(models, tmp_path):
    small = models["small"]["id"]
    silent = written(tmp_path / "silent.wav", np.zeros((1, 48_000), np.float32))
    short = written(tmp_path / "short.wav", sounds.make("clicks", 0.05)[None])
    text = tmp_path / "text.wav"
    text.write_text("no sound")
    for path, says in ((silent, "silent"), (short, "shorter"), (str(text), "text.wav")):
        with pytest.raises(BadInput, match=says):
            generate(model=small, resynthesise=path)
    with pytest.raises(NotFound, match="gone"):
        generate(model=small, resynthesise=str(tmp_path / "none.wav"))
    with pytest.raises(Usage, match="two are needed"):
        generate(model=small, between=[short])
    with pytest.raises(Usage, match="leave one out"):
        generate(model=small, between=[short, short], resynthesise=short)


def test_a_take_that_was_removed_can_not_be_played_through_GEN_02(models):
    record, _ = played("a", model=models["small"]["id"])
    Path(record["path"]).unlink()
    with pytest.raises(NotFound, match="gone"):
        generate("b", model=models["small"]["id"], resynthesise=record["id"])


def test_a_sound_that_changed_is_read_again_GEN_02(models, tmp_path):
    path = written(tmp_path / "mine.wav", 0.4 * sounds.make("pad", 0.5, 3)[None])
    first = played("a", model=models["small"]["id"], resynthesise=path)[1]
    written(tmp_path / "mine.wav", 0.4 * sounds.make("drums", 0.6, 3)[None])
    assert not np.array_equal(first, played("b", model=models["small"]["id"], resynthesise=path)[1])


def test_an_engine_keeps_a_few_instruments_only_MOD_02(models, tmp_path):
    for number in range(players.LOADED + 2):
        path = written(tmp_path / f"{number}.wav", 0.4 * sounds.make("clicks", 0.2, number)[None])
        generate(f"g{number}", model=models["small"]["id"], resynthesise=path, seconds=0.1)
    assert len(players._ready) <= players.LOADED


def test_a_model_whose_folder_is_gone_is_refused_MOD_02(models):
    shutil.rmtree(paths.model(models["wide"]["id"]))
    with pytest.raises(BadInput, match="gone or damaged"):
        generate(model=models["small"]["id"], blend={models["wide"]["id"]: 1.0})
