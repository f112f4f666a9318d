"""Where a degraded sound lost packets: the runs of samples in which it is not its truth."""

import numpy as np

from jobs.sound.traces import SHORTEST, Gap, gaps

SAME = 2.0**-15
"""How far a sample may be off and was still received: a step of 16 bits, which one of the files may have."""
JOINED_MS = 1.0
"""Runs that are nearer to each other are one: what was lost may happen to be like what stands there."""
MOST = 0.5
"""Share of differing samples up to which packets were lost; where more differ something else was done."""


class NoLosses(ValueError):
    """Nothing is lost, or it isn't packets; one line, to be put behind the names of both."""


def lost_runs(degraded: np.ndarray, truth: np.ndarray, rate: int) -> list[Gap]:
    """Runs of at least `SHORTEST` samples in which any channel differs, of aligned sounds (channels, samples)
    at ``rate`` Hz. Raises NoLosses."""
    differs = (np.abs(degraded - truth) > SAME).any(axis=0)
    if not differs.any():
        raise NoLosses("nothing differs, so nothing was lost; take the pair out")
    share = float(differs.mean())
    if share > MOST:
        raise NoLosses(f"{share:.0%} of all samples differ: more than lost packets; take the pair out")
    found: list[Gap] = []
    for run in gaps(differs, 1, len(differs)):
        if found and run.start - found[-1].end < JOINED_MS * rate / 1000:
            found[-1] = Gap(found[-1].start, run.end)
        else:
            found.append(run)
    found = [run for run in found if run.samples >= SHORTEST]
    if not found:
        raise NoLosses(f"no {SHORTEST} samples in a row differ, so no packet was lost; take the pair out")
    return found
