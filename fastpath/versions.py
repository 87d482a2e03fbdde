"""The software that labels may depend on: stated in the header of votes, compared on a replay."""

import platform

import numpy as np

from bagcert import __version__

__all__ = ["software_versions"]


def software_versions() -> dict[str, str]:
    """Return the versions of bagcert, numpy and Python, as a votes header states them."""
    return {
        "bagcert": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
