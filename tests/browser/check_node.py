#!/usr/bin/env python3
"""Walks a running node's two pages in headless Chromium at 360 pixels, as people do.

    tests/browser/check_node.py MERIDIAN EVENT_FOLDER REGIONAL_FOLDER OUT_DIR

MERIDIAN is the binary; it is started on a folder of its own with the event folder (first-relay) on it. Needs what
check_page.py needs. It asserts that

* by touch: from an invite link to saved availability after a change of zone takes at most 8 interactions;
* by keyboard alone, in a browser without script: the same, with the code typed into the page;
* every hour is labelled as Python's zoneinfo tells it, before and after the change, and what was saved are the
  very instants that were ticked;
* a calendar and a table can be dropped in, are previewed before they are saved, and what cannot be read is told;
* a leader rejects her group's slice with a reason by keyboard alone, without script, and accepts it by touch;
* names and titles that try to be markup stay text, and no script of theirs runs;
* no page scrolls sideways, targets are at least 44 pixels high, every text has a contrast of at least 4.5, in light
  and dark, and the browser's console stays empty.

An interaction is a tap, a press of Space or Enter, or the filling of one field; Tab and arrows only move. Pictures are
left in OUT_DIR. Exits 1 when an assertion fails (all are tried), 2 when called wrongly.
"""

import base64
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions import interaction
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from check_page import MEASURE, Judge, browser, instant

EVENT = "first-relay"
HOSTILE = "<img src=x onerror=alert(1)>\"'&amp;<script>alert(2)</script>"
MOST = 8
PATIENCE_S = 60


class Api:
    """Someone who calls the node beside the browser."""

    def __init__(self, origin, code):
        self.origin = origin
        with self.ask("POST", "/api/v1/login", {"code": code}, cookie=False) as answer:
            self.cookie = answer.headers["set-cookie"].split(";")[0]

    def ask(self, method, path, body=None, headers=None, cookie=True):
        headers = dict(headers or {})
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if isinstance(body, dict):
            headers["content-type"] = "application/json"
        if cookie:
            headers["cookie"] = self.cookie
        request = urllib.request.Request(self.origin + path, data, headers, method=method)
        return urllib.request.urlopen(request, timeout=PATIENCE_S)

    def json(self, method, path, body=None, headers=None):
        with self.ask(method, path, body, headers) as answer:
            return json.loads(answer.read() or b"null")

    def invite(self, role, group, operator=None):
        body = {"name": HOSTILE, "role": role, "event": EVENT, "group": group, "operator": operator}
        return self.json("POST", "/api/v1/invites", body)

    def at(self, path):
        return self.json("GET", f"/api/v1/events/{EVENT}/{path}")


def serve(meridian, data):
    node = subprocess.Popen([meridian, "serve", "--data", data, "--listen", "127.0.0.1:0"], text=True,
                            stdout=subprocess.PIPE, stderr=open(Path(data) / "node.log", "w", encoding="utf-8"))
    origin = node.stdout.readline().removeprefix("Listening on ").strip()
    code = node.stdout.readline().split("#")[1].strip()
    return node, origin, code


def seed(api, folder, regional):
    """The event, with names that try to be markup."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.add(folder, f"events/{EVENT}")
        archive.add(regional, regional.name)
    api.ask("PUT", f"/api/v1/events/{EVENT}/folder", tar.getvalue(),
            {"content-type": "application/x-tar", "if-none-match": "*"}).close()
    for kind, one, field in (("settings", "event", "title"), ("groups", "kyoto", "name"), ("sessions", "s01", "title")):
        path = f"/api/v1/events/{EVENT}/{kind}/{one}"
        kept = api.json("GET", path)
        version = kept.pop("version")
        for own in ("id", "changed_at"):
            kept.pop(own)
        kept[field] = HOSTILE
        api.json("PUT", path, kept, {"if-match": f'"{version}"'})


def proposed(api):
    """A plan that is shown to the groups."""
    job = api.json("POST", f"/api/v1/events/{EVENT}/jobs/plan", {"effort": 1, "time_limit_s": 20})
    deadline = time.monotonic() + 10 * PATIENCE_S
    while (state := api.at(f"jobs/{job['id']}")["state"]) != "done":
        if state in ("failed", "cancelled") or time.monotonic() > deadline:
            raise SystemExit(f"the plan was not made: {api.at('jobs/' + job['id'])}")
        time.sleep(0.1)
    plan = api.at("plans")["items"][0]
    api.json("POST", f"/api/v1/events/{EVENT}/plans/{plan['id']}/propose", None,
             {"if-match": f'"{plan["version"]}"'})
    return plan["id"]


class Visitor:
    """A browser on a phone; counts what its owner does."""

    def __init__(self, judge, out, script=True):
        self.profile = tempfile.TemporaryDirectory()
        self.driver = browser(self.profile.name)
        self.driver.set_page_load_timeout(PATIENCE_S)
        self.judge, self.out, self.done, self.script = judge, out, 0, script
        for command, values in (
            ("Emulation.setDeviceMetricsOverride", {"width": 360, "height": 780, "deviceScaleFactor": 2, "mobile": True}),
            ("Emulation.setTouchEmulationEnabled", {"enabled": True}),
            ("Emulation.setScriptExecutionDisabled", {"value": not script}),
        ):
            self.driver.execute_cdp_cmd(command, values)

    def close(self):
        self.driver.quit()
        self.profile.cleanup()

    def find(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def after(self, do):
        """Does something that leads to another page, and waits until that is there."""
        old = self.find("html")
        do()
        wait = WebDriverWait(self.driver, PATIENCE_S, poll_frequency=0.02)
        wait.until(lambda driver: gone(old) and driver.find_elements(By.CSS_SELECTOR, "main h1"))

    def tap(self, element):
        self.done += 1
        ActionChains(self.driver).scroll_to_element(element).perform()
        chain = ActionChains(self.driver)
        chain.w3c_actions.devices = []
        touch = chain.w3c_actions.add_pointer_input(interaction.POINTER_TOUCH, "finger")
        touch.create_pointer_move(origin=element)
        touch.create_pointer_down(button=0)
        touch.create_pointer_up(button=0)
        chain.w3c_actions.perform()

    def fill(self, element, text):
        """What a thumb types into a field."""
        self.done += 1
        element.clear()
        element.send_keys(text)

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, wanted):
        """Moves the focus by Tab to the element that is meant."""
        for _ in range(120):
            self.press(Keys.TAB)
            here = self.driver.switch_to.active_element
            if here == wanted:
                self.judge.expect(here.is_displayed(), "the focus goes to what is not seen")
                return
        raise SystemExit("the keyboard never gets there: " + (wanted.get_attribute("outerHTML") or "")[:200])

    def key(self, element, key):
        self.done += 1
        self.tab_to(element)
        self.press(key)

    def type(self, element, text):
        self.done += 1
        self.tab_to(element)
        ActionChains(self.driver).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).perform()
        self.press(text)

    def look(self, name):
        """Judges the page as it is, light and dark."""
        for scheme in ("light", "dark"):
            self.judge.where = f"{name}, {scheme}"
            self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
                "features": [{"name": "prefers-color-scheme", "value": scheme}]})
            self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
            seen = self.driver.execute_script(MEASURE)
            low = self.driver.execute_script(
                "return [...document.querySelectorAll('button, select, .hour, .choice, textarea, input:not([type])')]"
                ".filter((e) => e.checkVisibility() && !e.matches('.unseen, .out *') && e.getBoundingClientRect().height < 44)"
                ".map((e) => e.outerHTML.slice(0, 80))")
            markup = self.driver.execute_script("return document.querySelectorAll('main img, main script').length")
            self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not self.script})
            expect = self.judge.expect
            expect(seen["scrollWidth"] <= seen["innerWidth"], f"the page is {seen['scrollWidth']} px wide")
            expect(not seen["poor"], f"too little contrast: {seen['poor'][:5]}")
            expect(seen["language"] == "en" and seen["headings"][:1] == [1], "no language, or no first heading")
            expect(not low, f"too low to touch: {low[:5]}")
            expect(markup == 0, "what someone wrote became markup")
            shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
            (self.out / f"{name}-{scheme}.png").write_bytes(base64.b64decode(shot["data"]))
        console = [line for line in self.driver.get_log("browser") if "favicon" not in line["message"]]
        # A form that is refused is answered with 4xx, which the browser notes.
        console = [line for line in console if "status of 4" not in line["message"]]
        self.judge.expect(not console, f"the console says {console[:3]}")

    def hours(self):
        boxes = self.driver.find_elements(By.CSS_SELECTOR, ".hour input")
        return {box.get_attribute("value"): box for box in boxes}

    def labels(self):
        """For each hour its start, its day and time as told, and what it says."""
        told = {}
        for day in self.driver.find_elements(By.CSS_SELECTOR, ".days fieldset"):
            name = day.find_element(By.CSS_SELECTOR, "legend").text
            for hour in day.find_elements(By.CSS_SELECTOR, ".hour"):
                start = hour.find_element(By.CSS_SELECTOR, "input").get_attribute("value")
                at = hour.find_element(By.CSS_SELECTOR, ".at").text
                told[start] = (f"{name}, {at}", hour.find_element(By.CSS_SELECTOR, ".says").text)
        return told


def gone(element):
    try:
        return element.is_displayed() is None
    except Exception:  # noqa: BLE001 - the driver has several ways to say that a page is no longer there
        return True


def as_told(start, zone):
    there = instant(start).astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%b}, {there:%H:%M}"


def check_labels(judge, visitor, zone):
    told = visitor.labels()
    judge.expect(len(told) == 24, f"{len(told)} hours are shown")
    for start, (label, _) in told.items():
        judge.expect(label == as_told(start, zone), f"{start} is told as {label}, and is {as_told(start, zone)}")


def kept_hours(api, operator):
    rows = api.at(f"availability/operator.{operator}")["rows"]
    return [(row["grade"], instant(row["start"]), instant(row["end"])) for row in rows if "start" in row]


def by_touch(judge, api, out):
    """From the link to saved availability, with a thumb."""
    judge.where = "by touch"
    visitor = Visitor(judge, out)
    try:
        visitor.driver.get(api.invite("operator", "kyoto", "kyoto-fox")["link"])
        visitor.look("join")
        visitor.after(lambda: visitor.tap(visitor.find("#join button")))
        check_labels(judge, visitor, "Asia/Tokyo")
        visitor.look("availability-first")
        zone = "America/St_Johns"
        visitor.fill(visitor.find("#zone"), zone)
        starts = sorted(visitor.hours())
        first, last = starts[6], starts[10]
        visitor.tap(visitor.hours()[first])
        visitor.tap(visitor.hours()[last])
        visitor.after(lambda: visitor.tap(visitor.find('button[value="between"]')))
        judge.where = "by touch, previewed"
        check_labels(judge, visitor, zone)
        said = visitor.labels()
        judge.expect(all(said[start][1] == "yes" for start in starts[6:11]), f"the hours say {said}")
        judge.expect(said[starts[5]][1] == "night" and said[starts[11]][1] == "not said", f"the others say {said}")
        nothing = [one["id"] for one in api.at("availability")["items"]]
        judge.expect("operator.kyoto-fox" not in nothing, "a preview was kept")
        visitor.look("availability-previewed")
        visitor.after(lambda: visitor.tap(visitor.find("button.main")))
        judge.where = "by touch, saved"
        judge.expect(visitor.find("#saved").text == "Saved.", "the page does not say that it is saved")
        judge.expect(visitor.done <= MOST, f"it took {visitor.done} interactions")
        check_labels(judge, visitor, zone)
        end = instant(last) + timedelta(hours=1)
        judge.expect(kept_hours(api, "kyoto-fox") == [("possible", instant(first), end)], "other hours were kept")
        judge.expect(api.at("operators/kyoto-fox")["zone"] == zone, "the zone was not kept")
        print(f"by touch: {visitor.done} interactions")
        with_files(judge, api, visitor)
    finally:
        visitor.close()


def with_files(judge, api, visitor):
    """A calendar and a table are dropped in, previewed and saved."""
    judge.where = "with a calendar"
    starts = sorted(visitor.hours())
    busy = f"{instant(starts[7]):%Y%m%dT%H%M%SZ}", f"{instant(starts[8]):%Y%m%dT%H%M%SZ}"
    ics = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:x\r\nSUMMARY:a-secret-title\r\n"
           f"DTSTART:{busy[0]}\r\nDTEND:{busy[1]}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    file = Path(visitor.profile.name) / "mine.ics"
    file.write_text(ics, encoding="utf-8")
    visitor.find("#file").send_keys(str(file))
    visitor.after(lambda: visitor.tap(visitor.find('.last button[value="preview"]')))
    said = visitor.labels()
    judge.expect(said[starts[7]][1] == "busy" and said[starts[8]][1] == "yes", f"the preview says {said}")
    judge.expect("a-secret-title" not in visitor.driver.page_source, "the title came back")
    kept = [one["id"] for one in api.at("calendars")["items"]]
    judge.expect("operator.kyoto-fox" not in kept, "a preview was kept")
    visitor.after(lambda: visitor.tap(visitor.find("button.main")))
    judge.expect(visitor.labels()[starts[7]][1] == "busy", "the calendar does not count")
    judge.where = "with a table"
    file = file.with_name("mine.csv")
    file.write_text("grade,start,end,zone,rule\nprefer,,,,daily 00:00-24:00\n", encoding="utf-8")
    visitor.find("#file").send_keys(str(file))
    visitor.after(lambda: visitor.tap(visitor.find("button.main")))
    judge.expect(visitor.labels()[starts[0]][1] == "best", "the table does not count")
    judge.expect(not kept_hours(api, "kyoto-fox"), "the table did not replace what was said")
    judge.where = "with what cannot be read"
    visitor.fill(visitor.find("#rules"), "possible whenever I like\nnever 23:00-07:00")
    visitor.after(lambda: visitor.tap(visitor.find("button.main")))
    told = visitor.find("#troubles").text
    judge.expect("Nothing was saved" in told and "rule" in told, f"it says {told!r}")
    judge.expect("whenever I like" in visitor.find("#rules").get_attribute("value"), "what was typed is gone")
    visitor.look("availability-troubles")
    visitor.fill(visitor.find("#zone"), "Atlantis/Capital")
    visitor.after(lambda: visitor.tap(visitor.find("button.main")))
    judge.expect("Atlantis/Capital" in visitor.find("#troubles").text, "an unknown zone is taken")


def by_keyboard(judge, api, out):
    """The same without a pointer and without script, the code typed in."""
    judge.where = "by keyboard"
    visitor = Visitor(judge, out, script=False)
    try:
        invite = api.invite("operator", "kyoto", "kyoto-heron")
        visitor.driver.get(invite["link"].split("#")[0])
        visitor.type(visitor.find("#code"), invite["code"])
        visitor.done += 1
        visitor.after(lambda: visitor.press(Keys.ENTER))
        zone = "Asia/Kathmandu"
        visitor.type(visitor.find("#zone"), zone)
        starts = sorted(visitor.hours())
        visitor.key(visitor.hours()[starts[2]], Keys.SPACE)
        visitor.key(visitor.hours()[starts[4]], Keys.SPACE)
        save = visitor.find("button.main")
        visitor.after(lambda: visitor.key(save, Keys.ENTER))
        judge.where = "by keyboard, saved"
        judge.expect(visitor.find("#saved").text == "Saved.", "the page does not say that it is saved")
        judge.expect(visitor.done <= MOST, f"it took {visitor.done} interactions")
        check_labels(judge, visitor, zone)
        visitor.look("availability-without-script")
        hour = timedelta(hours=1)
        wanted = [("possible", instant(starts[n]), instant(starts[n]) + hour) for n in (2, 4)]
        judge.expect(kept_hours(api, "kyoto-heron") == wanted, "other hours were kept")
        print(f"by keyboard: {visitor.done} interactions")
    finally:
        visitor.close()


def answer_of(api, plan):
    answers = api.at(f"plans/{plan}/answers")["items"]
    return next((one for one in answers if one["group"] == "kyoto"), None)


def slices(judge, api, plan, out):
    """A leader looks at her group's part, rejects it by keyboard, and accepts it by touch."""
    judge.where = "slice"
    link = api.invite("leader", "kyoto")["link"]
    origin, code = link.split("/join#")
    visitor = Visitor(judge, out, script=False)
    try:
        visitor.driver.get(f"{origin}/join")
        visitor.type(visitor.find("#code"), code)
        visitor.after(lambda: visitor.press(Keys.ENTER))
        visitor.look("slice")
        judge.expect(HOSTILE in visitor.find("h1").text, "the group's name is not told as it is")
        check_slice(judge, api, plan, visitor)
        visitor.key(visitor.find('input[value="accepted"]'), Keys.ARROW_DOWN)
        visitor.key(visitor.find("#code-1"), Keys.ARROW_DOWN)
        visitor.type(visitor.find("#words-1"), HOSTILE)
        visitor.after(lambda: visitor.press(Keys.ENTER))
        judge.where = "slice, rejected"
        judge.expect("rejected" in visitor.find("#answered").text, "the page does not say that it is rejected")
        said = answer_of(api, plan)
        judge.expect(said and said["verdict"] == "rejected" and said["reasons"][0]["words"] == HOSTILE
                     and said["reasons"][0]["code"] == "too-much", f"kept is {said}")
        visitor.look("slice-rejected")
        visitor.script = True
        visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        visitor.tap(visitor.find('input[value="accepted"]'))
        visitor.after(lambda: visitor.tap(visitor.find("button.main")))
        judge.where = "slice, accepted"
        judge.expect(answer_of(api, plan)["verdict"] == "accepted", "the second answer was not kept")
    finally:
        visitor.close()


def check_slice(judge, api, plan, visitor):
    """Every block, session and shift of the group is told once, in the group's zone."""
    kept = api.at(f"plans/{plan}/slices/kyoto")
    told = [row.text for row in visitor.driver.find_elements(By.CSS_SELECTOR, "tbody tr td:first-child")]
    wanted = []
    for kind in ("blocks", "sessions", "shifts"):
        for one in kept[kind]:
            start, end = as_told(one["start"], "Asia/Tokyo"), as_told(one["end"], "Asia/Tokyo")
            same = start.split(", ")[0] == end.split(", ")[0]
            wanted.append(f"{start} to {end.split(', ')[1] if same else end}")
    judge.expect(wanted and told == wanted, f"the page tells {told[:3]}, the plan has {wanted[:3]}")


def main():
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    meridian, folder, regional, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])
    out.mkdir(parents=True, exist_ok=True)
    judge = Judge()
    with tempfile.TemporaryDirectory() as data:
        node, origin, code = serve(meridian, data)
        try:
            api = Api(origin, code)
            seed(api, folder, regional)
            plan = proposed(api)
            by_touch(judge, api, out)
            by_keyboard(judge, api, out)
            slices(judge, api, plan, out)
        finally:
            node.terminate()
            node.wait(PATIENCE_S)
    for wrong in judge.wrong:
        print(wrong)
    print(f"{judge.asked} assertions, {len(judge.wrong)} failed; pictures in {out}")
    return 1 if judge.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
