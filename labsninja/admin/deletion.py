"""The acts around deleting a tenant: its history exported, then the deletion planned, or taken back."""

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.http import FileResponse

from audit.bundle import find_part, write_bundle
from audit.stored_tree import NothingSealedError
from labsninja.admin.acts import Act, ReasonForm, TypedNameForm
from labsninja.kernel.isolation import tenant_context
from portal.accounts.requests import RealmRequest, make_origin
from tenants.services.deletion import (
    DEFAULT_GRACE,
    LONGEST_GRACE,
    DeletionRefusedError,
    cancel_deletion,
    delete_tenant,
)

HELD_IN_MEMORY: Final = 8 * 1024 * 1024


class DeleteForm(TypedNameForm, ReasonForm):
    days = forms.IntegerField(
        label="Days of grace", min_value=1, max_value=LONGEST_GRACE.days, initial=DEFAULT_GRACE.days
    )


def _export(request: RealmRequest, row: Any, _given: Mapping[str, Any]) -> FileResponse:
    """A bundle as a download; whoever verifies it needs nothing of ours."""
    with tenant_context(row.id):
        try:
            part = find_part()
        except NothingSealedError as error:
            raise DeletionRefusedError(str(error)) from error
        file: Any = tempfile.SpooledTemporaryFile(HELD_IN_MEMORY)  # noqa: SIM115  # the answer closes it
        write_bundle(file=file, part=part, origin=make_origin(request))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{row.slug}.audit")


def _delete(request: RealmRequest, row: Any, given: Mapping[str, Any]) -> str:
    grace = timedelta(days=given["days"])
    marked = delete_tenant(slug=row.slug, reason=given["reason"], grace=grace, origin=make_origin(request))
    return f"{row.slug} is suspended, and deleted on {marked.deletes_at:%Y-%m-%d %H:%M} UTC unless that is taken back."


def _cancel(request: RealmRequest, row: Any, _given: Mapping[str, Any]) -> str:
    cancel_deletion(slug=row.slug, origin=make_origin(request))
    return f"{row.slug} is kept. It stays suspended until it is resumed."


ACTS: Final = (
    Act("export", "Export the audit history", "A signed bundle of all sealed events, for anybody to verify offline.",
        _export, needs_step_up=True),
    Act("delete", "Delete", "It is suspended now. When the days of grace are over, users, groups, tokens and everything"
        " else of it go for ever; its audit history stays as long as retention says. Export that first.", _delete,
        form=DeleteForm, needs_step_up=True, is_dangerous=True,
        is_offered=lambda row: row.deletes_at is None and row.deleted_at is None),
    Act("keep", "Take the deletion back", "The tenant is kept, suspended as it is.", _cancel, needs_step_up=True,
        is_offered=lambda row: row.deletes_at is not None),
)  # fmt: skip
