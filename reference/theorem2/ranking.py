"""Ranks of lists, and labels dealt to them in blocks: how Theorem 2's learner runs in O(k).

D has n^k lists. Those with every entry among the m kept examples form E (m^k of them, the lists
that D' shares); the others form B. Here B comes first and E last, each in the order of its
entries, so that every list of D has one position in ``range(n^k)``.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Deal", "position", "uniform_below"]


def position(indices: Sequence[int], n: int, kept: int) -> int:
    """Return the position of a list of D among its n^k lists: those of B first, then E.

    A list of B comes after the lists of D that precede it, less those of E among them; both
    counts are read off its digits, in len(indices) big-integer steps.

    Domain: ``0 <= i < n`` for every entry, ``0 <= kept <= n``.

    >>> [position((i, j), 2, 1) for i in range(2) for j in range(2)]
    [3, 0, 1, 2]
    """
    lists = shared = 0
    inside = True
    for index in indices:
        lists = lists * n + index
        # Lists of E that precede this one share its entries up to some point, then are smaller.
        # Past the first entry outside, none can share any more.
        shared = shared * kept + (min(index, kept) if inside else 0)
        inside = inside and index < kept
    if not inside:
        return lists - shared
    removed: int = n ** len(indices) - kept ** len(indices)
    return removed + shared


class Deal(NamedTuple):
    """Labels dealt to the positions 0..total-1, lengths in parts of one list (Theorem 2's A*).

    Domain: ``low + high <= unit * total <= low + (c - 1) * high`` for c labels.

    Label 0 has the first ``low``, label 1 the last ``high``, and labels 2, 3, ... the middle in
    blocks of ``high``, the last of which may be shorter. A list on which a block ends belongs
    to each label in the share of its interval ``[i, i+1)`` that lies in the label's block.
    """

    #: Parts in one list: a common denominator of the two bounds.
    unit: int
    #: Positions.
    total: int
    #: Parts for label 0.
    low: int
    #: Parts for label 1, and at most for each other label.
    high: int

    def block(self, label: int) -> tuple[int, int]:
        """Return where the block of ``label`` begins and ends, in parts."""
        end = self.unit * self.total
        if label == 0:
            return 0, self.low
        if label == 1:
            return end - self.high, end
        start = self.low + (label - 2) * self.high
        return min(start, end - self.high), min(start + self.high, end - self.high)

    def shares(self, place: int) -> Iterator[tuple[int, int]]:
        """Yield ``(label, parts)`` for the list at ``place``; the parts sum to ``unit``."""
        start, stop = place * self.unit, (place + 1) * self.unit
        labels = [0, 1]
        middle = max(start, self.low), min(stop, self.unit * self.total - self.high)
        if middle[0] < middle[1]:
            first, last = ((at - self.low) // self.high for at in (middle[0], middle[1] - 1))
            labels.extend(range(first + 2, last + 3))
        for label in labels:
            begin, end = self.block(label)
            parts = min(stop, end) - max(start, begin)
            if parts > 0:
                yield label, parts


def uniform_below(bound: int, seed: int, indices: Sequence[int]) -> int:
    """Return an integer in ``range(bound)``, bound >= 1, that only ``seed`` and ``indices`` decide.

    SHA-256 in counter mode over the ASCII text ``seed:indices:counter``; the leading
    bit_length(bound) bits are drawn again while they spell ``bound`` or more, so that every
    value is equally likely if the hash's bits are uniform: no rounding, no modulo bias.
    """
    bits = bound.bit_length()
    text = f"{seed:x}:{','.join(map(str, indices))}"
    counter = 0
    while True:
        stream = b""
        while len(stream) * 8 < bits:
            stream += hashlib.sha256(f"{text}:{counter}".encode()).digest()
            counter += 1
        value = int.from_bytes(stream) >> (len(stream) * 8 - bits)
        if value < bound:
            return value
