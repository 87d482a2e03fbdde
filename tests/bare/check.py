"""Every command where no extra is installed: it works, or one line names the extra, exit status 2.

Run by the Python of an environment into which ``pip install .`` went and nothing else:
``make bare``. Only the standard library and what bagcert itself needs are used.
"""

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from bagcert.__main__ import app

#: What the extras bring: none of it may be here, or nothing is checked.
BROUGHT = (
    "sklearn", "scipy", "gmpy2", "torch", "matplotlib", "PIL", "jinja2", "pandas", "dask",
    "distributed", "cryptography", "cloudpickle", "flint", "opacus",
)  # fmt: skip
VOTES = "votes.csv --n 60000 --k 100"
TRAIN = "train --dataset data.npz --k 5 --models 8 --predictions"
#: A command line, and the extra that it wants; None where it works.
CASES = (
    ("--help", None),
    ("--version", None),
    ("train --learners", None),
    ("--completion bash", None),
    ("radius --n 60000 --k 100 --p-lower 9/10 --p-upper 1/10", None),
    ("plan --n 1000 --classes 3 --examples 10 --radius 5", None),
    (f"certify {VOTES} -o cert.jsonl", None),
    (f"certify {VOTES} -o zipped.jsonl.gz --method simuem --attack delete", None),
    ("explain cert.jsonl --index 0", None),
    ("audit cert.jsonl", None),
    ("audit cert.jsonl zipped.jsonl.gz", None),
    ("audit cert.jsonl --votes votes.csv", None),
    ("audit cert.jsonl --data digits", "train"),
    ("report cert.jsonl", None),
    ("report cert.jsonl --votes votes.csv", None),
    ("report cert.jsonl -o page.html", "plot"),
    ("report cert.jsonl --plot curve.png", "plot"),
    ("diff cert.jsonl zipped.jsonl.gz", None),
    ("export cert.jsonl -o rows.csv", None),
    ("crosscheck --random 50 --boundary --rows 20 --models 40 --n 50 --k 3", None),
    (f"compare {VOTES}", None),
    (f"{TRAIN} -o first.npz", None),
    (f"{TRAIN} -o second.npz --first-model 8", None),
    ("merge first.npz second.npz -o all.npz", None),
    ("certify all.npz -o trained.jsonl", None),
    ("audit trained.jsonl --votes all.npz --data data.npz --replay 4", None),
    (f"{TRAIN} -o t.npz --learner logistic-regression", "fast"),
    (f"{TRAIN} -o t.npz --learner scattering-ridge", "fast"),
    (f"{TRAIN} -o t.npz --learner enlarged-ridge", "fast"),
    (f"{TRAIN} -o t.npz --learner metric-ridge", "train"),
    (f"{TRAIN} -o t.npz --learner manifold-ridge", "train"),
    (f"{TRAIN} -o t.npz --learner prior-ridge", "train"),
    (f"{TRAIN} -o t.npz --learner mnist-cnn", "torch"),
    (f"{TRAIN} -o t.npz --learner efficientnet-ridge", "imagenet"),
    (f"{TRAIN} -o t.npz --learner sklearn --setting estimator=GaussianNB", "train"),
    (f"{TRAIN} -o t.npz --engine dask", "dask"),
    ("train -o t.npz", "train"),
    ("train --dataset mnist --data-dir openml -o t.npz", "train"),
    ("reproduce mnist --data-dir openml", "train"),
    ("reproduce reported", None),
    ("reproduce figure2 --dataset digits --scale small", "train"),
    ("tightness --n 60 --k 3 --p-lower 4/5 --p-upper 1/10", None),
    ("tightness --n 60 --k 3 --p-lower 4/5 --sweep -o sweep.csv --plot sweep.png", "plot"),
    ("claims --claim eq-1", None),
)


def fault(line: str, extra: str | None) -> str | None:
    """What is wrong with how a command ends, if anything."""
    done = subprocess.run(
        [sys.executable, "-I", "-m", "bagcert", *line.split()],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if extra is None:
        return None if done.returncode == 0 else f"exit {done.returncode}: {done.stderr[-300:]}"
    if (done.returncode, done.stdout) != (2, ""):
        return f"exit {done.returncode}, not 2: {done.stdout[-200:]}{done.stderr[-300:]}"
    # Before its error a long command may say what it is about to make.
    *before, last = done.stderr.splitlines() or [""]
    right = last.startswith("bagcert: error: ") and f"pip install 'bagcert[{extra}]'" in last
    if not right or not all(line.startswith("bagcert: ") for line in before):
        return f"not one line that names the extra {extra}: {done.stderr[-300:]}"
    return None


def main() -> int:
    """Run all cases in an empty folder; 1 if one ends otherwise than it should."""
    if present := [name for name in BROUGHT if find_spec(name)]:
        print(f"not a bare environment: it has {', '.join(present)}")
        return 1
    commands = {
        command.name or getattr(command.callback, "__name__", "")
        for command in app.registered_commands
    }
    if missing := commands - {line.split()[0] for line, _ in CASES}:
        print(f"no case runs {', '.join(sorted(missing))}")
        return 1
    os.environ.pop("BAGCERT_DATA", None)
    drawn = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["BAGCERT_CACHE"] = folder
        Path("votes.csv").write_text("990,10\n700,300\n501,499\n")
        x = drawn.integers(0, 256, (60, 28, 28)).astype(np.uint8)
        y = np.arange(60) % 2
        np.savez(
            "data.npz", train_x=x[:40], train_y=y[:40], test_x=x[40:], test_y=y[40:],
            classes=2, scale=255,
        )  # fmt: skip
        faults = [(line, found) for line, extra in CASES if (found := fault(line, extra))]
        os.chdir("/")
    for line, found in faults:
        print(f"bagcert {line}\n    {found}")
    print(f"{len(CASES) - len(faults)} of {len(CASES)} commands end as they should without extras")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
