"""Round numbers at even distances, for axes and for tables of radii."""

__all__ = ["nice_step", "ticks"]


def nice_step(most: int, steps: int) -> int:
    """Return the least of 1, 2, 5, 10, 20, ... of which at most ``steps`` reach ``most``."""
    unit = 1
    while True:
        for step in (unit, 2 * unit, 5 * unit):
            if step * steps >= most:
                return step
        unit *= 10


def ticks(most: int, steps: int) -> list[int]:
    """Return 0 and the multiples of one nice step that are at most ``most``."""
    return list(range(0, most + 1, nice_step(most, steps)))
