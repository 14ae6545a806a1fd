"""Addresses of the surfaces for people."""

from django.urls import include, path

urlpatterns = [
    path("", include("portal.public.urls")),
]
