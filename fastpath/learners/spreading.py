"""Scores of the test examples, spread among those that resemble one another: transduction.

D. Zhou, O. Bousquet, T. Lal, J. Weston, B. Schölkopf, Learning with Local and Global Consistency
(NIPS 2003): two examples that resemble each other should have alike scores. The graph is of the
test examples alone. No training example is in it, so it is fixed before any list is drawn, and a
base model stays a function of its list and of the test set: the joint learner that the end-to-end
theorem speaks of (proofs_checks/coq/Statements.v), one answer for each test example.

Where the constants come from: ``metric-ridge`` by 40 models for each of k = 20, 30, 50, 100, which
drew from MNIST's first 50,000 training images and were scored on the last 10,000, those as the test
set; neighbours 5, 8, 15, a = 0.97 and 0.99, 20 to 160 rounds.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.threads import side_by_side

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["KEPT", "ROUNDS", "neighbour_graph", "spread"]

#: a: of a score, what comes from the neighbours in each round.
KEPT: Final = 0.99
ROUNDS: Final = 40
#: Test examples whose neighbours are looked for in one product.
_ROWS: Final = 256


def spread(graph: "csr_array", scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return F after :data:`ROUNDS` of F = a S F + (1 - a) Y from F = Y, the scores (e, c)."""
    found = scores
    for _ in range(ROUNDS):
        found = np.float32(KEPT) * (graph @ found) + np.float32(1 - KEPT) * scores
    return found


def neighbour_graph(features: NDArray[np.float32], neighbours: int) -> "csr_array":
    """Return S = Q^(-1/2) W Q^(-1/2), (e, e) float32, of test features (e, d) of unit norm.

    W_ij = 1 if j ≠ i is one of the ``neighbours``, at least one (all, if there are fewer), examples
    with the largest <f_i, f_j>, or i is one of j's; Q has W's row sums on its diagonal. Among
    equally near ones numpy's argpartition decides. One example alone has S = 1, and keeps its
    scores. Time e^2 d, memory e times ``neighbours``; the last graph is remembered by the features'
    bytes.
    """
    rows = np.ascontiguousarray(features, np.float32)
    return _graph(rows.tobytes(), rows.shape[1], neighbours)


@lru_cache(maxsize=1)
def _graph(content: bytes, dimensions: int, neighbours: int) -> "csr_array":
    from scipy.sparse import csr_array

    features = np.frombuffer(content, np.float32).reshape(-1, dimensions)
    examples = len(features)
    wanted = min(neighbours, examples - 1)

    def nearest(block: int) -> NDArray[Any]:
        start = block * _ROWS
        like = features[start : start + _ROWS] @ features.T
        places = np.arange(len(like))
        like[places, start + places] = -np.inf
        return np.argpartition(-like, wanted - 1, axis=1)[:, :wanted]

    if wanted < 1:
        return csr_array(np.ones((1, 1), np.float32))
    to = np.concatenate(side_by_side(nearest, -(-examples // _ROWS)))
    of = np.repeat(np.arange(examples), wanted)
    linked = csr_array((np.ones(to.size, np.float32), (of, to.ravel())), (examples, examples))
    linked = linked.maximum(linked.T).tocsr()
    size = 1 / np.sqrt(linked.sum(axis=1)).astype(np.float32)
    row, column = linked.nonzero()
    return csr_array((size[row] * size[column], (row, column)), (examples, examples))
