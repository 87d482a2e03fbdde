"""The layers of a small convolutional network, spelled in one line and checked.

``conv32`` is a 3 × 3 convolution with 32 filters and ReLU (``conv32same`` pads by one), ``pool``
the maximum over 2 × 2, ``drop0.25`` dropout at rate 1/4, ``dense128`` a full layer with ReLU. A
full layer with softmax over the classes always follows. The two networks of Jia, Cao and Gong
(Section 5.1) are those of the Keras examples ``mnist_cnn`` and ``cifar10_cnn``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["CIFAR10", "MNIST", "Conv", "Dense", "Drop", "Layer", "Pool", "multiplications", "plan"]

MNIST: Final = "conv32 conv64 pool drop0.25 dense128 drop0.5"
CIFAR10: Final = "conv32same conv32 pool drop0.25 conv64same conv64 pool drop0.25 dense512 drop0.5"
_LAYER: Final = re.compile(r"(conv|dense)([1-9][0-9]{0,3})(same)?|pool|drop(0(?:\.[0-9]{1,8})?)")
_MAX_LAYERS: Final = 64
_MAX_WEIGHTS: Final = 10**8
Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Conv:
    """A 3 × 3 convolution from ``given`` to ``filters`` channels of h × w, and ReLU."""

    given: int
    filters: int
    padding: int
    height: int
    width: int
    #: A pool follows: ReLU is applied after it, to a quarter of the values; both are monotone.
    pooled: bool


@dataclass(frozen=True)
class Pool:
    """The maximum over 2 × 2; and the ReLU of a convolution just before it."""

    rectified: bool


@dataclass(frozen=True)
class Drop:
    """Dropout of single values at ``rate``, of examples of ``shape``."""

    rate: float
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Dense:
    """A full layer from ``given`` to ``units`` values; ReLU, except in the last."""

    given: int
    units: int
    last: bool


Layer = Conv | Pool | Drop | Dense


def plan(text: str, shape: Shape, classes: int) -> tuple[Layer, ...]:
    """Return the layers that ``text`` spells, for images of ``shape`` (height, width, channels).

    Raises:
        ValueError: a word that is no layer, a convolution or pool after a full layer, an image
            that becomes too small, more than 64 layers or 10^8 weights, or a dropout rate that is
            no multiple of 1/256.
    """
    layers = tuple(_layers(text.split(), shape, classes))
    weights = sum(_weights(layer) for layer in layers)
    if weights > _MAX_WEIGHTS:
        raise ValueError(f"layers: {weights} weights, more than {_MAX_WEIGHTS}")
    return layers


def multiplications(layers: tuple[Layer, ...]) -> int:
    """Return the multiply-adds of all products of a forward pass, for one example."""
    return sum(
        _weights(layer) * (layer.height * layer.width if isinstance(layer, Conv) else 1)
        for layer in layers
    )


def _weights(layer: Layer) -> int:
    if isinstance(layer, Conv):
        return 9 * layer.given * layer.filters
    return layer.given * layer.units if isinstance(layer, Dense) else 0


def _layers(words: list[str], shape: Shape, classes: int) -> Iterator[Layer]:
    if len(words) > _MAX_LAYERS:
        raise ValueError(f"layers: {len(words)}, more than {_MAX_LAYERS}")
    height, width, channels = shape
    flat: int | None = None
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        match = _LAYER.fullmatch(word)
        if not match or (word.startswith("dense") and match[3]):
            raise ValueError(f"layers: {word!r:.60} is no layer (conv32, conv32same, pool, ...)")
        if flat is not None and (match[1] == "conv" or word == "pool"):
            raise ValueError(f"layers: {word} after a full layer")
        if match[1] == "conv":
            padding, filters = (1 if match[3] else 0), int(match[2])
            height, width = height - 2 + 2 * padding, width - 2 + 2 * padding
            layer: Layer = Conv(channels, filters, padding, height, width, after == "pool")
            channels = filters
        elif word == "pool":
            height, width, layer = height // 2, width // 2, Pool(before.startswith("conv"))
        elif match[1] == "dense":
            given = height * width * channels if flat is None else flat
            flat = int(match[2])
            layer = Dense(given, flat, last=False)
        else:
            rate = float(match[4])
            if not (rate * 256).is_integer():
                raise ValueError(f"layers: {word} must be a multiple of 1/256")
            layer = Drop(rate, (height, width, channels) if flat is None else (flat,))
        if min(height, width) < 1:
            raise ValueError(f"layers: nothing is left of the image at {word}")
        yield layer
    yield Dense(height * width * channels if flat is None else flat, classes, last=True)
