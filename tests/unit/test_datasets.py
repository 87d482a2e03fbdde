"""CIFAR-10 from files of its form, and data sets from .npz: what is read, and what is refused."""

import gzip
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from bagcert.fastpath.datasets import Dataset, cifar10, load_dataset
from tests.fuzz.findings import watched

RECORD = 3073
NAMES = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]


def cifar_bytes(name: str) -> bytes:
    """10,000 records that differ between files; the label of record i is i mod 10."""
    records = np.empty((10_000, RECORD), np.uint8)
    records[:, 0] = np.arange(10_000) % 10
    records[:, 1:] = (np.arange(3072) + NAMES.index(name)) % 256
    return records.tobytes()


@pytest.fixture(scope="module")
def cifar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "cifar-10-batches-bin"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_bytes(cifar_bytes(name))
    return folder.parent


def test_cifar10_from_its_files_and_from_its_archive(cifar: Path, tmp_path: Path) -> None:
    data = load_dataset("cifar10", cifar)
    assert data.train_x.shape == (50_000, 3, 32, 32)
    assert data.test_x.shape == (10_000, 3, 32, 32)
    assert data.class_names[3] == "cat"
    assert data.train_y[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    # Channel by channel, row by row: value j of an image is at (j // 1024, j // 32 % 32, j % 32).
    for j in (0, 31, 32, 1023, 1024, 3071):
        place = (j // 1024, j // 32 % 32, j % 32)
        assert data.train_x[(0, *place)] == np.float32(j % 256) / np.float32(255)
        assert data.test_x[(-1, *place)] == np.float32((j + 5) % 256) / np.float32(255)
    archive = tmp_path / "cifar-10-binary.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as file:
        file.add(cifar / "cifar-10-batches-bin", "cifar-10-batches-bin")
    assert load_dataset("cifar10", tmp_path).digest == data.digest


def test_files_that_are_not_cifar10_s(cifar: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds neither data_batch_1.bin nor cifar-10-binary"):
        load_dataset("cifar10", tmp_path)
    whole = (cifar / "cifar-10-batches-bin" / NAMES[0]).read_bytes()
    wrong = bytearray(whole)
    wrong[7 * RECORD] = 10
    for content, message in (
        (whole[:-1], "holds 30729999 bytes, where 30730000 are due"),
        (whole + b"0", "holds more bytes"),
        (bytes(wrong), "record 7 has label 10"),
    ):
        (tmp_path / NAMES[0]).write_bytes(content)
        with pytest.raises(ValueError, match=message):
            load_dataset("cifar10", tmp_path)
    (tmp_path / NAMES[0]).unlink()
    archive = tmp_path / "cifar-10-binary.tar.gz"
    archive.write_bytes(b"not an archive")
    with pytest.raises(ValueError, match="cannot be read"):
        load_dataset("cifar10", tmp_path)
    with tarfile.open(archive, "w:gz") as file:
        link = tarfile.TarInfo(f"cifar-10-batches-bin/{NAMES[0]}")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(link)
    with pytest.raises(ValueError, match=r"data_batch_1.bin"):
        load_dataset("cifar10", tmp_path)
    with tarfile.open(archive, "w:gz") as file:
        file.addfile(tarfile.TarInfo("other"), io.BytesIO())
    with pytest.raises(ValueError, match="is not in the archive"):
        load_dataset("cifar10", tmp_path)


X = np.arange(12, dtype=np.float32).reshape(6, 2)
Y = np.array([0, 1, 2, 0, 1, 2])
WHOLE = {"train_x": X, "train_y": Y, "test_x": X[:2], "test_y": Y[:2], "classes": np.int64(3)}


def stored(folder: Path, **changes: object) -> Path:
    arrays = {name: value for name, value in {**WHOLE, **changes}.items() if value is not None}
    path = folder / "own.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def test_a_file_of_arrays(tmp_path: Path) -> None:
    data = load_dataset(str(stored(tmp_path)))
    assert (data.name, data.classes, data.class_names) == ("own.npz", 3, ("0", "1", "2"))
    same = Dataset("another name", X, Y, X[:2], Y[:2], 3, ("a", "b", "c"))
    assert data.digest == same.digest
    stored(tmp_path, classes=None, class_names=np.array(["ant", "bee", "cow"]))
    assert load_dataset("own.npz", tmp_path).class_names == ("ant", "bee", "cow")


GREY = (X * 20).astype(np.uint8)


def test_integers_are_divided_by_a_stated_scale(tmp_path: Path) -> None:
    path = str(stored(tmp_path, train_x=GREY, test_x=GREY[:2], scale=np.int64(255)))
    data = load_dataset(path)
    assert data.train_x.dtype == np.float32
    assert data.train_x[5, 1] == np.float32(220) / np.float32(255)
    assert load_dataset(path, scale=255).digest == data.digest
    for kind in (np.int64, ">i2", np.uint32):
        stored(tmp_path, train_x=GREY.astype(kind), test_x=GREY[:2])
        assert load_dataset("own.npz", tmp_path, scale=255).digest == data.digest
    whole = np.full((6, 2), 2**24)
    stored(tmp_path, train_x=whole, test_x=-whole[:2], scale=np.int64(1))
    assert load_dataset("own.npz", tmp_path).train_x.tolist() == whole.tolist()


def test_one_modified_example_changes_no_other(tmp_path: Path) -> None:
    """300 makes bytes wider; 0.5 makes integers floats, and then there is no answer at all."""
    clean = load_dataset(str(stored(tmp_path, train_x=GREY, test_x=GREY[:2], scale=np.int64(255))))
    poisoned = [GREY[0].tolist(), *GREY[1:-1].tolist(), [300, 7]]
    stored(tmp_path, train_x=np.array(poisoned), test_x=GREY[:2], scale=np.int64(255))
    found = load_dataset("own.npz", tmp_path)
    assert found.train_x.dtype == clean.train_x.dtype
    assert (found.train_x[:-1] == clean.train_x[:-1]).all()
    assert (found.test_x == clean.test_x).all()
    poisoned[-1] = [0.5, 7]
    stored(tmp_path, train_x=np.array(poisoned), test_x=GREY[:2], scale=np.int64(255))
    with pytest.raises(ValueError, match="store both alike"):
        load_dataset("own.npz", tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classes": None}, "classes: missing; add"),
        ({"classes": np.int64(1)}, r"classes: 1 is outside 2\.\."),
        ({"classes": np.int64(2)}, r"train_y: labels must lie in 0\.\.1"),
        (
            {"classes": np.int64(4), "class_names": np.array(["a", "b", "c"])},
            "is 4, but there are 3",
        ),
        ({"class_names": np.array(["a", "b", "b"])}, "different strings"),
        ({"class_names": np.array("abc")}, "row of strings"),
        ({"classes": np.array([3, 3])}, "one integer, not 2"),
        ({"test_y": None}, "test_y: missing"),
        ({"test_x": X[:2, :1]}, "test_x: its examples have another shape"),
        ({"train_x": np.full((6, 2), np.nan, np.float32)}, "train_x: must hold one finite"),
        (
            {"train_x": np.full((6, 2), 2**24 + 1), "test_x": GREY[:2], "scale": np.int64(255)},
            "train_x: an integer beyond",
        ),
        ({"train_x": GREY, "test_x": GREY[:2].astype(int)}, "nobody states .* say --scale 255"),
        ({"train_x": GREY}, "train_x is uint8, test_x float32: store both alike"),
        ({"train_x": X.astype(float)}, "train_x is float64, test_x float32: store both alike"),
        ({"scale": np.int64(255)}, "scale: the examples are floats"),
        ({"train_x": GREY, "test_x": GREY[:2], "scale": np.int64(0)}, "scale: must be one integer"),
        ({"train_x": GREY, "test_x": GREY[:2], "scale": np.array([1, 2])}, "scale: must be one"),
        (
            {"train_x": X.astype(np.longdouble), "test_x": X[:2].astype(np.longdouble)},
            "differs between machines",
        ),
        ({"train_x": X.astype(complex)}, "train_x must be integers or floats"),
        ({"train_y": Y.astype(float)}, "train_y must be integers"),
        ({"train_x": np.array([object()] * 6)}, "train_x must be integers or floats, not object"),
        ({"mood": X}, "'mood.npy': unknown array"),
    ],
    ids=range(22),
)
def test_arrays_that_are_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    path = stored(tmp_path, **changes)
    with pytest.raises(ValueError, match=message) as refused:
        load_dataset(str(path))
    assert str(refused.value).startswith(str(path))


def test_an_archive_behind_other_bytes_is_none(tmp_path: Path) -> None:
    """zipfile would find it; numpy, and so whoever looks at it with numpy, does not."""
    path = stored(tmp_path)
    content = path.read_bytes()
    load_dataset(str(path))
    path.write_bytes(b"\0P" + content)
    with pytest.raises(ValueError, match=r"not a readable \.npz file: it does not begin as one"):
        load_dataset(str(path))


def test_no_file_of_arrays(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_dataset("none.npz", tmp_path)
    (tmp_path / "bad.npz").write_bytes(b"PK")
    with pytest.raises(ValueError, match=r"not a readable .npz"):
        load_dataset("bad.npz", tmp_path)
    with pytest.raises(ValueError, match=r"or a file \.npz"):
        load_dataset("cars")


def test_a_damaged_or_endless_archive(
    cifar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "cifar-10-binary.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as file:
        file.add(cifar / "cifar-10-batches-bin" / NAMES[0], f"cifar-10-batches-bin/{NAMES[0]}")
    whole = archive.read_bytes()
    archive.write_bytes(whole[:20] + b"\xff" * 50 + whole[70:])
    with pytest.raises(ValueError, match="cannot be read"):
        load_dataset("cifar10", tmp_path)
    archive.write_bytes(whole)
    with pytest.raises(ValueError, match=r"data_batch_2\.bin is not in the archive"):
        load_dataset("cifar10", tmp_path)
    monkeypatch.setattr(cifar10, "_MOST_BYTES", 30_730_000)
    with pytest.raises(ValueError, match="unpacks to more than 30730000 bytes"):
        load_dataset("cifar10", tmp_path)


def test_names_that_a_terminal_would_obey(tmp_path: Path) -> None:
    for names, message in (
        (["a", "b\x1b[2J", "c"], "must be printable"),
        (["a", "\ud800", "c"], "holds what is no character"),
    ):
        stored(tmp_path, classes=None, class_names=np.array(names))
        with pytest.raises(ValueError, match=message):
            load_dataset("own.npz", tmp_path)


@pytest.mark.parametrize(
    "kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_SPARSE]
)
def test_extended_headers_are_not_read(
    tmp_path: Path, kind: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """266 bytes whose pax header took 38 s: time that grows with the square of its digits."""

    def refuse(*_: object) -> None:
        raise AssertionError("an extended header was read")

    for name in ("_proc_pax", "_proc_gnulong", "_proc_sparse"):
        monkeypatch.setattr(tarfile.TarInfo, name, refuse)
    data = b"1" * 200_000
    head = tarfile.TarInfo("x")
    head.type, head.size = kind, len(data)
    blocks = head.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512)
    with gzip.open(tmp_path / "cifar-10-binary.tar.gz", "wb") as file:
        file.write(blocks + bytes(1024))
    with pytest.raises(ValueError, match=r"data_batch_1\.bin is not in the archive"):
        load_dataset("cifar10", tmp_path)


def test_an_archive_of_many_headers_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "cifar-10-binary.tar.gz", "w:gz") as file:
        for i in range(1001):
            file.addfile(tarfile.TarInfo(str(i)))
    with pytest.raises(ValueError, match="holds more than 1000 files"):
        load_dataset("cifar10", tmp_path)


@pytest.mark.parametrize("size", [2 * 10**8 + 1, 8**11 - 1, 2**62, -1])
def test_a_stated_size_is_not_read_on_for(tmp_path: Path, size: int) -> None:
    """tarfile goes on to where a file is said to end, 10,240 bytes a step: for years at 2^62."""
    head = tarfile.TarInfo("x")
    head.size = size
    with gzip.open(tmp_path / "cifar-10-binary.tar.gz", "wb") as file:
        file.write(head.tobuf(tarfile.GNU_FORMAT))
    with watched(5), pytest.raises(ValueError, match=f"states a file of {size} bytes"):
        load_dataset("cifar10", tmp_path)
