"""Exact and ordered arithmetic: what the contract says, in NumPy."""
