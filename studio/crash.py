"""What went wrong in one line: what was refused, and what nobody expected, whose story goes to a log."""

import traceback
from contextlib import suppress

from store import paths
from store.clock import now
from store.errors import Refusal


def plain(error: Refusal | OSError) -> str:
    """One line about what was refused, or what the system reports."""
    if isinstance(error, Refusal):
        return str(error)
    return f"{error.filename or 'system'}: {error.strerror or error}"


def told(error: BaseException) -> str:
    """Append the traceback to the studio's log; the line that says so."""
    story = "".join(traceback.format_exception(error))
    where = ""
    # A disk that is full or gone may be why we end: then there is no log either.
    with suppress(OSError):
        path = paths.log("studio")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"--- {now()}\n{story}")
        where = f"{path} has the whole story, "
    what = " ".join(str(error).split())[:200]
    return f"the studio ended: {type(error).__name__}: {what}; {where}jobs go on"
