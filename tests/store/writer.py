"""A process that changes a library and says on stdout what it was told is done.

``python -m tests.store.writer FOLDER NAME COUNT``: COUNT inserts as fast as they go.
``python -m tests.store.writer FOLDER NAME 0``: inserts, updates, trash, undo and compaction until killed.
``python -m tests.store.writer FOLDER NAME -N``: inserts until the file has N bytes more, and then dies in the
middle of that write.
"""

import itertools
import os
import random
import resource
import signal
import sys

from store import documents
from store.library import Library


def insert_many(library: Library, name: str, count: int) -> None:
    for number in range(count):
        library.takes.add({"name": f"{name}-{number}"}, id=f"{name}-{number}")


def work_until_killed(library: Library, name: str) -> None:
    """Says ``id stars`` after each change that was acknowledged."""
    documents.SPARE_LINES = 10
    for number in itertools.count():
        record_id = f"{name}-{number}"
        text = "x" * random.choice([10, 1000, 50_000])
        library.takes.add({"name": record_id, "stars": 0, "text": text}, record_id)
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


def insert_until_cut(library: Library, name: str, room: int) -> None:
    """The system ends this process with the write that crosses the limit, after the bytes that still fit."""
    size = library.takes.stamp()[1]
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, resource.RLIM_INFINITY))
    for number in itertools.count():
        record_id = f"{name}-{number}"
        library.takes.add({"name": record_id, "stars": 0, "text": "é" * (number * 37 % 200)}, record_id)
        tell(record_id, 0)


def tell(record_id: str, stars: int) -> None:
    os.write(1, f"{record_id} {stars}\n".encode())


def main() -> None:
    folder, name, count = sys.argv[1:]
    library = Library(folder)
    if int(count) < 0:
        insert_until_cut(library, name, -int(count))
    elif int(count):
        os.write(1, b"ready\n")
        sys.stdin.readline()
        insert_many(library, name, int(count))
    else:
        work_until_killed(library, name)


if __name__ == "__main__":
    main()
