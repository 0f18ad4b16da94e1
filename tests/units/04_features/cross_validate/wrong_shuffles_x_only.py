"""X is shuffled, y is not

Expect: predictions differ
"""

import numpy as np
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def cross_validate(X, y, groups, k, folds, seed):
    p = np.random.default_rng(seed).permutation(len(y)); X = X[p]
    pred, fold = np.empty_like(y), np.empty(len(y), dtype=int)
    cut = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for n, (tr, te) in enumerate(cut.split(X, y, groups)):
        model = make_pipeline(StandardScaler(), SelectKBest(f_classif, k=k), KNeighborsClassifier(1))
        pred[te] = model.fit(X[tr], y[tr]).predict(X[te]); fold[te] = n
    return pred, fold, float(np.mean(pred == y))
