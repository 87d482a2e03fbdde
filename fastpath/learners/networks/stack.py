"""Networks of one form, trained side by side: their convolutions are one grouped convolution.

Tensors of images are (m, G c, h, w), channels last: model g's channels are a group, so that one
grouped convolution is G models' convolutions of their own m examples. Weights, full layers, losses
and optimiser states are kept model by model: products of a stack of matrices round differently at
another place in the stack (MKL's do, where sizes are no multiples of 16), grouped convolutions do
not (tests/unit/test_networks.py). Weights start as Glorot's uniform (Keras's default), biases at
zero; Adadelta (Zeiler 2012) and RMSprop are torch's, elementwise.
"""

from collections.abc import Sequence
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from bagcert.fastpath.draws.model_streams import kept, order, uniforms
from bagcert.fastpath.draws.streams import Purpose
from bagcert.fastpath.learners.networks.augmentation import augmented
from bagcert.fastpath.learners.networks.layers import Conv, Dense, Drop, Layer, Pool

if TYPE_CHECKING:
    from bagcert.fastpath.learners.networks.convnet import ConvNet

__all__ = ["Weights", "forward", "initial_weights", "predict", "train"]

#: Test images of one forward pass.
TESTED: Final = 32
#: Whose first weights all models take, where a recipe has them in common: fixed, whatever D is.
_COMMON_START: Final = 0

Weights = list[list[torch.Tensor]]


def train(
    layers: Sequence[Layer],
    recipe: "ConvNet",
    images: NDArray[np.float32],
    labels: NDArray[np.int64],
    seeds: Sequence[int],
    stop: Event,
) -> Weights:
    """Return the trained weights of G networks, on images (G, k, h, w, c) and labels (G, k).

    Raises:
        InterruptedError: ``stop`` was set, by whoever waits no longer.
    """
    starts = [_COMMON_START] * len(seeds) if recipe.common_start else seeds
    weights = [initial_weights(layers, start, recipe.device) for start in starts]
    every = [weight for of_model in weights for weight in of_model]
    optimiser = _optimiser(recipe, every)
    k, step = labels.shape[1], 0
    for epoch in range(recipe.epochs):
        if stop.is_set():
            raise InterruptedError
        orders = np.stack([order(seed, epoch, k) for seed in seeds])
        for start in range(0, k, recipe.batch_size):
            chosen = orders[:, start : start + recipe.batch_size]
            x = [
                _presented(of_model[rows], seed, step, recipe)
                for of_model, rows, seed in zip(images, chosen, seeds, strict=True)
            ]
            y = torch.from_numpy(np.take_along_axis(labels, chosen, axis=1)).to(recipe.device)
            masks = _masks(layers, seeds, step, chosen.shape[1], recipe.device)
            scores = _scores(layers, recipe, weights, _stacked(x, recipe.device), masks)
            loss = sum(map(F.cross_entropy, scores, y), torch.zeros((), device=recipe.device))
            for weight, gradient in zip(every, torch.autograd.grad(loss, every), strict=True):
                weight.grad = gradient
            optimiser.param_groups[0]["lr"] = recipe.lr / (1 + recipe.decay * step)
            optimiser.step()
            step += 1
    return weights


def predict(
    layers: Sequence[Layer], recipe: "ConvNet", weights: Weights, images: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the scores (G, e, classes), before the softmax, of images (e, h, w, c)."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(images), TESTED):
            x = _stacked([images[start : start + TESTED]] * len(weights), recipe.device)
            found.append(torch.stack(_scores(layers, recipe, weights, x, [])).cpu())
    return torch.cat(found, dim=1).numpy()


def initial_weights(layers: Sequence[Layer], seed: int, device: str) -> list[torch.Tensor]:
    """Return one model's weights and biases, layer after layer.

    Those of a convolution are (filters, given, 3, 3) and (filters,), of a full layer
    (given, units) and (units,). Uniform on sqrt(6 / (fan in + fan out)) [-1, 1).
    """
    weights: list[torch.Tensor] = []
    for part, layer in enumerate(layers):
        if isinstance(layer, Conv):
            shape: tuple[int, ...] = (layer.filters, layer.given, 3, 3)
            fans, outputs = 9 * (layer.given + layer.filters), layer.filters
        elif isinstance(layer, Dense):
            shape, outputs = (layer.given, layer.units), layer.units
            fans = layer.given + layer.units
        else:
            continue
        drawn = 2 * uniforms(seed, Purpose.WEIGHTS, 0, part, shape) - 1
        values = torch.from_numpy(drawn * np.float32(np.sqrt(6 / fans))).to(device)
        if isinstance(layer, Conv):
            values = values.contiguous(memory_format=torch.channels_last)
        weights.append(values.requires_grad_())
        weights.append(torch.zeros(outputs, device=device, requires_grad=True))
    return weights


def forward(
    layers: Sequence[Layer],
    weights: Weights,
    x: torch.Tensor,
    masks: Sequence[Sequence[torch.Tensor]],
) -> list[torch.Tensor]:
    """Return each model's scores (m, classes) of images (m, G c, h, w).

    ``masks`` has, for each dropout, one factor (m, G c, h, w) of all models, or after the first
    full layer one (m, units) of each; it is empty where nothing is dropped.
    """
    given, factors = iter(zip(*weights, strict=True)), iter(masks)
    rows: list[torch.Tensor] = []
    for layer in layers:
        if isinstance(layer, Conv):
            kernels, biases = torch.cat(next(given)), torch.cat(next(given))
            x = F.conv2d(x, kernels, biases, padding=layer.padding, groups=len(weights))
            x = x if layer.pooled else x.relu_()
        elif isinstance(layer, Pool):
            x = F.max_pool2d(x, 2)
            x = x.relu_() if layer.rectified else x
        elif isinstance(layer, Dense):
            rows = rows or _rows(x, len(weights))
            rows = [
                torch.addmm(b, a, w) for a, w, b in zip(rows, next(given), next(given), strict=True)
            ]
            rows = rows if layer.last else [a.relu_() for a in rows]
        elif masks and rows:
            rows = [a * factor for a, factor in zip(rows, next(factors), strict=True)]
        elif masks:
            x = x * next(factors)[0]
    return rows


def _optimiser(recipe: "ConvNet", weights: list[torch.Tensor]) -> torch.optim.Optimizer:
    """The optimiser, fresh: nothing of it is left from one model to the next."""
    if recipe.optimiser == "rmsprop":
        return torch.optim.RMSprop(weights, lr=recipe.lr, alpha=recipe.rho, eps=recipe.epsilon)
    return torch.optim.Adadelta(weights, lr=recipe.lr, rho=recipe.rho, eps=recipe.epsilon)


def _scores(
    layers: Sequence[Layer],
    recipe: "ConvNet",
    weights: Weights,
    x: torch.Tensor,
    masks: Sequence[Sequence[torch.Tensor]],
) -> list[torch.Tensor]:
    mixed = recipe.precision == "bfloat16"
    with torch.autocast(torch.device(recipe.device).type, torch.bfloat16, enabled=mixed):
        return [scores.float() for scores in forward(layers, weights, x, masks)]


def _presented(images: NDArray[Any], seed: int, step: int, recipe: "ConvNet") -> NDArray[Any]:
    rotation, shift, flip = recipe.rotation, recipe.shift, recipe.flip
    if not (rotation or shift or flip):
        return images
    return augmented(images, seed, step, rotation=rotation, shift=shift, flip=flip)


def _masks(
    layers: Sequence[Layer], seeds: Sequence[int], step: int, examples: int, device: str
) -> list[list[torch.Tensor]]:
    """What survives each dropout, divided by its share: as :func:`forward` wants it."""
    masks = []
    for part, layer in enumerate(layers):
        if not isinstance(layer, Drop):
            continue
        scale = np.float32(1 / (1 - layer.rate))
        factors = [
            kept(seed, step, part, (examples, *layer.shape), layer.rate) * scale for seed in seeds
        ]
        on_maps = len(layer.shape) == 3
        masks.append([_stacked(factors, device)] if on_maps else [_on(f, device) for f in factors])
    return masks


def _stacked(images: Sequence[NDArray[np.float32]], device: str) -> torch.Tensor:
    """G times (m, h, w, c) as (m, G c, h, w), channels last."""
    return _on(np.concatenate(images, axis=-1), device).permute(0, 3, 1, 2)


def _rows(x: torch.Tensor, models: int) -> list[torch.Tensor]:
    """(m, G c, h, w) as G times (m, h w c), each in memory of its own: aligned alike."""
    return [part.permute(0, 2, 3, 1).flatten(1).contiguous() for part in x.chunk(models, dim=1)]


def _on(array: NDArray[Any], device: str) -> torch.Tensor:
    return torch.from_numpy(array).to(device)
