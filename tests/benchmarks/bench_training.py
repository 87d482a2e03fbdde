"""``make bench``: the vote stage of kernel ridge, beside the one matrix product it cannot avoid.

The shapes of MNIST: n = 60,000, e = 10,000, k = 100, c = 10, 100 models, a Gram block of random
values. A model's scores are (c, k) weights times the k gathered rows (k, e): that product, over
rows gathered before the clock starts, is the floor; it is timed with BLAS's own threads, and with
models side by side, and the faster counts. The vote stage is all that happens after the Gram block:
draws, gathering, the solved systems, scores, labels, digests and counts.
"""

import statistics
import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bagcert.fastpath.learners import ScatteringRidge
from bagcert.fastpath.learners.threads import side_by_side
from bagcert.fastpath.training.base_models import BaseModels
from bagcert.fastpath.training.shards import Shard

N, E, K, C, MODELS = 60_000, 10_000, 100, 10, 100


class Ahead(ScatteringRidge):
    """Examples that are features already: a block of them is its own map."""

    def features_of(self, examples: NDArray[Any]) -> NDArray[Any]:
        return examples


@pytest.fixture(scope="module")
def base_models() -> BaseModels:
    drawn = np.random.Generator(np.random.Philox(1))
    train = drawn.random((N, 960), dtype=np.float32)
    train /= np.linalg.norm(train, axis=1, keepdims=True)
    relations = drawn.random((N, E), dtype=np.float32)
    labels = drawn.integers(0, C, N)
    return BaseModels(Ahead(), train, labels, train[:E], relations, np.arange(N), train, C)


def seconds(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def test_vote_stage(base_models: BaseModels) -> None:
    drawn = np.random.Generator(np.random.Philox(2))
    assert base_models.relations is not None
    weights = drawn.random((MODELS, C, K), dtype=np.float32)
    gathered = base_models.relations[drawn.integers(0, N, (MODELS, K))]
    models = range(MODELS)

    def product(row: int) -> Any:
        return weights[row] @ gathered[row]

    works = {
        "vote stage": lambda: Shard.of(models, base_models.predict(K, 7, models), C, keep=False),
        "product, threaded": lambda: [product(row) for row in models],
        "product, side by side": lambda: side_by_side(product, MODELS),
    }
    taken = {name: [seconds(work) for _ in range(8)][1:] for name, work in works.items()}
    print()
    for name, times in taken.items():
        print(f"{name:<22} {1e3 * statistics.median(times) / MODELS:.2f} ms a model")
    stage, *floors = (statistics.median(times) for times in taken.values())
    print(f"{'ratio':<22} {stage / min(floors):.2f}")
