"""One door for messages to people: the sender of the row's channel, or a plain refusal."""

from collections.abc import Mapping

from alerts.domain.ports import Channel, Item, Receipt, Sender
from shared.kernel.errors import DeliveryError


class Switchboard:
    """Hands an item to its channel's sender; a channel without settings is off, not silent."""

    def __init__(self, senders: Mapping[Channel, Sender]) -> None:
        self._senders = senders

    async def send(self, item: Item) -> Receipt:
        sender = self._senders.get(item.channel) if item.channel else None
        if sender is None:
            raise DeliveryError("channel_off", retry=False)
        return await sender.send(item)
