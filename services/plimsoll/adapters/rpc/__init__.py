"""gRPC: the service and its client."""
