"""What certificates amount to: accuracy, pictures, methods side by side."""
