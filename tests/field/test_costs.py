"""What a net costs in a process that has nothing else to do."""

import pytest

from jobs.field.checked import Refused
from jobs.field.costs import measured
from tests.field import tiny_nets
from tests.test_house import loaded


def test_a_net_is_timed_and_weighed_alone_GAP_08(tmp_path):
    found = measured(tiny_nets.write(tmp_path / "net.onnx", "copy"))
    assert 0 < found.p50_ms <= found.p99_ms < 50
    assert 20 < found.process_mb < 128, "the whole of it"


def test_what_is_no_net_is_refused_in_a_line_GAP_08(tmp_path):
    path = tmp_path / "net.onnx"
    with pytest.raises(Refused, match=r"net\.onnx: no such file"):
        measured(path)
    path.write_bytes(b"no net")
    with pytest.raises(Refused, match=r"net\.onnx: no net that can be run"):
        measured(path)
    with pytest.raises(Refused, match=r"net\.onnx: can't be run"):
        measured(tiny_nets.write(path, "raises"))


def test_the_page_loads_nothing_until_it_is_asked_GAP_08(tmp_path):
    assert not loaded("import jobs.field.costs", tmp_path) & {"numpy", "onnxruntime", "torch"}
