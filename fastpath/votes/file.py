"""Votes in a file: .npz as this package writes it, and tables from elsewhere (reference/FORMAT.md).

Memory while reading: 8 bytes for each count and label, 4 for each prediction, whatever the type
in which they are stored, and a few megabytes: so at most 8 times the size of the unpacked file,
twice that where an array lies in Fortran's order. Counts or labels of more than
:data:`~bagcert.fastpath.untrusted.maps.IN_MEMORY` bytes, of an .npz or a text, take as many of
the folder for temporary files instead, unless they lie in Fortran's order. The ceilings are
:data:`MAX_COUNTS` and :data:`~bagcert.fastpath.untrusted.arrays.MAX_CELLS` numbers; what is
compressed may take :data:`~bagcert.fastpath.untrusted.arrays.MAX_UNPACKED` bytes in all.
"""

import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from bagcert.fastpath.untrusted.arrays import Expected, read_npy, read_npz
from bagcert.fastpath.untrusted.columns import Table, ask_about
from bagcert.fastpath.untrusted.errors import ArrayError, VotesError
from bagcert.fastpath.untrusted.files import opened
from bagcert.fastpath.untrusted.table_options import TableOptions
from bagcert.fastpath.untrusted.tables import read_table
from bagcert.fastpath.votes.header import BOUNDS, VotesHeader, parse_header
from bagcert.fastpath.votes.labels import with_labels
from bagcert.fastpath.votes.predictions import count_predictions
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference.arithmetic.arguments import as_integer
from bagcert.reference.arithmetic.limits import MAX_MODELS, MAX_TESTED
from bagcert.reference.terminal.outputs import written_aside

__all__ = ["MAX_COUNTS", "parse_votes", "read_votes", "store_votes", "write_votes"]

#: Most counts: 2 GiB of int64.
MAX_COUNTS: Final = 2**28

#: The arrays of a file, in its order: the types in which they are stored, and as which they are
#: read.
_STORED: Final = {"counts": "<i8", "labels": "<i8", "predictions": "<i4", "digests": "|u1"}
_EXPECTED: Final = {
    "counts": Expected("iu", np.int64, MAX_COUNTS, mapped=True),
    "labels": Expected("iu", np.int64, MAX_TESTED, mapped=True),
    "predictions": Expected("iu", np.int32),
    "digests": Expected("iu", np.uint8, 32 * MAX_MODELS),
    "header": Expected("U"),
}


def write_votes(votes: Votes, path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write ``votes`` as .npz: whole or not at all, and equal votes as equal bytes.

    Of the labels' names the header's are written; votes without one lose their ``columns``.
    The arrays are stored, little-endian, in a fixed order under a fixed date.

    Raises:
        OutputError: ``path`` exists and ``force`` is false, or cannot be written.
    """
    with written_aside(path, force=force) as file:
        store_votes(votes, file)


def store_votes(
    votes: Votes, file: IO[bytes], *, narrow: bool = False, comment: bytes = b""
) -> None:
    """Write ``votes`` into an open file, as :func:`write_votes` does.

    Args:
        votes: what is written.
        file: where to.
        narrow: each array in the smallest unsigned type that holds it: fewer bytes, equal votes.
        comment: the last bytes of the file, which no reader of votes looks at.
    """
    with zipfile.ZipFile(file, "w") as archive:
        archive.comment = comment
        for name, dtype in (_narrow(votes) if narrow else _STORED).items():
            array = getattr(votes, name)
            if array is not None:
                _store(archive, name, array.astype(dtype))
        if votes.header is not None:
            _store(archive, "header", np.array(votes.header.text()).astype("<U"))


def read_votes(
    path: str | os.PathLike[str],
    *,
    n: int | None = None,
    k: int | None = None,
    predictions: bool = False,
    classes: int | None = None,
    table: TableOptions | None = None,
) -> Votes:
    """Return the votes in an .npz, .npy or .csv file, each claim in it checked.

    The name's end says which it is; what comes through a pipe is known by its first bytes.

    Args:
        path: .npz with ``counts`` (and what else :class:`Votes` holds), or a bare table.
        n: training examples, where the file has no header; else it must agree with it.
        k: draws per model, likewise; n and k go together.
        predictions: the table holds one row of labels per model (N × e), not counts (e × c).
        classes: c, where ``predictions`` come without a header; else it must agree.
        table: how a text table is to be read, and where the true labels are.

    Raises:
        VotesError: naming the file, the field, for .csv the line, and what to do.
        TypeError, ValueError: ``n``, ``k`` or ``classes`` is no integer or outside its domain.
        OSError: the file cannot be read.
    """
    source, options = Path(path), table or TableOptions()
    stated = {"n": n, "k": k, "classes": classes}
    if (n is None) != (k is None):
        raise ValueError("n and k: state both or neither")
    for name, value in stated.items():
        if value is not None:
            as_integer(name, value, *BOUNDS[name])
    what = "predictions" if predictions else "counts"
    file, plain = opened(source)
    with file:
        try:
            kind = source.suffix.lower() if plain else _kind(file)
            if kind != ".csv" and options.of_columns:
                raise VotesError("only a text table has columns that options can name")
            text: Table | None = None
            if kind == ".npz":
                arrays = read_npz(file, _EXPECTED)
            elif kind == ".npy":
                arrays = {what: read_npy(file, what, _EXPECTED[what])}
            elif kind == ".csv":
                text = _text(file, what, options)
                arrays = {what: text.numbers}
            else:
                raise VotesError(
                    "name ends in none of .npz, .npy, .csv; call a text table .csv, whatever "
                    "stands between its columns"
                )
            named = text.names if text is not None and text.named and not predictions else None
            votes = _assemble(arrays, what, stated, named)
            return with_labels(votes, None if text is None else text.labels, options)
        except ArrayError as error:
            raise VotesError(f"{source}: {error}") from error


def parse_votes(file: IO[bytes]) -> Votes:
    """Return the votes of an .npz file that is open, each claim in it checked.

    Raises:
        ArrayError: naming the field that is missing, damaged, or does not fit.
    """
    return _assemble(read_npz(file, _EXPECTED), "counts", {})


def _kind(file: IO[bytes]) -> str:
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"PK"):
        return ".npz"
    return ".npy" if start == b"\x93NUMPY" else ".csv"


def _store(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
    member.create_system = 3  # the same bytes wherever it is written
    member.external_attr = 0o644 << 16
    with archive.open(member, "w", force_zip64=array.nbytes >= 2**31) as stream:
        npy.write_array(stream, array, version=(1, 0), allow_pickle=False)


def _narrow(votes: Votes) -> dict[str, str]:
    label = _smallest(votes.counts.shape[1] - 1)
    return {"counts": _smallest(votes.models), "labels": label, "predictions": label,
            "digests": "|u1"}  # fmt: skip


def _smallest(most: int) -> str:
    return np.dtype(np.min_scalar_type(most)).newbyteorder("<").str


def _text(file: IO[bytes], what: str, options: TableOptions) -> Table:
    table = read_table(file, what, options)
    if what == "counts":
        ask_about(table, options)
    elif table.labels is not None:
        raise VotesError("predictions: a row is a model and has no true label; use --labels")
    return table


def _assemble(
    arrays: dict[str, NDArray[Any]],
    table: str,
    stated: dict[str, int | None],
    columns: tuple[str, ...] | None = None,
) -> Votes:
    if table not in arrays:
        raise VotesError(f"{table}: missing; it has {', '.join(sorted(arrays)) or 'no array'}")
    header = _header(arrays.pop("header", None))
    for key, value in stated.items():
        found = getattr(header, key, None)
        if header is not None and value is not None and found != value:
            raise VotesError(f"header: {key} is {found}, but {value} was stated")
    classes = header.classes if header is not None else stated.get("classes")
    if "counts" not in arrays:
        arrays["counts"] = _counted(arrays["predictions"], classes)
    counts = arrays["counts"]
    if counts.ndim == 2 and classes is not None and counts.shape[1] != classes:
        raise VotesError(f"counts: {counts.shape[1]} labels wide, where classes is {classes}")
    votes = Votes(header=header, columns=columns, **arrays)
    n, k = stated.get("n"), stated.get("k")
    if header is not None or n is None or k is None:
        return votes
    made = VotesHeader(
        n=n, k=k, models=votes.models, classes=votes.counts.shape[1], class_names=columns
    )
    return replace(votes, header=made)


def _header(text: NDArray[Any] | None) -> VotesHeader | None:
    if text is None:
        return None
    if text.shape != ():
        raise VotesError("header: must be one string")
    return parse_header(str(text))


def _counted(predictions: NDArray[Any], classes: int | None) -> NDArray[np.int64]:
    if classes is None:
        raise VotesError(
            "predictions: without a header the number of classes must be stated: --classes"
        )
    if predictions.ndim != 2 or predictions.shape[0] > MAX_MODELS:
        raise VotesError(f"predictions: shape {predictions.shape}, where models × examples is due")
    if predictions.min() < 0 or predictions.max() >= classes:
        raise VotesError(f"predictions: labels must lie in 0..{classes - 1}")
    if predictions.shape[1] * classes > MAX_COUNTS:
        raise VotesError(f"counts: {predictions.shape[1]} × {classes} are more than {MAX_COUNTS}")
    counts = count_predictions(predictions, classes)
    counts.setflags(write=False)
    return counts
