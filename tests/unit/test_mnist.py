"""MNIST from its files: the real ones where they are at hand, and files that are not MNIST's."""

import gzip
import os
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pytest
import sklearn.datasets

from bagcert.fastpath.datasets import load_dataset
from bagcert.fastpath.datasets.mnist import _PINNED

HERE = Path(os.environ.get("BAGCERT_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = pytest.mark.skipif(
    not any((HERE / sub / "train-images-idx3-ubyte.gz").is_file() for sub in ("", "mnist")),
    reason="MNIST is not committed: set BAGCERT_DATA to where it lies",
)


@REAL
def test_the_real_files() -> None:
    data = load_dataset("mnist", HERE)
    assert data.train_x.shape == (60_000, 28, 28)
    assert data.test_x.shape == (10_000, 28, 28)
    assert (data.train_x.min(), data.train_x.max()) == (0, 1)
    assert np.bincount(data.train_y).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    pair = load_dataset("mnist17", HERE)
    assert (len(pair.train_y), len(pair.test_y)) == (13_007, 2_163)
    assert pair.class_names == ("1", "7")
    assert (pair.train_x == data.train_x[np.isin(data.train_y, (1, 7))]).all()
    assert np.bincount(pair.test_y).tolist() == [1135, 1028]


@REAL
def test_openml_s_table_is_held_to_the_same_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    real = load_dataset("mnist", HERE)
    pixels = np.concatenate([real.train_x, real.test_x]).reshape(70_000, 784) * 255.0
    digits = np.concatenate([real.train_y, real.test_y]).astype(str).astype(object)
    table = SimpleNamespace(data=np.rint(pixels), target=digits)
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", lambda *_, **__: table)
    fetched = load_dataset("mnist", Path("openml"))
    assert fetched.digest == real.digest
    table.data[69_999, 400] += 1
    with pytest.raises(ValueError, match="mnist_784: is not MNIST's t10k-images"):
        load_dataset("mnist17", "openml")


def test_without_a_network_one_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise URLError("no route")

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", refuse)
    with pytest.raises(ValueError, match=r"cannot be fetched: .*no route"):
        load_dataset("mnist", "openml")


def test_other_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BAGCERT_DATA", raising=False)
    with pytest.raises(ValueError, match="--data-dir or BAGCERT_DATA"):
        load_dataset("mnist")
    with pytest.raises(ValueError, match="nowhere is not a folder that exists"):
        load_dataset("mnist", tmp_path / "nowhere")
    with pytest.raises(ValueError, match="holds neither train-images"):
        load_dataset("mnist", tmp_path)
    name = "train-images-idx3-ubyte"
    size = _PINNED[name][0]
    monkeypatch.setenv("BAGCERT_DATA", str(tmp_path))
    for content in (b"", bytes(size), bytes(size + 1), bytes(100)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=f"{name}: is not MNIST's"):
            load_dataset("mnist")
    (tmp_path / name).unlink()
    for broken in (b"not gzip", gzip.compress(bytes(size))[:-9]):
        (tmp_path / f"{name}.gz").write_bytes(broken)
        with pytest.raises(ValueError, match=r"cannot be read"):
            load_dataset("mnist17")
    (tmp_path / f"{name}.gz").write_bytes(
        gzip.compress(bytes(10**9), 1)
    )  # a bomb: read to its limit
    with pytest.raises(ValueError, match="is not MNIST's"):
        load_dataset("mnist")
