"""No features are selected

Expect: no features were selected
"""

import numpy as np
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def cross_validate(X, y, groups, k, folds, seed):
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    predictions, fold = np.empty_like(y), np.empty(len(y), dtype=int)
    for i, (train, test) in enumerate(splitter.split(X, y, groups)):
        model = make_pipeline(StandardScaler(), KNeighborsClassifier(1))
        predictions[test] = model.fit(X[train], y[train]).predict(X[test])
        fold[test] = i
    return predictions, fold, float(np.mean(predictions == y))
