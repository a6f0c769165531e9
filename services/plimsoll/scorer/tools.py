"""Composes what metrics may use besides the result: models and the sandbox, as settings say."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.adapters.models.embedder import OnnxEmbedder
from plimsoll.adapters.models.entailment import OnnxEntailment
from plimsoll.adapters.models.files import locate
from plimsoll.adapters.sandbox.sandbox import BubblewrapSandbox
from plimsoll.calibration.claim_filters import ClaimFilters, parse_claim_filters
from plimsoll.calibration.lineage import LineageConditional, parse_conditional
from plimsoll.domain.errors import ConfigurationError
from plimsoll.ports.tools import Tools
from plimsoll.settings.claims import ClaimSettings
from plimsoll.settings.lineage import LineageSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.models import ModelSettings
from plimsoll.settings.sandbox import SandboxSettings


@dataclass(frozen=True, slots=True)
class ToolSettings:
    """What tools are made from: sections of the settings; goes to compute processes.

    What labels have taught of claims has been read: a compute process that starts later than
    others, when the file is another one, promises the same as they do.
    """

    models: ModelSettings
    sandbox: SandboxSettings
    lineage: LineageSettings
    claims: ClaimFilters | None

    @classmethod
    def of(cls, settings: Settings) -> ToolSettings:
        """These sections of all settings; ConfigurationError where a file cannot be read."""
        claims = claim_filters(settings.claims)
        return cls(settings.models, settings.sandbox, settings.lineage, claims)


def build_tools(settings: ToolSettings) -> Tools:
    """The tools that are configured; cheap, as they are read and tried when they are first used.

    ConfigurationError where one is configured and cannot be found.
    """
    models = settings.models
    embedder = locate(models, models.embedder, models.embedder_revision)
    entailment = locate(models, models.entailment, models.entailment_revision)
    return Tools(
        embedder=OnnxEmbedder(embedder, models) if embedder is not None else None,
        entailment=OnnxEntailment(entailment, models) if entailment is not None else None,
        sandbox=BubblewrapSandbox(settings.sandbox) if settings.sandbox.enabled else None,
        lineage=_conditional(settings.lineage),
        claims=settings.claims,
    )


def _conditional(settings: LineageSettings) -> LineageConditional | None:
    if settings.conditional_file is None:
        return None
    try:
        return parse_conditional(settings.conditional_file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"lineage.conditional_file {settings.conditional_file} cannot be read: {error}"
        ) from error


def claim_filters(settings: ClaimSettings) -> ClaimFilters | None:
    """What labels have said of claims; None where no file is named."""
    if settings.filter_file is None:
        return None
    try:
        return parse_claim_filters(settings.filter_file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"claims.filter_file {settings.filter_file} cannot be read: {error}"
        ) from error
