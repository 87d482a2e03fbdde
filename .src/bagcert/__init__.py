"""bagcert: certificates that a bagged classifier's prediction survives data poisoning.

Three houses, one import direction (``proofs_checks -> fastpath -> reference``):

- :mod:`bagcert.reference`: exact, in integers and rationals;
- :mod:`bagcert.fastpath`: trains ensembles, counts votes, certifies in bulk;
- :mod:`bagcert.proofs_checks`: evidence for the claims of the paper.
"""

from typing import Final

__all__ = ["__version__"]

__version__: Final = "0.1.0"
