"""Leaders who save, for locust: each reads a thing of her group's, changes it at the version she read, and reads it back.

Run by check_load.py, which says in MERIDIAN_LEADERS where the leaders are, one JSON object each; how many times each
saves (MERIDIAN_SAVES), over how many seconds they are spread (MERIDIAN_SPREAD), and in which file what the node
acknowledged is written (MERIDIAN_ACKS).
"""

import json
import os
import random

import gevent
from locust import FastHttpUser, events, task
from locust.exception import StopUser

LEADERS = json.load(open(os.environ["MERIDIAN_LEADERS"], encoding="utf-8"))
SAVES = int(os.environ["MERIDIAN_SAVES"])
SPREAD = float(os.environ["MERIDIAN_SPREAD"])
WAITING = list(LEADERS)
ACKNOWLEDGED = {}
DONE = []


class Leader(FastHttpUser):
    """One leader; she comes in once and saves a few times."""

    def on_start(self):
        self.me = WAITING.pop()
        self.random = random.Random(self.me["thing"])

    @task
    def give(self):
        moments = sorted(self.random.uniform(0, SPREAD) for _ in range(SAVES))
        now = 0.0
        for n, moment in enumerate(moments):
            gevent.sleep(moment - now)
            now = moment
            self.save(n)
        DONE.append(self.me["thing"])
        if len(DONE) == len(LEADERS):
            self.environment.runner.quit()
        raise StopUser

    def save(self, n):
        headers = {"Authorization": self.me["token"], "Content-Type": "application/json"}
        path = self.me["thing"]
        with self.client.get(path, headers=headers, name="read", catch_response=True) as answer:
            if answer.status_code not in (200, 404):
                answer.failure(f"{answer.status_code}")
                return
            answer.success()
            there = {"If-Match": answer.headers["ETag"]} if answer.status_code == 200 else {"If-None-Match": "*"}
        body = self.me["bodies"][n % 2]
        with self.client.put(path, headers=headers | there, data=json.dumps(body), name="save",
                             catch_response=True) as answer:
            if answer.status_code not in (200, 201):
                answer.failure(f"{answer.status_code} {answer.text}")
                return
            ACKNOWLEDGED[path] = {"version": answer.json()["version"], "body": body}


@events.quitting.add_listener
def tell(**_):
    with open(os.environ["MERIDIAN_ACKS"], "w", encoding="utf-8") as file:
        json.dump(ACKNOWLEDGED, file)
