"""Certify in bulk: counts in, labels, bounds and exact radii out, millions of rows a second.

Every row equals what :func:`bagcert.reference.certify` gives. Only the two largest counts of a row
matter, so each distinct pair of them is certified once: bounds from a verified table
(:mod:`bagcert.fastpath.certification.bound_table`), radii from a filter that is proven or asks the
reference (:mod:`bagcert.fastpath.certification.radius_filter`). Rows are streamed: memory does not
grow with them.
"""

import mmap
from dataclasses import dataclass, fields
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bagcert.fastpath.certification.bound_table import bound_table, sign_tests
from bagcert.fastpath.certification.radius_filter import certified_radii
from bagcert.fastpath.certification.top_two import CHUNK, as_counts, top_two
from bagcert.reference.arithmetic.arguments import as_integer, as_level, as_member, check_setting
from bagcert.reference.arithmetic.limits import MAX_TESTED
from bagcert.reference.bounds import Method, levels
from bagcert.reference.certificate.schema import Scope
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

__all__ = ["REASONS", "BulkCertificates", "PairCertifier", "certify_votes"]

#: What a code in ``reason`` says: certified, or the first reason to abstain that applies.
REASONS: Final = ("", "selection", "bounds", "residual")
#: Largest (N + 1)^2 for which pairs are looked up in a table; beyond, they are searched.
_TABLE: Final = 2**26
#: Chunks after which mapped pages are given back.
_KEPT: Final = 64


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
    out: BulkCertificates | None = None,
    cached: bool = True,
) -> BulkCertificates:
    """Certify every row of counts; equal to ``reference.certify`` row by row.

    Guarantee: as :func:`bagcert.reference.certify` for each row, at level ``alpha / e`` under
    ``simultaneous`` and ``alpha`` under ``each``.

    Args:
        counts: e × c votes, integers of any width and layout: a numpy array (memory maps are
            streamed), or a torch tensor, whose device the result is on. Every row sums to N.
        n, k: as in :func:`bagcert.reference.certified_poisoning_size`.
        alpha: α, an exact rational, 0 < α < 1.
        method, scope, attack, residual: as in the certificate's header. ``integral`` is sound
            only for learners that ignore their seed.
        out: where the result goes, for numpy counts (:meth:`BulkCertificates.empty`).
        cached: keep the tables of bounds on disk
        (:mod:`bagcert.fastpath.certification.table_cache`).

    Raises:
        TypeError: counts that are not integers, or a float where an exact number is due.
        ValueError: an argument outside its domain; counts that are negative or whose rows do
            not sum to the same N (the row is named).
    """
    n, k = check_setting(n, k)
    rows = as_counts(counts)
    method, scope = as_member("method", method, Method), as_member("scope", scope, Scope)
    attack = as_member("attack", attack, Attack)
    residual = as_member("residual", residual, Residual)
    level = as_level("alpha", alpha)
    e, c = rows.shape
    if e and scope is Scope.SIMULTANEOUS:
        level /= e
    if not isinstance(rows, np.ndarray):
        if out is not None:
            raise TypeError("out is for numpy counts; tensors give tensors on their device")
        return _certify_tensor(rows, n, k, level, method, attack, residual, cached)
    found = BulkCertificates.empty(e) if out is None else _checked_out(out, e)
    if not e:
        return found
    total = int(rows[0].sum())
    pairs = PairCertifier(total, c, n, k, level, method, attack, residual, cached=cached)
    undecided = 0
    for start in range(0, e, CHUNK):
        part = slice(start, min(start + CHUNK, e))
        label, top, second = top_two(rows[part], total, start)
        places = pairs.places(top, second)
        found.label[part] = label
        for name in ("p_lower", "p_upper", "radius", "reason"):
            np.take(getattr(pairs, name), places, out=getattr(found, name)[part], mode="clip")
        if pairs.any_undecided:
            undecided += int(pairs.undecided[places].sum())
        if start % (_KEPT * CHUNK) == 0:
            release_pages(rows, *(getattr(found, name) for name in _KINDS))
    return BulkCertificates(**{name: getattr(found, name) for name in _KINDS}, undecided=undecided)


def release_pages(*arrays: Any) -> None:
    """Give back the memory of file-backed maps; their content stays in the file."""
    advice = getattr(mmap, "MADV_DONTNEED", None)
    for array in arrays:
        # In a copy-on-write map the pages are the only copy.
        if advice is not None and isinstance(array, np.memmap) and array.mode != "c":
            array._mmap.madvise(advice)  # type: ignore[attr-defined]


class PairCertifier:
    """What is known of each pair of largest counts (n_l, n_s); pairs are certified once.

    Entry i of the arrays belongs to the i-th pair met; :meth:`places` finds a pair's i.
    """

    def __init__(
        self,
        total: int,
        classes: int,
        n: int,
        k: int,
        level: Fraction,
        method: Method,
        attack: Attack,
        residual: Residual,
        *,
        cached: bool = False,
    ) -> None:
        self.setting = n, k, attack, residual
        self.method = method
        bound, sign_test = levels(level, classes, method)
        self.bounds = bound_table(total, bound, cached=cached)
        self.signs = None if sign_test is None else sign_tests(total, sign_test)
        self.base = total + 1
        self.p_lower = np.empty(0)
        self.p_upper = np.empty(0)
        self.radius = np.empty(0, np.int64)
        self.reason = np.empty(0, np.uint8)
        self.undecided = np.empty(0, np.bool_)
        self.any_undecided = False
        self._known = np.empty(0, np.int64)  # pairs as numbers, sorted, where they are searched
        self._order = np.empty(0, np.int64)
        small = self.base**2 <= _TABLE
        self._place = np.full(self.base**2 if small else 0, -1, np.int32)

    def places(self, top: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> Any:
        """The entry of each pair, certified now if it is new."""
        keys = top * self.base
        keys += second
        if self._place.size:
            places = self._place[keys]
            if places.min() < 0:
                fresh = np.unique(keys[places < 0])
                self._place[fresh] = np.arange(self.radius.size, self.radius.size + fresh.size)
                self._certify(fresh)
                places = self._place[keys]
            return places
        distinct, back = np.unique(keys, return_inverse=True)
        fresh = distinct[~np.isin(distinct, self._known, assume_unique=True)]
        if fresh.size:
            joined = np.concatenate([self._known, fresh])
            order = np.concatenate(
                [self._order, np.arange(self.radius.size, self.radius.size + fresh.size)]
            )
            by_key = np.argsort(joined)
            self._known, self._order = joined[by_key], order[by_key]
            self._certify(fresh)
        return self._order[np.searchsorted(self._known, distinct)][back]

    def _certify(self, keys: npt.NDArray[np.int64]) -> None:
        top, second = np.divmod(keys, self.base)
        lower = self.bounds.lower(top)
        upper = 1.0 - lower  # exact: a multiple of 2^-53
        if self.method is not Method.COHEN:
            upper = np.minimum(upper, self.bounds.upper(second))
        reason = np.zeros(keys.size, np.uint8)
        reason[lower <= upper] = 2
        if self.signs is not None:
            reason[~self.signs.passes(top, second)] = 1
        n, k, attack, residual = self.setting
        radius = np.full(keys.size, -1, np.int64)
        undecided = np.zeros(keys.size, np.bool_)
        asked = np.flatnonzero(reason == 0)
        found = certified_radii(n, k, lower[asked], upper[asked], attack=attack, residual=residual)
        radius[asked] = found.radius
        undecided[asked[found.asked]] = True
        reason[asked[found.radius < 0]] = 3
        self.any_undecided |= bool(found.undecided)
        for name, fresh in (
            ("p_lower", lower), ("p_upper", upper), ("radius", radius), ("reason", reason),
            ("undecided", undecided),
        ):  # fmt: skip
            setattr(self, name, np.concatenate([getattr(self, name), fresh]))


def _checked_out(out: BulkCertificates, rows: int) -> BulkCertificates:
    for entry in fields(out):
        if entry.name == "undecided":
            continue
        array, kind = getattr(out, entry.name), np.dtype(_KINDS[entry.name])
        if array.shape != (rows,) or array.dtype != kind:
            raise ValueError(
                f"out.{entry.name} must be {rows} × {kind}, not {array.shape} × {array.dtype}"
            )
    return out


def _certify_tensor(
    counts: Any, n: int, k: int, level: Fraction, method: Method, attack: Attack,
    residual: Residual, cached: bool,
) -> BulkCertificates:  # fmt: skip
    """Top two and gathering on the tensor's device; the distinct pairs come to the host."""
    import torch

    from bagcert.fastpath.certification.top_two import top_two_of_tensor

    device = counts.device
    e, c = counts.shape
    if not e:
        host = BulkCertificates.empty(0)
        nothing = {name: torch.from_numpy(getattr(host, name)).to(device) for name in _KINDS}
        return BulkCertificates(**nothing, undecided=0)
    total = int(counts[0].sum())
    label, top, second = top_two_of_tensor(counts, total)
    keys, back = torch.unique(top * (total + 1) + second, return_inverse=True)
    pairs = PairCertifier(total, c, n, k, level, method, attack, residual, cached=cached)
    tops, seconds = np.divmod(keys.cpu().numpy(), total + 1)
    places = torch.from_numpy(np.asarray(pairs.places(tops, seconds), np.int64)).to(device)[back]
    found = {
        name: torch.from_numpy(getattr(pairs, name)).to(device)[places] for name in (*_KINDS,)[1:]
    }
    asked = torch.from_numpy(pairs.undecided).to(device)[places]
    return BulkCertificates(label=label, **found, undecided=int(asked.sum()))
