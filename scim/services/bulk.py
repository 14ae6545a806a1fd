"""Many writes in one request (RFC 7644 section 3.7): each operation goes through the service of its single request.

Every operation is a transaction of its own, so that a refusal leaves the others done and no lock is held for long.
Those that refer to each other in a circle are one transaction: all of them are done or none.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from uuid import UUID

import uuid_utils.compat
from django.db import InterfaceError, OperationalError
from psycopg.errors import DeadlockDetected, SerializationFailure

from scim.protocol.bulk.plan import BulkStep, BulkUnit, plan_bulk, translate_data
from scim.protocol.bulk.references import PREFIX
from scim.protocol.bulk.request import BulkOperation, read_bulk_request
from scim.protocol.bulk.response import BulkResult
from scim.protocol.bulk.targets import BulkTarget
from scim.protocol.dialects.base import Reading
from scim.protocol.errors import ScimError, invalid_value
from scim.protocol.json_input import JsonObject
from scim.protocol.schemas.definitions import SchemaSet
from scim.protocol.versions import format_etag
from scim.queries import find_schemas, is_refreshed, parse_resource_id
from scim.services.resources import create_resource, delete_resource, patch_resource, replace_resource
from scim.services.writes import Writing, open_write
from scim.store.resources import StoredResource

logger = logging.getLogger(__name__)

STATUS = {"POST": HTTPStatus.CREATED, "PUT": HTTPStatus.OK, "PATCH": HTTPStatus.OK, "DELETE": HTTPStatus.NO_CONTENT}
OUTDATED = {400, 404, 503}  # what is unknown or wrong by one definition may be right by the next
MOST_REPEATS = 3  # of one unit, for definitions that change in quick succession
ATTEMPTS = 2  # a circle whose ids turn out otherwise is done once more
AWAY = ScimError("The directory cannot be reached at the moment.", status=503)


@dataclass(frozen=True)
class BulkSetting:
    """What all operations share. `writing` is that of a single request; `base_url` stands before a path."""

    writing: Writing
    schemas: SchemaSet
    base_url: str
    groups_enabled: bool = True


class OtherIdsError(Exception):
    """Resources of a circle came back under old `ids`, and others refer to the planned ones: roll the scope back."""

    def __init__(self, ids: Mapping[str, UUID]) -> None:
        super().__init__("ids are others than planned")
        self.ids = ids


def _check_ids(planned: Mapping[str, UUID], found: Mapping[str, UUID]) -> None:
    if planned != found:
        raise OtherIdsError(found)


def process_bulk(*, body: JsonObject, setting: BulkSetting) -> list[BulkResult]:
    """Do the operations; gives the result of each that was processed.

    Raises ScimError 400 or 413 when the request as a whole is refused: nothing is done then.
    """
    request = read_bulk_request(body, reading=setting.writing.reading)
    work = _Work(setting)
    results: list[BulkResult] = []
    units = plan_bulk(request.operations, schemas=setting.schemas)
    refused = repeats = 0
    while units:
        done = work.do(units[0])
        if repeats < MOST_REPEATS and work.has_other_schemas(done):
            repeats += 1
            units = _plan_rest(request.operations, work.schemas, results)
            continue
        results += done
        refused += sum(result.is_refused for result in done)
        units, repeats = units[1:], 0
        if request.fail_on_errors is not None and refused >= request.fail_on_errors:
            break
    return results


def _plan_rest(
    operations: Sequence[BulkOperation], schemas: SchemaSet, results: Sequence[BulkResult]
) -> list[BulkUnit]:
    """What has no result yet, planned by other definitions."""
    done = {result.operation.index for result in results}
    units = [
        replace(unit, steps=[step for step in unit.steps if step.operation.index not in done])
        for unit in plan_bulk(operations, schemas=schemas)
    ]
    return [unit for unit in units if unit.steps]


class _Work:
    """Does units one after the other, and knows which ids new resources have got."""

    def __init__(self, setting: BulkSetting) -> None:
        self._setting = setting
        self._ids: dict[str, UUID] = {}
        self._is_away = False
        self._at = 0

    @property
    def schemas(self) -> SchemaSet:
        """The definitions by which operations are done now."""
        return self._setting.schemas

    def has_other_schemas(self, results: Sequence[BulkResult]) -> bool:
        """Whether something was refused by definitions that have changed since: the work goes on by the present ones.

        Nothing has been done of what was refused, so it may be done by those.
        """
        if self._is_away or not any(result.is_refused and result.status in OUTDATED for result in results):
            return False
        try:
            if not is_refreshed(self.schemas):
                return False
        except (OperationalError, InterfaceError):
            return False
        schemas, base = find_schemas(), self._setting.base_url
        locations = {known.name: f"{base}{known.endpoint}/" for known in schemas.resource_types}
        writing = replace(self._setting.writing, locations=locations)
        self._setting = replace(self._setting, schemas=schemas, writing=writing)
        return True

    def do(self, unit: BulkUnit) -> list[BulkResult]:
        """The results of all steps of the unit. Raises nothing: what is refused or fails is told in a result."""
        if self._is_away:
            return [self._refusal(step.operation, AWAY) for step in unit.steps]
        refusals = {at: step.refusal for at, step in enumerate(unit.steps) if step.refusal}
        if refusals:
            return self._refuse(unit, refusals)
        known = dict(self._ids)
        try:
            written = self._do_circle(unit) if unit.is_circle else [self._do_step(unit.steps[0])]
        except Exception as error:  # noqa: BLE001  # one operation must not cost the others their results
            self._ids = known
            return self._refuse(unit, {self._at: self._explain(error)})
        return [self._result(step.operation, *done) for step, done in zip(unit.steps, written, strict=True)]

    def _do_circle(self, unit: BulkUnit) -> list[tuple[BulkTarget, StoredResource]]:
        """All steps in one transaction, under ids that are given out beforehand."""
        bulk_ids = [step.operation.bulk_id or "" for step in unit.steps]
        planned: Mapping[str, UUID] = {bulk_id: uuid_utils.compat.uuid7() for bulk_id in bulk_ids}
        for _attempt in range(ATTEMPTS):
            self._ids.update(planned)
            try:
                return self._do_together(unit, planned)
            except OtherIdsError as error:
                planned = error.ids
        raise ScimError("The circular references could not be resolved.", status=409)

    def _do_together(self, unit: BulkUnit, planned: Mapping[str, UUID]) -> list[tuple[BulkTarget, StoredResource]]:
        with open_write():
            written = [self._do_step(step, at) for at, step in enumerate(unit.steps)]
            _check_ids(planned, {bulk_id: self._ids[bulk_id] for bulk_id in planned})
        return written

    def _do_step(self, step: BulkStep, at: int = 0) -> tuple[BulkTarget, StoredResource]:
        self._at = at
        target, operation = step.target, step.operation
        if target is None:
            raise LookupError(operation.where)
        if target.resource_type.name == "Group" and not self._setting.groups_enabled:
            raise ScimError("Groups are disabled for this SCIM client.", status=403)
        reading = Reading(self._setting.writing.reading.dialect)
        writing = replace(
            self._setting.writing, resource_type=target.resource_type, reading=reading, if_match=operation.version
        )
        try:
            return target, self._write(operation, target, writing)
        finally:
            self._keep_warnings(reading, operation)

    def _write(self, operation: BulkOperation, target: BulkTarget, writing: Writing) -> StoredResource:
        if operation.method == "DELETE":
            return delete_resource(resource_id=self._resource_id(target), writing=writing)
        body = translate_data(operation, target.resource_type, lambda bulk_id, _: str(self._id_of(bulk_id)))
        if operation.creates:
            bulk_id = operation.bulk_id or ""
            created = create_resource(body=body, writing=writing, resource_id=self._ids.get(bulk_id))
            self._ids[bulk_id] = created.id
            return created
        write = replace_resource if operation.method == "PUT" else patch_resource
        return write(resource_id=self._resource_id(target), body=body, writing=writing)

    def _resource_id(self, target: BulkTarget) -> UUID:
        return parse_resource_id(target.resource_id) if target.bulk_id is None else self._id_of(target.bulk_id)

    def _id_of(self, bulk_id: str) -> UUID:
        found = self._ids.get(bulk_id)
        if found is None:
            raise invalid_value(f"{PREFIX}{bulk_id[:100]} was not created: the operation that should was refused.")
        return found

    def _keep_warnings(self, reading: Reading, operation: BulkOperation) -> None:
        """The request log tells each warning of the request once."""
        whole = self._setting.writing.reading
        for note in reading.notes:
            if note.code not in whole.codes:
                whole.warn(note.code, f"{operation.where}.{note.where}")

    def _explain(self, error: Exception) -> ScimError:
        if isinstance(error, ScimError):
            return error
        if isinstance(error, OperationalError | InterfaceError):
            # Whoever lost a race for locks may try again; behind a lost connection the rest need not be tried.
            self._is_away = not isinstance(error.__cause__, DeadlockDetected | SerializationFailure)
            return AWAY
        logger.error("unforeseen error in an operation of a Bulk request", exc_info=error)
        return ScimError("The server met an error that it did not foresee.", status=500)

    def _refuse(self, unit: BulkUnit, refusals: Mapping[int, ScimError]) -> list[BulkResult]:
        """Those that are refused say why; what they undid with them is in conflict (section 3.7.1)."""
        first = unit.steps[next(iter(refusals))].operation
        undone = ScimError(f"Not done: it belongs to a circle in which {first.where} was refused.", status=409)
        return [self._refusal(step.operation, refusals.get(at, undone)) for at, step in enumerate(unit.steps)]

    def _refusal(self, operation: BulkOperation, error: ScimError) -> BulkResult:
        """Its location is the path that was given; a creation that failed has none (section 3.7.3)."""
        has_location = operation.path.startswith("/") and not operation.creates
        location = f"{self._setting.base_url}{operation.path}" if has_location else None
        return BulkResult(operation, error.status, location, error=error)

    def _result(self, operation: BulkOperation, target: BulkTarget, resource: StoredResource) -> BulkResult:
        location = f"{self._setting.writing.locations[target.resource_type.name]}{resource.id}"
        version = None if operation.method == "DELETE" else format_etag(resource.version)
        return BulkResult(operation, STATUS[operation.method], location, version)
