"""Each distinct pair of largest counts, certified once: the one road from counts to certificates.

Only the two largest counts of a row matter: bounds come from a verified table
(:mod:`bagcert.fastpath.certification.bound_table`), radii from a filter that is proven or asks the
reference (:mod:`bagcert.fastpath.certification.radius_filter`).
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bagcert.fastpath.certification.bound_table import bound_table, sign_tests
from bagcert.fastpath.certification.radius_filter import certified_radii
from bagcert.fastpath.certification.top_two import CHUNK, top_two
from bagcert.reference.bounds import Method, levels
from bagcert.reference.setting import Setting

__all__ = ["REASONS", "PairCertifier"]

#: What a code in ``reason`` says: certified, or the first reason to abstain that applies.
REASONS: Final = ("", "selection", "bounds", "residual")
#: Largest (N + 1)^2 for which pairs are looked up in a table; beyond, they are searched.
_TABLE: Final = 2**26

_Ints = npt.NDArray[np.int64]


class PairCertifier:
    """What is known of each pair of largest counts (n_l, n_s); pairs are certified once.

    :meth:`places` finds a pair's place in the columns ``p_lower``, ``p_upper``, ``radius``,
    ``reason`` and ``undecided``. Place 0 is no pair's: it says "not met yet" in the table.

    Guarantee: radius, bounds and reason are those of :func:`bagcert.reference.certify` for every
    row with these two largest counts; ``radius`` is -1 where it abstains, and bounds are there too.
    """

    def __init__(self, setting: Setting, *, cached: bool = False) -> None:
        self.setting = setting
        bound, sign_test = levels(setting.level, setting.classes, setting.method)
        self._bounds = bound_table(setting.models, bound, cached=cached)
        self._signs = None if sign_test is None else sign_tests(setting.models, sign_test)
        self._columns: dict[str, npt.NDArray[Any]] = {
            "p_lower": np.zeros(1),
            "p_upper": np.zeros(1),
            "radius": np.zeros(1, np.int64),
            "reason": np.zeros(1, np.uint8),
            "undecided": np.zeros(1, np.bool_),
        }
        self._met = 1
        self.any_undecided = False
        # Each key's place; or, where these would be too many, the keys met, in order, and theirs.
        keys = (setting.models + 1) ** 2
        self._table = np.zeros(keys if keys <= _TABLE else 0, np.int32)
        self._known = np.empty(0, np.int64)
        self._known_places = np.empty(0, np.int64)

    def column(self, name: str) -> npt.NDArray[Any]:
        """What is known so far, by place."""
        return self._columns[name][: self._met]

    def read(self, rows: npt.NDArray[Any], labels: _Ints, first: int = 0) -> _Ints:
        """Write each row's label into ``labels``, and return its pair's key.

        Raises:
            ValueError: a row that is no row of votes (:func:`top_two`, where ``first`` is, too).
        """
        keys = np.empty(len(rows), np.int64)
        for start in range(0, len(rows), CHUNK):
            part = slice(start, start + CHUNK)
            labels[part], top, second = top_two(rows[part], self.setting.models, first + start)
            keys[part] = self.keys(top.astype(np.int64), second)
        return keys

    def keys(self, top: Any, second: Any) -> Any:
        """Each pair as one number, for 64-bit arrays or tensors."""
        return top * (self.setting.models + 1) + second

    def places(self, keys: _Ints) -> npt.NDArray[Any]:
        """The place of each pair, which is certified now if it is new."""
        return self._looked_up(keys) if self._table.size else self._searched(keys)

    def _looked_up(self, keys: _Ints) -> npt.NDArray[Any]:
        places = self._table.take(keys).astype(np.int64)
        new = np.flatnonzero(places == 0)
        if new.size:
            asked = keys[new]
            # Of equal keys the last one written stays: it stands for all.
            order = np.arange(asked.size, dtype=np.int32)
            self._table[asked] = order
            fresh = asked[self._table[asked] == order]
            self._table[fresh] = self._certify(fresh)
            places[new] = self._table[asked]
        return places

    def _searched(self, keys: _Ints) -> npt.NDArray[Any]:
        distinct, back = np.unique(keys, return_inverse=True)
        fresh = distinct[~np.isin(distinct, self._known, assume_unique=True)]
        if fresh.size:
            known = np.concatenate([self._known, fresh])
            places = np.concatenate([self._known_places, self._certify(fresh)])
            order = np.argsort(known)
            self._known, self._known_places = known[order], places[order]
        found: npt.NDArray[Any] = self._known_places[np.searchsorted(self._known, distinct)][back]
        return found

    def _certify(self, keys: _Ints) -> _Ints:
        """Certify pairs that are new and distinct, and return their places."""
        setting = self.setting
        top, second = np.divmod(keys, self.setting.models + 1)
        lower = self._bounds.lower(top)
        upper = 1.0 - lower  # exact: a multiple of 2^-53
        if setting.method != Method.COHEN:
            upper = np.minimum(upper, self._bounds.upper(second))
        reason = np.zeros(keys.size, np.uint8)
        reason[lower <= upper] = REASONS.index("bounds")
        if self._signs is not None:
            reason[~self._signs.passes(top, second)] = REASONS.index("selection")
        radius = np.full(keys.size, -1, np.int64)
        undecided = np.zeros(keys.size, np.bool_)
        asked = np.flatnonzero(reason == 0)
        found = certified_radii(
            setting.n,
            setting.k,
            lower[asked],
            upper[asked],
            attack=setting.attack,
            residual=setting.residual,
        )
        radius[asked] = found.radius
        undecided[asked[found.asked]] = True
        reason[asked[found.radius < 0]] = REASONS.index("residual")
        self.any_undecided |= bool(found.undecided)
        self._append(
            p_lower=lower, p_upper=upper, radius=radius, reason=reason, undecided=undecided
        )
        return np.arange(self._met - keys.size, self._met)

    def _append(self, **fresh: npt.NDArray[Any]) -> None:
        """Write at the end of each column, whose room is doubled where it is short."""
        met = self._met + fresh["radius"].size
        for name, values in fresh.items():
            column = self._columns[name]
            if met > column.size:
                wider = np.empty(max(met, 2 * column.size), column.dtype)
                wider[: self._met] = column[: self._met]
                column = self._columns[name] = wider
            column[self._met : met] = values
        self._met = met
