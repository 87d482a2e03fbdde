"""Votes in, exact certificates out, at float speed: top two, bounds, radii, the file."""
