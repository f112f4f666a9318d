"""Takes of the history into a dataset, to train on again."""

from typing import TYPE_CHECKING, Any

from jobs import specs
from studio import actions, forms
from studio.screens.dialog import Ask
from studio.screens.page import newest_first
from studio.text import count

if TYPE_CHECKING:
    from studio.screens.history import HistoryPage


def feed(page: "HistoryPage") -> None:
    """Ask which dataset the marked takes go beside; without a mark it is the one of the cursor."""
    takes = page.marked or ([page.list.item["id"]] if page.list.item else [])
    if not takes:
        return
    datasets = newest_first(actions.datasets())
    own = _own(takes[0])
    asked = forms.Question(
        "dataset",
        "choice",
        help="its sounds come along, and it stays as it is",
        initial=own if own in [one["id"] for one in datasets] else "",
        choices=("", *(one["id"] for one in datasets)),
        labels=("none: the takes alone", *(one["name"] for one in datasets)),
    )
    name = forms.Question("name", "text", help="of the new dataset; empty: that of the other one")

    async def done(answers: dict | None) -> None:
        if answers is None:
            return
        job = await page.studio.do(lambda: actions.feed(takes, answers["dataset"], answers["name"]))
        if job:
            page.action_unmark()
            page.studio.poll()
            page.studio.say(
                f"feeding {count(len(takes), 'take')}; 1 has the new dataset, t trains on it", "good"
            )

    def check(field: str, value: str) -> str:
        return "" if field == "dataset" else forms.complaint(specs.FeedTakes, field, value)

    title = f"feed {count(len(takes), 'take')} into a dataset"
    page.studio.push_screen(Ask(title, [asked, name], "Feed", check), done)


def _own(take: str) -> str:
    """The dataset that the model of a take learned."""
    record: dict[str, Any] = actions.library().takes.get(take) or {}
    model = actions.library().models.get(str(record.get("model", ""))) or {}
    return str(model.get("dataset", ""))
