"""What our checks share: the family, its books, and that money is neither made nor lost."""

import contextlib
import json
import os
import uuid
from decimal import Decimal

import pytest
from uqpay import UQPayClient

PAGE = {"page_number": 1, "page_size": 100}
SGD, USD = "SGD", "USD"


class Family:
    """The members of the demo programme, whose credentials the client has, and a stranger's."""

    def __init__(self, told):
        self.told = told
        self.client = client_of(told)
        self.master = told["account_id"]
        self.first = told["sub_account_id"]
        self.second = self.make("Second Pte Ltd")
        self.stranger = told["foreign"]
        self.stranger_client = client_of(self.stranger)
        self.deposited = {SGD: Decimal(0), USD: Decimal(0)}

    def make(self, name):
        """A member more that issues cards, without money. The server may be short of time."""
        application = {
            "entity_type": "COMPANY",
            "name": name,
            "country": "SG",
            "contact_details": {"email": "one@example.com", "phone": "+6591234567"},
        }
        with client_of(self.told, max_retries=5) as client:
            made = client.connect.accounts.create(application)
        assert made["status"] == "ACTIVE"
        return made["account_id"]

    def body(self, amount, source=None, destination=None, currency=SGD, **more):
        return {
            "source_account_id": source or self.master,
            "destination_account_id": destination or self.first,
            "currency": currency,
            "amount": amount,
            "remark": "check",
            **more,
        }

    def move(self, amount, source=None, destination=None, currency=SGD, **options):
        """The id of a transfer."""
        body = self.body(amount, source, destination, currency)
        made = self.client.issuing.transfers.create(body, options)
        assert set(made) <= {"transfer_id", "short_transaction_id"}
        return made["transfer_id"]

    def issuing(self, member, currency=SGD):
        """What a member has at issuing."""
        return self.books()[("issuing", member, currency)]

    def books(self):
        """Every balance that can be seen, the stranger's included."""
        books = {}
        for member in (self.master, self.first, self.second):
            listed = self.client.issuing.balances.list(PAGE, {"on_behalf_of": member})
            books |= read("issuing", member, listed)
        books |= read("banking", self.master, self.client.banking.balances.list(PAGE))
        stranger = self.stranger_client
        for member in (self.stranger["account_id"], self.stranger["sub_account_id"]):
            listed = stranger.issuing.balances.list(PAGE, {"on_behalf_of": member})
            books |= read("issuing", member, listed)
        return books


def available(client, member, currency=SGD):
    """What a member has at issuing, by one call."""
    balance = client.issuing.balances.retrieve(currency, {"on_behalf_of": member})
    return Decimal(balance["available_balance"])


def advance(clock, by_us):
    """Moves the server's clock, in one step, since the server reads it at any time."""
    with open(clock) as file:
        now_us = int(file.read())
    with open(clock + ".new", "w") as file:
        file.write(str(now_us + by_us))
    os.replace(clock + ".new", clock)


def client_of(told, **options):
    """Without its own repeats, unless they are what is checked."""
    options = {"environment": "sandbox", "max_retries": 0, **options}
    return UQPayClient(told["client_id"], told["api_key"], **options)


def read(line, member, listed):
    assert listed["total_items"] == len(listed["data"])
    books = {}
    for row in listed["data"]:
        assert isinstance(row["available_balance"], str)
        assert Decimal(row["frozen_balance"]) == 0
        books[(line, member, row["currency"])] = Decimal(row["available_balance"])
    return books


def total(books, currency):
    return sum(amount for (_, _, other), amount in books.items() if other == currency)


@contextlib.contextmanager
def unmoved(family):
    """Nothing has moved by the end."""
    before = family.books()
    yield
    assert family.books() == before


def key():
    return str(uuid.uuid4())


@pytest.fixture(scope="session")
def told():
    with open(os.environ["VOSTRO_FAMILY"]) as file:
        return json.load(file)


@pytest.fixture(scope="session")
def family(told):
    family = Family(told)
    yield family
    family.client.close()
    family.stranger_client.close()


@pytest.fixture(autouse=True)
def conserved(family):
    """What all have together changes by what was deposited, and by nothing else."""
    before, deposited = family.books(), dict(family.deposited)
    yield
    after = family.books()
    for currency in {currency for _, _, currency in after}:
        came = family.deposited.get(currency, 0) - deposited.get(currency, 0)
        assert total(after, currency) - total(before, currency) == came
    assert all(amount >= 0 for amount in after.values())
