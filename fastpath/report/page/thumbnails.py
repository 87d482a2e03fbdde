"""Test examples as small pictures, where a data set has images: PNG, inside the page."""

import base64
import io
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.datasets import Dataset
from bagcert.reference.certificate.schema import CertificateFile

__all__ = ["check_dataset", "thumbnail"]

#: Data sets whose images are kept as rows of numbers.
_FLAT: Final = {"digits": (8, 8)}
#: Largest side of a picture, in pixels; a larger image is made smaller.
_SIDE: Final = 64


def check_dataset(file: CertificateFile, data: Dataset) -> str:
    """Refuse a data set whose test examples are not those of the certificate, or no images.

    Returns:
        One sentence on what was compared.

    Raises:
        ValueError: another digest, true label or number of examples; examples without the form
            of an image, or with values outside [0, 1].
    """
    header = file.header
    stated = (header.provenance or {}).get("dataset_digest")
    if stated is not None and stated != data.digest:
        raise ValueError(
            f"--data: the certificate's data set has the digest {stated:.64}, "
            f"{data.name} has {data.digest}"
        )
    last = file.rows[-1].index
    if last >= len(data.test_y):
        raise ValueError(f"--data: {data.name} has no test example {last}")
    for row in file.rows:
        if row.truth is not None and row.truth != data.test_y[row.index]:
            raise ValueError(
                f"--data: test example {row.index} has another label in {data.name} "
                f"than in the certificate"
            )
    if data.test_x.min() < 0 or data.test_x.max() > 1:
        raise ValueError(f"--data: {data.name} has values outside [0, 1], which are no grey values")
    _as_image(data, 0)
    if stated is not None:
        return (
            f"The pictures are those of {data.name}, whose digest is the one that the file states."
        )
    return (
        f"The pictures are those of {data.name}. The certificate states no digest of its data "
        f"set: that these are its examples was said by whoever made this page."
    )


def thumbnail(data: Dataset, index: int) -> str:
    """Return test example ``index`` as a PNG inside a ``data:`` address."""
    from PIL import Image

    values = np.rint(np.asarray(_as_image(data, index), dtype=np.float64) * 255).astype(np.uint8)
    image = Image.fromarray(values)
    image.thumbnail((_SIDE, _SIDE))
    content = io.BytesIO()
    image.save(content, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode('ascii')}"


def _as_image(data: Dataset, index: int) -> NDArray[Any]:
    """Return (height, width) or (height, width, 3)."""
    image: NDArray[Any] = data.test_x[index]
    if image.ndim == 1 and data.name in _FLAT:
        image = image.reshape(_FLAT[data.name])
    if image.ndim == 3 and 1 in (image.shape[0], image.shape[-1]):
        image = image[0] if image.shape[0] == 1 else image[..., 0]
    if image.ndim == 3 and image.shape[0] == 3:  # channels first, as in CIFAR-10
        image = np.moveaxis(image, 0, -1)
    if image.ndim == 2 or (image.ndim == 3 and image.shape[-1] == 3):
        return image
    shape: Sequence[int] = data.test_x.shape[1:]
    raise ValueError(
        f"--data: {data.name} has no images: its examples have the shape {tuple(shape)}"
    )
