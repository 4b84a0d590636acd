"""What an event folder is made of, as the generator holds it."""

from dataclasses import dataclass, field


@dataclass
class Group:
    """One `[[groups]]` of groups.toml."""

    id: str
    name: str
    zone: str
    country: str
    languages: list
    subdivision: str = ""
    size: int = 30
    hosts: bool = True
    hosting: list = field(default_factory=list)
    block_min: tuple = (60, 120)
    max_blocks: int = 1
    # Rows of availability.csv that change the grade of its hosting.
    rows: list = field(default_factory=list)


@dataclass
class Row:
    """One row of availability.csv: either a span or a rule."""

    grade: str = ""
    start: str = ""
    end: str = ""
    zone: str = ""
    rule: str = ""


@dataclass
class Operator:
    """One row of operators.csv with her availability, busy times and calendar."""

    id: str
    group: str
    zone: str
    skills: list
    own_zone: bool = False
    night: str = ""
    max_duty_min: int = 0
    carry_over_min: int = 0
    speaker: str = ""
    rows: list = field(default_factory=list)
    # Busy times as (civil start, civil end).
    busy: list = field(default_factory=list)
    calendar: object = None

    def roles(self):
        """The roles she can serve in."""
        return {skill.split(":")[0].rstrip("?") for skill in self.skills}


@dataclass
class Speaker:
    """One row of speakers.csv with its availability rows."""

    id: str
    group: str
    zone: str
    rows: list = field(default_factory=list)
    busy: list = field(default_factory=list)


@dataclass
class Session:
    """One row of sessions.csv."""

    id: str
    title: str
    kind: str
    length_min: int
    language: str
    changeover_min: int = 5
    speakers: list = field(default_factory=list)
    tags: list = field(default_factory=list)
    priority: str = ""
    delivery: str = ""
    group: str = ""
    tracks: list = field(default_factory=list)
    window: tuple = ()
    window_zone: str = ""


@dataclass
class Role:
    """One `[[roles]]` of event.toml."""

    id: str
    name: str
    handover_min: int
    alerted: bool = False
    needs: str = "nothing"


@dataclass
class Duty:
    """One `[[duties]]` of event.toml."""

    id: str
    role: str
    tracks: list


@dataclass
class Event:
    """A whole event folder."""

    id: str
    title: str
    horizon: object
    tracks: list
    roles: list
    duties: list
    groups: list
    operators: list
    speakers: list
    sessions: list
    regional: list = field(default_factory=list)
    # Own regional files: name and text.
    regional_files: dict = field(default_factory=dict)
    policy: list = field(default_factory=list)
    # Lines of the table `dates`.
    dates: list = field(default_factory=list)
    comment: str = ""
    # Holidays as the generator knows them: (country, subdivision or "", first day, last day).
    holidays: list = field(default_factory=list)

    # A window in which a role has few people: role, first and last hour, their ids.
    window: tuple = ()

    def group(self, group_id):
        """The group of that id."""
        return next(group for group in self.groups if group.id == group_id)
