"""Tests of a Python program: plain asserts, `check(candidate)`, functions named test, unittest."""

from __future__ import annotations

from plimsoll.adapters.sandbox.harness.jobs import Ending


def run_test(namespace: dict[str, object], text: str, entry_point: str) -> Ending:
    """`value` where every assertion of the text held; otherwise what was raised.

    A text that cannot be compiled is `error` with `InvalidTest`: that is not the program's fault.
    """
    try:
        code = compile(text, "test.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return "error", "InvalidTest"
    before = dict(namespace)
    exec(code, namespace)  # noqa: S102 - that is what the sandbox is for
    added = [name for name, value in namespace.items() if before.get(name) is not value]
    for name in added:
        thing = namespace[name]
        if name == "check" and callable(thing) and entry_point in namespace:
            thing(namespace[entry_point])
        elif isinstance(thing, type):
            _run_case(thing)
        elif name.startswith("test") and callable(thing) and _takes_nothing(thing):
            thing()
    return "value", "passed"


def _takes_nothing(function: object) -> bool:
    code = getattr(function, "__code__", None)
    defaults = getattr(function, "__defaults__", None) or ()
    return code is not None and code.co_argcount == len(defaults)


def _run_case(kind: type) -> None:
    if not hasattr(kind, "assertEqual") or not hasattr(kind, "run"):
        return
    import unittest  # noqa: PLC0415 - rare, and slow to import

    outcome = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(kind).run(outcome)
    if not outcome.wasSuccessful():
        raise AssertionError
