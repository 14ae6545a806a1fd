"""Shows a tenant's audit streams and how far each has come; creates, pauses, resumes, replays and removes them."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from audit.actors import Origin, command_origin
from audit.streams import services
from audit.streams.records import Kind, Stream
from labsninja.kernel.isolation import tenant_context
from labsninja.management.commands.audit_export import read_time
from labsninja.management.tenant_command import TenantCommand
from tenants.queries import find_tenant

FORMS = ("cloudevents", "ocsf", "jsonl")


class Command(TenantCommand):
    """Without a verb it shows them. What it does is told as an event of the tenant."""

    help = "Show or change where the audit history of a tenant is sent"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        verbs = parser.add_subparsers(dest="verb", parser_class=ArgumentParser)
        create = verbs.add_parser("create", help="send what is sealed from now on to a URL; prints the signing secret")
        create.add_argument("url", help="https URL that takes POST")
        create.add_argument("--kind", choices=[*Kind], default=Kind.EVENTS, help="what is sent (default: events)")
        create.add_argument("--form", choices=FORMS, default="cloudevents", help="form (default: cloudevents)")
        create.add_argument("--header", action="append", default=[], help="as in 'Authorization: Splunk ...'")
        create.add_argument("--from-start", action="store_true", help="send the whole history first")
        for verb, told in (
            ("pause", "send nothing until it is resumed"),
            ("resume", "go on where it paused or stopped"),
            ("rotate", "print a new secret; the one before it signs too until the next rotation"),
            ("remove", "forget the stream"),
            ("replay", "send everything from a time on once more"),
        ):
            made = verbs.add_parser(verb, help=told)
            made.add_argument("stream", type=UUID, help="id of the stream")
            if verb == "replay":
                made.add_argument("--from", dest="since", type=read_time, required=True, help="as 2026-11-05T12:00Z")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant, origin = find_tenant(slug=options["tenant"]), command_origin("audit_streams")
        try:
            with tenant_context(tenant.id):
                self.stdout.write(_do(options, origin))
        except services.StreamError as error:
            raise CommandError(str(error)) from error


def _do(options: dict[str, Any], origin: Origin) -> str:
    verb: str | None = options["verb"]
    if verb == "create":
        return _create(options, origin)
    if verb == "replay":
        first = services.replay_stream(stream_id=options["stream"], since=options["since"], origin=origin)
        return f"sent once more from {first} on"
    if verb == "rotate":
        return services.rotate_stream_secret(stream_id=options["stream"], origin=origin)
    if verb is not None:
        act = {"pause": services.pause_stream, "resume": services.resume_stream, "remove": services.remove_stream}[verb]
        act(stream_id=options["stream"], origin=origin)
    return "\n".join(_tell(stream) for stream in services.list_streams()) or "no streams"


def _create(options: dict[str, Any], origin: Origin) -> str:
    pairs = [header.partition(":") for header in options["header"]]
    if any(not (separator and name.strip() and value.strip()) for name, separator, value in pairs):
        raise CommandError("a header is given as 'Name: value'")
    made = services.create_stream(
        url=options["url"],
        kind=Kind(options["kind"]),
        form=options["form"],
        headers={name.strip(): value.strip() for name, _, value in pairs},
        is_from_start=options["from_start"],
        origin=origin,
    )
    return f"stream {made.id}\nsecret {made.secret}"


def _tell(stream: Stream) -> str:
    sent = f"{stream.last_sent_at:%Y-%m-%d %H:%M:%S}" if stream.last_sent_at else "never"
    lag = f"{stream.waiting} waiting for {stream.lag_seconds} s" if stream.waiting else "nothing waiting"
    trouble = f"; {stream.failures} failures, {stream.last_error}" if stream.last_error else ""
    told = f"{stream.kind} as {stream.form} to {stream.place}"
    return f"{stream.id} {stream.state:<8} {told}: at {stream.next}, {lag}, last sent {sent}{trouble}"
