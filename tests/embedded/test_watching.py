"""Back-off and output of the supervisor, without processes of their own."""

import io
import os
import subprocess
import time

import pytest

from labsninja.embedded.children import LONGEST_DELAY, STEADY, Watched, describe
from labsninja.embedded.errors import EmbeddedError
from labsninja.embedded.output import LONGEST_LINE, LineReader, Printer


class Broken(Watched):
    """Can never be started."""

    process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        raise EmbeddedError("It is broken.")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Abandoned(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def _waits(watched: Watched, *, times: int) -> list[str]:
    return [str(watched.start()).rpartition(" in ")[2] for _ in range(times)]


def test_delay_doubles_up_to_half_a_minute() -> None:
    waits = _waits(Broken("b"), times=8)
    assert waits == [
        "0.5 s.",
        "1 s.",
        "2 s.",
        "4 s.",
        "8 s.",
        "16 s.",
        f"{LONGEST_DELAY:g} s.",
        f"{LONGEST_DELAY:g} s.",
    ]


def test_delay_begins_anew_after_a_steady_minute() -> None:
    watched = Broken("b")
    _waits(watched, times=5)
    watched.began = time.monotonic() - STEADY - 1
    assert watched._again() == "Starting again in 0.5 s."


def test_start_that_fails_says_why() -> None:
    assert Broken("b").start() == "could not be started: It is broken. Starting again in 0.5 s."


@pytest.mark.parametrize(
    ("status", "words"),
    [(3, "exit status 3"), (0, "exit status 0"), (-9, "killed by SIGKILL"), (-99, "killed by signal 99")],
)
def test_exit_status_is_put_into_words(status: int, words: str) -> None:
    assert describe(status) == words


def test_names_are_colored_on_a_terminal_only() -> None:
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        Printer(stream, names=["web"]).say("web", "hello")
    assert file.getvalue() == "web | hello\n"
    assert terminal.getvalue() == "\033[36mweb |\033[0m hello\n"


def test_printer_goes_on_when_its_reader_has_left() -> None:
    printer = Printer(Abandoned(), names=["web"])
    printer.say("web", "nobody reads this")
    printer.say("web", "nor this")
    assert printer.stream is None


def test_line_without_an_end_is_shown_in_pieces() -> None:
    reader, writer = os.pipe()
    stream = io.StringIO()
    lines = LineReader(reader, name="web", printer=Printer(stream, names=["web"]))
    os.write(writer, b"x" * 60_000)
    assert lines.pump()
    assert stream.getvalue() == ""
    os.write(writer, b"y" * 10_000 + b"\nrest")
    assert lines.pump()
    os.close(writer)
    assert not lines.pump()
    os.close(reader)
    assert max(map(len, stream.getvalue().splitlines())) < LONGEST_LINE + 10_000
    assert stream.getvalue().endswith("web | rest\n")
