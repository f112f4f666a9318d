"""The form comes from the spec."""

from dataclasses import fields

import pytest

from jobs import specs
from store.errors import Usage
from studio import forms

DATASETS = [{"id": "a1", "name": "drums"}, {"id": "b2", "name": "keys"}]


def test_every_field_of_a_training_has_a_row_advanced_last() -> None:
    rows = forms.questions(specs.TrainVae, {"datasets": DATASETS})
    assert {row.name for row in rows} == {f.name for f in fields(specs.TrainVae)}
    flags = [row.advanced for row in rows]
    assert flags == sorted(flags) and not flags[0] and flags[-1]
    assert all(row.help for row in rows)


def test_records_become_a_choice_of_names() -> None:
    row = forms.questions(specs.TrainVae, {"datasets": DATASETS})[0]
    assert row.sort == "choice" and row.choices == ("a1", "b2") and row.shown("a1") == "drums"
    assert row.initial == "b2", "the newest"


def test_a_record_that_need_not_be_named_is_none_at_first_GAP_05() -> None:
    rows = {row.name: row for row in forms.questions(specs.TrainRepairer, {"repairers": DATASETS})}
    row = rows["feedback"]
    assert (row.choices, row.initial, row.shown("")) == (("", "a1", "b2"), "", "none")
    assert row.shown(forms.stepped(row, "", 1)) == "drums"
    empty = forms.questions(specs.ReadFeedback, {})[1]
    assert (empty.name, empty.choices, empty.shown("")) == ("model", ("",), "none")


def test_complaints_name_the_field_and_the_nearest_value() -> None:
    found = forms.complaints(specs.TrainVae, {"dataset": "", "minutes": "0", "epochs": "ten", "seed": "1"})
    assert set(found) == {"dataset", "minutes", "epochs"}
    assert "nearest: 0.05" in found["minutes"] and "whole number" in found["epochs"]


def test_only_what_differs_is_sent() -> None:
    rows = forms.questions(specs.TrainVae, {"datasets": DATASETS})
    values = {row.name: row.initial for row in rows} | {"minutes": "2", "preset": "balanced"}
    assert forms.changed(specs.TrainVae, values) == {"dataset": "b2", "minutes": 2.0, "preset": "balanced"}
    with pytest.raises(Usage):
        forms.changed(specs.TrainVae, {"seed": "x"})


def test_steps_of_a_row() -> None:
    rows = {row.name: row for row in forms.questions(specs.TrainVae, {"datasets": DATASETS})}
    assert forms.stepped(rows["preset"], "auto", -1) == "aggressive"
    assert (
        forms.stepped(rows["minutes"], "5", 1) == "6" and forms.stepped(rows["minutes"], "1", -10) == "0.05"
    )
    assert forms.stepped(rows["minutes"], "oops", 1) == "5"
    copy = forms.questions(specs.ImportSounds, {})[-1]
    assert copy.sort == "yesno" and forms.stepped(copy, "no", 1) == "yes"
