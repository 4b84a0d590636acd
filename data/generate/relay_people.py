"""The operators of `relay-2024`: invented handles of real groups, with skills and every kind of availability."""

import random
from dataclasses import dataclass
from datetime import timedelta

import clock
from calendars import Calendar, Entry
from crew import STEP_MIN, Cover, awake_steps, place
from parts import Operator, Row

ANIMALS = (
    "heron otter lynx finch badger crane gecko panda tapir ibis hare moth newt quail raven stork swift tern "
    "toucan vole wren yak zebra bison civet dingo eider ferret gibbon hoopoe impala jackal kestrel lemur marten "
    "numbat ocelot puffin robin seal tamarin urchin viper walrus"
).split()

# How many people speak each language, and where they are.
SPEAKING = {
    "ja": (10, "tokyo kyoto"),
    "hi": (6, "mumbai delhi"),
    "de": (9, "berlin hamburg vienna"),
    "fr": (11, "paris tunis antananarivo montreal morocco"),
    "pt": (11, "lisbon sao-carlos recife manaus maputo sao-carlos"),
    "es": (16, "madrid uruguay santiago la-paz arequipa quito mexico-city guatemala madrid panama"),
}
SPEAKING_SKILLS = [
    "mc:{0} interpreter:{0}>en",
    "mc:{0} mc:en interpreter:{0}>en",
    "interpreter:{0}>en mc:{0} moderator",
    "mc:{0} interpreter:{0}>en stream-operator",
    "mc:{0} interpreter:{0}>en? engineer",
]
GENERAL = (
    "seoul taiwan singapore brisbane sydney melbourne bangalore chennai london edinburgh dublin ghana nigeria kampala "
    "addis-ababa toronto vancouver new-york chicago denver los-angeles san-francisco seattle portland kuala-lumpur "
    "bandung ho-chi-minh amsterdam brno athens helsinki ankara raleigh-durham"
).split()
GENERAL_SKILLS = [
    "stream-operator engineer",
    "moderator mc:en",
    "stream-operator moderator",
    "engineer moderator",
    "mc:en stream-operator",
    "engineer stream-operator mc:en",
]
# Half hours that people offer, in turn.
LENGTHS = [8, 7, 9, 8, 6, 8, 10, 7, 8, 9]


@dataclass(frozen=True)
class Crew:
    """How many people an event has and how deep each role should be staffed: `language` is for MCs and interpreters
    of a hosted language other than English."""

    count: int
    # How many of the people of each language stay, and of the others; None: all.
    keep: dict | None
    targets: dict
    language: int
    # A role, the hour and the hours in which two people alone can serve it.
    scarce: tuple = ()
    # Skills that everybody has besides her own.
    more: tuple = ()
    # Half hours more that two of five offer.
    longer: int = 0
    # Longest duty in minutes, in turn; 0 is the event's.
    limits: tuple = (0, 240, 180, 300, 0, 240)


FULL = Crew(120, None, {"stream-operator": 8, "moderator": 8, "engineer": 5, "mc": 7}, 5)
TIGHT = Crew(
    55,
    {"ja": 5, "hi": 3, "de": 4, "fr": 5, "pt": 5, "es": 7, "": 26},
    {"stream-operator": 4, "moderator": 4, "engineer": 2, "mc": 3, "any": 9},
    2,
    ("engineer", 12, 3),
    ("mc:en", "moderator"),
    1,
    (0, 300, 240, 0, 0, 0),
)


@dataclass
class Draft:
    """A person whose hours are not placed yet."""

    number: int
    kind: str
    ident: str
    group: str
    skills: list
    length: int


class People:
    """Builds the operators for a date; the same seed gives the same people, hours and habits."""

    def __init__(self, groups, horizon, crew, seed):
        self.groups = {group.id: group for group in groups}
        self.horizon = horizon
        self.rng = random.Random(seed)
        self.names = dict.fromkeys(self.groups, 0)
        self.crew = crew
        self.drafts = []

    def handle(self, group):
        """The next invented handle of a group."""
        number = self.names[group]
        self.names[group] += 1
        offset = sorted(self.groups).index(group) * 11
        return f"{group}-{ANIMALS[(offset + number) % len(ANIMALS)]}"

    def draft(self, kind, group, skills):
        """A person without hours yet; the kind is her language or blank."""
        number = len(self.drafts)
        length = LENGTHS[number % len(LENGTHS)] + (self.crew.longer if number % 5 < 2 else 0)
        own = skills.split()
        own += [skill for skill in self.crew.more if skill not in own]
        self.drafts.append(Draft(number, kind, self.handle(group), group, own, length))

    def everyone(self):
        """Who there is: people of each language, then the others in turn."""
        for language, (number, homes) in SPEAKING.items():
            homes = homes.split()
            for i in range(number):
                skills = SPEAKING_SKILLS[i % len(SPEAKING_SKILLS)].format(language)
                home = homes[i % len(homes)]
                if home == "recife":
                    skills += " mc:es"
                self.draft(language, home, skills)
        for home in ("charleston", "charleston", "monrovia", "monrovia"):
            self.draft("clash", home, GENERAL_SKILLS[len(self.drafts) % 3])
        i = 0
        while len(self.drafts) < FULL.count:
            self.draft("", GENERAL[i % len(GENERAL)], GENERAL_SKILLS[i % len(GENERAL_SKILLS)])
            i += 1

    def kept(self):
        """Those of them who take part: the first of each kind."""
        if self.crew.keep is None:
            return self.drafts
        seen = {}
        found = []
        for draft in self.drafts:
            seen[draft.kind] = seen.get(draft.kind, 0) + 1
            if seen[draft.kind] <= self.crew.keep.get(draft.kind, 0):
                found.append(draft)
        return found

    def targets(self, hosted):
        """How many should be able to serve, by (role, language) and half hour."""
        steps = self.horizon.hours * 60 // STEP_MIN
        per_step = STEP_MIN // self.horizon.cell_min
        depth = self.crew.targets
        found = {(role, ""): [depth[role]] * steps for role in depth if role != "mc"}
        found["mc", "en"] = [depth["mc"]] * steps
        for language, cells in hosted.items():
            if language != "en":
                open_steps = [self.crew.language if cells[i * per_step] else 0 for i in range(steps)]
                found["mc", language] = found["interpreter", language] = open_steps
        return found

    def watch(self, drafts):
        """The hours of the two people who alone can serve the scarce role in its window: the first two by day."""
        if not self.crew.scarce:
            return {}
        role, hour, hours = self.crew.scarce
        first, last = hour * 60 // STEP_MIN, (hour + hours) * 60 // STEP_MIN
        found = {}
        for draft in drafts:
            day = awake_steps(self.horizon, self.groups[draft.group].zone)
            roles = {skill.split(":")[0] for skill in draft.skills}
            dated = not draft.kind and draft.number % 10 < 6
            if len(found) < 2 and role in roles and dated and all(day[first : last + 1]):
                found[draft.ident] = (first, max(last, min(first + draft.length, last + 2)))
        return found

    def build(self, hosted):
        """The operators with their availability."""
        self.everyone()
        drafts = self.kept()
        cover = Cover(self.horizon, self.targets(hosted))
        zones = {draft.ident: self.groups[draft.group].zone for draft in drafts}
        people = [(draft.ident, zones[draft.ident], draft.skills, draft.length) for draft in drafts]
        placed = place(people, cover, self.rng, self.watch(drafts))
        people = []
        for draft in drafts:
            person = Operator(draft.ident, draft.group, zones[draft.ident], list(draft.skills))
            self.say(person, draft.number, *placed[draft.ident])
            self.traits(person, draft.number)
            people.append(person)
        people.sort(key=lambda person: person.id)
        return people

    def civil(self, step, zone):
        """The civil time of a half hour in a zone."""
        return clock.civil(self.horizon.start + timedelta(minutes=STEP_MIN * step), zone)

    def say(self, person, number, first, last):
        """Puts a person's hours into one of the ways in which people say them."""
        zone = person.zone
        start, end = self.civil(first, zone), self.civil(last, zone)
        begin, close = start[11:], end[11:]
        day = clock.datetime.fromisoformat(start).strftime("%a").lower()
        way = number % 10
        if way in (0, 5):
            person.rows = [Row("possible", start, end)]
        elif way == 1:
            middle = self.civil((first + last) // 2, zone)
            person.rows = [Row("prefer", start, middle), Row("possible", middle, end)]
        elif way == 2:
            person.rows = [Row("possible", rule=f"{day} {begin}-{close}")]
        elif way == 3:
            late = self.civil(last - 2, zone)
            person.rows = [Row("possible", start, late), Row("if-need-be", late, end)]
        elif way == 4:
            word = "weekends" if day in ("sat", "sun") else "weekdays"
            person.rows = [Row("possible", rule=f"{word} {begin}-{close}")]
        elif way == 6:
            person.rows = [Row(rule=f"never {close}-{begin}")]
        elif way == 7:
            person.rows = [Row("prefer", rule=f"{day} {begin}-{close}"), Row(rule="not on public holidays")]
        elif way == 8:
            hole = self.civil(first + 3, zone), self.civil(first + 4, zone)
            person.rows = [Row("possible", start, end), Row("impossible", *hole)] if last - first >= 9 else [
                Row("possible", start, end)
            ]
        else:
            self.busy_around(person, number, first, last)

    def busy_around(self, person, number, first, last):
        """Somebody who says nothing but is busy outside her hours: by busy times or a calendar."""
        zone = person.zone
        before = self.horizon.start - timedelta(hours=3)
        start, end = clock.civil(before, zone), self.civil(first, zone)
        after, close = self.civil(last, zone), clock.civil(self.horizon.at(self.horizon.hours + 2), zone)
        if number % 20 == 9:
            person.busy = [span for span in ((start, end), (after, close)) if span[0] < span[1]]
            return
        entries = []
        for i, (a, b) in enumerate(((start, end), (after, close))):
            length = (clock.instant(b, zone) - clock.instant(a, zone)).seconds // 60
            style = (number // 20 + i) % 3
            if style == 0:
                week = clock.datetime.fromisoformat(a) - timedelta(days=28)
                skipped = (week + timedelta(days=7)).isoformat()[:16]
                entries.append(Entry(f"{person.id}-{i}@example.org", week.isoformat()[:16], length, tzid=zone,
                                     zone=zone, rule="FREQ=WEEKLY;COUNT=10", exdates=[skipped]))
            elif style == 1 and zone in WINDOWS:
                entries.append(Entry(f"{person.id}-{i}@example.org", a, length, tzid=WINDOWS[zone], zone=zone))
            else:
                utc = clock.instant(a, zone).strftime("%Y-%m-%dT%H:%M")
                entries.append(Entry(f"{person.id}-{i}@example.org", utc, length))
        day_after = clock.datetime.fromisoformat(self.civil(last, zone)) + timedelta(days=1)
        entries.append(Entry(f"{person.id}-day@example.org", day_after.date().isoformat(), days=2))
        person.calendar = Calendar(zone, entries)

    def traits(self, person, number):
        """What makes people different: limits, nights, load from earlier, first-timers."""
        person.max_duty_min = self.crew.limits[number % 6]
        if number % 11 == 3:
            person.carry_over_min = 60 * (1 + number % 5)
        if number % 13 == 5:
            person.night = "22:00-06:00"
        if number % 25 == 1 and person.roles() <= {"mc", "interpreter"}:
            person.rows.append(Row("if-need-be", rule="daily 23:00-00:30"))
        if number % 17 == 4 and not person.skills[-1].endswith("?"):
            person.skills[-1] += "?"


# Names that Windows and Outlook give to some zones.
WINDOWS = {
    "Europe/Berlin": "W. Europe Standard Time",
    "Europe/London": "GMT Standard Time",
    "America/New_York": "Eastern Standard Time",
    "America/Chicago": "Central Standard Time",
    "America/Los_Angeles": "Pacific Standard Time",
    "Asia/Tokyo": "Tokyo Standard Time",
    "Asia/Kolkata": "India Standard Time",
    "Asia/Singapore": "Singapore Standard Time",
    "Australia/Brisbane": "E. Australia Standard Time",
    "America/Sao_Paulo": "E. South America Standard Time",
    "America/Toronto": "Eastern Standard Time",
    "Europe/Paris": "Romance Standard Time",
}
