"""Small convolutional networks, trained on the k drawn examples of each model alone."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import LearnerError, Subsamples
from bagcert.fastpath.learners.configured import Configured
from bagcert.fastpath.learners.networks.layers import plan
from bagcert.fastpath.learners.settings import in_interval
from bagcert.reference.arithmetic.arguments import as_integer

__all__ = ["ConvNet"]

_CHOICES: Final = {"optimiser": ("adadelta", "rmsprop"), "precision": ("float32", "bfloat16")}
#: Settings that are floats, and their domains.
_INTERVALS: Final = {
    "lr": (0.0, 1e6), "decay": (0.0, 1e6), "rho": (0.0, 1.0), "epsilon": (1e-30, 1.0),
    "rotation": (0.0, 180.0), "shift": (0.0, 1.0),
}  # fmt: skip
_LARGEST: Final = 10**6


@dataclass(frozen=True)
class ConvNet(Configured):
    """A small convolutional network, trained by gradients on the k drawn examples of each model.

    Softmax cross-entropy, label argmax of the scores (between equal ones the smaller). Weights,
    batch order, dropout and augmentation come from the model's seed alone
    (:mod:`bagcert.fastpath.draws.model_streams`), weights and optimiser are fresh for each
    model. Soundness: an image's values are its features, unchanged.

    Models are trained ``stack`` at a time in grouped convolutions, a last stack filled up with
    copies; on the CPU one stack a core, each in one thread, so that the number of cores changes
    no bit. Guarantee: on one machine and its libraries (torch, its kernels for this processor)
    row b is a function of its examples, its seed and the test images. That a model's place among
    the groups of a convolution changes no rounding is not promised by those libraries: the tests
    hold them to it, and ``stack=1`` does not need it.

    Args:
        shape: of one image, ``HEIGHTxWIDTHxCHANNELS``.
        layers: as :mod:`bagcert.fastpath.learners.networks.layers` spells them.
        epochs: passes over the k examples, in [1, 10^6].
        batch_size: examples of a gradient step, in [1, 10^6].
        optimiser: ``adadelta``, or ``rmsprop`` without momentum.
        lr, rho, epsilon: the optimiser's, in [0, 10^6], [0, 1] and [1e-30, 1].
        decay: the step of number t, from 0, is of rate lr / (1 + decay t); in [0, 10^6].
        common_start: whether all models start from the same weights (those of seed 0, whatever
            D is) instead of each from its own.
        rotation: largest random turn of a training image, in degrees, in [0, 180].
        shift: largest random way of a training image, a share of its side, in [0, 1].
        flip: whether training images are mirrored at random.
        device: ``cpu``, or a CUDA device as torch spells it, ``cuda`` or ``cuda:1``.
        precision: of products, ``float32``, or ``bfloat16`` by torch's autocast; weights,
            gradients and the optimiser are float32 either way, and no loss scaling is needed.
        stack: models of one grouped convolution, in [1, 4096]; results may depend on it.

    Raises:
        TypeError, ValueError: a setting outside its domain.
    """

    shape: str
    layers: str
    epochs: int
    batch_size: int = 32
    optimiser: str = "adadelta"
    lr: float = 1.0
    decay: float = 0.0
    rho: float = 0.95
    epsilon: float = 1e-7
    common_start: bool = False
    rotation: float = 0.0
    shift: float = 0.0
    flip: bool = False
    device: str = "cpu"
    precision: str = "float32"
    stack: int = 4

    title: ClassVar[str] = "cnn"
    uses_seed: ClassVar[bool] = True
    needs: ClassVar[tuple[str, ...]] = ("torch",)

    def __post_init__(self) -> None:
        plan(self.layers, _sides(self.shape), 2)
        for name, most in (("epochs", _LARGEST), ("batch_size", _LARGEST), ("stack", 4096)):
            as_integer(name, getattr(self, name), 1, most)
        for name, (low, high) in _INTERVALS.items():
            in_interval(name, getattr(self, name), low, high)
        for name in ("common_start", "flip"):
            if not isinstance(getattr(self, name), bool):
                raise TypeError(f"{name} must be a bool, not {getattr(self, name)!r:.60}")
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                found = f"{getattr(self, name)!r:.60}"
                raise ValueError(f"{name} must be {' or '.join(known)}, not {found}")
        kind, _, number = self.device.partition(":")
        if kind not in ("cpu", "cuda") or (":" in self.device and not _is_index(kind, number)):
            raise ValueError(f"device must be cpu, cuda or cuda:N, not {self.device!r:.60}")

    def features(self, example: NDArray[Any]) -> NDArray[np.float32]:
        """Return the values of one image, float32, flat in the order height, width, channel.

        Raises:
            LearnerError: the example is no image of :attr:`shape`; channels may come last, or
                first, or be left out where there is one.
        """
        found: NDArray[np.float32] = self.features_of(example[None])[0]
        return found

    def features_of(self, examples: NDArray[Any]) -> NDArray[np.float32]:
        """Return the values (m, h w c) of m images."""
        height, width, channels = _sides(self.shape)
        given = examples.shape[1:]
        fitting = [(height, width, channels), (height * width * channels,)]
        if channels == 1:
            fitting.append((height, width))
        if given == (channels, height, width) and given not in fitting:
            examples = examples.transpose(0, 2, 3, 1)
        elif given not in fitting:
            raise LearnerError(f"{self.name} wants images {self.shape}, not {given}")
        return examples.reshape(len(examples), -1).astype(np.float32)

    def fit_predict(
        self, batch: Subsamples, test_features: NDArray[Any], seeds: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """Return hard labels (B, e): each model trained afresh, by its own seed.

        Raises:
            LearnerError: torch or the device is not there, or scores are not finite; ``row`` says
                whose.
        """
        torch = _torch(self.device)
        labels = np.empty((len(batch.labels), len(test_features)), np.int64)
        threads = torch.get_num_threads()
        stop = Event()
        pool = ThreadPoolExecutor((os.cpu_count() or 1) if self.device == "cpu" else 1)

        def predicted(start: int) -> None:
            rows = range(start, min(start + self.stack, len(labels)))
            scores = self._scores(batch, test_features, seeds, rows, stop)
            if not np.isfinite(scores).all():
                # Kernels may multiply a neighbour's values by zero, and NaN by zero is NaN.
                scores = np.stack(
                    [self._scores(batch, test_features, seeds, [row], stop)[0] for row in rows]
                )
            for row, of_model in zip(rows, scores, strict=True):
                if not np.isfinite(of_model).all():
                    raise LearnerError(f"{self.name} has scores that are not finite", row)
                labels[row] = of_model.argmax(axis=1)

        try:
            for _ in pool.map(predicted, range(0, len(labels), self.stack)):
                pass
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(threads)
        return labels

    def _scores(
        self,
        batch: Subsamples,
        test_features: NDArray[Any],
        seeds: NDArray[np.uint64],
        rows: Sequence[int],
        stop: Event,
    ) -> NDArray[np.float32]:
        """Scores (len(rows), e, classes) of at most ``stack`` models, in one full stack."""
        import torch

        from bagcert.fastpath.learners.networks.stack import predict, train

        sides = _sides(self.shape)
        layers = plan(self.layers, sides, batch.classes)
        filled = [*rows, *[rows[-1]] * (self.stack - len(rows))]
        drawn = np.asarray(batch.features[filled], np.float32).reshape(self.stack, -1, *sides)
        tested = np.asarray(test_features, np.float32).reshape(-1, *sides)
        if self.device == "cpu":
            torch.set_num_threads(1)  # in the calling thread, one of the pool's
        with torch.backends.cudnn.flags(
            enabled=True, benchmark=False, deterministic=True, allow_tf32=False
        ):
            weights = train(
                layers, self, drawn, batch.labels[filled], [int(seeds[i]) for i in filled], stop
            )
            return predict(layers, self, weights, tested)[: len(rows)]


def _sides(text: str) -> tuple[int, int, int]:
    parts = text.split("x")
    if len(parts) != 3 or not all(_is_size(part) for part in parts):
        raise ValueError(f"shape must be HEIGHTxWIDTHxCHANNELS, not {text!r:.60}")
    return int(parts[0]), int(parts[1]), int(parts[2])


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) > 0


def _is_index(kind: str, text: str) -> bool:
    return kind == "cuda" and text.isascii() and text.isdecimal() and len(text) <= 3


def _torch(device: str) -> Any:
    try:
        import torch
    except ImportError as error:
        raise LearnerError("networks need torch; type: pip install 'bagcert[torch]'") from error
    if device != "cpu" and not torch.cuda.is_available():
        raise LearnerError(f"device {device}: torch finds no CUDA device here")
    return torch
