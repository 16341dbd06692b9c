"""What the event contract says of a type's data: its fields, and which of them are needed."""

from functools import cache

import msgspec

from shared.contracts.event import EVENT_TYPES


@cache
def _data_of(event_type: str) -> msgspec.inspect.StructType:
    kind = msgspec.inspect.type_info(EVENT_TYPES[event_type])
    assert isinstance(kind, msgspec.inspect.StructType)  # noqa: S101 - every event is a struct
    data = next(field.type for field in kind.fields if field.name == "data")
    assert isinstance(data, msgspec.inspect.StructType)  # noqa: S101 - and so is its data
    return data


@cache
def fields_of(event_type: str) -> frozenset[str]:
    """Return the names of all data fields of a type."""
    return frozenset(field.encode_name for field in _data_of(event_type).fields)


@cache
def required_fields_of(event_type: str) -> frozenset[str]:
    """Return the names of the data fields that every event of a type has."""
    return frozenset(field.encode_name for field in _data_of(event_type).fields if field.required)


def data_fault(event_type: str, data: dict[str, object]) -> tuple[str, str] | None:
    """Return (field, what is wrong) when data does not fit the contract."""
    kind = EVENT_TYPES[event_type].__annotations__["data"]
    try:
        msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$.")
        return place.rstrip("`").partition("[")[0], text
    return None
