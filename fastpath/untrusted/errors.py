"""What is raised of files that strangers made."""

__all__ = ["ArrayError", "VotesError"]


class ArrayError(ValueError):
    """An array that cannot be used: the message names it, and says what to do."""


class VotesError(ArrayError):
    """Votes that cannot be used: the message names the file, the field, and what to do."""
