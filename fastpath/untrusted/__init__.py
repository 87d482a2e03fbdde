"""Arrays and tables from files that strangers made: limits before allocation."""
