"""A certificate file that is to be reported: read once, judged by the kernel, digested."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from bagcert.reference.certificate.held import Held
from bagcert.reference.certificate.schema import CertificateFile
from bagcert.reference.checker import Verdict
from bagcert.reference.terminal.sources import bytes_given

__all__ = ["Judged", "judged"]


@dataclass(frozen=True)
class Judged:
    """The verdict on some bytes, and what those very bytes say."""

    #: The file's name, without its folders.
    name: str
    #: SHA-256 of the file as it lies on the disk, compressed or not.
    sha256: str
    verdict: Verdict
    #: None unless the verdict is VALID: nothing is reported of a file that is not true.
    file: CertificateFile | None


def judged(path: str | os.PathLike[str]) -> Judged:
    """Read a certificate file once; digest, verdict and content are those of the same bytes.

    ``-`` is standard input.

    Raises:
        OSError, SourceError: as :func:`~bagcert.reference.terminal.sources.bytes_given`.
    """
    with bytes_given(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        kept = Held(os.fspath(path), file)
        verdict = kept.judge()
        content = kept.read() if verdict.status == "VALID" else None
    return Judged(Path(path).name, digest, verdict, content)
