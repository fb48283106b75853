"""Which topic a control point belongs to."""

from __future__ import annotations

from targeting.parameters.document import Dated, Parameter, read

__all__ = ["point_title", "prefix", "topic_of"]


class _Topic(Dated):
    prefix: str
    topic: str
    title_nb: str
    title_en: str


class _Title(Parameter):
    nb: str
    en: str


class _ControlPoints(Parameter):
    title: str
    unit: str
    topic: tuple[_Topic, ...]
    points: dict[str, _Title]


_CONTROL_POINTS = read("control_points.toml", _ControlPoints)


def topic_of(control_point: str) -> str | None:
    """`bht`, `working_environment`, `hiring` or `crime`; None for a point that no prefix knows.

    >>> topic_of("BHT-03"), topic_of("XYZ-1")
    ('bht', None)
    """
    return next((one.topic for one in _CONTROL_POINTS.topic if control_point.startswith(one.prefix)), None)


def prefix(topic: str) -> str:
    """The start of every control-point id of `topic` (for SQL: `starts_with(control_point, prefix)`)."""
    return next(one.prefix for one in _CONTROL_POINTS.topic if one.topic == topic)


def point_title(control_point: str, language: str) -> str:
    """What the point asks, in `nb` or `en`; the id itself when no title is known."""
    title = _CONTROL_POINTS.points.get(control_point)
    return (title.en if language == "en" else title.nb) if title else control_point
