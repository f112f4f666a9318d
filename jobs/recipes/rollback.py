"""Go back to the version that was in use in a folder of the field before the last update."""

from pathlib import Path

from jobs.desk import Desk
from jobs.field import installed
from jobs.recipes.opened import refusing
from jobs.specs import RollBack


def run(spec: RollBack, desk: Desk) -> dict:
    """Raises BadInput (there is none, or it is damaged), Busy."""
    folder = Path(spec.folder)
    with refusing():
        after = installed.installed_version(folder)
        version = installed.rollback(folder)
        now = installed.installed_version(folder)
    return {"summary": {"folder": str(folder), "path": str(version), "version": now, "before": after}}
