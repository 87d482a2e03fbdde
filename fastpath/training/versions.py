"""The software that labels may depend on: stated in the header of votes, compared on a replay."""

import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bagcert import __version__

__all__ = ["software_versions", "source_commit"]


def software_versions(libraries: Sequence[str] = ()) -> dict[str, str]:
    """Return the versions of bagcert, numpy, Python and ``libraries``, as a header states them.

    Raises:
        PackageNotFoundError: one of ``libraries`` is not installed (it is an ``ImportError``).
    """
    return {
        **{library: version(library) for library in libraries},
        "bagcert": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def source_commit() -> str | None:
    """Return the commit of the checkout that this runs from, ``-dirty`` if it was changed.

    None where bagcert is installed as a package, or git is not at hand.
    """
    here = Path(__file__).resolve()
    git = ["git", "-C", str(here.parent)]
    # A virtual environment may lie inside somebody else's checkout: is this file of it?
    ours = ["ls-files", "--error-unmatch", here.name]
    head = ["rev-parse", "--short=12", "HEAD"]
    changed = ["status", "--porcelain", "--untracked-files=no"]
    try:
        _, commit, changes = (
            subprocess.run(
                [*git, *asked], capture_output=True, check=True, text=True
            ).stdout.strip()
            for asked in (ours, head, changed)
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{commit}-dirty" if changes else commit
