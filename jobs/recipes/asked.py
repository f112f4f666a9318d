"""From what a person asks for to what plays it: models, sounds and the way through them, checked."""

from dataclasses import dataclass, replace
from typing import Any

from jobs import lineage
from jobs.nets.instrument import Instrument
from jobs.nets.request import Request
from jobs.nets.walk import Variation
from jobs.recipes.players import blend_of, digest, models_of, over
from jobs.sliders import check_asked
from jobs.specs import USUAL_SECONDS, Generate, check_format
from store.errors import Usage
from store.library import Library


@dataclass(frozen=True)
class Player:
    """What plays the takes of ``spec``, which leaves nothing open any more.

    ``model`` is the record, ``trained`` the instrument over its own sounds, ``request`` has all but the seed,
    ``made_of`` the SHA-256 of each further model (by id) and sound (by id or path).
    """

    spec: Generate
    model: dict[str, Any]
    instrument: Instrument
    trained: Instrument
    request: Request
    made_of: dict[str, str]

    def asked(self, seed: int) -> Request:
        """Of one take. A variation walks as the take it varies, and draws some of it anew by its own seed."""
        if not self.spec.lineage:
            return replace(self.request, seed=seed)
        root, before = lineage.told(self.spec.lineage)
        variations = tuple(Variation(*one) for one in (*before, (seed, self.spec.amount)))
        return replace(self.request, seed=root, variations=variations)


def player_of(spec: Generate, library: Library) -> Player:
    """Raises Usage, BadInput or NotFound for what can't be asked, and for models, sounds and takes that can't
    be played."""
    model = library.models.find(spec.model)
    spec = replace(spec, model=model["id"])
    models = models_of(library, spec)
    _check(spec, [one for one, _ in models])
    if spec.vary and not spec.lineage:
        spec = replace(spec, lineage=lineage.of(library, spec.vary))
    trained, parts = blend_of(models)
    made_of = {one["id"]: one["sha256"] for one, _ in models if one["id"] != spec.model}
    made_of |= {sound: digest(library, sound) for sound in (spec.resynthesise, *spec.between) if sound}
    request = Request(
        spec.seconds or USUAL_SECONDS,
        sliders=tuple(spec.sliders.items()),
        wander=spec.wander,
        render=spec.render,
        shares=parts,
        quick=spec.preview,
    )
    instrument = trained
    if spec.resynthesise:
        heard = over(trained, library, (spec.resynthesise,), "resynthesise")
        instrument, seconds = heard.played, spec.seconds or heard.seconds
        # As it is: only what sliders ask for changes it.
        request = replace(request, seconds=seconds, route="order", wander=0.0, shares=())
    if spec.between:
        instrument = over(trained, library, spec.between, "between").played
        request = replace(request, route="between", shares=())
    request = replace(request, stereo=_stereo(spec, instrument))
    return Player(replace(spec, seconds=request.seconds), model, instrument, trained, request, made_of)


def _check(spec: Generate, models: list[dict]) -> None:
    check_format(spec.format, spec.rate, spec.bits)
    check_asked(spec, models)
    if spec.resynthesise and spec.between:
        raise Usage("resynthesise and between: a take is made in one way; leave one out")
    if spec.between and len(spec.between) != 2:
        raise Usage(f"between: {len(spec.between)} sounds; two are needed")


def _stereo(spec: Generate, instrument: Instrument) -> bool:
    """Whether two channels are made, before the space; ``stereo`` widens sounds that have one."""
    there = instrument.bank.side is not None and spec.space in ("auto", "stereo")
    return there or "width" in spec.sliders
