"""What a finished job found, in a line."""

from collections.abc import Callable
from typing import Any

from studio.text import count


def came_to(job: Any) -> str:
    """Of a job whose result is no record of its own; empty for others."""
    summary = (job.result or {}).get("summary") or {}
    words = WORDS.get(job.recipe)
    return words(summary) if words and job.state == "done" and summary else ""


WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "organise": lambda one: f"{count(one['count'], 'sound')} in {one['path']}, {one['left_out']} left out",
    "normalise": lambda one: (
        f"{count(one['count'], 'sound')} in {one['path']}, {one['with_reason']} with a reason, "
        f"{one['wrong']} wrong"
    ),
    "verify": lambda one: (
        f"{count(one['count'], 'sound')} measured, {one['with_reason']} with a reason, {one['wrong']} wrong"
    ),
    "flaws": lambda one: (
        f"{count(one['count'], 'flawed sound')} of {one['sources']} clean ones in {one['path']}"
    ),
    "fingerprint": lambda one: (
        f"{count(one['count'], 'fingerprint')}" + (f" in {one['csv']}" if "csv" in one else "")
    ),
    "analyse": lambda one: (
        f"{count(one['count'], 'sound')} analysed" + (f", drawn in {one['path']}" if "path" in one else "")
    ),
    "loudness": lambda one: f"{count(one['count'], 'sound')} measured; woodshed loudness shows them",
    "diagnosis": lambda one: f"learned {one['name']}: {', '.join(one['instruments'])}; w in the Lab uses it",
    "ship": lambda one: f"{one['part']} of {one['name']} in {one['path']}",
}
"""Recipe -> the words for its result."""
