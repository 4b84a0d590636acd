#!/usr/bin/env python3
"""Takes relay-2024 across three real nodes, from brief to published plan and a live swap, with no hand-copied file.

    tests/federation/demo.py MERIDIAN DATA [--event relay-2024] [--effort N] [--keep DIR]

MERIDIAN is the binary, DATA the repository's data folder. Each node has its own database, keys and third of the
groups, each group its own root key and log. Every call between nodes goes through a recorder, which tells what
crossed the wire, cuts a node off, and is searched at the end for what should never have left. Where network
namespaces are allowed each node has one of its own. One node is killed and one cut off on the way; the
coordinator is away during the swap. Everything is typed as people type it: the commands are printed.

Exits 1 when anything is not as it should be: a command fails, nodes differ, the checker finds something missing, or
something private crossed the wire or lies at another node.
"""

import argparse
import base64
import csv
import io
import json
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

NAMES = ["asia", "europe", "americas"]
PATIENCE_S = 120
ROUNDS = 8


def fail(why):
    raise SystemExit(f"\nNOT AS IT SHOULD BE: {why}")


def say(text):
    print(text, flush=True)


class Recorder(threading.Thread):
    """Stands before a node: passes connections on, counts and keeps their bytes, or refuses them while it is cut off."""

    def __init__(self, listen, to):
        super().__init__(daemon=True)
        self.to = to
        self.cut = False
        self.kept = []
        self.lock = threading.Lock()
        self.server = socket.create_server(listen, backlog=64)
        self.address = self.server.getsockname()
        self.start()

    def run(self):
        while True:
            near, _ = self.server.accept()
            threading.Thread(target=self.passed, args=(near,), daemon=True).start()

    def passed(self, near):
        with near:
            if self.cut:
                return
            try:
                far = socket.create_connection(self.to, timeout=5)
            except OSError:
                return
            with far:
                kept = {near: bytearray(), far: bytearray()}
                both = {near: far, far: near}
                while not self.cut:
                    ready, _, _ = select.select([near, far], [], [], 1)
                    try:
                        for one in ready:
                            data = one.recv(65536)
                            if not data:
                                raise ConnectionError
                            kept[one] += data
                            both[one].sendall(data)
                    except OSError:
                        break
                with self.lock:
                    self.kept.extend(bytes(side) for side in kept.values())

    def told(self):
        with self.lock:
            return sum(map(len, self.kept)), sum(side.count(b"POST /fed/v1/spaces") for side in self.kept)


class Net:
    """Network namespaces with a bridge, where that is allowed; else everything is on loopback."""

    def __init__(self, wanted):
        self.mark = f"mer{threading.get_native_id() % 100000}"
        # Another one that runs, or was cut short, has another.
        self.subnet = f"10.77.{threading.get_native_id() % 250 + 1}"
        self.made = []
        self.apart = wanted and shutil.which("ip") and self.ip("netns", "add", f"{self.mark}-0") == 0
        if not self.apart:
            return
        self.ip("netns", "del", f"{self.mark}-0")
        self.apart = self.ip("link", "add", self.mark, "type", "bridge") == 0
        if self.apart:
            self.made.append(("link", "del", self.mark))
            self.ip("addr", "add", f"{self.subnet}.254/24", "dev", self.mark)
            self.ip("link", "set", self.mark, "up")

    @staticmethod
    def ip(*words):
        return subprocess.run(["ip", *words], capture_output=True).returncode

    def place(self, n):
        """The address of a node, how its commands begin, and where its recorder listens."""
        if not self.apart:
            with socket.create_server(("127.0.0.1", 0)) as free:
                return ("127.0.0.1", free.getsockname()[1]), [], ("127.0.0.1", 0)
        name, here, there = f"{self.mark}-{n}", f"{self.mark}h{n}", f"{self.mark}n{n}"
        for words in [
            ("netns", "add", name),
            ("link", "add", here, "type", "veth", "peer", "name", there, "netns", name),
            ("link", "set", here, "master", self.mark),
            ("link", "set", here, "up"),
            ("-n", name, "addr", "add", f"{self.subnet}.{n + 1}/24", "dev", there),
            ("-n", name, "link", "set", there, "up"),
            ("-n", name, "link", "set", "lo", "up"),
        ]:
            if self.ip(*words) != 0:
                fail(f"ip {' '.join(words)}")
        self.made.append(("netns", "del", name))
        return (f"{self.subnet}.{n + 1}", 8600), ["ip", "netns", "exec", name], (f"{self.subnet}.254", 0)

    def gone(self):
        for words in reversed(self.made):
            self.ip(*words)


class Node:
    def __init__(self, binary, root, name, net, n):
        self.binary, self.name, self.root = binary, name, root / name
        self.root.mkdir()
        self.address, self.prefix, listen = net.place(n)
        self.recorder = Recorder(listen, self.address)
        self.url = "http://%s:%d" % self.recorder.address[:2]
        self.log = open(self.root / "log", "wb")
        self.process = None

    def typed(self, *words, codes=(0,), quiet=False):
        command = [str(self.binary), "node", *words]
        if not quiet:
            shown = " ".join(w if re.fullmatch(r"[\w./:=-]+", w) else f"'{w}'" for w in words)
            say(f"  {self.name:<9}$ meridian node {shown}")
        done = subprocess.run(
            [*self.prefix, *command, "--json", "--trust-network", "10.77.0.0/16", "--trust-network", "127.0.0.0/8"],
            cwd=self.root, capture_output=True, text=True,
        )
        if done.returncode not in codes:
            fail(f"{self.name}: {' '.join(words)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return json.loads(done.stdout) if done.stdout.startswith("{") else {}

    def serve(self):
        self.process = subprocess.Popen(
            [*self.prefix, str(self.binary), "serve", "--listen", "%s:%d" % self.address,
             "--trust-network", "10.77.0.0/16", "--trust-network", "127.0.0.0/8", "--rate", "0"],
            cwd=self.root, stdout=subprocess.PIPE, stderr=self.log, text=True,
        )
        line = self.process.stdout.readline()
        if "Listening" not in line:
            fail(f"{self.name} does not serve: {line}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def load(self, event, folder):
        """Its leaders' tables come in over its own API, as README says."""
        link = subprocess.run(
            [str(self.binary), "node", "invite", "--name", "Admin", "--role", "admin"],
            cwd=self.root, capture_output=True, text=True, check=True,
        ).stdout
        origin = "http://%s:%d" % self.address
        login = urllib.request.Request(
            f"{origin}/api/v1/login", json.dumps({"code": link.split("#")[1].strip()}).encode(),
            {"Content-Type": "application/json"},
        )
        cookie = urllib.request.urlopen(login).headers["set-cookie"].split(";")[0]
        put = urllib.request.Request(
            f"{origin}/api/v1/events/{event}/folder", folder,
            {"Content-Type": "application/x-tar", "If-None-Match": "*", "Cookie": cookie}, method="PUT",
        )
        try:
            urllib.request.urlopen(put)
        except urllib.error.HTTPError as error:
            fail(f"{self.name} does not take its event: {error.read().decode()}")


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.reader(file))


def tables(head, rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return out.getvalue()


def thirds(data, event):
    """Groups by where they are, a third of the hosts each."""
    groups = tomllib.loads((data / "events" / event / "groups.toml").read_text())["groups"]
    hosts = [g["id"] for g in groups if g.get("hosts", True)]
    others = [g["id"] for g in groups if not g.get("hosts", True)]
    parts = [[], [], []]
    for all_of in (hosts, others):
        size = -(-len(all_of) // 3)
        for n in range(3):
            parts[n] += all_of[n * size:(n + 1) * size]
    return parts, hosts


def folder_of(data, event, groups, coordinates, planted):
    """The part of an event that one node's leaders know; others' settings come with the brief."""
    source = data / "events" / event
    text = (source / "event.toml").read_text()
    if not coordinates:
        text = re.sub(r'(?m)^title = .*', 'title = "Not decided yet"', text, count=1)
        text = re.sub(r'(?m)^rest_min = .*', "rest_min = 60", text)
    text = re.sub(r'(?ms)^\[dates\].*?(?=^\[|\Z)', "", text)
    files = {"event.toml": text}
    blocks = re.split(r"(?m)^(?=\[\[groups\]\])", (source / "groups.toml").read_text())
    files["groups.toml"] = "".join(b for b in blocks if (m := re.search(r'(?m)^id = "(.*)"', b)) and m[1] in groups)
    head, *rows = rows_of(source / "sessions.csv")
    group, speakers = head.index("group"), head.index("speakers")
    talks = [r for r in rows if r[group] in groups or (not r[group] and coordinates)]
    files["sessions.csv"] = tables(head, talks)
    # Who speaks for a group of another node than her own is known there too.
    speaks = {who: talk[group] or min(groups) for talk in talks for who in talk[speakers].split()}
    people, private = set(), set()
    for name in ("operators", "speakers"):
        head, *rows = rows_of(source / f"{name}.csv")
        kept = [row for row in rows if row[1] in groups]
        if name == "speakers":
            kept += [[row[0], speaks[row[0]], *row[2:]] for row in rows if row[1] not in groups and row[0] in speaks]
        files[f"{name}.csv"] = tables(head, kept)
        people |= {(name[:-1], row[0]) for row in kept}
        private |= {row[0] for row in rows if row[1] in groups}
    for name in ("availability", "busy"):
        head, *rows = rows_of(source / f"{name}.csv")
        mine = lambda row: (row[0], row[1]) in people or (row[0] == "group" and row[1] in groups)
        files[f"{name}.csv"] = tables(head, [row for row in rows if mine(row)])
    operator = next(who for kind, who in sorted(people) if kind == "operator")
    files[f"calendars/operator-{operator}.ics"] = "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", f"UID:{planted}-uid", "DTSTAMP:20240801T000000Z",
        f"SUMMARY:{planted}-title", "DTSTART:20240820T030000Z", "DTEND:20240820T050000Z", "END:VEVENT", "END:VCALENDAR", "",
    ])
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"events/{event}/{name}")
            info.size = len(content.encode())
            tar.addfile(info, io.BytesIO(content.encode()))
        for regional in sorted((data / "regional-2024").iterdir()):
            tar.add(regional, f"regional-2024/{regional.name}")
    return out.getvalue(), private | {f"{planted}-title", f"{planted}-uid"}, {who for _, who in people}


def decoded(data):
    """The bytes, and what is in base64 in them."""
    parts = [data]
    for text in re.findall(rb"[A-Za-z0-9+/]{24,}={0,2}", data):
        try:
            parts.append(base64.b64decode(text + b"=" * (-len(text) % 4)))
        except ValueError:
            pass
    return b"\n".join(parts)


class Demo:
    def __init__(self, args, root):
        self.args, self.root, self.event = args, root, args.event
        self.net = Net(not args.loopback)
        self.nodes = [Node(args.binary, root, name, self.net, n) for n, name in enumerate(NAMES)]
        self.crossed = (0, 0)

    def step(self, text):
        told = [node.recorder.told() for node in self.nodes]
        now = tuple(map(sum, zip(*told)))
        if self.crossed != now:
            say(f"  crossed the wire: {now[1] - self.crossed[1]} messages, {(now[0] - self.crossed[0]) / 1024:.0f} KiB")
        self.crossed = now
        say(f"\n== {text}")

    def agree(self, nodes=None):
        """Waits until all see the same."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_S:
            digests = [n.typed("space", "show", self.event, quiet=True)["digest"] for n in nodes or self.nodes]
            if len(set(digests)) == 1:
                return digests[0]
            time.sleep(0.3)
        fail(f"nodes did not come to see the same: {digests}")

    def state(self, node=None):
        return (node or self.nodes[0]).typed("space", "show", self.event, quiet=True)["state"]

    def begin(self):
        parts, hosts = thirds(self.args.data, self.event)
        self.parts, self.private, self.known = parts, [], []
        for n, node in enumerate(self.nodes):
            node.typed("init", quiet=True)
            its = sum(1 for g in parts[n] if g in hosts)
            say(f"  {node.name}: {len(parts[n])} groups, {its} of which host")
            for handle in parts[n]:
                words = ("group", "new", handle, "--url", node.url, "--recovery-out", f"{handle}.words")
                node.typed(*words, quiet=handle != parts[n][0])
            node.serve()
            folder, private, known = folder_of(self.args.data, self.event, set(parts[n]), n == 0, f"planted{n}zebra")
            self.private.append(private)
            self.known.append(known)
            node.load(self.event, folder)

    def pair(self):
        for a in range(3):
            for b in range(a + 1, 3):
                one, other = self.nodes[a], self.nodes[b]
                added = one.typed("peer", "add", other.url)
                theirs = other.typed("peer", "list", quiet=True)["peers"]
                heard = next(p for p in theirs if p["name"] == self.parts[a][0])
                if heard["words"] != added["words"]:
                    fail("the two leaders have other words")
                say(f"    both leaders read: {added['words']}")
                one.typed("peer", "confirm", self.parts[b][0], "--words", added["words"])
                other.typed("peer", "confirm", self.parts[a][0], "--words", added["words"])

    def negotiate(self):
        first = True
        for number in range(1, ROUNDS + 1):
            self.step(f"proposal {number}")
            effort = str(self.args.effort)
            made = self.nodes[0].typed("propose", self.event, "--effort", effort, codes=(0, 1))
            say(f"    {made['blocks']} blocks, {made['sessions']} sessions, {made['seats']} seats")
            if first:
                say(f"  {NAMES[2]} is cut off")
                self.nodes[2].recorder.cut = True
                for node in self.nodes[:2]:
                    node.recorder.cut = False
                self.agree(self.nodes[:2])
            else:
                self.agree()
            answering = self.nodes[:2] if first else self.nodes
            for node in answering:
                self.respond(node)
            if first:
                say(f"  {NAMES[2]} is back")
                self.nodes[2].recorder.cut = False
                self.agree()
                self.respond(self.nodes[2])
                first = False
            self.agree()
            state = self.state()
            newest = state["proposals"][-1]
            open_gaps = made["score"]["medium"]
            accepted = sum(1 for s in newest["slices"].values() if s["answer"] and s["answer"]["what"] == "accept")
            say(f"    {accepted} of {len(newest['slices'])} groups accept; missing in it: {open_gaps}")
            if state["stage"] == "acceptable" and (not any(open_gaps.values()) or number >= 4):
                return
        fail(f"no agreement in {ROUNDS} proposals")

    def respond(self, node):
        told = node.typed("respond", self.event, codes=(0, 1))
        shifts = sum(g["shifts_offered"] for g in told["groups"])
        other = [g["group"] for g in told["groups"] if g["answer"] not in (None, "accept")]
        say(f"    {shifts} shifts of open duty offered; would otherwise: {', '.join(other) or 'nobody'}")

    def swap(self):
        """A seat goes from a group of one node to a group of another, which has a person free, without the coordinator."""
        away, one, other = self.nodes
        away.recorder.cut = True
        away.kill()
        say(f"  {away.name}, the coordinator, is away")
        before = self.state(one)
        seats = {seat["id"]: seat for p in before["proposals"] for seat in p["plan"]["seats"]
                 if p["record"] == before["published"]["revision"]}
        on_duty = {}
        for roster in before["rosters"]:
            handle = before["members"][before["custody"][roster["part"]]["custodian"]]["handle"]
            people = roster["roster"]["people"] if roster["roster"] else []
            on_duty.setdefault(handle, set()).update(person["person"] for person in people)

        def spare(group):
            return sum(1 for who in self.private[2] if who.startswith(f"{group}-")) - len(on_duty.get(group, ()))

        # Who has somebody without a shift is asked first, for a seat in her daytime.
        takers = sorted((group for group in self.parts[2] if spare(group) > 0), key=spare, reverse=True)
        daytime = lambda id: not re.search(r"T(1[3-9]|2[0-3]):", json.dumps(seats[id]["span"]))
        for id in sorted(seats, key=daytime):
            if seats[id]["group"] not in self.parts[1]:
                continue
            for taker in takers:
                one.typed("hand-over", self.event, f"seat/{id}", "--to", taker)
                if not self.until(other, "settle", self.event, "--take", f"seat/{id}", "--group", taker):
                    continue
                self.until(one, "settle", self.event)
                self.agree([one, other])
                if other.typed("staff", self.event)["parts"] == 0:
                    fail("nobody is on duty in what was handed over")
                self.agree([one, other])
                return f"seat/{id}", taker
        fail("no seat to hand over")

    def until(self, node, *words):
        """Types it until something is done: what it waits for is on its way. Not when the group's people cannot."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_S:
            told = node.typed(*words, codes=(0, 2), quiet=True)
            if told.get("done"):
                say(f"  {node.name:<9}$ meridian node {' '.join(words)}\n    {'; '.join(told['done'])}")
                return True
            if "has nobody for" in json.dumps(told):
                return False
            time.sleep(0.3)
        fail(f"{node.name} waits in vain: {' '.join(words)}")

    def stand_in(self):
        """Somebody else of a group comes to a shift: the first for whom every rule holds."""
        node, groups = self.nodes[1], self.parts[1]
        state = self.state(node)
        for roster in state["rosters"]:
            custodian = state["custody"][roster["part"]]["custodian"]
            handle = state["members"].get(custodian, {}).get("handle")
            if handle not in groups or not roster["roster"]:
                continue
            for person in roster["roster"]["people"]:
                for who in sorted(self.private[1]):
                    if not who.startswith(f"{handle}-"):
                        continue
                    words = ("stand-in", self.event, "--group", handle, "--shift", person["shift"], "--instead", who)
                    done = subprocess.run([str(node.binary), "node", *words, "--json"], cwd=node.root,
                                          capture_output=True, text=True)
                    if done.returncode == 0:
                        say(f"  {node.name:<9}$ meridian node {' '.join(words)}")
                        return
        say("  nobody else may come to any shift: every group's people are all on duty")

    def look_for_private(self):
        wire = decoded(b"\n".join(side for node in self.nodes for side in node.recorder.kept))
        for n, node in enumerate(self.nodes):
            elsewhere = [wire]
            for m, other in enumerate(self.nodes):
                if m != n:
                    files = [f for f in other.root.rglob("*") if f.is_file() and f.suffix != ".words"]
                    elsewhere += [decoded(f.read_bytes()) for f in files]
                elsewhere.append((other.root / "log").read_bytes())
            known = set().union(*(self.known[m] for m in range(3) if m != n))
            for text in sorted(self.private[n] - known):
                if any(text.encode() in place for place in elsewhere):
                    fail(f"{text} of {node.name} is on the wire, at another node or in a log")
        say(f"  {sum(map(len, self.private))} private names and titles: none on the wire, at another node or in a log")

    def check(self):
        seen, documents = [], set()
        for node in self.nodes:
            with tempfile.TemporaryDirectory() as out:
                told = node.typed("check", self.event, "--out", out, codes=(0, 1))
                documents.add(tuple(Path(out, name).read_bytes() for name in ("problem.json", "plan.json")))
            seen.append(told)
            say(f"    release {told['release']}, {told['shifts']} shifts, state {told['digest'][:16]}…, "
                f"score {json.dumps(told['score']['medium'])}")
            hard = told["score"]["hard"]
            if any(hard.values()) if isinstance(hard, dict) else hard:
                fail(f"{node.name}: a rule is broken: {told['found']}")
        if len({json.dumps([t["digest"], t["score"], t["release"]], sort_keys=True) for t in seen}) != 1:
            fail("the nodes do not agree")
        if len(documents) != 1:
            fail("the nodes do not write one plan")
        return seen[0]

    def run(self):
        where = "each in a network namespace of its own" if self.net.apart else "on loopback"
        self.step(f"three nodes, {where}")
        self.begin()
        self.step("leaders make sure of each other")
        self.pair()
        self.step("the coordinator opens a space and writes the brief; the others join")
        first = self.nodes[0]
        first.typed("space", "open", self.event, "--event", self.event,
                    "--with", self.parts[1][0], "--with", self.parts[2][0])
        for node in self.nodes[1:]:
            joined = node.typed("space", "join", self.event, "--event", self.event)
            if not joined["event_changed"]:
                fail("the brief changed nothing of an event that had other rules")
            say(f"    taken over from the brief: {'; '.join(joined['event_changed'])[:100]}")
        self.agree()
        self.step("every group offers")
        for node in self.nodes:
            node.typed("offer", self.event)
        say(f"  {self.nodes[1].name} is killed, and starts again")
        self.nodes[1].kill()
        self.nodes[1].serve()
        self.agree()
        self.negotiate()
        self.step("published, and everybody says who is on duty")
        first.typed("publish", self.event)
        self.agree()
        for node in self.nodes:
            node.typed("staff", self.event)
        self.agree()
        before = self.check()
        self.step("a live swap, while the coordinator is away")
        part, taker = self.swap()
        self.stand_in()
        first.serve()
        first.recorder.cut = False
        say(f"  {first.name} is back")
        self.agree()
        custody = self.state()["custody"][part]
        handle = self.state()["members"][custody["custodian"]]["handle"]
        if handle != taker:
            fail(f"{part} is {handle}'s, not {taker}'s")
        self.step("check at every node")
        after = self.check()
        if before["digest"] == after["digest"]:
            fail("the swap changed nothing")
        self.look_for_private()
        self.step("done: three nodes, one plan")

    def end(self):
        for node in self.nodes:
            if node.process and node.process.poll() is None:
                node.process.terminate()
                node.process.wait()
        self.net.gone()


def main():
    # Whoever is told to end puts away what she set up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--event", default="relay-2024")
    parser.add_argument("--effort", type=int, default=2)
    parser.add_argument("--loopback", action="store_true")
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    args.binary, args.data = args.binary.resolve(), args.data.resolve()
    with tempfile.TemporaryDirectory(prefix="meridian-demo-") as folder:
        root = args.keep.resolve() if args.keep else Path(folder)
        root.mkdir(parents=True, exist_ok=True)
        demo = Demo(args, root)
        began = time.monotonic()
        try:
            demo.run()
        finally:
            demo.end()
        say(f"   in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
