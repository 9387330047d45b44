"""How a rule says no: a coded exception that names the field at fault. Nothing is written when one is raised."""

from __future__ import annotations


class Refused(Exception):
    """A command was refused. ``code`` is stable, ``field`` is the input field at fault (camelCase) or None."""

    code = "REFUSED"
    field: str | None = None

    def __init__(self, message: str, *, field: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.field = field if field is not None else self.field
        self.code = code or self.code


class NotFound(Refused):
    """No such node, or none the actor may see: the two are told in the same words."""

    code = "NOT_FOUND"

    def __init__(self, field: str | None = "id") -> None:
        super().__init__("There is no such record, or it is not visible to you.", field=field)


class Conflict(Refused):
    """The row was changed since the caller read it."""

    code = "CONFLICT"
    field = "expectedVersion"

    def __init__(self, current: int, *, field: str | None = None) -> None:
        super().__init__(f"The record has changed; its version is now {current}.", field=field)
        self.current = current


class Invalid(Refused):
    """A value is not acceptable in itself."""

    code = "INVALID"


class InvalidTransition(Refused):
    """The state does not allow this step."""

    code = "INVALID_TRANSITION"
    field = "id"
