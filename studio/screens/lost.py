"""A model that goes while Play has it: what takes its place, what is said, and how it comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio import actions

if TYPE_CHECKING:
    from studio.screens.deck import Deck

Values = dict[str, float | None]


@dataclass(frozen=True)
class Lost:
    """``instead``: id of the model that took its place, empty when there was none.

    ``before`` and ``after``: the rows as it went, and as the other one could hold them.
    """

    id: str
    instead: str
    before: Values
    after: Values


def stand_in(deck: "Deck", models: Mapping[str, dict]) -> dict | None:
    """The model to play when the chosen one is gone: one of its blend, else the newest."""
    mixed = [models[one["id"]] for one in deck.blended if one["id"] in models]
    return next(iter(mixed or list(models.values())[-1:]), None)


def go_on_without(deck: "Deck", id: str, instead: dict | None) -> None:
    """Play ``instead``, with the positions that it can hold, and say so."""
    record = deck.model or actions.library().models.get(id) or {}
    before, asked = dict(deck.sliders.values), deck.sliders.positions
    deck.take_up(instead)
    deck.lost = Lost(id, (instead or {}).get("id", ""), before, dict(deck.sliders.values))
    let_go = [axis for axis in asked if instead and axis not in deck.sliders.positions]
    if deck.sliders.positions != asked:
        deck.preset = ""
        deck.describe()
    now = f"now plays {instead['name']}" if instead else "no model is left to play"
    freed = f", without {', '.join(let_go)}" if let_go else ""
    deck.studio.say(f"{record.get('name', 'the model')} {_where(id)}: {now}{freed}", "warn")


def come_back(deck: "Deck", lost: Lost, model: dict) -> None:
    """Play it again; rows that nobody has moved since are as they were."""
    if deck.sliders.values == lost.after:
        deck.sliders.values = dict(lost.before)
    deck.lost = None
    deck.take_up(model)
    deck.studio.say(f"{model['name']} is back, and plays again", "good")


def left_the_blend(deck: "Deck", gone: list[dict]) -> None:
    """Say that a mixed model is not heard any more."""
    if gone:
        said = ", ".join(f"{one['name']} {_where(one['id'])}" for one in gone)
        deck.studio.say(f"{said}: out of the blend", "warn")


def _where(id: str) -> str:
    trashed = any(one["id"] == id for one in actions.trashed("models"))
    return "is in the trash (u takes it back)" if trashed else "is not in the library any more"
