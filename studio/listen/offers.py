"""Sounds that a browser may ask for: by a name that says nothing, never by a path."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

AT_MOST = 200
"""Sounds that are remembered; older ones are forgotten."""


@dataclass(frozen=True)
class Offer:
    """A sound, with its pictures where it has some."""

    id: str
    path: str
    title: str
    seconds: float = 0.0
    wave: str = ""
    heat: str = ""
    heat_size: tuple[int, int] = (0, 0)

    def public(self) -> dict[str, Any]:
        """What a browser needs to know; a path is none of it."""
        return {
            "id": self.id,
            "title": self.title,
            "seconds": self.seconds,
            "wave": bool(self.wave),
            "heat": list(self.heat_size) if self.heat else None,
        }


class Offers:
    """By id."""

    def __init__(self) -> None:
        self._held: dict[str, Offer] = {}

    def get(self, id: object) -> Offer | None:
        return self._held.get(str(id))

    def put(self, path: str, title: str, seconds: float, about: Mapping[str, Any]) -> Offer:
        """Let a sound be asked for; ``about``: the record of a take, for its pictures."""
        held = next((one for one in self._held.values() if one.path == path), None)
        width, height = about.get("heat_size") or (0, 0)
        made = Offer(
            held.id if held else secrets.token_hex(8),
            path,
            title or Path(path).name,
            seconds or (held.seconds if held else 0.0),
            str(about.get("wave") or ""),
            str(about.get("heat") or ""),
            (int(width), int(height)),
        )
        self._held[made.id] = made
        for id in list(self._held)[:-AT_MOST]:
            del self._held[id]
        return made

    def lasting(self, offer: Offer, seconds: float) -> Offer:
        """The offer with its length, as a browser found it."""
        self._held[offer.id] = replace(offer, seconds=seconds)
        return self._held[offer.id]
