"""The tables. The database is the truth; every index is a view that follows `passage_change`.

source --< article --< revision --< passage --< passage_vector        passage_change (append-only)
             |  |                                                check --< check_excerpt >-- revision
   address --+  +--< sketch_band                                 ask --< ask_check >-- check, opinion
      +--< guild_source >-- guild                                note (small things to remember)
dispute --< dispute_flag, dispute_claim, snapshot, follow        dispute_event (append-only), audit_head
Passages belong to an article's current revision only; older revisions keep their text, so that what was quoted stays readable.
An address is what is visited on the web; articles with one story_id are copies of one another. An ask is a question put in Discord,
its checks are the claims of the answer; a guild is a Discord server, by its id there. A dispute is a case of a server's moderators.
"""

from db.schema.asking import ANSWERED, TOLD, WAITING, AskCheckRow, AskRow, GuildRow, GuildSourceRow, OpinionRow
from db.schema.base import Base
from db.schema.cases import AuditHeadRow, DisputeClaimRow, DisputeEventRow, DisputeFlagRow, DisputeRow, FlagDraftRow, FollowRow, SnapshotRow
from db.schema.checks import CheckExcerptRow, CheckRow
from db.schema.news import ArticleRow, PassageChangeRow, PassageRow, RevisionRow, SketchBandRow, SourceRow, VectorRow
from db.schema.notes import NoteRow
from db.schema.web import AddressRow, HostRow, VisitRow

__all__ = [
    "ANSWERED",
    "AddressRow",
    "ArticleRow",
    "AskCheckRow",
    "AskRow",
    "AuditHeadRow",
    "Base",
    "CheckExcerptRow",
    "CheckRow",
    "DisputeClaimRow",
    "DisputeEventRow",
    "DisputeFlagRow",
    "DisputeRow",
    "FlagDraftRow",
    "FollowRow",
    "GuildRow",
    "GuildSourceRow",
    "HostRow",
    "NoteRow",
    "OpinionRow",
    "PassageChangeRow",
    "PassageRow",
    "RevisionRow",
    "SketchBandRow",
    "SnapshotRow",
    "SourceRow",
    "TOLD",
    "VectorRow",
    "VisitRow",
    "WAITING",
]
