"""Places people's hours: each gets a stretch of her own day, where her skills are scarcest.

`place` is a greedy cover: it counts, for every (role, language) and half hour, how many can serve, and gives each
person the stretch that lifts what is still below its target the most; a few rounds of taking one out and placing
her anew smooth the result.
"""

from collections import defaultdict
from datetime import timedelta

import clock

STEP_MIN = 30


class Cover:
    """How many people can serve, by (role, language) and half hour, against targets."""

    def __init__(self, horizon, targets):
        self.horizon = horizon
        self.targets = targets
        self.steps = horizon.hours * 60 // STEP_MIN
        self.count = defaultdict(lambda: [0] * self.steps)

    def change(self, needs, first, last, by):
        """Adds or takes away a person on half hours first..last."""
        for need in needs:
            for step in range(first, last):
                self.count[need][step] += by

    def worth(self, needs, first, last):
        """What a person would lift there: what is far below its target weighs more."""
        total = 0
        for need in needs:
            counts, target = self.count[need], self.targets.get(need)
            if target:
                for step in range(first, last):
                    total += max(0, target[step] - counts[step]) ** 2 * 12 // max(1, target[step])
        return total


def needs_of(skills):
    """The (role, language) pairs that skills serve, and the need for anybody at all."""
    pairs = [("any", "")]
    for skill in skills:
        role, _, what = skill.rstrip("?").partition(":")
        pairs.append((role, what.split(">")[0]))
    return pairs


def awake_steps(horizon, zone, first="07:30", last="22:30"):
    """For every half hour of the horizon whether it is by day in a zone."""
    there = clock.zone(zone)
    steps = horizon.hours * 60 // STEP_MIN
    middle = [horizon.start + timedelta(minutes=STEP_MIN * i + STEP_MIN // 2) for i in range(steps)]
    return [clock.in_range(now.astimezone(there), first, last) for now in middle]


def stretches(day, length):
    """Starts of stretches of so many half hours that lie by day."""
    return [first for first in range(len(day) - length + 1) if all(day[first : first + length])]


def place(people, cover, rng, fixed=(), rounds=3):
    """Gives every (id, zone, skills, half hours) a start; returns id -> (first, last), those in `fixed` as they are."""
    days = {}
    chosen = dict(fixed)
    for ident, zone, skills, _ in people:
        days.setdefault(zone, awake_steps(cover.horizon, zone))
        if ident in chosen:
            cover.change(needs_of(skills), *chosen[ident], 1)
    people = [person for person in people if person[0] not in chosen]
    for turn in range(rounds):
        order = list(people)
        rng.shuffle(order)
        if turn == 0:
            order.sort(key=lambda person: len(needs_of(person[2])))
        for ident, zone, skills, length in order:
            needs = needs_of(skills)
            if ident in chosen:
                cover.change(needs, *chosen[ident], -1)
            starts = stretches(days[zone], length)
            best = max(starts, key=lambda first: (cover.worth(needs, first, first + length), rng.random()))
            chosen[ident] = (best, best + length)
            cover.change(needs, *chosen[ident], 1)
    return chosen
