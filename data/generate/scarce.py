"""Makes people scarce: keeps the few that cover most, and narrows one role in one window to two people."""

import grades
import stats


def served(event):
    """For every operator the (need, cell) pairs at which she is eligible, cells by half hours."""
    expanded = grades.eligible(event)
    alerted = {role.id for role in event.roles if role.alerted}
    at = stats.hosted(event)
    step = event.horizon.per_hour() // 2
    found = {}
    for person in event.operators:
        grade, awake = expanded[person.id]
        found[person.id] = {
            (need, cell)
            for need in stats.pairs(event)
            if stats.serves(person, *need)
            for cell in range(0, event.horizon.cells, step)
            if grade[cell] > 0 and (awake[cell] or need[0] not in alerted) and (not need[1] or at[need[1]][cell])
        }
    return found


def wanted(need):
    """How many people a need should keep at each half hour, with their worth: the first ones count most."""
    role, language = need
    if role in ("stream-operator", "moderator"):
        return (9, 6, 3, 1)
    if role == "engineer":
        return (9, 6, 1)
    if language == "en":
        return (9, 6, 2, 1)
    return (3, 1)


def keep(event, number):
    """Leaves so many operators: again and again the one who is missed least goes."""
    pairs = served(event)
    count = {}
    for own in pairs.values():
        for pair in own:
            count[pair] = count.get(pair, 0) + 1
    people = {person.id: person for person in event.operators}
    while len(people) > number:
        least = min(people, key=lambda ident: (loss(pairs[ident], count), ident))
        for pair in pairs[least]:
            count[pair] -= 1
        del people[least]
    event.operators = [person for person in event.operators if person.id in people]


def loss(own, count):
    """What is lost when a person goes."""
    total = 0
    for need, cell in own:
        worth = wanted(need)
        rank = count[need, cell] - 1
        total += worth[rank] if rank < len(worth) else 0
    return total


def narrow(event, role, hours=3):
    """Leaves exactly two people eligible for a role throughout a window of so many hours; says which.

    Of all windows and pairs the one is taken that leaves the role thinnest nowhere else.
    """
    expanded = grades.eligible(event)
    able = [person for person in event.operators if role in person.roles()]
    size = hours * event.horizon.per_hour()
    open_at = {
        person.id: [grade > 0 and awake for grade, awake in zip(*expanded[person.id])] for person in able
    }
    best = None
    for first in range(size, event.horizon.cells - 2 * size + 1, size):
        window = range(first, first + size)
        inside = {person.id: sum(open_at[person.id][cell] for cell in window) for person in able}
        whole = [person for person in able if inside[person.id] == size]
        others = {person.id for person in able if inside[person.id]}
        for i, one in enumerate(whole):
            for two in whole[i + 1 :]:
                stripped = others - {one.id, two.id}
                left = [person for person in able if person.id not in stripped]
                alone = [sum(open_at[person.id][cell] for person in left) for cell in range(event.horizon.cells)]
                worth = (sum(n == 0 for n in alone), sum(n == 1 for n in alone), len(stripped), first)
                best = min(best or (worth, None), (worth, (first, one.id, two.id, stripped)), key=lambda b: b[0])
    first, one, two, stripped = best[1]
    for person in able:
        if person.id in stripped:
            person.skills = [skill for skill in person.skills if skill.rstrip("?") != role]
    begin = first // event.horizon.per_hour()
    return role, begin, begin + hours, [one, two]
