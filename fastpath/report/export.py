"""A certificate's rows as a table: CSV for a spreadsheet, a data frame for an analysis."""

import csv
import io
from os import PathLike
from typing import TYPE_CHECKING, Any

from bagcert.reference.algorithm1 import Certificate
from bagcert.reference.bounds import Abstention, rank
from bagcert.reference.certificate.schema import CertificateFile
from bagcert.reference.terminal.outputs import written_aside

if TYPE_CHECKING:
    import pandas

__all__ = ["columns_of", "to_frame", "write_table"]


def columns_of(file: CertificateFile) -> dict[str, list[Any]]:
    """Return the rows of a certificate as columns by name, None where a row has no such value.

    ``index``, ``label`` (what the votes predict, also where the row abstains), ``truth``,
    ``abstain`` (its reason), ``radius``, ``worst_size``, ``p_lower`` and ``p_upper`` (floats, equal
    to the bounds: every multiple of 2^-53 up to 1 is one), and ``count_0`` to ``count_{c-1}``.
    """
    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            "index", "label", "truth", "abstain", "radius", "worst_size", "p_lower", "p_upper",
        )
    }  # fmt: skip
    counts: list[list[int]] = [[] for _ in range(file.header.classes)]
    for row in file.rows:
        said: tuple[Any, ...] = ()
        match row.outcome:
            case Abstention(reason):
                said = (reason.value, None, None, None, None)
            case Certificate(p_lower=low, p_upper=high, radius=radius, worst_size=size):
                said = (None, radius, size, float(low), float(high))
        values = (row.index, rank(row.counts)[0], row.truth, *said)
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
        for column, count in zip(counts, row.counts, strict=True):
            column.append(count)
    return columns | {f"count_{j}": column for j, column in enumerate(counts)}


def write_table(
    file: CertificateFile, path: str | PathLike[str], *, force: bool = False
) -> list[str]:
    """Write the rows as CSV, whole or not at all; return the columns' names.

    A header row, commas, LF; a value that a row does not have is empty; floats as Python spells
    them, so that they read back to the same numbers. Only numbers and reasons: no text of the
    file's maker, which a spreadsheet might run.

    Raises:
        OutputError: ``path`` exists and ``force`` is false, or it cannot be written.
    """
    columns = columns_of(file)
    with written_aside(path, force=force) as raw:
        text = io.TextIOWrapper(raw, encoding="ascii", newline="")
        table = csv.writer(text, lineterminator="\n")
        table.writerow(columns)
        table.writerows(zip(*columns.values(), strict=True))
        text.flush()
        text.detach()
    return list(columns)


def to_frame(file: CertificateFile) -> "pandas.DataFrame":
    """Return the rows as a pandas data frame, indexed by the examples' indices.

    Integers that a row may lack are of pandas' nullable type ``Int64``.

    Raises:
        ImportError: pandas is not installed.
    """
    import pandas

    columns = columns_of(file)
    kinds = {"abstain": "string", "p_lower": "float64", "p_upper": "float64"}
    frame = {
        name: pandas.array(column, dtype=kinds.get(name, "Int64"))
        for name, column in columns.items()
    }
    return pandas.DataFrame(frame).set_index("index")
