"""What 10^5, 10^6, 10^7 examples cost: processor seconds and peak memory, a process for each step.

`python tests/benchmarks/scale.py` writes a votes file of so many rows in blocks, certifies it,
audits the certificate alone and beside its votes, and lets the kernel judge it alone; it prints a
line for each. Then it writes the same votes as .csv, certifies them and audits beside them; both
certificates must be the same bytes. The files go to a temporary folder (`TMPDIR`), some 600 bytes
for each row.
"""

import argparse
import filecmp
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from bagcert.reference import checker

N = 1000
BLOCK = 2**16
#: What is measured after `certify`, which makes the file; of .csv only what reads votes.
STEPS = ["audit", "audit --votes", "kernel alone"]
#: The kinds of votes files, and how each is written.
ENDS = ["npz", "csv"]


class Cost(NamedTuple):
    """What one process took."""

    #: Of a processor, its own and the system's for it: what else runs on the machine adds none.
    seconds: float
    #: The most memory that it held at once, with the pages of files that were mapped.
    peak_kib: int


def counts(rows: int, classes: int) -> Iterator[np.ndarray[Any, np.dtype[np.int64]]]:
    """Votes of 1000 models whose labels differ from row to row, block by block."""
    source = np.random.default_rng(classes)
    for start in range(0, rows, BLOCK):
        size = min(BLOCK, rows - start)
        shares = source.dirichlet(np.full(classes, 0.4), size)
        yield source.multinomial(N, shares).astype("<i8")


def write_votes(path: Path, rows: int, classes: int) -> None:
    """Write an .npz as `numpy.savez` does, with counts and true labels; a block in memory."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, shape in (("counts", (rows, classes)), ("labels", (rows,))):
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                about = {"descr": "<i8", "fortran_order": False, "shape": shape}
                npy.write_array_header_1_0(member, about)
                for block in counts(rows, classes):
                    data = block if name == "counts" else block.argmax(axis=1).astype("<i8")
                    member.write(data.tobytes())


def write_table(path: Path, rows: int, classes: int) -> None:
    """Write the same counts and true labels as lines of a .csv, without a header row."""
    with path.open("wb") as file:
        for block in counts(rows, classes):
            numbers = np.column_stack([block, block.argmax(axis=1)])
            file.writelines(b"%s\n" % ",".join(map(str, row)).encode() for row in numbers.tolist())


def cost(*command: object) -> Cost:
    """Run a command to its end; it must end well."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*map(str, command)], stdout=quiet, stderr=quiet)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command}: exit status {process.returncode}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss)


def measure(rows: int, classes: int, ends: list[str], asked: list[str], folder: Path) -> None:
    """Print a line for each step over so many rows."""
    bagcert = [sys.executable, "-m", "bagcert"]
    certificates = [folder / f"{end}.jsonl" for end in ends]
    for end, certificate in zip(ends, certificates, strict=True):
        votes = folder / f"votes.{end}"
        written, reading = write_votes, list[object]()
        if end == "csv":
            written = write_table
            reading = ["--no-header", "--label-column", classes + 1]
        written(votes, rows, classes)
        given = ["--n", 60_000, "--k", 100, *reading]
        steps: dict[str, list[object]] = {
            "certify": [*bagcert, "certify", votes, *given, "--output", certificate],
            "audit": [*bagcert, "audit", certificate],
            "audit --votes": [*bagcert, "audit", certificate, "--votes", votes, *reading],
            "kernel alone": [sys.executable, "-I", checker.__file__, certificate],
        }
        for step in ("certify", *(step for step in steps if step in asked)):
            if step != "certify" and end != ends[0] and step != "audit --votes":
                continue
            found = cost(*steps[step])
            each = found.seconds / rows * 1e6
            size = certificate.stat().st_size / 2**20
            print(
                f"{rows:>10} rows  .{end}  {step:<14} {found.seconds:8.1f} s  {each:6.1f} us a row"
                f"  peak {found.peak_kib / 1024:7.1f} MiB  (certificate {size:.0f} MiB)",
                flush=True,
            )
        votes.unlink()
        if not filecmp.cmp(certificates[0], certificate, shallow=False):
            raise SystemExit(f"{rows} rows: the certificates from {ends[0]} and {end} differ")
    for certificate in certificates:
        certificate.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10**5, 10**6, 10**7])
    parser.add_argument("--classes", type=int, default=2)
    parser.add_argument("--ends", nargs="+", default=ENDS, choices=ENDS)
    parser.add_argument("--steps", nargs="+", default=STEPS, choices=STEPS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for rows in asked.rows:
            measure(rows, asked.classes, asked.ends, asked.steps, Path(folder))


if __name__ == "__main__":
    main()
