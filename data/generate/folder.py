"""Writes an event folder: event.toml, groups.toml and the CSV files, always in the same bytes."""

import csv
import io
import shutil

GRADES = ("impossible", "if-need-be", "possible", "prefer")


def quoted(text):
    """A TOML basic string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def listed(items):
    """A TOML array of strings."""
    return "[" + ", ".join(quoted(item) for item in items) + "]"


def table(header, rows):
    """CSV text with the columns that are used in at least one row, in the order of the header."""
    used = [i for i in range(len(header)) if any(row[i] != "" for row in rows) or i == 0]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([header[i] for i in used])
    for row in rows:
        writer.writerow([row[i] for i in used])
    return out.getvalue()


def event_toml(event):
    """The text of event.toml."""
    horizon = event.horizon
    lines = [f"# {line}" for line in event.comment.splitlines()] + [
        'format = "meridian-event/1"',
        f"id = {quoted(event.id)}",
        f"title = {quoted(event.title)}",
        f"zone = {quoted(horizon.zone_name)}",
        f"start = {quoted(horizon.civil_start)}",
        f"hours = {horizon.hours}",
        f"cell_min = {horizon.cell_min}",
        'language = "en"',
    ]
    if event.regional:
        lines.append(f"regional = {listed(event.regional)}")
    for track in event.tracks:
        lines += ["", "[[tracks]]", f"id = {quoted(track)}", f'name = "Track {track.upper()}"']
    for role in event.roles:
        lines += ["", "[[roles]]", f"id = {quoted(role.id)}", f"name = {quoted(role.name)}"]
        lines.append(f"alerted = {str(role.alerted).lower()}")
        if role.needs != "nothing":
            lines.append(f"needs = {quoted(role.needs)}")
        lines.append(f"handover_min = {role.handover_min}")
    for duty in event.duties:
        lines += ["", "[[duties]]", f"id = {quoted(duty.id)}", f"role = {quoted(duty.role)}"]
        lines.append(f"tracks = {listed(duty.tracks)}")
    lines += ["", "[policy]"] + event.policy
    if event.dates:
        lines += ["", "[dates]"] + event.dates
    return "\n".join(lines) + "\n"


def groups_toml(event):
    """The text of groups.toml."""
    lines = []
    for group in event.groups:
        lines += ["[[groups]]", f"id = {quoted(group.id)}", f"name = {quoted(group.name)}"]
        lines += [f"zone = {quoted(group.zone)}", f"country = {quoted(group.country)}"]
        if group.subdivision:
            lines.append(f"subdivision = {quoted(group.subdivision)}")
        lines.append(f"languages = {listed(group.languages)}")
        lines.append(f"size = {group.size}")
        if group.hosts:
            if group.hosting:
                lines.append(f"hosting = {listed(group.hosting)}")
            lines.append(f"block_min = [{group.block_min[0]}, {group.block_min[1]}]")
            lines.append(f"max_blocks = {group.max_blocks}")
        else:
            lines.append("hosts = false")
        lines.append("")
    return "\n".join(lines)


def operators_csv(event):
    """The text of operators.csv."""
    header = "id group zone skills night max_duty_min carry_over_min speaker".split()
    rows = [
        [
            person.id,
            person.group,
            person.zone if person.own_zone else "",
            " ".join(person.skills),
            person.night,
            person.max_duty_min or "",
            person.carry_over_min or "",
            person.speaker,
        ]
        for person in event.operators
    ]
    return table(header, rows)


def sessions_csv(event):
    """The text of sessions.csv."""
    header = (
        "id title kind length_min changeover_min language speakers tags priority delivery "
        "group tracks window_start window_end window_zone"
    ).split()
    rows = []
    for session in event.sessions:
        window = session.window or ("", "")
        rows.append(
            [
                session.id,
                session.title,
                session.kind,
                session.length_min,
                session.changeover_min,
                session.language,
                " ".join(session.speakers),
                " ".join(session.tags),
                session.priority,
                session.delivery,
                session.group,
                " ".join(session.tracks),
                window[0],
                window[1],
                session.window_zone,
            ]
        )
    return table(header, rows)


def owners(event):
    """Everyone who can have rows of availability.csv: kind, who, the rows."""
    for kind, people in (
        ("operator", event.operators),
        ("speaker", event.speakers),
        ("group", event.groups),
    ):
        for person in people:
            yield kind, person


def write(event, folder):
    """Writes the folder anew; what was in it before goes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = {
        "event.toml": event_toml(event),
        "groups.toml": groups_toml(event),
        "operators.csv": operators_csv(event),
        "sessions.csv": sessions_csv(event),
        "speakers.csv": table(
            ["id", "group", "zone"],
            [
                [
                    person.id,
                    person.group,
                    "" if person.group and person.zone == event.group(person.group).zone else person.zone,
                ]
                for person in event.speakers
            ],
        ),
    }
    rows = [
        [kind, person.id, row.grade, row.start, row.end, row.zone, row.rule]
        for kind, person in owners(event)
        for row in person.rows
    ]
    header = "kind who grade start end zone rule".split()
    files["availability.csv"] = table(header, rows)
    busy = [
        [kind, person.id, start, end, ""]
        for kind, person in owners(event)
        if kind != "group"
        for start, end in person.busy
    ]
    if busy:
        files["busy.csv"] = table("kind who start end zone".split(), busy)
    for person in event.operators:
        if person.calendar:
            files[f"calendars/operator-{person.id}.ics"] = person.calendar.text()
    for name, text in event.regional_files.items():
        files[f"regional/{name}"] = text
    for name, text in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
