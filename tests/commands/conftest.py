"""A home whose requests are kept and not worked on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import locks, queue


@pytest.fixture
def unattended(home: Path) -> Iterator[Path]:
    """The worker's place is taken: what is asked for stays queued, and no engine loads for nothing."""
    handle = locks.grab(queue.lock_path())
    assert handle is not None
    yield home
    os.close(handle)
