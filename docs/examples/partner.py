"""A partner's program in Python: page through all sites, wait when told to, then hear of changes.

pip install 'gql[httpx2,websockets]'
PORTICO_URL=... PORTICO_CLIENT_ID=... PORTICO_CLIENT_SECRET=... python partner.py
"""

# ruff: noqa: INP001, T201  (a program of its own, which prints)

import asyncio
import os
from typing import Any

import httpx2
from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

URL = os.environ["PORTICO_URL"]
SITES = gql("""
    query Sites($after: String) {
      sites(first: 2, after: $after) {
        nodes { name address { city } }
        pageInfo { hasNextPage endCursor }
      }
    }
""")
CHANGES = gql("""
    subscription Changes($under: ID!) {
      changes(under: $under, types: [Site]) {
        ... on Reload { reason }
        ... on Change { kind node { ... on Site { name } } }
      }
    }
""")


async def sign_in() -> str:
    """A token for ten minutes; get another when it ends."""
    async with httpx2.AsyncClient() as http:
        answer = await http.post(
            f"{URL}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(os.environ["PORTICO_CLIENT_ID"], os.environ["PORTICO_CLIENT_SECRET"]),
        )
    answer.raise_for_status()
    return answer.json()["access_token"]


async def all_sites(token: str) -> list[dict[str, Any]]:
    """Every site, page by page; a page that is refused for now is asked for again when there are points for it."""
    transport = HTTPXAsyncTransport(f"{URL}/graphql", headers={"Authorization": f"Bearer {token}"})
    sites: list[dict[str, Any]] = []
    after = None
    async with Client(transport=transport) as session:
        while True:
            try:
                page = (await session.execute(GraphQLRequest(SITES, variable_values={"after": after})))["sites"]
            except TransportQueryError as refusal:
                await asyncio.sleep(seconds_to_wait(refusal))
                continue
            sites += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return sites
            after = page["pageInfo"]["endCursor"]


def seconds_to_wait(refusal: TransportQueryError) -> float:
    """How long to wait before asking again; anything but a lack of points is raised."""
    for error in refusal.errors or []:
        if error["extensions"]["code"] == "THROTTLED":
            return error["extensions"]["retryAfter"]
    raise refusal


async def first_message(token: str, under: str) -> dict[str, Any]:
    """The first message of a stream of changes: from there on nothing is missed."""
    transport = WebsocketsTransport(
        url=f"{URL.replace('http', 'ws', 1)}/graphql",
        init_payload={"authorization": f"Bearer {token}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=transport) as session:
        async for message in session.subscribe(GraphQLRequest(CHANGES, variable_values={"under": under})):
            return message["changes"]
    raise ConnectionError("The stream ended.")


async def main() -> None:
    """Print the sites, and where the stream of changes begins."""
    token = await sign_in()
    for site in await all_sites(token):
        print(f"{site['name']}, {site['address']['city']}")
    if under := os.environ.get("PORTICO_UNDER"):
        print(await first_message(token, under))


if __name__ == "__main__":
    asyncio.run(main())
