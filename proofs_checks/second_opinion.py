"""The verified second checker of a certificate file, as a program: a path in, a verdict out.

``proofs_checks/coq/Judge.v`` decides and ``Accepted.v`` proves what VALID means; ``make proofs``
extracts both to OCaml and compiles them. What is trusted besides stands in ``README.md``, beside
this module. ``python -m bagcert.proofs_checks.second_opinion --count 100000`` compares it with
the kernel on generated files.
"""

import argparse
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from os import PathLike, fspath
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final, NamedTuple

from bagcert.reference import checker

__all__ = ["BINARY", "Opinion", "second_opinion"]

#: Where ``make proofs`` leaves the compiled judge.
BINARY: Final = Path(__file__).resolve().parent / "coq" / "build" / "bagcert_judge"
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
        RuntimeError: the judge ended without a verdict.
    """
    if not BINARY.exists():
        raise FileNotFoundError(f"{BINARY} is not built: run `make proofs`")
    with open(path, "rb") as source:
        if source.read(2) != b"\x1f\x8b":
            return _verdict(_run(fspath(path)))
        source.seek(0)
        return _packed(source)


def _packed(source: BinaryIO) -> Opinion:
    """Judge what one gzip member holds; what is wrong with the member comes after its text."""
    judge = subprocess.Popen(
        [*_WITH_A_LARGE_STACK, BINARY, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert judge.stdin is not None
    lines, fault = 0, False
    try:
        for text in _unpacked(source):
            judge.stdin.write(text)
            lines += text.count(b"\n")
    except BrokenPipeError:
        pass  # it has decided already
    except (EOFError, zlib.error):
        fault = True
    answer, _ = judge.communicate()
    opinion = _verdict(answer)
    return Opinion("MALFORMED", lines + 1, None) if fault and opinion.status == "VALID" else opinion


def _unpacked(source: BinaryIO) -> Iterator[bytes]:
    """The text of exactly one gzip member, in bounded blocks."""
    inflate, block = zlib.decompressobj(wbits=31), source.read(_BLOCK)
    while not inflate.eof:
        text = inflate.decompress(block, _BLOCK)
        if not text and not block:
            raise EOFError
        yield text
        block = inflate.unconsumed_tail or source.read(_BLOCK)
    if inflate.unused_data or block:
        raise EOFError


def _run(path: str) -> bytes:
    return subprocess.run([*_WITH_A_LARGE_STACK, BINARY, path], stdout=subprocess.PIPE).stdout


def _verdict(answer: bytes) -> Opinion:
    match answer.decode("ascii", "replace").split():
        case ["VALID"]:
            return Opinion("VALID", None, None)
        case ["INVALID", line, field]:
            return Opinion("INVALID", int(line), field)
        case ["MALFORMED", line]:
            return Opinion("MALFORMED", int(line), None)
    raise RuntimeError(f"the second checker came to no verdict: {answer[:60]!r}")


def main(argv: list[str] | None = None) -> int:
    """Compare kernel and second checker on generated files; 1 where any verdict differs."""
    from bagcert.proofs_checks.forgeries import generated

    parser = argparse.ArgumentParser(description="Kernel and second checker on generated files.")
    parser.add_argument("--count", type=int, default=1000, help="how many files")
    parser.add_argument("--seed", type=int, default=0, help="of the first file")
    chosen = parser.parse_args(argv)
    seen, differ = Counter[str](), 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cert.jsonl"
        for seed in range(chosen.seed, chosen.seed + chosen.count):
            name, content = generated(seed)
            path.write_bytes(content)
            kernel, second = checker.check(path), second_opinion(path)
            if (kernel.status, kernel.line) != (second.status, second.line):
                differ += 1
                print(f"seed {seed}, {name}: kernel {kernel}; second {second}", file=sys.stderr)
            seen[f"{kernel.status} of {'forged' if name else 'true'} files"] += 1
    print(f"{chosen.count} files, {differ} verdicts differ: {dict(sorted(seen.items()))}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
