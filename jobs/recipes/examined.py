"""Sounds of strangers, each read in a process with limits, several at a time."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any

from jobs.desk import Desk
from jobs.run import cores
from jobs.sound.examiner import Examiner, Given

LOOK = 0.1
MOST_AT_ONCE = 8


def examined(files: Sequence[str], desk: Desk, task: str = "facts") -> list[dict[str, Any]]:
    """What ``task`` of `jobs.sound.examine` says of each file. Raises Stopped."""
    answers: list[dict[str, Any]] = [{}] * len(files)
    for count, (index, answer) in enumerate(each_examined(files, desk, task)):
        answers[index] = answer
        if len(files) > 1:
            desk.progress(count + 1, len(files), "files")
    return answers


def each_examined(files: Sequence[str], desk: Desk, task: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(index, answer) of each file, as they come. Raises Stopped."""
    if task != "facts" and not _compiled():
        desk.note("what measures sounds is compiled in this home, once: some half a minute")
    waiting, done, over = SimpleQueue[int](), SimpleQueue[tuple[int, dict[str, Any]]](), Event()
    for index in range(len(files)):
        waiting.put(index)

    def work() -> None:
        with suppress(Empty, Given), Examiner(over.is_set, task=task) as examiner:
            while not over.is_set():
                index = waiting.get_nowait()
                done.put((index, examiner.examine(files[index])))

    most = min(max(2, cores()), MOST_AT_ONCE, max(1, len(files)))
    with ThreadPoolExecutor(most) as pool:
        workers = [pool.submit(work) for _ in range(most)]
        try:
            for _ in files:
                while (found := _next(done)) is None:
                    desk.check()
                    for worker in workers:
                        if worker.done():
                            worker.result()
                desk.check()
                yield found
        finally:
            over.set()


def _compiled() -> bool:
    """Whether compiled code of an earlier run is there."""
    folder = os.environ.get("NUMBA_CACHE_DIR", "")
    return bool(folder) and any(Path(folder).rglob("*.nbi"))


def _next(done: SimpleQueue[tuple[int, dict[str, Any]]]) -> tuple[int, dict[str, Any]] | None:
    try:
        return done.get(timeout=LOOK)
    except Empty:
        return None
