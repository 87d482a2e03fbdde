"""scikit-learn's side: certify a bagging ensemble, or fit one that certifies.

>>> from sklearn.datasets import load_iris
>>> from sklearn.tree import DecisionTreeClassifier
>>> x, y = load_iris(return_X_y=True)
>>> found = certify_bagging(DecisionTreeClassifier(), x, y, x[::50], k=20, models=200)
>>> found.labels.tolist()
[0, 1, 2]
"""

from bagcert.fastpath.bridges.classifier import CertifiedBaggingClassifier
from bagcert.fastpath.bridges.sklearn import certify_bagging

__all__ = ["CertifiedBaggingClassifier", "certify_bagging"]
