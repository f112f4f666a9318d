"""What a finished job found, in a line."""

from collections.abc import Callable
from typing import Any

from studio import fieldwork
from studio.text import count


def came_to(job: Any) -> str:
    """Of a job whose result is no record of its own; empty for others."""
    summary = (job.result or {}).get("summary") or {}
    words = WORDS.get(job.recipe)
    return words(summary) if words and job.state == "done" and summary else ""


def _failed(summary: dict[str, Any]) -> str:
    return f", {summary['failed']} could not be read" if summary.get("failed") else ""


WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "organise": lambda one: f"{count(one['count'], 'sound')} in {one['path']}, {one['left_out']} left out",
    "normalise": lambda one: (
        f"{count(one['count'], 'sound')} in {one['path']}, {one['with_reason']} with a reason, "
        f"{one['wrong']} wrong{_failed(one)}"
    ),
    "verify": lambda one: (
        f"{count(one['count'], 'sound')} measured, {one['with_reason']} with a reason, {one['wrong']} wrong"
    ),
    "flaws": lambda one: (
        f"{count(one['count'], 'flawed sound')} of {one['sources']} clean ones in {one['path']}"
    ),
    "fingerprint": lambda one: (
        f"{count(one['count'], 'fingerprint')}" + (f" in {one['csv']}" if "csv" in one else "") + _failed(one)
    ),
    "analyse": lambda one: (
        f"{count(one['count'], 'sound')} analysed"
        + (f", drawn in {one['path']}" if "path" in one else "")
        + _failed(one)
    ),
    "diagnose": lambda one: f"{count(one['count'], 'sound')} diagnosed{_failed(one)}",
    "loudness": lambda one: (
        f"{count(one['count'], 'sound')} measured{_failed(one)}; woodshed loudness shows them"
    ),
    "diagnosis": lambda one: f"learned {one['name']}: {', '.join(one['instruments'])}; w in the Lab uses it",
    "repair": lambda one: f"{count(one['gaps'], 'gap')} repaired with {one['method']} in {one['path']}",
    "trace": lambda one: f"{one['lost_percent']:g} % of {one['packets']} packets lost, in {one['path']}",
    "degrade": lambda one: f"{one['kind']} of {one['of']} in {one['path']}",
    "repairer": lambda one: f"learned {one['name']}: {one['verdict']}",
    "handover": lambda one: f"{one['name']} in {one['path']}, version {one['version']}",
    "inspection": lambda one: f"{one['name']}, version {one['version']}, is whole",
    "install": fieldwork.installed,
    "rollback": fieldwork.rolled_back,
    "difference": lambda one: f"{one['tensors'] - one['same']} of {count(one['tensors'], 'tensor')} changed",
    "feedback": lambda one: (
        f"{count(one['sessions'], 'session')}, kept with {', '.join(one['repairers']) or 'no repairer'}"
    ),
    "key": lambda one: one["path"],
    "profiler": lambda one: f"{one['name']}: {one['inference_p50_ms']:.2f} ms a gap",
    "score": lambda one: f"composite {one['composite']:.2f}, {one['tier']}",
    "ship": lambda one: f"{one['part']} of {one['name']} in {one['path']}",
}
"""Recipe -> the words for its result."""
