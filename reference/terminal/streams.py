"""Standard output and error on any terminal: what cannot be encoded is spelled, a closed pipe is.

A terminal that knows only ASCII or Latin-1 gets every answer whole: letters of the paper are
spelled (``alpha``), frames are drawn with ``-``, ``|`` and ``+``.
"""

import codecs
import io
import os
import sys
import unicodedata
from typing import Final

__all__ = ["CLOSED_PIPE", "close_output", "drop_output", "spell_unencodable"]

#: What a shell reports of a program that a closed pipe ended: 128 + SIGPIPE.
CLOSED_PIPE: Final = 141

_HANDLER: Final = "bagcert-spelled"
_SPELLED: Final = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "Δ": "Delta", "ε": "epsilon",
    "λ": "lambda", "μ": "mu", "σ": "sigma", "×": "x", "–": "-", "—": "-", "…": "...", "·": "*",
    "≤": "<=", "≥": ">=", "≠": "!=", "∩": "&", "→": "->", "⌈": "ceil(", "⌉": ")", "−": "-",
    "•": "*", "²": "^2", "█": "#", "▏": "|", "━": "-", "╸": "-", "╺": "-",
}  # fmt: skip


def spell_unencodable() -> None:
    """Make both streams spell what their encoding lacks, instead of failing half-way."""
    codecs.register_error(_HANDLER, _spell)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def close_output() -> int:
    """Write out what is buffered; return 0, or :data:`CLOSED_PIPE` if nobody reads any more.

    After a closed pipe standard output leads nowhere, so that nothing complains at exit.

    Raises:
        OSError: it cannot be written (a full disk); nothing is left to be written at exit.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()
        return CLOSED_PIPE
    except OSError:
        drop_output()
        raise
    return 0


def drop_output() -> None:
    """Send what is still buffered, and all that follows, nowhere: nothing complains at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_in_ascii(character) for character in text), error.end


def _in_ascii(character: str) -> str:
    if character in _SPELLED:
        return _SPELLED[character]
    if "─" <= character <= "╿":  # the block of frames
        return {"─": "-", "│": "|"}.get(character, "+")
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain or character.encode("ascii", "backslashreplace").decode()
