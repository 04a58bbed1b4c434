"""The wizard: a floating address in the browser, page by page, on the same inventory that a terminal uses.

    context     what the application keeps besides its routes
    guard       who may ask: Host, Sec-Fetch, CSRF, the headers of every answer; start_link opens it once
    drafts      what was typed so far, kept on disk; the inventories that come of it
    hosts       what the servers said: of themselves, of what they run, again and again; their keys; the lab
    show        for the eye: what a deploy would do, a run as it goes and as it ended, what was done lately, pictures
    renaming    another name for a saved cluster, for its page and for the command
    pages       one question a page, the core's problems by page and field, what may go on in spite of them
    language    English or Russian
    views       routes, nothing else
    serve       waitress on 127.0.0.1, and the link that opens it

It knows Flask and WTForms and floatip's core; pyinfra only ever as a child process.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from wizard import context, guard, language
from wizard.show import icons, literals, tabs
from wizard.show.diffs import rows
from wizard.views import (
    adopt,
    check,
    cluster,
    diagnosis,
    drill,
    files,
    history,
    keys,
    maintenance,
    questions,
    run,
    save,
    start,
    status,
    waiting,
)


def create_app(state: Path, inventories: Path) -> Flask:
    """The application. `state`: where drafts are kept; `inventories`: where finished clusters are written."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        TRUSTED_HOSTS=["localhost", "127.0.0.1"],
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        MAX_CONTENT_LENGTH=256 * 1024,
        MAX_FORM_PARTS=500,
        START=secrets.token_hex(6),  # by which a page knows that the wizard was started anew
        WTF_CSRF_TIME_LIMIT=None,  # a page may stay open for days; the session ends with the wizard
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["diff_rows"] = rows
    app.jinja_env.filters["inventory_lines"] = literals.lines
    app.jinja_env.filters["without_none"] = lambda given: {key: value for key, value in given.items() if value}
    context.equip(app, state, inventories)
    language.speak(app)
    waiting.come_back(app)
    guard.protect(app)
    app.jinja_env.globals.update(is_saved=tabs.is_saved, floating=tabs.floating, icon=icons.icon)
    views = (
        start,
        keys,
        adopt,
        questions,
        check,
        files,
        save,
        status,
        cluster,
        maintenance,
        diagnosis,
        drill,
        history,
        run,
    )
    for view in views:
        app.register_blueprint(view.blueprint)
    return app
