"""Tables of bounds on disk: whole, checked, and rebuilt where they are not.

One file for each (N, β, version) under ``$BAGCERT_CACHE``, else where this platform keeps caches
(``~/.cache/bagcert`` on Linux): a JSON line that says what it is, two int64 arrays (counts, and
bounds in units of 2^-53), and the SHA-256 of all that. A file that is damaged, too long, of another
table, or out of order is not believed but computed again. It guards against damage, not against
someone who may write to your cache: no certificate rests on it, as the kernel checks each.
"""

import hashlib
import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

import bagcert
from bagcert.reference.terminal.outputs import OutputError, written_aside

__all__ = ["cache_folder", "load_table", "save_table"]

_Ints = npt.NDArray[np.int64]
#: Of the layout; the package's version is in the key as well.
_LAYOUT: Final = 1
_DIGEST_BYTES: Final = 32


def cache_folder() -> Path:
    """Where tables are kept."""
    if own := os.environ.get("BAGCERT_CACHE"):
        return Path(own)
    return user_cache_path("bagcert", appauthor=False)


def load_table(total: int, beta: Fraction) -> tuple[_Ints, _Ints] | None:
    """Return (counts, bounds) as they were saved; None where there is nothing to believe."""
    header = _header(total, beta)
    longest = len(header) + 16 * (total + 1) + _DIGEST_BYTES
    try:
        path = _path(header)
        if path.stat().st_size > longest:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    body, digest = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
    if not body.startswith(header) or hashlib.sha256(body).digest() != digest:
        return None
    numbers = body[len(header) :]
    if len(numbers) % 16:
        return None
    counts, bounds = np.frombuffer(numbers, "<i8").reshape(2, -1).astype(np.int64)
    # Larger counts have larger bounds; anything else was never a table.
    rising = (np.diff(counts) > 0).all() and (np.diff(bounds) >= 0).all()
    if not counts.size or not rising or counts[0] < 0 or counts[-1] > total:
        return None
    if bounds[0] < 0 or bounds[-1] >= 2**53:
        return None
    return counts, bounds


def save_table(total: int, beta: Fraction, counts: _Ints, bounds: _Ints) -> None:
    """Write a table aside and rename it; where that cannot be done the table is not kept."""
    header = _header(total, beta)
    body = header + np.stack([counts, bounds]).astype("<i8").tobytes()
    path = _path(header)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_aside(path, force=True) as file:
            file.write(body + hashlib.sha256(body).digest())
    except (OSError, OutputError):
        return


def _header(total: int, beta: Fraction) -> bytes:
    stated = {
        "layout": _LAYOUT,
        "bagcert": bagcert.__version__,
        "total": total,
        "beta": f"{beta.numerator:x}/{beta.denominator:x}",
    }
    return json.dumps(stated).encode() + b"\n"


def _path(header: bytes) -> Path:
    return cache_folder() / f"bounds-{hashlib.sha256(header).hexdigest()[:32]}.bin"
