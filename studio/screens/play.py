"""5 Play: sliders of a model; what they do is heard at once, and kept when it is liked."""

import random
from collections.abc import Mapping
from typing import Any

from textual.binding import Binding

from studio import actions
from studio.screens.deck import Deck
from studio.screens.page import newest_first
from studio.screens.rack import laid
from studio.widgets.knob import FREE


class PlayPage(Deck):
    """The keys of the deck."""

    legend = (
        ("━ ╌ ░", "safe, with care, out of reach of these sounds"),
        ("● ○", "asked for, heard last"),
        ("⚠ ▲", "the slider is beyond safe, beyond reach"),
        ("▣ ◆ ♫", "locked, a preset's positions, another way than a walk"),
    )

    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("enter", "keep", "make a take", id="play.keep", tooltip="make it at full length and keep it"),
        Binding(
            "R", "randomise", "randomise", id="play.randomise", tooltip="named sliders, within safe and reach"
        ),
        Binding("n", "next_seed", "next seed", id="play.next", tooltip="the same sliders, another walk"),
        Binding("v", "vary", "vary", id="play.vary", tooltip="vary the kept take that is shown"),
        Binding("f", "follow", "follow", id="play.follow", tooltip="play a take or a file through the model"),
        Binding("w", "walk", "walk A-B", id="play.walk", tooltip="walk from one sound to another"),
        Binding("b", "blend", "blend", id="play.blend", tooltip="put another model into the mixer"),
        Binding(
            "x",
            "let_go",
            "let go",
            id="play.let_go",
            tooltip="the vary, follow or walk; then the blend",
        ),
        Binding(
            "Z", "reset", "reset all", id="play.reset", tooltip="every slider free, every number at rest"
        ),
        Binding(
            "equals_sign", "type_in", "type", key_display="=", id="play.type", tooltip="type the row's value"
        ),
        Binding("slash", "find", "find", key_display="/", show=False, id="play.find",
                tooltip="a row by its name or by what it does"),
        Binding("s", "save", "save preset", id="play.save", tooltip="keep these positions under a name"),
        Binding("o", "recall_preset", "presets", id="play.presets", tooltip="recall positions"),
        Binding("m", "model", "model", id="play.model", tooltip="play another model"),
        Binding("i", "inspect", "look closely", show=False, id="play.inspect", tooltip="in the Lab"),
    ]  # fmt: skip

    def action_keep(self) -> None:
        if self.model:
            self.run_worker(self._keep(self.model), group="keep")

    def action_randomise(self) -> None:
        moved: dict[str, float | None] = {}
        for k in self.sliders.knobs:
            low, high = max(k.safe[0], k.reach[0]), min(k.safe[1], k.reach[1])
            if k.axis and not k.dead and not k.group and low <= high:
                moved[k.name] = min(max(float(random.randint(round(low), round(high))), low), high)
        if self.model and moved:
            self._laid(moved)

    def action_reset(self) -> None:
        if self.model:
            self._laid({k.name: k.rest for k in self.sliders.knobs if k.group != "file"})

    def action_next_seed(self) -> None:
        if "seed" in self.sliders.locked:
            self.studio.say("the seed is locked; t on its row lets it go")
        elif self.model:
            self.sliders.set(seed=self.sliders.number("seed") + 1)
            self._soon()

    def action_type_in(self) -> None:
        from studio.screens.exact import type_in

        if self.model:
            type_in(self)

    def action_find(self) -> None:
        from studio.screens.dialog import Pick

        if self.model:
            rows = [(k.name, k.shown, k.help or k.short) for k in self.sliders.knobs]
            self.studio.push_screen(Pick("go to a row", rows), self.sliders.go)

    # --- other ways than a walk --------------------------------------------------------------------

    def action_follow(self) -> None:
        self._ask("follow")

    def action_walk(self) -> None:
        self._ask("walk")

    def action_vary(self) -> None:
        self._ask("vary")

    def action_blend(self) -> None:
        self._ask("blend")

    def _ask(self, what: str) -> None:
        from studio.screens import ways

        if self.model:
            getattr(ways, what)(self)

    def action_let_go(self) -> None:
        """The way first, then the blend."""
        if self.model is None:
            return
        alone = f"{self.model['name']} plays a walk of its own"
        if way := self.way:
            self.take_way(way.over)
            self.studio.say(f"let go: {way.words()}; {'a walk again' if not way.over else way.over.words()}")
        elif mixed := self.blended:
            self.mix([])
            self.studio.say(f"out of the blend: {' and '.join(str(one['name']) for one in mixed)}; {alone}")
        else:
            self.studio.say(f"nothing to let go: {alone}")

    # --- presets, takes, models --------------------------------------------------------------------

    def action_save(self) -> None:
        from studio.screens.keeping import keep

        if held := self.held():
            keep(self.studio, held, self._named)

    def held(self) -> Any:
        """What a preset would keep now; None, and said, when no slider is set."""
        from studio.screens.keeping import Positions

        sliders, model = self.sliders.positions, self.model
        if model and sliders:
            name = self.preset or str(model["name"])
            return Positions(model["id"], sliders, int(self.sliders.number("seed")), name)
        self.studio.say("every slider is free: move one first")
        return None

    def _named(self, preset: dict) -> None:
        self.preset = preset["name"]
        self.describe()

    def action_recall_preset(self) -> None:
        from studio.screens.presets import Presets

        if self.model:
            window = Presets(self.model, self.held, self.sought)

            def chosen(preset: dict | None) -> None:
                self.sought = window.list.query_text
                if preset:
                    self.apply(preset)

            self.studio.push_screen(window, chosen)

    def apply(self, preset: dict) -> None:
        """Sliders to a preset's positions, those it does not name free."""
        self._positions(preset["sliders"], {"seed": preset.get("seed", 0)}, preset["name"])

    def load(self, asked: Mapping[str, Any], way: Any = None) -> None:
        """Everything as the request of a take says it, and then by another ``way``."""
        known = {one["id"]: one for one in actions.models()}
        self.choose(asked["model"])
        self.blended = [known[id] for id in asked.get("blend") or {} if id in known and id != asked["model"]]
        self.way = way
        self._rack()
        values = laid(asked, asked["model"])
        if way and way.name == "vary":
            values["seed"] = (values.get("seed") or 0.0) + 1
        self._positions(asked.get("sliders") or {}, values, str(asked.get("preset", "")))

    def _positions(self, sliders: Mapping[str, float], more: Mapping[str, Any], name: str) -> None:
        axes: dict[str, float | None] = {k.name: FREE for k in self.sliders.knobs if k.axis and not k.dead}
        fitting = {axis: value for axis, value in sliders.items() if axis in axes}
        self._laid({**more, **axes, **fitting}, name)
        left_out = [axis for axis in sliders if axis not in axes]
        if left_out:
            words = name or "the take"
            self.studio.say(f"{words}: this model does not move {', '.join(left_out)}", "warn")

    async def action_inspect(self) -> None:
        from studio.looking import of_take
        from studio.screens.lab import inspect

        await inspect(self, of_take(self.heard.take) if self.heard.take else None)

    def action_model(self) -> None:
        from studio.screens.dialog import Pick

        models = newest_first(actions.models())
        items = [
            (model["id"], model["name"], f"learned from {model.get('dataset_name')}") for model in models
        ]
        if items:
            chosen = lambda model: self.choose(model) if model else None  # noqa: E731
            self.studio.push_screen(Pick("play a model", items, at=(self.model or {}).get("id")), chosen)

    # --- until the next start ----------------------------------------------------------------------

    def memory(self) -> dict[str, Any]:
        way = self.way.asked(0.0) if self.way else {}
        return {
            "model": (self.model or {}).get("id", ""),
            "values": self.sliders.values,
            "locked": sorted(self.sliders.locked),
            "blend": [one["id"] for one in self.blended],
            "way": way,
            "heard": (self.heard.take or {}).get("id", ""),
            "presets": self.sought,
        }

    def recall(self, memory: dict[str, Any]) -> None:
        self.wanted = str(memory.get("model", ""))
        self.sought = str(memory.get("presets", ""))
        values = memory.get("values", {})
        self.sliders.values = {str(k): FREE if v is None else float(v) for k, v in values.items()}
        self.sliders.locked = {str(name) for name in memory.get("locked", ())}
        known = {one["id"]: one for one in actions.models()}
        self.blended = [known[id] for id in memory.get("blend", ()) if id in known]
        if memory.get("way"):
            from studio.screens.ways import way_of

            self.way = way_of(memory["way"])
        # A preview of the last time is in no list.
        if take := next((one for one in actions.takes() if one["id"] == memory.get("heard")), None):
            self.heard.show(take, "kept")
