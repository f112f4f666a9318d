"""What a repairer costs, as both fronts tell it."""

from pathlib import Path
from typing import Any

import pytest

from studio import costs
from studio.commands.repair_report import profiled, shipped
from studio.screens.costed import costed
from studio.screens.kept import Repairers
from studio.screens.telling import Told
from studio.text import cells
from tests.recipes.test_gap_sizes import repairer
from tests.studio.conftest import studio, until

TIMES = {"inference_p50_ms": 0.147, "inference_p99_ms": 0.31, "real_time_score": 1.0, "process_mb": 71.8}


def row(file: str, **told: Any) -> dict[str, Any]:
    kept = {"sqnr_db": 47.62, "gap_sqnr_db": 48.68, "loss_db": 0.0021, "kept": True}
    return {"file": file, "parameters": 132_308, "bytes": 689_000, **kept, **TIMES, **told}


SIZES = [
    row("net.onnx", sqnr_db=None, gap_sqnr_db=None, loss_db=0.0),
    row("net.int8.onnx", bytes=316_000),
    row("net.pruned.onnx", parameters=10_458, sqnr_db=21.0, loss_db=0.25, kept=False),
    row("net.fp16.onnx"),
]
FOUND = {
    "name": "mine", "net": "gates", **SIZES[0], "sizes": SIZES, "step_ms": 37.0, "peak_memory_mb": 816.0,
    "architectures": [{"net": "mlp", "parameters": 444_024, "bytes": 1_780_000, "step_ms": 24.0, **TIMES}],
}  # fmt: skip


@pytest.mark.parametrize("width", [60, 78, 106])
def test_every_figure_is_in_the_window_whatever_its_width_GAP_11(width: int) -> None:
    lines = ["".join(words for words, _ in line) for line in costed(FOUND, width)]
    text = "\n".join(lines)
    assert max(cells(line) for line in lines) <= width
    for words in (*costs.SIZES, *costs.KINDS, "float32", "int8", "pruned", "half floats", "47.6", "48.7",
                  "-0.002", "-0.250", "+0.000", "not used", "316 kB", "10458", "0.147", "71.8"):  # fmt: skip
        assert words in text, words


def test_the_command_line_says_the_same_GAP_11(capsys: pytest.CaptureFixture[str]) -> None:
    profiled(FOUND)
    told = capsys.readouterr().out
    assert "mine (gates): 132308 weights, a step of training 37 ms" in told and "30 dB at least" in told
    shipped({
        "name": "mine", "version": 3, "path": "/home/mine.zip", "bytes": 10, "parity": SIZES[1:],
        "net": "net.int8.onnx", "fallbacks": ["ar-512", "fade"], "public_key": "/key",
    })  # fmt: skip
    told = capsys.readouterr().out
    assert "int8: 316 kB, SQNR 47.6 dB, in gaps 48.7 dB, gap SDR -0.002 dB, kept" in told
    assert "gap SDR -0.250 dB, not used" in told


@pytest.mark.slow
async def test_p_measures_a_repairer_and_shows_it_GAP_11(home: Path) -> None:
    repairer()
    app = studio("data", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        app.push_screen(Repairers())
        await until(pilot, "▌mine")
        await pilot.press("p")
        text = await until(pilot, "profile of mine")
        assert isinstance(app.screen, Told) and "half floats" in text and "transformer" in text
