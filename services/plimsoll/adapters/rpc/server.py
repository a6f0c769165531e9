"""The gRPC server: the service, health, reflection, bounds, and how it drains."""

from __future__ import annotations

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from plimsoll.adapters.rpc.certificates import Expires, server_credentials
from plimsoll.adapters.rpc.servicer import SERVICE, ConfidenceServicer
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.access import AccessMode, AccessSettings
from plimsoll.settings.query import QuerySettings

_MAX_REQUEST_BYTES = 1024 * 1024
# A hundred scored results at their limit of 256 KiB, and their frames.
_MAX_REPLY_BYTES = 32 * 1024 * 1024
# Besides those that wait and watch.
_SHORT_CALLS = 512
_SERVING = health_pb2.HealthCheckResponse.SERVING


class RpcServer:
    """Serves on `settings.listen`; `port` says where, once it is started."""

    def __init__(
        self,
        servicer: ConfidenceServicer,
        settings: QuerySettings,
        access: AccessSettings,
        expires: Expires,
    ) -> None:
        self._settings = settings
        self._credentials = server_credentials(access, expires)
        self._health = health.aio.HealthServicer()
        self._server = grpc.aio.server(
            maximum_concurrent_rpcs=settings.max_waiters + settings.max_watchers + _SHORT_CALLS,
            options=[
                ("grpc.max_receive_message_length", _MAX_REQUEST_BYTES),
                ("grpc.max_send_message_length", _MAX_REPLY_BYTES),
                # Two servers on one port would share calls in silence.
                ("grpc.so_reuseport", 0),
                # Clients may probe idle connections, though not as a flood.
                ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
                *_connection_age(settings),
            ],
        )
        self._server.add_generic_rpc_handlers((servicer.handlers(),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflected = (
            access.mode is AccessMode.NONE if settings.reflection is None else settings.reflection
        )
        if reflected:
            names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)
        self.port = 0

    async def start(self) -> None:
        """Binds and serves; ConfigurationError where the address cannot be bound."""
        try:
            self.port = self._bind()
        except RuntimeError as error:
            raise ConfigurationError(
                f"query.listen: cannot bind {self._settings.listen}; is another service on it?"
            ) from error
        await self._server.start()
        for name in ("", SERVICE):
            await self._health.set(name, _SERVING)

    def _bind(self) -> int:
        if self._credentials is None:
            return self._server.add_insecure_port(self._settings.listen)
        return self._server.add_secure_port(self._settings.listen, self._credentials)

    async def announce_stop(self) -> None:
        """Health turns to NOT_SERVING, for good."""
        await self._health.enter_graceful_shutdown()

    async def stop(self) -> None:
        """Takes no new calls, gives those in flight their grace, then cancels them."""
        await self._server.stop(self._settings.drain_timeout_s)


def _connection_age(settings: QuerySettings) -> list[tuple[str, int]]:
    """The channel's own option; calls under way are never cut off by it."""
    age_ms = int(settings.max_connection_age_s * 1_000)
    return [("grpc.max_connection_age_ms", age_ms)] if age_ms else []
