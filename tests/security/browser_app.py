"""What test_browser.py serves: the victim, and on another host name of the same server the page of
an attacker or of a friend."""

from __future__ import annotations

from erlen import Erlen, render_template_string, request, session
from erlen.protection.preset import secure

app = Erlen(__name__)
app.secret_key = "key"
secured = secure(app, trusted_hosts=["127.0.0.1", "localhost"])
app.config["CSP"] = "strict"


@app.get("/form")
def form():
    """A form with a token, or without one."""
    return render_template_string(
        "<form method=post action=/act>{% if request.args.token %}"
        "<input type=hidden name=csrf_token value='{{ csrf_token() }}'>{% endif %}"
        "<button>Act</button></form><p>{{ session.acts or 0 }}</p>"
    )


@app.post("/act")
async def act():
    session["acts"] = session.get("acts", 0) + 1
    told = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    return f"<p>acted {session['acts']}</p><i>{told}</i>"


@app.put("/feed")
@secured.cors.allow(origins="*")
@secured.csrf.exempt
async def feed():
    return {"got": request.get_json()}


@app.get("/closed")
def closed():
    return {"secret": 1}


@app.get("/attack")
def attack():
    """A page that has a form of its own for the other host."""
    response = app.make_response(
        render_template_string(
            "<form method=post action='http://{{ request.args.host }}/act'><button>Win</button>"
            "</form>"
        )
    )
    response.headers["Content-Security-Policy"] = "default-src 'self'"
    return response


@app.get("/reader")
def reader():
    """A page that reads from the other host, and shows what it got."""
    response = app.make_response(
        render_template_string(
            """
            <pre id=open></pre><pre id=closed></pre>
            <script>
              const show = (id, promise) => promise.then(r => r.text())
                .catch(e => "refused").then(text => document.getElementById(id).innerText = text);
              const other = "http://{{ request.args.host }}";
              show("open", fetch(other + "/feed", {method: "PUT", body: '{"a": 1}',
                                 headers: {"Content-Type": "application/json"}}));
              show("closed", fetch(other + "/closed"));
            </script>
            """
        )
    )
    response.headers["Content-Security-Policy"] = "default-src * 'unsafe-inline'"
    return response


@app.get("/scripts")
def scripts():
    """One script with the nonce and one without."""
    return render_template_string(
        "<p id=good>-</p><p id=bad>-</p>"
        "<script>bad.innerText = 'ran'</script>"
        "<script nonce='{{ csp_nonce() }}'>good.innerText = 'ran'</script>"
    )


@app.get("/frame")
def frame():
    response = app.make_response("<iframe src=/closed></iframe><p>framed</p>")
    response.headers["Content-Security-Policy"] = "default-src *"
    return response
