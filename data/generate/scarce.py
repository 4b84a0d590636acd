"""Makes a role scarce: in one window only the two people who are there throughout keep it."""

import grades


def narrow(event, role, hour, hours):
    """Leaves exactly two people eligible for a role throughout a window; says which."""
    expanded = grades.eligible(event)
    size = hours * event.horizon.per_hour()
    first = hour * event.horizon.per_hour()
    inside = {}
    for person in event.operators:
        if role in person.roles():
            grade, awake = expanded[person.id]
            inside[person.id] = sum(grade[c] > 0 and awake[c] for c in range(first, first + size))
    kept = [ident for ident, cells in inside.items() if cells == size][:2]
    if len(kept) < 2:
        raise ValueError(f"nobody but {kept} is there as {role} from hour {hour} on")
    for person in event.operators:
        if inside.get(person.id) and person.id not in kept:
            person.skills = [skill for skill in person.skills if skill.rstrip("?") != role]
    return role, hour, hour + hours, kept
