"""What the checker's viewers ask for: each protected text by every way there is to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models import Site
from resolvers.ids import encode
from tests.promise.world import Home, Secret

_LISTS = {
    "Organization": "organizations",
    "Site": "sites",
    "Contract": "contracts",
    "Job": "jobs",
    "Report": "reports",
    "Contact": "contacts",
    "Service": "services",
}


@dataclass(frozen=True)
class Document:
    """What is asked for, and the keys the answer holds for a viewer who may see them.

    A text that begins with a slash is the path of a file, which is there over HTTP only.
    """

    name: str
    query: str
    variables: Mapping[str, Any]
    covers: frozenset[str]

    @property
    def is_file(self) -> bool:
        return self.query.startswith("/")


def documents(secrets: Sequence[Secret], home: Home) -> list[Document]:
    """The ways to the secrets: lists, ids, edges and search."""
    keys = frozenset(one.key for one in secrets)
    searchable = frozenset(one.key for one in secrets if one.searchable)
    ids = sorted({one.node_id for one in secrets})
    fragments = _fragments(secrets)
    made = [
        Document("lists", f"{{viewer{{epoch {_lists(secrets)}}}}}", {}, keys),
        Document("nodes", f"query($ids:[ID!]!){{nodes(ids:$ids){{__typename {fragments}}}}}", {"ids": ids}, keys),
        Document(
            "ids", *_one_by_one(ids[:4], fragments), frozenset(one.key for one in secrets if one.node_id in ids[:4])
        ),
        Document("search", f"{{{_searches(secrets)} __typename}}", {}, searchable),
    ]
    under = [one for one in secrets if one.key in {known.key for known in home.secrets.values()}]
    if under:
        site = {"site": encode(Site, home.site)}
        query = f"query($site:ID!){{node(id:$site){{__typename ... on Site{{name {_nested(under)}}}}}}}"
        made.append(Document("edges", query, site, frozenset(one.key for one in under)))
    if any(one.field == "commercialTerms" for one in secrets):
        made.append(_by_rate(secrets))
    return [one for one in made if one.covers]


_CLIENTS = " ".join(f" ... on {one}{{organization{{id}}}}" for one in ("Report", "Site", "Contract", "Job", "Contact"))


def access_subscription(secrets: Sequence[Secret]) -> str:
    """The viewer's access, with every list a secret stands in."""
    places = "places{site{name} organization{shortName}}"
    return f"subscription{{access{{epoch permissions {places} {_lists(secrets)}}}}}"


def changes_subscription(secrets: Sequence[Secret], *, nested: bool) -> str:
    """What happens under a place, with the protected texts of whatever changed.

    With a ``nested`` row the node is read by a statement for all who watch, and not told from its own columns.
    """
    node = f"node{{__typename {_fragments(secrets)}{_CLIENTS if nested else ''}}}"
    return (
        "subscription($under:ID!,$after:String){changes(under:$under,after:$after){__typename"
        " ... on Reload{reason offset}"
        f" ... on Change{{event kind nodeId version offset epoch {node}}}}}}}"
    )


def _fields(secrets: Sequence[Secret]) -> dict[str, list[str]]:
    """The protected fields of each type."""
    fields: dict[str, list[str]] = {}
    for one in secrets:
        names = fields.setdefault(one.type, [])
        if one.field not in names:
            names.append(one.field)
    return fields


def _lists(secrets: Sequence[Secret]) -> str:
    lists = (
        f"{_LISTS[name]}(first:100){{totalCount nodes{{id {' '.join(fields)}}}}}"
        for name, fields in _fields(secrets).items()
    )
    return " ".join(lists)


def _fragments(secrets: Sequence[Secret]) -> str:
    return " ".join(f"... on {name}{{id {' '.join(fields)}}}" for name, fields in _fields(secrets).items())


def _searches(secrets: Sequence[Secret]) -> str:
    found = (
        f's_{one.key}:{_LISTS[one.type]}(first:2,filter:{{search:"~{one.key}."}}){{totalCount nodes{{id {one.field}}}}}'
        for one in secrets
        if one.searchable
    )
    return " ".join(found)


def _nested(secrets: Sequence[Secret]) -> str:
    parts: list[str] = []
    for name, fields in _fields(secrets).items():
        said = " ".join(fields)
        if name == "Site":
            parts.append(said)
        elif name == "Organization":
            parts.append(f"organization{{{said}}}")
        else:
            parts.append(f"{_LISTS[name]}(first:100){{totalCount nodes{{{said}}}}}")
    return " ".join(parts)


def _one_by_one(ids: Sequence[str], fragments: str) -> tuple[str, Mapping[str, Any]]:
    """Each by its id: what reads single rows only may go to the database together with what others ask."""
    names = {f"n{number}": id for number, id in enumerate(ids)}
    given = ",".join(f"${name}:ID!" for name in names)
    nodes = " ".join(f"{name}:node(id:${name}){{__typename {fragments}}}" for name in names)
    return f"query({given}){{{nodes}}}", names


def _by_rate(secrets: Sequence[Secret]) -> Document:
    """Which contracts have a rate above nothing: whoever may not read rates is refused, and told no number."""
    key = next(one.key for one in secrets if one.field == "commercialTerms")
    query = f'{{s_{key}:contracts(first:1,filter:{{baseRate:{{since:"0.01"}}}}){{totalCount}}}}'
    return Document("rates", query, {}, frozenset({key}))
