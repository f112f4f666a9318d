"""A tape of a few small sounds and a net that has barely learned them: enough to play."""

import numpy as np
import pytest
import torch

from jobs.nets import excerpts
from jobs.nets.analysis import analyse
from jobs.nets.bank import of_tape
from jobs.nets.fit import Plan, Training, fit
from jobs.nets.instrument import Instrument
from jobs.nets.losses import Statistics
from jobs.nets.scales import scales
from jobs.nets.vae import Shape, Vae
from jobs.nets.voice import Part, Voice
from jobs.sound import tape as tapes
from tests import sounds

# Tests run side by side on few cores: more threads than one would only wait for each other.
torch.set_num_threads(1)

KINDS = ("pluck", "bell", "drums", "vowels", "pad", "noise")


def training_on(tape, split, seed: int = 0, **plan) -> Training:
    torch.manual_seed(seed)
    values = {"steps": 24, "epoch": 4, "seed": seed, "batch": 2, "warmup": 5} | plan
    return Training(Vae(Shape(latent=32, widths=(16, 24, 32))), Plan(**values))


@pytest.fixture(scope="session")
def tape(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tape")
    names = [(f"{kind}.wav", kind) for kind in KINDS]
    for _ in tapes.build(folder, names, lambda i: sounds.make(KINDS[i], 2.5, i)):
        pass
    return tapes.load(folder, names)


@pytest.fixture(scope="session")
def split(tape):
    return excerpts.split(tape, seed=0)


@pytest.fixture(scope="session")
def statistics(tape, split):
    return Statistics.of(tape.features[:, :, split.train])


@pytest.fixture(scope="session")
def instrument(tape, split, statistics):
    """As a training makes it: begun with the principal components of the sounds, then trained a little."""
    training = training_on(tape, split)
    drawing = excerpts.Drawing(tape, split)
    looks = (statistics.normalise(drawing.batch(8, np.random.default_rng(k))[0]) for k in range(4))
    training.net.begin(looks, seed=0)
    training.average.load_state_dict(training.net.state_dict())
    for _ in fit(training, excerpts.Drawing(tape, split), statistics):
        pass
    return analyse(training.average, statistics, tape)


STEREO_KINDS = ("vibrato", "clicks", "sweep")


@pytest.fixture(scope="session")
def other(tmp_path_factory):
    """A model of other sounds, in stereo, whose net has another shape; it has learned nothing."""
    folder = tmp_path_factory.mktemp("other")
    names = [(f"{kind}.wav", kind) for kind in STEREO_KINDS]
    for _ in tapes.build(folder, names, lambda i: sounds.stereo(STEREO_KINDS[i], 2.0, i)):
        pass
    tape = tapes.load(folder, names)
    torch.manual_seed(1)
    voice = Voice((Part(Vae(Shape(latent=16, widths=(8, 16, 16))), Statistics.of(tape.features)),))
    bank, heard = of_tape(voice, tape)
    return Instrument(voice, bank, scales(heard, True))
