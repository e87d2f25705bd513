"""What is secret, and text without it.

A value is secret by its name, as that of a variable, a key, a header or a setting; and then
wherever else it stands, as in a message or in the ``repr`` of something that holds it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote, quote_plus

#: What stands in place of a secret.
MASK = "••••••"

# Words that are part of other ones, as "pin" is, have to stand alone.
_NAME = r"""(?:
    passw(?:or)?d | passphrase | passcode | pwd | secret | token | credential | authori[sz]ation
    | cookie | csrf | xsrf | signature | session[-_ ]?id
    | (?:api|access|private|signing|encryption|auth|master|session|client|license)[-_ .]?keys?
    | (?<![a-z])(?:pass|pw|auth|jwt|otp|totp|pin|cvv2?|cvc2?|ssn|sid|salt|bearer|dsn)(?![a-z])
)"""
# Variables of every shell.
_FOLDERS = ("PWD", "OLDPWD")
_name = re.compile(_NAME, re.IGNORECASE | re.VERBOSE)
# Possessive: nothing is tried twice, so that the time is linear. What has no end goes to the end.
_VALUE = r"""(?:
    [bru]{0,2}'(?:[^'\\]|\\.)*+'? | [bru]{0,2}"(?:[^"\\]|\\.)*+"?
    | \[[^\]]*+\]? | \{[^}]*+\}? | \([^)]*+\)?
    | [^\s,;&)\]}>'"]++
)"""
_named = re.compile(
    rf"""(
        {_NAME}[\w\-]{{0,40}}+
        # name=value, 'name': value and ('name', 'value'); a bare colon is mostly that of a
        # sentence, unless what follows looks like no word.
        (?: ['"]?[ ]{{0,2}}=[ ]{{0,2}}
          | ['"][ ]{{0,2}}:[ ]{{0,2}}
          | ['"],[ ](?=b?['"])
          | :[ ]{{0,2}}(?=b?['"] | [^\s,;&)\]}}>'"]{{0,200}}[\d_=/+])
        )
        (?! None\b | True\b | False\b | '' | "" )
    )
    (?: (?:basic|bearer|digest|token)[ ]+ )?+
    (?P<value>{_VALUE})""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_leading = re.compile(r"[\w\-. ]*\w").match
_literal = re.compile(r"""[bru]{0,2}(?:'([^'\\]++)'|"([^"\\]++)")""", re.IGNORECASE).fullmatch
# The last word tells what a value is: that of SESSION_COOKIE_NAME is a name.
_is_named_so = re.compile(rf"{_NAME}s?(?:_fallbacks|_?\d+)?\Z", re.IGNORECASE | re.VERBOSE).search
# In source only what is written there is a value.
_written = re.compile(
    rf"""({_NAME}[\w\-]{{0,40}}+['"]?\]?[ ]{{0,2}}[=:][ ]{{0,2}})
    (?:[bruf]{{0,2}}'(?:[^'\\]|\\.)++'? | [bruf]{{0,2}}"(?:[^"\\]|\\.)++"?)""",
    re.IGNORECASE | re.VERBOSE,
)
_is_code = re.compile(r"[ |]* {4}\S").match
# Userinfo of a URL, a header's credentials, a JSON Web Token, a private key.
_shaped = re.compile(
    r"""(?<=://) (?P<user>[^\s/:@'"]{0,200}+) :[^\s/@'"]{1,500}+@
    | \b(?P<scheme>basic|bearer)[ ]+
      (?-i:(?=[\w\-.~+/=]{0,200}(?:\d|=|[a-z][A-Z]))) [\w\-.~+/=]{6,}+
    | \beyJ[\w\-]{5,}+\.[\w\-]{5,}+\.[\w\-]*+
    | -----BEGIN[ ][A-Z ]{0,40}PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]{0,40}-----|\Z)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_password = re.compile(r"://[^\s/:@]{0,200}:([^\s/@]{1,500})@")
_has_digit = re.compile(r"\d").search
# A shorter one could be a word of its own, and stand anywhere.
_SHORTEST = 6
_LONGEST = 10_000
_MOST_KNOWN = 500


def is_secret(name: object) -> bool:
    """Whether a name, of text or bytes, says that its value is secret."""
    if type(name) is bytes:
        name = name.decode("latin-1")
    return type(name) is str and name not in _FOLDERS and _name.search(name[:200]) is not None


def is_a(value: object, kinds: type | tuple[type, ...]) -> bool:
    """:func:`isinstance` by the type alone, which an object cannot talk about."""
    return issubclass(type(value), kinds)


class Masks:
    """The secrets that are known, and text without them."""

    def __init__(self) -> None:
        self._known: dict[str, re.Pattern[str]] = {}
        self.learn_all(os.environ)

    def learn_all(self, values: Mapping[Any, Any]) -> None:
        """Learn what is secret by its name, and the passwords of URLs."""
        for name, value in list(values.items()):
            self.learn_named(name, value)

    def learn_named(self, name: object, value: Any) -> None:
        """Learn a value if its name says that it is secret, or the password of a URL."""
        if not is_a(value, str):
            if is_secret(name):
                self.learn(value)
        elif not is_secret(name):
            found = _password.search(value[:500])
            if found is not None:
                self.learn(found[1])
        # The file that holds a secret is none, nor is the name of a header or a kind.
        elif not os.path.isabs(value) and (
            _is_named_so(str(name)) or (len(value) > 12 and _has_digit(value))
        ):
            self.learn(value)

    def learn(self, value: Any) -> None:
        """Learn a secret: text or bytes, or a collection of some."""
        kind = type(value)
        if kind in (list, tuple, set, frozenset):
            for item in islice(value, _MOST_KNOWN):
                self.learn(item)
        elif kind is dict:
            self.learn(list(islice(value.values(), _MOST_KNOWN)))
        elif kind in (bytes, bytearray):
            self.learn(value[:_LONGEST].decode("latin-1"))
        elif is_a(value, str) and len(value) >= _SHORTEST and not _name.fullmatch(value):
            value = str(value[:_LONGEST])
            for form in (value, repr(value)[1:-1], quote(value, ""), quote_plus(value)):
                if len(self._known) < _MOST_KNOWN:
                    # Not a part of a word.
                    self._known.setdefault(form, re.compile(rf"(?<!\w){re.escape(form)}(?!\w)"))

    def hide(self, text: str) -> str:
        """Text without the secrets that are known, and those that their names or shapes tell."""
        return _shaped.sub(_keep_public, _named.sub(self._hide_named, self._hide_known(text)))

    def _hide_named(self, match: re.Match[str]) -> str:
        # The same may be written in the source, or told in a message.
        literal = _literal(match["value"])
        name = _leading(match[1])
        if literal is not None and name is not None:
            self.learn_named(name[0], literal[1] or literal[2])
        return f"{match[1]}{MASK}"

    def hide_source(self, code: str) -> str:
        """Python without the secrets that are written in it."""
        return _shaped.sub(_keep_public, _written.sub(rf"\1{MASK}", self._hide_known(code)))

    def hide_traceback(self, text: str) -> str:
        """A traceback as Python prints it, without secrets."""
        lines = _shaped.sub(_keep_public, text).splitlines(keepends=True)
        return "".join(self.hide_source(x) if _is_code(x) else self.hide(x) for x in lines)

    def _hide_known(self, text: str) -> str:
        for secret, pattern in self._known.items():
            if secret in text:
                text = pattern.sub(MASK, text)
        return text


def _keep_public(match: re.Match[str]) -> str:
    if match["user"] is not None:
        return f"{match['user']}:{MASK}@"
    if match["scheme"] is not None:
        return f"{match['scheme']} {MASK}"
    return MASK
