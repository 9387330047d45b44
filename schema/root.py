"""The schema, built from its declarations."""

from __future__ import annotations

from functools import cache

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from schema.askable import learn
from schema.declaration import TYPES
from schema.fields import NAMESPACE
from schema.mutations import Mutation
from schema.queries import Query
from schema.scalars import SCALARS
from schema.subscriptions import Subscription


@cache
def build() -> strawberry.Schema:
    """The one schema of this process."""
    made = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[NAMESPACE[one.name] for one in TYPES.values() if one.is_node],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    )
    learn(_executed(made))
    return made


def _executed(schema: strawberry.Schema) -> GraphQLSchema:
    return schema._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  (there is no public name)


@cache
def graphql_schema() -> GraphQLSchema:
    """The same schema, as graphql-core executes it."""
    return _executed(build())


def sdl() -> str:
    """The schema in its definition language, as it is committed."""
    return build().as_str() + "\n"
