"""The one way to print what a stranger wrote: names, versions, digests, messages with them."""

__all__ = ["printable"]


def printable(text: str, most: int | None = None) -> str:
    r"""Return ``text`` with every character escaped that a terminal might obey, on one line.

    Guarantee: the result holds no control character (ESC, carriage return, line feed, DEL, C1),
    no character that changes direction or has no width, no line or paragraph separator, no lone
    surrogate and no unassigned code point: exactly what ``str.isprintable`` refuses is spelled as
    Python spells it. What is printable stays, so that a second pass changes nothing. With
    ``most``, at least 1, a longer result is cut there and ends in ``…``.

    >>> print(printable("\x1b[2K\rVALID \u202eabc é"))
    \x1b[2K\rVALID \u202eabc é
    """
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else _escaped(sign) for sign in text)
    if most is not None and len(text) > most:
        return text[: most - 1] + "…"
    return text


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
