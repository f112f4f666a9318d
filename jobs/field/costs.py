"""What a net costs where it repairs: milliseconds and memory, of a process that has nothing else to do.

``python -m jobs.field.costs NET`` writes a line of JSON. ``measured`` starts such a process.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from jobs.field.checked import Record, Refused, number, plain
from store.errors import BadInput

FIRST, RUNS = 20, 1_000
"""Answers, of which the first are not counted: they take longer."""
PATIENCE = 120
"""Seconds that all of them may take."""
UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system counts memory."""
ABOUT = Path("/proc/self/status")
Most = Annotated[float, number(0, 1e9)]


@dataclass(frozen=True)
class Costs(Record):
    """Milliseconds that an answer to one gap takes of a processor, which it does not wait for here: with what
    goes before others, as the live runner does, it is the time that passes. 10^6 bytes of the whole process
    at its peak."""

    p50_ms: Most
    p99_ms: Most
    process_mb: Most


def measured(path: Path) -> Costs:
    """Of the net in the file ``path``. Raises Refused where it can't be run."""
    command = [sys.executable, "-P", "-m", "jobs.field.costs", str(path)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise Refused(f"{path.name}: {FIRST + RUNS} answers took more than {PATIENCE} s") from None
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        raise Refused(told[-1] if done.returncode == BadInput.code and told else f"{path.name}: can't be run")
    return Costs.parse(plain(done.stdout, path.name), path.name)


def main(words: Sequence[str]) -> int:
    import numpy as np

    from jobs.field.net import GUESSED, Net
    from jobs.sound.guesses import RECORDED

    try:
        net = Net(words[0])
    except Refused as error:
        print(error, file=sys.stderr)
        return BadInput.code
    random = np.random.default_rng(0)
    past = random.standard_normal(net.past).astype(np.float32)
    guesses = random.standard_normal((GUESSED, net.horizon)).astype(np.float32)
    record = np.ones(RECORDED, np.float32)
    times = []
    for _ in range(FIRST + RUNS):
        began = time.thread_time()
        net.run(past, guesses, record)
        times.append(1000 * (time.thread_time() - began))
    p50, p99 = (float(one) for one in np.percentile(times[FIRST:], (50, 99)))
    print(json.dumps(Costs(p50, p99, _peak_mb()).record()))
    return 0


def _peak_mb() -> float:
    """Of this process; what the system counts by itself is the starter's where that had more."""
    try:
        told = dict(line.split(":", 1) for line in ABOUT.read_text().splitlines())
        return int(told["VmHWM"].split()[0]) * 1024 / 1e6
    except (OSError, KeyError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
