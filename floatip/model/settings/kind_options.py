"""What some kinds of health checks say beside what they look at: an answer's status and text, a CA, a DNS server.

None of it is a keyword of keepalived: it goes to floatip's own check script, as words of its command line.
"""

from __future__ import annotations

from floatip.model import expected, fields
from floatip.model.messages import say
from floatip.model.settings.row import Scope, Setting
from floatip.model.settings.values import Inner, Switch

KIND_OPTIONS: tuple[Setting, ...] = (
    Setting(
        key="status",
        scope=Scope.CHECK,
        value=Inner(expected.status),
        standard="200-399",
        doc='`http`, `https`: which status the answer has, `200` or `"200-299,401"`',
        label=say("Status of the answer (http, https)"),
        help=say("like 200 or 200-299,401; default: 200-399"),
        page="checks",
    ),
    Setting(
        key="text",
        scope=Scope.CHECK,
        value=Inner(expected.text),
        standard="any",
        doc="`http`, `https`: a text within one line of the page, in its first 256 KiB",
        label=say("Text on the page (http, https)"),
        help=say("default: any"),
        page="checks",
    ),
    Setting(
        key="host",
        scope=Scope.CHECK,
        value=Inner(expected.virtual_host),
        standard="the URL's",
        doc="`http`, `https`: the name of the site that is asked for, where the URL has an address. It is sent as "
        "`Host`, and the certificate must be for it",
        label=say("Name of the site (http, https)"),
        help=say("like www.example.org; default: the host in the URL"),
        page="checks",
    ),
    Setting(
        key="ca",
        scope=Scope.CHECK,
        value=Inner(expected.file),
        standard="Debian's CAs",
        doc="`https`: a file on the server with the certificate of the CA. The user `nobody` must be able to read it",
        label=say("File with the CA certificate (https)"),
        help=say("like /etc/ssl/my-ca.pem; default: the CAs that Debian trusts"),
        page="checks",
    ),
    Setting(
        key="insecure",
        scope=Scope.CHECK,
        value=Switch(),
        default=False,
        doc="`https`: True: any certificate is accepted",
        label=say("Accept any certificate (https)"),
        page="checks",
    ),
    Setting(
        key="server",
        scope=Scope.CHECK,
        value=Inner(expected.dns_server),
        standard='`"127.0.0.1"`',
        doc='`dns`: the address of the DNS server that is asked, `"10.9.1.2"` or with a port, `"[::1]:5353"`',
        label=say("DNS server (dns)"),
        help=say("default: 127.0.0.1"),
        page="checks",
    ),
    Setting(
        key="record",
        scope=Scope.CHECK,
        value=Inner(lambda raw: fields.choice(raw, expected.RECORDS)),
        standard='`"A"`',
        doc=f"`dns`: which record is asked for: {', '.join(expected.RECORDS)}",
        label=say("Type of DNS record (dns)"),
        help=say("default: A"),
        page="checks",
    ),
)
