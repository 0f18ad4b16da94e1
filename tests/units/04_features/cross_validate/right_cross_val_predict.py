"""cross_val_predict over the same folds, selection before scaling"""

import numpy as np
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


def cross_validate(X, y, groups, k, folds, seed):
    splits = list(StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(X, y, groups))
    model = Pipeline([
        ("select", SelectKBest(k=k)), ("scale", StandardScaler()), ("classify", KNeighborsClassifier(1)),
    ])
    predictions = cross_val_predict(model, X, y, cv=splits)
    fold = np.zeros(len(y), dtype=int)
    for i, (_, test) in enumerate(splits):
        fold[test] = i
    right = sum(int((predictions[test] == y[test]).sum()) for _, test in splits)
    return predictions, fold, right / len(y)
