"""Both sides of the radius: r*, Theorem 2's adversary, and the optimum."""
