"""The one way a moment is written: UTC, ISO-8601 with milliseconds and Z."""

import time


def iso(milliseconds: int) -> str:
    """A moment given in milliseconds since 1970."""
    return (
        time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000)) + f".{milliseconds % 1000:03d}Z"
    )


def now() -> str:
    """This moment."""
    return iso(time.time_ns() // 1_000_000)
