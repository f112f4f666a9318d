"""The sizes of a repairer as they are shipped: what is in the package, what is used, and what is refused."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from jobs.desk import Desk
from jobs.field.checked import Refused
from jobs.field.keys import public_key
from jobs.field.net import Net
from jobs.field.package import open_package
from jobs.nets import gap_net
from jobs.recipes import gap_sizes, handover
from jobs.recipes.repairer import SHAPE
from jobs.recipes.repairer_files import EXAMPLES, NET, WEIGHTS
from jobs.sound.guesses import RECORDED
from jobs.specs import ExportRepairer, make
from store import paths, stream
from store.errors import BadInput, NotFound
from store.files import sha256
from store.library import Library
from tests.field import tiny_nets
from tests.nets.gaps import drawn, gaps
from tests.studio import repairs

torch.set_num_threads(1)


@pytest.fixture
def desk(home: Path) -> Desk:
    return Desk("0b" * 6, paths.run("0b" * 6))


def repairer(kind: str = "mlp", **told: Any) -> dict[str, Any]:
    """One that was not trained, with all files of one that was."""
    folder = paths.data() / "repairers" / "mine"
    folder.mkdir(parents=True)
    net, some = drawn(kind, SHAPE), gaps(24, shape=SHAPE)
    gap_net.save(net, folder / WEIGHTS)
    (folder / NET).write_bytes(gap_net.exported(net, SHAPE))
    save_file({name: np.ascontiguousarray(part) for name, part in vars(some).items()}, folder / EXAMPLES)
    record = repairs.repairer()
    report = {**record["report"], "over_prediction_by_gap": record["report"]["by_gap"], **told}
    files = {name: sha256(folder / name) for name in (WEIGHTS, NET, EXAMPLES)}
    count = sum(one.numel() for one in net.parameters())
    record |= {
        "name": "mine",
        "net": kind,
        "report": report,
        "path": str(folder),
        "files": files,
        "parameters": count,
    }
    return Library().repairers.add(record, id="mine")


def shipped(desk: Desk, out: Path, **values: Any) -> dict[str, Any]:
    return handover.run(make(ExportRepairer, model="mine", out=str(out), **values), desk)["summary"]


def notes(desk: Desk) -> str:
    rows, _ = stream.follow(desk.folder / "events.jsonl")
    return "\n".join(row["text"] for row in rows if row["kind"] == "note")


def test_each_size_is_shipped_with_what_it_keeps_GAP_09(desk: Desk, tmp_path: Path):
    record = repairer()
    found = shipped(desk, tmp_path / "mine.zip")
    parity = {one["file"]: one for one in found["parity"]}
    assert list(parity) == [gap_sizes.INT8, gap_sizes.PRUNED, gap_sizes.HALF]
    assert set(found["files"]) == {"field_directives.json", NET, *parity}
    assert all(one["kept"] for one in parity.values()) and found["net"] == gap_sizes.INT8
    assert parity[gap_sizes.PRUNED]["parameters"] < record["parameters"]
    assert parity[gap_sizes.PRUNED]["loss_db"] <= 0.1 and parity[gap_sizes.INT8]["sqnr_db"] >= 30


def test_what_prediction_repairs_has_no_net_in_any_size_GAP_09(desk: Desk, tmp_path: Path):
    repairer(over=repairs.PREDICTED)
    found = shipped(desk, tmp_path / "mine.zip", coreml=True)
    assert found["parity"] == [] and found["net"] is None and found["files"] == ["field_directives.json"]
    assert "linear prediction ships alone: there is no net for Core ML" in notes(desk)


def test_weights_of_another_net_are_not_pruned_and_the_rest_goes_on_GAP_09(desk: Desk, tmp_path: Path):
    record = repairer()
    other = Path(record["path"]) / WEIGHTS
    gap_net.save(drawn("conv1d", SHAPE), other)
    Library().repairers.update("mine", files={**record["files"], WEIGHTS: sha256(other)})
    found = shipped(desk, tmp_path / "mine.zip")
    assert [one["file"] for one in found["parity"]] == [gap_sizes.INT8, gap_sizes.HALF]
    assert "mine is of another version's net: its channels stay; train it again" in notes(desk)
    with pytest.raises(BadInput, match="coreml: mine is of another version's net; train it again"):
        shipped(Desk("0c" * 6, paths.run("0c" * 6)), tmp_path / "more.zip", coreml=True)


def test_a_net_that_was_exported_step_by_step_is_shipped_as_it_is_exported_now_GAP_09(
    desk: Desk, tmp_path: Path
):
    """Unless the weights beside it say something else: what was tested is what ships."""
    record = repairer("gates")
    folder = Path(record["path"])
    for net, file in ((drawn("gates", SHAPE), None), (gap_net.new("gates", SHAPE, 3), NET)):
        traced = gap_net.traced(net, SHAPE)
        (folder / NET).write_bytes(traced)
        record = Library().repairers.update("mine", files={**record["files"], NET: sha256(folder / NET)})
        handover.prepared(record, tmp_path, False, desk)
        assert ((tmp_path / NET).read_bytes() == traced) == (file == NET)


@pytest.mark.parametrize(("kind", "runner"), [("gates", 2), ("mlp", 1)])
def test_a_package_is_for_runners_that_can_tell_its_net_what_it_hears_GAP_09(
    desk: Desk, tmp_path: Path, kind: str, runner: int
):
    repairer(kind)
    found = shipped(desk, tmp_path / "mine.zip")
    key = public_key(found["public_key"])
    assert open_package(tmp_path / "mine.zip", key, None).manifest.runner == runner
    if runner > 1:
        with pytest.raises(Refused, match=r"mine\.zip: needs runner 2, this one is 1; update it first"):
            open_package(tmp_path / "mine.zip", key, None, 1)


def test_a_repairer_that_heard_no_record_is_still_shipped_GAP_09(desk: Desk, tmp_path: Path):
    """As an older version left it: its gaps have none, its net takes none, its weights fit no net."""
    record = repairer("gates")
    folder = Path(record["path"])
    tiny_nets.write(folder / NET, "copy")
    weights, some = load_file(folder / WEIGHTS), load_file(folder / EXAMPLES)
    weights["first.weight"] = np.ascontiguousarray(weights["first.weight"][:, : -RECORDED[0]])
    del some["record"]
    save_file(weights, folder / WEIGHTS)
    save_file(some, folder / EXAMPLES)
    files = {name: sha256(folder / name) for name in (WEIGHTS, NET, EXAMPLES)}
    record = Library().repairers.update("mine", files=files)
    assert gap_sizes.trained(record) is None
    chosen = handover.prepared(record, tmp_path, False, desk)[1].net
    assert chosen and Net(tmp_path / chosen).runner == 1


def test_a_repairer_that_is_damaged_is_not_shipped_GAP_09(desk: Desk, tmp_path: Path):
    record = repairer()
    (Path(record["path"]) / EXAMPLES).write_bytes(b"else")
    with pytest.raises(
        BadInput, match=r"repairer mine: gaps\.safetensors is gone or changed; train it again"
    ):
        shipped(desk, tmp_path / "mine.zip")
    assert not (tmp_path / "mine.zip").exists()


def test_core_ml_is_shipped_where_it_can_be_made_GAP_09(desk: Desk, tmp_path: Path):
    pytest.importorskip("coremltools", reason="coremltools is missing: pip install 'woodshed[coreml]'")
    repairer()
    found = shipped(desk, tmp_path / "mine.zip", coreml=True)
    assert handover.CORE_ML in found["files"]


def test_where_it_can_not_be_made_it_is_said_how_GAP_09(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Python's own mark of a package that can't be imported.
    monkeypatch.setitem(sys.modules, "coremltools", None)
    repairer()
    with pytest.raises(NotFound, match=r"coreml: coremltools is not installed; pip install"):
        shipped(desk, tmp_path / "mine.zip", coreml=True)
    assert not (tmp_path / "mine.zip").exists()
