"""How the metric's number of directions was chosen: on classes that it has not met.

``python -m bagcert.fastpath.learners.wavelets.metric_choice`` prints the table that stands in
:mod:`bagcert.fastpath.learners.wavelets.metric`. It reads scikit-learn's digits and nothing else.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import Subsamples
from bagcert.fastpath.learners.wavelets.metric import (
    directions,
    enlarged_digits,
    in_blocks,
    moved,
)
from bagcert.fastpath.learners.wavelets.metric_ridge import MetricRidge, unit_rows

__all__ = ["accuracy"]

_SPLITS: Final = 4
_MODELS: Final = 60
_RIDGES: Final = (0.001, 0.003, 0.01)
_KEPT: Final = (16, 24, 32, 48, 64, 96, 192)
_SIZES: Final = (10, 15, 25)


def accuracy(
    rows: NDArray[np.float32], labels: NDArray[np.int64], k: int, models: int = _MODELS
) -> float:
    """Return the mean accuracy of models on k of the rows, drawn with replacement, on all rows."""
    drawn = np.random.default_rng(0).integers(0, len(rows), (models, k))
    batch = Subsamples(rows[drawn], labels[drawn], int(labels.max()) + 1)
    found = MetricRidge().fit_predict(batch, rows, np.zeros(models, np.uint64))
    return float((found == labels).mean())


def _main() -> None:
    images, labels = enlarged_digits()
    features = in_blocks(images)
    changes = [in_blocks(other) - features for other in moved(images)]
    random = np.random.default_rng(5)
    splits = [random.permutation(10)[:5] for _ in range(_SPLITS)]
    print(f"{'directions':>10} " + " ".join(f"{f'ridge {ridge}':>20}" for ridge in _RIDGES))
    found: dict[tuple[float, int], list[list[float]]] = {}
    for met in splits:
        inside = np.isin(labels, met)
        _, renumbered = np.unique(labels[~inside], return_inverse=True)
        for ridge in _RIDGES:
            of = directions(
                features[inside], (change[inside] for change in changes), ridge, max(_KEPT)
            )
            rows = features[~inside] @ of
            for kept in _KEPT:
                scores = [accuracy(unit_rows(rows[:, :kept]), renumbered, k) for k in _SIZES]
                found.setdefault((ridge, kept), []).append(scores)
    for kept in _KEPT:
        cells = (np.mean(found[ridge, kept], axis=0) for ridge in _RIDGES)
        print(f"{kept:>10} " + "   ".join(" ".join(f"{x:.4f}" for x in cell) for cell in cells))


if __name__ == "__main__":
    _main()
