"""The cached tape is what it says it is, or it is made again (REP-05)."""

import json

import numpy as np
import torch

from jobs.sound import tape
from jobs.sound.bands import features
from tests import sounds

NAMES = [("a.wav", "1"), ("b.wav", "2"), ("c.wav", "3")]


def waves() -> list[np.ndarray]:
    lengths = (1.0, 0.3, 0.7)
    return [np.float32(sounds.make("pluck", s, i)).reshape(-1) for i, s in enumerate(lengths)]


def made(folder) -> tape.Tape:
    steps = list(tape.build(folder, NAMES, lambda i: waves()[i]))
    assert steps[-1] == (6, 6)
    found = tape.load(folder, NAMES)
    assert found is not None
    return found


def test_sounds_lie_where_their_places_say_REP_04_REP_05(tmp_path):
    found = made(tmp_path)
    for place, wave in zip(found.places, waves(), strict=True):
        start = place.start * 256
        assert np.array_equal(found.wave[start : start + len(wave)], wave)
        assert place.start % tape.SLOT == 0
    assert found.features.shape == (2, 384, found.frames)


def test_no_frame_hears_two_sounds_REP_05(tmp_path):
    found = made(tmp_path)
    place, wave = found.places[1], waves()[1]
    alone = features(torch.from_numpy(wave))
    on_tape = found.excerpt(slice(place.start, place.start + alone.shape[-1] - 4))
    assert torch.allclose(on_tape, alone[..., : on_tape.shape[-1]], atol=0.1)


def test_stereo_sounds_keep_their_side_OUT_07(tmp_path):
    """Left and right come back from mid and side; a mono sound beside them has no side."""
    left, right = (sounds.make("pluck", 0.5, seed) for seed in (1, 2))
    audio = [np.stack([left, right]), sounds.make("bell", 0.3)]
    for _ in tape.build(tmp_path, NAMES[:2], lambda i: audio[i]):
        pass
    found = tape.load(tmp_path, NAMES[:2])
    mid, side = found.samples(0, 90).numpy(), found.sides(0, 90).numpy()
    assert np.abs(mid + side - left[: 89 * 256]).max() < 1e-6
    assert np.abs(mid - side - right[: 89 * 256]).max() < 1e-6
    place = found.places[1]
    assert not found.sides(place.start, place.frames).any()
    assert found.samples(place.start, place.frames).any()


def test_mono_sounds_have_no_side_OUT_07(tmp_path):
    same = np.stack([waves()[1]] * 2)
    for _ in tape.build(tmp_path, NAMES[:1], lambda i: same):
        pass
    found = tape.load(tmp_path, NAMES[:1])
    assert found.side is None and not found.sides(0, 20).any()
    assert np.array_equal(found.samples(0, 20), waves()[1][: 19 * 256])


def test_many_channels_are_folded_OUT_07():
    audio = np.stack([np.full(4, value, np.float32) for value in (1.0, 0.0, 0.5, 0.1)])
    mid, side = tape.mid_side(audio)
    assert mid[0] == np.float32(0.4) and side[0] == np.float32(0.5)


def test_a_tape_without_its_side_is_not_used_REP_05(tmp_path):
    audio = np.stack([waves()[1], waves()[1] * 0.5])
    for _ in tape.build(tmp_path, NAMES[:1], lambda i: audio):
        pass
    (tmp_path / "side.f32").unlink()
    assert tape.load(tmp_path, NAMES[:1]) is None


def test_another_sound_or_order_is_another_tape_REP_05(tmp_path):
    made(tmp_path)
    assert tape.load(tmp_path, NAMES[::-1]) is None
    assert tape.load(tmp_path, [*NAMES[:2], ("c.wav", "4")]) is None


def test_a_damaged_tape_is_not_used_REP_05(tmp_path):
    made(tmp_path)
    (tmp_path / "features.npy").write_bytes(b"\x93NUMPY")
    assert tape.load(tmp_path, NAMES) is None
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["places"] = "elsewhere"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert tape.load(tmp_path, NAMES) is None
