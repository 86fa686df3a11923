"""Alembic's entry: runs on the connection that db.engine hands over, or, for writing new migrations, on a scratch SQLite file."""

from alembic import context
from sqlalchemy import create_engine

from db.schema import Base

connection = context.config.attributes.get("connection")
if connection is None:
    connection = create_engine(context.config.get_main_option("sqlalchemy.url") or "sqlite://").connect()
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
