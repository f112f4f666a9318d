"""The net of a repairer in each of its sizes: float32, int8, fewer channels, half floats; what each keeps."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from safetensors.torch import load_file as load_weights
from torch import nn

from jobs.desk import Desk
from jobs.nets import gap_net, gap_prune, gap_shrink
from jobs.nets.gap_examples import Examples
from jobs.nets.gap_parity import answers, parity, sqnr_db
from jobs.recipes.repairer import SHAPE
from jobs.recipes.repairer_files import EXAMPLES, NET, WEIGHTS, whole
from jobs.sound.guesses import RECORDED, WORST

INT8, PRUNED, HALF = "net.int8.onnx", "net.pruned.onnx", "net.fp16.onnx"
SAME_DB = 80.0
"""SQNR between two exports of the same weights, at least: rounding is 100 dB down."""
Row = dict[str, Any]


def examples_of(record: dict[str, Any]) -> Examples:
    """The gaps that a repairer was tested on, as many as it keeps. Raises BadInput.

    One of an older version has no record of experts in them, which its net doesn't hear either.
    """
    parts = load_file(whole(record, EXAMPLES))
    nothing = np.full((len(parts["past"]), *RECORDED), WORST, np.float32)
    return Examples(**{"record": nothing, **parts})


def trained(record: dict[str, Any]) -> nn.Module | None:
    """The net of a repairer with its weights; None where these are of another version's net, which has its
    ONNX alone. Raises BadInput."""
    net = gap_net.new(record["net"], SHAPE, 0).eval()
    try:
        net.load_state_dict(load_weights(whole(record, WEIGHTS)))
    except RuntimeError:
        return None
    return net


def sizes(record: dict[str, Any], folder: Path, desk: Desk) -> list[Row]:
    """Write the net in each size into ``folder``: a row for each, that of float32 first, then in the order in
    which the field takes those that are ``kept``.

    A row has ``file``, ``bytes``, ``parameters``, and how near it is to float32 on gaps that it was not
    fitted to: ``sqnr_db`` and ``gap_sqnr_db`` (None of float32 itself), ``loss_db``. Kept is what
    `jobs.nets.gap_parity.Parity` calls close, and pruned what it calls useful: channels that are gone change
    an answer by more than noise does. Raises BadInput, Stopped.
    """
    held = examples_of(record)
    # Scales and weights are fitted to one half of the gaps, parity is of the other.
    first = np.arange(len(held)) % 2 == 0
    known, held = held.some(first), held.some(~first)
    net = trained(record)
    model = _model(record, net, known)
    reference = answers(model, held)
    rows: list[Row] = [{
        "file": NET, "parameters": record["parameters"], "bytes": len(model),
        "sqnr_db": None, "gap_sqnr_db": None, "loss_db": 0.0, "kept": True,
    }]  # fmt: skip
    (folder / NET).write_bytes(model)
    for name, made, parameters in _smaller(record, net, model, known, held, desk):
        (folder / name).write_bytes(made)
        found = parity(reference, answers(made, held), held, SHAPE.rate)
        rows.append({
            "file": name, "parameters": parameters, "bytes": len(made),
            "sqnr_db": found.sqnr_db, "gap_sqnr_db": found.gap_sqnr_db, "loss_db": found.loss_db,
            "kept": found.useful if name == PRUNED else found.close,
        })  # fmt: skip
    return rows


def _model(record: dict[str, Any], net: nn.Module | None, known: Examples) -> bytes:
    """Float32 as it is exported today, which may be quicker than when it was trained; as it was kept where
    the weights are another net's, by their shapes or by what is answered."""
    kept = whole(record, NET).read_bytes()
    if net is None:
        return kept
    made = gap_net.exported(net, SHAPE)
    return made if sqnr_db(answers(kept, known), answers(made, known)) > SAME_DB else kept


def _smaller(
    record: dict[str, Any], net: nn.Module | None, model: bytes, known: Examples, held: Examples, desk: Desk
) -> Iterator[tuple[str, bytes, int]]:
    """Name, content and number of weights of each smaller one that can be made."""
    desk.note("int8: scales are measured on its gaps")
    yield INT8, gap_shrink.int8(model, known, SHAPE.rate, desk.check), record["parameters"]
    desk.note("hidden channels are cut as long as gap SDR stays")
    if net is None:
        desk.note(f"{record['name']} is of another version's net: its channels stay; train it again")
    small = net and gap_prune.smallest(net, known, held, SHAPE.rate, desk.check)
    if small:
        yield PRUNED, gap_net.exported(small, SHAPE), sum(one.numel() for one in small.parameters())
    elif net:
        desk.note("no sixteenth of its channels can go: each says something of its own")
    yield HALF, gap_shrink.fp16(model), record["parameters"]
