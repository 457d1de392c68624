"""Parity: tensors compared as bits, cases run on targets, reports."""
