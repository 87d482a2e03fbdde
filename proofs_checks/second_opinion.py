"""The verified second checker of a certificate file, as a program: a file in, a verdict out.

``proofs_checks/coq/Judge.v`` decides and ``Accepted.v`` proves what VALID means; ``make proofs``
extracts both to OCaml and compiles them. What is trusted besides stands in ``README.md``, beside
this module. ``bagcert audit --second-opinion`` asks it;
``python -m bagcert.proofs_checks.second_opinion --count 100000`` compares it, the kernel,
``reference`` and the fast path on generated files (:mod:`bagcert.proofs_checks.verdicts`).
"""

import argparse
import hashlib
import subprocess
import sys
import zlib
from collections.abc import Iterator
from functools import cache
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

__all__ = ["BINARY", "Opinion", "made_from", "opinion_of", "second_opinion", "text_of"]

_SOURCES: Final = Path(__file__).resolve().parent / "coq"
#: Where ``make proofs`` leaves the compiled judge, and beside it what it was made from.
BINARY: Final = _SOURCES / "build" / "bagcert_judge"
#: The judge recurses over long lines; its stack is as large as the system lets it be.
_WITH_A_LARGE_STACK: Final = ("/bin/sh", "-c", 'ulimit -s "$(ulimit -H -s)"; exec "$0" "$1"')
_BLOCK: Final = 2**16


class Opinion(NamedTuple):
    """What the second checker decided, and the line and field that decided it."""

    #: VALID, INVALID or MALFORMED.
    status: str
    line: int | None
    field: str | None

    @property
    def exit_status(self) -> int:
        """0 VALID, 1 INVALID, 2 MALFORMED, as the kernel's."""
        return {"VALID": 0, "INVALID": 1}.get(self.status, 2)

    def __str__(self) -> str:
        place = ", ".join(filter(None, (f"line {self.line}" if self.line else None, self.field)))
        return f"{self.status} {place}".rstrip()


def second_opinion(path: str | PathLike[str]) -> Opinion:
    """Judge a certificate file, plain or one gzip member, by the checker that Coq proved.

    Guarantee: VALID only where ``judged_true`` of ``Accepted.v`` speaks of the file's text: its
    bytes are the print of claims that are all true under its own header; as far as what
    ``README.md`` lists as trusted is right. Like the kernel it takes counts, n and k as given.

    Raises:
        FileNotFoundError: the judge is not built; ``make proofs`` builds it.
        OSError: the file cannot be read.
        ValueError: the judge was made from other sources than those here, or ended without a
            verdict.
    """
    with open(path, "rb") as source:
        return opinion_of(source)


def opinion_of(source: BinaryIO) -> Opinion:
    """As :func:`second_opinion`, of the bytes from where ``source`` stands to its end."""
    if not BINARY.exists():
        raise FileNotFoundError(
            f"{BINARY}: the second checker is not built; type, in a clone: make proofs"
        )
    if not _is_current(BINARY):
        raise ValueError(
            f"{BINARY}: the second checker was built from other sources than those here; "
            "type: make proofs"
        )
    lines, fault = 0, False
    with subprocess.Popen(
        [*_WITH_A_LARGE_STACK, BINARY, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as judge:
        assert judge.stdin is not None
        try:
            for text in text_of(source):
                judge.stdin.write(text)
                lines += text.count(b"\n")
        except BrokenPipeError:
            pass  # it has decided already
        except (EOFError, zlib.error):
            fault = True  # what is wrong with a gzip member comes after its text
        answer, _ = judge.communicate()
    opinion = _verdict(answer)
    return Opinion("MALFORMED", lines + 1, None) if fault and opinion.status == "VALID" else opinion


def made_from() -> str:
    """Return the digest of each source of the judge as it is now, as ``sha256sum`` prints them."""
    paths = [path for kind in ("*.v", "second/*.v", "second/*.ml") for path in _SOURCES.glob(kind)]
    found = {path.relative_to(_SOURCES).as_posix(): path.read_bytes() for path in paths}
    return "".join(
        f"{hashlib.sha256(text).hexdigest()}  {name}\n" for name, text in sorted(found.items())
    )


@cache  # once in a process that asks about many files
def _is_current(binary: Path) -> bool:
    """Whether the judge was made from the sources that are here."""
    record = binary.with_suffix(".sources")
    return record.exists() and record.read_text() == made_from()


def text_of(source: BinaryIO) -> Iterator[bytes]:
    """The text of a file, in bounded blocks: as it is, or that of exactly one gzip member.

    Raises:
        EOFError, zlib.error: after the text, where the member is damaged or something follows it.
    """
    block = source.read(_BLOCK)
    if not block.startswith(b"\x1f\x8b"):
        while block:
            yield block
            block = source.read(_BLOCK)
        return
    inflate = zlib.decompressobj(wbits=31)
    while not inflate.eof:
        text = inflate.decompress(block, _BLOCK)
        if not text and not block:
            raise EOFError
        yield text
        block = inflate.unconsumed_tail or source.read(_BLOCK)
    if inflate.unused_data or block:
        raise EOFError


def _verdict(answer: bytes) -> Opinion:
    match answer.decode("ascii", "replace").split():
        case ["VALID"]:
            return Opinion("VALID", None, None)
        case ["INVALID", line, field]:
            return Opinion("INVALID", int(line), field)
        case ["MALFORMED", line]:
            return Opinion("MALFORMED", int(line), None)
    raise ValueError(f"the second checker came to no verdict: {answer[:60]!r}")


def main(argv: list[str] | None = None) -> int:
    """Compare four routes to a verdict on generated files; 1 where any verdict differs."""
    from bagcert.proofs_checks.verdicts import compare

    parser = argparse.ArgumentParser(
        description="Kernel, reference, fast path and second checker on generated files."
    )
    parser.add_argument("--count", type=int, default=1000, help="how many files")
    parser.add_argument("--seed", type=int, default=0, help="of the first file")
    chosen = parser.parse_args(argv)
    seeds = range(chosen.seed, chosen.seed + chosen.count)
    found = compare(seeds, differs=lambda text: print(text, file=sys.stderr))
    print(found)
    return 1 if found.differ else 0


if __name__ == "__main__":
    sys.exit(main())
