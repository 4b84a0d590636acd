"""How a node bears load: two hundred leaders who save while it plans, the most it reads and writes, its memory when idle.

usage: check_load.py MERIDIAN LOCUST [--spread SECONDS] [--ceiling SECONDS]

Starts the binary on a free port with a folder of its own, and calls it with locust and wrk, as it prints. Ends with 1
when 99 of 100 saves take 300 ms or longer, or when anything that the node acknowledged is not there afterwards.
"""

import argparse
import csv
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "api"))

from check_api import call, come_in  # noqa: E402

EVENT = "relay-2024"
LEADERS = 200
# So that 99 of 100 is said of more than a handful.
SAVES = 3
MOST_MS = 300
BODIES = {
    "availability": [{"rows": [{"rule": f"weekends 09:00-{hour}:00", "grade": "possible"}]} for hour in (20, 21)],
    "busy": [{"rows": [{"start": f"2024-08-24T{hour}:00", "end": "2024-08-24T23:00"}]} for hour in (20, 21)],
}


def resident_mib(pid, what="VmRSS"):
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(rf"{what}:\s+(\d+)", text)[1]) / 1024


def bring(api, admin):
    """The real relay, with the regional events beside it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for folder in (f"data/events/{EVENT}", "data/regional-2024"):
            tar.add(ROOT / folder, arcname=folder)
    call("PUT", f"{api}/events/{EVENT}/folder", out.getvalue(), "application/x-tar", If_None_Match="*", **admin)


def leaders(api, admin):
    """Two hundred leaders, each with a thing of her group's that nobody else changes."""
    rows = csv.DictReader(open(ROOT / "data" / "events" / EVENT / "operators.csv", encoding="utf-8"))
    things = [(row["group"], kind, row["id"]) for row in rows for kind in BODIES]
    made = []
    for group, kind, operator in things[:LEADERS]:
        invite = {"name": "Leader", "role": "leader", "event": EVENT, "group": group}
        code = call("POST", f"{api}/invites", invite, **admin)[0]["code"]
        cookie = call("POST", f"{api}/login", {"code": code})[1]["Set-Cookie"].split(";")[0]
        token = call("POST", f"{api}/tokens", {"name": "load", "scopes": ["read", "write"]}, Cookie=cookie)[0]["token"]
        thing = f"/api/v1/events/{EVENT}/{kind}/operator.{operator}"
        made.append({"thing": thing, "token": f"Bearer {token}", "bodies": BODIES[kind]})
    if len(made) != LEADERS:
        sys.exit(f"the event has things for {len(made)} leaders only")
    return made


def percentile(times, part):
    """From locust's counts by milliseconds: what that part of all answers stayed within."""
    times = sorted((float(ms), n) for ms, n in times.items())
    left = part * sum(n for _, n in times)
    for ms, n in times:
        left -= n
        if left <= 0:
            return ms
    return times[-1][0]


def save_all(locust, address, folder, spread):
    """Lets all leaders save; what locust counted, and what the node acknowledged."""
    acks = folder / "acknowledged.json"
    command = [locust, "-f", HERE / "leaders.py", "--headless", "--host", address, "--users", str(LEADERS),
               "--spawn-rate", str(LEADERS), "--json", "--loglevel", "ERROR", "--exit-code-on-error", "0"]
    print("$ MERIDIAN_SAVES=%d MERIDIAN_SPREAD=%g %s" % (SAVES, spread, " ".join(
        [str(part) for part in command[:1]] + ["-f", "tests/load/leaders.py", *map(str, command[3:])])))
    env = {"MERIDIAN_LEADERS": str(folder / "leaders.json"), "MERIDIAN_ACKS": str(acks),
           "MERIDIAN_SAVES": str(SAVES), "MERIDIAN_SPREAD": str(spread)}
    told = subprocess.run(command, env={**os.environ, **env}, check=True, capture_output=True, text=True, timeout=600)
    counted = {one["name"]: one for one in json.loads(told.stdout)}
    return counted, json.loads(acks.read_text(encoding="utf-8"))


def lost(address, admin, acknowledged):
    """The things that are not as they were acknowledged."""
    missing = []
    for path, kept in acknowledged.items():
        there, _ = call("GET", address + path, **admin)
        same = kept["body"]["rows"][0].items() <= there["rows"][0].items()
        if there["version"] != kept["version"] or not same:
            missing.append(path)
    return missing


def scenario(name, locust, address, admin, folder, spread):
    """One crowd; whether it was served in time, and nothing of it lost."""
    counted, acknowledged = save_all(locust, address, folder, spread)
    save = counted["save"]
    times = save["response_times"]
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    missing = lost(address, admin, acknowledged)
    whole = save["num_requests"] == LEADERS * SAVES and len(acknowledged) == LEADERS
    failures = sum(one["num_failures"] for one in counted.values())
    print(f"{name}: {save['num_requests']} saves, p50 {p50:.0f} ms, p99 {p99:.0f} ms, most {save['max_response_time']:.0f} ms; "
          f"{failures} refused, {len(missing)} lost")
    for path in missing:
        print(f"lost: {path}")
    return p99, whole and not missing and not failures


def ceiling(name, address, token, seconds, script, path):
    command = ["wrk", "--threads", "1", "--connections", "16", "--duration", f"{seconds}s", "--latency",
               "--script", str(HERE / script), address + path]
    print("$ " + " ".join(command).replace(str(HERE), "tests/load").replace(address, "NODE"))
    env = {**os.environ, "MERIDIAN_TOKEN": token, "MERIDIAN_BODY": json.dumps({"group": "tokyo"})}
    told = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    refused = len(told.stderr.splitlines())
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told.stdout)[1])
    p99 = re.search(r"99%\s+(\S+)", told.stdout)[1]
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", told.stdout)
    print(f"{name}: {rate:.0f} a second, p99 {p99}")
    return refused == 0 and wrong is None


def working(api, admin, job):
    return call("GET", f"{api}/events/{EVENT}/jobs/{job}", **admin)[0]["state"] == "running"


def check(node, locust, folder, options):
    address, admin = come_in(node.stdout)
    api = f"{address}/api/v1"
    print(f"idle, nothing in it: {resident_mib(node.pid):.0f} MiB resident")
    bring(api, admin)
    made = leaders(api, admin)
    (folder / "leaders.json").write_text(json.dumps(made), encoding="utf-8")
    print(f"idle, a relay and {LEADERS} leaders in it: {resident_mib(node.pid):.0f} MiB resident")
    token = made[0]["token"]
    well = ceiling("reads, at most", address, token, options.ceiling, "read.lua", made[0]["thing"])
    scheduler = admin["Authorization"]
    path = f"/api/v1/events/{EVENT}/speakers/"
    well &= ceiling("writes, at most", address, scheduler, options.ceiling, "write.lua", path)
    ask = {"effort": 9, "time_limit_s": 3600}
    job = call("POST", f"{api}/events/{EVENT}/jobs/plan", ask, **admin)[0]["id"]
    while not working(api, admin, job):
        time.sleep(0.1)
    p99, whole = scenario("spread over the minute, while it plans", locust, address, admin, folder, options.spread)
    _, whole_too = scenario("all at once, while it plans", locust, address, admin, folder, 0)
    planned = working(api, admin, job)
    print(f"the node's memory at most: {resident_mib(node.pid, 'VmHWM'):.0f} MiB resident; it still plans: {planned}")
    return well and whole and whole_too and planned and p99 < MOST_MS


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("meridian", type=pathlib.Path)
    parser.add_argument("locust", type=pathlib.Path)
    parser.add_argument("--spread", type=float, default=55, help="seconds over which the leaders save (55)")
    parser.add_argument("--ceiling", type=int, default=10, help="seconds for each ceiling (10)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        folder = pathlib.Path(data)
        log = open(folder / "node.log", "w", encoding="utf-8")
        arguments = ["serve", "--data", folder / "node", "--listen", "127.0.0.1:0", "--rate", "0"]
        node = subprocess.Popen([options.meridian.absolute(), *arguments], stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            well = check(node, options.locust.absolute(), folder, options)
        finally:
            node.kill()
            node.wait()
    print("1 passed, 0 failed" if well else "0 passed, 1 failed")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
