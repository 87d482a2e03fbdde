"""Arrays as bytes, archives of them, and archives taken apart and packed again."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.fuzz.changes import Change

#: Most bytes of one member that are unpacked to be edited.
MOST = 2**18


def npy(array: NDArray[Any]) -> bytes:
    """An array as an .npy file."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def zipped(members: Mapping[str, bytes], compressed: bool = False) -> bytes:
    """An .npz file of members that are .npy files, or what else is given."""
    file = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content, kind)
    return file.getvalue()


def repacked(content: bytes, drawn: Random, change: Change) -> bytes:
    """An archive with one member changed, dropped, doubled or renamed; its checksums are right."""
    members: list[tuple[str, bytes]] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist()[:10]:
                with archive.open(info) as stream:
                    members.append((info.filename.removesuffix(".npy"), stream.read(MOST)))
    except Exception:  # no archive any more: its bytes are changed
        return change(content, drawn)
    if not members:
        return change(content, drawn)
    i = drawn.randrange(len(members))
    name, member = members[i]
    match drawn.randrange(8):
        case 0:
            del members[i]
        case 1:
            members.append((drawn.choice(members)[0], member))
        case 2:
            members[i] = (drawn.choice(("counts", "train_x", "scale", "classes", "x")), member)
        case 3:
            members[i] = (name, retyped(member, drawn))
        case _:
            members[i] = (name, change(member, drawn))
    return zipped_twice(members, drawn)


def zipped_twice(members: list[tuple[str, bytes]], drawn: Random) -> bytes:
    """As :func:`zipped`, where names may repeat."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.NameToInfo = _Forgetful()
        for name, content in members:
            kind = drawn.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content, kind)
    return file.getvalue()


class _Forgetful(dict[str, zipfile.ZipInfo]):
    """Names that are never there yet: zipfile would warn of the second."""

    def __contains__(self, name: object) -> bool:
        return False


def retyped(member: bytes, drawn: Random) -> bytes:
    """An .npy file whose header declares another type, order or shape, of the right length."""
    header = drawn.choice(("<i8", "<i4", "|u1", ">i8", "<f8", "<U9", "|O", "|V8", "<M8[s]", "|S4"))
    shape = drawn.choice(
        ("()", "(3,)", "(3, 3)", "(0,)", "(3, 3, 3)", "(1, 9)", "(-1,)", "(2**40,)")
    )
    order = drawn.choice(("True", "False"))
    text = f"{{'descr': '{header}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    text += b" " * (117 - len(text)) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + member[128:]


def gzipped(content: bytes) -> bytes:
    """One gzip member, quickly."""
    deflate = zlib.compressobj(1, wbits=31)
    return deflate.compress(content) + deflate.flush()
