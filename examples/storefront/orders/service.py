"""Orders of the storefront: a small HTTP service over Redis.

It stands behind the gateway and believes its `x-user` header: the auth component sets it from a verified
token, and the gateway strips one that comes from outside.
"""

import json
import os
import re
import signal
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from redis_client import Redis, StoreError

MAX_BODY = 16 * 1024
ITEM = re.compile(r"[\w .,'-]{1,80}", re.UNICODE)
SHOWN = 100  # newest orders of a customer in one answer

store = Redis("127.0.0.1", 6379, os.environ["STORE_PASSWORD"])
node = f"{os.environ.get('NODE_LABEL', 'unknown')}/{os.environ.get('POD_NAME', 'unknown')}"


class Refused(Exception):
    """Ends a request with a status and a message for its sender."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    # head and body in one packet
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer(self.get)

    def do_POST(self):
        self.answer(self.post)

    def answer(self, action):
        # What is not read of a body would be taken for the next request: then there is none.
        if action != self.post and ("content-length" in self.headers or "transfer-encoding" in self.headers):
            self.close_connection = True
        try:
            self.send(*action(urlsplit(self.path).path))
        except Refused as refused:
            self.send(refused.status, {"error": str(refused)})
        except StoreError as error:
            self.log_error("%s", error)
            self.send(503, {"error": "the store is not available"})

    def get(self, path):
        if path == "/healthz":
            return 200, {"status": "alive"}
        if path == "/readyz":
            store.call("PING")
            return 200, {"status": "ready"}
        if path == "/orders":
            customer = self.customer()
            kept = store.call("LRANGE", f"orders:{customer}", -SHOWN, -1)
            return 200, {"customer": customer, "orders": [json.loads(order) for order in kept]}
        raise Refused(404, f"nothing at {path}")

    def post(self, path):
        order = self.body()  # read first: an unread body would spoil the connection
        if path != "/orders":
            raise Refused(404, f"nothing at {path}")
        customer = self.customer()
        item, quantity = validated(order)
        kept = {
            "id": store.call("INCR", "next-order"),
            "customer": customer,
            "item": item,
            "quantity": quantity,
            "ordered": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        }
        store.call("RPUSH", f"orders:{customer}", json.dumps(kept))
        return 201, kept

    def customer(self):
        name = self.headers.get("x-user", "")
        if not 0 < len(name) <= 256:
            raise Refused(403, "x-user is missing: this service is reached through the gateway only")
        return name

    def body(self):
        length = self.headers.get("content-length")
        if length is None or not length.isdigit():
            self.close_connection = True
            raise Refused(411, "content-length is missing")
        if int(length) > MAX_BODY:
            self.close_connection = True
            raise Refused(413, f"at most {MAX_BODY} bytes")
        data = self.rfile.read(int(length))
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise Refused(400, "the body is not JSON") from None

    def send(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.send_header("x-internal-node", node)
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def version_string(self):
        return "orders"

    def log_message(self, format, *values):
        if self.path not in ("/healthz", "/readyz"):
            super().log_message(format, *values)


def validated(order):
    """Item and quantity of what a customer sent, or a refusal that says what was expected."""
    if not isinstance(order, dict):
        raise Refused(400, 'expected {"item": "…", "quantity": 1}')
    unknown = sorted(set(order) - {"item", "quantity"})
    if unknown:
        raise Refused(400, f"unknown field {unknown[0]!r}: item and quantity are known")
    item, quantity = order.get("item"), order.get("quantity", 1)
    if not isinstance(item, str) or not ITEM.fullmatch(item):
        raise Refused(400, "item: expected a text of 1 to 80 letters, digits, blanks, or . , ' -")
    if type(quantity) is not int or not 1 <= quantity <= 1000:
        raise Refused(400, "quantity: expected a whole number from 1 to 1000")
    return item, quantity


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    server = Server(("", 8000), Handler)
    # shutdown() waits for serve_forever, which runs on this thread
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
