"""The desk and the biller over HTTP: each act has its key, and is asked again under it until it is acknowledged."""

import http.client
import json
import queue
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 150.0
"""Seconds an act may stay unacknowledged: two deaths in a row and a slow machine."""


@dataclass
class Acts:
    """What was acknowledged, by visit, and how long each answer took."""

    charged: dict[str, list[str]] = field(default_factory=dict)
    claimed: dict[str, str] = field(default_factory=dict)
    paid: dict[str, str] = field(default_factory=dict)
    booked: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unanswered: int = 0


class Desk:
    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.acts = Acts()

    def post(self, path: str, body: dict[str, Any], key: str) -> Any:
        """The acknowledged answer. A lost line or a 5xx says nothing: the same key again."""
        until = time.monotonic() + PATIENCE
        while True:
            started = time.monotonic()
            try:
                status, answer = self._send(path, body, key)
            except (OSError, http.client.HTTPException):
                status, answer = 0, ""
            if 200 <= status < 300:
                self.acts.seconds.append(time.monotonic() - started)
                return json.loads(answer)
            if 400 <= status < 500 and status != 409:
                self.acts.refused.append(f"{path}: {status} {answer[:200]}")
                raise AssertionError(self.acts.refused[-1])
            self.acts.unanswered += 1
            if time.monotonic() > until:
                raise AssertionError(f"{path} was not acknowledged: {status} {answer[:200]}")
            time.sleep(0.2)

    def _send(self, path: str, body: dict[str, Any], key: str) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        try:
            headers = {
                "Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key,
            }  # fmt: skip
            line.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
            answer = line.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            line.close()

    def work(self, row: dict[str, str]) -> None:
        """One visit: its charge, its claim, ten dollars from the patient."""
        visit = row["visit"]
        lines = [{"code": "Z0213"}, {"code": "G0008"}]
        charges = self.post(
            "billing/charges/", {"visit": visit, "diagnoses": ["I10"], "lines": lines}, f"{visit}-charge"
        )
        self.acts.charged[visit] = [c["id"] for c in charges]
        (claim, *_) = self.post("billing/claims/", {"visit": visit}, f"{visit}-claim")
        self.acts.claimed[visit] = claim["id"]
        money = {
            "guarantor": row["guarantor"], "patient": row["patient"], "visit": visit, "amount": "10.00", "kind": "copay",
            "method": "cash",
        }  # fmt: skip
        self.acts.paid[visit] = self.post("ledger/payments/", money, f"{visit}-payment")["id"]

    def book(self, row: dict[str, str], slot: dict[str, str]) -> None:
        booked = self.post("scheduling/appointments/", {"patient": row["patient"], **slot}, f"{row['visit']}-slot")
        self.acts.booked.append(booked["id"])

    def work_all(self, rows: Iterable[dict[str, str]], hands: int = 3) -> threading.Thread:
        """Several clerks share the visits. Gives the thread to wait for; what failed is in `refused`."""
        waiting: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
        for row in rows:
            waiting.put(row)

        def clerk() -> None:
            while not waiting.empty():
                try:
                    self.work(waiting.get_nowait())
                except queue.Empty:
                    return
                except AssertionError as error:
                    self.acts.refused.append(str(error))

        def office() -> None:
            clerks = [threading.Thread(target=clerk) for _ in range(hands)]
            for each in clerks:
                each.start()
            for each in clerks:
                each.join()

        whole = threading.Thread(target=office)
        whole.start()
        return whole
