"""Forms of the account pages. They read and name fields; every rule about accounts stands in the services."""

from typing import Any

from django import forms

from tenants.models.people import LONGEST_EMAIL, LONGEST_NAME
from tenants.services.accounts.passkeys import LONGEST_NAME as LONGEST_PASSKEY
from tenants.services.accounts.passwords import LONGEST as LONGEST_PASSWORD

INPUT = "input w-full"
LONGEST_CODE = 40


class EmailInput(forms.EmailField):
    """What belongs to an address: the right keyboard, and a password manager that knows it."""

    def __init__(self, *, label: str = "E-mail address", autocomplete: str = "username") -> None:
        attributes = {"class": INPUT, "autocomplete": autocomplete, "inputmode": "email"}
        super().__init__(label=label, max_length=LONGEST_EMAIL, widget=forms.EmailInput(attributes))


class PasswordInput(forms.CharField):
    """A password as it was typed: nothing is stripped, and pasting is welcome."""

    def __init__(self, *, label: str = "Password", is_new: bool = False) -> None:
        attributes = {"class": INPUT, "autocomplete": "new-password" if is_new else "current-password"}
        help_text = "At least 12 characters. A few random words make a good one." if is_new else ""
        super().__init__(
            label=label,
            max_length=LONGEST_PASSWORD,
            strip=False,
            help_text=help_text,
            widget=forms.PasswordInput(attributes),
        )


class NameInput(forms.CharField):
    """How a person is called."""

    def __init__(self) -> None:
        super().__init__(
            label="Your name",
            max_length=LONGEST_NAME,
            widget=forms.TextInput({"class": INPUT, "autocomplete": "name"}),
        )


class CodeInput(forms.CharField):
    """Six digits of an app, or a recovery code."""

    def __init__(self, *, label: str, help_text: str = "") -> None:
        attributes = {"class": f"{INPUT} font-mono", "autocomplete": "one-time-code", "spellcheck": "false"}
        super().__init__(label=label, max_length=LONGEST_CODE, help_text=help_text, widget=forms.TextInput(attributes))


class SignInForm(forms.Form):
    email = EmailInput()
    password = PasswordInput()


class FactorForm(forms.Form):
    code = CodeInput(label="Code", help_text="Six digits from your authenticator app, or one of your recovery codes.")


class StepUpCodeForm(forms.Form):
    answer = CodeInput(label="Code", help_text="Six digits from your authenticator app, or one of your recovery codes.")


class StepUpPasswordForm(forms.Form):
    answer = PasswordInput(label="Your password")


class ForgotForm(forms.Form):
    email = EmailInput()


class NewPasswordForm(forms.Form):
    password = PasswordInput(label="New password", is_new=True)


class JoinForm(forms.Form):
    name = NameInput()
    password = PasswordInput(label="Choose a password", is_new=True)


class NameForm(forms.Form):
    name = NameInput()


class EmailForm(forms.Form):
    email = EmailInput(label="New e-mail address", autocomplete="email")


class AppForm(forms.Form):
    code = CodeInput(label="Code that the app shows", help_text="Six digits; they change every 30 seconds.")


class PasskeyForm(forms.Form):
    """`answer` is filled in by the browser."""

    name = forms.CharField(
        label="Name of the passkey",
        max_length=LONGEST_PASSKEY,
        help_text="As in: work laptop, blue key.",
        widget=forms.TextInput({"class": INPUT, "autocomplete": "off"}),
    )
    answer = forms.CharField(widget=forms.HiddenInput({"data-passkey-answer": ""}), max_length=20_000)


def read_form(form_class: type[forms.Form], data: Any) -> forms.Form:
    """The form, filled in when something was sent."""
    return form_class(data or None)
