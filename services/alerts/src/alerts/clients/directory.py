"""Directory's `GET /v1/recipients`: the people of a student's tier and their channels."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from alerts.domain.ports import Channel, Recipient
from shared.contracts.alert import Tier
from shared.kernel.errors import DeliveryError, UnavailableError
from shared.web.client import AddressError, HttpClient

_OK, _UNKNOWN = 200, 404
_CHANNELS: dict[str, Channel] = {"email": "email", "webhook": "webhook"}


class _Address(Struct):
    kind: str
    address: str


class _Person(Struct):
    person: str
    channels: list[_Address]
    language: str = "zh"


class _Answer(Struct):
    recipients: list[_Person]


_decode = msgspec.json.Decoder(_Answer).decode


class DirectoryClient:
    """`Recipients` over HTTP, with this service's own token."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    async def of(self, student: str, tier: Tier) -> Sequence[Recipient]:
        """Return who is to be told now; nobody where directory does not know the student.

        Raises:
            DeliveryError: directory is away or refuses; worth another try.
        """
        try:
            answer = await self._client.get(
                "/v1/recipients", params={"student": student, "tier": tier}
            )
        except UnavailableError:
            raise DeliveryError("directory_away", retry=True) from None
        except AddressError:
            raise DeliveryError("directory_address", retry=True) from None
        if answer.status_code == _UNKNOWN:
            return ()
        if answer.status_code != _OK:
            raise DeliveryError(f"directory_{answer.status_code}", retry=True)
        try:
            people = _decode(answer.content).recipients
        except msgspec.DecodeError:
            raise DeliveryError("directory_unreadable", retry=True) from None
        return [
            Recipient(p.person, _CHANNELS[c.kind], c.address, p.language)
            for p in people
            for c in p.channels
            if c.kind in _CHANNELS
        ]
