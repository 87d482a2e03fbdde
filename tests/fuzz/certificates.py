"""The kernel, the reader and `held`, on bytes that may be a certificate file."""

import io
import zlib
from pathlib import Path
from random import Random

from bagcert.reference.algorithm1 import certify_row
from bagcert.reference.certificate.held import held
from bagcert.reference.certificate.reader import CertificateError, read_certificate, read_stream
from bagcert.reference.certificate.schema import CertificateFile
from bagcert.reference.checker import Verdict, check, check_stream
from tests.fuzz import drafts, edits, packing
from tests.fuzz.changes import Change, changed_at_random
from tests.fuzz.findings import one_line, require

CORPUS = Path(__file__).parents[1] / "vectors" / "certificates"
#: The one reason for which a true file may be refused.
WORK = "more work than"


def seeds() -> list[bytes]:
    """The corpus."""
    return [path.read_bytes() for path in sorted(CORPUS.glob("*/*.jsonl*"))]


def first_false(file: CertificateFile) -> int | None:
    """The line of the first row whose claims are not those of ``reference``; None if there is none.

    Nothing of the kernel is used: `certify_row` goes from counts to bounds by :mod:`bounds` and
    from bounds to the radius by the corollaries' roots.
    """
    for line, row in enumerate(file.rows, start=2):
        if certify_row(row.counts, file.header.setting) != row.outcome:
            return line
    return None


def is_large(file: CertificateFile) -> bool:
    """Whether recomputing it would take more time than a fuzzer has."""
    h = file.header
    return h.k * h.n.bit_length() > 2**15 or h.models > 5000


def judged(content: bytes, name: str = "cert.jsonl") -> tuple[str, Verdict]:
    """What became of a file, and the kernel's verdict, after every promise about it was checked.

    Raises:
        Finding: a verdict that is none of the three or no line; VALID for what is not, or the
            reverse; the reader and the kernel differ.
    """
    verdict = check_stream(io.BytesIO(content))
    text = str(verdict)
    require(verdict.status in ("VALID", "INVALID", "MALFORMED"), f"verdict {verdict.status!r}")
    require(text.isascii() and text.isprintable() and len(text) < 400, f"no line: {text!r}")
    require((verdict.status == "VALID") == (verdict.line is None), f"no place: {text}")
    try:
        file = read_stream(io.BytesIO(content), name)
    except CertificateError as error:
        one_line(error, f"{name}: line ")
        at = int(str(error).removeprefix(f"{name}: line ").partition(":")[0])
        require(verdict.status != "VALID", f"VALID, but not read: {error}")
        # What stands before the kernel's line was found true: so it can be read.
        require(at >= (verdict.line or 0) or packed(content), f"{text}, but the reader: {error}")
        agree = verdict.status == "INVALID" or at == verdict.line or WORK in text
        require(agree or packed(content), f"{text}, but the reader: {error}")
        return f"{verdict.status}, not read", verdict
    if verdict.status == "MALFORMED":
        require(WORK in text, f"read, but {text}")
        return "MALFORMED: work", verdict
    if is_large(file):
        return f"{verdict.status}, too large to recompute", verdict
    line = first_false(file)
    if line is None:
        require(verdict.status == "VALID", f"every claim is reference's, but {text}")
    else:
        require(verdict.status == "INVALID", f"line {line} is not reference's, but {text}")
        require(verdict.line == line, f"line {line} is not reference's, but {text}")
    return verdict.status, verdict


def packed(content: bytes) -> bool:
    """Whether it is gzip: reader and kernel may see damage at different lines, as they look
    ahead differently."""
    return content[:2] == b"\x1f\x8b"


def target(content: bytes, folder: Path) -> str:
    """:func:`judged`; one input in 32 goes through files too, and `held`."""
    outcome, verdict = judged(content)
    if zlib.crc32(content) % 32 == 0:
        path = folder / "cert.jsonl"
        path.write_bytes(content)
        require(check(path) == verdict, "check differs from check_stream")
        with held(path) as hand:
            require(hand.judge() == verdict, "held differs from check_stream")
            read = "not read" not in outcome
            for reading in (hand.read, lambda: read_certificate(path)):
                try:
                    found = reading()
                    require(read and len(found.rows) == found.header.examples, "read once only")
                except CertificateError as error:
                    one_line(error, str(path))
                    require(not read, f"read once, but {error}")
            require(hand.judge() == verdict, "held differs, judged again")
    return outcome


def mutated(content: bytes, drawn: Random, change: Change = changed_at_random) -> bytes:
    """Bytes edited blindly, or one line of them under a new digest, or the objects in them."""
    kind = drawn.random()
    if kind < 0.25:
        return change(content, drawn)
    if kind < 0.5:
        return packing.line_edited(drawn, content, lambda line: change(line, drawn))
    draft = drafts.taken_apart(content) if drawn.random() < 0.7 else None
    draft = draft or drafts.fresh(drawn.randrange(1000))
    for _ in range(drawn.choice((1, 1, 2, 3, 5))):
        chosen = edits.GENTLE if drawn.random() < 0.7 else edits.EDITS
        drawn.choice(chosen)(drawn, draft)
    if drawn.random() < 0.4:
        edits.settled(drawn, draft)
        edits.retold(drawn, draft)
        if drawn.random() < 0.7:
            drawn.choice(edits.GENTLE)(drawn, draft)
    found = draft.content()
    return packing.packed(drawn, found) if drawn.random() < 0.1 else found
