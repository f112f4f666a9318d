"""``woodshed undo``."""

from store.errors import NotFound
from studio import actions
from studio.commands.base import Front, shown, verb, with_front


@verb("woodshed models rm drums\nwoodshed undo", name="undo", help="Take back the last rm, rename or change.")
@with_front
def command(front: Front) -> None:
    record = actions.undo()
    if record is None:
        raise NotFound("nothing to undo")
    front.give(record, lambda: print(f"{shown(record.get('name', ''))} ({record['id']}) is as it was"))
