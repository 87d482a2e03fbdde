"""CIFAR-10 from the six files of its binary version, or from the archive that holds them.

Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009). 50,000 training
and 10,000 test images of 3 × 32 × 32 values, divided by 255. A record is one byte of label and
3,072 bytes of image, channel by channel. The files are judged by their length and their labels,
not by a pinned hash; the digest of what was read goes into the votes.
"""

import gzip
import io
import os
import tarfile
import zlib
from pathlib import Path
from typing import IO, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from bagcert.fastpath.datasets.folder import data_places

__all__ = ["CLASS_NAMES", "load_cifar10"]

CLASS_NAMES: Final = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
ARCHIVE: Final = "cifar-10-binary.tar.gz"
FOLDER: Final = "cifar-10-batches-bin"
_TRAIN: Final = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
_TEST: Final = ("test_batch.bin",)
_NAMES: Final = _TRAIN + _TEST
#: More than the real archive unpacks to (184 MB).
_MOST_BYTES: Final = 2 * 10**8
#: More headers than the real archive has (8 files and a folder).
_MOST_HEADERS: Final = 1000
_RECORD: Final = 1 + 3 * 32 * 32
_RECORDS: Final = 10_000
Arrays = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]


def load_cifar10(folder: str | os.PathLike[str] | None = None) -> Arrays:
    """Return train_x (50000, 3, 32, 32) in [0, 1], train_y, test_x (10000, 3, 32, 32), test_y.

    Args:
        folder: where the six .bin files lie, or the archive; the environment variable
            BAGCERT_DATA if not given. Its subfolders ``cifar10`` and ``cifar-10-batches-bin`` are
            looked into as well.

    Raises:
        ValueError: no folder was named, a file is not there, or it is not of CIFAR-10's form.
    """
    files = _files(data_places("CIFAR-10", folder, ("cifar10", FOLDER)))
    arrays: list[Any] = []
    for names in (_TRAIN, _TEST):
        records = np.concatenate([files[name] for name in names])
        images = records[:, 1:].reshape(-1, 3, 32, 32)
        arrays.append(images.astype(np.float32) / np.float32(255))
        arrays.append(records[:, 0].astype(np.int64))
    return arrays[0], arrays[1], arrays[2], arrays[3]


def _files(places: list[Path]) -> dict[str, NDArray[np.uint8]]:
    """The records of the six files, from the first folder that holds any of them."""
    for place in places:
        if any((place / name).is_file() for name in _NAMES):
            return {name: _from_folder(place / name) for name in _NAMES}
        if (archive := place / ARCHIVE).is_file():
            return _from_archive(archive)
    raise ValueError(f"{places[0]}: holds neither {_NAMES[0]} nor {ARCHIVE}")


def _from_folder(path: Path) -> NDArray[np.uint8]:
    if not path.is_file():
        raise ValueError(f"{path}: is not there; all six files are needed")
    with path.open("rb") as file:
        return _judged(str(path), file)


def _from_archive(archive: Path) -> dict[str, NDArray[np.uint8]]:
    """One pass over the archive, of which never more is unpacked than :data:`_MOST_BYTES`."""
    found: dict[str, NDArray[np.uint8]] = {}
    try:
        with gzip.open(archive) as packed, _opened(_Limited(packed)) as tar:
            for number, member in enumerate(tar):
                if number == _MOST_HEADERS:
                    raise ValueError(f"{archive}: holds more than {_MOST_HEADERS} files")
                name = member.name.removeprefix(f"{FOLDER}/")
                if name not in _NAMES or name in found:
                    continue
                file = tar.extractfile(member) if member.isreg() else None
                if file is None:
                    raise ValueError(f"{archive}: {name} is not a plain file")
                found[name] = _judged(f"{archive}: {name}", file)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{archive}: cannot be read: {error}") from error
    for name in _NAMES:
        if name not in found:
            raise ValueError(f"{archive}: {FOLDER}/{name} is not in the archive")
    return found


class _Plain(tarfile.TarInfo):
    """A header that is taken at its word: none of the kinds that extend another is followed.

    Python's readers of extended headers (pax, GNU) take time that grows with the square of what
    a stranger puts there. CIFAR-10's names are short and need none, so what they hold is skipped
    like a file of no name.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Return the header of one member; to the size that it states, tarfile would read on."""
        found = super().frombuf(buf, encoding, errors)
        if not 0 <= found.size <= _MOST_BYTES:
            raise OSError(f"states a file of {found.size} bytes, over {_MOST_BYTES}")
        if found.type not in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE):
            found.name, found.type = "", tarfile.REGTYPE
        return found


def _opened(stream: "_Limited") -> tarfile.TarFile:
    return tarfile.open(fileobj=stream, mode="r|", tarinfo=_Plain)


class _Limited(io.RawIOBase):
    """The start of a stream; more of it is an error."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream, self._left = stream, _MOST_BYTES

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise OSError(f"unpacks to more than {_MOST_BYTES} bytes")
        return data


def _judged(where: str, file: IO[bytes]) -> NDArray[np.uint8]:
    """The records of one file; never more of it, unpacked, than a real one holds."""
    due = _RECORD * _RECORDS
    content = file.read(due + 1)
    if len(content) != due:
        held = f"{len(content)} bytes" if len(content) < due else "more bytes"
        raise ValueError(f"{where}: holds {held}, where {due} are due")
    records = np.frombuffer(content, np.uint8).reshape(_RECORDS, _RECORD)
    wrong = records[:, 0] > 9
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(f"{where}: record {row} has label {records[row, 0]}, where 0..9 are due")
    return records
