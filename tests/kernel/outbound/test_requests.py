"""What goes out and what comes back: URLs, headers, redirects, environment, reuse, messages."""

import socket
from typing import Any

import pytest

from labsninja.kernel.outbound import (
    OutboundClient,
    OutboundError,
    OutboundFailedError,
    OutboundPolicy,
    OutboundRefusedError,
    build_policy,
    send_request,
)

PUBLIC = build_policy({})


@pytest.mark.parametrize(
    "url",
    [
        "http://target.example/",
        "ftp://target.example/",
        "file:///etc/passwd",
        "//target.example/",
        "target.example",
        "",
        "https://user@target.example/",
        "https://user:pw@target.example/",
        "https://good.example\\@target.example/",
        "https://target.example:22/",
        "https://target.example:6379/",
        "https://target.example:99999/",
        "https:///path",
        "https://target.example:80/",
        "https://target.example/\r\nx: y",
        "https://\ud800.example/",
        "https://[::1",
    ],
)
def test_url_beyond_https_on_an_allowed_port_is_refused(url: str) -> None:
    with pytest.raises(OutboundRefusedError) as caught:
        send_request(method="GET", url=url, policy=PUBLIC, resolve=_never, dial=_never)
    assert caught.value.sent is False


@pytest.mark.parametrize("name", ["Host", "Content-Length", "transfer-encoding", "Connection", "Upgrade", "TE"])
def test_header_that_frames_or_routes_the_message_is_refused(name: str) -> None:
    with pytest.raises(OutboundRefusedError, match=name.lower()):
        send_request(method="GET", url="https://target.example/", headers={name: "x"}, policy=PUBLIC, resolve=_never)


@pytest.mark.parametrize("value", ["s3cret\r\nX-Other: b", "s3cret\nb", "s3cret\x00b", "s3cret \u2603"])
def test_header_value_that_breaks_out_of_its_line_is_refused_and_not_quoted(
    value: str, listen: Any, ok: Any, local: OutboundPolicy
) -> None:
    with pytest.raises(OutboundRefusedError) as caught:
        _get(listen(ok).port, local, headers={"Authorization": value})
    assert "s3cret" not in str(caught.value)
    assert caught.value.sent is False


def test_method_that_breaks_out_of_its_line_is_refused(listen: Any, ok: Any, local: OutboundPolicy) -> None:
    with pytest.raises(OutboundRefusedError):
        send_request(method="GET / HTTP/1.1\r\nX: ", url=f"http://127.0.0.1:{listen(ok).port}/", policy=local)


def test_request_reaches_the_target_as_given(listen: Any, read_until: Any, local: OutboundPolicy) -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        seen.append(read_until(connection, b"{}"))
        connection.sendall(b"HTTP/1.1 201 Created\r\nX-One: a\r\nX-One: b\r\nContent-Length: 4\r\n\r\nbody")

    port = listen(answer).port
    response = send_request(
        method="POST",
        url=f"http://127.0.0.1:{port}/hook?token=t#fragment",
        headers={"X-Signature": "s", "User-Agent": "mine"},
        content=b"{}",
        policy=local,
    )
    assert (response.status, response.headers["x-one"], response.body) == (201, "a, b", b"body")
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /hook?token=t HTTP/1.1"
    assert body == b"{}"
    names = {line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]}
    assert names == {b"host", b"user-agent", b"accept-encoding", b"content-length", b"x-signature"}
    assert b"LabsNinja" not in head


def test_redirect_is_an_answer_and_is_not_followed(listen: Any, ok: Any, reply: Any, local: OutboundPolicy) -> None:
    inside = listen(ok)
    location = f"http://127.0.0.1:{inside.port}/".encode()
    outside = listen(reply(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"))
    assert _get(outside.port, local).status == 302
    assert inside.accepted == 0


def test_proxy_of_the_environment_is_ignored(
    listen: Any, ok: Any, local: OutboundPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, target = listen(ok), listen(ok)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert _get(target.port, local).body == b"ok"
    assert (proxy.accepted, target.accepted) == (0, 1)


def test_credentials_of_the_environment_are_not_sent(
    listen: Any, local: OutboundPolicy, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login l password p\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    seen: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    _get(listen(answer).port, local)
    assert b"authorization" not in seen[0].lower()


def test_cookie_of_an_answer_is_not_sent_back(listen: Any, local: OutboundPolicy) -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        for _ in range(2):
            seen.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")

    listener = listen(answer)
    with OutboundClient(policy=local) as client:
        for _ in range(2):
            client.send(method="GET", url=f"http://127.0.0.1:{listener.port}/")
    assert listener.accepted == 1
    assert b"cookie" not in seen[1].lower()


def test_kept_connection_that_the_target_closed_is_replaced(listen: Any, ok: Any, local: OutboundPolicy) -> None:
    listener = listen(ok)
    with OutboundClient(policy=local) as client:
        for _ in range(3):
            assert client.send(method="GET", url=f"http://127.0.0.1:{listener.port}/").body == b"ok"
            listener.wait_until_idle()
    assert listener.accepted == 3


def test_plain_http_to_a_public_address_is_refused_although_allowed_inside(local: OutboundPolicy) -> None:
    with pytest.raises(OutboundRefusedError, match="private networks only"):
        send_request(
            method="GET",
            url="http://target.example/",
            policy=local,
            resolve=lambda _host, _port: ["93.184.215.14"],
            dial=_never,
        )


@pytest.mark.parametrize(
    "url",
    [
        "https://target.example/path-k3y?token=s3cret",
        "https://user:s3cret@target.example/",
        "https://a:s3cret/",
        "https://target.example:22/?s3cret",
        "ftp://target.example/?s3cret",
        "https://[s3cret]/",
        "s3cret",
    ],
)
def test_message_names_no_secret_of_the_url(url: str) -> None:
    with pytest.raises(OutboundError) as caught:
        send_request(
            method="GET", url=url, policy=PUBLIC, resolve=lambda _host, _port: ["93.184.215.14"], dial=_unreachable
        )
    assert "s3cret" not in str(caught.value)
    assert "k3y" not in str(caught.value)


def test_failure_before_the_first_byte_says_nothing_was_sent(local: OutboundPolicy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(OutboundFailedError) as caught:
        _get(port, local)
    assert caught.value.sent is False


def test_lost_answer_says_the_request_was_sent(listen: Any, local: OutboundPolicy) -> None:
    port = listen(lambda connection: connection.recv(65536)).port
    with pytest.raises(OutboundFailedError) as caught:
        _get(port, local)
    assert caught.value.sent is True


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-server\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", b"\x00" * 99]
)
def test_answer_that_is_not_whole_http_has_failed(
    answer: bytes, listen: Any, reply: Any, local: OutboundPolicy
) -> None:
    with pytest.raises(OutboundFailedError):
        _get(listen(reply(answer)).port, local)


def _get(port: int, policy: OutboundPolicy, **options: Any) -> Any:
    return send_request(method="GET", url=f"http://127.0.0.1:{port}/", policy=policy, **options)


def _unreachable(_address: str, _port: int, _seconds: float) -> Any:
    raise ConnectionRefusedError("nobody there")


def _never(*_arguments: object) -> Any:
    raise AssertionError("the guard let it through")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"private_networks": ["10.0.0.1/8"]}, ValueError),
        ({"ports": ["https"]}, ValueError),
        ({"redirects": 3}, TypeError),
    ],
)
def test_malformed_policy_is_refused(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        build_policy(options)
