"""Goldens: `schema` is what a file holds, `store` reads and writes it, `catalogue` has cases."""
