"""No name, number or address leaves but by a reveal or to a delivering machine."""

import re
from collections.abc import Sequence

from tests.helpers.directory_service import (
    ADVISOR,
    ANN,
    BOB,
    CAT,
    COUNSELLOR,
    EVE,
    IT,
    OFFICER,
    OTHER_COUNSELLOR,
    PEER,
    SERVICE,
    STUDENT,
    VAULT,
    DirectoryUnderTest,
)
from tests.helpers.rosters import PLANTED

from shared.auth.actor import Actor

CALLERS: Sequence[Actor] = (
    ADVISOR, COUNSELLOR, IT, OFFICER, OTHER_COUNSELLOR, PEER, SERVICE, STUDENT,
)  # fmt: skip
RANDOM_IDS = re.compile(r"\b(?:req_)?[0-9a-f]{32}\b")
PEOPLE = ("s-ann", "s-bob", "s-cat", "a-dan", "p-eve", "k-fay", "k-gus", "o-hal", "i-ivy")


async def test_no_name_or_number_leaves(campus: DirectoryUnderTest) -> None:
    """Every published record and every other response is free of what was planted."""
    await campus.load()
    leave = {"kind": "leave", "start": "2026-09-21", "end": "2026-09-22"}
    paths = ["/org/tree", "/students", "/calendar", "/audit", "/audit/verify"]
    paths += [f"/students/{one}{more}" for one in (ANN, BOB, CAT, EVE) for more in ("", "/leaves")]
    paths += [f"/people/{VAULT.person_id(source)}" for source in PEOPLE]
    paths += ["/identities/reveals"]
    statuses = set()
    for actor in CALLERS:
        for path in paths:
            statuses.add((await campus.ask(actor, "GET", path)).status_code)
        for one in (ANN, CAT):
            await campus.ask(actor, "POST", f"/students/{one}/leaves", json=leave)
        await campus.ask(actor, "PUT", "/calendar", json={"node": "c1", "entries": []})
        waiting = {"pseudonym": ANN, "duty": "talk", "reason": "a talk is due", "level": "red"}
        await campus.ask(actor, "POST", "/identities/reveal", json=waiting)
        await campus.ask(actor, "POST", "/identities/lookup", json={"number": "2023900001"})
    assert statuses == {200, 403, 404}
    records = campus.broker.records("directory.students.v1")
    await campus.sent()
    published = [
        text
        for record in campus.broker.records("directory.students.v1") + records
        for text in (str(record.key), (record.value or b"").decode(), str(record.headers))
    ]
    assert len(published) > 12
    for text in [*campus.responses, *published]:
        plain = RANDOM_IDS.sub("", text)  # any five digits may stand in them
        assert not [word for word in PLANTED if word in plain], text
