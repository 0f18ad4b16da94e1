"""Own stratified group folds: shuffle groups, largest first, least added imbalance"""

import numpy as np
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def cross_validate(X, y, groups, k, folds, seed):
    rng = np.random.default_rng(seed)
    classes, yi = np.unique(y, return_inverse=True)
    gs, gi = np.unique(groups, return_inverse=True)
    cnt = np.zeros((len(gs), len(classes)), int); np.add.at(cnt, (gi, yi), 1)
    order = rng.permutation(len(gs)); order = order[np.argsort(-cnt[order].std(1), kind="stable")]
    have = np.zeros((folds, len(classes))); where = np.zeros(len(gs), int); total = cnt.sum(0)
    for g in order:
        best = min(range(folds), key=lambda f: (((have + (np.arange(folds) == f)[:, None] * cnt[g]) / total).std(0).mean(), have[f].sum()))
        have[best] += cnt[g]; where[g] = best
    fold = where[gi]; pred = np.empty_like(y)
    for f in range(folds):
        te = fold == f
        model = make_pipeline(StandardScaler(), SelectKBest(f_classif, k=k), KNeighborsClassifier(1))
        pred[te] = model.fit(X[~te], y[~te]).predict(X[te])
    return pred, fold, float((pred == y).mean())
