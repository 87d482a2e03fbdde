"""Integer k-th roots: the only roots that the corollaries need."""

__all__ = ["floor_root"]


def floor_root(value: int, degree: int) -> int:
    """Return the largest t with ``t**degree <= value``, for value >= 0 and degree >= 1.

    sympy's integer root, with its post-condition verified, so that a defect there is an error
    here and never a certificate.

    >>> floor_root(8, 3), floor_root(7, 3), floor_root(0, 5)
    (2, 1, 0)
    """
    from sympy import integer_nthroot  # heavy: only where a root is taken

    if degree >= max(1, value.bit_length()):
        return min(value, 1)  # 2**degree > value
    root = int(integer_nthroot(value, degree)[0])
    if not root**degree <= value < (root + 1) ** degree:
        raise ArithmeticError(f"sympy.integer_nthroot is wrong for a root of degree {degree}")
    return root
