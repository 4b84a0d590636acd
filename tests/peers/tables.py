"""A problem document and a plan's programme as tables over cells, read with nothing but the rules in docs/rules.md.

This is a second reading of the rules, independent of the solver and of the checker: it knows only the two documents.
"""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

# S04 and S05: a squared load in minutes is divided by this.
SCALE_MIN = 360
DAY_MIN = 24 * 60
WEIGHTS = {
    "S01": 10, "S02": 5, "S03": 2, "S04": 1, "S05": 1, "S06": 2, "S11": 2, "S14": 1, "S15": 30,
}


def seconds(instant: str) -> int:
    return int(datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp())


@dataclass
class Person:
    group: int
    limit: int  # H19, cells in 24 hours
    carry_min: int
    open: np.ndarray  # may be on duty at all (H12, H13 own talks, H17)
    awake: np.ndarray  # may be on duty in an alerted role (H15 too)
    cost: np.ndarray  # weight x minutes of a cell on duty (S01, S02, S03, S14)
    skills: dict = field(default_factory=dict)  # role -> [(language, into, trained)]


@dataclass
class Duty:
    role: str
    tracks: list
    count: int
    alerted: bool
    handover_min: int
    needs: str
    demanded: np.ndarray
    languages: list  # cell -> set of languages that are needed


class Tables:
    """Everything that a roster is measured by, for one programme."""

    def __init__(self, problem: dict, plan: dict):
        self.problem = problem
        event = problem["event"]
        self.policy = event["policy"]
        horizon = event["horizon"]
        self.start = seconds(horizon["start"])
        self.cell = horizon["cell_min"]
        self.n = horizon["n_cells"]
        self.weight = {**WEIGHTS, **self.policy["weights"]}
        self.groups = {group["id"]: at for at, group in enumerate(problem["groups"])}
        self.members = np.zeros(len(self.groups), int)
        for operator in problem["operators"]:
            self.members[self.groups[operator["group"]]] += 1
        self.spoken = self._spoken(plan["blocks"])
        roles = {role["id"]: role for role in event["roles"]}
        self.duties = [self._duty(duty, roles[duty["role"]]) for duty in event["duties"]]
        self.blocked, self.weighed = self._regional()
        self.talks = self._talks(plan["sessions"])
        self.people = [self._person(operator) for operator in problem["operators"]]

    def minutes(self, spans) -> np.ndarray:
        """Minutes of each cell that lie in the spans, overlaps counted as often as they are there."""
        total = np.zeros(self.n, int)
        edges = self.start + np.arange(self.n + 1) * self.cell * 60
        for start, end in spans:
            shared = np.minimum(edges[1:], end) - np.maximum(edges[:-1], start)
            total += np.maximum(shared, 0) // 60
        return total

    def cells(self, span: dict) -> tuple:
        first = (seconds(span["start"]) - self.start) // 60 // self.cell
        return first, (seconds(span["end"]) - self.start) // 60 // self.cell

    def _spoken(self, blocks) -> dict:
        spoken = {track["id"]: [None] * self.n for track in self.problem["event"]["tracks"]}
        for block in blocks:
            first, last = self.cells(block["span"])
            for cell in range(first, last):
                spoken[block["track"]][cell] = block["language"]
        return spoken

    def _duty(self, duty, role) -> Duty:
        own = self.problem["event"]["language"]
        standing = self.minutes([bounds(span) for span in duty["spans"]]) == self.cell
        languages, demanded = [], standing.copy()
        for cell in range(self.n):
            here = [self.spoken[track][cell] for track in duty["tracks"]]
            needed = set()
            if role["needs"] == "block-language":
                needed = {language or own for language in here}
            elif role["needs"] == "interpretation":
                needed = {language for language in here if language not in (None, own)}
                demanded[cell] &= bool(needed)
            languages.append(needed)
        return Duty(
            duty["role"], duty["tracks"], duty["count"], role["alerted"], role["handover_min"], role["needs"],
            demanded, languages,
        )

    def _regional(self):
        blocked = np.zeros((len(self.groups), self.n), bool)
        weighed = np.zeros((len(self.groups), self.n), int)
        for event in self.problem["regional_events"]:
            for concern in event["concerns"]:
                group = self.groups[concern["group"]]
                minutes = self.minutes([bounds(concern["span"])])
                if event["impact"] == "block":
                    blocked[group] |= minutes > 0
                elif event["impact"] == "weigh":
                    weighed[group] += minutes
        return blocked, weighed

    def _talks(self, placed) -> dict:
        """Speaker -> spans in which she speaks live or prepares to."""
        sessions = {session["id"]: session for session in self.problem["sessions"]}
        lead = self.policy["speaker_preparation_min"] * 60
        talks = {}
        for place in placed:
            session = sessions[place["session"]]
            if session["delivery"] == "live":
                start, end = bounds(place["span"])
                for speaker in session["speakers"]:
                    talks.setdefault(speaker, []).append((start - lead, end))
        return talks

    def _person(self, operator) -> Person:
        group = self.groups[operator["group"]]
        graded = {}
        for span in operator["availability"]:
            graded.setdefault(span["grade"], []).append(bounds(span["span"]))
        possible = [span for grade in ("if-need-be", "possible", "prefer") for span in graded.get(grade, [])]
        speaking = self.minutes(self.talks.get(operator["speaker"], []))
        night = self.minutes([bounds(span) for span in operator["nights"]])
        is_open = (self.minutes(possible) >= self.cell) & (speaking == 0) & ~self.blocked[group]
        cost = (
            self.weight["S01"] * self.weighed[group]
            + self.weight["S02"] * night
            + self.weight["S03"] * self.minutes(graded.get("if-need-be", []))
        )
        if "prefer" in graded:
            cost = cost + self.weight["S14"] * (self.cell - self.minutes(graded["prefer"]))
        person = Person(
            group, operator["max_duty_min"] // self.cell, operator["carry_over_min"], is_open,
            is_open & (night == 0), cost,
        )
        for skill in operator["skills"]:
            known = (skill["language"], skill["into"], skill["level"] == "trained")
            person.skills.setdefault(skill["role"], []).append(known)
        return person

    def able(self, person: Person, duty: Duty):
        """Per cell: whether she has the skill there (H16), and whether a trained one fits there (S11)."""
        skills = person.skills.get(duty.role, [])
        own = self.problem["event"]["language"]

        def fits(skill, language):
            if duty.needs == "block-language":
                return skill[0] == language
            return skill[0] == language and skill[1] == own

        has, trained, known = np.zeros(self.n, bool), np.zeros(self.n, bool), {}
        if not skills:
            return has, trained
        for cell, needed in enumerate(duty.languages):
            key = frozenset(needed)
            if key not in known:
                known[key] = (
                    all(any(fits(skill, language) for skill in skills) for language in needed),
                    any(skill[2] and (not needed or any(fits(skill, l) for l in needed)) for skill in skills),
                )
            has[cell], trained[cell] = known[key]
        return has, trained


def bounds(span: dict) -> tuple:
    return seconds(span["start"]), seconds(span["end"])
