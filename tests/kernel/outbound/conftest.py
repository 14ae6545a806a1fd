"""Listeners on loopback that answer as badly as a test wants, and a certificate authority of our own."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from labsninja.kernel.outbound import OutboundPolicy, build_policy

Answer = Callable[[socket.socket], None]
VALID = dt.timedelta(days=1)


@dataclass
class Listener:
    """A server that hands every connection to `answer`, one at a time."""

    answer: Answer
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    accepted: int = 0
    idle: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.bind((self.host, 0))
        self.socket.listen(64)
        self.port: int = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            if self.stopped.is_set():
                connection.close()
                return
            self.accepted += 1
            self.serve(connection)
            self.idle.set()

    def serve(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(5)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self.answer(connection)
        except OSError:
            pass  # the client hung up, as many tests want it to
        finally:
            connection.close()

    def wait_until_idle(self) -> None:
        """Until the connection of the last request is closed on this side."""
        assert self.idle.wait(5)
        self.idle.clear()

    def stop(self) -> None:
        self.stopped.set()
        socket.create_connection((self.host, self.port), 5).close()
        self.thread.join(10)
        self.socket.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    listeners: list[Listener] = []

    def start(answer: Answer, **options: object) -> Listener:
        listeners.append(Listener(answer, **options))  # type: ignore[arg-type]  # options of Listener, by name
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.stop()


@pytest.fixture
def read_until() -> Callable[[socket.socket, bytes], bytes]:
    """Reads a request until its bytes end with a mark."""
    return _read_until


def _read_until(connection: socket.socket, mark: bytes) -> bytes:
    found = b""
    while not found.endswith(mark) and (more := connection.recv(65536)):
        found += more
    return found


@pytest.fixture
def reply() -> Callable[[bytes], Answer]:
    """Makes an answer that reads one request and sends fixed bytes."""

    def make(response: bytes) -> Answer:
        def answer(connection: socket.socket) -> None:
            _read_until(connection, b"\r\n\r\n")
            connection.sendall(response)

        return answer

    return make


@pytest.fixture
def ok(reply: Callable[[bytes], Answer]) -> Answer:
    return reply(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.fixture
def local() -> OutboundPolicy:
    """A policy of a deployment that allows loopback, plain http and any port there."""
    return build_policy(
        {"private_networks": ["127.0.0.0/8", "::1/128"], "private_http": True, "private_any_port": True}
    )


@dataclass(frozen=True)
class Authority:
    """A certificate authority: its certificate's file, and server contexts for a name."""

    ca_file: str
    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    folder: Path

    def server(self, host: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName([x509.DNSName(host)])
        certificate = _builder(_name(host), self.name, key.public_key()).add_extension(alternative, critical=False)
        path = self.folder / f"{host}.pem"
        path.write_bytes(_pem(key) + certificate.sign(self.key, hashes.SHA256()).public_bytes(_PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


_PEM = serialization.Encoding.PEM


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - VALID)
        .not_valid_after(now + VALID)
    )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("authority")
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("Test Authority")
    constraint = x509.BasicConstraints(ca=True, path_length=0)
    certificate = _builder(name, name, key.public_key()).add_extension(constraint, critical=True)
    (folder / "ca.pem").write_bytes(certificate.sign(key, hashes.SHA256()).public_bytes(_PEM))
    return Authority(str(folder / "ca.pem"), key, name, folder)
