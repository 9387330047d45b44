"""The schema, built from its declarations."""

from __future__ import annotations

from functools import cache

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from schema.fields import NAMESPACE
from schema.mutations import Mutation
from schema.queries import Query
from schema.scalars import SCALARS
from schema.subscriptions import Subscription


@cache
def build() -> strawberry.Schema:
    """The one schema of this process."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[NAMESPACE[name] for name in ("Grant", "Membership", "PortalUser", "JobParty")],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    )


@cache
def graphql_schema() -> GraphQLSchema:
    """The same schema, as graphql-core executes it."""
    return build()._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  (there is no public name)


def sdl() -> str:
    """The schema in its definition language, as it is committed."""
    return build().as_str() + "\n"
