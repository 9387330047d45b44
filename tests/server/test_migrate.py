"""The migrations make the tables of models/, whoever runs them and however many at once."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import NullPool, create_engine, text

from server import migrate


def test_models_and_migrations_agree(fresh_database_url: str) -> None:
    with create_engine(fresh_database_url, poolclass=NullPool).connect() as connection:
        assert migrate.differences(connection) == []


def test_three_may_upgrade_at_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(3) as racing:
        list(racing.map(migrate.upgrade, [empty_database_url] * 3))
    with create_engine(empty_database_url, poolclass=NullPool).connect() as connection:
        assert migrate.current(connection) == migrate.heads()


def test_there_and_back_leaves_no_table(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    migrate.downgrade(empty_database_url, "base")
    left = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    with create_engine(empty_database_url, poolclass=NullPool).connect() as connection:
        assert connection.scalars(text(left)).all() == []
    migrate.upgrade(empty_database_url)


def test_one_head() -> None:
    assert len(migrate.heads()) == 1
