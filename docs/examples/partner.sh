#!/bin/sh
# A partner's program with curl. PORTICO_URL, PORTICO_CLIENT_ID and PORTICO_CLIENT_SECRET say where and who.
set -eu

# The secret is read from standard input, so that it shows in no list of processes.
answer=$(printf 'user = "%s:%s"\n' "$PORTICO_CLIENT_ID" "$PORTICO_CLIENT_SECRET" |
    curl --silent --show-error --fail-with-body --config - \
        --data grant_type=client_credentials --data scope=sites:read "$PORTICO_URL/oauth/token")
token=$(printf '%s' "$answer" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl --silent --show-error --fail-with-body --config - \
        --header 'Content-Type: application/json' --header 'Accept: application/graphql-response+json' \
        --data '{"query":"{ sites(first: 3) { nodes { name address { city } } } }"}' "$PORTICO_URL/graphql"
echo
