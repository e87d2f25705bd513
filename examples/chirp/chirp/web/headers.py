"""What each answer tells the browser to refuse."""

from __future__ import annotations

from erlen import Erlen, Response, current_app, request

from .avatars import GRAVATAR

_YEAR = 365 * 24 * 3600

# No inline script and no inline style: what a person writes can be neither. Bootstrap draws its
# small pictures by data: addresses.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The address of a page stays on this site. ("no-referrer" would hide the origin of forms too.)
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def init_app(app: Erlen) -> None:
    policy = dict(_POLICY)
    if app.config["CHIRP_AVATARS"] == "gravatar":
        policy["img-src"] += f" {GRAVATAR}"
    header = "; ".join(f"{name} {value}" for name, value in policy.items())

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", header)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if current_app.config["CHIRP_HTTPS"]:
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
        if response.mimetype == "text/html" and request.endpoint != "static":
            # Pages are of one person, and have a token in their forms: nobody keeps a copy.
            response.headers.setdefault("Cache-Control", "no-store")
        return response
