"""The platform's pages in Django's admin: lists and details to read, and acts, each a page that calls one service.

Nothing is edited in Django's own forms: they open a transaction, in which no service opens a scope (docs/adr/0025).
"""

from django.contrib import admin
from django.contrib.auth.models import Group

from labsninja.admin import history, people, tenants, tokens

__all__ = ["history", "people", "tenants", "tokens"]

admin.site.unregister(Group)
