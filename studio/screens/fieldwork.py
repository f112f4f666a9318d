"""What is done with the field, from the window of repairers: packages, nets compared, feedback, the key."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import specs
from studio import actions, fieldwork
from studio.screens.dialog import Pick
from studio.screens.fed_back import fed_back
from studio.screens.requests import asking, waited
from studio.screens.telling import Told, wrapped
from studio.text import pad
from studio.widgets.lines import Line

if TYPE_CHECKING:
    from studio.frame import Studio

Found = Mapping[str, Any]
TENSOR, SHAPE, WHAT, MOVED = 24, 14, 14, 9
KEY = "key"
IN_JOBS = "3 shows what came of it"


def choose(app: "Studio", repairer: Found | None, changed: Callable[[], None]) -> None:
    """A list of what can be done; ``repairer`` is the one of the cursor, ``changed`` looks at them again."""
    works: dict[str, tuple[str, Callable[[], None]]] = {
        "read feedback": ("gaps, latencies and ways that the field has counted", lambda: _read(app, changed)),
        "compare": ("with another net, tensor by tensor", lambda: _compare(app, repairer)),
        "verify": ("what an update package holds, and whether it is whole", lambda: _verify(app, repairer)),
        "install": ("an update package into a folder of the field", lambda: _install(app, repairer)),
        "go back": ("to the version before the last update", lambda: _roll_back(app, repairer)),
    }
    if repairer is None:
        del works["compare"]

    async def chosen(name: str | None) -> None:
        if name == KEY:
            await app.beside(_key(app))
        elif name:
            works[name][1]()

    items = [(name, name, words) for name, (words, _) in works.items()]
    app.push_screen(Pick("the field", [*items, (KEY, KEY, "this house's public key, for the field")]), chosen)


def _read(app: "Studio", changed: Callable[[], None]) -> None:
    async def carried_out(values: dict[str, Any]) -> bool:
        now = await waited(app, "feedback", specs.ReadFeedback, values, IN_JOBS)
        if now is None:
            return False
        found = await app.do(lambda: actions.left(now))
        changed()
        if found:
            app.push_screen(Told("feedback", lambda width: _all_fed_back(found, width)))
        return bool(found)

    asking(
        app,
        "read feedback",
        specs.ReadFeedback,
        carried_out,
        proposed={"feedback": f"{Path.home()}/"},
    )


def _all_fed_back(found: Found, width: int) -> list[Line]:
    lines: list[Line] = []
    if found["passed_over"]:
        lines += wrapped([f"{found['passed_over']} lines were passed over: damaged, or no feedback"], width)
    for one in found["models"]:
        kept = f"{one['name']}: {one['new']} new sessions, kept with it"
        said = kept if one["kept"] else f"{one['model']}: no repairer of that id is here, so this is not kept"
        lines += [*([[]] if lines else []), *wrapped([said], width, "b:text"), *fed_back(one, width)]
    return lines


def _compare(app: "Studio", repairer: Found | None) -> None:
    if repairer is None:
        return
    id, name = repairer["id"], repairer["name"]
    others = [f"{Path.home()}/"] + [
        one["name"] for one in actions.shelf("repairers").all() if one["id"] != id
    ]

    async def carried_out(values: dict[str, Any]) -> bool:
        return await _seen(app, f"compare {name}", specs.CompareNets, {"new": id, **values}, _compared)

    asking(app, f"compare {name} with an older net", specs.CompareNets, carried_out,
           leave_out=("new", "preview"), proposed={"old": others[-1]})  # fmt: skip


def _compared(found: Found, width: int) -> list[Line]:
    rows = fieldwork.changes(found)
    lines = wrapped([f"{found['old']} → {found['new']}", fieldwork.compared(found)], width)
    if rows:
        head = pad("tensor", TENSOR) + pad("shape", SHAPE) + pad("", WHAT) + pad("change", MOVED) + "values"
        lines += [[], [(head, "faint")]]
    for name, shape, what, change, values in rows:
        lines.append([
            (pad(name, TENSOR), "text"), (pad(shape, SHAPE), "dim"), (pad(what, WHAT), "second"),
            (pad(change, MOVED), "b:text"), (values, "text"),
        ])  # fmt: skip
    return lines


def _verify(app: "Studio", repairer: Found | None) -> None:
    async def carried_out(values: dict[str, Any]) -> bool:
        return await _seen(
            app,
            "verify",
            specs.InspectPackage,
            values,
            lambda found, width: wrapped(fieldwork.package(found), width),
        )

    asking(app, "verify a package", specs.InspectPackage, carried_out, leave_out=("preview",),
           proposed={"package": _package(repairer)})  # fmt: skip


def _install(app: "Studio", repairer: Found | None) -> None:
    async def carried_out(values: dict[str, Any]) -> bool:
        now = await waited(app, "install", specs.InstallPackage, values, IN_JOBS)
        if now is None:
            return False
        found = (now.result or {})["summary"]
        words = [fieldwork.installed(found), fieldwork.RESTART, found["start"]]
        app.push_screen(Told("installed", lambda width: wrapped(words, width), found["start"]))
        return True

    asking(app, "install a package", specs.InstallPackage, carried_out,
           proposed={"package": _package(repairer), "folder": _folder(repairer)})  # fmt: skip


def _roll_back(app: "Studio", repairer: Found | None) -> None:
    async def carried_out(values: dict[str, Any]) -> bool:
        now = await waited(app, "go back", specs.RollBack, values, IN_JOBS)
        if now is not None:
            app.say(fieldwork.rolled_back((now.result or {})["summary"]), "good")
        return now is not None

    asking(app, "go back a version", specs.RollBack, carried_out, proposed={"folder": _folder(repairer)})


async def _key(app: "Studio") -> None:
    now = await waited(app, "key", specs.ShowKey, {})
    if now is None:
        return
    found = (now.result or {})["summary"]
    words = [found["path"], *found["public_key"].splitlines(), f"SHA-256 {found['sha256']}"]
    app.push_screen(Told("public key", lambda width: wrapped(words, width), found["public_key"]))


async def _seen(
    app: "Studio", name: str, kind: type[specs.Spec], values: Mapping[str, Any],
    lines: Callable[[Found, int], Sequence[Line]],
) -> bool:  # fmt: skip
    """What a job has left, in a window."""
    now = await waited(app, name, kind, values)
    found = None if now is None else await app.do(lambda: actions.left(now))
    if found:
        app.push_screen(Told(name, lambda width: lines(found, width)))
    return bool(found)


def _package(repairer: Found | None) -> str:
    """The file that shipping the repairer proposes."""
    return str(Path.home() / f"{repairer['name']}.zip") if repairer else f"{Path.home()}/"


def _folder(repairer: Found | None) -> str:
    """A folder of the field for each repairer: in one for all, one would take the place of another."""
    return str(Path.home() / f"{repairer['name']}-field") if repairer else f"{Path.home()}/"
