"""What is raised of files that strangers made, and how it shows what stands in them."""

__all__ = ["ArrayError", "VotesError", "shown"]


class ArrayError(ValueError):
    """An array that cannot be used: the message names it, and says what to do."""


class VotesError(ArrayError):
    """Votes that cannot be used: the message names the file, the field, and what to do."""


def shown(text: str, most: int = 60) -> str:
    """A text as it can be typed; less of one whose escapes would make a line a page.

    At most 5/2 ``most`` characters and two quotes: no escape is longer than ten.
    """
    said = repr(text[:most])
    return said if len(said) <= most + 2 else repr(text[: most // 4])
