"""Bodies over real sockets."""
