"""What all commands share: one line for an error, progress, files whole or absent."""
