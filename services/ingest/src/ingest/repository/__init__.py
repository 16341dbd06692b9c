"""The database of ingest: the books, the feeds, the dead letters."""

from ingest.repository.feeds import FeedRepository
from ingest.repository.ledger import LedgerRepository
from ingest.repository.letters import LetterRepository

__all__ = ["FeedRepository", "LedgerRepository", "LetterRepository"]
