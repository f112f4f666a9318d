"""Score a repaired sound against the truth: over the file, in the gaps, and beside what else could have
been."""

from pathlib import Path
from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.recipes.beside import WAYS, beside
from jobs.recipes.gap_views import views
from jobs.recipes.losses import Losses, losses_of
from jobs.recipes.outside import check_folder, folder_of_ours, give, give_json
from jobs.recipes.repair import Gaps
from jobs.sound import pcm, scoring, speech
from jobs.sound.alignment import place
from jobs.sound.fidelity import Unmeasurable
from jobs.sound.pairs import Mismatch, check_shapes
from jobs.sound.reader import Unreadable
from jobs.sound.stereo import image
from jobs.specs import ScoreRepair
from store.errors import BadInput

LEFT, VIEWS, REPORT, PICTURE = "score.json", "gaps.json", "report.json", "report.png"
SPOKEN = "voice"
"""Profile for which the measures of speech are taken as well."""


def run(spec: ScoreRepair, desk: Desk) -> dict:
    """Raises Usage, BadInput (a sound can't be read, the two don't fit, the truth is silent), NotFound."""
    if spec.report:
        check_folder(spec.report, REPORT, "report")
    truth, output = _read(spec.truth, "truth"), _read(spec.output, "output")
    names = Path(spec.output).name, Path(spec.truth).name
    try:
        check_shapes(output.samples, truth.samples, (output.rate, truth.rate), names)
    except Mismatch as error:
        raise BadInput(str(error)) from None
    waves = np.stack([pcm.from_pcm(one.samples) for one in (output, truth)]).astype(np.float64)
    lost = losses_of(spec, truth.rate, waves.shape[2], desk) if spec.trace else None
    try:
        found = _scored(spec, waves, truth.rate, lost, desk)
    except Unmeasurable as error:
        raise BadInput(str(error)) from None
    give_json(desk.folder / LEFT, found)
    if spec.report:
        _report(spec.report, found, waves, truth.rate, desk)
    return {"summary": {**{key: value for key, value in found.items() if key != "each"}, "left": LEFT}}


def _read(path: str, field: str) -> pcm.Pcm:
    try:
        return pcm.read_pcm(path)
    except Unreadable as error:
        raise BadInput(f"{field}: {error}") from None


def _scored(
    spec: ScoreRepair, waves: np.ndarray, rate: int, lost: Losses | None, desk: Desk
) -> dict[str, Any]:
    output, truth = waves
    whole = scoring.score(output, truth, rate, spec.profile, spec.legacy)
    found: dict[str, Any] = {
        "truth": spec.truth,
        "output": spec.output,
        "rate": rate,
        "channels": len(truth),
        "seconds": truth.shape[1] / rate,
        "profile": spec.profile,
        "mode": "legacy" if spec.legacy else "strict",
        **_told(whole),
        "notes": _notes(output, truth, rate),
    }
    if spec.profile == SPOKEN:
        found["speech"] = speech.evaluate(output, truth, rate)
    if lost:
        found |= lost.record()
    if lost and lost.gaps:
        found |= _in_gaps(spec, waves, rate, lost, desk)
    return found


def _told(score: scoring.Score) -> dict[str, Any]:
    record = score.record()
    return {key: record[key] for key in
            ("composite", "tier", "mastered", "deployable", "measures", "scores", "failing")}  # fmt: skip


def _in_gaps(spec: ScoreRepair, waves: np.ndarray, rate: int, lost: Losses, desk: Desk) -> dict[str, Any]:
    """The same for the lost samples alone, for what else could stand there, and for each gap."""
    output, truth = waves

    def scored(made: np.ndarray) -> scoring.Score:
        return scoring.gap_score(made, truth, lost.gaps, rate, spec.profile, spec.legacy)

    try:
        alone = scored(output)
    except scoring.NothingLost as error:
        return {"gap_sdr_db": None, "gap": None, "beside": {}, "each": [], "why": str(error)}
    others = beside(truth, rate, lost.gaps, lost.packet, Gaps(desk, WAYS * len(truth) * len(lost.gaps)))
    compared = {name: scored(made) for name, made in others.items()}
    sdrs = {
        name: scoring.gap_sdrs(made, truth, lost.gaps) for name, made in {"output": output, **others}.items()
    }
    each = [
        {
            "start_seconds": start / rate,
            "ms": 1000 * (end - start) / rate,
            "gap_sdr_db": sdrs["output"][index],
            **{f"{name}_db": sdrs[name][index] for name in others},
        }
        for index, (start, end) in enumerate(lost.gaps)
    ]
    give_json(desk.folder / VIEWS, views(output, truth, others["ar-512"], lost.gaps, sdrs["output"], rate))
    return {
        "gap_sdr_db": alone.measures["sdr_db"],
        "gap": _told(alone),
        **({"stereo": image(output, truth, lost.gaps)} if len(truth) == 2 else {}),
        "beside": {
            name: {"gap_sdr_db": one.measures["sdr_db"], "composite": one.composite}
            for name, one in compared.items()
        },
        "each": each,
    }


def _notes(output: np.ndarray, truth: np.ndarray, rate: int) -> list[str]:
    """What a person should know of a pair that is scored as it is."""
    if not np.abs(output).max() > 0:
        return ["the output is silent"]
    placed = place(output, truth, rate)
    notes = []
    if placed.lag:
        side = "behind" if placed.lag > 0 else "ahead of"
        notes.append(f"the output is {abs(placed.lag)} samples {side} the truth")
    if placed.polarity < 0:
        notes.append("the output is upside down")
    if not placed.alike:
        notes.append("the output has little to do with the truth")
    return notes


def _report(folder: str, found: dict[str, Any], waves: np.ndarray, rate: int, desk: Desk) -> None:
    from jobs.recipes.score_picture import drawn

    into = folder_of_ours(folder, REPORT, "report")
    give(into / PICTURE, drawn(found, waves, rate))
    give_json(into / REPORT, {"woodshed": 1, **found, "analysis": _analysis(waves, rate)})


def _analysis(waves: np.ndarray, rate: int) -> dict[str, Any]:
    """Output and truth by themselves: spectrum, harmonics, bands of hearing, transients."""
    from jobs.sound import anatomy

    output, truth = (anatomy.evaluate(wave, rate) for wave in waves)
    return {"output": output, "truth": truth}
