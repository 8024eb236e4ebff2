#!/usr/bin/env python3
"""Counts the calls each employee recorded, by following the events: a worker to copy from.

    worker.py --http http://127.0.0.1:8080 --nats nats://127.0.0.1:4222 --state counts.json [--until POSITION]

It takes events from JetStream, whose sequence is the position in the log, and what JetStream does not hold from GET /api/events.
Each event is taken once, in order, whatever dies: the counts and the position they include are written together.
"""

import argparse
import asyncio
import hashlib
import json
import os
import struct
import urllib.request
import uuid
from datetime import datetime, timezone

import nats
from nats.js.api import ConsumerConfig, DeliverPolicy

PAGE = 1000


def arguments():
    parser = argparse.ArgumentParser(description="Counts the calls each employee recorded.")
    parser.add_argument("--http", required=True, help="the service")
    parser.add_argument("--nats", required=True, help="NATS")
    parser.add_argument("--state", required=True, help="the file that keeps counts and position")
    parser.add_argument("--until", type=int, help="ends when this position is counted")
    return parser.parse_args()


class State:
    """The counts, and the position they include; of one epoch of one store."""

    def __init__(self, path, store, epoch):
        self.path, self.store, self.epoch, self.position, self.calls = path, store, epoch, 0, {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                kept = json.load(file)
            # In a new epoch the log was restored to its past: positions mean other events, so all is counted anew.
            if (kept["store"], kept["epoch"]) == (store, epoch):
                self.position, self.calls = kept["position"], kept["calls"]

    def save(self):
        kept = {"store": self.store, "epoch": self.epoch, "position": self.position, "calls": self.calls}
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.path + ".new", self.path)

    def take(self, event):
        """Takes the next event; one that was taken before is passed over."""
        if event["position"] <= self.position:
            return
        if event["position"] != self.position + 1:
            raise ValueError(f"{event['position']} does not follow {self.position}")
        if leaf(event) != event["leaf"]:
            raise ValueError(f"the event at {event['position']} does not match its leaf")
        if (event["category"], event["type"]) == ("interactions", "Recorded"):
            data = json.loads(event["payload"])
            employee = data.get("employee_id")
            if data["kind"] == "call" and employee:
                self.calls[employee] = self.calls.get(employee, 0) + 1
        self.position = event["position"]


def leaf(event):
    """The hash over every column, as docs/EVENTS.md describes it."""
    moment = datetime.fromisoformat(event["recorded_at"].replace("Z", "+00:00"))
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    integer = lambda number: struct.pack(">q", number)
    one = lambda text: uuid.UUID(text).bytes
    columns = [
        integer(event["position"]), event["category"].encode(), one(event["stream_id"]), integer(event["version"]),
        one(event["event_id"]), event["type"].encode(), integer(event["schema"]), integer(micros),
        event["actor"].encode(), b"".join(one(client) for client in event["concerns"]), one(event["correlation_id"]),
        one(event["causation_id"]) if event["causation_id"] else None, event["payload"].encode(),
    ]
    hashed = b"\x00\x01"
    for column in columns:
        hashed += b"\xff\xff\xff\xff" if column is None else struct.pack(">I", len(column)) + column
    return hashlib.sha256(hashed).hexdigest()


def of_message(message):
    """An event as GET /api/events has it, from a message of JetStream."""
    headers = message.headers
    _, category, kind = headers["ce-type"].split(".")
    concerns = headers.get("Letopis-Concerns") or ""
    return {
        "position": message.metadata.sequence.stream, "category": category, "stream_id": headers["ce-subject"],
        "version": int(headers["Letopis-Version"]), "event_id": headers["ce-id"], "type": kind,
        "schema": int(headers["Letopis-Schema"]), "recorded_at": headers["ce-time"],
        "actor": headers["Letopis-Actor"], "concerns": [client for client in concerns.split(",") if client],
        "correlation_id": headers["Letopis-Correlation"], "causation_id": headers.get("Letopis-Causation"),
        "payload": message.data.decode(), "leaf": headers["Letopis-Leaf"],
    }


def ask(http, path):
    with urllib.request.urlopen(http + path, timeout=30) as answer:
        return json.load(answer)


def catch_up(state, http, until):
    """Takes from the log what stands before `until`."""
    while state.position < until:
        limit = min(PAGE, until - state.position)
        events = ask(http, f"/api/events?after={state.position}&limit={limit}")["items"]
        if not events:
            return
        for event in events:
            state.take(event)
        state.save()


async def follow(args):
    """Follows one epoch; answers whether all is counted that was asked for."""
    log = ask(args.http, "/api/log")["item"]
    state = State(args.state, log["store"], log["epoch"])
    connection = await nats.connect(args.nats, connect_timeout=30)
    subject = f"letopis.{log['store']}.{log['epoch']}.event.>"
    after = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=state.position + 1)
    events = await connection.jetstream(timeout=30).subscribe(
        subject, stream=log["stream"], config=after, ordered_consumer=True
    )
    while log["epoch"] == state.epoch and (args.until is None or state.position < args.until):
        try:
            message = await events.next_msg(timeout=1)
        except nats.errors.TimeoutError:
            # JetStream is silent: whether there is nothing, or it lags behind, or begins anew, the log knows.
            log = ask(args.http, "/api/log")["item"]
            if log["epoch"] == state.epoch:
                catch_up(state, args.http, log["head"])
                state.save()
            continue
        # A jump in the sequence is what JetStream does not hold any more, or has lost: the log has it.
        position = message.metadata.sequence.stream
        catch_up(state, args.http, position - 1)
        try:
            state.take(of_message(message))
        except (KeyError, TypeError, ValueError):
            # It was altered on its way, or is none of ours: the log has the event.
            catch_up(state, args.http, position)
        if events.pending_msgs == 0 or state.position % PAGE == 0:
            state.save()
    await connection.close()
    if log["epoch"] != state.epoch:
        return False
    state.save()
    return True


async def main(args):
    while not await follow(args):
        pass


if __name__ == "__main__":
    asyncio.run(main(arguments()))
