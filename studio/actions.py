"""What a person can do, for both fronts: the studio and the command line call nothing else.

Light: the store, the specs, the ledger and the queue. Every function raises ``store.errors.Refusal``
with one line for the person who asked.
"""

from jobs import queue
from jobs.job import ENDED
from studio.asking import (
    export_take,
    feed,
    generate,
    import_sounds,
    prepare,
    repeat,
    request_of,
    submit,
    train,
    variation,
)
from studio.following import cancel, events, job, jobs, keeps, left, move, pieces, resume, retry, wait
from studio.house import ledger, library, shelf
from studio.keeping import (
    compare,
    datasets,
    models,
    move_preset,
    presets,
    purge,
    rename,
    restore,
    save_preset,
    takes,
    trash,
    trash_all,
    trashed,
    undo,
    undo_all,
)

__all__ = [
    "ENDED",
    "cancel",
    "compare",
    "datasets",
    "events",
    "export_take",
    "feed",
    "generate",
    "import_sounds",
    "job",
    "jobs",
    "keeps",
    "ledger",
    "left",
    "library",
    "models",
    "move",
    "move_preset",
    "pieces",
    "prepare",
    "presets",
    "purge",
    "queue",
    "rename",
    "repeat",
    "request_of",
    "restore",
    "resume",
    "retry",
    "save_preset",
    "shelf",
    "submit",
    "takes",
    "train",
    "trash",
    "trash_all",
    "trashed",
    "undo",
    "undo_all",
    "variation",
    "wait",
]
