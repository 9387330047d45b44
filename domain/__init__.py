"""What may happen: the business rules as plain functions. No GraphQL, no HTTP, no clock."""
