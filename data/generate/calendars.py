"""Small calendars for people whose busy times come as iCalendar files: what is written and what it means."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import clock


@dataclass
class Entry:
    """One VEVENT: a single, daily or weekly one, timed or all day."""

    uid: str
    start: str  # civil, or a date for a whole day
    minutes: int = 0
    days: int = 0
    tzid: str = ""  # blank: written in UTC
    zone: str = ""  # the IANA zone that the tzid means
    rule: str = ""  # FREQ=DAILY or FREQ=WEEKLY, with COUNT
    exdates: list = field(default_factory=list)
    transparent: bool = False

    def starts(self):
        """Civil starts of all occurrences."""
        first = datetime.fromisoformat(self.start)
        parts = dict(part.split("=") for part in self.rule.split(";")) if self.rule else {}
        step = timedelta(days={"DAILY": 1, "WEEKLY": 7}.get(parts.get("FREQ"), 1))
        found = [first + i * step for i in range(int(parts.get("COUNT", 1)))]
        return [start for start in found if start.isoformat()[:16] not in self.exdates]


@dataclass
class Calendar:
    """The calendar file of one person."""

    person_zone: str
    entries: list

    def spans(self):
        """Busy times as instants."""
        spans = []
        for entry in self.entries:
            if entry.transparent:
                continue
            for start in entry.starts():
                if entry.days:
                    last = (start + timedelta(days=entry.days - 1)).date().isoformat()
                    spans.append(clock.all_day(start.date().isoformat(), last, self.person_zone))
                else:
                    zone = entry.zone or "UTC"
                    begin = clock.instant(start.isoformat()[:16], zone)
                    spans.append((begin, begin + timedelta(minutes=entry.minutes)))
        return spans

    def text(self):
        """The iCalendar text, with CRLF line ends."""
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Meridian//sample events//EN"]
        for entry in self.entries:
            lines += ["BEGIN:VEVENT", f"UID:{entry.uid}", "DTSTAMP:20240801T000000Z"]
            lines += self.times(entry)
            if entry.rule:
                lines.append(f"RRULE:{entry.rule}")
            if entry.transparent:
                lines.append("TRANSP:TRANSPARENT")
            lines += ["SUMMARY:Busy", "END:VEVENT"]
        lines.append("END:VCALENDAR")
        return "\r\n".join(lines) + "\r\n"

    @staticmethod
    def times(entry):
        """DTSTART, DTEND and EXDATE of an entry."""
        first = datetime.fromisoformat(entry.start)
        if entry.days:
            end = first + timedelta(days=entry.days)
            return [f"DTSTART;VALUE=DATE:{first:%Y%m%d}", f"DTEND;VALUE=DATE:{end:%Y%m%d}"]
        end = first + timedelta(minutes=entry.minutes)
        quoted = f'"{entry.tzid}"' if " " in entry.tzid else entry.tzid
        zone = f";TZID={quoted}" if entry.tzid else ""
        mark = "" if entry.tzid else "Z"
        lines = [f"DTSTART{zone}:{first:%Y%m%dT%H%M%S}{mark}", f"DTEND{zone}:{end:%Y%m%dT%H%M%S}{mark}"]
        for text in entry.exdates:
            lines.append(f"EXDATE{zone}:{datetime.fromisoformat(text):%Y%m%dT%H%M%S}{mark}")
        return lines
