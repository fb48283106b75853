"""Corrections: what a person found wrong in a register, and what it should say instead."""

from targeting.tables.contract import About, Column, Kind, Table

__all__ = ["Corrections"]


class Corrections(Table):
    """One row per (number, table_name, entity, field, known_on, version): one value disputed and corrected.

    The corrected row itself is a row of the table named; this one says which value of it is not the register's.
    """

    about = About(
        name="corrections",
        key=("number", "table_name", "entity", "field", "known_on", "version"),
        source="python -m pipelines correct: errors reported to the Authority",
        lag="the day the correction is recorded",
        missing="errors nobody reported; what was corrected at its source, which comes with the next file",
    )

    number = Column(Kind.TEXT, "organisation number of the unit whose data it is")
    table_name = Column(Kind.TEXT, "the table that holds the value")
    entity = Column(Kind.TEXT, "which of the table's entities: its key without time, as a JSON object")
    field = Column(Kind.TEXT, "the column")
    known_on = Column(Kind.DAY, "the day from which the corrected value holds", unit="day")
    version = Column(Kind.INTEGER, "version of the corrected row; 0 where the table has none")
    disputed = Column(Kind.TEXT, "what the register says, as text", null="the register says nothing")
    value = Column(Kind.TEXT, "what holds instead, as text", null="not known")
    why = Column(Kind.TEXT, "the ground: document, call, decision")
