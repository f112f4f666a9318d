"""Several models played as one: every net hears the sounds of all, each as often as its model weighs."""

from collections.abc import Sequence

from jobs.nets.bank import joined
from jobs.nets.instrument import Instrument
from jobs.nets.scales import blended
from jobs.nets.voice import Part, Voice


def blend(models: Sequence[tuple[Instrument, float]]) -> tuple[Instrument, tuple[tuple[int, float], ...]]:
    """One instrument of several with weights of which none is 0, and for each how many of the sounds are its
    own, and its weight: `Request.shares`."""
    voice = Voice(
        tuple(
            Part(part.net, part.statistics, part.weight * weight)
            for model, weight in models
            for part in model.voice.parts
        )
    )
    scales = blended([(model.scales, weight) for model, weight in models])
    instrument = Instrument(voice, joined([model.bank for model, _ in models], voice), scales)
    return instrument, tuple((len(model.bank.places), weight) for model, weight in models)
