"""Bytes changed blindly: what a target does between runs of a fuzzer that watches coverage."""

from collections.abc import Callable
from random import Random

#: A change of bytes at random; atheris brings its own.
Change = Callable[[bytes, Random], bytes]
TOKENS = (b"\n", b"\r\n", b"\0", b'"', b",", b";", b"\t", b"-0", b"9" * 25, b"1e9", b"\xef\xbb\xbf",
          b"{", b"[", b"\xff", b"\x80", b"\x1b[2J", "\u0663".encode(), b"null", b"NaN")  # fmt: skip


def changed_at_random(content: bytes, drawn: Random) -> bytes:
    """One bit, byte, token or stretch of bytes changed, inserted, dropped or repeated."""
    i = drawn.randrange(len(content) + 1)
    j = min(len(content), i + drawn.choice((1, 1, 2, 8, 64)))
    match drawn.randrange(5):
        case 0 if i < len(content):
            return content[:i] + bytes([content[i] ^ 1 << drawn.randrange(8)]) + content[i + 1 :]
        case 1:
            return content[:i] + content[j:]
        case 2:
            return content[:j] + content[i:]
        case 3:
            return content[:i] + drawn.randbytes(j - i) + content[j:]
        case _:
            return content[:i] + drawn.choice(TOKENS) + content[i:]
