"""How far reliability of judges may be trusted: simulated, and on recorded judgements."""
