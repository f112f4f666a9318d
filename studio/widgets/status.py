"""The state of a job: a glyph and a word, never colour alone."""

from typing import Any

from studio.widgets.lines import Part

GLYPHS = {
    "queued": ("◦", "dim"),
    "running": ("▶", "accent"),
    "stalled": ("▲", "warn"),
    "done": ("✓", "good"),
    "failed": ("✗", "bad"),
    "cancelled": ("■", "dim"),
    "interrupted": ("‖", "warn"),
    "lost": ("?", "bad"),
}

KINDS = {
    "sounds": "import",
    "vae": "train",
    "take": "generate",
    "export": "export",
    "look": "look",
    "loudness": "loudness",
    "organise": "organise",
    "normalise": "normalise",
    "verify": "verify",
    "flaws": "flaws",
    "fingerprint": "fingerprint",
    "diagnosis": "learn flaws",
    "diagnose": "diagnose",
    "ship": "export",
    "repair": "repair",
    "score": "score",
    "trace": "packet trace",
    "degrade": "degrade",
    "repairer": "learn repair",
    "handover": "ship repairer",
    "profiler": "profile",
    "inspection": "verify package",
    "install": "install",
    "rollback": "go back",
    "difference": "compare nets",
    "feedback": "feedback",
    "key": "key",
    "rehearsal": "rehearse",
}
"""Recipe -> what a person calls it."""


def standing(job: Any, state: str, place: int = 0) -> list[Part]:
    """``▶ running``; a job that is asked to stop says so."""
    glyph, color = GLYPHS.get(state, ("·", "dim"))
    word = "stopping" if state == "running" and job.cancelled else state
    if place:
        word += f" ({place})"
    return [(f"{glyph} ", color), (word, color if color != "dim" else "text")]
