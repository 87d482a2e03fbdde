"""Networks in stacks: a gradient step beside the machine's GEMM, whole training beside eager torch.

    OMP_WAIT_POLICY=passive python -m pytest tests/benchmarks/bench_cnn.py -s -q -p no:xdist

Rates are of wall time, on all cores, the kinds of work taken in turns in one process; other work
on the machine slows them alike, but not to the same share. The float32 GEMM is 2048^3, the best of
its turns; a step is the median of its turns.
"""

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch

from bagcert.fastpath.learners import MnistCnn, Subsamples
from bagcert.fastpath.learners.network_layers import Conv, Dense, Layer, multiplications, plan
from bagcert.fastpath.learners.network_stack import train

K, CLASSES, TURNS, SIDE = 50, 10, 5, 2048
CORES = os.cpu_count() or 1


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


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
        train(
            layers,
            learner,
            images,
            labels,
            [number * learner.stack + g for g in range(learner.stack)],
        )

    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(one, range(stacks)))
    torch.set_num_threads(CORES)


def test_a_gradient_step_beside_gemm() -> None:
    torch.set_num_threads(CORES)
    a, b = torch.randn(SIDE, SIDE), torch.randn(SIDE, SIDE)
    layers = plan(MnistCnn().layers, (28, 28, 1), CLASSES)
    for precision in ("float32", "bfloat16"):
        few, more = (MnistCnn(epochs=n, batch_size=K, precision=precision) for n in (1, 5))
        gemm, step = [], []
        for _ in range(TURNS):
            gemm += [2 * SIDE**3 / seconds(lambda: a @ b) for _ in range(3)]
            # Difference of two lengths: weights are made once, and are no part of a step.
            taken = seconds(lambda: steps(more, CORES)) - seconds(lambda: steps(few, CORES))
            work = floating(layers) * K * CORES * more.stack * (more.epochs - few.epochs)
            step.append(work / taken)
        rate, peak = statistics.median(step), max(gemm)
        print(f"\n{precision}: steps {rate / 1e9:.1f} GFLOP/s, float32 GEMM {peak / 1e9:.1f}")
        print(f"  a step reaches {rate / peak:.2f} of the float32 GEMM rate")


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
        for rows in torch.randperm(K).split(32):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(images[rows]), labels[rows]).backward()
            optimiser.step()
    model.eval()
    with torch.inference_mode():
        for part in tested.split(1000):
            model(part).argmax(dim=1)


def test_whole_training_beside_eager_torch() -> None:
    models, epochs = 8, 4
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
        plain = seconds(one_at_a_time)
        ours = seconds(lambda: learner.fit_predict(batch, tested, seeds))
        ratios.append(plain / ours)
    print(f"\n{models} models, {epochs} epochs, 1,000 test images: eager torch takes", end=" ")
    print(f"{statistics.median(ratios):.2f} times as long ({min(ratios):.2f} to {max(ratios):.2f})")
