"""Writes data/events/README.md: what the events are and how much slack they have."""

import stats

INTRO = """# Sample events

Written by `data/generate` (see its README); do not edit. Sources and licences of the facts: `../facts/SOURCE.md`.
Groups of `first-relay` and `relay-2024*` are real chapters of PyLadies, conferences, holidays and many titles are real;
people and what they say of their time are made up.

| event | groups | zones | hosts | tracks | cell | operators | sessions | languages | fill | supply / demand |
|---|---|---|---|---|---|---|---|---|---|---|
"""
AFTER = """
*Sessions* leaves the fillers out; *languages* are those of sessions; *fill* is the length of all sessions with
change-over over the track time. *Supply* counts the person-cells at which somebody is eligible for any duty (available,
awake if all her roles are alerted), each once however many roles she could serve; *demand* the person-cells that are
demanded whatever the programme (interpreters, whose demand depends on it, are left out, so the ratio is too high rather
than too low). The second ratio caps each person's supply at what she may serve in a day.

## Least number of eligible people in every three hours, from the start on
`–`: no group hosts in that language then.
"""


def summary(event):
    """The event's line of the table."""
    shown = [s for s in event.sessions if s.priority != "filler"]
    minutes, room = stats.fill(event)
    demand = stats.standing(event)
    return (
        f"| `{event.id}` | {len(event.groups)} | {len({g.zone for g in event.groups})} "
        f"| {sum(g.hosts for g in event.groups)} | {len(event.tracks)} | {event.horizon.cell_min} min "
        f"| {len(event.operators)} | {len(shown)} | {len({s.language for s in shown})} "
        f"| {100 * minutes / room:.1f} % | {stats.supply(event, False) / demand:.2f}, "
        f"capped {stats.supply(event) / demand:.2f} |"
    )


def thin(event):
    """The table of the least numbers of eligible people."""
    hours = range(0, event.horizon.hours, 3)
    lines = [f"\n### {event.id}\n", "| role | | " + " | ".join(f"{h}–{h + 3} h" for h in hours) + " |"]
    lines.append("|---" * (2 + len(hours)) + "|")
    for (role, language), counts in stats.depth(event).items():
        cells = ["–" if n is None else str(n) for n in stats.windows(event, counts)]
        lines.append(f"| {role} | {language} | " + " | ".join(cells) + " |")
    if event.window:
        role, first, last, people = event.window
        lines.append(
            f"\nFrom hour {first} to hour {last} exactly two people are eligible as {role}: "
            f"`{people[0]}` and `{people[1]}`."
        )
    return lines


def write(events, path):
    """Writes the file."""
    lines = [summary(event) for event in events] + [AFTER.rstrip("\n")]
    for event in events:
        lines += thin(event)
    path.write_text(INTRO + "\n".join(lines) + "\n", encoding="utf-8", newline="")
