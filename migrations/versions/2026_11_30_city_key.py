"""Who is in a city, or of a kind, is read from an index alone: it holds the venues' ids.

PostgreSQL reads an expression's index alone only where the index holds its columns too, and a long city does not fit
twice: so what a city is sought by becomes a column.
"""

from alembic import op

revision = "2026_11_30_city_key"
down_revision = "2026_11_30_unused_originals"

UPGRADE = """
ALTER TABLE venues ADD COLUMN city_key text GENERATED ALWAYS AS (lower(city)) STORED;
DROP INDEX venues_city_idx, venues_kind_idx;
CREATE INDEX venues_city_idx ON venues (city_key) INCLUDE (id);
CREATE INDEX venues_kind_idx ON venues (kind) INCLUDE (id);
"""
DOWNGRADE = """
DROP INDEX venues_city_idx, venues_kind_idx;
ALTER TABLE venues DROP COLUMN city_key;
CREATE INDEX venues_city_idx ON venues (lower(city));
CREATE INDEX venues_kind_idx ON venues (kind);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
