"""Speech that a training is judged by: repaired whole, and rated by what rates speech (GAP-07)."""

import numpy as np
import pytest

from jobs.nets.direct import Mlp
from jobs.nets.gap_shape import Shape
from jobs.nets.gates import Gates
from jobs.recipes.gap_material import SPEECH, Heard, Source
from jobs.recipes.gap_spoken import spoken
from tests import sounds

SHAPE = Shape()


def heard(kind: str, seconds: float = 1.2) -> Heard:
    return Heard(
        [Source(sounds.make("vowels", seconds, seed), str(seed), kind) for seed in range(2)], (kind,)
    )


def test_speech_is_repaired_whole_and_rated_GAP_07():
    rehearsed = spoken(heard(SPEECH), SHAPE, 2)
    assert rehearsed is not None and len(rehearsed.waves) == 2
    found = rehearsed.heard(Gates(SHAPE))
    assert 0.5 < found["stoi"] < 1 and 0.5 < found["estoi"] < 1
    packets = [at for number, at in rehearsed.places if number == 0]
    assert packets and (np.diff(packets) >= 2 * 480).all()


def test_a_worse_net_is_less_intelligible_GAP_07():
    rehearsed = spoken(heard(SPEECH), SHAPE, 2)
    assert rehearsed is not None
    # One that has learned nothing, and doesn't begin as prediction.
    good, worse = Gates(SHAPE), Mlp(SHAPE)
    assert rehearsed.heard(worse)["stoi"] < rehearsed.heard(good)["stoi"]


def test_speech_that_begins_late_is_rated_from_there_on_and_silence_never_GAP_07():
    late = [Source(np.concatenate([np.zeros(96_000, np.float32), one.wave]), "late", SPEECH)
            for one in heard(SPEECH).sources]  # fmt: skip
    quiet = Source(np.zeros(96_000, np.float32), "quiet", SPEECH)
    rehearsed = spoken(Heard([quiet, *late], (SPEECH,)), SHAPE, 2)
    assert rehearsed is not None and len(rehearsed.waves) == 2
    assert rehearsed.heard(Gates(SHAPE))["stoi"] > 0.5
    assert spoken(Heard([quiet], (SPEECH,)), SHAPE, 2) is None


@pytest.mark.parametrize(("kind", "seconds"), [("music", 1.2), (SPEECH, 0.4)])
def test_what_is_no_speech_or_too_short_is_not_rated_GAP_07(kind: str, seconds: float):
    assert spoken(heard(kind, seconds), SHAPE, 2) is None
