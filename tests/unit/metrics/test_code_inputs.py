"""Where inputs of programs come from: examples, types, names, and what the request names."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import orjson
import pytest

from plimsoll.domain.result import Code
from plimsoll.metrics.code_inputs import MAX_INPUTS, examples_of, requests_of
from plimsoll.metrics.code_running import Subject
from plimsoll.metrics.code_scanning import calls, closing, split_top
from plimsoll.metrics.code_text import alternative_sources, code_in, entry_point_of, toolchain_of
from plimsoll.metrics.code_types import ANY, INT, STR, Kind, list_of, parameters, parse_kind
from plimsoll.metrics.code_values import literals_of
from plimsoll.metrics.sql_tables import fixtures_of
from plimsoll.ports.sandbox import Toolchain
from tests.unit.metrics.code_results import code_result

PYTHON, JAVASCRIPT, SQL = Toolchain.PYTHON, Toolchain.JAVASCRIPT, Toolchain.SQL
SCHEMA = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL, day DATE)"


def subject(source: str, toolchain: Toolchain = PYTHON, entry_point: str = "f") -> Subject:
    """Code that is ready to run."""
    code = Code(source, toolchain.value, entry_point)
    return Subject(code, toolchain, source, entry_point, "fake")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("(a)", 2),
        ("(a, (b), ']')", 12),
        ("(')'", None),
        ("([)]", None),
        ("(" * 100, None),
        ('("""("""', None),
    ],
)
def test_brackets_close_where_they_should(text: str, end: int | None) -> None:
    """Strings are passed over; what is broken or too deep closes nowhere."""
    assert closing(text, 0) == end


def test_only_top_level_separators_split() -> None:
    """Commas in brackets and strings do not count; a bracket too many is no list of pieces."""
    assert split_top("a, [b, c], 'd, e'") == ["a", " [b, c]", " 'd, e'"]
    assert split_top("a)") is None
    assert split_top("'a") is None


def test_definitions_are_no_calls() -> None:
    """Only uses of the name are found, and not those of another that ends alike."""
    text = "def f(a):\n  pass\nfunction f(b) {}\ng.f(1) off(2) f(3, (4)) rest\nf(5"
    assert list(calls(text, "f")) == [("3, (4)", " rest")]


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        (">>> f(1, 2)\n3", "1, 2", "3"),
        (">>> f('a')\n'b'\n", "'a'", "'b'"),
        ("f([1]) == [2]", "[1]", "[2]"),
        ("f(1) => True, as 1 is odd.", "1", "True"),
        ("f(1) \u279e 'x'", "1", "'x'"),
        ("// f(1) // => [1, 2]", "1", "[1, 2]"),
        ("f(2) should return 4.", "2", "4"),
        ("f(2) returns something else", "2", ""),
        ("f(3)", "3", ""),
        (">>> f(4)\nTraceback (most recent call last):", "4", ""),
    ],
)
def test_examples_are_found(text: str, arguments: str, expected: str) -> None:
    """Doctests, arrows and equals signs tell an output; what is no value is not taken for one."""
    [example] = examples_of(text, "f", PYTHON)
    assert (example.arguments, example.expected) == (arguments, expected)


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        ("int", INT),
        ("typing.List[str]", list_of(STR)),
        ("list[list[int]]", list_of(list_of(INT))),
        ("Optional[int]", INT),
        ("None | str", STR),
        ("Tuple[int, ...]", Kind("tuple", (INT, INT, INT))),
        ("Dict[str, List[int]]", Kind("dict", (STR, list_of(INT)))),
        ("number[]", list_of(Kind("number"))),
        ("Array<string>", list_of(STR)),
        ("Widget", ANY),
        ("[" * 50, ANY),
        ("", ANY),
    ],
)
def test_annotations_are_read(annotation: str, kind: Kind) -> None:
    """Types of Python and of JSDoc become plain kinds; what is unknown says nothing."""
    assert parse_kind(annotation) == kind


def test_parameters_are_read_from_any_definition() -> None:
    """Required ones with annotation and name's hint; defaults, stars and receivers end them."""
    python = parameters("def f(n: int, words, flag=True, *rest):", "f")
    assert python is not None
    assert [(p.kind, p.hint) for p in python] == [(INT, INT), (ANY, list_of(STR))]
    script = parameters("/** @param {string[]} a */\nconst f = async (a, b) => 1", "f")
    assert script is not None
    assert [p.kind for p in script] == [list_of(STR), ANY]
    assert parameters("def g(): pass", "f") is None
    assert parameters("def f(): pass", "f") == ()
    assert parameters("def f((((", "f") is None


def test_inputs_fit_the_types_and_are_bounded() -> None:
    """Of a function of a number and a list, every input is a number and a list."""
    requests = requests_of(subject("def f(n: int, xs: list[float]): pass"), [])
    assert 10 < len(requests) <= MAX_INPUTS
    assert len(set(requests)) == len(requests)
    for request in requests:
        number, numbers = ast.literal_eval(request.text)
        assert isinstance(number, int)
        assert all(isinstance(one, int | float) for one in numbers)


def test_what_the_request_names_comes_first() -> None:
    """Its examples are the first inputs; its numbers, strings and lists are among the others."""
    told = ["f(41) == 42. Numbers such as 977 are special, and so is [9, 8]."]
    texts = [request.text for request in requests_of(subject("def f(n: int): pass"), told)]
    assert texts[0] == "(41,)"
    assert "(977,)" in texts
    assert literals_of("'ab' [1, 2] -3 x4").lists == ([1, 2],)


def test_an_example_with_a_name_in_it_is_no_input() -> None:
    """Only values are passed on as inputs: nothing is looked up, nothing is called."""
    told = ["f(__import__('os').getcwd()) and f(x) and f(2)"]
    texts = [request.text for request in requests_of(subject("def f(n: int): pass"), told)]
    assert texts[0] == "(2,)"
    assert not any("os" in text or "x" in text for text in texts)


def test_javascript_inputs_are_arrays_of_json() -> None:
    """Tuples and sets become arrays, and each input can be read as JSON."""
    source = "/** @param {number} a\n @param {Array<string>} b */ function f(a, b) {}"
    requests = requests_of(subject(source, JAVASCRIPT), [])
    assert all(len(orjson.loads(request.text)) == 2 for request in requests)


def test_inputs_are_the_same_in_every_process() -> None:
    """No hash seed changes an input, sets and mappings included."""
    program = (
        "from tests.unit.metrics.test_code_inputs import *\n"
        "s = 'def f(a: set[str], b: dict[str, int], c, d: tuple[str, int]): pass'\n"
        "print([r.text for r in requests_of(subject(s), [])])\n"
        f"print(fixtures_of([{SCHEMA!r}], ['SELECT 1 WHERE x = 3']))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "7")
    }
    assert len(printed) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```python\na = 1\n```\nand\n```\nprint(a, 2)\n```", "print(a, 2)\n"),
        ("```js\nlong javascript code\n```\n```py\na\n```", "a\n"),
        ("Sure:\n```python\na = 1\nb", "a = 1\nb"),
        ("a = 1", "a = 1"),
        ("```json\n{}\n```", "{}\n"),
    ],
)
def test_code_is_taken_out_of_its_fences(text: str, code: str) -> None:
    """The longest block of the language or of none; without a fence, all of it."""
    assert code_in(text, PYTHON) == code


def test_completions_get_the_beginning_of_the_delivered_code() -> None:
    """Where the response completes a prompt, its alternatives complete the same one."""
    given = code_result("def f(n):\n    return n", "    return 2", response="    return n")
    assert given.code is not None
    assert alternative_sources(given, given.code, PYTHON) == ["def f(n):\n    return 2"]
    whole = code_result("def f(n): return n", "def f(n): return 2")
    assert whole.code is not None
    assert alternative_sources(whole, whole.code, PYTHON) == ["def f(n): return 2"]


def test_the_entry_point_is_the_last_function_at_the_top() -> None:
    """Helpers come first, methods and inner functions are none, and what is named wins."""
    python = Code("def helper(): pass\ndef main(a):\n    def inner(): pass\n", "python")
    assert entry_point_of(python, PYTHON) == "main"
    script = Code("const k = 3;\nexport const go = (x) => x;\nconst limit = 5;", "javascript")
    assert entry_point_of(script, JAVASCRIPT) == "go"
    assert entry_point_of(Code("def a(): pass", "python", "b"), PYTHON) == "b"
    assert toolchain_of(Code("", " Python ")) is PYTHON
    assert toolchain_of(Code("", "")) is None


def test_tables_that_came_with_rows_are_taken_as_they_are() -> None:
    """A text that makes and fills tables is the only fixture."""
    filled = f"Given {SCHEMA}; INSERT INTO t VALUES (1, 'a', 2.5, '2024-01-01'); find a."
    [request] = fixtures_of([SCHEMA, filled], ["SELECT 1"])
    assert request.text.startswith("CREATE TABLE t")
    assert request.text.endswith(";")


def test_rows_are_drawn_for_a_schema() -> None:
    """Several fixtures, with rows that hold what the queries ask for."""
    requests = fixtures_of([SCHEMA], ["SELECT name FROM t WHERE name = 'O''Hara' AND price > 7"])
    assert len(requests) == 4
    assert any("'O''Hara'" in request.text for request in requests)
    assert fixtures_of(["no table"], ["SELECT 1"]) == ()


BLANKS = " " * 60_000
LONG = [
    f"const f ={BLANKS}(a{BLANKS}, b{BLANKS}",
    f"const f = function{BLANKS}",
    f"export{BLANKS}default{BLANKS}async{BLANKS}",
    f"f(1){BLANKS}# f(2){BLANKS}=={BLANKS}",
    "f(" * 30_000,
    "[" * 60_000,
    "f('" * 20_000,
    "'" * 60_001,
    '"""' * 20_001,
    "def f(" + "[," * 2_000,
    f"CREATE{BLANKS}TABLE{BLANKS}t{BLANKS}(" + "(" * 20_000,
    "```" * 20_000,
]


@pytest.mark.parametrize("text", LONG, ids=[text[:12].strip() for text in LONG])
@pytest.mark.parametrize("toolchain", [PYTHON, JAVASCRIPT])
def test_no_text_takes_long_to_look_through(text: str, toolchain: Toolchain) -> None:
    """Runs of blanks, brackets and quotes, 60,000 characters long, are passed in one go."""
    given = subject(text, toolchain)
    assert len(requests_of(given, [text, text])) <= MAX_INPUTS
    assert len(fixtures_of([text], [text])) <= MAX_INPUTS
    entry_point_of(Code(text, toolchain.value), toolchain)
    code_in(text, toolchain)
