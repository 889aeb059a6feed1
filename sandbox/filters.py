"""What a query parameter of a list call selects: each filter is `(record, values) -> bool`."""

from collections.abc import Callable

Filter = Callable[[dict, list[str]], bool]


def equals(field: str) -> Filter:
    """The field is one of the values. A record that has no such field is not filtered by it."""

    def selects(record, values):
        value = record.get(field, values[0])
        return str(value).lower() == values[-1].lower() if isinstance(value, bool) else value in values

    return selects


def contains(field: str) -> Filter:
    """One of the values is part of the field."""
    return lambda record, values: any(value in (record.get(field) or "") for value in values)


def has_all(field: str) -> Filter:
    """Every value given, repeated or separated by commas, is in the record's list."""
    return lambda record, values: (
        {part for value in values for part in value.split(",")} <= set(record.get(field) or [])
    )


def means_nothing(values: list[str]) -> bool:
    """Go clients send the zero of an enum (`unknown`, `unknown_state`) for "no filter"."""
    return all(value == "" or value == "unknown" or value.startswith("unknown_") for value in values)
