"""What ``make proofs`` left of its last run, which anybody may have written.

``proofs_checks/coq/build/verified.json``, beside the compiled files:

    {"format": "bagcert-coq/1", "coq": "8.16.1",
     "sources": {"Setting.v": "<sha256>", ...},      every .v file beside Statements.v
     "theorems": {"theorem1": true, ...}}            true: closed under the global context
"""

import hashlib
import json
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["FOLDER", "Record", "digests", "read_record"]

#: Where the sources lie.
FOLDER: Final = Path(__file__).resolve().parents[1] / "coq"
_FORMAT: Final = "bagcert-coq/1"
#: More than any honest record.
_MOST_BYTES: Final = 2**20


class Record(NamedTuple):
    """What a record says; whether it is true is for :mod:`.recheck`."""

    #: Coq's version.
    coq: str
    sources: dict[str, str]
    #: Theorems without axioms.
    closed: list[str]


def read_record(path: Path) -> Record | None:
    """Return what the file says; None where it is missing, too long, or no record."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        record = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        return None
    shapes = {"sources": dict, "theorems": dict, "coq": str}
    if not all(isinstance(record.get(name), shape) for name, shape in shapes.items()):
        return None
    closed = [name for name, fine in record["theorems"].items() if fine is True]
    return Record(record["coq"], record["sources"], closed)


def digests(folder: Path = FOLDER) -> dict[str, str]:
    """Return the SHA-256 of each source, by its name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.v")}
