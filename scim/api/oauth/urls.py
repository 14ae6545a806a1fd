"""Addresses of OAuth, at the root of the host: RFC 8414 section 3 wants its own there."""

from django.urls import re_path

from scim.api.oauth.views import MetadataView, TokenView

urlpatterns = [
    re_path(r"^oauth2/token/?$", TokenView.as_view()),
    re_path(r"^\.well-known/oauth-authorization-server/?$", MetadataView.as_view()),
]
