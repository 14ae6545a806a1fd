"""What a client of targets tells when something goes wrong: its class, what was said, and no secret."""

from typing import Any

import pytest

from scim.targets import ErrorClass, TargetError, signature
from tests.sync.quirks import Quirks
from tests.sync.reaching import PERSON, person, reaching, refusal


def test_lost_answer_may_have_arrived() -> None:
    with reaching(Quirks(lost=1.0)) as (target, server):
        error = refusal(target, PERSON)
        assert server.names == ["ada"]
    assert (error.error_class, error.status, error.may_have_arrived) == (ErrorClass.TRANSIENT, None, True)


def test_target_that_is_not_there_cannot_have_got_it() -> None:
    with reaching() as (target, _):
        pass
    error = refusal(target, PERSON)
    assert (error.error_class, error.may_have_arrived) == (ErrorClass.TRANSIENT, False)


def test_slow_target_is_given_up_and_private_address_is_refused() -> None:
    with reaching(Quirks(delay=0.4), total_seconds=0.2) as (target, _):
        assert refusal(target, PERSON).error_class is ErrorClass.TRANSIENT
    with reaching(private_networks=[]) as (target, server):
        assert refusal(target, PERSON).error_class is ErrorClass.PERMANENT
        assert server.calls == []


@pytest.mark.parametrize(
    ("quirks", "error_class", "seconds"),
    [
        ({"storm": range(1, 2), "retry_after": "7"}, ErrorClass.THROTTLE, 7.0),
        ({"storm": range(1, 2), "retry_after": "Sun, 06 Nov 1994 08:49:37 GMT"}, ErrorClass.THROTTLE, 0.0),
        ({"storm": range(1, 2), "retry_after": "soon"}, ErrorClass.THROTTLE, None),
        ({"throttled_as_500": 1.0}, ErrorClass.THROTTLE, None),
        ({"locked_out": range(1, 2)}, ErrorClass.AUTH, None),
        ({"poisoned": frozenset({"ada"})}, ErrorClass.PERMANENT, None),
    ],
)
def test_refusal_has_the_class_that_says_what_to_do(
    quirks: dict[str, Any], error_class: ErrorClass, seconds: float | None
) -> None:
    with reaching(Quirks(**quirks)) as (target, _):
        error = refusal(target, PERSON)
    assert (error.error_class, error.seconds, error.may_have_arrived) == (error_class, seconds, False)


def test_what_was_said_before_a_failure_is_told_with_it() -> None:
    with reaching(Quirks(locked_out=range(3, 4)), {"max_operations": 1}) as (target, _):
        made = target.create("User", PERSON)
        operations = [{"op": "add", "path": path, "value": "x"} for path in ("title", "nickName")]
        with pytest.raises(TargetError) as caught:
            target.patch("User", made.remote_id, operations)
    assert [exchange.status for exchange in caught.value.exchanges] == [200, 401]


def test_what_only_reads_is_asked_once_more_when_the_connection_broke() -> None:
    with reaching(Quirks(hangups=range(2, 3))) as (target, _):
        made = target.create("User", PERSON)
        told = target.read("User", made.remote_id)
    assert [exchange.status for exchange in told.exchanges] == [None, 200]
    with reaching(Quirks(hangups=range(1, 9))) as (target, server), pytest.raises(TargetError) as caught:
        target.find("User", "userName", "ada")
    assert (len(server.calls), caught.value.may_have_arrived) == (2, False)


def test_what_was_said_before_the_connection_broke_is_told_with_it() -> None:
    with reaching(Quirks(hangups=range(3, 4)), {"max_operations": 1}) as (target, _):
        made = target.create("User", PERSON)
        operations = [{"op": "add", "path": path, "value": "x"} for path in ("title", "nickName")]
        with pytest.raises(TargetError) as caught:
            target.patch("User", made.remote_id, operations)
    assert [exchange.status for exchange in caught.value.exchanges] == [200, None]
    assert caught.value.may_have_arrived


def test_token_that_a_target_repeats_is_shown_to_nobody() -> None:
    with reaching(Quirks(locked_out=range(1, 9))) as (target, _):
        error = refusal(target, PERSON)
    assert error.detail == "No such key: [redacted]"
    assert "quirk-token" not in str([exchange.as_json() for exchange in error.exchanges])


def test_log_keeps_what_was_said_without_secrets() -> None:
    with reaching(Quirks(poisoned=frozenset({"ada"}))) as (target, _):
        error = refusal(target, person("ada", password="hunter22", title="x" * 20_000))
    (told,) = error.exchanges
    assert (told.method, told.place, told.status) == ("POST", "/Users", 400)
    assert '"userName":"ada"' in told.request
    assert "hunter22" not in told.request
    assert "quirk-token" not in str(told.as_json())
    assert len(told.request) == 8192
    assert "too long" in told.answer


def test_errors_of_one_cause_have_one_signature() -> None:
    names = frozenset({"jane.doe", "Zoe", "q2819c223"})
    with reaching(Quirks(poisoned=names)) as (target, _):
        errors = [refusal(target, person(name)) for name in sorted(names)]
        target.create("User", person("bob"))
        other = refusal(target, person("bob"))
    assert len({signature(error) for error in errors}) == 1
    assert errors[0].shape == "value # of department is too long"
    assert signature(other) != signature(errors[0])
