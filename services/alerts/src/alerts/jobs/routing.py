"""Who is told: asked of directory when the message is sent, so that a move changes the next one."""

from alerts.domain.policy import UPWARD
from alerts.domain.ports import Item, Outbox, Receipt, Recipients
from alerts.jobs.bell import Bell
from shared.kernel.clock import Clock
from shared.observability.logging import get_logger

log = get_logger("alerts.routing")


class Routing:
    """Turns a route (alert, tier) into a message a person and channel; an empty tier passes up."""

    def __init__(self, recipients: Recipients, outbox: Outbox, clock: Clock, bell: Bell) -> None:
        self._recipients = recipients
        self._outbox = outbox
        self._clock = clock
        self._bell = bell

    async def __call__(self, item: Item) -> Receipt | None:
        """Route one row; the outcome is written here, in one transaction with its messages.

        Raises:
            DeliveryError: directory cannot say now.
        """
        tier = item.tier or "school"
        found = await self._recipients.of(item.student, tier)
        now = self._clock.now().timestamp()
        if found:
            await self._outbox.route(item, found, now)
        else:
            above = UPWARD[tier]
            log.error("route.nobody", alert=item.alert, tier=tier, passed_to=above)
            await self._outbox.pass_up(item, above, now)
        self._bell.ring()
        return None
