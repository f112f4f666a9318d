"""How a change of a table looks as one line of a file.

``{"clear": true, "del": [3], "set": {"7": {...}}, "next": 8}``, each part optional and in this order: forget
all documents, remove some, put some; ``next`` is the lowest document id that may be given from now on.
"""

import json
from dataclasses import dataclass, field

from store.errors import BadInput


@dataclass
class Change:
    """What one line does to the documents of a table."""

    put: dict[int, dict] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)
    clear: bool = False
    next: int = 1

    def __bool__(self) -> bool:
        return bool(self.put or self.gone or self.clear or self.next > 1)

    def line(self) -> bytes:
        """Raises BadInput when a document is not plain, finite JSON."""
        parts: dict = {}
        if self.clear:
            parts["clear"] = True
        if self.gone:
            parts["del"] = self.gone
        if self.put:
            parts["set"] = {str(doc_id): document for doc_id, document in self.put.items()}
        if self.next > 1:
            parts["next"] = self.next
        return encode(parts)


def encode(parts: dict) -> bytes:
    """One line of UTF-8 JSON; raises BadInput for NaN, Inf and whatever is no JSON."""
    try:
        text = json.dumps(parts, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise BadInput(f"only finite numbers and plain JSON can be stored: {error}") from None
    except (TypeError, RecursionError) as error:
        raise BadInput(f"only plain JSON can be stored: {error}") from None
    # File names that are not UTF-8 arrive with lone surrogates; as escapes they come back as they were.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def decode(line: bytes) -> Change | None:
    """The change a line holds, or None when it holds none (a damaged line)."""
    try:
        parts = json.loads(line)
        put = {int(key): document for key, document in parts.get("set", {}).items()}
        gone = [int(key) for key in parts.get("del", ())]
        lowest = int(parts.get("next", 1))
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    if not all(isinstance(document, dict) for document in put.values()):
        return None
    return Change(put, gone, parts.get("clear") is True, lowest)
