"""The two largest counts of each row, and the label that has most: the only pass over all votes."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bagcert.reference.arithmetic.arguments import by_position
from bagcert.reference.arithmetic.limits import MAX_CLASSES, MAX_MODELS, MAX_TESTED

__all__ = ["CHUNK", "as_counts", "top_two", "top_two_of_tensor"]

_Narrow = npt.NDArray[np.int16] | npt.NDArray[np.int32] | npt.NDArray[np.int64]
#: Rows worked on at once: ten columns of them stay in a processor's second-level cache.
CHUNK: Final = 2**14


def as_counts(counts: Any) -> Any:
    """Return counts as an e × c numpy array or torch tensor of integers.

    Raises:
        TypeError: not integers (floating-point counts have been rounded by somebody), or not by
            position (:func:`~bagcert.reference.arithmetic.arguments.by_position`).
        ValueError: not two-dimensional, or e or c outside the kernel's limits.
    """
    counts = by_position("counts", counts)
    if isinstance(counts, (list, tuple)):
        for row in counts:
            by_position("a row of counts", row)
    if type(counts).__module__.partition(".")[0] == "torch":
        import torch

        if counts.is_floating_point() or counts.is_complex() or counts.dtype == torch.bool:
            raise TypeError(f"counts must be integers, not {counts.dtype}")
    else:
        counts = np.asanyarray(counts)
        if counts.dtype.kind not in "iu":
            raise TypeError(f"counts must be integers, not {counts.dtype}")
    if counts.ndim != 2:
        raise ValueError(f"counts must be e × c, not of {counts.ndim} dimensions")
    e, c = counts.shape
    if e > MAX_TESTED:
        raise ValueError(f"counts must have at most {MAX_TESTED} rows, not {e}")
    if not 2 <= c <= MAX_CLASSES:
        raise ValueError(f"counts must name 2 to {MAX_CLASSES} classes, not {c}")
    if e:
        _refuse_total(int(counts[0].sum()))
    return counts


def top_two(rows: npt.NDArray[Any], total: int, first: int = 0) -> tuple[_Narrow, _Narrow, _Narrow]:
    """Return (label, largest count, second largest) of each row; the smaller label of equals.

    The integers are as narrow as N and c allow: a processor compares more of them at once.

    Args:
        rows: counts, e × c, integers.
        total: N, which every row must sum to, 1 <= N <= 10**6.
        first: the number of the first row, for messages.

    Raises:
        ValueError: a negative count, or a row with another sum; the row is named.
    """
    classes = rows.shape[1]
    # Counts and labels in one number, so that one maximum finds both; smaller labels are larger.
    kind = _narrowest((total + 1) * classes)
    # Before anything is narrowed; as unsigned numbers, negative counts are large ones.
    if rows.view(rows.dtype.str.replace("i", "u")).max() > total:
        _refuse_one_of(rows, total, first)
    columns = np.ascontiguousarray(rows.astype(kind, copy=False).T)
    if (columns.sum(axis=0, dtype=kind) != total).any():  # c counts of at most N fit
        _refuse_one_of(rows, total, first)
    best = columns[0] * kind(classes) + kind(classes - 1)
    second = np.full_like(best, -1)
    key, lesser = np.empty_like(best), np.empty_like(best)
    for label in range(1, classes):
        np.multiply(columns[label], kind(classes), out=key)
        key += kind(classes - 1 - label)
        np.minimum(best, key, out=lesser)
        np.maximum(second, lesser, out=second)
        np.maximum(best, key, out=best)
    top = best // kind(classes)
    return kind(classes - 1) - (best - top * kind(classes)), top, second // kind(classes)


def top_two_of_tensor(counts: Any, total: int) -> tuple[Any, Any, Any]:
    """As :func:`top_two`, for a torch tensor, on its device."""
    import torch

    counts = counts.to(torch.int64)
    bad = (counts.amin(dim=1) < 0) | (counts.amax(dim=1) > total) | (counts.sum(dim=1) != total)
    if bool(bad.any()):
        row = int(bad.nonzero()[0])
        _refuse_row(counts[row].tolist(), total, row)
    classes = counts.shape[1]
    order = torch.arange(classes - 1, -1, -1, device=counts.device)
    best = torch.topk(counts * classes + order, 2, dim=1).values
    top = torch.div(best, classes, rounding_mode="floor")
    return classes - 1 - (best[:, 0] - top[:, 0] * classes), top[:, 0], top[:, 1]


def _narrowest(limit: int) -> type[np.int16] | type[np.int32] | type[np.int64]:
    """The narrowest type of integers that holds -1 and everything below ``limit``."""
    if limit <= 2**15:
        return np.int16
    return np.int32 if limit <= 2**31 else np.int64


def _refuse_one_of(rows: npt.NDArray[Any], total: int, first: int) -> None:
    for row, counts in enumerate(rows.tolist(), start=first):
        if min(counts) < 0 or sum(counts) != total:
            _refuse_row(counts, total, row)


def _refuse_row(counts: list[int], total: int, row: int) -> None:
    if min(counts) < 0:
        raise ValueError(f"counts: row {row} has the negative count {min(counts)}")
    raise ValueError(
        f"counts: row {row} sums to {sum(counts)}, row 0 to {total}; "
        "each must sum to the number of models"
    )


def _refuse_total(total: int) -> None:
    if not 1 <= total <= MAX_MODELS:
        raise ValueError(f"counts: row 0 sums to {total}; N must be 1 to {MAX_MODELS}")
