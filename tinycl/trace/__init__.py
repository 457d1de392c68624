"""Hashes of every tensor and step: expected lines, and a log compared with them."""
