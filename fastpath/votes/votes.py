"""Votes of an ensemble: counts per test example and label, and what made them
(reference/FORMAT.md).

The counts are the N_j of Jia, Cao and Gong (AAAI 2021), Section 3: how many of the N base models
predict label j for a test example.
"""

import hashlib
import os
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.arrays import ArrayError
from bagcert.fastpath.untrusted.tables import VotesError, read_csv, read_npy, read_npz
from bagcert.fastpath.votes.header import FORMAT, check_header, header_text, parse_header
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_CLASSES, MAX_MODELS, MAX_TESTED
from bagcert.reference.terminal.outputs import written_aside

__all__ = ["Votes", "VotesError", "count_predictions", "digest_rows", "read_votes", "write_votes"]

_MEMBERS: Final = frozenset({"counts", "labels", "predictions", "digests", "header"})


@dataclass(frozen=True, eq=False)
class Votes:
    """Vote counts of N models on e test examples with c labels; arrays are read-only.

    Guarantee: counts are non-negative, every row sums to the same N, and whatever else is there
    agrees with them: the header's numbers, the column counts of ``predictions``, and the SHA-256
    of each row of predictions.

    Args:
        counts: (e, c) int64.
        labels: the true labels (e,), int64 in [0, c), or None.
        predictions: one row per model, (N, e) int32 in [0, c), or None.
        digests: (N, 32) uint8, SHA-256 of each model's predictions as little-endian int32.
        header: n, k, models, classes, and provenance (:mod:`bagcert.fastpath.votes.header`).

    Raises:
        VotesError: naming the field that does not fit.
    """

    counts: NDArray[np.int64]
    labels: NDArray[np.int64] | None = None
    predictions: NDArray[np.int32] | None = field(default=None, repr=False)
    digests: NDArray[np.uint8] | None = field(default=None, repr=False)
    header: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self._set("counts", np.int64, 0, MAX_MODELS, (None, None))
        sums = self.counts.sum(axis=1)
        examples, classes, models = *self.counts.shape, int(sums[0])
        if not 2 <= classes <= MAX_CLASSES or examples > MAX_TESTED:
            raise VotesError(f"counts: {examples} × {classes} is outside 2..{MAX_CLASSES} labels")
        if (sums != models).any():
            row = int((sums != models).argmax())
            raise VotesError(
                f"counts: row {row} sums to {sums[row]}, row 0 to {models}; "
                f"each must sum to the number of models"
            )
        if not 1 <= models <= MAX_MODELS:
            raise VotesError(f"counts: rows sum to {models}, outside 1..{MAX_MODELS} models")
        self._set("labels", np.int64, 0, classes - 1, (examples,))
        self._set("predictions", np.int32, 0, classes - 1, (models, examples))
        self._set("digests", np.uint8, 0, 255, (models, 32))
        self._check_predictions()
        if self.header is not None:
            check_header(self.header)
            for key, found in (("models", models), ("classes", classes)):
                if self.header[key] != found:
                    raise VotesError(f"header: {key} is {self.header[key]}, counts have {found}")

    @cached_property
    def digest(self) -> str:
        """SHA-256, hexadecimal, of ``counts`` as little-endian int64 in C order."""
        return hashlib.sha256(self.counts.astype("<i8").tobytes()).hexdigest()

    @property
    def models(self) -> int:
        """N, the number of base models: what each row of counts sums to."""
        return int(self.counts[0].sum())

    def _set(
        self, name: str, dtype: Any, least: int, most: int, shape: tuple[int | None, ...]
    ) -> None:
        array = getattr(self, name)
        if array is None and name != "counts":
            return
        array = np.asarray(array)
        if array.dtype.kind not in "iu":
            raise VotesError(f"{name} must be integers, not {array.dtype}")
        wanted = tuple(w or have for w, have in zip(shape, array.shape, strict=False))
        if array.ndim != len(shape) or array.shape != wanted or not array.size:
            spelled = " × ".join("?" if length is None else str(length) for length in shape)
            raise VotesError(f"{name}: shape {array.shape}, where {spelled} is due")
        if array.min() < least or array.max() > most:
            bad = array.min() if array.min() < least else array.max()
            raise VotesError(f"{name}: {bad} is outside {least}..{most}")
        frozen = np.array(array, dtype=dtype, order="C")
        frozen.setflags(write=False)
        object.__setattr__(self, name, frozen)

    def _check_predictions(self) -> None:
        if self.predictions is None:
            return
        wrong = (count_predictions(self.predictions, self.counts.shape[1]) != self.counts).any(1)
        if wrong.any():
            raise VotesError(f"predictions: column {wrong.argmax()} does not add up to its counts")
        if self.digests is not None:
            differ = (digest_rows(self.predictions) != self.digests).any(axis=1)
            if differ.any():
                raise VotesError(f"predictions: row {differ.argmax()} does not hash to its digest")


def count_predictions(predictions: NDArray[Any], classes: int) -> NDArray[np.int64]:
    """Return counts (e, c) int64 of the label rows (N, e), whose labels lie in [0, c)."""
    counts = np.zeros((predictions.shape[1], classes), dtype=np.int64)
    places = np.arange(predictions.shape[1])
    for row in predictions:  # a model names one label per example, so no place repeats
        counts[places, row] += 1
    return counts


def digest_rows(predictions: NDArray[Any]) -> NDArray[np.uint8]:
    """Return (N, 32) uint8: the SHA-256 of each row (N, e) as little-endian int32."""
    rows = [hashlib.sha256(row.astype("<i4").tobytes()).digest() for row in predictions]
    return np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), 32)


def write_votes(votes: Votes, path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write ``votes`` as .npz: whole or not at all, and equal votes as equal bytes.

    The arrays are stored, little-endian, in a fixed order under a fixed date.

    Raises:
        OutputError: ``path`` exists and ``force`` is false, or cannot be written.
    """
    arrays = {
        "counts": (votes.counts, "<i8"),
        "labels": (votes.labels, "<i8"),
        "predictions": (votes.predictions, "<i4"),
        "digests": (votes.digests, "|u1"),
    }
    with written_aside(path, force=force) as file, zipfile.ZipFile(file, "w") as archive:
        for name, (array, dtype) in arrays.items():
            if array is not None:
                _store(archive, name, array.astype(dtype))
        if votes.header is not None:
            _store(archive, "header", np.array(header_text(votes.header)).astype("<U"))


def _store(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
    member.create_system = 3  # the same bytes wherever it is written
    member.external_attr = 0o644 << 16
    with archive.open(member, "w", force_zip64=array.nbytes >= 2**31) as stream:
        npy.write_array(stream, array, version=(1, 0), allow_pickle=False)


def read_votes(
    path: str | os.PathLike[str],
    *,
    n: int | None = None,
    k: int | None = None,
    predictions: bool = False,
    classes: int | None = None,
) -> Votes:
    """Return the votes in an .npz, .npy or .csv file, each claim in it checked.

    Args:
        path: .npz with ``counts`` (and what else :class:`Votes` holds), or a bare table.
        n: training examples, where the file has no header; else it must agree with it.
        k: draws per model, likewise; n and k go together.
        predictions: the table holds one row of labels per model (N × e), not counts (e × c).
        classes: c, where ``predictions`` come without a header; else it must agree.

    Raises:
        VotesError: naming the file, the field, for .csv the line, and what to do.
        TypeError, ValueError: ``n``, ``k`` or ``classes`` is no integer or outside its domain.
        OSError: the file cannot be read.
    """
    source = Path(path)
    stated = {"n": n, "k": k, "classes": classes}
    if (n is None) != (k is None):
        raise ValueError("n and k: state both or neither")
    if classes is not None:
        as_integer("classes", classes, 2, MAX_CLASSES)
    table = "predictions" if predictions else "counts"
    try:
        if source.suffix == ".npz":
            arrays = read_npz(source, _MEMBERS)
        elif source.suffix == ".npy":
            arrays = {table: read_npy(source, table)}
        elif source.suffix == ".csv":
            arrays = {table: read_csv(source, table)}
        else:
            raise VotesError("name ends in none of .npz, .npy, .csv")
        return _assemble(arrays, table, stated)
    except ArrayError as error:
        raise VotesError(f"{source}: {error}") from error


def _assemble(arrays: dict[str, NDArray[Any]], table: str, stated: dict[str, int | None]) -> Votes:
    if table not in arrays:
        raise VotesError(f"{table}: missing; it has {', '.join(sorted(arrays)) or 'no array'}")
    header = parse_header(str(arrays.pop("header"))) if "header" in arrays else None
    for key, value in stated.items():
        if header is not None and value is not None and header[key] != value:
            raise VotesError(f"header: {key} is {header[key]}, but {value} was stated")
    classes = header["classes"] if header is not None else stated["classes"]
    if "counts" not in arrays:
        arrays["counts"] = _counted(arrays["predictions"], classes)
    counts = arrays["counts"]
    if counts.ndim == 2 and classes is not None and counts.shape[1] != classes:
        raise VotesError(f"counts: {counts.shape[1]} labels wide, where classes is {classes}")
    votes = Votes(header=header, **arrays)
    if header is not None or stated["n"] is None:
        return votes
    made = {"format": FORMAT, "n": stated["n"], "k": stated["k"], "models": votes.models}
    return Votes(header={**made, "classes": votes.counts.shape[1]}, **arrays)


def _counted(predictions: NDArray[Any], classes: int | None) -> NDArray[np.int64]:
    if classes is None:
        raise VotesError("predictions: without a header the number of classes must be stated")
    if predictions.ndim != 2 or predictions.shape[0] > MAX_MODELS:
        raise VotesError(f"predictions: shape {predictions.shape}, where models × examples is due")
    if predictions.min() < 0 or predictions.max() >= classes:
        raise VotesError(f"predictions: labels must lie in 0..{classes - 1}")
    return count_predictions(predictions, classes)
