"""`python -m infra.lint FILE...`: cfn-lint, whose package cannot be run as a module."""

from __future__ import annotations

from cfnlint.runner import main

if __name__ == "__main__":
    main()
