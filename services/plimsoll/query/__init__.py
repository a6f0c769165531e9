"""The query service: look-ups over gRPC."""
