"""Addresses of the public site. No session and no cookie stands behind any of them.

The status page has its place in labsninja/urls.py, which hands it the checks.
"""

from django.urls import path

from portal.public.views import api, components, docs, pages, well_known

urlpatterns = [
    path("", pages.home, name="home"),
    path("features", pages.features, name="features"),
    path("plans", pages.plans, name="plans"),
    path("security", pages.security, name="security"),
    path("docs", docs.index, name="docs"),
    path("docs/guides/<slug:slug>", docs.guide, name="guide"),
    path("docs/errors", docs.errors, name="errors"),
    path("docs/errors/<slug:code>", docs.error, name="error"),
    path("docs/audit", docs.audit, name="audit"),
    path("docs/audit/verify.py", docs.verifier, name="verifier"),
    path("docs/api", api.reference, name="api"),
    path("openapi.json", api.openapi, name="openapi"),
    path(".well-known/security.txt", well_known.security_txt, name="security-txt"),
    path("robots.txt", well_known.robots_txt, name="robots"),
    path("favicon.ico", well_known.favicon, name="favicon"),
    path("components", components.gallery, name="components"),
]
