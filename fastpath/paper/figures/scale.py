"""How large a figure is made."""

from enum import StrEnum

__all__ = ["Scale"]


class Scale(StrEnum):
    """How large a figure is made."""

    SMALL = "small"
    FULL = "full"
