"""The pages of the debugger.

Everything that goes into them is escaped by ``Markup.format``; the pages hold no script and no
style of their own, so that the policy they are sent with allows none.
"""

from __future__ import annotations

import re

from markupsafe import Markup

_RESOURCE = "?__debugger__=yes&cmd=resource&f="

# CSP level 3: even text that was not escaped could run nothing, load nothing and send nothing.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_PAGE = Markup(
    """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} // Erlen Debugger</title>
<link rel="stylesheet" href="{resource}style.css">
<link rel="icon" type="image/svg+xml" href="{resource}icon.svg">
<script src="{resource}debugger.js" defer></script>
</head>
<body{state}>
<main class="debugger">{content}</main>
</body>
</html>
{comment}"""
)
_COMMENT = Markup("<!--\n\n{}\n-->\n")
_STATE = Markup(' data-secret="{secret}" data-trusted="{trusted}" data-console="{console}"')
_CONSOLE = Markup(
    "<h1>Interactive Console</h1>"
    '<div class="explanation"><p>What is typed here runs in the process of the application, which'
    " has the name <code>app</code>.</p></div>"
    '<div class="console-page"><noscript>The console needs JavaScript.</noscript></div>'
)


def render_page(
    *,
    title: str,
    content: Markup,
    evalex: bool = False,
    secret: str = "",
    is_trusted: bool = False,
    is_console: bool = False,
    comment: str = "",
) -> str:
    """A whole page.

    :param evalex: tell the page how to run something
    :param secret: what it must send to do so
    :param is_trusted: do not ask for the PIN first
    :param comment: text for those who read the page without a browser
    """
    state = ""
    if evalex:
        state = _STATE.format(
            secret=secret,
            trusted="yes" if is_trusted else "no",
            console="yes" if is_console else "no",
        )
    if comment:
        # Nothing but two hyphens can end a comment, so that it needs no other escapes.
        comment = _COMMENT.format(Markup(re.sub("-(?=-)", "- ", comment)))
    return _PAGE.format(
        title=title, resource=_RESOURCE, state=state, content=content, comment=comment
    )


def render_console_html(secret: str, evalex_trusted: bool) -> str:
    """The page with a console alone."""
    return render_page(
        title="Console",
        content=_CONSOLE,
        evalex=True,
        secret=secret,
        is_trusted=evalex_trusted,
        is_console=True,
    )
