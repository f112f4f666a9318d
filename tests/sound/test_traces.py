"""Traces are read or refused in one line, and gaps are what was lost."""

import math
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.sound.reader import Unreadable
from jobs.sound.traces import (
    MAX_LINES,
    gaps,
    left_over,
    packet_samples,
    read_trace,
    write_trace,
)
from tests import hostile

TRACES = st.lists(st.booleans(), max_size=60)


def trace_file(folder: Path, content: bytes | str) -> Path:
    path = folder / "a.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path) -> str:
    """The refusal of a file: one line that names it and can be shown."""
    with pytest.raises(Unreadable) as caught:
        read_trace(path)
    assert str(caught.value) == f"{path.name}: {caught.value.why}"
    assert caught.value.why.isascii() and caught.value.why.isprintable() and len(caught.value.why) < 130
    return caught.value.why


@pytest.mark.parametrize(
    "content",
    [
        "0\n1\n1\n0\n", "0\n1\n1\n0", "0\r\n1\r\n1\r\n0\r\n", "\ufeff0\n1\n1\n0\n", "0\r1\r1\r0",
        "# made by hand\n\n0\n 1 \n1 # a burst\n\n0\n# end", "\ufeff# käse\r\n0\r\n1\r\n1\r\n0",
        b"# k\xe4se\n0\n1\n1\n0",
    ],
)  # fmt: skip
def test_traces_are_read_GAP_02(tmp_path: Path, content: bytes | str) -> None:
    found = read_trace(trace_file(tmp_path, content))
    assert found.dtype == bool and found.tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("2", "'2' is neither 1 (lost) nor 0 (received); nearest: 1"), ("0.3", "nearest: 0"),
        ("-7", "nearest: 0"), ("lost", "nearest: 1"), ("False", "nearest: 0"), ("1e999", "nearest: 1"),
        ("nan", "'nan' is neither"), ("0 1 1", "more than one packet"), ("0110", "more than one packet"),
        ("\x1b[31mred", r"'\x1b[31mred'"),
        ("é\u202e", r"'\xe9\u202e'"),
        (b"\xff\xfe", r"'\ufffd\ufffd'"), ("9" * 5_000, "'999999999999999999999999'..."),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_with_what_it_should_be_GAP_02(
    tmp_path: Path, line: bytes | str, says: str
) -> None:
    wrong = line if isinstance(line, bytes) else line.encode()
    why = refusal(trace_file(tmp_path, b"# head\r\n1\r\n\r\n" + wrong + b"\r\n0\r\n"))
    assert why.startswith("line 4: ") and says in why


def test_what_is_no_trace_is_refused_GAP_02(tmp_path: Path) -> None:
    assert "a binary file" in refusal(trace_file(tmp_path, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"))
    assert "UTF-16" in refusal(trace_file(tmp_path, "0\n1\n".encode("utf-16")))
    assert "no packets" in refusal(trace_file(tmp_path, "# nothing\n\n"))
    assert "no packets" in refusal(trace_file(tmp_path, ""))
    assert "a pipe" in refusal(hostile.pipe(tmp_path))
    assert "a folder" in refusal(tmp_path)
    assert "no such file" in refusal(tmp_path / "gone.txt")
    assert "a device" in refusal(Path(os.devnull))


def test_endless_traces_are_refused_before_they_fill_the_memory_GAP_02(tmp_path: Path) -> None:
    assert "lines" in refusal(trace_file(tmp_path, b"\n" * (MAX_LINES + 1)))
    assert "larger than 16 MiB" in refusal(trace_file(tmp_path, b"0" * (2**24 + 1)))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.lists(st.sampled_from([b"0", b"1", b"#", b"\r", b"\n", b" ", b"\xef\xbb\xbf", b"2"])).map(
            b"".join
        ),
    )
)
def test_any_bytes_are_a_trace_or_refused_in_one_line_GAP_02(tmp_path: Path, content: bytes) -> None:
    path = trace_file(tmp_path, content)
    try:
        found = read_trace(path)
    except Unreadable:
        refusal(path)
    else:
        assert found.dtype == bool and found.ndim == 1 and 0 < len(found) <= len(content)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.booleans(), min_size=1))
def test_what_is_written_is_read_again_GAP_02(tmp_path: Path, lost: list[bool]) -> None:
    write_trace(tmp_path / "a.txt", lost)
    np.testing.assert_array_equal(read_trace(tmp_path / "a.txt"), lost)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_trace_that_can_not_be_written_leaves_nothing_GAP_02(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(OSError):
        write_trace(tmp_path / "a.txt", [True])
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    with pytest.raises(ValueError, match="more than 0"):
        write_trace(tmp_path / "b.txt", [0, 2])


# --- gaps --------------------------------------------------------------------------------------------


@given(TRACES, st.integers(1, 40), st.integers(0, 2_000))
def test_gaps_are_exactly_the_lost_samples_GAP_02(lost: list[bool], packet: int, length: int) -> None:
    found = gaps(lost, packet, length)
    ours = np.zeros(length, bool)
    for gap in found:
        assert 0 <= gap.start < gap.end <= length and gap.samples == gap.end - gap.start
        ours[gap.start : gap.end] = True
    # One by one, as a packet is defined.
    truth = [at // packet < len(lost) and lost[at // packet] for at in range(length)]
    np.testing.assert_array_equal(ours, np.array(truth, bool))
    # Between two gaps something was received.
    assert all(first.end < second.start for first, second in pairwise(found))
    assert left_over(lost, packet, length) == max(0, len(lost) - math.ceil(length / packet))


def test_the_last_packet_may_be_shorter_and_what_is_beyond_is_told_GAP_02() -> None:
    lost = np.array([1, 0, 1, 1, 0, 1, 1], bool)
    assert [(gap.start, gap.end) for gap in gaps(lost, 100, 350)] == [(0, 100), (200, 350)]
    assert left_over(lost, 100, 350) == 3
    assert [(gap.start, gap.end) for gap in gaps(lost, 100, 5_000)] == [(0, 100), (200, 400), (500, 700)]
    assert left_over(lost, 100, 5_000) == 0


def test_what_is_no_trace_in_memory_is_refused_GAP_02() -> None:
    for wrong in ([0.5, 1], [[0, 1]], [np.nan]):
        with pytest.raises(ValueError, match="trace: "):
            gaps(wrong, 100, 1_000)
    with pytest.raises(ValueError, match="packet: 0 samples"):
        gaps([True], 0, 1_000)


@pytest.mark.parametrize(
    ("ms", "rate", "samples"),
    [(5, 44_100, 220), (2.5, 44_100, 110), (10, 48_000, 480), (1_000, 192_000, 192_000)]
)  # fmt: skip
def test_packets_are_whole_samples_GAP_02(ms: float, rate: int, samples: int) -> None:
    assert packet_samples(ms, rate) == samples


def test_packets_that_make_no_sense_are_refused_with_the_nearest_GAP_02() -> None:
    with pytest.raises(ValueError, match=r"0.1 ms is 5 samples at 48000 Hz; nearest: 0.334 ms") as caught:
        packet_samples(0.1, 48_000)
    assert "\n" not in str(caught.value)
    assert packet_samples(0.334, 48_000) == 16
    for ms in (1_001, math.inf, math.nan):
        with pytest.raises(ValueError, match="nearest: 1000 ms"):
            packet_samples(ms, 48_000)
    for ms in (-1, 0, -math.inf):
        with pytest.raises(ValueError, match="is 0 samples"):
            packet_samples(ms, 48_000)
