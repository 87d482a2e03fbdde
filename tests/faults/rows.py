"""The matrix's rows: each command, what it reads, and what it writes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from bagcert.__main__ import app

#: Options and arguments that name a file or folder which a command writes.
WRITTEN = {
    ("train", "output"), ("train", "checkpoint"), ("merge", "output"), ("certify", "output"),
    ("report", "output"), ("report", "plot"), ("export", "output"), ("crosscheck", "junit"),
    ("reproduce", "output"), ("tightness", "output"), ("tightness", "plot"),
}  # fmt: skip
#: Those that name one which it reads.
READ = {
    "certificate",
    "certificates",
    "a",
    "b",
    "votes",
    "parts",
    "labels",
    "data_dir",
    "others",
    "vectors_dir",
}


def as_it_is(content: bytes) -> bytes:
    return content


def untimed(content: bytes) -> bytes:
    """Without the seconds that a run took: all that two runs may differ in."""
    return re.sub(
        rb'(?m) time="[0-9.]+"|"seconds": [0-9.]+|^(# )?seconds: .*$|; [0-9.]+ s: .*$|a second .*$',
        b"",
        content,
    )


@dataclass(frozen=True)
class Row:
    """A command line, run in a folder that :func:`make_inputs` filled."""

    arguments: tuple[str, ...]
    #: The files that it writes, in the order in which they are finished.
    outputs: tuple[str, ...] = ()
    #: The files that it reads.
    inputs: tuple[str, ...] = ()
    #: What a run that was cut short may leave, for the next one to go on with.
    kept: str = ""
    #: Whether it keeps tables of bounds in the cache.
    cached: bool = False
    #: Steps at which it is stopped, of those that it takes: all, or so many spread over them.
    stops: int = 6
    #: Its exit status: 1 where so small a run does not show what the paper states.
    status: int = 0
    #: What two runs owe each other of an output, and of what is printed as the answer.
    owed: Callable[[bytes], bytes] = as_it_is

    @property
    def command(self) -> str:
        return self.arguments[0]

    def answer(self, printed: str) -> bytes:
        """What is owed of standard output."""
        return self.owed(printed.encode())

    def made(self, folder: Path) -> dict[str, bytes]:
        """The outputs that are there."""
        return {
            name: self.owed((folder / name).read_bytes())
            for name in self.outputs
            if (folder / name).exists()
        }


def _row(line: str, **about: object) -> Row:
    return Row(tuple(line.split()), **about)  # type: ignore[arg-type]


ROWS = {
    "train": _row(
        "train --dataset few.npz --k 5 --models 230 -o votes.npz",
        outputs=("votes.npz",), inputs=("few.npz",), kept="votes.npz.partial/",
    ),
    "train --checkpoint --predictions": _row(
        "train --dataset few.npz --k 5 --models 230 --predictions --checkpoint shards -o votes.npz",
        outputs=("votes.npz",), inputs=("few.npz",), kept="shards/",
    ),
    "merge": _row(
        "merge a.npz b.npz -o merged.npz", outputs=("merged.npz",), inputs=("a.npz", "b.npz")
    ),
    "certify": _row(
        "certify table.csv --n 60000 --k 100 --labels labels.txt -o made.jsonl",
        outputs=("made.jsonl",), inputs=("table.csv", "labels.txt"), cached=True,
    ),
    "certify, gzip": _row(
        "certify a.npz -o made.jsonl.gz", outputs=("made.jsonl.gz",), inputs=("a.npz",), cached=True
    ),
    "report": _row(
        "report cert.jsonl -o page.html --plot curve.svg",
        outputs=("page.html", "curve.svg"), inputs=("cert.jsonl",),
    ),
    "export": _row(
        "export cert.jsonl -o rows.csv", outputs=("rows.csv",), inputs=("cert.jsonl",)
    ),
    "crosscheck": _row(
        "crosscheck table.csv --n 60000 --k 100 --junit found.xml",
        outputs=("found.xml",), inputs=("table.csv",), owed=untimed,
    ),
    "reproduce": _row(
        "reproduce figure3a --scale small --dataset grey.npz --models 4 -o figures",
        outputs=tuple(f"figures/{name}" for name in (
            "figure3a-grey.npz-scattering-ridge.npz", "figure3a-grey.npz-kernel-ridge.npz",
            "figure3a.csv", "figure3a.png",
        )),
        inputs=("grey.npz",), owed=untimed, kept="figures/", cached=True, status=1, stops=3,
    ),
    # The host gives it grey.npz for MNIST's files, which are known by their hash.
    "reproduce, certificate": _row(
        "reproduce mnist17 --normalisation none --models 4 -o experiment",
        outputs=("experiment/mnist17-none.npz", "experiment/mnist17-none.jsonl"),
        inputs=("grey.npz",), owed=untimed, cached=True, stops=4,
    ),
    "tightness": _row(
        "tightness --n 5,6 --k 2 --p-lower 3/4,9/10 --sweep -o sweep.csv --plot sweep.png",
        outputs=("sweep.csv", "sweep.png"),
    ),
    "compare": _row("compare a.npz", inputs=("a.npz",), cached=True),
    "audit": _row("audit cert.jsonl --votes a.npz", inputs=("cert.jsonl", "a.npz")),
    "diff": _row("diff cert.jsonl other.jsonl", inputs=("cert.jsonl", "other.jsonl")),
    "explain": _row("explain cert.jsonl --index 1", inputs=("cert.jsonl",)),
    "plan": _row("plan --n 60000 --k 100 --classes 10 --examples 100 --radius 50 --models 1000"),
    "radius": _row("radius --n 60000 --k 100 --p-lower 9/10 --p-upper 1/20"),
    "claims": _row("claims --claim eq-7 --json", owed=untimed),
}  # fmt: skip

WRITING = sorted(name for name, row in ROWS.items() if row.outputs)
READING = sorted(name for name, row in ROWS.items() if row.inputs)
CACHED = sorted(name for name, row in ROWS.items() if row.cached)


def make_inputs(folder: Path) -> None:
    """Write what the rows read, small."""
    source = np.random.default_rng(7)
    labels = np.arange(24) % 2
    few = source.integers(0, 256, (24, 6), np.uint8)
    few[labels == 1, :3] //= 8
    grey = source.integers(0, 256, (6, 28, 28), np.uint8)
    grey[1::2, 10:18] //= 8
    for name, images in (("few", few), ("grey", grey)):
        of = labels[: len(images)]
        np.savez(folder / f"{name}.npz", train_x=images, train_y=of, test_x=images, test_y=of,
                 classes=2, scale=255)  # fmt: skip
    (folder / "table.csv").write_text("990,10\n700,300\n501,499\n")
    (folder / "labels.txt").write_text("0\n1\n1\n")
    trained = ["train", "--dataset", "few.npz", "--data-dir", ".", "--k", "5", "--models", "40"]
    for line in (
        [*trained, "-o", "a.npz"],
        [*trained, "--first-model", "40", "-o", "b.npz"],
        ["certify", "a.npz", "-o", "cert.jsonl"],
        ["certify", "a.npz", "--alpha", "1/10", "-o", "other.jsonl"],
    ):
        result = CliRunner().invoke(app, line, catch_exceptions=False)
        assert result.exit_code == 0, result.stderr
