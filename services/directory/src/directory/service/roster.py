"""Import a roster: one set of files, one transaction, one report."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.audit import AuditEntry
from directory.domain.ports import Stores
from directory.domain.roster.plan import Known, Plan, make_plan
from directory.domain.roster.read import read_roster
from directory.domain.roster.report import OUTCOMES, Report
from directory.domain.vault import Column, Vault
from directory.service.facts import FactsPublisher
from shared.auth.actor import Actor
from shared.crypto.pseudonym import Pseudonymiser
from shared.kernel.campus_time import format_utc
from shared.kernel.errors import RuleBrokenError


@dataclass(frozen=True)
class Prepared:
    """The pure part of an import, made in a thread: it takes longer than a heartbeat."""

    report: Report
    plan: Plan
    sealed: dict[str, dict[Column, str]]
    removes_too_many: bool


class RosterImporter:
    """Reads, compares, writes and publishes. The same set again changes nothing."""

    def __init__(
        self, vault: Vault, pseudonymiser: Pseudonymiser, publisher: FactsPublisher
    ) -> None:
        self._vault = vault
        self._pseudonymiser = pseudonymiser
        self._publisher = publisher

    async def run(
        self,
        stores: Stores,
        files: Mapping[str, bytes],
        actor: Actor,
        now: datetime,
        *,
        allow_mass_removal: bool = False,
    ) -> tuple[Report, int]:
        """Return the report and the number of students whose facts were published.

        Raises:
            RuleBrokenError: no known file, or more people would leave than is plausible.
        """
        if not files.keys() - {"manifest.csv"}:
            raise RuleBrokenError("no_roster_files", "no OneRoster file in the set", field="file")
        known = await stores.roster.known()
        done = await asyncio.to_thread(self._prepare, files, known)
        if done.removes_too_many and not allow_mass_removal:
            raise RuleBrokenError(
                "removes_too_many",
                f"{len(done.plan.left)} people would leave; is the set complete? "
                "allow_mass_removal=true imports it all the same",
            )
        await stores.roster.save(done.plan, done.sealed)
        published = await self._publisher.refresh(stores, now)
        await stores.audit.append(_entry(done.report, actor, now))
        return done.report, published

    def _prepare(self, files: Mapping[str, bytes], known: Known) -> Prepared:
        roster = read_roster(files, known.nodes, known.people, self._vault)
        plan = make_plan(roster, known, self._vault, self._pseudonymiser.pseudonym)
        sealed = {
            item.person.id: self._vault.seal(item.person.id, item.row.identity)
            for item in plan.people
        }
        return Prepared(roster.report, plan, sealed, plan.removes_too_many(known))


def _entry(report: Report, actor: Actor, now: datetime) -> AuditEntry:
    totals: dict[str, str] = {
        outcome: str(sum(file.counts[outcome] for file in report.files.values()))
        for outcome in OUTCOMES
    }
    return AuditEntry(format_utc(now), actor.id, "roster.import", "roster", "done", totals)
