"""The certificate file, ``bagcert-certificate/1``, read: or refused, by line and field.

Reading establishes that a file is *a* certificate file; whether it is *true* is for the kernel,
:mod:`bagcert.reference.checker`, which shares no code with this module.
"""

import hashlib
import io
import json
import os
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, BinaryIO, Final, NoReturn

from bagcert.reference.algorithm1 import Certificate
from bagcert.reference.arithmetic.arguments import as_member, as_rational
from bagcert.reference.arithmetic.spelling import grid_point, spell_rational
from bagcert.reference.bounds import Abstention, Method, Reason, rank
from bagcert.reference.certificate.schema import (
    FORMAT,
    MAX_LINE,
    RADIUS_BYTES,
    SUMMARY_BYTES,
    CertificateFile,
    Header,
    Row,
    Scope,
    checked_row,
    encode_header,
    encode_line,
    encode_row,
    summary_fields,
)
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual
from bagcert.reference.terminal.sources import SourceError, bytes_of

__all__ = ["CertificateError", "iterate_stream", "read_certificate", "read_stream"]

_MAX_DIGITS: Final = 20
_GZIP_MAGIC: Final = b"\x1f\x8b"
_BLOCK: Final = 2**16


class CertificateError(ValueError):
    """A file cannot be read as a certificate; the message names file, line and field."""


def read_certificate(path: str | os.PathLike[str]) -> CertificateFile:
    """Read a certificate file whole.

    Guarantee: writing the result again gives the same bytes (before compression).

    Raises:
        CertificateError: the file is not a certificate; the message names file, line and field.
    """
    try:
        with bytes_of(path) as file:
            return read_stream(file, os.fspath(path))
    except OSError as error:
        raise CertificateError(f"{os.fspath(path)}: cannot be read: {error.strerror}") from error
    except SourceError as error:
        raise CertificateError(str(error)) from error


def read_stream(file: BinaryIO, name: str) -> CertificateFile:
    """Read a certificate file whole from where ``file`` stands; errors call it ``name``.

    As in the kernel, it is plain text or exactly one gzip member, and nothing follows.

    Raises:
        CertificateError: as :func:`read_certificate`.
    """
    reader = _Reader(file, name)
    header, rows = reader.header(), tuple(reader.rows())
    accuracy = reader.summary.get("certified_accuracy")
    pairs = None if accuracy is None else tuple((r, rows) for r, rows in accuracy)
    return CertificateFile(header, rows, pairs)


def iterate_stream(file: BinaryIO, name: str) -> tuple[Header, Iterator[Row]]:
    """Read a certificate file as :func:`read_stream` does, a row at a time: in flat memory.

    Only rows that are taken to the end have met the summary.

    Raises:
        CertificateError: as :func:`read_certificate`, at once or while rows are taken.
    """
    reader = _Reader(file, name)
    return reader.header(), reader.rows()


class _Reader:
    """Reads one file; ``line`` is the line it is at, for errors, which call the file ``name``."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.file, self.name = file, name
        self.line = 1
        self.digest = hashlib.sha256()
        #: What the last line says, once it is read.
        self.summary: dict[str, Any] = {}

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Say of an error in which file and line it is."""
        try:
            yield
        except (EOFError, zlib.error) as error:
            text = f"{self.name}: line {self.line}: cannot be read: {error}"
            raise CertificateError(text) from error
        except (TypeError, ValueError, RecursionError) as error:
            raise CertificateError(f"{self.name}: line {self.line}: {error}") from error

    def header(self) -> Header:
        with self.placed():
            self.text = _unpacked(self.file)
            self.head = _header(self.next_object(self.text))
            self.accept(encode_header(self.head))
        return self.head

    def rows(self) -> Iterator[Row]:
        """The rows, then the summary."""
        correct: Counter[int] = Counter()
        count, previous, with_truth = 0, -1, False
        while count < self.head.examples:
            self.line += 1
            with self.placed():
                row = self.next_row(count, previous, with_truth)
            if row.correct and isinstance(row.outcome, Certificate):
                correct[row.outcome.radius] += 1
            count, previous, with_truth = count + 1, row.index, row.truth is not None
            yield row
        self.line += 1
        with self.placed():
            self.end(self.text, count, correct, with_truth)

    def next_row(self, count: int, previous: int, with_truth: bool) -> Row:
        fields = self.next_object(self.text)
        if "sha256" in fields:
            raise ValueError(f"count: {count} rows, but examples is {self.head.examples}")
        first = "truth" in fields if count == 0 else with_truth
        row = checked_row(_row(fields), self.head, previous, first)
        self.accept(encode_row(row))
        return row

    def end(self, file: BinaryIO, count: int, correct: Counter[int], with_truth: bool) -> None:
        expected = summary_fields(count, self.digest.hexdigest(), correct if with_truth else None)
        fields = self.next_object(
            file, longest=max(MAX_LINE, SUMMARY_BYTES + RADIUS_BYTES * len(correct))
        )
        for key, value in expected.items():
            if fields.get(key) != value:
                raise ValueError(f"{key}: is not that of the lines above")
        self.accept(expected)
        self.line += 1
        if file.read(1):
            raise ValueError("bytes follow the summary")
        self.summary = expected

    def next_object(self, file: BinaryIO, longest: int = MAX_LINE) -> dict[str, Any]:
        self.raw = file.readline(longest + 1)
        if len(self.raw) > longest:
            raise ValueError(f"the line is longer than {longest} bytes")
        if not self.raw.endswith(b"\n"):
            raise ValueError("the file ends before its summary" if not self.raw else "no newline")
        try:
            fields = _DECODER.decode(self.raw.decode("ascii"))
        except UnicodeDecodeError as error:
            raise ValueError("not ASCII") from error
        if not isinstance(fields, dict):
            raise TypeError("a JSON object is due")
        return fields

    def accept(self, fields: dict[str, Any]) -> None:
        """Require that the line is spelled as the writer spells what was read from it."""
        if encode_line(fields) != self.raw:
            raise ValueError("unknown keys, or not in the canonical spelling and key order")
        self.digest.update(self.raw)


def _header(fields: dict[str, Any]) -> Header:
    if _due(fields, "format", str) != FORMAT:
        raise ValueError(f"format: must be {FORMAT}, not {fields['format']!r:.60}")
    alpha = as_rational("alpha", _due(fields, "alpha", str))
    if spell_rational(alpha) != fields["alpha"]:
        raise ValueError(f"alpha: must be p/q in lowest terms, not {fields['alpha']!r:.60}")
    names = fields.get("class_names")
    return Header(
        **{key: _due(fields, key, int) for key in ("n", "k", "classes", "models", "examples")},
        alpha=alpha,
        method=as_member("method", _due(fields, "method", str), Method),
        scope=as_member("scope", _due(fields, "scope", str), Scope),
        attack=as_member("attack", _due(fields, "attack", str), Attack),
        residual=as_member("residual", _due(fields, "residual", str), Residual),
        class_names=None if names is None else tuple(_due(fields, "class_names", list)),
        provenance=fields.get("provenance"),
    )


def _row(fields: dict[str, Any]) -> Row:
    counts = _due(fields, "counts", list)
    outcome: Certificate | Abstention
    if "abstain" in fields:
        reason = as_member("abstain", _due(fields, "abstain", str), Reason)
        outcome = Abstention(reason)
    else:
        outcome = Certificate(
            label=_due(fields, "label", int),
            runner_up=_runner_up(counts),
            p_lower=_bound(fields, "p_lower"),
            p_upper=_bound(fields, "p_upper"),
            radius=_due(fields, "radius", int),
            worst_size=_due(fields, "worst_size", int) if "worst_size" in fields else None,
        )
    truth = _due(fields, "truth", int) if "truth" in fields else None
    return Row(_due(fields, "index", int), tuple(counts), outcome, truth)


def _runner_up(counts: list[Any]) -> int:
    if len(counts) < 2 or not all(type(count) is int for count in counts):
        raise TypeError("counts: at least two integers are due")
    return rank(counts)[1]


def _bound(fields: dict[str, Any], key: str) -> Fraction:
    try:
        return grid_point(_due(fields, key, str))
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error


def _due(fields: dict[str, Any], key: str, kind: type) -> Any:
    if key not in fields:
        raise ValueError(f"{key}: is missing")
    if type(fields[key]) is not kind:
        raise TypeError(f"{key}: must be {kind.__name__}, not {type(fields[key]).__name__}")
    return fields[key]


def _unpacked(file: BinaryIO) -> BinaryIO:
    """The text of a file: as it is, or out of one gzip member."""
    magic = file.read(2)
    file.seek(-len(magic), os.SEEK_CUR)
    return io.BufferedReader(_Member(file)) if magic == _GZIP_MAGIC else file


class _Member(io.RawIOBase):
    """The text of exactly one gzip member, in blocks; the end is there only if the file's is."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._inflate = zlib.decompressobj(wbits=31)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        text = b""
        while not text and not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._file.read(_BLOCK)
            text = self._inflate.decompress(packed, len(buffer))
            if not text and not packed:
                raise EOFError("the gzip member is truncated")
        if not text and (self._inflate.unused_data or self._file.read(1)):
            raise ValueError("something follows the gzip member")
        buffer[: len(text)] = text
        return len(text)


def _integer(text: str) -> int:
    if text.startswith("-") or len(text) > _MAX_DIGITS:
        raise ValueError(f"not an integer from 0 of at most {_MAX_DIGITS} digits: {text:.30}")
    return int(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"only integers are numbers here, not {text:.30}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"duplicate key: {next(key for key in keys if keys.count(key) > 1)!r:.60}")
    return fields


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse
)
