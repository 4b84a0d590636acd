"""Instants, civil times and the cells of a horizon, computed with the zone set of the repository."""

import zoneinfo
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

ZONES = Path(__file__).resolve().parent.parent / "tzdb" / "zoneinfo"
zoneinfo.reset_tzpath(to=[str(ZONES)])

UTC = timezone.utc


def zone(name):
    """The zone of that name; a wrong name raises."""
    return zoneinfo.ZoneInfo(name)


def instant(civil, zone_name):
    """The instant of `2024-08-24T12:00` in a zone, or of a text with an offset or `Z`."""
    written = datetime.fromisoformat(civil)
    if written.tzinfo:
        return written.astimezone(UTC)
    there = written.replace(tzinfo=zone(zone_name))
    here = there.astimezone(UTC)
    back = here.astimezone(zone(zone_name)).replace(tzinfo=None)
    other = there.replace(fold=1).astimezone(UTC)
    if back != datetime.fromisoformat(civil) or other != here:
        raise ValueError(f"{civil} is skipped or shown twice in {zone_name}")
    return here


def civil(when, zone_name):
    """An instant as the zone's clocks show it: `2024-08-24T12:00`."""
    return when.astimezone(zone(zone_name)).strftime("%Y-%m-%dT%H:%M")


def minutes(clock):
    """`07:30` as minutes after midnight."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def in_range(local, first, last, days=None):
    """Whether a local time lies in a daily range that may run past midnight, begun on one of the days."""
    now = local.hour * 60 + local.minute
    begin, end = minutes(first), minutes(last)
    today, yesterday = local.weekday(), (local.weekday() - 1) % 7
    if begin < end:
        return begin <= now < end and (days is None or today in days)
    if now >= begin:
        return days is None or today in days
    return now < end and (days is None or yesterday in days)


class Horizon:
    """The time of an event, cut into cells."""

    def __init__(self, start, zone_name, hours=24, cell_min=5):
        self.zone_name = zone_name
        self.civil_start = start
        self.start = instant(start, zone_name)
        self.hours = hours
        self.cell_min = cell_min
        self.cells = hours * 60 // cell_min

    def middle(self, cell):
        """The middle of a cell: where grades are asked."""
        return self.start + timedelta(minutes=cell * self.cell_min, seconds=30 * self.cell_min)

    def at(self, hours):
        """The instant so many hours after the start."""
        return self.start + timedelta(hours=hours)

    def per_hour(self):
        """Cells an hour."""
        return 60 // self.cell_min


def all_day(first, last, zone_name):
    """The instants from the first midnight to the one after the last day, in a zone."""
    begin = datetime.combine(date.fromisoformat(first), datetime.min.time())
    end = datetime.combine(date.fromisoformat(last) + timedelta(days=1), datetime.min.time())
    there = zone(zone_name)
    return begin.replace(tzinfo=there).astimezone(UTC), end.replace(tzinfo=there).astimezone(UTC)
