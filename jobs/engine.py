"""The warm engine: one process that plays job after job and keeps what it has loaded."""

import importlib
import sys
import traceback

from jobs.leash import Line
from jobs.ledger import Ledger
from jobs.queue import WARM
from jobs.run import Stop, perform, prepare

PLAY = "jobs.recipes.take"


def main(line: Line) -> None:
    """Take words from the line, a job id or ``warm`` each, until the line is cut."""
    prepare()
    ledger = Ledger()
    stop = Stop(ledger)
    ledger.stamp()
    line.tell("ready")
    while True:
        while line.quiet() and _prepared():
            pass
        word = line.hear()
        state = _warm() if word == WARM else perform(ledger, word, stop, alone=False)
        line.tell(f"{word} {state}")


def _warm() -> str:
    """Import what playing needs. A failure goes to the log; the job that needs it tells a person."""
    try:
        importlib.import_module(PLAY)
    except ImportError:
        traceback.print_exc()
        return "failed"
    return "done"


def _prepared() -> bool:
    """A little of what the next moves of a slider will need; whether there is more of it. Costs no job."""
    play = sys.modules.get(PLAY)
    try:
        return play is not None and play.prepare()
    except (ArithmeticError, LookupError, MemoryError, RuntimeError, ValueError):
        traceback.print_exc()
        return False
