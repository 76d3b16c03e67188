"""Lupus Back Care: short spoken sections about lupus and back pain, and relief tips."""
