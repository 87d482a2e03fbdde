"""Votes: counts for each test example and label, their header, their file, merging."""
