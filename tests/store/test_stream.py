"""A job speaks, others follow."""

import json
import math
import threading
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from store import stream


def test_rows_are_followed_by_offset(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert stream.follow(path) == ([], 0)
    stream.say(path, kind="row", loss=1.5)
    rows, offset = stream.follow(path)
    assert [(row["kind"], row["loss"]) for row in rows] == [("row", 1.5)]
    assert rows[0]["t"] > 1e9
    assert stream.follow(path, offset) == ([], offset)
    stream.say(path, kind="note", text="héllo\nyou")
    rows, _ = stream.follow(path, offset)
    assert [row["text"] for row in rows] == ["héllo\nyou"]


def test_numbers_that_are_not_finite_become_null(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    stream.say(path, kind="row", loss=math.nan, deep={"a": [math.inf, 1]}, file=Path("x"))
    row = stream.follow(path)[0][0]
    assert (row["loss"], row["deep"], row["file"]) == (None, {"a": [None, 1]}, "x")


def test_scalars_of_numpy_are_numbers(tmp_path: Path) -> None:
    import numpy as np

    path = tmp_path / "events.jsonl"
    stream.say(path, kind="row", loss=np.float32(0.5), bad=np.float32("nan"), step=np.int64(3))
    row = stream.follow(path)[0][0]
    assert (row["loss"], row["bad"], row["step"]) == (0.5, None, 3)


def test_a_line_being_written_waits(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    stream.say(path, kind="row", step=1)
    whole = path.stat().st_size
    with path.open("ab") as file:
        file.write(b'{"t": 1, "kind": "ro')
    rows, offset = stream.follow(path)
    assert len(rows) == 1 and offset == whole
    with path.open("ab") as file:
        file.write(b'w"}\n')
    assert stream.follow(path, offset)[0] == [{"t": 1, "kind": "row"}]


def test_the_row_after_a_killed_writer_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"t": 1, "kind": "row", "lo')
    stream.say(path, kind="row", step=2)
    assert [row["step"] for row in stream.follow(path)[0]] == [2]
    assert (stream.last(path, "row") or {})["step"] == 2


def test_a_shrunken_file_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for step in range(5):
        stream.say(path, kind="row", step=step)
    offset = path.stat().st_size
    path.unlink()
    stream.say(path, kind="row", step=9)
    assert [row["step"] for row in stream.follow(path, offset)[0]] == [9]


def test_last_reads_from_the_end(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert stream.last(path, "row") is None
    stream.say(path, kind="progress", done=1)
    for step in range(3000):
        stream.say(path, kind="row", step=step, text='"progress"' + "x" * 60)
    assert (stream.last(path, "row") or {})["step"] == 2999
    assert (stream.last(path, "progress") or {})["done"] == 1
    assert stream.last(path, "preview") is None


def test_threads_never_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"

    def speak(name: int) -> None:
        for step in range(200):
            stream.say(path, kind="row", name=name, step=step, text="x" * (step * 7 % 300))

    threads = [threading.Thread(target=speak, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows, _ = stream.follow(path)
    for name in range(4):
        assert [row["step"] for row in rows if row["name"] == name] == list(range(200))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.binary(max_size=200))
def test_any_file_cut_into_any_pieces_gives_the_same_rows(
    tmp_path_factory, cuts: list[int], junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("stream") / "events.jsonl"
    text = b"".join(json.dumps({"t": n, "kind": "row"}).encode() + b"\n" for n in range(5)) + junk + b"\n"
    path.write_bytes(text)
    expected, end = stream.follow(path)
    assert end == len(text)
    path.write_bytes(b"")
    offset, seen, place = 0, [], 0
    for cut in [*cuts, len(text)]:
        with path.open("ab") as file:
            file.write(text[place : place + cut])
        place += cut
        rows, offset = stream.follow(path, offset)
        seen += rows
    assert seen == expected
