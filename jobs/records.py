"""The ledger's file: SQLite, write-ahead log, fsynced at every commit, a connection per thread."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from store.errors import BadInput, Busy

SCHEMA = """
create table if not exists job(
    seq integer primary key autoincrement, id text unique not null, recipe text not null, lane text not null,
    state text not null, attempt integer not null default 0, tries integer not null default 0,
    max_attempts integer not null default 3, spec text not null, grp text not null default '',
    client text not null default '', submitted text not null, started text, ended text, heartbeat text,
    cancelled integer not null default 0, published integer not null default 0,
    token text, host text, pid integer, lease real, error text, result text, rank integer not null default 0);
create index if not exists job_state on job(state, lane, seq);
create index if not exists job_group on job(grp) where grp <> '';
"""
# A job is done to the world when what it made can be found: until then it is still running.
SHOWN = "case when state='done' and not published then 'running' else state end"
PREVIEW = "json_extract(spec, '$.preview') is 1"
FIELDS = (
    f"id, recipe, lane, {SHOWN} as state,"
    " attempt, tries, max_attempts, spec, grp as 'group', client, submitted,"
    " started, ended, heartbeat, cancelled, published, error, result, host, pid, lease"
)
VERSION = 2
PATIENCE = 10.0
"""Seconds to wait for another process before giving up."""
RANKED = "alter table job add column rank integer not null default 0"
"""What a ledger of version 1 lacks: a place in the queue other than the order of asking."""


def make_private(path: Path | str) -> None:
    """Make a SQLite file that is not there yet, for its owner alone; its side files take the same mode.

    An existing one is never opened here: closing it again would drop the locks that SQLite holds on it
    for the whole process, and another process would then delete the log under our connections.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


class Records:
    """Reads and changes of the jobs table, with SQLite's complaints turned into one line each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def ask(self, sql: str, values: tuple = ()) -> list[sqlite3.Row]:
        with self._guard():
            return self._connection().execute(sql, values).fetchall()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is on disk when the block ends. Raises Busy (locked, disk full)."""
        with self._guard():
            db = self._connection()
            db.execute("begin immediate")
            try:
                yield db
                db.execute("commit")
            except BaseException:
                if db.in_transaction:
                    db.execute("rollback")
                raise

    def stamp(self) -> tuple[int, int, int]:
        with self._guard():
            db = self._connection()
            version = db.execute("pragma data_version").fetchone()[0]
            return self._local.inode, version, db.total_changes

    def hurry(self, seconds: float) -> None:
        """Let this thread wait no longer than that for other processes."""
        self._local.patience = seconds
        self._local.pid = None

    @property
    def _patience(self) -> float:
        return getattr(self._local, "patience", PATIENCE)

    def _connection(self) -> sqlite3.Connection:
        # A connection must not be shared by a process and its fork, nor outlive a file that was deleted.
        if getattr(self._local, "pid", None) != os.getpid() or self._inode() != self._local.inode:
            self._local.db = self._open()
            self._local.pid, self._local.inode = os.getpid(), self._inode()
        return self._local.db

    def _inode(self) -> int:
        try:
            return self.path.stat().st_ino
        except FileNotFoundError:
            return 0

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(self.path)
        db = sqlite3.connect(self.path, timeout=self._patience, isolation_level=None)
        db.row_factory = sqlite3.Row
        self._write_ahead(db)
        db.execute("pragma synchronous=full")
        version = db.execute("pragma user_version").fetchone()[0]
        if version > VERSION:
            raise BadInput(f"{self.path}: written by a newer woodshed; update this one")
        if version < VERSION:
            self._renew(db)
        return db

    def _write_ahead(self, db: sqlite3.Connection) -> None:
        """SQLite refuses this change at once, without waiting, while another process has the file open."""
        end = time.monotonic() + self._patience
        while True:
            try:
                db.execute("pragma journal_mode=wal")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
                time.sleep(0.01)

    @staticmethod
    def _renew(db: sqlite3.Connection) -> None:
        """Make the table, or give an older one what it lacks: once, whoever else opens it now."""
        db.execute("begin immediate")
        try:
            version = db.execute("pragma user_version").fetchone()[0]
            if version < VERSION:
                for statement in SCHEMA.split(";"):
                    db.execute(statement)
                if "rank" not in [row["name"] for row in db.execute("pragma table_info(job)")]:
                    db.execute(RANKED)
                db.execute(f"pragma user_version={VERSION}")
            db.execute("commit")
        except BaseException:
            if db.in_transaction:
                db.execute("rollback")
            raise

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise self._told(error) from error
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise
            raise BadInput(
                f"{self.path}: damaged ({error}); move it away to begin a new one"
                " (models and takes are not in it)"
            ) from error

    def _told(self, error: sqlite3.OperationalError) -> Exception:
        text = str(error)
        if "full" in text:
            return Busy(f"{self.path}: the disk is full; free some space, then try again")
        if "locked" in text or "busy" in text:
            return Busy(f"{self.path}: locked by another process for {self._patience:g} s; try again")
        if "readonly" in text or "unable to open" in text or "disk I/O" in text:
            return Busy(f"{self.path}: {text}; check the disk and the folder's permissions")
        return error
