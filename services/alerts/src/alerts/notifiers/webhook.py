"""A signed webhook: `POST` of id, tier and link, bilingual, with a key that survives repeats.

Signature: `Lantern-Signature: v1=` HMAC-SHA-256, hex, over `<Lantern-Timestamp>.<body>`.
`Idempotency-Key` is the same for every attempt of one message.

Success is a 2xx status AND a JSON object with `"ok": true`; nothing else is. `{"ok": false,
"code": "...", "retry": true|false}` is a refusal in the receiver's own words. 408, 425, 429 and 5xx
are tried again (429 and 503 after `Retry-After`), as is a 2xx whose body cannot be read; other
statuses, redirects included, are final.
"""

import hashlib
import hmac
import json
import re
from typing import Any

from pydantic import SecretStr

from alerts.domain.messages import REQUESTS, SUBJECT, link
from alerts.domain.ports import Channel, Item, LaterError, Receipt
from shared.kernel.clock import Clock
from shared.kernel.errors import DeliveryError, UnavailableError
from shared.web.client import AddressError, Answer, HttpClient

_AGAIN = frozenset({408, 425, 429})
_CODE = re.compile(r"^[A-Za-z0-9_.-]{1,40}$")
_LONGEST_ANSWER = 64 * 1024
_DEFAULT_PAUSE_S = 5.0


class WebhookSender:
    """Sends one message to one URL."""

    channel: Channel = "webhook"

    def __init__(
        self, client: HttpClient, secret: SecretStr, public_url: str, clock: Clock
    ) -> None:
        self._client = client
        self._secret = secret.get_secret_value().encode()
        self._public_url = public_url
        self._clock = clock

    async def send(self, item: Item) -> Receipt:
        if not item.address or item.tier is None:
            raise DeliveryError("no_address", retry=False)
        body = self._body(item)
        stamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "Idempotency-Key": item.key,
            "Lantern-Timestamp": stamp,
            "Lantern-Signature": f"v1={sign(self._secret, stamp, body)}",
        }
        try:
            response = await self._client.post_briefly(
                item.address, longest=_LONGEST_ANSWER, content=body, headers=headers
            )
        except UnavailableError as error:
            code = "timeout" if "Timeout" in str(error) else "unreachable"
            raise DeliveryError(code, retry=True) from None
        except (AddressError, ValueError):
            raise DeliveryError("bad_address", retry=False) from None
        return _read(response)

    def _body(self, item: Item) -> bytes:
        tier = item.tier or "school"
        content = {
            "id": item.key,
            "alert": item.alert,
            "tier": tier,
            "link": link(self._public_url, item.alert),
            "subject": dict(SUBJECT),
            "text": dict(REQUESTS[tier]),
        }
        return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return the signature that a receiver recomputes over `timestamp.body`."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _read(response: Answer) -> Receipt:
    """Read the answer; what is not a plain yes is a refusal with a code."""
    status = response.status_code
    if status in _AGAIN or status >= 500:  # noqa: PLR2004 - the HTTP classes
        raise _later(response)
    if not 200 <= status < 300:  # noqa: PLR2004 - the HTTP classes
        raise DeliveryError(f"http_{status}", retry=False)
    answer = _json(response)
    if answer is None:
        raise DeliveryError("unreadable_answer", retry=True)
    if answer.get("ok") is True:
        return Receipt("accepted", _word(answer.get("id")))
    code = _word(answer.get("code")) or "refused"
    raise DeliveryError(f"refused_{code}"[:60], retry=answer.get("retry") is True)


def _later(response: Answer) -> DeliveryError:
    code = f"http_{response.status_code}"
    asked = response.headers.get("Retry-After")
    if asked is None:
        return DeliveryError(code, retry=True)
    return LaterError(code, after_s=float(asked) if asked.isdecimal() else _DEFAULT_PAUSE_S)


def _json(response: Answer) -> dict[str, Any] | None:
    if not response.is_whole:
        return None
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _word(value: object) -> str:
    return value if isinstance(value, str) and _CODE.match(value) else ""
