"""Searches a tenant's audit history: events as sentences or lines of JSON, or how many there are of which kind."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.presenters import describe_event
from audit.reading.conditions import SearchTooSlowError
from audit.reading.pages import CursorError, read_page
from audit.reading.summaries import build_histogram, count_events, list_facets
from audit.reading.syntax import QUALIFIERS, Query, QuerySyntaxError, parse_query
from labsninja.kernel.isolation import tenant_context
from labsninja.management.tenant_command import TenantCommand
from tenants.queries import find_tenant

BUCKETS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class Command(TenantCommand):
    """Free text finds an event once it is sealed, a second or two after it was told; everything else at once."""

    help = (
        "Search the audit events of a tenant, newest first, as in: actor:okta action:scim.user.* -outcome:denied "
        f'from:2026-11-01 "ada lovelace". Qualifiers: {", ".join(QUALIFIERS)}.'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        parser.add_argument("query", nargs="*", help="what to look for (default: everything)")
        parser.add_argument("--limit", type=int, default=50, help="events on a page (default: 50)")
        parser.add_argument("--after", help="cursor of a page: the events behind it, which are older")
        parser.add_argument("--before", help="cursor of a page: the events before it, which are newer")
        parser.add_argument("--json", action="store_true", help="a line of JSON for each event")
        parser.add_argument("--count", action="store_true", help="how many there are, and nothing else")
        parser.add_argument(
            "--facets", action="store_true", help="how many there are of each action, outcome, actor, type, surface"
        )
        parser.add_argument("--histogram", choices=BUCKETS, help="how many there are in each hour, day or week")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find_tenant(slug=options["tenant"])
        try:
            query = parse_query(" ".join(options["query"]))
            with tenant_context(tenant.id):
                for line in _tell(query, options):
                    self.stdout.write(line)
        except (QuerySyntaxError, CursorError, SearchTooSlowError) as error:
            raise CommandError(str(error)) from error


def _tell(query: Query, options: dict[str, Any]) -> Iterator[str]:
    if options["count"]:
        count = count_events(query=query)
        yield f"{'more than ' if count.is_more else ''}{count.number}"
    elif options["facets"]:
        yield from _tell_facets(query)
    elif options["histogram"]:
        yield from _tell_histogram(query, BUCKETS[options["histogram"]])
    else:
        page = read_page(query=query, limit=options["limit"], after=options["after"], before=options["before"])
        if options["json"]:
            yield from (json.dumps(content.as_json(), ensure_ascii=False) for content in page.contents)
        else:
            yield from (describe_event(event) for event in page.events)
            yield from (f"# newer: --before {page.newer}" for _ in [page.newer] if page.newer)
            yield from (f"# older: --after {page.older}" for _ in [page.older] if page.older)


def _tell_facets(query: Query) -> Iterator[str]:
    facets = list_facets(query=query)
    for name, values in facets.values.items():
        yield from (f"{name} {number:>7} {value}" for value, number in values.items())
    if not facets.is_whole:
        yield "# of the newest events alone: there are more"


def _tell_histogram(query: Query, bucket: timedelta) -> Iterator[str]:
    histogram = build_histogram(query=query, bucket=bucket)
    yield from (f"{begin:%Y-%m-%d %H:%M} {number:>7}" for begin, number in histogram.buckets.items())
    if histogram.since:
        yield f"# complete from {histogram.since:%Y-%m-%d %H:%M:%S} on: there are more"
