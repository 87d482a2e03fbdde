"""Integers and rationals: limits, arguments, roots, tails, quantiles, spelling."""
