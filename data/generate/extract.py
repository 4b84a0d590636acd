"""Extracts the facts that the sample events are built on from copies of their sources.

`python3 extract.py SOURCES FACTS` reads the confs.tech and Dev Around The Sun files below SOURCES and the PyPI
package `holidays`, and the hand-kept `chapters.csv` and `places.csv` in FACTS; it writes the other files of FACTS.
"""

import csv
import json
import sys
import unicodedata
from pathlib import Path

import holidays

FIRST, LAST = "2024-07-01", "2024-09-30"
# Community events whose public comes from the whole country, not only from the place.
NATIONAL = {"Pycon Latam"}
GUEST = "Q&A with DHH"


def slug(text):
    """Lower-case ASCII letters and digits joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join("".join(c if c.isalnum() else " " for c in plain.lower()).split())


def read(path):
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def save(path, header, rows):
    """Writes a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def place(city, places):
    """Country and subdivision of a conference's city; United States cities end in their state."""
    if ", " in city:
        state = city.rsplit(", ", 1)[1]
        return "US", f"US-{state}"
    row = places[city]
    return row["country"], row["subdivision"]


def conferences(sources, facts):
    """Conferences of the summer with a place, each once, by date."""
    places = {row["city"]: row for row in read(facts / "places.csv")}
    found = {}
    for path in sorted((sources / "clashes/confs_tech/2024").glob("*.json")):
        for item in json.loads(path.read_text(encoding="utf-8")):
            if not item.get("city") or item["endDate"] < FIRST or item["startDate"] > LAST:
                continue
            key = (item["startDate"], item["name"], item["city"])
            found.setdefault(key, (item, []))[1].append(path.stem)
    rows = []
    for (start, name, city), (item, topics) in sorted(found.items()):
        country, subdivision = place(city, places)
        if name in NATIONAL:
            subdivision = ""
        ident = f"{slug(name)}-{slug(city.split(',')[0])}"
        rows.append([ident, name, start, item["endDate"], city, country, subdivision, " ".join(sorted(topics))])
    header = "id name start end city country subdivision topics".split()
    save(facts / "conferences_2024.csv", header, rows)


def titles(sources, facts):
    """Titles of the real talks, in the order they were given, without opening, closing and one that names a guest."""
    path = sources / "events/devaroundthesun2020/schedule_final_2020-05-11.json"
    sessions = json.loads(path.read_text(encoding="utf-8-sig"))["sessions"]
    rows = [[item["title"].strip()] for item in sessions[1:-1] if item["title"] != GUEST]
    save(facts / "titles.csv", ["title"], rows)


def public_holidays(facts):
    """Public holidays of the chapters' countries, and those that only their subdivisions have."""
    rows = []
    chapters = read(facts / "chapters.csv")
    for country in sorted({row["country"] for row in chapters}):
        national = calendar(country)
        rows += [[country, "", day, name] for day, name in national]
        states = holidays.list_supported_countries().get(country, [])
        for full in sorted({row["subdivision"] for row in chapters if row["country"] == country} - {""}):
            code = full.split("-")[1]
            if code in states:
                own = [item for item in calendar(country, code) if item not in national]
                rows += [[country, full, day, name] for day, name in own]
    save(facts / "holidays_2024.csv", ["country", "subdivision", "date", "name"], rows)


def calendar(country, subdivision=None):
    """Holidays of a place in the summer, named in English where the package can."""
    languages = holidays.country_holidays(country).supported_languages
    language = next((code for code in ("en_US", "en_GB", "en") if code in languages), None)
    days = holidays.country_holidays(country, subdiv=subdivision, years=2024, language=language)
    return [(str(day), name) for day, name in sorted(days.items()) if FIRST <= str(day) <= LAST]


def check_chapters(sources, facts):
    """Every chapter is one of the source's."""
    path = sources / "groups/pyladies/pyladies_chapters.json"
    known = {item["name"] for item in json.loads(path.read_text(encoding="utf-8"))["groups"]}
    missing = [row["source_name"] for row in read(facts / "chapters.csv") if row["source_name"] not in known]
    if missing:
        raise SystemExit(f"not in the source: {missing}")


def main():
    """Writes the facts."""
    sources, facts = Path(sys.argv[1]), Path(sys.argv[2])
    check_chapters(sources, facts)
    conferences(sources, facts)
    titles(sources, facts)
    public_holidays(facts)


if __name__ == "__main__":
    main()
