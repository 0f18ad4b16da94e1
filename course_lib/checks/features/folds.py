"""The check of exercise 4.6: cross-validation without leaks.

It recomputes every prediction from the answer's own folds. The model is fixed (standardise, keep the k features with
the largest F, one nearest neighbour), so what each note should be called follows from the folds alone; what a leak
would call it, too.
"""

import numpy as np

from course_lib.checks.core import as_array, describe, expect, expect_close, passed, subject, visible_rng

SEEDS = 6
"""Seeds that are tried before an answer is told that its seed changes nothing."""


def cross_validate(answer, *, rng=None, cases: int = 8) -> None:
    """Out-of-fold predictions, the folds and the accuracy. (exercise 4.6)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        X, y, groups, k, folds = notes(rng, case)
        seed = int(rng.integers(0, 10_000))
        context = f"for {len(y)} notes, {X.shape[1]} features, k={k}, {folds} folds, seed={seed}"
        predictions, fold, accuracy = _three(f.call(X, y, groups, k, folds, seed), context)
        fold = _folds(fold, y, groups, folds, context, pure=case % 4 == 1)
        predictions = as_array(predictions, "the predictions")
        _expect_labels(predictions, X, y, fold, k, context)
        right = predictions == y
        by_fold = np.array([right[fold == i].mean() for i in range(folds)])
        expect_close(accuracy, right.mean(), "the accuracy", rtol=0, atol=1e-6, context=context, mistakes={
            "it is the mean over folds of unequal size: count every note once, mean(predictions == y).": by_fold.mean(),
            "it is the share of errors: count what is right.": 1 - right.mean(),
            "it is in percent: a share lies between 0 and 1.": 100 * right.mean(),
            "there is one accuracy per fold: one number over all notes is asked for.": by_fold,
            "it is a count: divide by the number of notes.": right.sum(),
            "it is the accuracy of the best fold.": by_fold.max(),
            "it is the accuracy of the last fold only: count all notes.": by_fold[-1],
            "it is the median over folds: count every note once.": np.median(by_fold),
        })
    _seed_decides(f, rng)
    passed("cross_validate", f"{cases} data sets: no group on two sides, every class in every fold, nothing fitted on "
           "a test note, the seed decides")


def notes(rng: np.random.Generator, case: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, int]:
    """X, y, groups, k, folds: data on which leaks change predictions.

    Case 0: a group with wild values, which only an honest scaler meets unprepared. Case 1: groups of one class each,
    one class rare. Case 2: many features, labels drawn at random. Case 3: groups whose notes are near copies.
    """
    kind, classes, folds = case % 4, int(rng.integers(2, 5)), int(rng.integers(3, 6))
    labels = np.sort(rng.choice(20, classes, replace=False))
    count = folds * int(rng.integers(3, 5))
    d = 300 if kind == 2 else int(rng.integers(8, 14))
    if kind == 1:  # one class per group, as many groups of each class as there are folds, or twice as many
        rare = rng.integers(0, classes)
        owner = np.repeat(np.arange(classes), np.where(np.arange(classes) == rare, folds, 2 * folds))
        sizes = rng.integers(3, 5, len(owner))
        groups, y = np.repeat(np.arange(len(owner)), sizes), np.repeat(owner, sizes)
    else:
        sizes = rng.integers(classes, classes + 6, count)
        groups = np.repeat(np.arange(count), sizes)
        y = np.concatenate([np.r_[np.arange(classes), rng.integers(0, classes, s - classes)] for s in sizes])
    X = rng.standard_normal((len(y), d)) + 4 * rng.standard_normal(d)
    if kind != 2:
        X[:, : d // 2] += 0.8 * rng.standard_normal((classes, d // 2))[y]
    if kind in (0, 3):
        X += 1.5 * rng.standard_normal((groups.max() + 1, d))[groups]
    if kind == 0:
        X[groups == rng.integers(0, count)] *= 12 * rng.random(d)
    X *= 10.0 ** rng.uniform(-2, 2, d)
    order = rng.permutation(len(y))
    X = X[order] if case % 3 else np.asfortranarray(X[order])
    names = rng.permutation(1000)[: groups.max() + 1]
    return X, labels[y[order]], names[groups[order]], int(rng.integers(3, 7)), folds


def f_scores(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(features,) variance between the classes over variance inside them."""
    classes = np.unique(y)
    between = sum((y == c).sum() * (X[y == c].mean(0) - X.mean(0)) ** 2 for c in classes) / (len(classes) - 1)
    within = sum(((X[y == c] - X[y == c].mean(0)) ** 2).sum(0) for c in classes) / (len(X) - len(classes))
    return between / within


def nearest(train: np.ndarray, y: np.ndarray, test: np.ndarray, count: int = 1) -> np.ndarray:
    """Labels of the test rows by a vote of their nearest training rows; the smaller label wins a tie."""
    order = np.argsort(((test[:, None] - train) ** 2).sum(-1), axis=1)[:, :count]
    votes = y[order]
    classes = np.unique(y)
    return classes[np.argmax((votes[:, :, None] == classes).sum(1), axis=1)]


def predicted(
    X: np.ndarray, y: np.ndarray, fold: np.ndarray, k: int, *, scaler: str = "train", selection: str = "train",
    train_on: str = "train", neighbours: int = 1,
) -> np.ndarray:
    """Out-of-fold labels; each keyword says on which notes that step is fitted: "train", "all", "none", "own"; or
    what stands in its place: scaler="minmax", selection="variance"."""
    out = np.empty_like(y)
    for i in np.unique(fold):
        test = fold == i
        rows = {"train": ~test, "all": np.ones_like(test)}
        kept = np.arange(X.shape[1])
        if selection in rows:
            kept = np.argsort(-f_scores(X[rows[selection]], y[rows[selection]]))[:k]
        elif selection == "variance":
            kept = np.argsort(-X[~test].var(0))[:k]
        Z = X[:, kept]
        if scaler in rows:
            Z = (Z - Z[rows[scaler]].mean(0)) / Z[rows[scaler]].std(0)
        elif scaler == "minmax":
            low, high = Z[~test].min(0), Z[~test].max(0)
            Z = (Z - low) / (high - low)
        elif scaler == "own":
            Z = np.where(test[:, None], (Z - Z[test].mean(0)) / Z[test].std(0),
                         (Z - Z[~test].mean(0)) / Z[~test].std(0))
        learnt = rows[train_on]
        out[test] = nearest(Z[learnt], y[learnt], Z[test], neighbours)
    return out


def leaks(X: np.ndarray, y: np.ndarray, fold: np.ndarray, k: int) -> dict:
    """Sentence → predictions, for the folds that the answer gave."""
    right = predicted(X, y, fold, k)
    by_row = (X - X.mean(1, keepdims=True)) / X.std(1, keepdims=True)
    return {
        "the classifier was trained on the notes that it is tested on.": y,
        "a leak: the features were selected on all notes, with the labels of the test notes. Select inside the fold.":
            predicted(X, y, fold, k, selection="all"),
        "a leak: the scaler was fitted on all notes, the test notes among them. Fit it inside the fold.":
            predicted(X, y, fold, k, scaler="all"),
        "two leaks: scaler and selection were fitted on all notes. Fit both inside the fold.":
            predicted(X, y, fold, k, scaler="all", selection="all"),
        "the test notes were scaled by a mean and deviation of their own: transform them with the scaler that was "
        "fitted on the training notes.": predicted(X, y, fold, k, scaler="own"),
        "the features were not standardised.": predicted(X, y, fold, k, scaler="none"),
        "no features were selected: keep the k with the largest F.": predicted(X, y, fold, k, selection="none"),
        "neither standardised nor selected.": predicted(X, y, fold, k, scaler="none", selection="none"),
        "five neighbours vote (the default of KNeighborsClassifier): the card asks for one.":
            predicted(X, y, fold, k, neighbours=5),
        "k features were asked for, one more was kept.": predicted(X, y, fold, k + 1),
        "ten features were kept, the default of SelectKBest: pass k on.": predicted(X, y, fold, 10),
        "one feature was kept, whatever k is.": predicted(X, y, fold, 1),
        "the features with the largest variance were kept: keep those with the largest F value, `f_classif`.":
            predicted(X, y, fold, k, selection="variance"),
        "the features were scaled by their smallest and largest value (MinMaxScaler): the card asks for mean and "
        "deviation, StandardScaler.": predicted(X, y, fold, k, scaler="minmax"),
        "each note was scaled by its own mean and deviation, over its features: scale each feature over the notes "
        "(axis 0).": predicted(by_row, y, fold, k),
        "each note was scaled by its own mean and deviation, over its features: scale each feature over the notes "
        "(axis 0). ": predicted(by_row, y, fold, k, scaler="none"),
        "they come in the order of the folds: put prediction i at note i.":
            np.concatenate([right[fold == i] for i in np.unique(fold)]),
        "it is the most frequent label for all: was the classifier fitted?":
            np.full_like(y, np.bincount(y).argmax()),
    }


def _expect_labels(predictions: np.ndarray, X: np.ndarray, y: np.ndarray, fold: np.ndarray, k: int, context: str):
    """The predictions are labels: count those that differ, and name the leak or the step that explains all of them."""
    want = predicted(X, y, fold, k)
    expect(predictions.shape == y.shape,
           f"the predictions should have shape {y.shape} {context}, got {predictions.shape}: one label per note.")
    differ = np.flatnonzero(~np.isclose(predictions, want, rtol=0, atol=0.25))
    if not len(differ):
        return
    count = f"{len(differ)} of {len(y)} predictions differ {context}"
    for sentence, labels in leaks(X, y, fold, k).items():
        expect(np.array_equal(labels, want) or not np.array_equal(predictions, labels), f"{count}: {sentence}")
    first = differ[0]
    expect(False, f"{count}: note {first} is called {predictions[first]:g}, the folds that you returned make it "
           f"{want[first]}. Which step differs: StandardScaler, SelectKBest(f_classif, k=k), "
           "KNeighborsClassifier(1), all fitted on X[train], y[train]? Do rows of X still belong to entries of y?")


def _three(result, context: str) -> tuple:
    expect(
        isinstance(result, (tuple, list)) and len(result) == 3,
        f"`cross_validate` should return three things, predictions, folds and the accuracy, {context}; got "
        f"{describe(result)}.",
    )
    return tuple(result)


def _folds(fold, y: np.ndarray, groups: np.ndarray, folds: int, context: str, *, pure: bool) -> np.ndarray:
    """The folds as whole numbers, after what must hold for every sound split."""
    fold = as_array(fold, "the folds")
    expect(fold.shape == y.shape, f"the folds should have shape {y.shape} {context}, got {fold.shape}: one per note.")
    expect(
        set(fold.tolist()) == set(range(folds)),
        f"the folds should be numbered 0 to {folds - 1} {context}, got {sorted(set(fold.tolist()))[:8]}.",
    )
    for group in np.unique(groups):
        sides = np.unique(fold[groups == group])
        expect(
            len(sides) == 1,
            f"the notes of group {group} are in folds {', '.join(f'{s:g}' for s in sides)} {context}: a group is on "
            "both sides of the split, so the test notes have near copies among the training notes. Pass `groups` to a "
            "splitter that keeps them together.",
        )
    for i in range(folds):
        missing = sorted(set(y.tolist()) - set(y[fold == i].tolist()))
        expect(
            not pure or not missing,
            f"fold {i} holds no note of class {missing[0] if missing else ''} {context}, though there are enough "
            "groups for every fold: the split is not stratified.",
        )
    return fold.astype(int)


def _seed_decides(f, rng: np.random.Generator) -> None:
    X, y, groups, k, folds = notes(rng, 0)
    seed = int(rng.integers(0, 10_000))
    splits = [
        as_array(_three(f.call(X, y, groups, k, folds, s), "on a second call")[1], "the folds")
        for s in (seed, seed, *range(seed + 1, seed + SEEDS))
    ]
    expect(
        np.array_equal(splits[0], splits[1]),
        "two calls with the same seed give different folds: shuffle with `random_state=seed`, else nobody can repeat "
        "your result.",
    )
    expect(
        any(not np.array_equal(splits[0], other) for other in splits[2:]),
        f"{SEEDS} seeds give the same folds: `seed` should shuffle the groups (shuffle=True, random_state=seed).",
    )
