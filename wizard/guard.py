"""Who may ask: this machine's browser, after the one-time start link, from our own pages only.

SameSite does not separate ports of 127.0.0.1, and under DNS rebinding no Sec-Fetch-Site is sent: so Host list,
CSRF token and Sec-Fetch-Site/Origin are checked, each of them, on every request that they apply to.
"""

from __future__ import annotations

from flask import Flask, Response, render_template, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from werkzeug.exceptions import HTTPException, SecurityError

from floatip.model.messages import one_after_the_other, say
from wizard.context import context

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PROBLEMS = {
    404: (say("There is nothing here"), say("The address has a typing error, or this page no longer exists.")),
    413: (say("That is too large"), say("The wizard accepts a quarter of a megabyte at once.")),
    400: (say("The wizard did not understand that"), say("Go back, reload the page and try again.")),
    500: (say("The wizard itself failed"), say("See its terminal for details. Your earlier answers are kept.")),
}
"""What is said of an HTTP status; of any other, what is said of 400."""
OPEN = ("start.enter", "static")  # what may be asked for without the cookie
SAFE = ("GET", "HEAD", "OPTIONS")


def protect(app: Flask) -> None:
    """Put the checks before every view, and the headers on every answer, errors too."""
    app.before_request(_must_have_entered)
    CSRFProtect(app)
    app.after_request(_add_headers)
    app.register_error_handler(CSRFError, _refused)
    app.register_error_handler(HTTPException, _problem)


def enter(token: str) -> str | tuple[str, int]:
    """Exchange the start link for the cookie.

    The answer is a page that goes on by itself, which leaves nothing in the history. After a redirect, a browser that
    was sent here by another program would not show its SameSite=Strict cookie.
    """
    if not context().start_link.use(token):
        return render_template("closed.html", used=True), 403
    session.clear()
    session["entered"] = True
    generate_csrf()  # now, with the cookie: of several tabs that each got their own, only the last could send a form
    return render_template("entered.html")


def _must_have_entered() -> tuple[str, int] | None:
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception  # before anything else looks at this request
    if not request.environ.get("REQUEST_URI", "/").startswith("/"):
        raise SecurityError  # GET http://evil.example/ is a question for a proxy, whatever its Host says
    if request.method not in SAFE and not _from_our_pages():
        return render_template("closed.html", used=False), 403
    if request.endpoint in OPEN or session.get("entered") is True:
        return None
    return render_template("closed.html", used=False), 403


def _from_our_pages() -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = origin == request.host_url.rstrip("/")
    if site is None:
        return ours
    # Our own no-referrer makes browsers say "null" for the origin of our own forms.
    return site == "same-origin" and (ours or origin in (None, "null"))


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


def _refused(_error: CSRFError) -> tuple[str, int]:
    title = say("This form is from an earlier start of the wizard")
    known = say("Its token does not match.") if request.form.get("csrf_token") else say("It has no token.")
    message = one_after_the_other([known, say("Go back, reload the page and try again.")])
    return render_template("problem.html", title=title, message=message), 400


def _problem(error: HTTPException) -> Response | tuple[str, int]:
    if isinstance(error, SecurityError):  # a foreign Host: there is not even an address that a page could link to
        return Response("This is not the address of the wizard.\n", 400, mimetype="text/plain")
    title, message = PROBLEMS.get(error.code or 500, PROBLEMS[400])
    return render_template("problem.html", title=title, message=message), error.code or 500
