#!/usr/bin/env python3
"""Looks at a plan's pages in headless Chromium, on a phone and on a desk, by day and by night.

    tests/browser/check_page.py PROBLEM_JSON PLAN_JSON CREW_HTML PUBLIC_HTML OUT_DIR [--brief]

Needs the packages of tests/requirements.txt and Debian's `chromium` and `chromium-driver` (other places: set
CHROMIUM and CHROMEDRIVER). At 360 and 1440 pixels, light and dark, it asserts that

* no two boxes of a lane overlap, no text leaves its box or its picture, no two labels of an axis touch;
* the page itself never scrolls sideways and no text runs out of it;
* every block, session and shift of the plan is drawn once in each picture, with its instants, where they belong;
* the nights shaded are those of problem.json, of every person on duty, to a pixel (three are printed);
* every text has a contrast of at least 4.5;
* each zone of the switch relabels every time as Python's zoneinfo tells it, and the way back restores the page
  exactly as it came (so the script and the page's maker agree);
* the public page holds no operator's handle.

Pictures of both pages and a PDF of the crew page as printed are left in OUT_DIR. `--brief` leaves the zones but
three untested. Exits 1 when an assertion fails (all are tried), 2 when called wrongly.
"""

import base64
import json
import os
import re
import signal
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo, reset_tzpath

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

HERE = Path(__file__).resolve().parent
MEASURE = (HERE / "measure.js").read_text(encoding="utf-8")
# PyPI's tzdata, not the machine's: Debian's may lack the newest rules, and being told an hour wrong is the very
# thing to find out.
reset_tzpath(to=[])
SLACK = 0.75
# The longest wait for one answer of the browser.
LIMIT_S = 120


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def browser(profile):
    options = Options()
    options.binary_location = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    for flag in (
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic",
        "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(flag)
    service = Service(os.environ.get("CHROMEDRIVER", "/usr/bin/chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_script_timeout(LIMIT_S)
    return driver


class Hung(Exception):
    """The browser does not answer."""


def ring(_signal, _frame):
    raise Hung


signal.signal(signal.SIGALRM, ring)


class Page:
    """A page at one size and in one scheme."""

    def __init__(self, driver, path, width, scheme):
        self.driver = driver
        phone = width < 700
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 800 if phone else 1000, "deviceScaleFactor": 2 if phone else 1, "mobile": phone,
        })
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}],
        })
        driver.get(Path(path).resolve().as_uri())

    def measure(self):
        signal.alarm(LIMIT_S)
        return self.driver.execute_script(MEASURE)

    def pick(self, zone):
        self.driver.execute_script(
            "const s = document.getElementById('zone'); s.value = arguments[0];"
            "s.dispatchEvent(new Event('change'));", zone)

    def as_it_came(self, path):
        """Times, tooltips and axes of the file, before any script."""
        return self.driver.execute_script(
            "const page = new DOMParser().parseFromString(arguments[0], 'text/html');"
            "return {times: [...page.querySelectorAll('time[data-end]')].map((t) => t.textContent),"
            " tips: [...page.querySelectorAll('[data-tip]')].map((g) => g.querySelector('title').textContent),"
            " axes: [...page.querySelectorAll('g.axis')].map((g) => g.innerHTML)};",
            Path(path).read_text(encoding="utf-8"))

    def pictures(self, out, name, limit=100):
        """Full-page pictures, in slices that the browser can paint."""
        metrics = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        slice_height, top, index = 3600, 0, 0
        while top < metrics["height"] and index < limit:
            signal.alarm(LIMIT_S)
            height = min(slice_height, metrics["height"] - top)
            shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
                "captureBeyondViewport": True,
                "clip": {"x": 0, "y": top, "width": metrics["width"], "height": height, "scale": 1},
            })
            (out / f"{name}-{index}.png").write_bytes(base64.b64decode(shot["data"]))
            top, index = top + height, index + 1

    def print(self, path):
        pdf = self.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
        path.write_bytes(base64.b64decode(pdf["data"]))


class Judge:
    """Collects what is wrong."""

    def __init__(self):
        self.wrong, self.asked, self.where = [], 0, ""

    def expect(self, holds, says):
        self.asked += 1
        if not holds:
            self.wrong.append(f"{self.where}: {says}")


def overlap(a, b):
    across = min(a["x"] + a["w"], b["x"] + b["w"]) - max(a["x"], b["x"])
    down = min(a["y"] + a["h"], b["y"] + b["h"]) - max(a["y"], b["y"])
    return across > SLACK and down > SLACK


def inside(small, big, slack=SLACK):
    return (small["x"] >= big["x"] - slack and small["x"] + small["w"] <= big["x"] + big["w"] + slack
            and small["y"] >= big["y"] - 2 * slack and small["y"] + small["h"] <= big["y"] + big["h"] + 2 * slack)


def check_layout(judge, seen):
    judge.expect(seen["scrollWidth"] <= seen["innerWidth"], f"the page is {seen['scrollWidth']} px wide")
    judge.expect(not seen["wide"], f"text runs out of the page: {seen['wide'][:3]}")
    judge.expect(not seen["poor"], f"too little contrast: {seen['poor'][:5]} ({len(seen['poor'])} in all)")
    judge.expect(seen["n_texts"] > 20 and seen["lanes"], "there is too little on the page")
    judge.expect(seen["language"] == "en", "the page has no language")
    levels = seen["headings"]
    judge.expect(levels.count(1) == 1 and levels[0] == 1, "there is not one first heading")
    judge.expect(all(b <= a + 1 for a, b in zip(levels, levels[1:])), "a heading level is skipped")
    for lane in seen["lanes"]:
        boxes = [b for b in lane["boxes"] if b["kind"] != "night"]
        for i, one in enumerate(boxes):
            for other in boxes[i + 1:]:
                judge.expect(not overlap(one["rect"], other["rect"]),
                             f"{one['kind']} {one['id']} overlaps {other['kind']} {other['id']}")
        for one in lane["boxes"]:
            for text in one["texts"]:
                judge.expect(inside(text["rect"], text["in"]),
                             f"{text['text']!r} leaves the box of {one['kind']} {one['id']}")
    for picture in seen["pictures"]:
        labels = picture["labels"]
        for label in labels:
            judge.expect(inside(label["rect"], picture["rect"]), f"label {label['text']!r} is clipped")
        for i, one in enumerate(labels):
            for other in labels[i + 1:]:
                judge.expect(not overlap(one["rect"], other["rect"]),
                             f"labels {one['text']!r} and {other['text']!r} touch")


def check_items(judge, seen, problem, plan, crew):
    """Every item once in each picture, at its instants."""
    wanted = {("block", b["id"]): b["span"] for b in plan["blocks"]}
    wanted |= {("session", s["session"]): s["span"] for s in plan["sessions"]}
    glance = dict(wanted)
    if crew:
        glance |= {("shift", s["id"]): s["span"] for s in plan["shifts"]}
        glance |= {("cover", s["id"]): s["span"] for s in plan["shifts"]}
    for picture, expected in (("strip", glance), ("agenda", wanted)):
        drawn = {}
        for lane in seen["lanes"]:
            for one in lane["boxes"] if lane["picture"] == picture else ():
                if one["kind"] in ("block", "session", "shift", "cover"):
                    drawn.setdefault((one["kind"], one["id"]), []).append(one)
        judge.expect(drawn.keys() == expected.keys(), f"{picture}: {set(drawn) ^ set(expected)}")
        for key, boxes in drawn.items():
            judge.expect(len(boxes) == 1, f"{picture}: {key} is drawn {len(boxes)} times")
            span = expected.get(key)
            same = span and all(instant(boxes[0][end]) == instant(span[end]) for end in ("start", "end"))
            judge.expect(same, f"{picture}: {key} has other instants")
    judge.expect(seen["sessions"] == len(plan["sessions"]), "the table has another number of sessions")
    horizon = problem["event"]["horizon"]
    start = instant(horizon["start"])
    length = timedelta(minutes=horizon["cell_min"] * horizon["n_cells"])
    for lane in seen["lanes"]:
        if not lane["bed"]:
            continue
        for one in lane["boxes"]:
            for end, edge in (("start", one["rect"]["x"]), ("end", one["rect"]["x"] + one["rect"]["w"])):
                place = lane["bed"]["x"] + lane["bed"]["w"] * ((instant(one[end]) - start) / length)
                judge.expect(abs(place - edge) <= 1.0, f"{one['kind']} {one['id']} is {edge - place:.1f} px off")


def check_nights(judge, seen, problem, plan):
    """The nights shaded are those of the problem, within the event."""
    horizon = problem["event"]["horizon"]
    start = instant(horizon["start"])
    end = start + timedelta(minutes=horizon["cell_min"] * horizon["n_cells"])
    on_duty = {shift["operator"] for shift in plan["shifts"]}
    shaded = {}
    for lane in seen["lanes"]:
        for one in lane["boxes"]:
            if one["kind"] == "night":
                shaded.setdefault(one["id"], set()).add((instant(one["start"]), instant(one["end"])))
    told = []
    for operator in problem["operators"]:
        if operator["id"] not in on_duty:
            judge.expect(operator["id"] not in shaded, f"{operator['id']} is not on duty, yet shaded")
            continue
        clipped = {(max(start, instant(n["start"])), min(end, instant(n["end"]))) for n in operator["nights"]}
        nights = {night for night in clipped if night[0] < night[1]}
        judge.expect(shaded.get(operator["id"], set()) == nights, f"the nights of {operator['id']} are wrong")
        told.append((operator["zone"], operator["id"], sorted(nights)))
    by_zone = {zone: (name, nights) for zone, name, nights in told if nights}
    return [(name, zone, nights) for zone, (name, nights) in list(by_zone.items())[::max(1, len(by_zone) // 3)][:3]]


def offset_name(moment):
    minutes = int(moment.utcoffset().total_seconds()) // 60
    if minutes == 0:
        return "UTC"
    sign, minutes = ("-" if minutes < 0 else "+"), abs(minutes)
    return f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")


def told(zone, start, end, changes):
    """A span as a page should tell it, by Python's own zone data."""
    a, b = start.astimezone(zone), end.astimezone(zone)
    def date(moment):
        return f"{moment:%a} {moment.day} {moment:%b}"
    one_day, one_offset = a.date() == b.date(), a.utcoffset() == b.utcoffset()
    text = f"{date(a)} {a:%H:%M}" + ("" if one_offset else f" ({offset_name(a)})")
    if one_day and one_offset:
        text += f"–{b:%H:%M}"
    elif one_day:
        text += f" – {b:%H:%M}"
    else:
        text += f" – {date(b)} {b:%H:%M}"
    return text + (f" ({offset_name(b)})" if changes else "")


def check_zone(judge, seen, name, problem):
    zone = ZoneInfo(name)
    horizon = problem["event"]["horizon"]
    start = instant(horizon["start"])
    minutes = horizon["cell_min"] * horizon["n_cells"]
    at = [start + timedelta(minutes=m) for m in range(0, minutes + 1, 5)]
    changes = len({moment.astimezone(zone).utcoffset() for moment in at}) > 1
    for begin, end, text in seen["times"]:
        expected = told(zone, instant(begin), instant(end), changes)
        judge.expect(text == expected, f"{name}: {text!r} instead of {expected!r}")
    for begin, end, text in seen["tips"]:
        expected = told(zone, instant(begin), instant(end), changes)
        judge.expect(text.endswith("\n" + expected), f"{name}: tooltip {text!r} instead of {expected!r}")
    whole = {moment.astimezone(zone).strftime("%H:%M") for moment in at if moment.astimezone(zone).minute == 0}
    for ticks in seen["ticks"]:
        hours = {text for kind, text in ticks if kind.startswith("tick")}
        judge.expect(hours <= whole, f"{name}: axis says {sorted(hours - whole)}")
        days = [text for kind, text in ticks if kind.startswith("day")]
        weekdays = {moment.astimezone(zone).strftime("%a") for moment in at}
        judge.expect({re.split(r"[ \d]", day)[0] for day in days} - {""} <= weekdays, f"{name}: days {days}")


def end(pid):
    """Ends the browser that a terminated driver leaves behind."""
    try:
        if pid:
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def look(judge, path, crew, width, problem, plan, out, brief):
    """Everything about one page at one width, in a browser of its own.

    Headless Chromium now and then stops answering while it paints a long picture; it is then started anew.
    """
    for attempt in range(3):
        fresh = Judge()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            driver = None
            try:
                signal.alarm(LIMIT_S)
                driver = browser(profile)
                nights = look_once(fresh, driver, path, crew, width, problem, plan, out, brief)
                judge.asked += fresh.asked
                judge.wrong += fresh.wrong
                driver.quit()
                return nights
            except Hung:
                print(f"{path.name} at {width}: the browser hung, attempt {attempt + 1}", file=sys.stderr)
            finally:
                signal.alarm(0)
                if driver and driver.service.process and driver.service.process.poll() is None:
                    driver.service.process.terminate()
                    end(driver.capabilities.get("goog:processID"))
    judge.expect(False, f"{path.name} at {width}: the browser hung each time")
    return []


def look_once(judge, driver, path, crew, width, problem, plan, out, brief):
    nights = []
    for scheme in ("light", "dark"):
        name = f"{'crew' if crew else 'public'}-{width}-{scheme}"
        judge.where = name
        page = Page(driver, path, width, scheme)
        seen = page.measure()
        check_layout(judge, seen)
        check_items(judge, seen, problem, plan, crew)
        if crew:
            nights = check_nights(judge, seen, problem, plan)
        page.pictures(out, name)
    first = page.as_it_came(path)
    zones = seen["zones"]
    awkward = [zone for zone in zones if zone in ("Asia/Kathmandu", *seen["changing"][:2])]
    for zone in [*awkward, *zones[:2]] if brief else zones:
        page.pick(zone)
        judge.where = f"{name} {zone}"
        moved = page.measure()
        check_zone(judge, moved, zone, problem)
        if zone in awkward:
            page.pictures(out, f"{name}-{zone.replace('/', '-')}", limit=1)
        check_layout(judge, moved)
    page.pick(seen["zone"])
    back = page.measure()
    judge.where = name
    for part, now in (("times", [t[2] for t in back["times"]]),
                      ("tips", [t[2] for t in back["tips"]]), ("axes", back["axes"])):
        judge.expect(now == first[part], f"the script does not tell {part} as the page came")
    if crew and width > 700:
        page.print(out / "crew.pdf")
    return nights


def main(arguments):
    brief = "--brief" in arguments
    arguments = [argument for argument in arguments if argument != "--brief"]
    if len(arguments) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    problem, plan = (json.loads(Path(path).read_text(encoding="utf-8")) for path in arguments[:2])
    crew_page, public_page, out = Path(arguments[2]), Path(arguments[3]), Path(arguments[4])
    out.mkdir(parents=True, exist_ok=True)
    judge, nights = Judge(), []
    text = public_page.read_text(encoding="utf-8")
    for operator in problem["operators"]:
        handle = re.escape(operator["id"])
        judge.expect(not re.search(rf"(?<![\w-]){handle}(?![\w-])", text), f"public page names {operator['id']}")
    for path, crew in ((crew_page, True), (public_page, False)):
        for width in (360, 1440):
            nights = look(judge, path, crew, width, problem, plan, out, brief) or nights
    for name, zone, spans in nights:
        shown = ", ".join(f"{a:%d %H:%M}Z to {b:%d %H:%M}Z" for a, b in spans)
        print(f"night of {name} ({zone}) shaded: {shown}")
    told_of = {}
    for wrong in judge.wrong:
        where = wrong.split(": ")[0]
        told_of[where] = told_of.get(where, 0) + 1
        if told_of[where] <= 8:
            print(wrong)
    print(f"{judge.asked} assertions, {len(judge.wrong)} failed; pictures in {out}")
    return 1 if judge.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
