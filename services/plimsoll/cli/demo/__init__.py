"""The demonstration: real results go in, a scorer dies, every confidence comes out."""
