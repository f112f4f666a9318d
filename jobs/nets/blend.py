"""Several models played as one: every net hears the sounds of all, each sound as likely as its model
weighs."""

import math
from collections.abc import Sequence

import numpy as np

from jobs.nets.bank import joined
from jobs.nets.instrument import Instrument
from jobs.nets.scales import blended
from jobs.nets.voice import Part, Voice

MOST = 4


def blend(models: Sequence[tuple[Instrument, float]]) -> tuple[Instrument, tuple[float, ...]]:
    """One instrument of 1 to 4 with weights of which none is 0, and the log preference for each of its
    sounds that gives each model its share of the events."""
    voice = Voice(
        tuple(
            Part(part.net, part.statistics, part.weight * weight)
            for model, weight in models
            for part in model.voice.parts
        )
    )
    scales = blended([(model.scales, weight) for model, weight in models])
    instrument = Instrument(voice, joined([model.bank for model, _ in models], voice), scales)
    lean: list[float] = []
    for model, weight in models:
        # A walk gives a sound the root of its length.
        share = math.log(weight / float(np.sqrt(model.bank.ends).sum()))
        lean += [share] * len(model.bank.places)
    return instrument, tuple(lean)
