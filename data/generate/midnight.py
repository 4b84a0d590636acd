"""The events `midnight-dst-eu` and `midnight-dst-us`: hard zones, on the nights when clocks change.

The groups are invented ("Chatham Islands meetup"); only the zones and their clock changes are real. Hosting windows
are cut so that somebody must host across a midnight, and one group across the change itself.
"""

from clock import Horizon
from parts import Duty, Event, Group, Operator, Role, Row, Session, Speaker

# id, name, zone, country, subdivision, languages.
GROUPS = {
    "kathmandu": ("Kathmandu meetup", "Asia/Kathmandu", "NP", "", "en"),
    "chatham": ("Chatham Islands meetup", "Pacific/Chatham", "NZ", "NZ-CIT", "en"),
    "lord-howe": ("Lord Howe Island meetup", "Australia/Lord_Howe", "AU", "AU-NSW", "en"),
    "kiritimati": ("Kiritimati meetup", "Pacific/Kiritimati", "KI", "", "en"),
    "pago-pago": ("Pago Pago meetup", "Pacific/Pago_Pago", "AS", "", "en"),
    "vancouver": ("Vancouver meetup", "America/Vancouver", "CA", "CA-BC", "en"),
    "edmonton": ("Edmonton meetup", "America/Edmonton", "CA", "CA-AB", "en"),
    "havana": ("Havana meetup", "America/Havana", "CU", "", "es en"),
    "casablanca": ("Casablanca meetup", "Africa/Casablanca", "MA", "", "fr en"),
    "berlin": ("Berlin night owls", "Europe/Berlin", "DE", "DE-BE", "de"),
    "new-york": ("New York en español", "America/New_York", "US", "US-NY", "es"),
}
COMMON = {
    "kathmandu": ["sat 20:00-01:30", "sun 14:00-22:00"],
    "kiritimati": ["sun 09:00-13:00", "sun 22:00-02:00"],
    "lord-howe": ["sun 18:00-00:30"],
    "casablanca": ["sat 19:00-00:30"],
    "chatham": ["sun 09:00-14:00"],
}
HOSTING_EU = COMMON | {
    "berlin": ["sat 22:00-04:00"],
    "pago-pago": ["sat 16:00-22:00"],
    "vancouver": ["sat 19:00-00:30", "sun 08:00-12:00"],
    "edmonton": ["sat 20:00-00:30", "sun 09:00-12:00"],
    "havana": ["sat 22:00-01:00", "sun 09:00-14:00"],
}
HOSTING_US = COMMON | {
    "new-york": ["sat 23:00-04:00"],
    "pago-pago": ["sat 12:00-16:00"],
    "vancouver": ["sat 16:00-20:00", "sun 08:00-12:00"],
    "edmonton": ["sat 17:00-21:30", "sun 09:00-12:00"],
    "havana": ["sat 20:00-00:30", "sun 09:00-14:00"],
}
# Handle without group: skills and rules (grade, rule); people of the same group in this order.
GENERAL = [
    ("owl", "stream-operator moderator", []),
    ("tern", "mc:en moderator", [("", "never 23:00-07:00")]),
    ("crab", "stream-operator mc:en", [("possible", "daily 07:00-22:30")]),
]
ABROAD = [
    ("owl", "mc:{0} mc:en interpreter:{0}>en", []),
    ("tern", "interpreter:{0}>en mc:{0} moderator", [("possible", "daily 07:00-23:30")]),
    ("crab", "stream-operator moderator", []),
    ("moth", "mc:{0} interpreter:{0}>en", [("possible", "daily 07:00-23:00"), ("if-need-be", "daily 23:00-01:00")]),
]
AWAKE = [
    ("owl", "mc:{0} interpreter:{0}>en", [("possible", "sat 21:00-05:00")]),
    ("bat", "mc:{0} interpreter:{0}>en", [("prefer", "sat 21:30-05:00")]),
    ("moth", "mc:{0} interpreter:{0}>en", [("if-need-be", "sat 21:00-05:00"), ("possible", "daily 09:00-20:00")]),
    ("fox", "interpreter:{0}>en mc:{0}", [("possible", "sat 20:00-04:30")]),
]
ROLES = [
    Role("stream-operator", "Stream operator", 15, alerted=True),
    Role("moderator", "Moderator", 15, alerted=True),
    Role("mc", "MC", 15, needs="block-language"),
    Role("interpreter", "Interpreter", 0, needs="interpretation"),
]
POLICY = ["shift_min = [60, 240]", "rest_min = 180", "block_min = [60, 240]", "max_blocks = 2"]
# Titles: own talk, then the group's greeting, in the group's first language.
TITLES = {
    "kathmandu": ("A quarter to every hour", "Greetings from Kathmandu"),
    "chatham": ("Where the day begins a quarter early", "Greetings from the Chatham Islands"),
    "lord-howe": ("Half an hour of summer time", "Greetings from Lord Howe Island"),
    "kiritimati": ("Always a day ahead", "Greetings from Kiritimati"),
    "pago-pago": ("The last place where it is still today", "Greetings from Pago Pago"),
    "vancouver": ("The year the clocks stood still", "Greetings from Vancouver"),
    "edmonton": ("Schedulers on the prairie", "Greetings from Edmonton"),
    "havana": ("Relojes que ya no cambian", "Saludos desde La Habana"),
    "casablanca": ("Une heure de moins", "Salutations de Casablanca"),
    "berlin": ("Die Stunde, die es zweimal gibt", "Grüße aus Berlin"),
    "new-york": ("La hora que ocurre dos veces", "Saludos desde Nueva York"),
}


def operators(ids):
    """Three or four people a group, by where they are and what they speak."""
    people = []
    for group in ids:
        name, zone, _, _, languages = GROUPS[group]
        main = languages.split()[0]
        table = AWAKE if group in ("berlin", "new-york") else GENERAL if main == "en" else ABROAD
        for handle, skills, said in table:
            rows = [Row(grade, rule=rule) for grade, rule in said]
            people.append(Operator(f"{group}-{handle}", group, zone, skills.format(main).split(), rows=rows))
    return people


def sessions(ids, one, two, twice):
    """Two sessions a group; some in windows that hold a midnight or the hour that the clocks show twice."""
    found = [
        Session("opening", "Opening at midnight in Kathmandu", "opening", 30, "en", 15, priority="must",
                window=(f"{one}T23:45", f"{two}T00:30"), window_zone="Asia/Kathmandu")
    ]
    speakers = []
    for group in ids:
        zone, languages = GROUPS[group][1], GROUPS[group][4].split()
        speaker = Speaker(f"speaker-{len(speakers) + 1:02}", group, zone)
        speakers.append(speaker)
        talk, greeting = TITLES[group]
        found.append(Session(f"{group}-talk", talk, "talk", 45, languages[0], 15, [speaker.id], ["time"], group=group))
        found.append(
            Session(f"{group}-hello", greeting, "showcase", 30, languages[0], 15, [], ["community"],
                    delivery="recorded", group=group)
        )
        if group in ("berlin", "new-york"):
            found[-2].window, found[-2].window_zone = twice, zone
            speaker.rows = [Row("possible", rule="sat 22:00-04:30")]
        if group == "kiritimati":
            found[-2].window, found[-2].window_zone = (f"{two}T23:30", after(two) + "T00:30"), zone
            speaker.rows = [Row("possible", rule="daily 09:00-01:30")]
    found.append(
        Session("closing", "Closing: everyone's clock is right", "closing", 30, "en", 0, priority="must",
                window=(f"{two}T17:00Z", f"{two}T18:00Z"))
    )
    for number, title in enumerate(["Clocks of the world", "Sounds of midnight", "A quiz about offsets"], 1):
        found.append(Session(f"filler-{number}", title, "filler", 30, "en", 0, priority="filler", delivery="recorded"))
    return found, speakers


def after(day):
    """The day after one of the two Sundays."""
    return {"2026-10-25": "2026-10-26", "2026-11-01": "2026-11-02"}[day]


def build(ident, title, one, two, hosting, twice, comment):
    """One of the two events."""
    ids = [group for group in GROUPS if group in hosting]
    groups = [
        Group(group, GROUPS[group][0], GROUPS[group][1], GROUPS[group][2], GROUPS[group][4].split(), GROUPS[group][3],
              20, hosting=hosting[group], block_min=(60, 240), max_blocks=2)
        for group in ids
    ]
    programme, speakers = sessions(ids, one, two, twice)
    return Event(
        ident, title, Horizon(f"{one}T18:00Z", "UTC", cell_min=15), ["a"], ROLES,
        [Duty(role.id, role.id, ["a"]) for role in ROLES], groups, operators(ids), speakers, programme,
        policy=POLICY, comment=comment,
    )


def europe():
    """The night on which Europe's clocks go back."""
    return build(
        "midnight-dst-eu", "Midnight relay, Europe's clocks go back", "2026-10-24", "2026-10-25", HOSTING_EU,
        ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"),
        "Europe's clocks go back at 2026-10-25 01:00Z. Groups and people are invented, the zones are real.",
    )


def america():
    """The night on which the clocks of the United States go back."""
    return build(
        "midnight-dst-us", "Midnight relay, New York's clocks go back", "2026-10-31", "2026-11-01", HOSTING_US,
        ("2026-11-01T01:30-04:00", "2026-11-01T01:30-05:00"),
        "New York's clocks go back at 2026-11-01 06:00Z; those of British Columbia, Alberta, Cuba and Morocco no longer\n"
        "change, which older zone rules do not know. Groups and people are invented, the zones are real.",
    )
