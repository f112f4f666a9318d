"""Which compiled form of the loops of linear prediction runs: numba's, unless another was chosen.

What they do and take stands in `jobs.sound.recursions`. Numba is loaded by the first call that needs it, so
that a process with another form never pays for it.
"""

from typing import Any, Protocol


class Loops(Protocol):
    """`jobs.sound.recursions`, or what stands in for it."""

    def levinson(self, *arguments: Any, **named: Any) -> None: ...

    def burg(self, *arguments: Any, **named: Any) -> None: ...

    def extrapolate(self, *arguments: Any, **named: Any) -> None: ...


_chosen: Loops | None = None


def use(loops: Loops | None) -> None:
    """From now on, in the whole process; None: numba's."""
    global _chosen
    _chosen = loops


def levinson(*arguments: Any) -> None:
    (_chosen or _numba()).levinson(*arguments)


def burg(*arguments: Any) -> None:
    (_chosen or _numba()).burg(*arguments)


def extrapolate(*arguments: Any) -> None:
    (_chosen or _numba()).extrapolate(*arguments)


def _numba() -> Loops:
    from jobs.sound import recursions

    use(recursions)
    return recursions
