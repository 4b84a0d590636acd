"""Writes the shared regional events of summer 2024: conferences and public holidays."""

import json
import shutil
from datetime import date, timedelta

import folder

# Countries whose holidays are written as a calendar, to have one of each kind of file.
AS_CALENDAR = ("JP",)

SOURCE = """# Where this comes from

Written by `data/generate`: the conferences and public holidays of July to September 2024 in the places of the sample
groups. Sources, licences and how places were found: `../facts/SOURCE.md`.
"""
HEADER = "id title kind start end zone countries subdivisions".split()


def where(row):
    """The columns countries and subdivisions: the narrower of the two that is known."""
    return ["", row["subdivision"]] if row["subdivision"] else [row["country"], ""]


def conferences(facts):
    """JSON text of the conferences, one a line."""
    items = []
    for row in facts.conferences:
        item = {"id": row["id"], "title": row["name"], "kind": "conference", "start": row["start"], "end": row["end"]}
        key, place = ("subdivisions", row["subdivision"]) if row["subdivision"] else ("countries", row["country"])
        items.append(json.dumps(item | {key: [place]}, ensure_ascii=False))
    return "[\n" + ",\n".join(items) + "\n]\n"


def holidays(facts):
    """CSV text of the public holidays."""
    rows = []
    for row in facts.holidays:
        if row["country"] not in AS_CALENDAR:
            place = (row["subdivision"] or row["country"]).lower()
            name = f"{place}-{row['date'][5:]}"
            if any(name == other[0] for other in rows):
                name += "-2"
            rows.append([name, row["name"], "holiday", row["date"], row["date"], ""] + where(row))
    return folder.table(HEADER, rows)


def calendar(facts, country):
    """iCalendar text of the public holidays of one country."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Meridian//sample events//EN"]
    for row in facts.holidays:
        if row["country"] == country and not row["subdivision"]:
            first = date.fromisoformat(row["date"])
            lines += [
                "BEGIN:VEVENT",
                f"UID:{country.lower()}-{row['date']}@holidays.example.org",
                "DTSTAMP:20240101T000000Z",
                f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
                f"DTEND;VALUE=DATE:{first + timedelta(days=1):%Y%m%d}",
                f"SUMMARY:{row['name']}",
                "CATEGORIES:holiday",
                "TRANSP:TRANSPARENT",
                "END:VEVENT",
            ]
    lines.append("END:VCALENDAR")
    return "\r\n".join(lines) + "\r\n"


def write(facts, out):
    """Writes the folder anew."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    files = {"conferences.json": conferences(facts), "holidays.csv": holidays(facts)}
    files["SOURCE.md"] = SOURCE
    files.update({f"{country}.ics": calendar(facts, country) for country in AS_CALENDAR})
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8", newline="")
