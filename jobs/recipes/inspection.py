"""What an update package holds: its files and its directives, once its signature and its sums were right."""

from pathlib import Path

from jobs.desk import Desk
from jobs.field.channel import ways
from jobs.field.learning import EXPERTS
from jobs.field.trust import fingerprint, trusted
from jobs.recipes.opened import opened, refusing, repairer_of
from jobs.recipes.outside import give_json
from jobs.specs import InspectPackage

LEFT = "package.json"


def run(spec: InspectPackage, desk: Desk) -> dict:
    """Raises BadInput (not whole, not signed by that key, for a newer runner, no key)."""
    path = Path(spec.package)
    with refusing():
        key = trusted(spec.key)
        package, told = opened(path, key)
    manifest = package.manifest
    found = {
        "path": str(path), "bytes": path.stat().st_size, "version": manifest.version,
        "runner": manifest.runner, "model": manifest.model, "name": told.name,
        "known": repairer_of(manifest.model) is not None, "key_sha256": fingerprint(key),
        "files": [entry.record() for entry in manifest.files], "directives": told.record(),
        # What runs here, whatever a package of another time has in its directives.
        "runs": list(ways(told.fallbacks)),
        "predicts": [{"name": one.name, "order": one.order, "context_ms": 1000 * one.seconds}
                     for one in EXPERTS],
    }  # fmt: skip
    give_json(desk.folder / LEFT, found)
    return {"summary": {"name": told.name, "version": manifest.version, "left": LEFT}}
