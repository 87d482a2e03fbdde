"""Any data set, from one .npz file of arrays, never pickled.

It holds ``train_x`` (n, ...), ``train_y`` (n,), ``test_x`` (e, ...), ``test_y`` (e,), and either
``class_names`` (c strings) or ``classes`` (c, one integer). c has to be stated: if it were the
largest label that occurs, a poisoned example could add a class, and the vote and its bounds would
depend on the training set outside the drawn examples.
"""

import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.arrays import ArrayError, read_npz
from bagcert.reference.arithmetic.limits import MAX_CLASSES
from bagcert.reference.certificate.schema import MAX_NAME

__all__ = ["load_arrays"]

_KINDS: Final = {
    "train_x": "iuf", "train_y": "iu", "test_x": "iuf", "test_y": "iu",
    "classes": "iu", "class_names": "U",
}  # fmt: skip
#: Integers up to here are floats too.
_EXACT: Final = 2**53


def load_arrays(
    path: str | os.PathLike[str],
) -> tuple[dict[str, NDArray[Any]], int, tuple[str, ...]]:
    """Return the four arrays by name, c, and the class names (``"0"`` to ``"c-1"`` by default).

    Examples of unsigned bytes are taken as grey values: divided by 255, float32. Other integers
    become float64, unchanged; floats stay what they are.

    Raises:
        ValueError: naming the file and the array that is missing, unreadable or out of range.
        OSError: the file cannot be opened.
    """
    try:
        found = read_npz(Path(path), _KINDS)
        for name in ("train_x", "train_y", "test_x", "test_y"):
            if name not in found:
                raise ArrayError(f"{name}: missing; it has {', '.join(sorted(found)) or 'nothing'}")
        classes, names = _classes(found)
        for name in ("train_x", "test_x"):
            found[name] = _floating(found[name], name)
    except ArrayError as error:
        raise ValueError(f"{path}: {error}") from error
    return found, classes, names


def _classes(found: dict[str, NDArray[Any]]) -> tuple[int, tuple[str, ...]]:
    stated, named = found.pop("classes", None), found.pop("class_names", None)
    if stated is None and named is None:
        raise ArrayError("classes: missing; add classes=10, or class_names, to the file")
    if stated is not None and stated.size != 1:
        raise ArrayError(f"classes: must be one integer, not {stated.size}")
    if named is not None and named.ndim != 1:
        raise ArrayError(f"class_names: must be a row of strings, not of shape {named.shape}")
    counts = [int(array.item()) for array in (stated,) if array is not None]
    counts += [len(array) for array in (named,) if array is not None]
    if counts[0] != counts[-1]:
        raise ArrayError(f"classes: is {counts[0]}, but there are {counts[-1]} class_names")
    if not 2 <= counts[0] <= MAX_CLASSES:
        raise ArrayError(f"classes: {counts[0]} is outside 2..{MAX_CLASSES}")
    names = tuple(map(str, range(counts[0]) if named is None else named))
    if len({*names}) != len(names) or any(len(name) > MAX_NAME for name in names):
        raise ArrayError(f"class_names: must be different strings of at most {MAX_NAME} characters")
    if not all(name.isprintable() for name in names):
        raise ArrayError("class_names: must be printable")
    return counts[0], names


def _floating(x: NDArray[Any], name: str) -> NDArray[Any]:
    if x.dtype.kind == "f":
        if x.dtype.itemsize > 8:
            raise ArrayError(f"{name}: {x.dtype} differs between machines; store float64")
        return x
    if x.dtype == np.uint8:
        return x.astype(np.float32) / np.float32(255)
    if x.max() > _EXACT or x.min() < -_EXACT:
        raise ArrayError(f"{name}: an integer beyond 2^53 is no float64; scale it before")
    return x.astype(np.float64)
