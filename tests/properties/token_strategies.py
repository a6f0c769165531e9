"""Tokens and reasoning traces for laws: some in order, some of any shape."""

from __future__ import annotations

from hypothesis import strategies as st

from plimsoll.domain.result import Tokens

# Whatever a producer may send for a log-probability, in order or not.
ANY_FLOATS = st.one_of(
    st.floats(max_value=0.0, min_value=-50.0),
    st.sampled_from([-0.0, -9999.0, -3.4028235e38, -1.7e308, -5e-324]),
    st.floats(),
)
ORDERLY_FLOATS = st.one_of(
    st.floats(-20.0, 0.0), st.sampled_from([0.0, -0.0, -745.0, -9999.0, -1e300, -5e-324])
)
FRAGMENTS = [
    "", " ", "\n", "So ", "the answer is ", "Paris", "12", "-3/4", "3.5%", "(B)", "\\boxed{", "}",
    "#### ", "Wait, ", "maybe it is so. ", "5 + 7 = 12. ", "\u7b54\u6848", "\x00", "\ud800",
]  # fmt: skip
TRACES = st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join)


@st.composite
def orderly_tokens(draw: st.DrawFn, text: str) -> Tokens:
    """Tokens whose columns agree, and whose texts make up this one or are not there."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    k = draw(st.integers(0, 4))
    even = draw(st.booleans())
    counts = [k if even else draw(st.integers(0, k)) for _ in pieces]
    tops = [draw(st.lists(ORDERLY_FLOATS, min_size=n, max_size=n)) for n in counts]
    return Tokens(
        logprobs=tuple(draw(ORDERLY_FLOATS) for _ in pieces),
        texts=tuple(pieces) if draw(st.booleans()) else (),
        top_k=k,
        top_counts=() if even else tuple(counts),
        top_logprobs=tuple(value for top in tops for value in sorted(top, reverse=True)),
    )


def any_tokens(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Tokens]:
    """Tokens of any shape, most of them in no order at all."""
    return st.builds(
        Tokens,
        logprobs=st.lists(ANY_FLOATS, max_size=6).map(tuple),
        texts=st.lists(texts, max_size=3).map(tuple),
        top_k=st.integers(0, 3),
        top_counts=st.lists(st.integers(-1, 4), max_size=4).map(tuple),
        top_logprobs=st.lists(ANY_FLOATS, max_size=12).map(tuple),
    )
