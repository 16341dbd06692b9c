"""E-mail over SMTP. The reply code decides: 2xx accepted, 4xx later, 5xx never.

SMTP knows no idempotency key; the `Message-ID` is made of the key, so that a repeat after a crash
is the same message to every mailbox that threads or de-duplicates by it.
"""

import contextlib
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

import aiosmtplib
from pydantic import SecretStr

from alerts.domain.messages import link, text
from alerts.domain.ports import Channel, Item, Receipt
from shared.kernel.errors import DeliveryError

_FINAL = range(500, 600)


@dataclass(frozen=True)
class Smtp:
    """The relay to hand messages to."""

    host: str
    port: int = 25
    tls: Literal["none", "starttls", "tls"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    sender: str = "lantern@localhost"
    timeout_s: float = 10.0


class EmailSender:
    """Sends one message to one address."""

    channel: Channel = "email"

    def __init__(self, smtp: Smtp, public_url: str) -> None:
        self._smtp = smtp
        self._public_url = public_url

    async def send(self, item: Item) -> Receipt:
        if not item.address or item.tier is None:
            raise DeliveryError("no_address", retry=False)
        try:
            message = self._message(item)
            refused, answer = await aiosmtplib.send(
                message,
                hostname=self._smtp.host,
                port=self._smtp.port,
                use_tls=self._smtp.tls == "tls",
                start_tls=self._smtp.tls == "starttls",
                username=self._smtp.user,
                password=self._smtp.password.get_secret_value() if self._smtp.password else None,
                timeout=self._smtp.timeout_s,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refused(error.recipients[0].code) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error.code) from None
        except aiosmtplib.SMTPTimeoutError:
            raise DeliveryError("timeout", retry=True) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise DeliveryError(_name_of(error), retry=True) from None
        except ValueError:
            raise DeliveryError("bad_address", retry=False) from None
        if refused:
            raise _refused(next(iter(refused.values())).code)
        return Receipt("accepted", _queue_id(answer))

    def _message(self, item: Item) -> EmailMessage:
        tier = item.tier or "school"
        words = text(item.alert, tier, link(self._public_url, item.alert))
        message = EmailMessage()
        message["From"] = self._smtp.sender
        message["To"] = item.address
        message["Subject"] = words.subject
        message["Message-ID"] = f"<{item.key}@lantern>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(words.body)
        return message


def _refused(code: int) -> DeliveryError:
    """Refuse for good on a real 5xx only; a reply that cannot be read (-1) is no final word."""
    word = f"smtp_{code}" if code > 0 else "unreadable_answer"
    return DeliveryError(word, retry=code not in _FINAL)


def _name_of(error: BaseException) -> str:
    return "unreachable" if isinstance(error, OSError) else "smtp_broken"


def _queue_id(answer: str) -> str:
    """Keep the relay's own words for its queue, without anything that looks like an address."""
    with contextlib.suppress(StopIteration):
        return next(line for line in answer.splitlines() if "@" not in line)[:120]
    return ""
