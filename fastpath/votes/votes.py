"""Votes of an ensemble: counts per test example and label, and what made them.

The counts are the N_j of Jia, Cao and Gong (AAAI 2021), Section 3: how many of the N base models
predict label j for a test example.
"""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.errors import VotesError
from bagcert.fastpath.untrusted.maps import blocks, is_own_map
from bagcert.fastpath.votes.header import VotesHeader, check_names
from bagcert.fastpath.votes.predictions import count_predictions, digest_rows
from bagcert.reference.arithmetic.limits import MAX_CLASSES, MAX_MODELS, MAX_TESTED

__all__ = ["Votes", "VotesError"]

#: Numbers checked at a time.
_CHUNK: Final = 2**20


@dataclass(frozen=True, eq=False)
class Votes:
    """Vote counts of N models on e test examples with c labels; arrays are read-only.

    Guarantee: counts are non-negative, every row sums to the same N, and whatever else is there
    agrees with them: the header's numbers, the column counts of ``predictions``, and the SHA-256
    of each row of predictions.

    Arrays that own their memory, are read-only, and have the type and order named here are taken
    as they are, and so are such maps of files without a name; others are copied. Beside them the
    checks take a few megabytes.

    Args:
        counts: (e, c) int64.
        labels: the true labels (e,), int64 in [0, c), or None.
        predictions: one row per model, (N, e) int32 in [0, c), or None.
        digests: (N, 32) uint8, SHA-256 of each model's predictions as little-endian int32.
        header: n, k, models, classes, and provenance.
        columns: what the columns of ``counts`` are called, c different names; a header's
            ``class_names`` go before them.

    Raises:
        VotesError: naming the field that does not fit; a masked array, a table with labels of
            its own (a data frame, a mapping), or anything else that is no array or list.
    """

    counts: NDArray[np.int64]
    labels: NDArray[np.int64] | None = None
    predictions: NDArray[np.int32] | None = field(default=None, repr=False)
    digests: NDArray[np.uint8] | None = field(default=None, repr=False)
    header: VotesHeader | None = None
    columns: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        self._set("counts", np.int64, 0, MAX_MODELS, (None, None))
        examples, classes, models = *self.counts.shape, self.models
        if not 2 <= classes <= MAX_CLASSES or examples > MAX_TESTED:
            raise VotesError(
                f"counts: {examples} × {classes}, examples × labels; at most {MAX_TESTED} × "
                f"{MAX_CLASSES}, and at least 2 labels, one a column"
            )
        self._check_sums(models)
        if not 1 <= models <= MAX_MODELS:
            raise VotesError(f"counts: rows sum to {models}, outside 1..{MAX_MODELS} models")
        self._set("labels", np.int64, 0, classes - 1, (examples,))
        self._set("predictions", np.int32, 0, classes - 1, (models, examples))
        self._set("digests", np.uint8, 0, 255, (models, 32))
        self._check_predictions()
        if self.columns is not None:
            object.__setattr__(self, "columns", tuple(self.columns))
            check_names("columns", self.columns, classes)
        if self.header is None:
            return
        if not isinstance(self.header, VotesHeader):
            raise VotesError(f"header: must be a VotesHeader, not {type(self.header).__name__}")
        for key, stated, found in (
            ("models", self.header.models, models),
            ("classes", self.header.classes, classes),
        ):
            if stated != found:
                raise VotesError(f"header: {key} is {stated}, counts have {found}")

    @cached_property
    def digest(self) -> str:
        """SHA-256, hexadecimal, of ``counts`` as little-endian int64 in C order."""
        digest = hashlib.sha256()
        for block in blocks(self.counts):
            digest.update(np.ascontiguousarray(block, "<i8").data)
        return digest.hexdigest()

    @property
    def models(self) -> int:
        """N, the number of base models: what each row of counts sums to."""
        return int(self.counts[0].sum())

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """The labels' names, as the header states them; as the columns do where there is none."""
        return self.columns if self.header is None else self.header.class_names or None

    @property
    def ignores_seed(self) -> bool:
        """Whether the votes state that their learner ignores its seed, as ``integral`` needs."""
        return self.header is not None and self.header.ignores_seed is True

    def setting(self) -> tuple[int, int]:
        """Return (n, k), as the votes state them.

        Raises:
            VotesError: they state neither.
        """
        if self.header is None:
            raise VotesError("n, k: the votes state neither; pass --n and --k")
        return self.header.n, self.header.k

    def _set(
        self, name: str, dtype: Any, least: int, most: int, shape: tuple[int | None, ...]
    ) -> None:
        given = getattr(self, name)
        if given is None and name != "counts":
            return
        array = _positional(name, given)
        if array.dtype.kind not in "iu":
            raise VotesError(f"{name} must be integers, not {array.dtype}")
        wanted = tuple(w or have for w, have in zip(shape, array.shape, strict=False))
        if array.ndim != len(shape) or array.shape != wanted or not array.size:
            spelled = " × ".join("?" if length is None else str(length) for length in shape)
            raise VotesError(f"{name}: shape {array.shape}, where {spelled} is due")
        for block in blocks(array):
            if block.min() < least or block.max() > most:
                bad = block.min() if block.min() < least else block.max()
                raise VotesError(f"{name}: {bad} is outside {least}..{most}")
        if not _is_ours(array, dtype):
            array = np.array(array, dtype=dtype, order="C")
            array.setflags(write=False)
        object.__setattr__(self, name, array)

    def _check_sums(self, models: int) -> None:
        start = 0
        for block in blocks(self.counts):
            sums = block.sum(axis=1)
            wrong = sums != models
            if wrong.any():
                row = int(wrong.argmax())
                raise VotesError(
                    f"counts: row {start + row} sums to {sums[row]}, row 0 to {models}; "
                    f"each must sum to the number of models; if each row holds one model's labels, "
                    f"say --predictions (predictions=True)"
                )
            start += len(block)

    def _check_predictions(self) -> None:
        if self.predictions is None:
            return
        examples, classes = self.counts.shape
        step = max(1, _CHUNK // classes)
        for start in range(0, examples, step):
            part = slice(start, start + step)
            counted = count_predictions(self.predictions[:, part], classes)
            wrong = (counted != self.counts[part]).any(axis=1)
            if wrong.any():
                column = start + int(wrong.argmax())
                raise VotesError(f"predictions: column {column} does not add up to its counts")
        if self.digests is not None:
            differ = (digest_rows(self.predictions) != self.digests).any(axis=1)
            if differ.any():
                raise VotesError(f"predictions: row {differ.argmax()} does not hash to its digest")


def _positional(name: str, given: object) -> NDArray[Any]:
    """Return an array whose places are its meaning; what has labels or a mask is refused."""
    if isinstance(given, np.ma.MaskedArray):
        raise VotesError(f"{name}: is a masked array, and its mask would be lost; fill it first")
    if not isinstance(given, np.ndarray | list | tuple):
        raise VotesError(
            f"{name}: must be an array or a list, by position, not {type(given).__name__}"
        )
    if isinstance(given, np.ndarray) and is_own_map(given):
        return given
    try:
        return np.asarray(given)
    except ValueError as error:
        raise VotesError(f"{name}: {error}") from error


def _is_ours(array: NDArray[Any], dtype: Any) -> bool:
    flags = array.flags
    return (
        ((type(array) is np.ndarray and flags.owndata) or is_own_map(array))
        and array.dtype == np.dtype(dtype)
        and flags.c_contiguous
        and not flags.writeable
    )
