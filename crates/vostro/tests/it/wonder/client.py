"""A client of the Wonder door, written from the vendor's description alone.

Standard library only: RSASSA-PKCS1-v1_5 is a power of numbers that stand in the key's DER. It signs
requests that the server must take, and then changes each of their bytes, one at a time: each change
must be refused, and nothing may have moved.

    python3 client.py SANDBOX_JSON
"""

import base64
import datetime
import hashlib
import hmac
import http.client
import json
import secrets
import string
import sys
import urllib.parse

LABEL = "Wonder-RSA-SHA256"
ECHO = "/svc/payment/api/v1/openapi/echo"
TRANSFER = "/svc/ts/api/v1/openapi/platform_transfer"
ACCOUNTS = "/svc/ts/api/v1/openapi/ledger_accounts"
# SHA-256 as PKCS #1 names it before the digest.
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def der(data):
    """The tag, the content and the rest of one DER value."""
    tag, length, start = data[0], data[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(data[2:start], "big")
    return tag, data[start : start + length], data[start + length :]


def read_key(pem):
    """Modulus and private exponent of a PKCS #8 key."""
    body = "".join(line for line in pem.splitlines() if not line.startswith("-----"))
    _, content, _ = der(base64.b64decode(body))
    _, _, rest = der(content)  # version
    _, _, rest = der(rest)  # algorithm
    _, inner, _ = der(rest)  # the PKCS #1 key, as an octet string
    _, numbers, _ = der(inner)
    integers = []
    while numbers:
        _, content, numbers = der(numbers)
        integers.append(int.from_bytes(content, "big"))
    _version, modulus, _public, private = integers[:4]
    return modulus, private


def rsa_sign(key, message):
    modulus, private = key
    size = (modulus.bit_length() + 7) // 8
    info = SHA256_INFO + hashlib.sha256(message).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info
    return pow(int.from_bytes(padded, "big"), private, modulus).to_bytes(size, "big")


def signature(key, nonce, time, method, target, body):
    def mac(secret, text):
        return hmac.new(secret, text, hashlib.sha256).digest()

    second = mac(mac(nonce.encode(), time.encode()), LABEL.encode())
    text = method.upper() + "\n" + target
    if body:
        text += "\n" + body
    digest = mac(second, text.encode()).hex()
    return base64.b64encode(rsa_sign(key, digest.encode("ascii"))).decode()


class Client:
    def __init__(self, contract):
        wonder = contract["wonder"]
        self.address = urllib.parse.urlsplit(wonder["base_url"]).netloc
        self.connection = http.client.HTTPConnection(self.address, timeout=60)
        self.app_id = wonder["app_id"]
        self.key = read_key(wonder["private_key_pem"])
        self.users = wonder["users"]

    def sign(self, method, target, body=""):
        letters = string.ascii_letters + string.digits
        nonce = "".join(secrets.choice(letters) for _ in range(16))
        time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d%H%M%S")
        signed = signature(self.key, nonce, time, method, target, body)
        parts = {"method": method, "target": target, "body": body}
        return parts | {"time": time, "nonce": nonce, "signature": signed}

    def send(self, parts):
        """Status and JSON of a request as its parts say, whether they fit together or not."""
        self.connection.putrequest(parts["method"], parts["target"], skip_accept_encoding=True)
        self.connection.putheader("Credential", f"{self.app_id}/{parts['time']}/{LABEL}")
        self.connection.putheader("Nonce", parts["nonce"])
        self.connection.putheader("Signature", parts["signature"])
        self.connection.putheader("Content-Type", "application/json")
        body = parts["body"].encode()
        self.connection.putheader("Content-Length", str(len(body)))
        self.connection.endheaders(body)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None

    def call(self, method, target, body=None):
        text = "" if body is None else json.dumps(body, separators=(",", ":"))
        status, answer = self.send(self.sign(method, target, text))
        assert (status, answer["code"]) == (200, 200), (status, answer)
        assert answer["message"] == "succeed", answer
        return answer["data"]

    def balances(self):
        rows = self.call("GET", f"{ACCOUNTS}?offset=0&limit=100")["ledger_accounts"]
        return sorted((row["user_id"], row["currency"], row["balance"]) for row in rows)


def changed(text):
    """The text with one of its characters changed, for each of them."""
    for at, old in enumerate(text):
        # Visible, of the same kind, and nothing that HTTP takes for something else.
        new = "y" if old == "x" else "x"
        if old.isdigit():
            new = "1" if old == "0" else "0"
        if old.isupper():
            new = "Y" if old == "X" else "X"
        yield at, text[:at] + new + text[at + 1 :]


def refuse_changes(client, method, target, body):
    good = client.sign(method, target, body)
    count = 0
    for name, text in good.items():
        for at, spoilt in changed(text):
            status, answer = client.send(good | {name: spoilt})
            expected = {401, 403}
            # What is no path, no route or no method is refused before anybody is asked who calls.
            expected |= {"target": {400, 404}, "method": {405}}.get(name, set())
            assert status in expected, (name, at, status, answer)
            assert answer is None or answer["code"] != 200, (name, at, answer)
            count += 1
    # As it was, it is still good: a refused change has not used up its nonce.
    status, answer = client.send(good)
    assert (status, answer["code"]) == (200, 200), (status, answer)
    return count


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        client = Client(json.load(file))
    text = "héllo, 你好"
    assert client.call("POST", ECHO, {"message": text}) == {"message": text}
    before = client.balances()
    assert len(before) == 4, before
    sender, receiver = client.users
    transfer = {
        "sender_party": sender,
        "receiver_party": receiver,
        "currency": "USD",
        "amount": "1.50",
        "remark": "from another language",
        "ref_id": "python-1",
    }
    body = json.dumps(transfer, separators=(",", ":"))
    query = f"{TRANSFER}?offset=0&limit=10&filter[ref_id][_eq]=python-1"
    count = refuse_changes(client, "GET", query, "")
    # The same in the other form that brackets may be sent in.
    count += refuse_changes(client, "GET", query.replace("[", "%5B").replace("]", "%5D"), "")
    assert client.balances() == before
    count += refuse_changes(client, "POST", TRANSFER, body)
    after = client.balances()
    amounts = {(user, currency): balance for user, currency, balance in after}
    assert amounts[sender["user_id"], "USD"] == "998.5", after
    assert amounts[receiver["user_id"], "USD"] == "1001.5", after
    rows = client.call("GET", query)["platform_transfers"]
    assert [row["transfer_status"] for row in rows] == ["Settled"], rows
    assert rows[0]["amount"] == "1.5", rows
    print(f"{count} changes refused")


if __name__ == "__main__":
    main()
