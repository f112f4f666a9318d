"""This house's public key, by which the field knows its packages."""

from jobs.desk import Desk
from jobs.field.keys import as_text
from jobs.field.trust import fingerprint, own_key, place, public_place
from jobs.recipes.opened import refusing
from jobs.specs import ShowKey


def run(spec: ShowKey, desk: Desk) -> dict:
    """Raises BadInput (the key is damaged), Busy."""
    there = place().exists()
    with refusing():
        key = own_key().public_key()
    return {"summary": {"path": str(public_place()), "public_key": as_text(key).decode("ascii"),
                        "sha256": fingerprint(key), "made": not there}}  # fmt: skip
