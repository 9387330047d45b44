"""The shape of a viewer: which rights they hold at the same places, and how wide those places are.

Two viewers of one shape get the same SQL; only the ids of their places differ, and those are bound as parameters. A
shape is made from grants read at one epoch. The statement compares the epoch in its own snapshot, so what was read
earlier is a hint that can only be right or be found out.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from weakref import WeakValueDictionary

from auth.actor import Actor
from auth.permissions import Permission
from models import Place


@dataclass(frozen=True)
class Reach:
    """How wide a set of places is: the whole tenant, or some organizations and some single sites."""

    tenant: bool
    organizations: bool
    sites: bool


@dataclass(frozen=True)
class Shape:
    """Which class of places every held permission belongs to, and the reach of every class."""

    classes: tuple[tuple[str, int], ...]
    reaches: tuple[Reach, ...]
    uniform: bool
    viewed: bool = False
    """Whether somebody of the staff looks through the viewer's eyes."""

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Computed once: plans are looked up by it at every call."""
        return hash((self.classes, self.reaches, self.uniform, self.viewed))

    @cached_property
    def _by_permission(self) -> Mapping[str, int]:
        return dict(self.classes)

    def class_of(self, permission: Permission) -> int | None:
        """The class of the places at which ``permission`` is held; None if it is held nowhere."""
        return self._by_permission.get(permission.value)


class Ids(tuple[uuid.UUID, ...]):
    """Ids that are bound again and again."""

    @cached_property
    def packed(self) -> bytes:
        """As PostgreSQL takes them, made once: of a hundred, making them at every call takes longer than their rows."""
        return packed(self)


def packed(ids: Sequence[uuid.UUID | None]) -> bytes:
    """An array of ids in PostgreSQL's binary form."""
    if not ids:
        return struct.pack("!iiI", 0, 0, _UUID)
    head = struct.pack("!iiIii", 1, int(None in ids), _UUID, len(ids), 1)
    return head + b"".join(_LENGTH + one.bytes if one is not None else _ABSENT for one in ids)


_UUID = 2950
_LENGTH, _ABSENT = struct.pack("!i", 16), struct.pack("!i", -1)


@dataclass(frozen=True)
class Places:
    """The ids of one class of places."""

    organizations: Ids
    sites: Ids
    touched: Ids


@dataclass(frozen=True)
class Standing:
    """An actor as the compiler sees them: a shape, and the ids that belong to its classes."""

    actor: Actor
    shape: Shape
    places: tuple[Places, ...]
    pads: dict[tuple[str, str], tuple[bytes, bytes]] = field(
        default_factory=dict[tuple[str, str], tuple[bytes, bytes]], compare=False, repr=False
    )
    """Filled while statements are run (``compiler.parameters.Call.pads``)."""


_Key = tuple[bool, frozenset[uuid.UUID], frozenset[uuid.UUID], frozenset[uuid.UUID]]
"""Whether the whole tenant is among the places; whole organizations, single sites, organizations that are touched."""


def standing_of(actor: Actor) -> Standing:
    """The standing an actor's grants amount to."""
    found: dict[_Key, int] = {}
    # Most permissions are held at the very same places, which are gone through once.
    keys = {id(places): _key(places) for places in actor.places.values()}
    classes: list[tuple[str, int]] = []
    for permission, places in sorted(actor.places.items()):
        classes.append((permission.value, found.setdefault(keys[id(places)], len(found))))
    reaches = tuple(Reach(all_, bool(organizations), bool(sites)) for all_, organizations, sites, _ in found)
    uniform = len({grant.place for grant in actor.grants}) == 1
    shape = Shape(tuple(classes), reaches, uniform, viewed=actor.viewed_by is not None)
    return Standing(actor, _known(shape), tuple(_places(key) for key in found))


def _known(shape: Shape) -> Shape:
    """The one object there is of this shape: what is the same object is found to be equal at once."""
    return _SHAPES.setdefault(shape, shape)


_SHAPES: WeakValueDictionary[Shape, Shape] = WeakValueDictionary()


def _key(places: Sequence[Place]) -> _Key:
    return (
        any(one.organization is None for one in places),
        frozenset(one.organization for one in places if one.organization and not one.site),
        frozenset(one.site for one in places if one.site),
        frozenset(one.organization for one in places if one.organization),
    )


def _places(key: _Key) -> Places:
    _, organizations, sites, touched = key
    return Places(Ids(sorted(organizations)), Ids(sorted(sites)), Ids(sorted(touched)))
