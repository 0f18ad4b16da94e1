"""The test notes get a scaler of their own

Expect: a mean and deviation of their own
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
        A, B = StandardScaler().fit_transform(X[train]), StandardScaler().fit_transform(X[test])
        best = SelectKBest(f_classif, k=k).fit(A, y[train]).get_support()
        predictions[test] = KNeighborsClassifier(1).fit(A[:, best], y[train]).predict(B[:, best])
        fold[test] = i
    return predictions, fold, float(np.mean(predictions == y))
