"""Files of lines changed below the objects: one line under a new digest, gzip of every kind."""

import gzip
import hashlib
import random
import zlib
from collections.abc import Callable

from tests.vectors.certificates.files import member


def packed(drawn: random.Random, text: bytes) -> bytes:
    """A text as gzip of some kind: one member, with what may stand in it, or something wrong."""
    whole = member(text)
    match drawn.randrange(12):
        case 0:
            return member(text, level=0)
        case 1:
            return member(text, flags=8, extra=b"name\0")
        case 2:
            return member(text, flags=31, extra=b"\x02\0abn\0c\0")
        case 3:
            return whole + whole
        case 4:
            return whole[: drawn.randrange(len(whole))]
        case 5:
            return whole + drawn.choice((b"\0", b"\n", whole[:10]))
        case 6:
            i = drawn.randrange(len(whole) - 8, len(whole))  # the CRC and the length
            return whole[:i] + bytes([whole[i] ^ 1 << drawn.randrange(8)]) + whole[i + 1 :]
        case 7:
            i = drawn.randrange(len(whole))
            return whole[:i] + bytes([whole[i] ^ 1 << drawn.randrange(8)]) + whole[i + 1 :]
        case 8:
            return zlib.compress(text)
        case 9:
            cut = drawn.randrange(len(text) + 1)
            return gzip.compress(text[:cut], mtime=0) + gzip.compress(text[cut:], mtime=0)
        case _:
            return whole


def line_edited(drawn: random.Random, content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A file with one line before the summary changed by ``change``, and the digest right."""
    *lines, summary = content.splitlines(keepends=True) or [b""]
    if not lines:
        return change(content)
    i = drawn.randrange(len(lines))
    before = hashlib.sha256(b"".join(lines)).hexdigest().encode()
    lines[i] = change(lines[i])
    after = hashlib.sha256(b"".join(lines)).hexdigest().encode()
    return b"".join((*lines, summary.replace(before, after)))
