"""What the supervisor shows: its own words and the lines of its children, each line with the name of its child."""

import os
from typing import TextIO

COLORS = ("36", "33", "35", "32", "34", "31")  # ANSI foregrounds, by the order of the names
LONGEST_LINE = 64 * 1024  # bytes; a child that writes no line end is shown in pieces


class Printer:
    """Writes prefixed lines to `stream`, in color on a terminal. A stream that nobody reads any more is forgotten."""

    def __init__(self, stream: TextIO, *, names: list[str]) -> None:
        self.stream: TextIO | None = stream
        self.width = max((len(name) for name in names), default=0)
        self.colors = {name: COLORS[at % len(COLORS)] for at, name in enumerate(names)} if stream.isatty() else {}

    def say(self, name: str, text: str) -> None:
        """Write one line under that name."""
        prefix = f"{name:<{self.width}} |"
        if color := self.colors.get(name):
            prefix = f"\033[{color}m{prefix}\033[0m"
        if self.stream is None:
            return
        try:
            self.stream.write(f"{prefix} {text}\n")
            self.stream.flush()
        except (OSError, ValueError):  # the reader is gone: `make run | head`, or a closed terminal
            self.stream = None


class LineReader:
    """Reads the pipe of one child without waiting and prints every whole line."""

    def __init__(self, pipe: int, *, name: str, printer: Printer) -> None:
        os.set_blocking(pipe, False)
        self.pipe = pipe
        self.name = name
        self.printer = printer
        self.rest = b""
        self.dry = False  # whether the last pump found nothing

    def pump(self) -> bool:
        """Print what has come; False when the pipe has ended."""
        try:
            piece = os.read(self.pipe, LONGEST_LINE)
        except BlockingIOError:
            self.dry = True
            return True
        self.dry = False
        *lines, self.rest = (self.rest + piece).split(b"\n")
        if self.rest and (not piece or len(self.rest) > LONGEST_LINE):
            lines, self.rest = [*lines, self.rest], b""
        for line in lines:
            self.printer.say(self.name, line.decode(errors="replace").rstrip("\r"))
        return bool(piece)
