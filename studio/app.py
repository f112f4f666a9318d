"""Opening the studio, and what is said after it closed."""

import asyncio
import gc
from pathlib import Path

from store.errors import Refusal


def main() -> int:
    """Open the studio; the exit code."""
    # Importing makes objects that all stay: looking for garbage among them is a quarter of the start.
    gc.disable()
    from studio.frame import Studio

    try:
        app = Studio()
    except Refusal as error:
        print(f"woodshed: {error}")
        return error.code
    app.run()
    if app.leaving:
        print(app.leaving)
    return app.return_code or 0


def svg(screen: str, size: tuple[int, int], path: str | Path) -> Path:
    """Draw a screen of the person's own library, without a terminal, as an SVG file."""
    from studio.frame import Studio

    path = Path(path)

    async def shoot() -> None:
        app = Studio(start=screen, wake=False)
        async with app.run_test(size=size) as pilot:
            await pilot.pause(0.4)
            path.write_text(app.export_screenshot(title="woodshed"), encoding="utf-8")

    asyncio.run(shoot())
    return path
