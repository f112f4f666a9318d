"""What changed between two sets of weights, tensor by tensor: safetensors, or the initialisers of an ONNX.

Numbers that are not finite in either set are left out of the sizes of a change; those of the new set are
counted.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jobs.field.checked import Refused, check_size, content_of, told
from store.names import LONGEST, shown

BYTES_AT_MOST = 512 * 2**20
TENSORS_AT_MOST = 10_000
ENDINGS = (".safetensors", ".onnx")


@dataclass(frozen=True)
class Change:
    """Of one tensor. ``what`` is same, changed, retyped (other numbers), reshaped, added or removed.

    ``shapes`` and ``dtypes`` are the old and the new one, None where there is no such tensor.

    ``max_abs`` is the largest change of a value, ``rms_relative`` the rms of the change over the rms of the
    old values, ``share`` that of the values which are not what they were (0-1); each is None where there is
    nothing to compare, ``rms_relative`` also where all old values are 0. ``not_finite`` counts new values.
    """

    name: str
    what: str
    shapes: tuple[tuple[int, ...] | None, tuple[int, ...] | None]
    dtypes: tuple[str | None, str | None]
    max_abs: float | None = None
    rms_relative: float | None = None
    share: float | None = None
    not_finite: int = 0

    def record(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


def difference(old: Path | str, new: Path | str) -> list[Change]:
    """One change for every tensor of either file, in the order of their names. Raises Refused."""
    before, after = weights(old), weights(new)
    return [_change(name, before.get(name), after.get(name)) for name in sorted(before.keys() | after.keys())]


def weights(path: Path | str) -> dict[str, np.ndarray]:
    """Tensors by name. Raises Refused for a file that is damaged, too large or of another kind."""
    path = Path(path)
    if path.suffix not in ENDINGS:
        raise Refused(
            f"{shown(path.name)}: its ending is {told(path.suffix)}; {' or '.join(ENDINGS)} is needed"
        )
    tensors = _of_onnx(path) if path.suffix == ".onnx" else _of_safetensors(path)
    if len(tensors) > TENSORS_AT_MOST:
        raise Refused(f"{path.name}: {len(tensors)} tensors; {TENSORS_AT_MOST} at most")
    for name, tensor in tensors.items():
        if len(name) > LONGEST or not name.isprintable():
            raise Refused(f"{path.name}: {shown(name)}: not a name of up to {LONGEST} printable characters")
        if tensor.dtype.kind in "cOSU":
            raise Refused(f"{path.name}: {name}: {tensor.dtype}; real numbers are needed")
    return tensors


def _of_safetensors(path: Path) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError, safe_open

    check_size(path, BYTES_AT_MOST)
    try:
        with safe_open(path, "np") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, AttributeError, TypeError) as error:
        raise Refused(f"{path.name}: not weights that can be read ({shown(str(error))})") from None


def _of_onnx(path: Path) -> dict[str, np.ndarray]:
    import onnx
    from google.protobuf.message import DecodeError

    where, content = path.name, content_of(path, BYTES_AT_MOST)
    try:
        graph = onnx.load_model_from_string(content).graph
    except (DecodeError, ValueError) as error:
        raise Refused(f"{where}: no ONNX file ({shown(str(error))})") from None
    if graph.sparse_initializer:
        raise Refused(f"{where}: has sparse weights; dense ones are needed")
    tensors = {}
    for tensor in graph.initializer:
        if not isinstance(tensor.name, str):
            raise Refused(f"{where}: the name of a tensor is no text")
        name = f"{where}: {shown(tensor.name)}"
        if tensor.name in tensors:
            raise Refused(f"{name}: is in it twice")
        if tensor.data_location == onnx.TensorProto.EXTERNAL or min(tensor.dims, default=0) < 0:
            raise Refused(f"{name}: its values are not in the file; save it as one file")
        try:
            tensors[tensor.name] = onnx.numpy_helper.to_array(tensor)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise Refused(f"{name}: damaged ({shown(str(error))})") from None
    return tensors


def _change(name: str, old: np.ndarray | None, new: np.ndarray | None) -> Change:
    shapes = (None if old is None else old.shape, None if new is None else new.shape)
    dtypes = (None if old is None else str(old.dtype), None if new is None else str(new.dtype))
    if old is None or new is None or old.shape != new.shape:
        what = "added" if old is None else "removed" if new is None else "reshaped"
        return Change(name, what, shapes, dtypes)
    with np.errstate(invalid="ignore"):  # a signalling NaN
        before, after = old.astype(np.float64), new.astype(np.float64)
    differs = (before != after) & ~(np.isnan(before) & np.isnan(after))
    both = np.isfinite(before) & np.isfinite(after)
    # Halves, which can't overflow, and change nothing in a ratio.
    moved = after[both] / 2 - before[both] / 2
    what = "retyped" if old.dtype != new.dtype else "changed" if differs.any() else "same"
    return Change(
        name,
        what,
        shapes,
        dtypes,
        max_abs=_finite(2 * float(np.abs(moved).max(initial=0.0))),
        rms_relative=_ratio(_rms(moved), _rms(before[both] / 2)),
        share=float(differs.mean()) if differs.size else 0.0,
        not_finite=int((~np.isfinite(after)).sum()),
    )


def _rms(values: np.ndarray) -> float:
    peak = float(np.abs(values).max(initial=0.0))
    return peak * float(np.sqrt(np.square(values / peak).mean())) if peak else 0.0


def _ratio(change: float, whole: float) -> float | None:
    if not change:
        return 0.0
    return _finite(change / whole) if whole else None


def _finite(value: float) -> float | None:
    """None for what is beyond all numbers, which JSON can't say."""
    return float(value) if np.isfinite(value) else None
