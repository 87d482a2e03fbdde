"""The domain of the whole project: the kernel's limits, stated once for every other module."""

from typing import Final

#: Largest training set, n. Kernel limit.
MAX_EXAMPLES: Final = 10**12
#: Largest k * bit_length(n): the size in bits of the integers that eq (4) compares.
MAX_LIST_BITS: Final = 2**20
#: Most base models, N.
MAX_MODELS: Final = 10**6
#: Most classes, c.
MAX_CLASSES: Final = 65_536
#: Most certified test examples, e.
MAX_TESTED: Final = 10**8
#: Longest spelling of a rational.
MAX_RATIONAL_CHARACTERS: Final = 40
