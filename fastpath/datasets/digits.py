"""The 1,797 images of handwritten digits that ship with scikit-learn: 1,437 train, 360 test.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI (1998), its test
part. 8 × 8 pixels, 0..16, divided by 16: every value is a binary fraction, so that sums of
products of them are exact in float64.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.draws.lists import permutation

__all__ = ["SPLIT_SEED", "load_digits"]

#: Seed of the split: the last 360 places of ``permutation(SPLIT_SEED, 1797)`` are the test set.
SPLIT_SEED: Final = 2021
_TESTED: Final = 360


def load_digits() -> tuple[
    NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]
]:
    """Return train_x (1437, 64) in [0, 1], train_y (1437,), test_x (360, 64), test_y (360,).

    Raises:
        ImportError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits as source
    except ImportError as error:
        raise ImportError(
            "dataset digits needs scikit-learn; type: pip install 'bagcert[train]'"
        ) from error
    data: Any = source()
    order = permutation(SPLIT_SEED, len(data.target))
    x = np.asarray(data.data, dtype=np.float64)[order] / 16.0
    y = np.asarray(data.target, dtype=np.int64)[order]
    return x[:-_TESTED], y[:-_TESTED], x[-_TESTED:], y[-_TESTED:]
