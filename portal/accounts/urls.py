"""Addresses of account pages below a realm's prefix; each realm has them all, in a namespace of its own."""

from django.urls import URLPattern, path

from portal.accounts.views import account, factors, links, sign_in
from tenants.realms import Realm

PATTERNS: list[URLPattern] = [
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-in/passkey", sign_in.by_passkey, name="by-passkey"),
    path("sign-in/factor", sign_in.factor, name="factor"),
    path("sign-in/enroll", factors.enroll, name="enroll"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("confirm", sign_in.confirm, name="confirm"),
    path("forgot", links.forgot, name="forgot"),
    path("reset/<str:token>", links.reset, name="reset"),
    path("invitation/<str:token>", links.invitation, name="invitation"),
    path("email/<str:token>", links.email, name="email-link"),
    path("unsubscribe/<str:signed>", links.unsubscribe, name="unsubscribe"),
    path("account", account.account, name="account"),
    path("account/name", account.name, name="name"),
    path("account/password", account.password, name="password"),
    path("account/email", account.email, name="email"),
    path("account/app", factors.app, name="app"),
    path("account/app/remove", factors.app_removed, name="app-remove"),
    path("account/passkeys/add", factors.passkey, name="passkey"),
    path("account/passkeys/<uuid:passkey_id>/remove", factors.passkey_removed, name="passkey-remove"),
    path("account/recovery-codes", factors.recovery_codes, name="recovery-codes"),
    path("account/sessions/<uuid:session_id>/end", account.session_ended, name="session-end"),
    path("account/notices", account.notices, name="notices"),
    path("account/sessions/end-all", account.signed_out_everywhere, name="sessions-end-all"),
    path("account/sessions/end", account.sessions_ended, name="sessions-end"),
]


def account_urls(realm: Realm) -> tuple[list[URLPattern], str, str]:
    """What `path` takes below the realm's prefix: the patterns, and the namespace, as in accounts-console."""
    return PATTERNS, "accounts", f"accounts-{realm.name}"
