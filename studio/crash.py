"""What nobody expected: its story goes to a log, one line to the person."""

import traceback
from contextlib import suppress

from store import paths
from store.clock import now


def told(error: BaseException) -> str:
    """Append the traceback to the studio's log; the line that says so."""
    path = paths.log("studio")
    story = "".join(traceback.format_exception(error))
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"--- {now()}\n{story}")
    what = " ".join(str(error).split())[:200]
    return f"the studio ended: {type(error).__name__}: {what}; {path} has the whole story, jobs go on"
