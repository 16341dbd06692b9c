"""Who is told on which tier, what a person is where, and the tree."""

from datetime import datetime

from directory.domain.org import Kind, Node
from directory.domain.person import TIER_ROLES, Assignment, Contact, Person, Recipient
from directory.domain.ports import Stores
from directory.domain.vault import Vault
from directory.service.facts import FactsPublisher
from directory.service.students import known_student, place_of_facts
from shared.auth.actor import Actor
from shared.auth.permission import allowed, require, visible
from shared.kernel.errors import NotFoundError


class PeopleDesk:
    """Reads of people; contact addresses are opened for machines that deliver, and nobody else."""

    def __init__(self, vault: Vault, publisher: FactsPublisher) -> None:
        self._vault = vault
        self._publisher = publisher

    async def tree(self, stores: Stores, actor: Actor) -> list[Node]:
        """Return the active units, parents first."""
        require(actor, "org.read")
        tree = await stores.org.tree()
        order: dict[Kind, int] = {"school": 0, "college": 1, "team": 2}
        active = [node for node in tree.nodes.values() if node.is_active]
        return sorted(active, key=lambda node: (order[node.kind], node.id))

    async def person(
        self, stores: Stores, actor: Actor, person_id: str
    ) -> tuple[Person, list[Assignment]]:
        """Return a person without any identity.

        Raises:
            NotFoundError: nobody, or nobody of the actor's: the two look alike.
        """
        is_self = actor.id == person_id
        if not is_self:
            visible(actor, "person.read")
        person = await stores.people.get(person_id)
        if person is None:
            raise NotFoundError("person_not_found", "no such person here", field="person")
        assignments = await stores.people.assignments(person_id)
        tree = await stores.org.tree()
        scopes = [tree.place(one.node).scope(person.pseudonym) for one in assignments]
        if not is_self and not any(allowed(actor, "person.read", scope) for scope in scopes):
            raise NotFoundError("person_not_found", "no such person here", field="person")
        return person, assignments

    async def recipients(
        self, stores: Stores, actor: Actor, pseudonym: str, tier: Kind, *, now: datetime
    ) -> list[Recipient]:
        """Return who is to be told about a student on a tier: active people, valid today."""
        facts = await known_student(stores, actor, "recipients.read", pseudonym)
        node = getattr(place_of_facts(facts), tier)
        day = self._publisher.today(now)
        found = await stores.people.active_at(node, TIER_ROLES[tier]) if node else []
        recipients: dict[str, Recipient] = {}
        for person, assignment in sorted(found, key=lambda pair: (pair[0].id, pair[1].role)):
            if person.pseudonym == pseudonym or not assignment.is_valid(day):
                continue  # nobody is told about themselves
            contacts = await self._contacts(stores, person.id) if "service" in actor.roles else ()
            recipients.setdefault(
                person.id,
                Recipient(person.id, assignment.role, tier, person.language, contacts),
            )
        return list(recipients.values())

    async def _contacts(self, stores: Stores, person: str) -> tuple[Contact, ...]:
        sealed = await stores.people.sealed(person)
        email = self._vault.open_one(person, "email", sealed["email"])
        webhook = self._vault.open_one(person, "webhook", sealed["webhook"])
        found = (Contact("email", email), Contact("webhook", webhook))
        return tuple(contact for contact in found if contact.address)
