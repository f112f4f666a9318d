"""Where everything lies. ``WOODSHED_HOME`` moves all of it under one folder.

Folders are made on first use, readable by their owner alone.
"""

import errno
import os
from pathlib import Path

APP = "woodshed"


def _folder(kind: str) -> Path:
    home = os.environ.get("WOODSHED_HOME")
    if home:
        path = Path(home).expanduser().absolute() / kind
    else:
        # platformdirs costs 10 ms to import; with a home of one's own it is not needed.
        import platformdirs

        path = Path(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))
    return _made(path)


def _made(path: Path) -> Path:
    """The folder, made with every parent that is missing: all for their owner alone.

    On a disk that can only be read it is not made, which whoever writes into it will hear.
    """
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        _made(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        if error.errno != errno.EROFS:
            raise
    return path


def data() -> Path:
    """Tables, datasets, models and takes."""
    return _folder("data")


def state() -> Path:
    """Ledger, queue, runs and logs."""
    return _folder("state")


def config() -> Path:
    """Settings a person edits: keys and themes."""
    return _folder("config")


def cache() -> Path:
    """What can be made again: features, compiled code."""
    return _folder("cache")


KINDS = {"data": data, "state": state, "config": config, "cache": cache}


def _under(parent: Path, *parts: str) -> Path:
    return _made(parent.joinpath(*parts))


def tables() -> Path:
    return _under(data(), "tables")


def dataset(dataset_id: str) -> Path:
    return data() / "datasets" / dataset_id


def model(model_id: str) -> Path:
    return data() / "models" / model_id


def takes() -> Path:
    return _under(data(), "takes")


def run(job_id: str) -> Path:
    """The folder of a job: events, checkpoint, one ``attempt-k`` folder per attempt."""
    return _under(state(), "runs", job_id)


def events(job_id: str) -> Path:
    return state() / "runs" / job_id / "events.jsonl"


def ledger() -> Path:
    return state() / "ledger.db"


def queue() -> Path:
    return state() / "queue.db"


def log(name: str) -> Path:
    return _under(state(), "logs") / f"{name}.log"
