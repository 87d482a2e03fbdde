"""A dask scheduler and plain workers, processes of their own that a test may kill."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import Client

__all__ = ["cluster"]


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and plain ``dask worker`` processes; yields the address, and all of them."""
    about = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    common = ["--no-dashboard", "--scheduler-file", str(about)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", *common]
    worker = [*dask, "worker", "--nthreads", "1", "--no-nanny", *common]
    worker += ["--local-directory", str(folder)]
    started = [
        subprocess.Popen(line, **quiet)  # type: ignore[call-overload]
        for line in [scheduler, *[worker] * workers]
    ]
    try:
        while not (about.exists() and about.read_text().endswith("}")):
            assert started[0].poll() is None
            time.sleep(0.05)
        found = json.loads(about.read_text())["address"]
        with Client(found, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
        yield found, started
    finally:
        for process in started:
            process.kill()
            process.wait()
