"""Networks in stacks: a gradient step beside the machine's GEMM, whole training beside eager torch.

    OMP_WAIT_POLICY=passive python -m pytest tests/benchmarks/bench_cnn.py -s -q -p no:xdist

Everything uses all cores, and the kinds of work take turns in one process. Wall time counts, and
is printed first; the processors' time is printed beside it, because on a machine with other work
the share that each turn gets is chance. The float32 GEMM is 2048^3, as often as takes about as
long as the steps that it is compared with.
"""

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from bagcert.fastpath.learners import MnistCnn, Subsamples
from bagcert.fastpath.learners.networks.layers import Conv, Dense, Layer, multiplications, plan
from bagcert.fastpath.learners.networks.stack import train

K, CLASSES, TURNS, SIDE = 50, 10, 5, 2048
CORES = os.cpu_count() or 1


class Seconds(NamedTuple):
    """What some work took: on the clock, and of all processors together, for each of them."""

    wall: float
    busy: float

    @classmethod
    def of(cls, work: Callable[[], object]) -> "Seconds":
        wall, busy = time.perf_counter(), time.process_time()
        work()
        return cls(time.perf_counter() - wall, (time.process_time() - busy) / CORES)

    def less(self, other: "Seconds") -> "Seconds":
        return Seconds(self.wall - other.wall, self.busy - other.busy)


def medians(found: list[tuple[float, float]]) -> str:
    """Both ratios over the turns."""
    wall, busy = (statistics.median(values) for values in zip(*found, strict=True))
    return f"{wall:.2f} (by processors' time {busy:.2f})"


def floating(layers: tuple[Layer, ...]) -> int:
    """Floating-point operations of one example's gradient, of its products alone.

    Forward, gradients of weights, gradients of inputs: 3 products a layer, 2 for the first.
    """
    first = next(layer for layer in layers if isinstance(layer, Conv | Dense))
    return 2 * (3 * multiplications(layers) - multiplications((first,)))


def examples(models: int) -> tuple[Any, Any]:
    drawn = np.random.Generator(np.random.Philox(1))
    images = drawn.random((models, K, 28, 28, 1), np.float32)
    return images, drawn.integers(0, CLASSES, (models, K))


def steps(learner: MnistCnn, stacks: int) -> None:
    """``stacks`` stacks trained for ``learner.epochs`` epochs, one a core at a time."""
    layers = plan(learner.layers, (28, 28, 1), CLASSES)
    images, labels = examples(learner.stack)

    def one(number: int) -> None:
        torch.set_num_threads(1)
        seeds = range(number * learner.stack, (number + 1) * learner.stack)
        train(layers, learner, images, labels, seeds, Event())

    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(one, range(stacks)))
    torch.set_num_threads(CORES)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_gradient_step_beside_gemm(precision: str) -> None:
    torch.set_num_threads(CORES)
    a, b = torch.randn(SIDE, SIDE), torch.randn(SIDE, SIDE)
    layers = plan(MnistCnn().layers, (28, 28, 1), CLASSES)
    few, more = (MnistCnn(epochs=n, batch_size=K, precision=precision) for n in (1, 3))
    work = floating(layers) * K * CORES * more.stack * (more.epochs - few.epochs)
    times = round(work / (2 * SIDE**3))
    steps(few, CORES)
    shares = []
    for _ in range(TURNS):
        gemm = Seconds.of(lambda: [a @ b for _ in range(times)])
        # The difference of two lengths: weights are made once, and are no part of a step.
        step = Seconds.of(lambda: steps(more, CORES)).less(Seconds.of(lambda: steps(few, CORES)))
        equal = work / (2 * SIDE**3 * times)
        shares.append((equal * gemm.wall / step.wall, equal * gemm.busy / step.busy))
    print(f"\n{precision}: steps reach {medians(shares)} of the float32 GEMM rate")


def eager(images: Any, labels: Any, epochs: int, tested: Any) -> None:
    """One model as torch's users write it, on all cores."""
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, CLASSES),
    )  # fmt: skip
    optimiser = torch.optim.Adadelta(model.parameters(), lr=1.0, rho=0.95, eps=1e-7)
    for _ in range(epochs):
        for rows in torch.randperm(K).split(32):  # type: ignore[no-untyped-call]
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    model.eval()
    with torch.inference_mode():
        for part in tested.split(1000):
            model(part).argmax(dim=1)


def test_whole_training_beside_eager_torch() -> None:
    models, epochs = 8, 2
    images, labels = examples(models)
    tested = np.random.Generator(np.random.Philox(2)).random((1000, 784), np.float32)
    batch = Subsamples(images.reshape(models, K, 784), labels, CLASSES)
    seeds = np.arange(models, dtype=np.uint64)
    learner = MnistCnn(epochs=epochs)
    torch.set_num_threads(CORES)

    def one_at_a_time() -> None:
        for x, y in zip(images, labels, strict=True):
            eager(
                torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(y),
                epochs, torch.from_numpy(tested).reshape(-1, 1, 28, 28),
            )  # fmt: skip

    ratios = []
    for _ in range(TURNS):
        plain = Seconds.of(one_at_a_time)
        ours = Seconds.of(lambda: learner.fit_predict(batch, tested, seeds))
        ratios.append((plain.wall / ours.wall, plain.busy / ours.busy))
    print(f"\n{models} models, {epochs} epochs: eager torch takes {medians(ratios)} times as long")
