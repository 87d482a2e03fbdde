"""Any data set, from one .npz file of arrays, never pickled.

It holds ``train_x`` (n, ...), ``train_y`` (n,), ``test_x`` (e, ...), ``test_y`` (e,), and either
``class_names`` (c strings) or ``classes`` (c, one integer). c has to be stated: if it were the
largest label that occurs, a poisoned example could add a class, and the vote and its bounds would
depend on the training set outside the drawn examples.

**The scale.** What becomes of one example may not depend on the others, or the certificate is void
(the soundness rule, :mod:`bagcert.fastpath.learners.base`). So nothing about D decides how numbers
are read, neither their largest value nor the type in which they are stored: one modified example
with the value 300 turns bytes into wider integers, one with 0.5 turns integers into floats.

- Integers need a stated ``scale`` (one positive integer in the file, or the argument): each number
  becomes the float32 nearest to its quotient by the scale, whatever the integers' width. Grey
  values have the scale 255; ``scale=1`` leaves integers as they are. Beyond 2^24 a float32 does
  not hold every integer: refused.
- Floats are taken as they are, in the type in which they are stored; a scale beside them is
  refused, since they may be integers that one example turned into floats.
- ``train_x`` and ``test_x`` are both integers, or both floats of one type; anything else is
  refused, for the same reason. An attacker can thus have a file refused, but no example changed
  that is not the attacker's.
"""

import os
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.arrays import Expected, read_npz
from bagcert.fastpath.untrusted.errors import ArrayError
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_CLASSES
from bagcert.reference.certificate.schema import MAX_NAME

__all__ = ["load_arrays"]

_NUMBERS, _LABELS = Expected("iuf"), Expected("iu")
_EXPECTED: Final = {
    "train_x": _NUMBERS, "train_y": _LABELS, "test_x": _NUMBERS, "test_y": _LABELS,
    "classes": _LABELS, "class_names": Expected("U"), "scale": _LABELS,
}  # fmt: skip
_EXAMPLES: Final = ("train_x", "test_x")
#: Integers up to here are float32 too.
_EXACT: Final = 2**24


def load_arrays(
    path: str | os.PathLike[str], scale: int | None = None
) -> tuple[dict[str, NDArray[Any]], int, tuple[str, ...]]:
    """Return the four arrays by name, c, and the class names (``"0"`` to ``"c-1"`` by default).

    Args:
        path: the file.
        scale: what integer examples are divided by; the file's own if None, and else equal to it.

    Raises:
        ValueError: naming the file and the array that is missing, unreadable or out of range, or
            integers of which nobody states the scale.
        TypeError: ``scale`` is not an integer.
        OSError: the file cannot be opened.
    """
    if scale is not None:
        scale = as_integer("scale", scale, 1, _EXACT)
    try:
        with open(path, "rb") as file:
            found = read_npz(file, _EXPECTED)
        for name in ("train_x", "train_y", "test_x", "test_y"):
            if name not in found:
                raise ArrayError(f"{name}: missing; it has {', '.join(sorted(found)) or 'nothing'}")
        classes, names = _classes(found)
        divisor = _scale(found, scale)
        for name in _EXAMPLES:
            if divisor is not None:
                found[name] = _quotients(found[name], divisor, name)
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


def _scale(found: dict[str, NDArray[Any]], stated: int | None) -> int | None:
    """Return what integer examples are divided by; None for floats."""
    array = found.pop("scale", None)
    types = [found[name].dtype for name in _EXAMPLES]
    kept = _one_scale(array)
    if kept is not None and stated is not None and kept != stated:
        raise ArrayError(f"scale: is {kept} in the file, but {stated} was stated")
    scale = stated if kept is None else kept
    if [kind.kind for kind in types].count("f") == 1 or (
        types[0].kind == "f" and types[0] != types[1]
    ):
        raise ArrayError(
            f"train_x is {types[0]}, test_x {types[1]}: store both alike, "
            f"as integers with their scale, or as one type of floats"
        )
    if types[0].kind == "f":
        if types[0].itemsize > 8:
            raise ArrayError(f"train_x: {types[0]} differs between machines; store float64")
        if scale is not None:
            raise ArrayError("scale: the examples are floats, which are taken as they are")
        return None
    if scale is None:
        raise ArrayError(
            f"scale: train_x is {types[0]}, test_x {types[1]}, and nobody states what integers are "
            f"divided by; add scale=255 (grey values) or scale=1 to the file, or say --scale 255"
        )
    return scale


def _one_scale(array: NDArray[Any] | None) -> int | None:
    if array is None:
        return None
    if array.size != 1 or not 1 <= int(array.item()) <= _EXACT:
        raise ArrayError(f"scale: must be one integer in 1..{_EXACT}")
    return int(array.item())


def _quotients(x: NDArray[Any], scale: int, name: str) -> NDArray[np.float32]:
    """Return the float32 nearest to each quotient: both operands are float32, exactly."""
    if int(x.max()) > _EXACT or int(x.min()) < -_EXACT:
        raise ArrayError(f"{name}: an integer beyond 2^24 is no float32; store floats instead")
    found = x.astype(np.float32)
    found /= np.float32(scale)
    return found
