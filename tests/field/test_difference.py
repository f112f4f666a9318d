"""What changed between two sets of weights, and nothing that only claims to be weights (GAP-09)."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

from jobs.field.checked import Refused
from jobs.field.difference import Change, difference, weights

RANDOM = np.random.default_rng(5)
WEIGHTS: dict[str, np.ndarray] = {
    "first.weight": RANDOM.normal(size=(8, 4)).astype(np.float32),
    "first.bias": np.zeros(8, np.float32),
    "scale": np.array(2.0, np.float16),
    "quantised": np.arange(-5, 5, dtype=np.int8),
}


def tensors(path: Path, values: dict[str, Any]) -> Path:
    save_file(values, path)
    return path


def model(path: Path, values: dict[str, Any]) -> Path:
    return of_protos(path, [numpy_helper.from_array(value, name) for name, value in values.items()])


def of_protos(path: Path, protos: list[TensorProto], **told: Any) -> Path:
    graph = helper.make_graph([], "net", [], [], initializer=protos, **told)
    path.write_bytes(helper.make_model(graph).SerializeToString())
    return path


WRITERS = pytest.mark.parametrize(
    ("write", "ending"), [(tensors, ".safetensors"), (model, ".onnx")], ids=["safetensors", "onnx"]
)


def changes(tmp_path: Path, old: dict, new: dict) -> dict[str, Change]:
    found = difference(tensors(tmp_path / "a.safetensors", old), model(tmp_path / "b.onnx", new))
    return {change.name: change for change in found}


@WRITERS
def test_equal_weights_differ_in_nothing_GAP_09(tmp_path: Path, write: Any, ending: str) -> None:
    old, new = write(tmp_path / f"a{ending}", WEIGHTS), write(tmp_path / f"b{ending}", WEIGHTS)
    found = difference(old, new)
    assert [change.name for change in found] == sorted(WEIGHTS)
    for change in found:
        assert change.what == "same" and (change.max_abs, change.rms_relative, change.share) == (0, 0, 0)
        assert change.shapes == (WEIGHTS[change.name].shape,) * 2


def test_the_same_weights_in_either_format_are_the_same_GAP_09(tmp_path: Path) -> None:
    assert {change.what for change in changes(tmp_path, WEIGHTS, WEIGHTS).values()} == {"same"}


def test_a_change_is_measured_where_it_is_GAP_09(tmp_path: Path) -> None:
    new = {name: value.copy() for name, value in WEIGHTS.items()}
    new["first.weight"] = WEIGHTS["first.weight"] * np.float32(1.01)
    new["first.bias"][3] = -0.25
    new["quantised"][:5] += 2
    found = changes(tmp_path, WEIGHTS, new)
    weight, bias, quantised = found["first.weight"], found["first.bias"], found["quantised"]
    assert weight.rms_relative == pytest.approx(0.01, rel=1e-4) and weight.share == 1
    assert weight.max_abs == pytest.approx(0.01 * np.abs(WEIGHTS["first.weight"]).max(), rel=1e-4)
    assert (bias.max_abs, bias.share, bias.rms_relative) == (0.25, 1 / 8, None), "nothing to be relative to"
    assert (quantised.max_abs, quantised.share) == (2, 0.5)
    assert quantised.rms_relative == pytest.approx(np.sqrt(5 * 4 / 85))
    assert [weight.what, bias.what, found["scale"].what] == ["changed", "changed", "same"]


def test_tensors_that_came_went_or_took_another_shape_are_told_GAP_09(tmp_path: Path) -> None:
    new = {
        "first.weight": WEIGHTS["first.weight"].T.copy(),
        "first.bias": WEIGHTS["first.bias"].astype(np.float16),
        "scale": WEIGHTS["scale"],
        "more": np.ones(3, np.float32),
    }
    found = changes(tmp_path, WEIGHTS, new)
    assert {name: change.what for name, change in found.items()} == {
        "first.bias": "retyped", "first.weight": "reshaped", "more": "added", "quantised": "removed",
        "scale": "same",
    }  # fmt: skip
    assert found["first.weight"].shapes == ((8, 4), (4, 8)) and found["first.weight"].max_abs is None
    assert found["first.bias"].dtypes == ("float32", "float16") and found["first.bias"].max_abs == 0
    assert found["more"].shapes == (None, (3,)) and found["quantised"].dtypes == ("int8", None)


def test_numbers_that_are_not_finite_are_counted_and_the_rest_measured_GAP_09(tmp_path: Path) -> None:
    old = {"w": np.array([1.0, 2.0, np.nan, np.inf], np.float32)}
    new = {"w": np.array([1.5, np.nan, np.nan, np.inf], np.float32)}
    change = changes(tmp_path, old, new)["w"]
    assert (change.max_abs, change.share, change.not_finite) == (0.5, 0.5, 3)
    assert change.rms_relative == pytest.approx(0.5)


VALUES = st.lists(st.floats(width=64), min_size=0, max_size=6)


@settings(max_examples=150, deadline=None)
@given(old=VALUES, new=VALUES, wide=st.booleans())
def test_any_two_tensors_give_plain_json_GAP_09(
    tmp_path_factory: pytest.TempPathFactory, old: list[float], new: list[float], wide: bool
) -> None:
    folder = tmp_path_factory.getbasetemp()
    with np.errstate(over="ignore"):
        before, after = (np.array(one, np.float64 if wide else np.float32) for one in (old, new))
    (change,) = changes(folder, {"w": before}, {"w": after}).values()
    told = json.loads(json.dumps(change.record(), allow_nan=False))
    assert set(told) >= {"name", "what", "max_abs", "rms_relative", "share"}
    if change.share is not None:
        assert 0 <= change.share <= 1 and (change.what == "same") == (change.share == 0)


def test_half_precision_of_both_kinds_can_be_compared_GAP_09(tmp_path: Path) -> None:
    import ml_dtypes

    for dtype in (np.float16, ml_dtypes.bfloat16):
        values = np.array([1, 2, 3]).astype(dtype)
        old = tensors(tmp_path / "a.safetensors", {"w": values})
        (change,) = difference(old, tensors(tmp_path / "b.safetensors", {"w": values * dtype(2)}))
        assert (change.max_abs, change.rms_relative, change.share) == (3, 1, 1)


# --- hostile files ---------------------------------------------------------------------------------------


def refused(path: Path, said: str = "") -> None:
    with pytest.raises(Refused) as caught:
        weights(path)
    message = str(caught.value)
    assert said in message and "\n" not in message and len(message) < 300


def header(path: Path, told: Any, body: bytes = b"") -> Path:
    text = told if isinstance(told, bytes) else json.dumps(told).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    return path


@pytest.mark.parametrize(
    "told",
    [
        {"w": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 4]}},
        {"w": {"dtype": "F32", "shape": [1 << 63, 1 << 63], "data_offsets": [0, 4]}},
        {"w": {"dtype": "F32", "shape": [0, 1 << 62], "data_offsets": [0, 0]}},
        {"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}},
        {"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}},
        {"w": {"dtype": "F9", "shape": [1], "data_offsets": [0, 4]}},
        {"w": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}},
        {"w": {"dtype": "C64", "shape": [0], "data_offsets": [0, 0]}},
        {"w": 5},
        [],
        b"[" * 5000,
        b"\xff" * 10,
        {"w\n" * 5: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}},
        {"w" * 200: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}},
    ],
    ids=range(14),
)
def test_tensors_that_lie_are_refused_in_one_line_GAP_09(tmp_path: Path, told: Any) -> None:
    refused(header(tmp_path / "x.safetensors", told, bytes(4)), "x.safetensors")


def test_initialisers_that_lie_are_refused_in_one_line_GAP_09(tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"

    def proto(**told: Any) -> TensorProto:
        return TensorProto(**{"name": "w", "data_type": TensorProto.FLOAT, "dims": [1], **told})

    outside = proto(data_location=TensorProto.EXTERNAL)
    outside.external_data.add(key="location", value="/etc/passwd")
    sparse = helper.make_sparse_tensor(proto(raw_data=bytes(4)), proto(data_type=TensorProto.INT64), [4])
    for protos, said in (
        ([proto(dims=[1 << 40], raw_data=bytes(4))], "w: damaged"),
        ([proto(dims=[2], raw_data=bytes(4))], "w: damaged"),
        ([proto(dims=[-1], raw_data=bytes(4))], "not in the file"),
        ([proto(data_type=99, raw_data=bytes(4))], "w: damaged"),
        ([proto(data_type=TensorProto.STRING, string_data=[b"x"])], "real numbers are needed"),
        ([proto(data_type=TensorProto.COMPLEX64, raw_data=bytes(8))], "real numbers are needed"),
        ([outside], "not in the file"),
        ([proto(raw_data=bytes(4))] * 2, "is in it twice"),
    ):
        refused(of_protos(path, protos), said)
    refused(of_protos(path, [], sparse_initializer=[sparse]), "sparse")


@WRITERS
def test_a_damaged_file_is_refused_or_read_GAP_09(tmp_path: Path, write: Any, ending: str) -> None:
    whole = write(tmp_path / f"whole{ending}", WEIGHTS).read_bytes()

    @settings(max_examples=150, deadline=None)
    @given(place=st.integers(0, len(whole) - 1), flip=st.integers(0, 255), cut=st.booleans())
    def check(place: int, flip: int, cut: bool) -> None:
        content = bytearray(whole)
        content[place] ^= flip
        path = tmp_path / f"x{ending}"
        path.write_bytes(content[:place] if cut else content)
        try:
            found = difference(path, path)
        except Refused as error:
            assert "\n" not in str(error)
        else:
            assert {change.what for change in found} <= {"same"}

    check()


def test_files_of_another_kind_or_size_are_refused_GAP_09(tmp_path: Path) -> None:
    refused(tmp_path / "net.pt", ".safetensors or .onnx is needed")
    refused(tmp_path / "none.onnx", "no such file")
    huge = tmp_path / "huge.onnx"
    with huge.open("wb") as file:
        file.truncate(1 << 40)
    refused(huge, "at most")
    many = {f"w{index}": np.zeros(0, np.float32) for index in range(10_001)}
    refused(tensors(tmp_path / "many.safetensors", many), "10001 tensors; 10000 at most")


def test_onnx_writes_what_this_reads_GAP_09(tmp_path: Path) -> None:
    """Against the library's own checker: the models of these tests are models."""
    path = model(tmp_path / "a.onnx", WEIGHTS)
    onnx.checker.check_model(onnx.load(path))
    assert {name: value.tolist() for name, value in weights(path).items()} == {
        name: value.tolist() for name, value in WEIGHTS.items()
    }
