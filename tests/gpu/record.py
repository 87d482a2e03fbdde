"""Everything that needs a CUDA device, in one run that ends in a JSON record: ``make gpu``.

    python -m tests.gpu.record --data-dir DIR [--device cuda:1] [--output record.json]

The record says on what it ran, which tests ran and how they ended, whether ``certify_votes`` on
tensors of the device equals the CPU's bit for bit and what both took, and what ensembles of the
paper's network gave on MNIST: whether the device trains a model twice alike, the certified
accuracy, the audit's verdict, and the seconds of a model beside the CPU's. Exit status 0: all that
was compared is equal, and every test passed. 1: something is not, and the record says what. 2:
nothing ran and nothing was written, since there is no device, or no data.

``--small --device cpu`` runs the same code on the CPU, on scikit-learn's digits, in the place of a
device: that shows that the code runs, and says nothing about CUDA.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree

import numpy as np

from bagcert.fastpath.certification.bulk import certify_votes
from bagcert.fastpath.certification.certificate_file import certify_file
from bagcert.fastpath.crosscheck.rows import edge_rows, random_rows
from bagcert.fastpath.datasets import Dataset, load_dataset
from bagcert.fastpath.learners import load_learner
from bagcert.fastpath.report.accuracy import Report
from bagcert.fastpath.training.ensemble import predict_models, train_votes
from bagcert.fastpath.training.versions import software_versions, source_commit
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.reader import read_certificate
from bagcert.reference.checker import check
from bagcert.reference.terminal.outputs import written_aside

__all__ = ["FULL", "SMALL", "Size", "main", "record"]

ROOT: Final = Path(__file__).parents[2]
ALPHA: Final = Fraction(1, 1000)
#: The tests that ask for a device have its kind in their names.
TESTS: Final = tuple(f"tests/unit/test_{name}.py" for name in ("bulk", "networks", "radius_filter"))
COLUMNS: Final = ("label", "p_lower", "p_upper", "radius", "reason")
RADII: Final = (0, 50, 100, 150, 200, 300)
TURNS: Final = 5


class Size(NamedTuple):
    """How much is run."""

    dataset: str
    learner: str
    settings: dict[str, str]
    #: (k, N) of each ensemble.
    ensembles: tuple[tuple[int, int], ...]
    #: Models of each ensemble that are trained once more, and on the CPU.
    again: int
    #: Rows of counts for ``certify_votes``.
    rows: int
    tests: tuple[str, ...] = TESTS


FULL: Final = Size(
    "mnist", "mnist-cnn-authors", {"stack": "50"}, ((100, 1000), (30, 1000)), 4, 10**6
)
SMALL: Final = Size(
    "digits",
    "mnist-cnn-authors",
    {"shape": "8x8x1", "layers": "conv4 pool drop0.25 dense8", "epochs": "20", "stack": "2"},
    ((20, 6),),
    2,
    2000,
    TESTS[:1],
)


def record(device: str, size: Size, data: Dataset) -> dict[str, Any]:
    """Return the record of a run on ``device``; its ``passed`` is whether nothing differed."""
    made: dict[str, Any] = {
        "format": "bagcert-gpu-record/1",
        "commit": source_commit() or "unknown",
        "device": device_of(device),
        "versions": software_versions(("torch", "scipy", "scikit-learn")),
        "tests": tests_on(device, size.tests),
        "certify_votes": [certified_on(device, size.rows, method) for method in Method],
        "ensembles": [ensemble_on(device, size, data, *of) for of in size.ensembles],
    }
    outcomes = made["tests"].values()
    equal = [part["equal"] for part in (*made["certify_votes"], *made["ensembles"])]
    made["passed"] = (
        bool(outcomes)
        and all(outcome == "passed" for outcome in outcomes)
        and all(all(part.values()) for part in equal)
    )
    return made


def device_of(device: str) -> dict[str, Any]:
    """What torch says of the device."""
    import torch

    found: dict[str, Any] = {"asked": device, "processors": os.cpu_count()}
    if device != "cpu":
        properties = torch.cuda.get_device_properties(device)
        found |= {
            "name": properties.name,
            "capability": f"{properties.major}.{properties.minor}",
            "memory": properties.total_memory,
            "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version(),  # type: ignore[no-untyped-call]
        }
    return found


def tests_on(device: str, files: Sequence[str]) -> dict[str, str]:
    """Run the tests that name this kind of device; return how each ended."""
    kind = device.partition(":")[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tests.xml")
        options = ["-q", "-k", kind, "-p", "no:cacheprovider", f"--junit-xml={path}"]
        command = [sys.executable, "-m", "pytest", *files, *options]
        subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
        if not path.exists():
            return {"pytest": "wrote no result"}
        cases = list(ElementTree.parse(path).iter("testcase"))
    return {
        f"{case.get('classname')}::{case.get('name')}": next(
            (part.tag for part in case if part.tag in ("failure", "error", "skipped")), "passed"
        )
        for case in cases
    }


def certified_on(device: str, rows: int, method: Method) -> dict[str, Any]:
    """``certify_votes`` on a tensor of the device, beside the same on the CPU's array."""
    import torch

    n, k, classes, models = 60_000, 100, 10, 1000
    edges = edge_rows(min(rows, 5000), classes, models)
    counts = np.concatenate([random_rows(rows, classes, models, 1), edges])
    tensor = torch.tensor(counts, device=device)

    def of(given: Any) -> Callable[[], Any]:
        return lambda: certify_votes(given, n, k, ALPHA, method=method)

    due, found = of(counts)(), of(tensor)()
    return {
        "method": str(method),
        "rows": len(counts),
        "undecided": found.undecided,
        "equal": _equal(due, found),
        "seconds": _seconds(of(tensor), device),
        "seconds_cpu": _seconds(of(counts), "cpu"),
    }


def ensemble_on(device: str, size: Size, data: Dataset, k: int, models: int) -> dict[str, Any]:
    """An ensemble trained on the device: alike twice, certified, audited, beside the CPU."""
    import torch

    learner = load_learner(size.learner, {**size.settings, "device": device})
    began = time.perf_counter()
    votes = train_votes(data, learner, k, models, 1, keep_predictions=True)
    trained = time.perf_counter() - began
    first = list(range(size.again))
    assert votes.predictions is not None  # kept, as was asked
    alike = predict_models(data, learner, k, 1, first) == votes.predictions[first]
    on_cpu = load_learner(size.learner, {**size.settings, "device": "cpu"})
    began = time.perf_counter()
    rows = predict_models(data, on_cpu, k, 1, first)
    trained_cpu = time.perf_counter() - began
    n = len(data.train_y)
    due = certify_votes(votes.counts, n, k, ALPHA)
    found = certify_votes(torch.tensor(votes.counts.copy(), device=device), n, k, ALPHA)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ensemble.jsonl")
        certify_file(votes, path, ALPHA)
        verdict = check(os.fspath(path)).status
        report = Report.of(read_certificate(path), list(RADII))
    return {
        "learner": size.learner,
        "settings": dict(learner.settings),
        "dataset": data.name,
        "k": k,
        "models": models,
        "seed": 1,
        "votes_sha256": votes.digest,
        "equal": {
            "trained_twice": bool(alike.all()),
            "audit": verdict == "VALID",
            **_equal(due, found),
        },
        "certified_accuracy": [list(row) for row in report.accuracy or ()],
        "accuracy_of_a_model": float((votes.predictions[first] == data.test_y).mean()),
        "accuracy_of_a_model_cpu": float((rows == data.test_y).mean()),
        "labels_equal_to_cpu": float((rows == votes.predictions[first]).mean()),
        "seconds_a_model": trained / models,
        "seconds_a_model_cpu": trained_cpu / len(first),
    }


def _equal(due: Any, found: Any) -> dict[str, bool]:
    """Which columns are the same, bit for bit."""
    return {
        name: getattr(found, name).cpu().numpy().tobytes() == getattr(due, name).tobytes()
        for name in COLUMNS
    }


def _seconds(work: Callable[[], Any], device: str) -> float:
    """The median wall-clock time of some turns."""
    import torch

    took = []
    for _ in range(TURNS):
        began = time.perf_counter()
        work()
        if device != "cpu":
            torch.cuda.synchronize(device)
        took.append(time.perf_counter() - began)
    return median(took)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything and write the record."""
    parser = argparse.ArgumentParser(prog="python -m tests.gpu.record", description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("record.json"))
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--small", action="store_true", help="digits and small networks: a look")
    given = parser.parse_args(arguments)
    if problem := _missing(given.device):
        print(f"{parser.prog}: {problem}: nothing ran, nothing was written", file=sys.stderr)
        return 2
    size = SMALL if given.small else FULL
    try:
        data = load_dataset(size.dataset, given.data_dir)
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}: nothing ran, nothing was written", file=sys.stderr)
        return 2
    made = record(given.device, size, data)
    with written_aside(given.output, force=True) as file:
        file.write(json.dumps(made, indent=1).encode() + b"\n")
    print(f"{given.output}: {'all equal, all passed' if made['passed'] else 'NOT all passed'}")
    return 0 if made["passed"] else 1


def _missing(device: str) -> str | None:
    try:
        import torch
    except ImportError:
        return "torch is not installed"
    if device != "cpu" and not torch.cuda.is_available():
        return "torch finds no CUDA device here"
    return None


if __name__ == "__main__":
    raise SystemExit(main())
