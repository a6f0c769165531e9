"""The results as pictures: plain SVG, drawn from the data alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypedDict
from xml.sax.saxutils import escape

Document = dict[str, Any]


class _Small(TypedDict):
    """How the figures along an axis are written."""

    size: int
    colour: str


_INK, _PALE, _GRID = "#1f2933", "#7b8794", "#d9e2ec"
_OURS, _SINGLE, _TRIVIAL = "#0b6e99", "#d9822b", "#8a8a8a"
_SMALL: _Small = {"size": 11, "colour": _PALE}
_PANEL, _GAP, _TOP = 220, 46, 54


def auroc_picture(found: Document) -> str:
    """Combination, best single metric and best baseline by task, on one axis from 0.5 to 1."""
    tasks = found["acceptance"]["tasks"]
    left, width, row = 150, 520, 40
    height = _TOP + row * len(tasks) + 60

    def x(value: float) -> float:
        return left + width * (min(1.0, max(0.45, value)) - 0.45) / 0.55

    parts = [_text(16, 26, "AUROC by task, cross-validated by source", size=15, weight="bold")]
    for tick in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        parts.append(_line(x(tick), _TOP - 8, x(tick), height - 52))
        parts.append(_text(x(tick), height - 36, f"{tick:.1f}", anchor="middle", colour=_PALE))
    for place, (task, figures) in enumerate(tasks.items()):
        y = _TOP + row * place + 14
        combined = found["tasks"][task]["combined"]
        parts.append(_text(left - 12, y + 4, task, anchor="end"))
        parts.append(_line(x(combined["lower"]), y, x(combined["upper"]), y, _OURS))
        parts += [
            _dot(x(figures["trivial"]["auroc"]), y, _TRIVIAL),
            _dot(x(figures["single"]["auroc"]), y, _SINGLE),
            _dot(x(figures["auroc"]), y, _OURS, 6),
        ]
    names = ("combined, with its interval", "best single metric", "best trivial baseline")
    for place, (name, colour) in enumerate(zip(names, (_OURS, _SINGLE, _TRIVIAL), strict=True)):
        parts.append(_dot(left + 190 * place, height - 14, colour))
        parts.append(_text(left + 190 * place + 10, height - 10, name, size=12))
    return _svg(left + width + 30, height, parts)


def reliability_picture(found: Document) -> str:
    """What was claimed against what came true, a panel a task."""

    def draw(task: str, x: Callable[[float], float], y: Callable[[float], float]) -> Iterator[str]:
        curves = found["tasks"][task]["combined"]["curves"]
        yield _line(x(0), y(0), x(1), y(1), _PALE)
        points = list(zip(curves["claimed"], curves["right"], strict=True))
        yield _path([(x(a), y(b)) for a, b in points], _OURS)
        yield from (_dot(x(a), y(b), _OURS) for a, b in points)

    title = "Share that was right against the confidence (ten bins of equal mass)"
    return _panels(list(found["tasks"]), title, ("confidence", "right"), draw)


def risk_picture(found: Document) -> str:
    """The error rate among the best by confidence, a panel a task."""

    def draw(task: str, x: Callable[[float], float], y: Callable[[float], float]) -> Iterator[str]:
        of_task = found["tasks"][task]
        curves = of_task["combined"]["curves"]
        wrong = 1 - of_task["right"]
        yield _line(x(0), y(wrong), x(1), y(wrong), _PALE)
        points = zip(curves["kept"], curves["errors"], strict=True)
        yield _path([(x(a), y(b)) for a, b in points], _OURS)

    title = "Error rate among the share that is kept, best first (grey: without a choice)"
    return _panels(list(found["tasks"]), title, ("kept", "wrong"), draw)


def _panels(
    names: Sequence[str],
    title: str,
    axes: tuple[str, str],
    draw: Callable[[str, Callable[[float], float], Callable[[float], float]], Iterator[str]],
) -> str:
    """A square panel a name, three in a row, both axes from 0 to 1."""
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    parts = [_text(16, 26, title, size=15, weight="bold")]
    for place, name in enumerate(names):
        left = _GAP + (_PANEL + _GAP) * (place % columns)
        top = _TOP + 20 + (_PANEL + _GAP + 14) * (place // columns)

        def x(value: float, left: float = left) -> float:
            return left + _PANEL * value

        def y(value: float, top: float = top) -> float:
            return top + _PANEL * (1 - value)

        parts.append(_text(left, top - 8, name, weight="bold"))
        for tick in (0.0, 0.5, 1.0):
            parts.append(_line(x(tick), y(0), x(tick), y(1)))
            parts.append(_line(x(0), y(tick), x(1), y(tick)))
            parts.append(_text(x(tick), y(0) + 15, f"{tick:g}", anchor="middle", **_SMALL))
            parts.append(_text(x(0) - 6, y(tick) + 4, f"{tick:g}", anchor="end", **_SMALL))
        parts.append(_text(x(1), y(0) + 28, axes[0], anchor="end", **_SMALL))
        parts.append(_text(x(0) + 4, y(1) + 12, axes[1], **_SMALL))
        parts += draw(name, x, y)
    return _svg(_GAP + (_PANEL + _GAP) * columns, _TOP + 20 + (_PANEL + _GAP + 14) * rows, parts)


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 13,
    anchor: str = "start",
    colour: str = _INK,
    weight: str = "normal",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{colour}" font-weight="{weight}">{escape(words)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = _GRID) -> str:
    width = 1 if colour in {_GRID, _PALE} else 3
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width}"/>'
    )


def _path(points: Sequence[tuple[float, float]], colour: str) -> str:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _dot(x: float, y: float, colour: str, radius: float = 4) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{colour}"/>'


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="system-ui, sans-serif">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )
