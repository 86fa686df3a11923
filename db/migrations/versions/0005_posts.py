"""Whole posts: what a check found beside its excerpts, and whether a server wants pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("check", sa.Column("beside", sa.Text, nullable=False, server_default=""))
    op.add_column("guild", sa.Column("pictures", sa.String(10), nullable=False, server_default="dark"))


def downgrade() -> None:
    op.drop_column("guild", "pictures")
    op.drop_column("check", "beside")
