"""The forms, as WTForms knows them.

What a value may be is said by the services: a form that has all its fields hands them over, and
shows what they refuse at the field.
"""

from __future__ import annotations

import secrets

from wtforms import BooleanField, EmailField, Form, HiddenField, PasswordField, StringField
from wtforms import TextAreaField as WTFormsTextAreaField
from wtforms.validators import EqualTo, InputRequired, Length

from ..models import EMAIL_LENGTH, FORM_KEY_LENGTH, NAME_LENGTH
from ..services.errors import Invalid
from ..services.people import LONGEST_BIOGRAPHY
from ..services.text import LONGEST


class PageForm(Form):
    """A form that a page shows again with what was typed and what is wrong with it."""

    def refuse(self, error: Invalid) -> None:
        """Show what a service refused at its field, or above the form where it has none; what a
        field says already stands."""
        for mistake in (error, *error.others):
            field = self._fields.get(mistake.field)
            if field is None:
                self.form_errors.append(mistake.message)
            elif not field.errors:
                field.errors = [mistake.message]


class TextAreaField(WTFormsTextAreaField):
    """A text of several lines; :attr:`most` is shown as the characters that are left."""

    def __init__(self, *args, most: int, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.most = most


def _required(message: str) -> InputRequired:
    return InputRequired(message)


class RegisterForm(PageForm):
    name = StringField(
        "User name",
        [_required("Choose a name.")],
        description="Letters, digits and underscores. Others see it and write to you as @name.",
        render_kw={"autocomplete": "username", "maxlength": NAME_LENGTH, "autocapitalize": "none"},
    )
    email = EmailField(
        "E-mail address",
        [_required("Write your e-mail address.")],
        description="Nobody else sees it.",
        render_kw={"autocomplete": "email", "maxlength": EMAIL_LENGTH},
    )
    password = PasswordField(
        "Password",
        [_required("Choose a password.")],
        description="A few words that nobody else would put together are a good one.",
        render_kw={"autocomplete": "new-password"},
    )


class LoginForm(PageForm):
    login = StringField(
        "User name or e-mail address",
        [_required("Write your user name or e-mail address.")],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    password = PasswordField(
        "Password",
        [_required("Write your password.")],
        render_kw={"autocomplete": "current-password"},
    )
    remember = BooleanField("Remember me on this device")


class ChirpForm(PageForm):
    text = TextAreaField(
        "What is going on?",
        [_required("Write something.")],
        most=LONGEST,
        render_kw={"rows": 2, "placeholder": "What is going on?"},
    )
    #: The same form sent twice is one chirp.
    form_key = HiddenField(validators=[Length(max=FORM_KEY_LENGTH)])

    @classmethod
    def blank(cls) -> ChirpForm:
        form = cls()
        form.form_key.data = secrets.token_urlsafe(16)
        return form


class ProfileForm(PageForm):
    biography = TextAreaField(
        "About you",
        most=LONGEST_BIOGRAPHY,
        description="Everybody can read it on your page.",
        render_kw={"rows": 4},
    )


class PasswordForm(PageForm):
    old = PasswordField(
        "Your password now",
        [_required("Write your password.")],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        "The new password",
        [_required("Choose a password.")],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "The new password again",
        [_required("Write it again."), EqualTo("new", "This is not the same as above.")],
        render_kw={"autocomplete": "new-password"},
    )


class TokenForm(PageForm):
    name = StringField(
        "What the token is for",
        [_required("Give it a name.")],
        description="For example: my phone, a weather robot.",
        render_kw={"autocomplete": "off", "maxlength": 64},
    )


class DeletePersonForm(PageForm):
    password = PasswordField(
        "Your password",
        [_required("Write your password.")],
        render_kw={"autocomplete": "current-password"},
    )
