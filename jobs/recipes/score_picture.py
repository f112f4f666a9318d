"""A score as a picture: nine panels, the sound above, the gaps in the middle, the figures below.

Matplotlib draws it, without a display.
"""

import io
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jobs.recipes.analysis_picture import DPI, FAINT, GOLDEN, GROUND, TEXT
from jobs.sound.scoring import SCORED, TARGETS

SOFTWARE = "Woodshed, a score of repaired packets"
TRUTH, OUTPUT, BASELINE = "#99c794", "#6699cc", "#ec5f67"
SIZE = (15.0, 10.0)
"""Inches."""
COLUMNS = 1_500
"""Of a waveform: a minimum and a maximum each."""
FRAME, HOP_COLUMNS, RANGE_DB = 1_024, 600, 90.0


def drawn(found: dict[str, Any], waves: np.ndarray, rate: int) -> bytes:
    """A PNG of what `jobs.recipes.score` found of ``waves`` (output and truth, channels, samples)."""
    output, truth = waves.mean(axis=1)
    figure = Figure(figsize=SIZE, facecolor=GROUND, layout="constrained")
    axes = figure.subplots(3, 3)
    for one in axes.flat:
        _quiet(one)
    _waves(axes[0, 0], truth, output, rate, found)
    _heat(axes[0, 1], truth, rate, "truth")
    _heat(axes[0, 2], output, rate, "output")
    _spectra(axes[1, 0], truth, output, rate)
    _each(axes[1, 1], found)
    _lengths(axes[1, 2], found)
    _scores(axes[2, 0], found)
    _beside(axes[2, 1], found)
    _words(axes[2, 2], found)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, facecolor=GROUND, metadata={"Software": SOFTWARE})
    return out.getvalue()


def _quiet(axes: Axes) -> None:
    axes.set_facecolor(GROUND)
    axes.tick_params(colors=TEXT, labelsize=7)
    for side in axes.spines.values():
        side.set_color(FAINT)


def _titled(axes: Axes, title: str, below: str = "", left: str = "") -> None:
    axes.set_title(title, color=TEXT, size=9, loc="left")
    axes.set_xlabel(below, color=TEXT, size=7)
    axes.set_ylabel(left, color=TEXT, size=7)


def _waves(axes: Axes, truth: np.ndarray, output: np.ndarray, rate: int, found: dict[str, Any]) -> None:
    size = max(1, len(truth) // COLUMNS)
    for wave, colour in ((truth, TRUTH), (output, OUTPUT)):
        cut = wave[: len(wave) // size * size].reshape(-1, size)
        time = np.arange(len(cut)) * size / rate
        axes.fill_between(time, cut.min(axis=1), cut.max(axis=1), color=colour, alpha=0.6, linewidth=0)
    for gap in found.get("each", ()):
        axes.axvspan(gap["start_seconds"], gap["start_seconds"] + gap["ms"] / 1000, color=GOLDEN, alpha=0.3)
    _titled(axes, "truth (green), output (blue), gaps (gold)", "s")


def _heat(axes: Axes, wave: np.ndarray, rate: int, name: str) -> None:
    hop = max(FRAME // 4, len(wave) // HOP_COLUMNS)
    padded = np.pad(wave, (0, max(0, FRAME - len(wave))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::hop] * np.hanning(FRAME)
    level = 20 * np.log10(np.abs(np.fft.rfft(frames, axis=1)).T + 1e-9)
    top = level.max()
    axes.imshow(level, origin="lower", aspect="auto", cmap="magma", vmin=top - RANGE_DB, vmax=top,
                extent=(0, len(wave) / rate, 0, rate / 2000))  # fmt: skip
    _titled(axes, f"spectrogram of the {name}", "s", "kHz")


def _spectra(axes: Axes, truth: np.ndarray, output: np.ndarray, rate: int) -> None:
    hertz = np.fft.rfftfreq(FRAME, 1 / rate)
    for wave, colour in ((truth, TRUTH), (output, OUTPUT)):
        padded = np.pad(wave, (0, max(0, FRAME - len(wave))))
        frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[:: FRAME // 2] * np.hanning(FRAME)
        power = (np.abs(np.fft.rfft(frames, axis=1)) ** 2).mean(axis=0)
        axes.semilogx(hertz[1:], 10 * np.log10(power[1:] + 1e-12), color=colour, linewidth=1)
    _titled(axes, "spectrum", "Hz", "dB")


def _each(axes: Axes, found: dict[str, Any]) -> None:
    """SDR of the gaps in time, beside AR-512."""
    gaps = [gap for gap in found.get("each", ()) if gap["gap_sdr_db"] is not None]
    time = [gap["start_seconds"] for gap in gaps]
    axes.plot(time, [gap["ar-512_db"] for gap in gaps], "x", color=BASELINE, markersize=4)
    axes.plot(time, [gap["gap_sdr_db"] for gap in gaps], "o", color=OUTPUT, markersize=3)
    axes.axhline(TARGETS["sdr_db"], color=GOLDEN, linewidth=0.8)
    _titled(axes, "gaps: this (dots), AR-512 (crosses), target (gold)", "s", "SDR dB")


def _lengths(axes: Axes, found: dict[str, Any]) -> None:
    """The median SDR by length of gap."""
    gaps = [gap for gap in found.get("each", ()) if gap["gap_sdr_db"] is not None]
    lengths = sorted({round(gap["ms"], 1) for gap in gaps})
    for key, colour in (("gap_sdr_db", OUTPUT), ("ar-512_db", BASELINE), ("oracle_db", TRUTH)):
        medians = [np.median([gap[key] for gap in gaps if round(gap["ms"], 1) == one]) for one in lengths]
        axes.plot(lengths, medians, "o-", color=colour, markersize=3, linewidth=1)
    _titled(axes, "median by length: this, AR-512 (red), oracle (green)", "ms", "SDR dB")


def _scores(axes: Axes, found: dict[str, Any]) -> None:
    names = list(SCORED)
    for place, part in enumerate((found, found.get("gap") or {})):
        values = [part.get("scores", {}).get(name, 0.0) for name in names]
        axes.barh(np.arange(len(names)) + 0.4 * place, values, 0.38, color=(TRUTH, OUTPUT)[place])
    axes.set_yticks(np.arange(len(names)) + 0.2, [name.rsplit("_", 1)[0] for name in names])
    axes.set_xlim(0, 1)
    _titled(axes, "scores: file (green), gaps (blue)")


def _beside(axes: Axes, found: dict[str, Any]) -> None:
    ways = {"this": found.get("gap_sdr_db"), **{name: one["gap_sdr_db"] for name, one in
                                                found.get("beside", {}).items()}}  # fmt: skip
    known = {name: value for name, value in ways.items() if value is not None}
    colours = [OUTPUT if name == "this" else FAINT for name in known]
    axes.bar(list(known), list(known.values()), color=colours)
    _titled(axes, "SDR of the lost samples", left="dB")


def _words(axes: Axes, found: dict[str, Any]) -> None:
    axes.axis("off")
    gap = found.get("gap")
    lines = [
        f"{found['mode']}, profile {found['profile']}",
        f"file: composite {found['composite']:.3f}, {found['tier']}, {_mastered(found)}",
    ]
    if gap:
        lines += [
            f"gaps: composite {gap['composite']:.3f}, {gap['tier']}, {_mastered(gap)}",
            f"{found['gaps']} gaps, {found['lost_percent']:g} % of packets of {found['packet_ms']:g} ms",
        ]
        measured = gap["measures"]
        lines += [f"{name.replace('_', ' ')}: {measured[name]:.2f} (target {target:g})"
                  for name, target in TARGETS.items()]  # fmt: skip
    lines += found["notes"]
    axes.text(0, 1, "\n".join(lines), color=TEXT, size=9, va="top", transform=axes.transAxes)


def _mastered(part: dict[str, Any]) -> str:
    return "mastered" if part["mastered"] else "not mastered"
