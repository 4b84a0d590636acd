"""Counts supply and demand of an event: who could serve, cell by cell, and how thin it gets."""

from collections import defaultdict

import grades


def pairs(event):
    """The (role, language) needs of an event: roles without languages, MCs and interpreters by language."""
    languages = sorted({lang for group in event.groups if group.hosts for lang in group.languages})
    for role in event.roles:
        if role.needs == "block-language":
            yield from ((role.id, lang) for lang in languages)
        elif role.needs == "interpretation":
            yield from ((role.id, lang) for lang in languages if lang != "en")
        else:
            yield role.id, ""


def serves(person, role, language):
    """Whether she has the skill of a role in a language."""
    for skill in person.skills:
        name, _, what = skill.rstrip("?").partition(":")
        if name == role and (not language or what.split(">")[0] == language):
            return True
    return False


def hosted(event):
    """For every language the cells at which a group could host in it."""
    cells = defaultdict(lambda: [False] * event.horizon.cells)
    for group in event.groups:
        if group.hosts:
            open_at = grades.hosting(event, group)
            for language in group.languages:
                cells[language] = [a or b for a, b in zip(cells[language], open_at)]
    return cells


def depth(event):
    """For every (role, language): how many people are eligible at each cell, None where it cannot be asked."""
    expanded = grades.eligible(event)
    at = hosted(event)
    alerted = {role.id for role in event.roles if role.alerted}
    result = {}
    for role, language in pairs(event):
        able = [p for p in event.operators if serves(p, role, language)]
        counts = []
        for cell in range(event.horizon.cells):
            if language and not at[language][cell]:
                counts.append(None)
                continue
            counts.append(
                sum(
                    expanded[p.id][0][cell] > 0 and (role not in alerted or expanded[p.id][1][cell])
                    for p in able
                )
            )
        result[role, language] = counts
    return result


def supply(event, cap=True):
    """Eligible person-cells, each counted once; capped by what each person may serve at most."""
    expanded = grades.eligible(event)
    alerted = {role.id for role in event.roles if role.alerted}
    total = 0
    for person in event.operators:
        roles = person.roles()
        awake_only = roles <= alerted
        open_cells = sum(
            grade > 0 and (awake or not awake_only) for grade, awake in zip(*expanded[person.id])
        )
        most = (person.max_duty_min or 360) // event.horizon.cell_min
        total += min(open_cells, most) if cap else open_cells
    return total


def standing(event):
    """Demanded person-cells without interpreters, whose demand depends on the programme."""
    seats = [d for d in event.duties if next(r for r in event.roles if r.id == d.role).needs != "interpretation"]
    return len(seats) * event.horizon.cells


def windows(event, counts, hours=3):
    """Least number of eligible people in every stretch of so many hours; None where nobody can be asked for."""
    size = hours * event.horizon.per_hour()
    found = []
    for begin in range(0, event.horizon.cells, size):
        part = [count for count in counts[begin : begin + size] if count is not None]
        found.append(min(part) if part else None)
    return found


def fill(event):
    """Minutes of sessions that are to be placed, change-over included, and track minutes."""
    placed = [s for s in event.sessions if s.priority != "filler"]
    return sum(s.length_min + s.changeover_min for s in placed), event.horizon.hours * 60 * len(event.tracks)


def unhosted(event):
    """Half hours at which fewer groups could host than there are tracks."""
    groups = [grades.hosting(event, group) for group in event.groups if group.hosts]
    step = event.horizon.per_hour() // 2
    return [
        cell / event.horizon.per_hour()
        for cell in range(0, event.horizon.cells, step)
        if sum(open_at[cell] for open_at in groups) < len(event.tracks)
    ]


def report(event):
    """Lines that tell the figures."""
    minutes, room = fill(event)
    demand = standing(event)
    yield f"{event.id}: {len(event.groups)} groups, {len({g.zone for g in event.groups})} zones, " \
          f"{len(event.operators)} operators, {len(event.sessions)} sessions, fill {100 * minutes / room:.1f} %, " \
          f"supply/demand {supply(event) / demand:.2f} (uncapped {supply(event, False) / demand:.2f})"
    if unhosted(event):
        yield f"  nobody hosts at {unhosted(event)}"
    for (role, language), counts in depth(event).items():
        shown = " ".join("-" if n is None else str(n) for n in windows(event, counts))
        yield f"  {role:16} {language:3} {shown}"
