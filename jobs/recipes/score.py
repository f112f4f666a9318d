"""Score a repaired sound against the truth: over the file, in the gaps, and beside what else could have
been."""

from pathlib import Path
from typing import Any

import numpy as np

from jobs.desk import Desk
from jobs.recipes.beside import WAYS, Gaps, alone, beside, end_to_end
from jobs.recipes.exact import exact_sound
from jobs.recipes.gap_views import views
from jobs.recipes.losses import Losses, losses_of
from jobs.recipes.outside import check_folder, folder_of_ours, give, give_json
from jobs.sound import scoring, speech
from jobs.sound.alignment import place
from jobs.sound.fidelity import Unmeasurable
from jobs.sound.pairs import Mismatch, check_shapes
from jobs.sound.pcm import from_pcm
from jobs.sound.stereo import image
from jobs.specs import ScoreRepair
from store.errors import BadInput

LEFT, VIEWS, REPORT, PICTURE = "score.json", "gaps.json", "report.json", "report.png"
BASELINE = "ar-512"
"""What the views of gaps show beside truth and output."""
SPOKEN = "voice"
"""Profile for which the measures of speech are taken as well."""
MOST, MOST_LEGACY = 100_000_000, 2**24
"""Samples times channels of a sound: as many take some 4 GB to be measured."""
ANALYSED = 2**24
"""Samples times channels that are taken apart for a report."""


def run(spec: ScoreRepair, desk: Desk) -> dict:
    """Raises Usage, BadInput (a sound can't be read, the two don't fit, the truth is silent), NotFound."""
    if spec.report:
        check_folder(spec.report, REPORT, "report")
    most = MOST_LEGACY if spec.legacy else MOST
    truth, output = (exact_sound(path, field, desk, most)
                     for path, field in ((spec.truth, "truth"), (spec.output, "output")))  # fmt: skip
    names = Path(spec.output).name, Path(spec.truth).name
    try:
        check_shapes(output.samples, truth.samples, (output.rate, truth.rate), names)
    except Mismatch as error:
        raise BadInput(str(error)) from None
    rate, waves = truth.rate, np.stack([from_pcm(one.samples) for one in (output, truth)])
    del truth, output
    lost = losses_of(spec, rate, waves.shape[2], desk) if spec.trace else None
    try:
        found = _scored(spec, waves, rate, lost, desk)
    except Unmeasurable as error:
        raise BadInput(str(error)) from None
    give_json(desk.folder / LEFT, found)
    if spec.report:
        _report(spec.report, found, waves, rate)
    return {"summary": {**{key: value for key, value in found.items() if key != "each"}, "left": LEFT}}


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
    try:
        own = scoring.gap_score(output, truth, lost.gaps, rate, spec.profile, spec.legacy)
    except scoring.NothingLost as error:
        return {"gap_sdr_db": None, "gap": None, "beside": {}, "each": [], "why": str(error)}
    gaps, true, made = end_to_end(lost.gaps), alone(truth, lost.gaps), alone(output, lost.gaps)
    sdrs, compared = {"output": scoring.gap_sdrs(made, true, gaps)}, {}
    count = Gaps(desk, WAYS * len(truth) * len(gaps))
    for name, filled in beside(truth, rate, lost.gaps, lost.packet, count.one):
        other = alone(filled, lost.gaps)
        sdrs[name] = scoring.gap_sdrs(other, true, gaps)
        score = scoring.gap_score(other, true, gaps, rate, spec.profile, spec.legacy)
        compared[name] = {"gap_sdr_db": score.measures["sdr_db"], "composite": score.composite}
        if name == BASELINE:
            around = views(output, truth, filled, lost.gaps, sdrs["output"], rate)
            give_json(desk.folder / VIEWS, around)
    return {
        "gap_sdr_db": own.measures["sdr_db"],
        "gap": _told(own),
        **({"stereo": image(made, true, gaps)} if len(truth) == 2 else {}),
        "beside": compared,
        "each": [_one(gap, {name: found[index] for name, found in sdrs.items()}, rate)
                 for index, gap in enumerate(lost.gaps)],
    }  # fmt: skip


def _one(gap: tuple[int, int], sdrs: dict[str, float | None], rate: int) -> dict[str, Any]:
    """A gap, with the SDR of the output and of each of the other ways."""
    start, end = gap
    others = {f"{name}_db": sdr for name, sdr in sdrs.items() if name != "output"}
    place = {"start_seconds": start / rate, "ms": 1000 * (end - start) / rate}
    return {**place, "gap_sdr_db": sdrs["output"], **others}


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


def _report(folder: str, found: dict[str, Any], waves: np.ndarray, rate: int) -> None:
    from jobs.recipes.score_picture import drawn

    into = folder_of_ours(folder, REPORT, "report")
    give(into / PICTURE, drawn(found, waves, rate))
    give_json(into / REPORT, {"woodshed": 1, **found, "analysis": _analysis(waves, rate)})


def _analysis(waves: np.ndarray, rate: int) -> dict[str, Any]:
    """Output and truth by themselves: spectrum, harmonics, bands of hearing, transients. Of long ones the
    beginning."""
    from jobs.sound import anatomy

    count = ANALYSED // waves.shape[1]
    output, truth = (anatomy.evaluate(wave[:, :count], rate) for wave in waves)
    return {"output": output, "truth": truth, "seconds": min(count, waves.shape[2]) / rate}
