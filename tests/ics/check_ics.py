#!/usr/bin/env python3
"""Opens exported calendars with two independent readers and compares every entry with the plan.

    tests/ics/check_ics.py PLAN_JSON ICS_FILE...

Needs the packages of tests/requirements.txt. Each file is read with `icalendar` and expanded over the plan's time
with `recurring_ical_events`; both must give, for every UID, exactly the instants that plan.json has. Files named
`event.ics`, `track-ID.ics`, `group-ID.ics` and `person-ID.ics` must also hold what such a calendar has to hold:
everything public, and nobody else's shifts. Prints one line per difference; exits 1 when there is any, 2 when it
is called wrongly.
"""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import icalendar
import recurring_ical_events


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def wanted_entries(plan):
    """UID without its event -> (start, end, kind, item)."""
    wanted = {}
    for kind, items, name in (
        ("block", plan["blocks"], "id"),
        ("session", plan["sessions"], "session"),
        ("shift", plan["shifts"], "id"),
    ):
        for item in items:
            start, end = instant(item["span"]["start"]), instant(item["span"]["end"])
            if kind == "shift":
                start -= timedelta(minutes=item["handover_min"])
            wanted[f"{kind}.{item[name]}@{plan['event']}.meridian"] = (start, end, kind, item)
    return wanted


def bounds(component):
    start, end = component["DTSTART"].dt, component["DTEND"].dt
    if not isinstance(start, datetime) or start.tzinfo is None or end.tzinfo is None:
        raise ValueError("a time is floating")
    return start.astimezone(timezone.utc), end.astimezone(timezone.utc)


def expected_uids(name, wanted):
    """The UIDs that a file of this name must hold at least, or None when its name tells nothing."""
    scope, _, of = name.removesuffix(".ics").partition("-")
    public = {uid: entry for uid, entry in wanted.items() if entry[2] != "shift"}
    if name == "event.ics":
        return set(public)
    if scope == "track":
        return {uid for uid, entry in public.items() if entry[3]["track"] == of}
    if scope == "group":
        return {uid for uid, entry in public.items() if entry[2] == "block" and entry[3]["group"] == of}
    if scope == "person":
        return {uid for uid, entry in wanted.items() if entry[2] == "shift" and entry[3]["operator"] == of}
    return None


def check_file(path, plan, wanted):
    raw = path.read_bytes()
    problems = []
    if any(len(line) > 75 for line in raw.split(b"\r\n")):
        problems.append("a line is longer than 75 octets")
    if b"\n" in raw.replace(b"\r\n", b""):
        problems.append("a line does not end with CRLF")
    calendar = icalendar.Calendar.from_ical(raw)
    if str(calendar.get("METHOD")) != "PUBLISH":
        problems.append("METHOD is not PUBLISH")
    found = {}
    for event in calendar.walk("VEVENT"):
        uid = str(event["UID"])
        if uid in found:
            problems.append(f"{uid} is there twice")
        found[uid] = bounds(event)
        if int(event["SEQUENCE"]) != plan["revision"]:
            problems.append(f"{uid}: SEQUENCE is not the revision {plan['revision']}")
        if uid not in wanted:
            problems.append(f"{uid} is not in the plan")
        elif found[uid] != wanted[uid][:2]:
            problems.append(f"{uid}: {found[uid]} instead of {wanted[uid][:2]}")
    if found:
        first = min(start for start, _ in found.values()) - timedelta(days=1)
        last = max(end for _, end in found.values()) + timedelta(days=1)
        expanded = recurring_ical_events.of(calendar).between(first, last)
        again = sorted((str(event["UID"]), *bounds(event)) for event in expanded)
        if again != sorted((uid, *span) for uid, span in found.items()):
            problems.append("recurring_ical_events sees other instants")
    expected = expected_uids(path.name, wanted)
    if expected is not None:
        problems += [f"{uid} is missing" for uid in sorted(expected - set(found))]
        strangers = {uid for uid in set(found) - expected if wanted.get(uid, (0, 0, ""))[2] == "shift"}
        if not path.name.startswith("group-"):
            problems += [f"{uid} is someone else's" for uid in sorted(strangers)]
    return len(found), problems


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    plan = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    wanted = wanted_entries(plan)
    entries = differences = 0
    for name in arguments[1:]:
        count, problems = check_file(Path(name), plan, wanted)
        entries += count
        differences += len(problems)
        for problem in problems:
            print(f"{name}: {problem}")
    print(f"{len(arguments) - 1} calendars, {entries} entries, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
