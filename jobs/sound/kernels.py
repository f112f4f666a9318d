"""Which compiled form of the loops of repair runs: numba's, unless another was chosen.

What they do and take stands in the modules of `PAGES`. Numba is loaded by the first call that needs it, so
that a process with another form never pays for it.
"""

from importlib import import_module
from types import SimpleNamespace
from typing import Any, Protocol, cast

PAGES = {
    "recursions": ("levinson", "windowed", "burg", "extrapolate", "missed", "judge"),
    "blocks": ("take", "cross", "loudest", "rounded", "join", "hold"),
    "outlook": ("outlook",),
}
"""Modules here -> the loops that are in them."""
LOOPS = tuple(name for names in PAGES.values() for name in names)


class Loops(Protocol):
    """Those of `PAGES`, or what stands in for them."""

    def levinson(self, *arguments: Any, **named: Any) -> None: ...

    def windowed(self, *arguments: Any, **named: Any) -> None: ...

    def burg(self, *arguments: Any, **named: Any) -> None: ...

    def extrapolate(self, *arguments: Any, **named: Any) -> None: ...

    def missed(self, *arguments: Any, **named: Any) -> None: ...

    def judge(self, *arguments: Any, **named: Any) -> None: ...

    def take(self, *arguments: Any, **named: Any) -> None: ...

    def cross(self, *arguments: Any, **named: Any) -> None: ...

    def loudest(self, *arguments: Any, **named: Any) -> None: ...

    def rounded(self, *arguments: Any, **named: Any) -> None: ...

    def join(self, *arguments: Any, **named: Any) -> None: ...

    def hold(self, *arguments: Any, **named: Any) -> None: ...

    def outlook(self, *arguments: Any, **named: Any) -> None: ...


_chosen: Loops | None = None


def use(loops: Loops | None) -> None:
    """From now on, in the whole process; None: numba's."""
    global _chosen
    _chosen = loops


def chosen() -> Loops:
    """The form that runs."""
    global _chosen
    if _chosen is None:
        _chosen = numbas()
    return _chosen


def numbas() -> Loops:
    """Numba's form."""
    pages = {page: import_module(f"jobs.sound.{page}") for page in PAGES}
    return cast(Loops, SimpleNamespace(**{n: getattr(pages[page], n) for page in PAGES for n in PAGES[page]}))
