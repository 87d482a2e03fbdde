"""The readers of data sets on bytes that strangers sent: .npz, MNIST's IDX, CIFAR-10's binaries."""

import io
import tarfile
from pathlib import Path
from random import Random
from unittest.mock import patch

import numpy as np

from bagcert.fastpath.datasets import cifar10, load_dataset, mnist
from bagcert.fastpath.datasets.arrays_file import load_arrays
from tests.fuzz.archives import gzipped, npy, repacked, zipped
from tests.fuzz.changes import Change, changed_at_random
from tests.fuzz.findings import one_line, require

#: What an input is, by its first byte.
KINDS = (".npz", "idx", "idx.gz", "batch", "archive", "packed archive", "scaled .npz")
#: Records in a CIFAR-10 file while it is fuzzed, not 10,000, and most bytes of an archive.
RECORDS, MOST = 2, 2**17
#: Sizes as a tar header may state them: octal, binary, negative.
SIZES = (
    b"77777777777\0",
    b"00000006002\0",
    b"\x80" + bytes(3) + b"\x7f" * 8,
    b"\xff" * 12,
    b" " * 12,
)
IDX = "train-images-idx3-ubyte"


def seeds() -> list[bytes]:
    """Small data sets of each kind, right ones and nearly."""
    x, y = np.arange(12.0).reshape(3, 4), np.array([0, 1, 1])
    arrays = {"train_x": npy(x), "train_y": npy(y), "test_x": npy(x), "test_y": npy(y)}
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    scaled = arrays | {"train_x": npy(grey), "test_x": npy(grey)}
    one, names = npy(np.array(2)), npy(np.array(["a", "b"]))
    found = [
        b"\0" + zipped(arrays | {"classes": one}),
        b"\0" + zipped(arrays | {"class_names": names}, compressed=True),
        b"\0" + zipped(scaled | {"classes": one, "scale": npy(np.array(255))}),
        b"\0" + zipped(scaled | {"classes": one}),
        b"\6" + zipped(scaled | {"classes": one}),
    ]
    idx = bytes.fromhex("00000803000000020000001c0000001c") + bytes(2 * 784)
    batch = bytes(range(256)) * (1 + RECORDS * cifar10._RECORD // 256)
    batch = b"\1" + batch[: RECORDS * cifar10._RECORD - 1]
    batch = batch[: cifar10._RECORD] + b"\x09" + batch[cifar10._RECORD + 1 :]
    found += [b"\1" + idx, b"\2" + gzipped(idx), b"\3" + batch]
    tar = archive(dict.fromkeys(cifar10._NAMES, batch))
    pax = archive(dict.fromkeys(cifar10._NAMES, bytes(9)), tarfile.PAX_FORMAT, {"comment": "x"})
    gnu = archive({"n" * 150: bytes(9)}, tarfile.GNU_FORMAT)
    found += [b"\4" + content for content in (tar, pax, gnu)]
    return [*found, b"\5" + gzipped(tar)]


def archive(
    members: dict[str, bytes], kind: int = tarfile.USTAR_FORMAT, more: dict[str, str] | None = None
) -> bytes:
    """A tar file of CIFAR-10's folder."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=kind, pax_headers=more or {}) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(f"{cifar10.FOLDER}/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def target(content: bytes, folder: Path) -> str:
    """Read the data set as the first byte says, and hold what was read against a second reading.

    Raises:
        Finding: an error that is no ValueError of one line, or numbers that are not the file's.
    """
    kind, text = KINDS[(content[0] if content else 0) % len(KINDS)], content[1:]
    place = folder / kind.replace(" ", "-")
    place.mkdir(exist_ok=True)
    try:
        if kind.endswith(".npz"):
            arrays_of(place / "data.npz", text, 255 if kind.startswith("scaled") else None)
        elif kind.startswith("idx"):
            (place / f"{IDX}{kind.removeprefix('idx')}").write_bytes(text)
            mnist.load_mnist(place)
            require(False, "that was MNIST")
        else:
            cifar10_of(place, kind, text)
    except ValueError as error:
        one_line(error, str(place))
        return f"{kind}, refused"
    return f"{kind}, read"


def arrays_of(path: Path, text: bytes, scale: int | None) -> None:
    """Read an .npz file twice, and with numpy."""
    path.write_bytes(text)
    found = load_dataset(str(path), scale=scale)
    arrays, classes, names = load_arrays(path, scale)
    require(found.classes == classes and found.class_names == names, "read twice, differently")
    with np.load(io.BytesIO(text), allow_pickle=False) as plain:
        divisor = plain["scale"].item() if "scale" in plain else scale
        for name, array in arrays.items():
            due = plain[name]
            if divisor is not None and name.endswith("_x"):
                # A quotient of 24 bits by 24, rounded to 53 and then to 24, is rounded once.
                due = (due.astype(np.float64) / divisor).astype(np.float32)
            require(np.array_equal(getattr(found, name), due), f"{name} is not the file's")
            require(np.array_equal(array, due), f"{name} is not the file's")


def cifar10_of(place: Path, kind: str, text: bytes) -> None:
    """Read the six files, or the archive of them, with :data:`RECORDS` records in each."""
    if kind == "batch":
        for name in cifar10._NAMES:
            (place / name).write_bytes(text)
    else:
        packed = gzipped(text) if kind == "archive" else text
        (place / cifar10.ARCHIVE).write_bytes(packed)
    with patch.object(cifar10, "_RECORDS", RECORDS), patch.object(cifar10, "_MOST_BYTES", MOST):
        train_x, train_y, test_x, test_y = cifar10.load_cifar10(place)
    require(len(train_x) == len(train_y) == 5 * RECORDS, "training records")
    require(len(test_x) == len(test_y) == RECORDS and test_y.max() <= 9, "test records")
    if kind == "batch":
        pixels = np.frombuffer(text, np.uint8).reshape(RECORDS, -1)[:, 1:]
        due = pixels.reshape(-1, 3, 32, 32).astype(np.float32) / np.float32(255)
        require(np.array_equal(test_x, due), "pixels are not the file's")


def mutated(content: bytes, drawn: Random, change: Change = changed_at_random) -> bytes:
    """Bytes edited blindly; members of an archive edited, and its checksums made right again."""
    head, text = content[:1] or b"\0", content[1:]
    if drawn.random() < 0.02:
        head = bytes([drawn.randrange(len(KINDS))])
    kind = KINDS[head[0] % len(KINDS)]
    if kind.endswith(".npz") and drawn.random() < 0.8:
        return head + repacked(text, drawn, change)
    for _ in range(drawn.choice((1, 1, 2, 4))):
        text = header_changed(text, drawn, change) if kind == "archive" else change(text, drawn)
    return head + text


def header_changed(tar: bytes, drawn: Random, change: Change) -> bytes:
    """A tar file with one of its blocks changed, as a header with the checksum that it deserves."""
    start = 512 * drawn.randrange(max(1, len(tar) // 512))
    headers = [i for i in range(0, len(tar), 512) if tar[i + 257 : i + 262] == b"ustar"]
    if headers and drawn.random() < 0.8:
        start = drawn.choice(headers)
    block = change(tar[start : start + 512], drawn)[:512].ljust(512, b"\0")
    if drawn.random() < 0.2:
        block = block[:124] + drawn.choice(SIZES) + block[136:]
    summed = sum(block[:148]) + 8 * 32 + sum(block[156:])
    block = block[:148] + b"%06o\0 " % summed + block[156:]
    return tar[:start] + block + tar[start + 512 :]
