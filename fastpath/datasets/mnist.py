"""MNIST and MNIST 1/7 from the four IDX files, gzip or not, or from OpenML, pinned by SHA-256.

Source: LeCun, Cortes, Burges. 60,000 training and 10,000 test images of 28 × 28 pixels, divided by
255. MNIST 1/7 keeps the digits 1 and 7 (13,007 and 2,163 images), as the paper's Section 5 does.
"""

import gzip
import hashlib
import os
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.datasets.folder import data_places

__all__ = ["OPENML", "load_mnist", "load_mnist17"]

#: In the place of a folder: fetched by scikit-learn, where the network allows, and kept by it.
OPENML: Final = "openml"

#: Of each file, uncompressed: bytes, and SHA-256.
_PINNED: Final = {
    "train-images-idx3-ubyte": (
        47040016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "train-labels-idx1-ubyte": (
        60008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "t10k-images-idx3-ubyte": (
        7840016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "t10k-labels-idx1-ubyte": (
        10008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}
Arrays = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]


def load_mnist(folder: str | os.PathLike[str] | None = None) -> Arrays:
    """Return train_x (60000, 28, 28) in [0, 1], train_y, test_x (10000, 28, 28), test_y.

    Args:
        folder: where the IDX files lie; the environment variable BAGCERT_DATA if not given,
            with the subfolders ``mnist``, ``MNIST/raw`` and ``raw`` looked into as well; or
            :data:`OPENML`. A file may be called ``…-idx3-ubyte`` or ``….idx3-ubyte``: its content
            is what is pinned.

    Raises:
        ValueError: no folder was named, a file is not there, or it is not MNIST's.
        ImportError: OpenML is named, and scikit-learn is not installed.
    """
    if folder is not None and os.fspath(folder) == OPENML:
        files = _fetched()
    else:
        places = data_places("MNIST", folder, ("mnist", "MNIST/raw", "raw"))
        files = {name: _read(places, name) for name in _PINNED}
    arrays: list[Any] = []
    for part in ("train", "t10k"):
        images = files[f"{part}-images-idx3-ubyte"][16:].reshape(-1, 28, 28)
        arrays.append((images / np.float32(255)).astype(np.float32))
        arrays.append(files[f"{part}-labels-idx1-ubyte"][8:].astype(np.int64))
    return arrays[0], arrays[1], arrays[2], arrays[3]


def load_mnist17(folder: str | os.PathLike[str] | None = None) -> Arrays:
    """Return the 1s and 7s of :func:`load_mnist`, labelled 0 and 1."""
    train_x, train_y, test_x, test_y = load_mnist(folder)
    found: list[Any] = []
    for x, y in ((train_x, train_y), (test_x, test_y)):
        kept = (y == 1) | (y == 7)
        found.extend((x[kept], (y[kept] == 7).astype(np.int64)))
    return found[0], found[1], found[2], found[3]


def _fetched() -> dict[str, NDArray[np.uint8]]:
    """The four files' bytes, put together from OpenML's table: the same pins hold for them."""
    try:
        from sklearn.datasets import fetch_openml
    except ImportError as error:
        raise ImportError(
            "MNIST from OpenML needs scikit-learn; type: pip install 'bagcert[train]'"
        ) from error
    try:
        table: Any = fetch_openml("mnist_784", version=1, as_frame=False, parser="liac-arff")
    except Exception as error:  # whatever urllib, the cache or the parser raise
        raise ValueError(f"--data-dir openml: MNIST cannot be fetched: {error}") from error
    pixels, digits = table.data.astype(np.uint8), table.target.astype(np.uint8)
    files = {}
    for part, rows in (("train", slice(0, 60_000)), ("t10k", slice(60_000, None))):
        x, y = pixels[rows], digits[rows]
        heads = np.array([0x803, len(x), 28, 28], ">u4"), np.array([0x801, len(y)], ">u4")
        for name, head, body in (("images-idx3", heads[0], x), ("labels-idx1", heads[1], y)):
            content = head.tobytes() + body.tobytes()
            files[f"{part}-{name}-ubyte"] = _pinned(
                "OpenML's mnist_784", f"{part}-{name}-ubyte", content
            )
    return files


def _read(places: list[Path], name: str) -> NDArray[np.uint8]:
    """The bytes of one file; never more of it, unpacked, than the real one holds."""
    size = _PINNED[name][0]
    dotted = name.replace("-idx", ".idx")
    spellings = [f"{stem}{end}" for stem in (name, dotted) for end in ("", ".gz")]
    for path in (place / spelled for place in places for spelled in spellings):
        if not path.is_file():
            continue
        try:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
                content = file.read(size + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{path}: cannot be read: {error}") from error
        return _pinned(str(path), name, content)
    raise ValueError(f"{places[0]}: holds neither {name} nor {dotted}, with or without .gz")


def _pinned(source: str, name: str, content: bytes) -> NDArray[np.uint8]:
    size, digest = _PINNED[name]
    if len(content) != size or hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{source}: is not MNIST's {name} (its SHA-256 is another)")
    return np.frombuffer(content, np.uint8)
