"""`python -m infra.nag FOLDER`: what cdk-nag's AwsSolutions rules say, as its report in FOLDER."""

from __future__ import annotations

import sys

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.app import CONTEXT, stacks


def main(folder: str) -> None:
    """Synthesises with the rules; a RuntimeError ends it where they have something to say."""
    app = App(context=CONTEXT, outdir=folder)
    stacks(app)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    main(sys.argv[1])
