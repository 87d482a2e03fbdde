"""What a corpus file is, and how one is packed and edited."""

import struct
import zlib
from fractions import Fraction
from typing import Any, NamedTuple

from tests.vectors.certificates.oracle import ONE, Made, dump, hexed, seal


class File(NamedTuple):
    """A file, where its verdict must point, and what it tries."""

    name: str
    content: bytes
    line: int | None
    field: str | None
    tries: str


ESCAPES = '\u001b[2K\rMATCHES\u0007\u009b2J\u202e\ufffe\x7f"\\/<&>\ud800'


def member(text: bytes, level: int = 9, flags: int = 0, extra: bytes = b"") -> bytes:
    """A gzip member with these optional header fields, which must fit the flags."""
    deflate = zlib.compressobj(level, wbits=-15)
    body = deflate.compress(text) + deflate.flush()
    head = b"\x1f\x8b\x08" + bytes([flags]) + b"\0" * 4 + b"\0\xff" + extra
    if flags & 2:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head + body + struct.pack("<II", zlib.crc32(text), len(text) & 0xFFFFFFFF)


def plain(text: bytes) -> bytes:
    """The same bytes on every machine: one member without a name or a time."""
    return member(text)


def resealed(made: Made, i: int | None = None, **changes: Any) -> bytes:
    """The file with one line changed and its summary right: row i, or the header."""
    head, rows, accuracy = made
    rows = list(rows)
    if i is None:
        head = head | changes
    else:
        row = rows[i] | changes
        rows[i] = {key: row[key] for key in row if row[key] is not None}
    return seal([dump(head), *map(dump, rows)], accuracy)


def moved(text: str, step: int) -> str:
    """A bound moved along the grid."""
    return hexed(int(Fraction(float.fromhex(text)) * ONE) + step)
