"""A plug-in of pytest: the vendor's client asks our server, and each outcome is written down."""

import json
import os

import uqpay.client

uqpay.client._BASE_URLS["sandbox"] = os.environ["UQPAY_BASE_URL"]


def write(name, outcome, why):
    with open(os.environ["VOSTRO_REPORT"], "a") as report:
        report.write(json.dumps({"id": name, "outcome": outcome, "why": why}) + "\n")


def pytest_runtest_logreport(report):
    why = "" if report.passed else str(report.longrepr)
    write(report.nodeid, report.outcome, why)


def pytest_collectreport(report):
    if not report.passed:
        write(report.nodeid, "failed", str(report.longrepr))
