"""Who asks: tokens, their issuer's keys, and certificates."""
