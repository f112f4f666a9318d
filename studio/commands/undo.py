"""``woodshed undo``."""

from typing import Any

from store.errors import NotFound
from studio import actions
from studio.commands.base import Front, shown, verb, with_front


@verb("woodshed models rm drums\nwoodshed undo", name="undo", help="Take back the last rm, rename or change.")
@with_front
def command(front: Front) -> None:
    records = actions.undo_all()
    if not records:
        raise NotFound("nothing to undo")
    front.give(records[0] if len(records) == 1 else records, lambda: _said(records))


def _said(records: list[dict[str, Any]]) -> None:
    for record in records:
        print(f"{shown(record.get('name', ''))} ({record['id']}) is as it was")
