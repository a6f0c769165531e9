"""Opens traces where the settings say so; OpenTelemetry is loaded only then."""

from __future__ import annotations

from importlib.metadata import version

from plimsoll.domain.errors import ConfigurationError
from plimsoll.ports.tracing import Tracing
from plimsoll.settings.telemetry import TelemetrySettings


def open_tracing(settings: TelemetrySettings, service: str) -> Tracing | None:
    """None where no endpoint is set; ConfigurationError where it is, and cannot be used."""
    if not settings.otlp_endpoint:
        return None
    if not settings.otlp_endpoint.startswith(("http://", "https://")):
        raise ConfigurationError("telemetry.otlp_endpoint has to begin with http:// or https://")
    try:
        from plimsoll.adapters.telemetry.tracing import OtelTracing  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "telemetry.otlp_endpoint is set: install plimsoll-confidence[otel]"
        ) from error
    return OtelTracing(settings, service, version("plimsoll-confidence"))
