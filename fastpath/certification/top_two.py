"""The two largest counts of each row, and the label that has most: the only pass over all votes."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bagcert.reference.arithmetic.limits import MAX_CLASSES, MAX_MODELS, MAX_TESTED

__all__ = ["CHUNK", "as_counts", "top_two", "top_two_of_tensor"]

_Ints = npt.NDArray[np.int64]
#: Rows worked on at once: ten columns of them stay in a processor's second-level cache.
CHUNK: Final = 2**14


def as_counts(counts: Any) -> Any:
    """Return counts as an e × c numpy array or torch tensor of integers.

    Raises:
        TypeError: not integers (floating-point counts have been rounded by somebody).
        ValueError: not two-dimensional, or e or c outside the kernel's limits.
    """
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


def top_two(rows: npt.NDArray[Any], total: int, first: int = 0) -> tuple[_Ints, _Ints, _Ints]:
    """Return (label, largest count, second largest) of each row; the smaller label of equals.

    Args:
        rows: counts, e × c, integers.
        total: N, which every row must sum to, 1 <= N <= 10**6.
        first: the number of the first row, for messages.

    Raises:
        ValueError: a negative count, or a row with another sum; the row is named.
    """
    classes = rows.shape[1]
    # Counts and labels in one number, so that one maximum finds both; smaller labels are larger.
    kind = np.int32 if (total + 1) * classes < 2**31 else np.int64
    columns = np.empty((classes, rows.shape[0]), rows.dtype)
    columns[...] = rows.T
    _check(columns, total, first)
    keys = np.multiply(columns, classes, dtype=kind, casting="unsafe")
    best = keys[0] + kind(classes - 1)
    second = np.full_like(best, -1)
    key, lesser = np.empty_like(best), np.empty_like(best)
    for label in range(1, classes):
        np.add(keys[label], kind(classes - 1 - label), out=key)
        np.minimum(best, key, out=lesser)
        np.maximum(second, lesser, out=second)
        np.maximum(best, key, out=best)
    top = best // kind(classes)
    labels = (classes - 1) - (best - top * kind(classes))
    return (
        labels.astype(np.int64, copy=False),
        top.astype(np.int64, copy=False),
        (second // kind(classes)).astype(np.int64, copy=False),
    )


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


def _check(columns: npt.NDArray[Any], total: int, first: int) -> None:
    # Wide enough sums: c counts of at most N < 2^20, once none is outside 0..N.
    inside = columns.min() >= 0 and columns.max() <= total
    sums = columns.sum(axis=0, dtype=np.int64) if inside else None
    if sums is None or (sums != total).any():
        for row in range(columns.shape[1]):
            counts = columns[:, row].tolist()
            if min(counts) < 0 or sum(counts) != total:
                _refuse_row(counts, total, first + row)


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
