"""What the address of the request list asks for: fields with choices, and a line of qualifiers."""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from django.http import QueryDict

from portal.console.forms import RequestsForm
from scim.queries.requests import QuerySyntaxError, RequestFilter, parse_request_query

HELP: Final = (
    ("method:PATCH", "how it was sent"),
    ("status:409 status:5xx", "what was answered; 5xx is all from 500 on"),
    ("outcome:refused", "one of done, refused, denied, limited, failed"),
    ("scimType:uniqueness", "the keyword of the error"),
    ("warning:any", "what was tolerated: any, or a code as W_BOOL_STRING"),
    ("user:ada@example.com group:Staff", "about whom: a name as it was sent, or an id"),
    ("client:okta*", "from which SCIM client; a star stands for what follows"),
    ("token:lnj_ls_… address:192.0.2.*", "with which token, by its public beginning; from where"),
    ("request:…", "the id of a request, as the answer's X-Request-Id header has it"),
    ("from:2026-11-01 to:2026-11-05", "when, in UTC; a day as an end is meant whole"),
    ('-outcome:done "ada lovelace"', "a minus takes away; text is sought in name, path, filter and error"),
)
POSITION: Final = "from"  # where a page begins, beside what is asked for
UNSEEN: Final = ("text", "status", "request", "warned")  # fields without a control of their own: links give them


@dataclass(frozen=True)
class RequestSearch:
    """`wanted` is None where something cannot be read; `error` is about the line, `text`."""

    form: RequestsForm
    text: str
    wanted: RequestFilter | None
    error: str = ""
    asked: dict[str, str] = field(default_factory=dict)

    def link(self, **beside: str) -> str:
        """The address of the same search within its page."""
        return "?" + urlencode({**self.asked, **beside})

    @property
    def unseen(self) -> dict[str, str]:
        """What narrows the list and has no control: told on the page, and kept by its form."""
        return {name: value for name, value in self.asked.items() if name in UNSEEN}


def read_search(given: QueryDict) -> RequestSearch:
    """The search that an address, or a form with the same fields, asks for."""
    form, text = RequestsForm(given), " ".join(given.get("q", "").split())
    asked = {name: value for name in ("q", *form.fields) if (value := text if name == "q" else given.get(name, ""))}
    try:
        query, error = parse_request_query(text), ""
    except QuerySyntaxError as refused:
        query, error = None, f"{str(refused)[:1].upper()}{str(refused)[1:]}."
    if not form.is_valid() or query is None:
        return RequestSearch(form, text, None, error, asked)
    read: dict[str, Any] = form.cleaned_data
    wanted = RequestFilter(
        scim_client_id=read["client"],
        method=read["method"],
        outcome=read["outcome"],
        status=read["status"],
        text=read["text"],
        request_id=read["request"],
        warned=read["warned"],
        query=query,
    )
    return RequestSearch(form, text, wanted, "", asked)
