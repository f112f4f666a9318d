"""Make an update package the version in use in a folder of the field."""

import shlex
import sys
from pathlib import Path

from jobs.desk import Desk
from jobs.field import installed
from jobs.field.channel import ways
from jobs.field.checked import Refused
from jobs.field.directives import NAME, Directives, read
from jobs.field.trust import keep, trusted
from jobs.recipes.opened import opened, refusing
from jobs.recipes.outside import free_for_folder
from jobs.specs import InstallPackage


def run(spec: InstallPackage, desk: Desk) -> dict:
    """Raises NotFound, Usage, BadInput (what is wrong with the package, an older one, another key), Busy."""
    folder = free_for_folder(spec.folder, "folder")
    with refusing():
        before = installed.installed_version(folder)
        told_before = _told(folder)
        key = trusted(spec.key, folder)
        package, told = opened(Path(spec.package), key, before)
        version = installed.install(package, folder)
        kept = keep(key, folder)
    return {"summary": {
        "folder": str(folder), "path": str(version), "name": told.name, "model": told.model,
        "version": package.manifest.version, "before": before, "net": told.net,
        "replaces": _other(told_before, told),
        "fallbacks": list(ways(told.fallbacks)), "key": str(kept), "start": starting(folder, told),
    }}  # fmt: skip


def _told(folder: Path) -> Directives | None:
    """What is told there now; None of nothing, or where it is damaged, since that is replaced as well."""
    version = installed.current(folder)
    try:
        return read(version / NAME) if version else None
    except Refused:
        return None


def _other(before: Directives | None, now: Directives) -> dict[str, str] | None:
    """Model and name of another repairer, which was in use before."""
    if before is None or before.model == now.model:
        return None
    return {"model": before.model, "name": before.name}


def starting(folder: Path, told: Directives) -> str:
    """The command line that repairs with what is installed in ``folder``, at the rate and in the packets that
    its net was made for."""
    asked = {"rate": told.rates[0], "block": told.packet}
    options = [part for name, value in asked.items() for part in (f"--{name}", str(value))]
    return shlex.join([sys.executable, "-P", "-m", "jobs.field.live", str(folder), *options])
