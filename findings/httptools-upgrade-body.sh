#!/usr/bin/env bash
# httptools ends a request at its head when it has `Connection: Upgrade`, whatever it offers to upgrade to: a body that
# `Content-Length` announces is not read, and is parsed as the next request. RFC 9110 (section 7.8) lets a server ignore
# such an offer. Java's HttpClient makes one (h2c) with each request, so uvicorn's httptools protocol loses its bodies.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet httptools==0.9.0
"$folder/venv/bin/python" - <<'PYTHON'
import httptools

print("httptools", httptools.__version__)


class Protocol:
    body = b""
    requests = 0

    def on_message_complete(self):
        self.requests += 1

    def on_body(self, body):
        self.body += body


def read(offer):
    """The body that is read of a request of nine bytes."""
    protocol = Protocol()
    head = b"POST /jobs HTTP/1.1\r\nHost: localhost\r\n" + offer + b"Content-Length: 9\r\n\r\n"
    parser = httptools.HttpRequestParser(protocol)
    try:
        parser.feed_data(head + b'{"a": 10}')
    except httptools.HttpParserUpgrade as upgrade:
        print("ends", len(head) + 9 - upgrade.args[0], "bytes before the end of the request")
    return protocol.requests, protocol.body


plain = read(b"")
offering = read(b"Connection: Upgrade\r\nUpgrade: h2c\r\n")
print("without an offer:", plain)
print("with an offer of h2c:", offering)
assert plain == (1, b'{"a": 10}')
assert offering == (1, b""), "the body is read now"
PYTHON
