"""Sealing evidence: the cipher, and the ring of master keys."""
