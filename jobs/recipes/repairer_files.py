"""The files of a repairer in the library. Light: to look at them nothing has to be learned."""

from pathlib import Path
from typing import Any

from store.errors import BadInput
from store.files import sha256

RECORD, WEIGHTS, NET, EXAMPLES = "repairer.json", "weights.safetensors", "net.onnx", "gaps.safetensors"


def whole(record: dict[str, Any], name: str) -> Path:
    """A file of a repairer, if it is the one that was trained. Raises BadInput."""
    path = Path(record["path"]) / name
    if not path.is_file() or sha256(path) != record["files"].get(name):
        raise BadInput(f"repairer {record['name']}: {name} is gone or changed; train it again")
    return path
