"""Opening the studio, and what is said after it closed."""

import asyncio
import gc
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store import paths
from store.errors import Refusal
from store.files import atomic
from studio.text import safe_text


def main(low: bool = False) -> int:
    """Open the studio; the exit code. ``low``: send few bytes."""
    from studio.sight import look

    try:
        sight = look(os.environ, low)
    except OSError as error:
        _say(f"{error.filename or 'system'}: {error.strerror or error}")
        return 1
    # Colours are ours to choose, and Textual reads this when it is imported.
    os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"
    os.environ.pop("NO_COLOR", None)
    # Importing makes objects that all stay: looking for garbage among them is a quarter of the start.
    gc.disable()
    from studio.frame import Studio

    try:
        app = Studio(sight=sight)
    except Refusal as error:
        _say(str(error))
        return error.code
    except OSError as error:
        _say(f"{error.filename or 'system'}: {error.strerror or error}")
        return 1
    with _terminal_alone():
        app.run(mouse=sight.mouse)
    for words in filter(None, app.leaving.split("\n")):
        _say(words)
    return app.return_code or 0


@contextmanager
def _terminal_alone() -> Iterator[None]:
    """Sound libraries write to descriptor 2 what they did not find: into the log, not over the screen.

    The studio itself draws by ``sys.__stderr__``, which keeps the terminal.
    """
    drawn, kept = sys.__stderr__, os.dup(2)
    try:
        log = os.open(paths.log("audio"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError:
        log = os.open(os.devnull, os.O_WRONLY)
    terminal = os.fdopen(kept, "w", encoding="utf-8", errors="replace")
    try:
        sys.__stderr__ = terminal  # type: ignore[misc]
        os.dup2(log, 2)
        yield
    finally:
        terminal.flush()
        os.dup2(terminal.fileno(), 2)
        sys.__stderr__ = drawn  # type: ignore[misc]
        terminal.close()
        os.close(log)


def _say(words: str) -> None:
    print(f"woodshed: {safe_text(words)}", file=sys.stderr)


def svg(screen: str, size: tuple[int, int], path: str | Path) -> Path:
    """Draw a screen of the person's own library, without a terminal, as an SVG file. Raises Busy."""
    from studio.frame import Studio

    async def shoot() -> str:
        app = Studio(start=screen, wake=False)
        async with app.run_test(size=size) as pilot:
            await pilot.pause(0.4)
            drawn = app.export_screenshot(title="woodshed")
        # A picture that fetches its letters from a server would tell that server who looks at it.
        return re.sub(r"@font-face\s*\{.*?\}", "", drawn, flags=re.DOTALL)

    return atomic(path, asyncio.run(shoot()))
