"""The sending half of webhooks: what is signed, what an answer means, and when it is tried again."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from labsninja.kernel.outbound import OutboundClient, build_policy
from labsninja.kernel.outbound.signatures import make_secret
from labsninja.kernel.outbound.waits import SCHEDULE, choose_wait
from scim.targets.webhooks import Delivery, Fate, Receiver, make_message, send_message
from tests.audit.receivers import Hangup, receiving
from tests.audit.receivers import Receiver as Listener
from tests.sync.reaching import LOOPBACK

CLAIMS = {"jti": "0190-7", "iat": 1795718113, "events": {"urn:ietf:params:scim:event:prov:delete": {}}}
MESSAGE = make_message(number=7, claims=CLAIMS)


def deliver(listener: Listener, *secrets: str, **policy: Any) -> Delivery:
    with OutboundClient(policy=build_policy(LOOPBACK | policy)) as client:
        receiver = Receiver(listener.url, secrets or [make_secret()], {"x-route": "7"})
        return send_message(client=client, receiver=receiver, message=MESSAGE)


def test_receiver_verifies_with_the_old_secret_and_the_new_one() -> None:
    old, new = make_secret(), make_secret()
    with receiving(Listener()) as listener:
        delivery = deliver(listener, new, old)
    (received,) = listener.received
    for secret in (old, new):
        Webhook(secret).verify(received.body, dict(received.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(make_secret()).verify(received.body, dict(received.headers))
    assert json.loads(received.body) == {"number": 7, "claims": CLAIMS}
    assert (received.headers["webhook-id"], received.headers["x-route"]) == ("0190-7", "7")
    assert (delivery.fate, delivery.reason, delivery.status) == (Fate.DONE, "", 204)
    assert listener.url not in str(delivery.exchange)


@pytest.mark.parametrize(
    ("answer", "fate", "seconds"),
    [
        (200, Fate.DONE, None),
        (410, Fate.GONE, None),
        ((302, {"location": "http://127.0.0.1:1/"}), Fate.REFUSED, None),
        (400, Fate.RETRY, None),
        (404, Fate.RETRY, None),
        ((429, {"retry-after": "90"}), Fate.RETRY, 90.0),
        (500, Fate.RETRY, None),
        (Hangup, Fate.RETRY, None),
    ],
    ids=str,
)
def test_answer_decides_what_becomes_of_the_message(answer: Any, fate: Fate, seconds: float | None) -> None:
    with receiving(Listener(answers=[answer])) as listener:
        delivery = deliver(listener)
    assert (delivery.fate, delivery.seconds) == (fate, seconds)
    wait = delivery.wait(1)
    assert wait is not None and wait >= (seconds or 0) if fate is Fate.RETRY else wait is None
    assert delivery.wait(99) is None
    assert len(listener.received) == 1


def test_receiver_in_a_network_of_ours_is_refused_and_gets_nothing() -> None:
    with receiving(Listener()) as listener:
        assert deliver(listener, private_networks=[]).fate is Fate.REFUSED
    assert listener.received == []


def test_retries_come_later_and_later_and_end() -> None:
    for attempts, longest in enumerate(SCHEDULE, start=1):
        drawn = [choose_wait(attempts=attempts) or 0.0 for _ in range(200)]
        assert 1.0 <= min(drawn) < 0.2 * longest
        assert 0.8 * longest < max(drawn) <= longest
    assert choose_wait(attempts=1, asked=3000.0) == 3000.0
    assert choose_wait(attempts=len(SCHEDULE) + 1, asked=5.0) is None


def test_command_sends_a_test_message(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings.LABSNINJA_OUTBOUND = LOOPBACK
    secret = make_secret()
    (tmp_path / "secret").write_text(secret)
    with receiving(Listener(answers=[200, 500])) as listener:
        call_command("connector_probe", listener.url, webhook=True, token_file=str(tmp_path / "secret"))
        assert "delivered: answered 200" in capsys.readouterr().out
        with pytest.raises(CommandError, match="answered 500"):
            call_command("connector_probe", listener.url, webhook=True, token_file=str(tmp_path / "secret"))
    told = Webhook(secret).verify(listener.received[0].body, dict(listener.received[0].headers))
    assert told["claims"]["events"] == {}
