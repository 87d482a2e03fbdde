"""How often the confidence methods are wrong, in exact rationals."""
