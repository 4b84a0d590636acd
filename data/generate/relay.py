"""The events `relay-2024`, `relay-2024-tight` and `relay-2024-sep`."""

import scarce
import stats
from clock import Horizon
from parts import Duty, Event, Role, Row
from relay_groups import groups
from relay_people import FULL, TIGHT, People
from relay_sessions import programme

SEED = 20240824
ROLES = [
    Role("stream-operator", "Stream operator", 10, alerted=True),
    Role("mc", "MC", 10, needs="block-language"),
    Role("moderator", "Moderator", 5, alerted=True),
    Role("interpreter", "Interpreter", 5, needs="interpretation"),
    Role("engineer", "Engineer", 10, alerted=True),
]
POLICY = [
    'clashes = "weigh"',
    'alert_scope = "track"',
    "alert_people = 2",
    'night = "23:00-07:00"',
    "shift_min = [60, 240]",
    "max_shifts = 2",
    "rest_min = 180",
    "max_duty_min = 360",
    "block_min = [60, 120]",
]
DATES = [
    'rule = "weekends from July to September 2024, 12:00 Asia/Tokyo"',
    'regional_from = "2024-07-01"',
    'regional_to = "2024-09-30"',
]
COMMENT = """Real chapters of a world-wide community, real conferences and holidays, most titles of talks real;
people, hours and the rest of the programme are made up by data/generate."""


def duties():
    """One person of each role a track, and one engineer for both."""
    found = [
        Duty(f"{role.id}-{track}", role.id, [track]) for role in ROLES if role.id != "engineer" for track in "ab"
    ]
    return found + [Duty("engineer", "engineer", ["a", "b"])]


def grades_of_hosting(day):
    """Rows of groups: when they would rather host, or rather not."""
    return {
        "kyoto": [Row("prefer", rule="sun 09:00-11:00")],
        "nigeria": [Row("prefer", rule="daily 15:00-19:00"), Row("if-need-be", rule="daily 20:00-22:00")],
        "london": [Row("impossible", f"{day}T12:00", f"{day}T13:00")],
        "new-york": [Row("if-need-be", f"{day}T09:00", f"{day}T10:00")],
        "sao-carlos": [Row("prefer", f"{day}T14:00", f"{day}T18:00")],
    }


def build(facts, ident, title, day_one, day_two, crew=FULL):
    """A relay from noon to noon in Japan with the people of a crew."""
    horizon = Horizon(f"{day_one}T12:00", "Asia/Tokyo")
    all_groups = groups(facts)
    for group in all_groups:
        group.rows = grades_of_hosting(day_one).get(group.id, [])
    sessions, speakers = programme(facts, all_groups, day_one, day_two)
    event = Event(
        ident, title, horizon, ["a", "b"], ROLES, duties(), all_groups, [], speakers, sessions,
        regional=["../../regional-2024"], policy=POLICY, comment=COMMENT, holidays=facts.holiday_spans(),
    )
    event.operators = People(all_groups, horizon, crew, SEED).build(stats.hosted(event))
    by_group = {}
    for speaker in speakers:
        by_group.setdefault(speaker.group, speaker)
    for person in event.operators:
        if person.group in ("london", "tokyo", "new-york") and by_group.get(person.group):
            person.speaker = by_group.pop(person.group).id
    return event


def tight(facts):
    """The relay of August with 55 of its operators, and one window where two engineers are all there is."""
    event = build(facts, "relay-2024-tight", "Relay 2024 with too few people", "2024-08-24", "2024-08-25", TIGHT)
    event.window = scarce.narrow(event, *TIGHT.scarce)
    return event


def relay(facts):
    """The relay of August 2024."""
    event = build(facts, "relay-2024", "Relay 2024", "2024-08-24", "2024-08-25")
    event.dates = DATES
    return event


def september(facts):
    """The same groups four weeks later."""
    return build(facts, "relay-2024-sep", "Relay 2024 in September", "2024-09-21", "2024-09-22")
