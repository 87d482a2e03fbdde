"""Fast against exact: what ``fastpath`` answers must equal what ``reference`` answers."""
