"""Checkpoints outside the database: appended to a file for each tenant, a line of JSON each.

Whoever owns the database and the signing keys can write a history anew; a file that they do not own tells.
`verify.py --checkpoint FILE` holds a bundle against it.
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

MODE = 0o600
MODE_OF_FOLDER = 0o700


def anchor_file(tenant_id: UUID) -> Path:
    """Where a tenant's checkpoints are kept."""
    return Path(settings.LABSNINJA_AUDIT_ANCHORS) / f"{tenant_id}.jsonl"


def append_anchors(notes: Mapping[UUID, str], *, at: datetime) -> int:
    """Append each tenant's note to its file, on disk when this returns. Gives how many. Raises OSError."""
    Path(settings.LABSNINJA_AUDIT_ANCHORS).mkdir(mode=MODE_OF_FOLDER, parents=True, exist_ok=True)
    for tenant_id, note in notes.items():
        line = json.dumps({"at": at.isoformat(), "note": note}, ensure_ascii=False) + "\n"
        descriptor = os.open(anchor_file(tenant_id), os.O_WRONLY | os.O_CREAT | os.O_APPEND, MODE)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return len(notes)
