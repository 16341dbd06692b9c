"""What every service's tables share: constraint names by convention and the bookmarks table."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata() -> MetaData:
    """Return the metadata of one service, with the naming convention."""
    return MetaData(naming_convention=NAMING)


def bookmarks_table(metadata: MetaData) -> Table:
    """Add the table of stream positions: `(group, topic, partition) -> next_offset, epoch`."""
    return Table(
        "stream_bookmarks",
        metadata,
        Column("group_name", String(120), primary_key=True),
        Column("topic", String(120), primary_key=True),
        Column("partition", Integer, primary_key=True),
        Column("next_offset", BigInteger, nullable=False),
        Column("epoch", BigInteger, nullable=False),
    )
