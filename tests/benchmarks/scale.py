"""What 10^5, 10^6, 10^7 examples cost: seconds and peak memory of each step, a process for each.

`python tests/benchmarks/scale.py` writes a votes file of so many rows in blocks, certifies it,
audits the certificate alone and beside its votes, and lets the kernel judge it alone; it prints a
line for each. The files go to a temporary folder (`TMPDIR`), some 300 bytes for each row.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from bagcert.reference import checker

N = 1000
BLOCK = 2**16


class Cost(NamedTuple):
    """What one process took."""

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


def cost(*command: object, due: int = 0) -> Cost:
    """Run a command to its end; it must end with the status that is due."""
    started = time.perf_counter()
    process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL, stderr=sys.stderr)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != due:
        raise SystemExit(f"{command}: exit status {process.returncode}")
    return Cost(time.perf_counter() - started, used.ru_maxrss)


def measure(rows: int, classes: int, folder: Path) -> None:
    """Print a line for each step over so many rows."""
    votes, certificate = folder / "votes.npz", folder / "certificate.jsonl"
    write_votes(votes, rows, classes)
    bagcert = [sys.executable, "-m", "bagcert"]
    given = ["--n", 60_000, "--k", 100]
    steps: dict[str, list[object]] = {
        "certify": [*bagcert, "certify", votes, *given, "--output", certificate],
        "audit": [*bagcert, "audit", certificate],
        "audit --votes": [*bagcert, "audit", certificate, "--votes", votes],
        "kernel alone": [sys.executable, "-I", checker.__file__, certificate],
    }
    for step, command in steps.items():
        found = cost(*command)
        each = found.seconds / rows * 1e6
        size = certificate.stat().st_size / 2**20
        print(
            f"{rows:>10} rows  {step:<14} {found.seconds:8.1f} s  {each:6.1f} us a row  "
            f"peak {found.peak_kib / 1024:7.1f} MiB  (certificate {size:.0f} MiB)",
            flush=True,
        )
    votes.unlink()
    certificate.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10**5, 10**6, 10**7])
    parser.add_argument("--classes", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for rows in asked.rows:
            measure(rows, asked.classes, Path(folder))


if __name__ == "__main__":
    main()
