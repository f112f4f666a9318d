"""What a repairer costs and what its smaller sizes keep, as rows of words, for both fronts. Light."""

from collections.abc import Mapping
from typing import Any

from studio.text import size

SIZES = ("size", "weights", "bytes", "SQNR dB", "in gaps", "gap SDR", "p50 ms", "p99 ms", "MB", "field")
KINDS = ("kind of net", "weights", "bytes", "p50 ms", "p99 ms", "MB", "real time", "step ms")
NAMES = {
    "net.onnx": "float32",
    "net.int8.onnx": "int8",
    "net.pruned.onnx": "pruned",
    "net.fp16.onnx": "half floats",
}
EXPLAINED = (
    "SQNR of what the net answers, and of the sound in gaps: 30 dB at least, but for pruned; gap SDR may "
    "fall by 0.1 dB. ms: of one processor, for one gap. MB: 10^6 bytes of a process that runs the net alone."
)
Found = Mapping[str, Any]


def sizes(found: Found) -> list[list[str]]:
    """Of what `jobs.recipes.profiler` leaves: a row under `SIZES` for each."""
    return [
        [NAMES.get(one["file"], one["file"]), str(one["parameters"]), size(one["bytes"]),
         *(_decibels(one[key]) for key in ("sqnr_db", "gap_sqnr_db")), f"{0.0 - one['loss_db']:+.3f}",
         *_inference(one), "kept" if one["kept"] else "not used"]
        for one in found["sizes"]
    ]  # fmt: skip


def kinds(found: Found) -> list[list[str]]:
    """Rows under `KINDS`: this one, then every kind as it would be untrained."""
    return [
        [one["net"], str(one["parameters"]), size(one["bytes"]), *_inference(one),
         f"{one['real_time_score']:.2f}", f"{one['step_ms']:.0f}"]
        for one in [{**found, "net": found["name"]}, *found["architectures"]]
    ]  # fmt: skip


def kept(one: Found) -> str:
    """Of a smaller net, what it keeps: a row of ``parity`` of a package."""
    used = "kept" if one["kept"] else "not used"
    return (
        f"{NAMES.get(one['file'], one['file'])}: {size(one['bytes'])}, SQNR {one['sqnr_db']:.1f} dB, in gaps "
        f"{one['gap_sqnr_db']:.1f} dB, gap SDR {0.0 - one['loss_db']:+.3f} dB, {used}"
    )


def _decibels(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _inference(one: Found) -> list[str]:
    return [f"{one['inference_p50_ms']:.3f}", f"{one['inference_p99_ms']:.3f}", f"{one['process_mb']:.1f}"]
