"""Opening the studio, and what is said after it closed."""

import asyncio
import gc
import re
import sys
from pathlib import Path

from store.errors import Refusal
from store.files import atomic
from studio.text import safe_text


def main() -> int:
    """Open the studio; the exit code."""
    # Importing makes objects that all stay: looking for garbage among them is a quarter of the start.
    gc.disable()
    from studio.frame import Studio

    try:
        app = Studio()
    except Refusal as error:
        _say(str(error))
        return error.code
    except OSError as error:
        _say(f"{error.filename or 'system'}: {error.strerror or error}")
        return 1
    app.run()
    for words in filter(None, app.leaving.split("\n")):
        _say(words)
    return app.return_code or 0


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
