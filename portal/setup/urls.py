"""Addresses of a set-up that was shared, below /setup/. Each begins with the id of its link, and so does the path that
the cookie of its session is for: no other page ever gets that cookie.
"""

from typing import Final

from django.urls import path

from portal.setup import views

app_name = "setup"
OF_LINK: Final = "<uuid:link_id>"

urlpatterns = [
    path(OF_LINK, views.page, name="page"),
    path(f"{OF_LINK}/token", views.token, name="token"),
    path(f"{OF_LINK}/first-run", views.first_run, name="first-run"),
    # Last: a secret has 43 characters, and no word above has.
    path(f"{OF_LINK}/<slug:secret>", views.link, name="link"),
]
