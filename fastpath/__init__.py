"""Fast: trains ensembles, counts votes, certifies in bulk (numpy, scipy, scikit-learn, torch).

Importing this package imports nothing heavy, so that ``bagcert audit`` starts at once: the public
names are fetched from their modules when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bagcert.fastpath.certification.bulk import REASONS, BulkCertificates, certify_votes
    from bagcert.fastpath.training.ensemble import train_votes

__all__ = ["REASONS", "BulkCertificates", "certify_votes", "train_votes"]

_HOMES = {
    "REASONS": "certification.bulk",
    "BulkCertificates": "certification.bulk",
    "certify_votes": "certification.bulk",
    "train_votes": "training.ensemble",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
