"""Which flaw a sound has and what would correct it, learned from fingerprints: candidates, test, calibration.

Three kinds of classifier take the same test, folds of whole sources (a sound and its flawed versions are
never on both sides): a random forest of 500 trees of depth 8, extremely randomised trees (Geurts, Ernst &
Wehenkel 2006) and a linear discriminant with shrinkage (Ledoit & Wolf 2004). The one with the best macro-F1
ships. Confidence is the share of sounds that were told right at such a probability, out of fold (isotonic
regression; Zadrozny & Elkan 2002).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from jobs.nets.diagnoser import GRID

TREES, DEPTH = 500, 8
FEWER, FEW, DEEP = 120, 60, 10
"""Trees of the extremely randomised classifier, and of the regressor with its depth: with more they are
hardly better, and take longer than a row may."""
SLOWER = 0.95
"""Share of the others' error that a forest of 500 trees has to come down to as a regressor: it takes four
times as long."""
LEAD = 0.01
"""Macro-F1 by which it has to be better than the others as a classifier, for the same reason."""
FOLDS = 5
ROUNDS = 400
"""Of a bootstrap over sources."""
FEWEST = 5
"""Sources without which there is no test."""

Classifier = Callable[[int], Any]
CLASSIFIERS: dict[str, Classifier] = {
    "forest": lambda seed: RandomForestClassifier(TREES, max_depth=DEPTH, n_jobs=-1, random_state=seed),
    "extra trees": lambda seed: ExtraTreesClassifier(FEWER, n_jobs=-1, random_state=seed),
    "discriminant": lambda seed: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
}
REGRESSORS: dict[str, Classifier] = {
    "forest": lambda seed: RandomForestRegressor(TREES, max_depth=DEPTH, n_jobs=-1, random_state=seed),
    "extra trees": lambda seed: ExtraTreesRegressor(FEW, max_depth=DEEP, n_jobs=-1, random_state=seed),
}


@dataclass(frozen=True)
class Table:
    """``features (rows, 64)`` float32, ``flaws (rows,)`` words, ``targets (rows, 15)`` where they are ``known
    (rows,)``, ``sources (rows,)``, and ``places (rows,)`` in whatever they were made from, -1 for none."""

    features: np.ndarray
    flaws: np.ndarray
    targets: np.ndarray
    known: np.ndarray
    sources: np.ndarray
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.flaws)


@dataclass(frozen=True)
class Tested:
    """A model that won its test: ``name`` of its kind, ``model`` fitted to all rows, its ``out_of_fold``
    predictions (probabilities in order of ``classes``, or targets), and the ``scores`` of all candidates."""

    name: str
    model: Any
    classes: tuple[str, ...]
    out_of_fold: np.ndarray
    scores: dict[str, float]


def best_classifier(table: Table, seed: int) -> Iterator[float | Tested]:
    """Shares of the work that are done, then what won. Raises ValueError with fewer than five sources."""
    classes = tuple(sorted(set(table.flaws)))
    found: dict[str, np.ndarray] = {}
    for done, (name, make) in enumerate(CLASSIFIERS.items()):
        found[name] = np.zeros((len(table), len(classes)))
        for train, test in _folds(table, seed):
            if len(set(table.flaws[train])) == 1:
                # Of one class there is nothing to learn but that.
                found[name][test, classes.index(table.flaws[train][0])] = 1.0
                continue
            model = make(seed).fit(table.features[train], table.flaws[train])
            columns = np.array([classes.index(flaw) for flaw in model.classes_])
            found[name][np.ix_(test, columns)] = model.predict_proba(table.features[test])
        yield (done + 1) / len(CLASSIFIERS)
    scores = {name: macro_f1(table.flaws, said, classes) for name, said in found.items()}
    name = max(scores, key=lambda one: scores[one] - (LEAD if one == "forest" else 0.0))
    model = CLASSIFIERS[name](seed).fit(table.features, table.flaws)
    yield Tested(name, model, classes, found[name], scores)


def best_regressor(table: Table, seed: int) -> Iterator[float | Tested]:
    """As ``best_classifier``, by the mean absolute error of the targets; no model where none is known."""
    if not table.known.any():
        yield Tested("none", None, (), np.zeros_like(table.targets), {})
        return
    found: dict[str, np.ndarray] = {}
    for done, (name, make) in enumerate(REGRESSORS.items()):
        found[name] = np.zeros_like(table.targets)
        for train, test in _folds(table, seed):
            use = train[table.known[train]]
            if not len(use):
                continue
            model = make(seed).fit(table.features[use], table.targets[use])
            found[name][test] = model.predict(table.features[test])
        yield (done + 1) / len(REGRESSORS)
    known = table.known
    scores = {name: float(np.abs(said - table.targets)[known].mean()) for name, said in found.items()}
    name = min(scores, key=lambda one: scores[one] / (SLOWER if one == "forest" else 1.0))
    model = REGRESSORS[name](seed).fit(table.features[known], table.targets[known])
    yield Tested(name, model, (), found[name], scores)


def _folds(table: Table, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    sources = len(set(table.sources))
    if sources < FEWEST:
        raise ValueError(f"{sources} sources; at least {FEWEST} are needed for a test")
    yield from GroupKFold(FOLDS, shuffle=True, random_state=seed).split(
        table.features, table.flaws, table.sources
    )


def macro_f1(flaws: np.ndarray, said: np.ndarray, classes: Sequence[str]) -> float:
    """Of probabilities ``(rows, classes)``."""
    told = np.array(classes)[said.argmax(axis=1)]
    return float(f1_score(flaws, told, average="macro", labels=list(classes), zero_division=0))


def per_flaw(flaws: np.ndarray, said: np.ndarray, classes: Sequence[str]) -> dict[str, float]:
    """F1 of each class."""
    told = np.array(classes)[said.argmax(axis=1)]
    scores = f1_score(flaws, told, average=None, labels=list(classes), zero_division=0)
    return {name: round(float(score), 4) for name, score in zip(classes, scores, strict=True)}


def calibration(flaws: np.ndarray, said: np.ndarray, classes: Sequence[str]) -> list[float]:
    """At ``GRID``: how often the most probable class is the right one.

    Never 0 or 1: of the n rows at an end of the curve all may be right, and the next one wrong after all
    (Laplace's rule of succession).
    """
    right = np.array(classes)[said.argmax(axis=1)] == flaws
    curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(said.max(axis=1), right)
    fitted = curve.predict(said.max(axis=1))
    least, most = (1 / (np.count_nonzero(fitted == end) + 2) for end in (fitted.min(), fitted.max()))
    return [round(float(value), 4) for value in curve.predict(GRID).clip(least, 1 - most)]


def confidence(table: Table, said: np.ndarray, classes: Sequence[str], seed: int = 0) -> np.ndarray:
    """(rows,) of the most probable class, by a calibration that has not seen the row's source."""
    found = np.zeros(len(table))
    for train, test in _folds(table, seed):
        curve = calibration(table.flaws[train], said[train], classes)
        found[test] = np.interp(said[test].max(axis=1), GRID, curve)
    return found


def interval(
    measure: Callable[[np.ndarray], float], sources: np.ndarray, seed: int = 0, rounds: int = ROUNDS
) -> tuple[float, float]:
    """95 % of what ``measure`` (of row numbers) gives when sources are drawn anew (percentile bootstrap)."""
    rng = np.random.default_rng(seed)
    rows_of = [np.flatnonzero(sources == source) for source in sorted(set(sources))]
    values = []
    for _ in range(rounds):
        drawn = rng.integers(0, len(rows_of), len(rows_of))
        values.append(measure(np.concatenate([rows_of[at] for at in drawn])))
    low, high = np.percentile(values, (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)
