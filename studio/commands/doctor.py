"""``woodshed doctor``: can jobs run here, and if not, why not."""

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict
from importlib import metadata
from typing import Any

import click

from jobs import queue, specs
from jobs.job import Job
from store import files, paths
from store.errors import Refusal
from studio import actions
from studio.commands.base import Front, shown, verb, with_front
from studio.text import size

PACKAGES = (
    "woodshed",
    "torch",
    "torchaudio",
    "numpy",
    "librosa",
    "soundfile",
    "huey",
    "tinydb",
    "textual",
    "rich",
)
PROBE = """
import json, torch
mps = getattr(torch.backends, "mps", None)
print(json.dumps({"cuda": [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())],
                  "mps": bool(mps and mps.is_available()), "threads": torch.get_num_threads()}))
"""
PROBE_SECONDS = 60
REHEARSAL_SECONDS = 30
BUSY_SECONDS = 5
"""Seconds after which a lane that another job keeps moving counts as healthy."""

ROOM = 500 * 2**20
"""Bytes below which a training may not find room for its checkpoints."""


@verb(
    "woodshed doctor\nwoodshed doctor audio\nwoodshed doctor --json",
    name="doctor",
    help="Versions, devices, audio output, store, queue, free disk. It has a worker do a small job, and "
    "ends with 0 when jobs can run here, 6 when no worker does them, 1 otherwise. `doctor audio` tells of "
    "the ways that sound can take from here: which one is taken, and why not the others.",
)
@click.argument("what", type=click.Choice(["all", "audio"]), default="all", metavar="[audio]")
@with_front
def command(front: Front, what: str) -> int:
    if what == "audio":
        found = _audio()
        front.give(found, lambda: _report_audio(found))
        return 0
    probe = _start_probe()
    checks = {
        "versions": _versions(),
        "store": _store(),
        "queue": _queue(),
        "disk": _disk(),
        "audio": _audio(),
        "devices": _devices(probe),
    }
    needed = ("versions", "store", "queue", "disk", "devices")
    ok = all(checks[name]["ok"] for name in needed)
    front.give({"ok": ok, **checks}, lambda: _report(checks, ok))
    if ok:
        return 0
    return 6 if not checks["queue"]["ok"] else 1


def _versions() -> dict[str, Any]:
    found: dict[str, str | None] = {"python": platform.python_version(), "platform": platform.platform()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    missing = [name for name in PACKAGES if found[name] is None]
    detail = f"python {found['python']}, torch {found['torch']}"
    if missing:
        detail = f"missing: {', '.join(missing)}; install woodshed again"
    return {"ok": not missing, "detail": detail, **found}


def _start_probe() -> subprocess.Popen:
    # Torch is asked in a process of its own: it takes seconds and half a gigabyte.
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROBE], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _devices(probe: subprocess.Popen) -> dict[str, Any]:
    usable = getattr(os, "sched_getaffinity", None)
    facts: dict[str, Any] = {"ok": False, "cpus": len(usable(0)) if usable else os.cpu_count()}
    try:
        answer, complaint = probe.communicate(timeout=PROBE_SECONDS)
    except subprocess.TimeoutExpired:
        probe.kill()
        return {**facts, "detail": f"torch did not answer within {PROBE_SECONDS} s"}
    if probe.returncode:
        reason = (complaint.strip().splitlines() or ["no reason given"])[-1]
        return {**facts, "detail": f"torch can't be imported: {reason}"}
    facts |= json.loads(answer.strip().splitlines()[-1])
    found = [f"{facts['cpus']} CPU cores", *facts["cuda"], *(["mps"] if facts["mps"] else [])]
    return {**facts, "ok": True, "detail": ", ".join(found)}


def _store() -> dict[str, Any]:
    try:
        tables = actions.library().health()
    except (Refusal, OSError) as error:
        return {"ok": False, "detail": str(error)}
    damaged = sum(table["damaged"] for table in tables.values())
    records = sum(table["records"] for table in tables.values())
    detail = f"{records} records" + (f", {damaged} lines that can't be read" if damaged else "")
    return {"ok": True, "detail": detail, "tables": tables, "path": str(paths.tables())}


def _queue() -> dict[str, Any]:
    """Health of the queue, by having it do a job: counts to five."""
    began = time.monotonic()
    before = None
    try:
        job = actions.submit(specs.Rehearse, steps=5, every=5)
        while (job := actions.job(job.id)).state in ("queued", "running"):
            passed = time.monotonic() - began
            before = _before(job) if passed > BUSY_SECONDS else None
            if before or passed > REHEARSAL_SECONDS:
                actions.cancel(job.id)
                break
            time.sleep(0.02)
        status = queue.worker_status()
    except (Refusal, OSError) as error:
        return {"ok": False, "detail": str(error), "worker": None}
    seconds = round(time.monotonic() - began, 3)
    facts = {"job": job.id, "state": job.state, "seconds": seconds, "worker": status}
    facts["path"] = str(queue.location())
    if job.state == "done":
        return {"ok": True, "detail": f"a job was done in {seconds} s by worker {status['pid']}", **facts}
    if before:
        return {"ok": True, "detail": f"busy with job {before.id} ({before.recipe}), which goes on", **facts}
    reason = (job.error or {}).get("message") or f"it was {job.state} after {seconds} s"
    return {"ok": False, "detail": f"no job gets done: {reason}; log: {paths.log('worker')}", **facts}


def _before(job: Job) -> Job | None:
    """The job that runs, with a fresh heartbeat, where this one waits."""
    if job.state != "queued":
        return None
    lane = (one for one in actions.jobs(states=("running",)) if one.lane == job.lane)
    return next((one for one in lane if actions.ledger().standing(one) == "running"), None)


def _disk() -> dict[str, Any]:
    free = files.free_bytes(paths.data())
    few = f"; {size(ROOM)} are needed to train, free some" if free < ROOM else ""
    facts = {"free_bytes": free, "path": str(paths.data())}
    return {"ok": free >= ROOM, "detail": f"{size(free)} free{few}", **facts}


def _audio() -> dict[str, Any]:
    """The ways that sound can take; no device is never an error."""
    from studio.listen import routes

    ways = [routes.device(), routes.browser(), routes.path()]
    taken = next(way for way in ways if way.open)
    detail = f"by {taken.name}: {taken.why}" if taken.name == "device" else f"by {taken.name}; {ways[0].why}"
    told = [asdict(way) for way in ways]
    return {"ok": True, "detail": detail, "route": taken.name, "ssh": routes.over_ssh(), "routes": told}


def _report_audio(found: dict[str, Any]) -> None:
    for way in found["routes"]:
        mark = "->" if way["name"] == found["route"] else "  "
        print(f"{mark} {way['name']:8} {shown(way['why'])}")
        for line in way["lines"]:
            print(f"            {shown(line)}")


def _report(checks: dict[str, dict[str, Any]], ok: bool) -> None:
    for name, found in checks.items():
        print(f"{'ok ' if found['ok'] else 'BAD'}  {name:9} {shown(found['detail'])}")
    print("jobs can run here" if ok else "jobs can't run here until what is BAD above is mended")
