"""Data sets with a fixed split, named, digested and read-only."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.datasets.arrays_file import load_arrays
from bagcert.fastpath.datasets.cifar10 import CLASS_NAMES, load_cifar10
from bagcert.fastpath.datasets.digits import load_digits
from bagcert.fastpath.datasets.mnist import load_mnist, load_mnist17
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_CLASSES

__all__ = [
    "NO_LABEL",
    "Dataset",
    "dataset_names",
    "hold_out",
    "load_dataset",
    "with_features",
    "with_no_label",
]

#: After a data set's name: with one more class, that no example bears.
NO_LABEL: Final = "+no-label"


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training set D and test examples x of one classification task; the arrays are read-only.

    ``train_x`` is (n, ...) and ``test_x`` (e, ...), one example a row, floating and finite;
    ``train_y`` (n,) and ``test_y`` (e,) are int64 labels in [0, classes).

    Raises:
        ValueError: arrays that do not fit together, naming the field.
        TypeError: ``classes`` is not an integer.
    """

    name: str
    train_x: NDArray[Any] = field(repr=False)
    train_y: NDArray[np.int64] = field(repr=False)
    test_x: NDArray[Any] = field(repr=False)
    test_y: NDArray[np.int64] = field(repr=False)
    classes: int
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        as_integer("classes", self.classes, 2, MAX_CLASSES)
        if len(self.class_names) != self.classes:
            raise ValueError(f"class_names: {len(self.class_names)} for {self.classes} classes")
        for part in ("train", "test"):
            x, y = getattr(self, f"{part}_x"), getattr(self, f"{part}_y")
            _check_examples(part, x, y, self.classes)
            object.__setattr__(self, f"{part}_x", _read_only(x, x.dtype.newbyteorder("<")))
            object.__setattr__(self, f"{part}_y", _read_only(y, np.dtype("<i8")))
        if self.train_x.shape[1:] != self.test_x.shape[1:]:
            raise ValueError("test_x: its examples have another shape than those of train_x")

    @cached_property
    def digest(self) -> str:
        r"""SHA-256, hexadecimal, of a canonical encoding: equal data, equal digest, anywhere.

        The encoding: ``bagcert-dataset/1\nclasses C\n``, then for train_x, train_y, test_x and
        test_y the line ``NAME DTYPE D0,D1,...\n`` (numpy's dtype string, little-endian) and
        the array's little-endian bytes in C order.
        """
        digest = hashlib.sha256(f"bagcert-dataset/1\nclasses {self.classes}\n".encode())
        for name in ("train_x", "train_y", "test_x", "test_y"):
            array = getattr(self, name)
            shape = ",".join(map(str, array.shape))
            digest.update(f"{name} {array.dtype.newbyteorder('<').str} {shape}\n".encode())
            digest.update(array.tobytes())
        return digest.hexdigest()


def hold_out(dataset: Dataset, tested: int) -> Dataset:
    """Return the training set split again: its last ``tested`` examples become the test set.

    For looking at hyper-parameters without looking at test data.

    Raises:
        TypeError: ``tested`` is not an integer.
        ValueError: ``tested`` outside [1, n - 1].
    """
    tested = as_integer("tested", tested, 1, len(dataset.train_y) - 1)
    return replace(
        dataset,
        name=f"{dataset.name}/hold-out-{tested}",
        train_x=dataset.train_x[:-tested],
        train_y=dataset.train_y[:-tested],
        test_x=dataset.train_x[-tested:],
        test_y=dataset.train_y[-tested:],
    )


def with_features(
    dataset: Dataset, train_x: NDArray[Any], test_x: NDArray[Any], source: str
) -> Dataset:
    """Return the data set with features that were computed elsewhere in the place of its examples.

    They enter the digest. Soundness rests on whoever computed them: row i must be a function of
    example i alone, by a map fixed without the training set. Here only the number of rows is
    checked.

    Raises:
        ValueError: not one finite floating row for each example, in the data set's order.
    """
    name = f"{dataset.name}/{source}"
    return replace(dataset, name=name, train_x=train_x, test_x=test_x)


def with_no_label(dataset: Dataset) -> Dataset:
    """Return the data set with one more class, the last, for models that give no answer.

    No example bears it. It enters the digest, as every class does.
    """
    return replace(
        dataset,
        name=f"{dataset.name}{NO_LABEL}",
        classes=dataset.classes + 1,
        class_names=(*dataset.class_names, "no label"),
    )


def _digits(folder: str | PathLike[str] | None) -> Dataset:
    train_x, train_y, test_x, test_y = load_digits()
    return Dataset("digits", train_x, train_y, test_x, test_y, 10, tuple("0123456789"))


def _mnist(folder: str | PathLike[str] | None) -> Dataset:
    return Dataset("mnist", *load_mnist(folder), 10, tuple("0123456789"))


def _mnist17(folder: str | PathLike[str] | None) -> Dataset:
    return Dataset("mnist17", *load_mnist17(folder), 2, ("1", "7"))


def _cifar10(folder: str | PathLike[str] | None) -> Dataset:
    return Dataset("cifar10", *load_cifar10(folder), 10, CLASS_NAMES)


def _from_arrays(path: Path, scale: int | None) -> Dataset:
    found, classes, names = load_arrays(path, scale)
    try:
        return Dataset(path.name, classes=classes, class_names=names, **found)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


_DATASETS: dict[str, Callable[[str | PathLike[str] | None], Dataset]] = {
    "cifar10": _cifar10,
    "digits": _digits,
    "mnist": _mnist,
    "mnist17": _mnist17,
}


def dataset_names() -> tuple[str, ...]:
    """Return the names that :func:`load_dataset` knows, sorted."""
    return tuple(sorted(_DATASETS))


def load_dataset(
    name: str, folder: str | PathLike[str] | None = None, *, scale: int | None = None
) -> Dataset:
    """Return the data set called ``name``, with its fixed split.

    Args:
        name: one of :func:`dataset_names`, or a file of arrays whose name ends in .npz
            (:mod:`bagcert.fastpath.datasets.arrays_file`), which then is the data set's name.
            With :data:`NO_LABEL` behind either: :func:`with_no_label`.
        folder: where its files lie, if it is not bundled; BAGCERT_DATA if not given. An .npz
            file is looked for from there if a folder is given.
        scale: what the integer examples of an .npz file are divided by, where it does not say.

    Raises:
        ValueError: no such data set (the message names those that exist), or its files are not
            there, or not the right ones; a scale for a data set that has its own.
        ImportError: its source (scikit-learn for ``digits``) is not installed.
        OSError: the .npz file cannot be opened.
    """
    if name.endswith(NO_LABEL):
        return with_no_label(load_dataset(name.removesuffix(NO_LABEL), folder, scale=scale))
    if name.endswith(".npz"):
        return _from_arrays(Path(folder or "") / name, scale)
    if name not in _DATASETS:
        known = ", ".join(dataset_names())
        raise ValueError(f"dataset: there is no {name!r:.60}; there is {known}, or a file .npz")
    if scale is not None:
        raise ValueError(f"scale: {name} has its own; --scale is for a file .npz")
    return _DATASETS[name](folder)


def _check_examples(part: str, x: NDArray[Any], y: NDArray[Any], classes: int) -> None:
    if x.ndim < 2 or x.dtype.kind != "f" or not len(x) or not np.isfinite(x).all():
        raise ValueError(f"{part}_x: must hold one finite floating example a row, and at least one")
    if y.shape != x.shape[:1] or y.dtype.kind not in "iu":
        raise ValueError(f"{part}_y: must hold {len(x)} integer labels, one for each example")
    if y.min() < 0 or y.max() >= classes:
        raise ValueError(f"{part}_y: labels must lie in 0..{classes - 1}")


def _read_only(array: NDArray[Any], dtype: "np.dtype[Any]") -> NDArray[Any]:
    copy = np.array(array, dtype=dtype, order="C")
    copy.setflags(write=False)
    return copy
