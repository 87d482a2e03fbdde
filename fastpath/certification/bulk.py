"""Certify in bulk: counts in, labels, bounds and exact radii out, millions of rows a second.

Every row equals what :func:`bagcert.reference.certify` gives. Each row is read once
(:mod:`bagcert.fastpath.certification.top_two`) and each distinct pair of largest counts certified
once (:mod:`bagcert.fastpath.certification.pairs`). Rows are streamed: memory does not grow with
them.
"""

from dataclasses import dataclass
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np

from bagcert.fastpath.certification.pairs import REASONS, PairCertifier
from bagcert.fastpath.certification.top_two import CHUNK, as_counts, top_two_of_tensor
from bagcert.fastpath.untrusted.maps import release_pages
from bagcert.reference.arithmetic.arguments import as_integer, as_level, as_member
from bagcert.reference.arithmetic.limits import MAX_TESTED
from bagcert.reference.bounds import Method
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual, require_sound
from bagcert.reference.setting import Setting

__all__ = ["REASONS", "BulkCertificates", "certify_votes"]

#: Rows between two looks at the pairs: what is kept of them is 16 bytes a row.
_BLOCK: Final = 4 * CHUNK


@dataclass(frozen=True)
class BulkCertificates:
    """One entry for each row of counts; numpy arrays, memory maps or tensors."""

    #: The label with most votes, the smallest of several: int64.
    label: Any
    #: Bounds of eq (2), exact in float64; there for abstaining rows as well.
    p_lower: Any
    p_upper: Any
    #: r*, or -1 where the row abstains: int64.
    radius: Any
    #: Codes into :data:`REASONS`: uint8, 0 where the row is certified.
    reason: Any
    #: Rows whose radius float64 could not decide, so that the reference was asked.
    undecided: int = 0

    def __len__(self) -> int:
        return len(self.label)

    @classmethod
    def empty(cls, rows: int, folder: str | PathLike[str] | None = None) -> "BulkCertificates":
        """Room for so many rows: in memory, or as ``.npy`` memory maps in a new folder.

        Raises:
            ValueError: rows outside 0..10**8.
            FileExistsError: the folder exists.
        """
        rows = as_integer("rows", rows, 0, MAX_TESTED)
        kinds = {name: np.dtype(kind) for name, kind in _KINDS.items()}
        if folder is None:
            made: dict[str, Any] = {name: np.empty(rows, kind) for name, kind in kinds.items()}
            return cls(**made)
        Path(folder).mkdir()
        made = {
            name: np.lib.format.open_memmap(
                Path(folder) / f"{name}.npy", mode="w+", dtype=kind, shape=(rows,)
            )
            for name, kind in kinds.items()
        }
        return cls(**made)


_KINDS: Final = {
    "label": "i8", "p_lower": "f8", "p_upper": "f8", "radius": "i8", "reason": "u1",
}  # fmt: skip


def certify_votes(
    counts: Any,
    n: int,
    k: int,
    alpha: Fraction | int | str,
    *,
    method: Method | str = Method.SELECTED,
    scope: Scope | str = Scope.SIMULTANEOUS,
    attack: Attack | str = Attack.ANY,
    residual: Residual | str = Residual.PAPER,
    ignores_seed: bool = False,
    out: BulkCertificates | None = None,
    cached: bool = True,
) -> BulkCertificates:
    """Certify every row of counts; equal to ``reference.certify`` row by row.

    Guarantee: as :func:`bagcert.reference.certify` for each row, at level ``alpha / e`` under
    ``simultaneous`` and ``alpha`` under ``each``.

    Args:
        counts: e × c votes by position, integers of any width and layout: a numpy array (memory
            maps are streamed), or a torch tensor, whose device the result is on. Every row sums
            to N.
        n, k: as in :func:`bagcert.reference.certified_poisoning_size`.
        alpha: α, an exact rational, 0 < α < 1.
        method, scope, attack, residual: as in the certificate's header.
        ignores_seed: whether the base learners do; ``integral`` is refused for others.
        out: where the result goes, for numpy counts (:meth:`BulkCertificates.empty`).
        cached: keep the tables of bounds on disk
        (:mod:`bagcert.fastpath.certification.table_cache`).

    Raises:
        TypeError: counts that are not integers or not by position, or a float where an exact
            number is due.
        ValueError: an argument outside its domain; ``integral`` for learners that may use their
            seed; counts that are negative or whose rows do not sum to the same N (the row is
            named).
    """
    rows = as_counts(counts)
    e, c = rows.shape
    level = as_level("alpha", alpha)
    if as_member("scope", scope, Scope) == Scope.SIMULTANEOUS:
        level /= max(e, 1)
    setting = Setting(
        n,
        k,
        c,
        int(rows[0].sum()) if e else 1,
        level,
        as_member("method", method, Method),
        as_member("attack", attack, Attack),
        as_member("residual", residual, Residual),
    )
    require_sound(setting.residual, ignores_seed=ignores_seed)
    pairs = PairCertifier(setting, cached=cached)
    if not isinstance(rows, np.ndarray):
        if out is not None:
            raise TypeError("out is for numpy counts; tensors give tensors on their device")
        return _certify_tensor(rows, pairs)
    found = BulkCertificates.empty(e) if out is None else _checked_out(out, e)
    undecided = 0
    for start in range(0, e, _BLOCK):
        block = slice(start, min(start + _BLOCK, e))
        places = pairs.places(pairs.read(rows[block], found.label[block], start))
        for name in ("p_lower", "p_upper", "radius", "reason"):
            np.take(pairs.column(name), places, out=getattr(found, name)[block], mode="clip")
        if pairs.any_undecided:
            undecided += int(pairs.column("undecided")[places].sum())
        release_pages(rows, *(getattr(found, name) for name in _KINDS))
    return BulkCertificates(**{name: getattr(found, name) for name in _KINDS}, undecided=undecided)


def _checked_out(out: BulkCertificates, rows: int) -> BulkCertificates:
    for name, kind in _KINDS.items():
        array = getattr(out, name)
        if array.shape != (rows,) or array.dtype != np.dtype(kind):
            raise ValueError(
                f"out.{name} must be {rows} × {np.dtype(kind)}, not {array.shape} × {array.dtype}"
            )
    return out


def _certify_tensor(counts: Any, pairs: PairCertifier) -> BulkCertificates:
    """Top two and gathering on the tensor's device; the distinct pairs come to the host."""
    import torch

    device = counts.device
    label, top, second = top_two_of_tensor(counts, pairs.setting.models)
    keys, back = torch.unique(pairs.keys(top, second), return_inverse=True)
    places = pairs.places(keys.cpu().numpy())
    there = torch.from_numpy(places.astype(np.int64)).to(device)[back]
    found = {
        name: torch.from_numpy(pairs.column(name)).to(device)[there]
        for name in ("p_lower", "p_upper", "radius", "reason", "undecided")
    }
    undecided = int(found.pop("undecided").sum())
    return BulkCertificates(label=label, **found, undecided=undecided)
