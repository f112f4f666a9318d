"""Make a packet trace: what a network loses, and figures of when the packets come that it does not."""

import math

from jobs.desk import Desk
from jobs.recipes.outside import OURS, give_json, new_file, open_to_others, writing
from jobs.sound import networks, traces
from jobs.specs import MakeTrace
from store.errors import Usage


def run(spec: MakeTrace, desk: Desk) -> dict:
    """Raises Usage (more packets than a trace may have), NotFound, BadInput (a file is in the way), Busy."""
    packets = _packets(spec)
    out, sidecar = new_file(spec.out, desk, "out"), new_file(f"{spec.out}.json", desk, "sidecar")
    came = networks.arrivals(spec.network, packets, spec.seed, spec.packet_ms)
    told = {"network": spec.network, "seed": spec.seed, **networks.figures(came, spec.packet_ms)}
    with writing(out, "out"):
        traces.write_trace(out, came.lost)
    open_to_others(out)
    give_json(sidecar, {OURS: 1, **told})
    return {"summary": {"path": str(out), "sidecar": str(sidecar), **told}}


def _packets(spec: MakeTrace) -> int:
    packets = math.ceil(round(spec.seconds * 1000 / spec.packet_ms, 6))
    if packets > traces.MAX_LINES:
        most = traces.MAX_LINES * spec.packet_ms / 1000
        raise Usage(
            f"seconds: {spec.seconds:g} s are {packets} packets of {spec.packet_ms:g} ms, and a trace has at "
            f"most {traces.MAX_LINES}; nearest: {most:g} s"
        )
    return packets
