"""Where the files of a data set are looked for."""

import os
from pathlib import Path

__all__ = ["data_places"]


def data_places(
    what: str, folder: str | os.PathLike[str] | None, subfolders: tuple[str, ...]
) -> list[Path]:
    """Return the folders to look into: the one named, or BAGCERT_DATA, then its subfolders.

    Raises:
        ValueError: neither names a folder that exists.
    """
    named = folder if folder is not None else os.environ.get("BAGCERT_DATA")
    if not named:
        raise ValueError(f"--data-dir: name {what}'s folder with --data-dir or BAGCERT_DATA")
    place = Path(named).expanduser()
    if not place.is_dir():
        raise ValueError(f"--data-dir: {place} is not a folder that exists")
    return [place, *(place / name for name in subfolders)]
