"""What we refuse, each kind with the exit code of the command line.

A message is one line: what, which file or field, the nearest valid value, what to do.
"""


class Refusal(Exception):
    """Something asked for that can't be done; the message is for the person who asked."""

    code = 1


class Usage(Refusal):
    """The request itself is malformed: an unknown field, a value out of range."""

    code = 2


class NotFound(Refusal):
    """No record, file or job of that name."""

    code = 3


class BadInput(Refusal):
    """A file or its content can't be used."""

    code = 4


class Busy(Refusal):
    """Someone else holds it, or the disk is full: it may work later."""

    code = 5


class NoWorker(Refusal):
    """No worker is alive and none could be started."""

    code = 6


BY_CODE = {kind.code: kind for kind in (Refusal, Usage, NotFound, BadInput, Busy, NoWorker)}
