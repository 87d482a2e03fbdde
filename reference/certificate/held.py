"""A certificate file in hand: what is judged is what is compared, explained and reported."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeVar

from bagcert.reference.certificate.reader import iterate_stream, read_stream
from bagcert.reference.certificate.schema import CertificateFile, Header, Row
from bagcert.reference.checker import Verdict, check_stream
from bagcert.reference.terminal.sources import bytes_given

__all__ = ["Held", "held"]

_T = TypeVar("_T")


class Held:
    """The bytes of one certificate file; they are judged and read in any order, at any time."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.name = name
        self._file = file

    def judge(self) -> Verdict:
        """Return what the kernel says of these bytes."""
        return self.shown_to(check_stream)

    def shown_to(self, judge: Callable[[BinaryIO], _T]) -> _T:
        """Return what ``judge`` says of these bytes, from the first on."""
        self._file.seek(0)
        return judge(self._file)

    def read(self) -> CertificateFile:
        """Return what these bytes say, whether or not it is true.

        Raises:
            CertificateError: they are no certificate file; the message names file, line and field.
        """
        return self.shown_to(lambda file: read_stream(file, self.name))

    def iterate(self) -> tuple[Header, Iterator[Row]]:
        """Return the header and the rows one by one, whether or not they are true: flat memory.

        Raises:
            CertificateError: as :meth:`read`, at once or while rows are taken.
        """
        self._file.seek(0)
        return iterate_stream(self._file, self.name)


@contextmanager
def held(path: str | os.PathLike[str]) -> Iterator[Held]:
    """Read a certificate file once, pipes included, and yield its bytes; ``-`` is standard input.

    Raises:
        OSError, SourceError: as :func:`~bagcert.reference.terminal.sources.bytes_given`.
    """
    with bytes_given(path) as file:
        yield Held(os.fspath(path), file)
