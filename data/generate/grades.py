"""Expands availability rows to grades per cell, as docs/event-folder.md says, to count supply and demand."""

import clock

ORDER = {"impossible": 0, "if-need-be": 1, "possible": 2, "prefer": 3}
DAYS = {name: i for i, name in enumerate("mon tue wed thu fri sat sun".split())}
NAMED_DAYS = {"weekdays": {0, 1, 2, 3, 4}, "weekends": {5, 6}}


def days_of(when):
    """The days of the week that the first word of a rule names; None for every day."""
    if when in ("never", "daily"):
        return None
    return NAMED_DAYS.get(when) or {DAYS[day] for day in when.split(",")}


def rule_grade(row, local, holiday):
    """The grade that a rule gives at a local time; None where it says nothing."""
    if row.rule == "not on public holidays":
        return 0 if holiday else None
    when, span = row.rule.split(" ")
    first, last = span.split("-")
    if not clock.in_range(local, first, last, days_of(when)):
        return None
    return 0 if when == "never" else ORDER[row.grade]


def expand(person, horizon, night, holidays=()):
    """Grades (0..=3) of an operator or speaker, and whether she is awake, for every cell."""
    grades, awake = [], []
    home = clock.zone(person.zone)
    dated = [
        (clock.instant(row.start, row.zone or person.zone), clock.instant(row.end, row.zone or person.zone), row)
        for row in person.rows
        if not row.rule
    ]
    busy = [(clock.instant(a, person.zone), clock.instant(b, person.zone)) for a, b in person.busy]
    calendar = getattr(person, "calendar", None)
    busy += calendar.spans() if calendar else []
    own_night = getattr(person, "night", "") or night
    first, last = own_night.split("-")
    offers = any(ORDER.get(row.grade, 0) > 0 for row in person.rows)
    for cell in range(horizon.cells):
        now = horizon.middle(cell)
        local = now.astimezone(home)
        asleep = clock.in_range(local, first, last)
        holiday = any(a <= now < b for a, b in holidays)
        awake.append(not asleep)
        grade = grade_at(person, now, local, asleep, holiday, dated, offers)
        grades.append(0 if any(a <= now < b for a, b in busy) else grade)
    return grades, awake


def grade_at(person, now, local, asleep, holiday, dated, offers):
    """The grade at one instant from rows and night, busy times left aside."""
    marked = [ORDER[row.grade] for a, b, row in dated if a <= now < b]
    ruled = [rule_grade(row, local, holiday) for row in person.rows if row.rule]
    ruled = [grade for grade in ruled if grade is not None]
    if 0 in marked or 0 in ruled:
        return 0
    if marked:
        return max(marked)
    if ruled:
        return max(ruled)
    return 0 if offers or asleep else 2


def eligible(event, night="23:00-07:00"):
    """For every operator: grades, awake, as lists over cells; holidays of her group counted."""
    return {person.id: expand(person, event.horizon, night, holidays_of(event, person)) for person in event.operators}


def holidays_of(event, person):
    """The holidays of a person's group as instants in the group's zone."""
    group = event.group(person.group)
    return [
        clock.all_day(first, last, group.zone)
        for country, subdivision, first, last in event.holidays
        if (subdivision or country) in (group.country, group.subdivision)
    ]


def hosting(event, group, prime="08:00-23:00"):
    """Whether a group can host, for every cell."""
    rules = group.hosting or [f"daily {prime}"]
    there = clock.zone(group.zone)
    result = []
    for cell in range(event.horizon.cells):
        local = event.horizon.middle(cell).astimezone(there)
        open_now = False
        for rule in rules:
            when, span = rule.split(" ")
            open_now |= clock.in_range(local, *span.split("-"), days_of(when))
        now = event.horizon.middle(cell)
        for row in group.rows:
            if row.grade == "impossible" and not row.rule:
                open_now &= not clock.instant(row.start, group.zone) <= now < clock.instant(row.end, group.zone)
        result.append(open_now)
    return result
