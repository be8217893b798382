"""What the master's endpoint is told, verified by the vendor's own code.

Run by pytest, with the family that `conftest.py` describes; `told["hooks"]` has the operator's
listener, where the endpoint is given an address, and the secret that it signs with.
"""

import json
import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.request import Request, urlopen

import pytest
from uqpay.error import UQPayWebhookError
from uqpay.webhooks import WebhookVerifier

from conftest import key

PATIENCE_S = 60
PROGRAM = "/v1/programs/demo-uqpay"


class Operator:
    """The operator's API, as far as endpoints go."""

    def __init__(self, hooks):
        self.url, self.token = hooks["operator_url"], hooks["operator_token"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        head = {"authorization": f"Bearer {self.token}"}
        with urlopen(Request(self.url + PROGRAM + path, data, head, method=method)) as answer:
            return json.load(answer)

    def inbox(self, count):
        """As soon as there is so much in it."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            rows = self.call("GET", "/inbox")["data"]
            if len(rows) >= count:
                return rows
            assert time.monotonic() < deadline, rows


class Receiver:
    """Keeps what it is sent; refuses the first of it, so that it is sent again."""

    def __init__(self):
        heard, statuses = queue.Queue(), iter([500])

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                heard.put((body, dict(self.headers.items())))
                self.send_response(next(statuses, 200))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.heard = heard
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        return self.heard.get(timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def verifier(family):
    return WebhookVerifier(family.told["hooks"]["secret"])


@pytest.fixture(scope="module")
def operator(family):
    return Operator(family.told["hooks"])


@pytest.fixture(scope="module")
def receiver(operator):
    receiver = Receiver()
    [endpoint] = operator.call("GET", "/endpoints")["data"]
    url = f"http://127.0.0.1:{receiver.server.server_port}/hook"
    operator.call("PATCH", f"/endpoints/{endpoint['id']}", {"url": url})
    yield receiver
    receiver.server.shutdown()


def flipped(body, at):
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def test_the_inbox_has_them_until_the_endpoint_has_an_address(family, operator, verifier):
    made = family.move(1, idempotency_key=key())
    [row] = operator.inbox(1)
    event = verifier.construct_event(row["body"], row["headers"])
    assert event["source_id"] == made


def test_a_transfer_is_told_and_verified(family, receiver, verifier):
    made = family.move("12.34", idempotency_key=key())
    body, headers = receiver.next()
    event = verifier.construct_event(body, headers)
    shown = family.client.issuing.transfers.retrieve(made)
    assert event == {
        "version": "V1.6.0",
        "event_name": "ISSUING",
        "event_type": "issuing.transfer.status_changed",
        "event_id": event["event_id"],
        "source_id": made,
        "data": {
            "transfer_id": made,
            "short_reference_id": shown["short_transaction_id"],
            "source_account_id": family.master,
            "destination_account_id": family.first,
            "amount": "12.34",
            "currency": "SGD",
            "transfer_status": "succeeded",
            "create_time": shown["create_time"],
            "complete_time": shown["complete_time"],
        },
    }
    # It was refused, and comes again: the same event and body, newly signed.
    again, newer = receiver.next()
    assert again == body
    assert verifier.construct_event(again, newer) == event
    assert newer["x-wk-timestamp"] > headers["x-wk-timestamp"]
    assert newer["x-wk-signature"] != headers["x-wk-signature"]

    for at in range(len(body)):
        with pytest.raises(UQPayWebhookError):
            verifier.construct_event(flipped(body, at), headers)
    late = {**headers, "x-wk-timestamp": str(int(headers["x-wk-timestamp"]) + 1)}
    for bad in (late, {**headers, "x-wk-signature": "0" * 128}):
        with pytest.raises(UQPayWebhookError):
            verifier.construct_event(body, bad)
    with pytest.raises(UQPayWebhookError):
        WebhookVerifier("x" * 32).construct_event(body, headers)


def test_the_whole_family_is_told_of_and_nobody_else(family, receiver, verifier):
    stranger = family.stranger
    theirs = {
        "source_account_id": stranger["account_id"],
        "destination_account_id": stranger["sub_account_id"],
        "currency": "SGD",
        "amount": 1,
        "remark": "none of ours",
    }
    family.stranger_client.issuing.transfers.create(theirs, {"idempotency_key": key()})
    up = family.move(1, source=family.first, destination=family.master, on_behalf_of=family.first)
    down = family.move(1, destination=family.second)
    told = [verifier.construct_event(*receiver.next())["source_id"] for _ in range(2)]
    assert sorted(told) == sorted([up, down])
    assert receiver.heard.empty()


def test_a_refused_transfer_is_not_told(family, receiver, verifier):
    with pytest.raises(Exception):
        family.move("1000000000", idempotency_key=key())
    made = family.move(1, idempotency_key=key())
    told = verifier.construct_event(*receiver.next())
    assert told["source_id"] == made
