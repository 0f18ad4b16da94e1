"""Predictions in the order of the folds

Expect: in the order of the folds
"""

import numpy as np
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def cross_validate(X, y, groups, k, folds, seed):
    predictions, fold, right = [], np.zeros(len(y), dtype=int), 0
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for i, (train, test) in enumerate(splitter.split(X, y, groups)):
        model = make_pipeline(StandardScaler(), SelectKBest(k=k), KNeighborsClassifier(1)).fit(X[train], y[train])
        predictions.extend(model.predict(X[test]))
        right += (model.predict(X[test]) == y[test]).sum()
        fold[test] = i
    return np.array(predictions), fold, right / len(y)
