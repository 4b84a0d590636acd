"""The event `first-relay`: six groups, one track, small enough to read whole."""

from calendars import Calendar, Entry
from clock import Horizon
from parts import Duty, Event, Group, Operator, Role, Row, Session, Speaker

START = "2024-08-24T12:00"

# id, name, zone, country, subdivision, languages, size, hosting.
GROUPS = [
    ("kyoto", "Kyoto", "Asia/Tokyo", "JP", "JP-26", "ja en", 45, ["sat 12:00-20:00", "sun 08:00-12:00"]),
    ("bangalore", "Bangalore", "Asia/Kolkata", "IN", "IN-KA", "en", 60, ["daily 11:00-21:00"]),
    ("kampala", "Kampala", "Africa/Kampala", "UG", "", "en", 35, ["daily 09:00-20:00"]),
    ("berlin", "Berlin", "Europe/Berlin", "DE", "DE-BE", "de en", 80, ["daily 10:00-21:00"]),
    ("montevideo", "Uruguay", "America/Montevideo", "UY", "UY-MO", "es en", 30, ["daily 09:00-22:00"]),
    ("seattle", "Seattle", "America/Los_Angeles", "US", "US-WA", "en", 55, ["sat 08:00-18:00"]),
]

# Handle, skills, then what she says of her time: rows as (grade, rule) or (grade, start, end).
OPERATORS = [
    ("kyoto-fox", "stream-operator moderator mc:ja", []),
    ("kyoto-heron", "mc:ja mc:en interpreter:ja>en", [("", "never 22:00-08:00")]),
    ("kyoto-carp", "interpreter:ja>en mc:ja moderator", []),
    ("kyoto-maple", "stream-operator mc:ja interpreter:ja>en", [("possible", "weekends 09:00-22:00")]),
    ("kyoto-tanuki", "moderator mc:en? interpreter:ja>en", []),
    ("bangalore-mango", "mc:en moderator", []),
    ("bangalore-tiger", "stream-operator moderator",
     [("prefer", "weekends 08:00-13:00"), ("possible", "weekends 13:00-22:00")]),
    ("bangalore-lotus", "stream-operator mc:en", [("", "never 21:00-08:00")]),
    ("bangalore-kite", "moderator stream-operator?", []),
    ("bangalore-monsoon", "mc:en moderator", [("impossible", "2024-08-24T13:00", "2024-08-24T15:00")]),
    ("kampala-crane", "stream-operator mc:en", []),
    ("kampala-drum", "moderator", []),
    ("kampala-nile", "mc:en moderator", [("possible", "daily 07:00-22:00"), ("if-need-be", "daily 22:00-23:30")]),
    ("kampala-matoke", "stream-operator", []),
    ("kampala-hill", "stream-operator? moderator", [("", "not on public holidays")]),
    ("berlin-bear", "stream-operator moderator mc:de", []),
    ("berlin-spree", "mc:de mc:en interpreter:de>en", []),
    ("berlin-linden", "interpreter:de>en moderator", [("", "never 12:00-13:00")]),
    ("berlin-tram", "stream-operator mc:de interpreter:de>en", []),
    ("berlin-plane", "mc:en mc:de interpreter:de>en",
     [("prefer", "2024-08-24T18:00", "2024-08-24T23:00"), ("possible", "daily 08:00-18:00")]),
    ("montevideo-mate", "stream-operator moderator mc:es", []),
    ("montevideo-gull", "mc:es mc:en interpreter:es>en", []),
    ("montevideo-rambla", "interpreter:es>en mc:es moderator", []),
    ("montevideo-ombu", "stream-operator mc:es", [("possible", "weekends 10:00-23:00")]),
    ("montevideo-tero", "moderator mc:en interpreter:es>en", []),
    ("seattle-ferry", "stream-operator mc:en", []),
    ("seattle-cedar", "moderator stream-operator", [("possible", "fri 18:00-23:00"), ("possible", "sat 06:00-23:30")]),
    ("seattle-orca", "mc:en moderator", []),
    ("seattle-rain", "stream-operator moderator", [("prefer", "sat 15:00-22:00"), ("possible", "daily 07:00-23:00")]),
    ("seattle-drizzle", "mc:en? moderator stream-operator", []),
]

# Group, title, kind, length, language, tags, speakers (numbers).
SESSIONS = [
    ("kyoto", "What the temple bell knows about timers", "talk", 45, "ja", "time", [1]),
    ("kyoto", "Group showcase: Kyoto", "showcase", 30, "ja", "community", [1, 2]),
    ("kyoto", "Reading other people's code, slowly", "talk", 45, "en", "craft", [2]),
    ("kyoto", "Good morning again: what happened while we slept", "panel", 45, "ja", "community", [2]),
    ("bangalore", "A queue that never sleeps", "talk", 45, "en", "data", [3]),
    ("bangalore", "Group showcase: Bangalore", "showcase", 30, "en", "community", [4]),
    ("bangalore", "Half an hour of thirty minutes: zones with odd offsets", "talk", 45, "en", "time", [4]),
    ("kampala", "Mobile money, one message at a time", "talk", 45, "en", "data", [5]),
    ("kampala", "Teaching a first class of forty", "workshop", 60, "en", "teaching", [6]),
    ("kampala", "Group showcase: Kampala", "showcase", 30, "en", "community", [5]),
    ("berlin", "Open data for tram stops", "talk", 45, "de", "data", [7]),
    ("berlin", "Group showcase: Berlin", "showcase", 30, "de", "community", [8]),
    ("berlin", "Testing without waiting", "talk", 45, "de", "craft", [8]),
    ("montevideo", "A weather station on the rambla", "talk", 45, "es", "hardware", [9]),
    ("montevideo", "Group showcase: Uruguay", "showcase", 30, "es", "community", [10]),
    ("montevideo", "How small groups last", "panel", 60, "es", "community", [9, 10]),
    ("seattle", "Ferries, tides and calendars", "talk", 45, "en", "time", [11]),
    ("seattle", "Group showcase: Seattle", "showcase", 30, "en", "community", [12]),
    ("seattle", "Debugging in the rain", "workshop", 60, "en", "craft", [12]),
]

SPEAKERS = {1: "kyoto", 2: "kyoto", 3: "bangalore", 4: "bangalore", 5: "kampala", 6: "kampala", 7: "berlin",
            8: "berlin", 9: "montevideo", 10: "montevideo", 11: "seattle", 12: "seattle"}

FILLERS = ["Pictures from six cities", "A tour of our favourite tools", "Music for waiting"]
POLICY = [
    'night = "23:00-07:00"',
    "shift_min = [60, 240]",
    "rest_min = 180",
    "block_min = [120, 300]",
    "max_blocks = 2",
]
ROLES = [
    Role("stream-operator", "Stream operator", 15, alerted=True),
    Role("moderator", "Moderator", 15, alerted=True),
    Role("mc", "MC", 15, needs="block-language"),
    Role("interpreter", "Interpreter", 0, needs="interpretation"),
]

COMMENT = """First Relay: six groups pass one track round the globe, from noon to noon in Japan.
The groups are real chapters of a world-wide community; people, sessions and times are made up."""


def row(said):
    """An availability row from what is said in the table above."""
    if len(said) == 2:
        return Row(grade=said[0], rule=said[1])
    return Row(grade=said[0], start=said[1], end=said[2])


def operators(zones):
    """The thirty people."""
    people = [
        Operator(handle, handle.split("-")[0], zones[handle.split("-")[0]], skills.split(), rows=[row(s) for s in said])
        for handle, skills, said in OPERATORS
    ]
    by_id = {person.id: person for person in people}
    by_id["kyoto-maple"].speaker = "speaker-02"
    by_id["berlin-bear"].night = "22:00-06:00"
    by_id["berlin-bear"].max_duty_min = 240
    by_id["seattle-orca"].carry_over_min = 240
    by_id["montevideo-tero"].own_zone, by_id["montevideo-tero"].zone = True, "America/Santiago"
    by_id["kampala-drum"].busy = [("2024-08-24T15:00", "2024-08-24T18:30")]
    by_id["seattle-ferry"].busy = [("2024-08-24T10:00", "2024-08-24T11:30"), ("2024-08-24T12:30", "2024-08-24T13:00")]
    by_id["bangalore-kite"].calendar = Calendar(
        "Asia/Kolkata",
        [
            Entry("kite-1@example.org", "2024-07-06T17:00", 90, tzid="Asia/Kolkata", zone="Asia/Kolkata",
                  rule="FREQ=WEEKLY;COUNT=12", exdates=["2024-08-17T17:00"]),
            Entry("kite-2@example.org", "2024-08-25", days=1),
        ],
    )
    return people


def event():
    """The whole folder."""
    horizon = Horizon(START, "Asia/Tokyo", cell_min=15)
    groups = [
        Group(gid, name, zone, country, languages.split(), subdivision, size, hosting=hosting,
              block_min=(120, 300), max_blocks=2)
        for gid, name, zone, country, subdivision, languages, size, hosting in GROUPS
    ]
    groups[3].rows = [Row("prefer", rule="sat 14:00-18:00")]
    zones = {group.id: group.zone for group in groups}
    sessions = [
        Session("opening", "Opening: six groups, one day", "opening", 30, "en", 15, priority="must",
                window=(START, "2024-08-24T13:00"))
    ]
    for number, (group, title, kind, length, language, tags, who) in enumerate(SESSIONS, 1):
        sessions.append(
            Session(f"s{number:02}", title, kind, length, language, 15, [f"speaker-{n:02}" for n in who],
                    tags.split(), group=group)
        )
    for number in (2, 4):
        sessions[number].window = ("2024-08-25T08:00", "2024-08-25T12:00")
    sessions[8].window = ("2024-08-24T10:00", "2024-08-24T18:00")
    sessions[8].window_zone = "Africa/Kampala"
    sessions[17].delivery = "recorded"
    sessions.append(
        Session("closing", "Closing: back where we began", "closing", 30, "en", 0, priority="must",
                window=("2024-08-25T11:00", "2024-08-25T12:00"))
    )
    for number, title in enumerate(FILLERS, 1):
        ident = f"filler-{number}"
        sessions.append(Session(ident, title, "filler", 30, "en", 0, priority="filler", delivery="recorded"))
    speakers = [Speaker(f"speaker-{n:02}", group, zones[group]) for n, group in SPEAKERS.items()]
    speakers[8].rows = [Row("possible", "2024-08-24T10:00", "2024-08-24T20:00")]
    speakers[2].busy = [("2024-08-24T12:00", "2024-08-24T13:00")]
    return Event(
        "first-relay", "First Relay", horizon, ["a"], ROLES, [Duty(role.id, role.id, ["a"]) for role in ROLES],
        groups, operators(zones), speakers, sessions,
        regional_files={"august.csv": AUGUST},
        policy=POLICY,
        comment=COMMENT,
        holidays=[("UY", "", "2024-08-25", "2024-08-25"), ("JP", "", "2024-08-12", "2024-08-12")],
    )


AUGUST = """id,title,kind,start,end,zone,countries
jp-mountain-day,Mountain Day (observed),holiday,2024-08-12,2024-08-12,,JP
kubecon-japan,KubeCon + CloudNativeCon Japan,conference,2024-08-27,2024-08-27,,JP
uy-independence,Independence Day,holiday,2024-08-25,2024-08-25,,UY
"""
