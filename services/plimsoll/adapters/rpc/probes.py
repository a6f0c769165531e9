"""A port for probes: gRPC health without TLS, and nothing else."""

from __future__ import annotations

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from plimsoll.domain.errors import ConfigurationError

LIVENESS = "liveness"
READINESS = "readiness"
_PROBES_AT_ONCE = 16
_MAX_REQUEST_BYTES = 1024
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class ProbePort:
    """Serves on `listen` from the event loop whose life it tells of; an empty one serves nothing.

    The service `liveness` is SERVING until the very end: one that drains is not dead. `readiness`
    is SERVING from `announce_start` to `announce_stop`: one that waits for its store is not dead.
    """

    def __init__(self, listen: str) -> None:
        self._listen = listen
        self._health = health.aio.HealthServicer()
        self._server: grpc.aio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Binds and serves; ConfigurationError where the address cannot be bound."""
        if not self._listen:
            return
        self._server = grpc.aio.server(
            maximum_concurrent_rpcs=_PROBES_AT_ONCE,
            options=[
                ("grpc.max_receive_message_length", _MAX_REQUEST_BYTES),
                ("grpc.so_reuseport", 0),
            ],
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        try:
            self.port = self._server.add_insecure_port(self._listen)
        except RuntimeError as error:
            raise ConfigurationError(
                f"query.health_listen: cannot bind {self._listen}; is another service on it?"
            ) from error
        await self._health.set(LIVENESS, _SERVING)
        await self._health.set(READINESS, _NOT_SERVING)
        await self._server.start()

    async def announce_start(self) -> None:
        """Readiness turns to SERVING."""
        await self._health.set(READINESS, _SERVING)

    async def announce_stop(self) -> None:
        """Readiness turns to NOT_SERVING."""
        await self._health.set(READINESS, _NOT_SERVING)

    async def stop(self) -> None:
        """Ends what is left; no probe is waited for."""
        if self._server is not None:
            await self._server.stop(None)
