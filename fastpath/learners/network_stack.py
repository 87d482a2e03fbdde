"""Networks of one form, trained side by side in one stack: grouped convolutions, stacked products.

Tensors of images are (m, G C, h, w), channels last: model g's channels are a group, so that one
grouped convolution is G models' convolutions of their own m examples. Weights start as Glorot's
uniform (Keras's default), biases at zero; Adadelta (Zeiler 2012) is torch's, elementwise, so that
one optimiser of the stack is a fresh one for each model.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from numpy.typing import NDArray

from bagcert.fastpath.learners.augmentation import augmented
from bagcert.fastpath.learners.model_streams import Purpose, kept, order, uniforms
from bagcert.fastpath.learners.network_layers import Conv, Dense, Drop, Layer, Pool

__all__ = ["Recipe", "forward", "initial_weights", "predict", "train"]

#: Test images of one forward pass.
TESTED = 32


class Recipe(Protocol):
    """How networks are trained: the fields of :class:`~bagcert.fastpath.learners.ConvNet`."""

    @property
    def epochs(self) -> int:
        """Passes over the k drawn examples."""

    @property
    def batch_size(self) -> int:
        """Examples of a gradient step; the last of an epoch may have fewer."""

    @property
    def lr(self) -> float:
        """Adadelta's rate."""

    @property
    def rho(self) -> float:
        """Adadelta's decay."""

    @property
    def epsilon(self) -> float:
        """Adadelta's constant under the roots."""

    @property
    def shift(self) -> float:
        """Largest random way of an image, a share of its side."""

    @property
    def flip(self) -> bool:
        """Whether images are mirrored at random."""

    @property
    def device(self) -> str:
        """Where the tensors are."""

    @property
    def precision(self) -> str:
        """Of products: ``float32``, or ``bfloat16`` by torch's autocast."""


def train(
    layers: Sequence[Layer],
    recipe: Recipe,
    images: NDArray[np.float32],
    labels: NDArray[np.int64],
    seeds: Sequence[int],
) -> list[torch.Tensor]:
    """Return the trained weights of G networks, on images (G, k, h, w, c) and labels (G, k)."""
    weights = initial_weights(layers, seeds, recipe.device)
    optimiser = torch.optim.Adadelta(weights, lr=recipe.lr, rho=recipe.rho, eps=recipe.epsilon)
    k, step = labels.shape[1], 0
    for epoch in range(recipe.epochs):
        orders = np.stack([order(seed, epoch, k) for seed in seeds])
        for start in range(0, k, recipe.batch_size):
            chosen = orders[:, start : start + recipe.batch_size]
            x = [
                _presented(of_model[rows], seed, step, recipe)
                for of_model, rows, seed in zip(images, chosen, seeds, strict=True)
            ]
            y = torch.from_numpy(np.take_along_axis(labels, chosen, axis=1)).to(recipe.device)
            masks = [
                _mask(layer, part, seeds, step, chosen.shape[1], recipe.device)
                for part, layer in enumerate(layers)
                if isinstance(layer, Drop)
            ]
            _descend(layers, recipe, weights, optimiser, _stacked(x, recipe.device), y, masks)
            step += 1
    return weights


def predict(
    layers: Sequence[Layer],
    recipe: Recipe,
    weights: Sequence[torch.Tensor],
    images: NDArray[np.float32],
    models: int,
) -> NDArray[np.float32]:
    """Return the scores (G, e, classes), before the softmax, of images (e, h, w, c)."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(images), TESTED):
            x = _stacked([images[start : start + TESTED]] * models, recipe.device)
            found.append(_scores(layers, recipe, weights, x, models, []).cpu())
    return torch.cat(found, dim=1).numpy()


def initial_weights(
    layers: Sequence[Layer], seeds: Sequence[int], device: str
) -> list[torch.Tensor]:
    """Return weights and biases, layer after layer, of the stack's models.

    Those of a convolution are (G filters, given, 3, 3) and (G filters,), of a full layer
    (G, given, units) and (G, 1, units). Uniform on sqrt(6 / (fan in + fan out)) [-1, 1).
    """
    weights: list[torch.Tensor] = []
    for part, layer in enumerate(layers):
        if isinstance(layer, Conv):
            shape: tuple[int, ...] = (layer.filters, layer.given, 3, 3)
            fans, bias = 9 * (layer.given + layer.filters), (len(seeds) * layer.filters,)
        elif isinstance(layer, Dense):
            shape = (layer.given, layer.units)
            fans, bias = layer.given + layer.units, (len(seeds), 1, layer.units)
        else:
            continue
        drawn = np.stack([uniforms(seed, Purpose.WEIGHTS, 0, part, shape) for seed in seeds])
        values = torch.from_numpy((2 * drawn - 1) * np.float32(np.sqrt(6 / fans))).to(device)
        if isinstance(layer, Conv):
            values = values.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        weights += [values.requires_grad_(), torch.zeros(bias, device=device, requires_grad=True)]
    return weights


def forward(
    layers: Sequence[Layer],
    weights: Sequence[torch.Tensor],
    x: torch.Tensor,
    models: int,
    masks: Sequence[torch.Tensor],
) -> torch.Tensor:
    """Return the scores (G, m, classes) of images (m, G c, h, w); no ``masks``, no dropout."""
    given, factors = iter(weights), iter(masks)
    for layer in layers:
        if isinstance(layer, Conv):
            x = F.conv2d(x, next(given), next(given), padding=layer.padding, groups=models)
            x = x if layer.pooled else x.relu_()
        elif isinstance(layer, Pool):
            x = F.max_pool2d(x, 2).relu_()
        elif isinstance(layer, Drop):
            x = x * next(factors) if masks else x
        else:
            x = _flat(x, models) if x.ndim == 4 else x
            weight, bias = next(given), next(given)
            x = torch.baddbmm(bias, x, weight)
            x = x if layer.last else x.relu_()
    return x


def _descend(
    layers: Sequence[Layer],
    recipe: Recipe,
    weights: list[torch.Tensor],
    optimiser: torch.optim.Optimizer,
    x: torch.Tensor,
    y: torch.Tensor,
    masks: Sequence[torch.Tensor],
) -> None:
    """One step down the mean cross-entropy of each model's own examples."""
    scores = _scores(layers, recipe, weights, x, len(y), masks)
    loss = F.cross_entropy(scores.flatten(0, 1), y.flatten(), reduction="sum") / y.shape[1]
    for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
        weight.grad = gradient
    optimiser.step()


def _scores(
    layers: Sequence[Layer],
    recipe: Recipe,
    weights: Sequence[torch.Tensor],
    x: torch.Tensor,
    models: int,
    masks: Sequence[torch.Tensor],
) -> torch.Tensor:
    mixed = recipe.precision == "bfloat16"
    with torch.autocast(torch.device(recipe.device).type, torch.bfloat16, enabled=mixed):
        return forward(layers, weights, x, models, masks).float()


def _presented(images: NDArray[Any], seed: int, step: int, recipe: Recipe) -> NDArray[np.float32]:
    if not (recipe.shift or recipe.flip):
        return images
    return augmented(images, seed, step, recipe.shift, recipe.flip)


def _mask(
    layer: Drop, part: int, seeds: Sequence[int], step: int, examples: int, device: str
) -> torch.Tensor:
    """What survives, divided by its share; (m, G c, h, w) or (G, m, units)."""
    one = (examples, *layer.shape)
    alive = [kept(seed, step, part, one, layer.rate) for seed in seeds]
    scale = np.float32(1 / (1 - layer.rate))
    factors = [np.multiply(which, scale, dtype=np.float32) for which in alive]
    return _stacked(factors, device) if len(one) == 4 else _on(np.stack(factors), device)


def _stacked(images: Sequence[NDArray[np.float32]], device: str) -> torch.Tensor:
    """G times (m, h, w, c) as (m, G c, h, w), channels last."""
    joined = np.concatenate(images, axis=-1) if len(images) > 1 else images[0]
    return _on(joined, device).permute(0, 3, 1, 2)


def _flat(x: torch.Tensor, models: int) -> torch.Tensor:
    """(m, G c, h, w) as (G, m, h w c)."""
    m, channels, height, width = x.shape
    apart = x.permute(0, 2, 3, 1).reshape(m, height * width, models, channels // models)
    return apart.permute(2, 0, 1, 3).reshape(models, m, -1)


def _on(array: NDArray[Any], device: str) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)
