"""A real Kubernetes on this machine, and what Plimsoll has to prove on it."""
