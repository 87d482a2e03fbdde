"""The certificate file, ``bagcert-certificate/1``, written: whole, or not at all."""

import gzip
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bagcert.reference.algorithm1 import Certificate
from bagcert.reference.certificate.schema import (
    MAX_LINE,
    Header,
    Row,
    checked_row,
    encode_header,
    encode_line,
    encode_row,
    summary_fields,
)
from bagcert.reference.terminal.outputs import written_aside

__all__ = ["write_certificate"]


def write_certificate(
    path: str | os.PathLike[str], header: Header, rows: Iterable[Row], *, force: bool = False
) -> None:
    """Write a certificate file, gzipped if ``path`` ends in ``.gz``; all of it or nothing.

    The claims are written as they are: the kernel judges them. Rows are consumed one by one, so
    they may be a generator. Equal content gives equal bytes.

    Raises:
        OutputError: ``path`` exists and ``force`` is false, or it cannot be written.
        ValueError, TypeError: rows that do not fit the header; the message names row and field.
    """
    with written_aside(path, force=force) as raw:
        if Path(path).suffix == ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                _write(packed.write, header, rows)
        else:
            _write(raw.write, header, rows)


def _write(write: Callable[[bytes], object], header: Header, rows: Iterable[Row]) -> None:
    digest = hashlib.sha256()

    def put(fields: dict[str, Any]) -> None:
        line = encode_line(fields)
        if len(line) > MAX_LINE:
            raise ValueError(f"a line of {len(line)} bytes exceeds the limit of {MAX_LINE}")
        digest.update(line)
        write(line)

    put(encode_header(header))
    correct: Counter[int] = Counter()
    with_truth, written, previous = False, 0, -1
    for row in rows:
        if written == 0:
            with_truth = row.truth is not None
        try:
            row = checked_row(row, header, previous, with_truth)
            put(encode_row(row))
        except (TypeError, ValueError) as error:
            raise type(error)(f"row {written}: {error}") from error
        if row.correct and isinstance(row.outcome, Certificate):
            correct[row.outcome.radius] += 1
        written, previous = written + 1, row.index
    if written != header.examples:
        raise ValueError(f"rows must number examples = {header.examples}, not {written}")
    write(encode_line(summary_fields(written, digest.hexdigest(), correct if with_truth else None)))
