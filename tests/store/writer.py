"""A process that changes a library and says on stdout what it was told is done.

``python -m tests.store.writer FOLDER NAME COUNT``: COUNT inserts as fast as they go.
``python -m tests.store.writer FOLDER NAME 0``: inserts, updates, trash, undo and compaction until killed.
"""

import itertools
import os
import random
import sys

from store import documents
from store.library import Library


def insert_many(library: Library, name: str, count: int) -> None:
    for number in range(count):
        library.takes.add({"name": f"{name}-{number}"}, id=f"{name}-{number}")


def work_until_killed(library: Library, name: str) -> None:
    """Says ``id stars`` after each change that was acknowledged."""
    documents.SPARE_LINES = 40
    for number in itertools.count():
        record_id = f"{name}-{number}"
        # Large lines, so that some kills come in the middle of a write.
        library.takes.add(
            {"name": record_id, "stars": 0, "text": "x" * random.choice([10, 1000, 400_000])}, record_id
        )
        tell(record_id, 0)
        if number % 3 == 0:
            library.takes.update(record_id, stars=1, text="")
            tell(record_id, 1)
        if number % 5 == 0:
            library.takes.trash(record_id)
            library.undo()
        if number % 7 == 0:
            library.takes.trash(record_id)
            library.takes.purge(record_id)
            tell(record_id, -1)


def tell(record_id: str, stars: int) -> None:
    os.write(1, f"{record_id} {stars}\n".encode())


def main() -> None:
    folder, name, count = sys.argv[1:]
    library = Library(folder)
    if int(count):
        os.write(1, b"ready\n")
        sys.stdin.readline()
        insert_many(library, name, int(count))
    else:
        work_until_killed(library, name)


if __name__ == "__main__":
    main()
