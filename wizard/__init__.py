"""The wizard: a floating address in the browser, page by page, on the same inventory that a terminal uses.

    context   what the application keeps besides its routes
    guard     who may ask: start link, Host, Sec-Fetch, CSRF, the headers of every answer
    drafts    what was typed so far, kept on disk; a stale save loses nothing
    files     the inventories that are there  practice  the hosts of the lab, where they are up
    pages     one topic a page: its form, how it fills from a draft and goes back into one
    groups    one more group of floating addresses, or one less
    ssh_config what the person's own ssh would do
    hostkeys  keys that nobody has confirmed yet
    discovery what the servers are like   outlook     what a deploy would do there
    ears      what they hear in their networks
    preview   what the servers would get with what is being typed
    review    what the core says about a draft, by page and field
    doubts    warnings that a person may go on in spite of
    bundle    the finished cluster as a zip
    progress  a run as a table            outcome    what came of it, in its own words
    history   what was done lately
    deployed  what the servers of a draft run
    watchers  how each cluster is, looked at in the background
    drills    drills that are under way
    pictures  SVG: the cluster, a drill    highlight   keepalived.conf in colours
    language  English or Russian
    views     routes, nothing else
    serve     waitress on 127.0.0.1, and the link that opens it

It knows Flask and WTForms and floatip's core; pyinfra only ever as a child process.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from wizard import context, guard, language
from wizard.views import adopt, care, cluster, run, save, start


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
    app.jinja_env.filters["without_none"] = lambda given: {key: value for key, value in given.items() if value}
    context.equip(app, state, inventories)
    language.speak(app)
    guard.protect(app)
    app.register_blueprint(start.blueprint)
    app.register_blueprint(adopt.blueprint)
    app.register_blueprint(save.blueprint)
    app.register_blueprint(care.blueprint)
    app.register_blueprint(cluster.blueprint)
    app.register_blueprint(run.blueprint)
    return app
