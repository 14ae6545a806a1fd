"""Addresses below /scim/v2. A trailing slash is taken as it comes: a redirect would lose the body."""

from typing import Final

from django.urls import re_path

from scim.api.views.base import NothingView
from scim.api.views.bulk import BulkView
from scim.api.views.description import DescriptionView
from scim.api.views.discovery import ResourceTypesView, SchemasView, ServiceProviderConfigView
from scim.api.views.me import MeView
from scim.api.views.members import MembersSearchView, MembersView
from scim.api.views.resources import ResourcesView, ResourceView
from scim.api.views.search import RootSearchView, RootView, SearchView

# Which endpoints there are is the tenant's: the view asks. None is called as what stands beside them.
BESIDE: Final = r"ServiceProviderConfig|Schemas|ResourceTypes|openapi\.json|Bulk|Me|\.search"
ENDPOINT: Final = rf"(?!(?:{BESIDE})(?:/|$))(?P<endpoint>[^/]+)"

# What is asked for most comes first: Django tries one after the other.
urlpatterns = [
    re_path(rf"^/{ENDPOINT}/(?P<resource_id>(?!\.search/?$)[^/]+)/?$", ResourceView.as_view()),
    re_path(rf"^/{ENDPOINT}/?$", ResourcesView.as_view()),
    re_path(rf"^/{ENDPOINT}/\.search/?$", SearchView.as_view()),
    re_path(r"^/(?P<endpoint>Groups)/(?P<resource_id>[^/]+)/members/?$", MembersView.as_view()),
    re_path(r"^/(?P<endpoint>Groups)/(?P<resource_id>[^/]+)/members/\.search/?$", MembersSearchView.as_view()),
    re_path(r"^/Bulk/?$", BulkView.as_view()),
    re_path(r"^/Me/?$", MeView.as_view(), {"endpoint": "Users"}),
    re_path(r"^/ServiceProviderConfig/?$", ServiceProviderConfigView.as_view()),
    re_path(r"^/Schemas(?:/(?P<name>[^/]+))?/?$", SchemasView.as_view()),
    re_path(r"^/ResourceTypes(?:/(?P<name>[^/]+))?/?$", ResourceTypesView.as_view()),
    re_path(r"^/openapi\.json$", DescriptionView.as_view()),
    re_path(r"^/?$", RootView.as_view()),
    re_path(r"^/\.search/?$", RootSearchView.as_view()),
    re_path(r"", NothingView.as_view()),
]
