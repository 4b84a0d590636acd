"""Makes first inputs for the fuzz targets from the repository's own data, into FOLDER/TARGET/.

usage: seeds.py FOLDER [MORE_CALENDARS]

What is committed in fuzz/corpus grew from these: `cargo fuzz cmin` keeps of them, and of what the fuzzers found, what
reaches something that nothing smaller does. MORE_CALENDARS is a folder of further .ics files.
"""

import base64
import hashlib
import json
import pathlib
import sys

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
LIMIT = 8 * 1024


def main(into, more=None):
    def put(target, data):
        if len(data) <= LIMIT:
            folder = pathlib.Path(into) / target
            folder.mkdir(parents=True, exist_ok=True)
            (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)

    exchange(put)
    signatures(put)
    folders(put)
    calendars = list(DATA.rglob("*.ics")) + (list(pathlib.Path(more).rglob("*.ics")) if more else [])
    for file in calendars:
        put("calendar", file.read_bytes())
    documents(put)


def exchange(put):
    pairs = []
    for file in [*DATA.glob("wire/kinds/*.json"), *DATA.glob("wire/refused/*.json")]:
        sent = json.loads(file.read_bytes())
        put("envelope", compact(sent["envelope"]))
        header = base64.b64decode(sent["envelope"]["payload"])
        put("header", header)
        if sent["body"]:
            put("body", compact(sent["body"]))
            body = base64.b64decode(sent["body"]["bytes"])
            kind = json.loads(header).get("kind", "") if header[:1] == b"{" else ""
            put("content", f"{kind}\n".encode() + body)
            pairs.append((header, body))
    for file in DATA.glob("wire/card-*.json"):
        put("envelope", file.read_bytes())
        put("card", base64.b64decode(json.loads(file.read_bytes())["payload"]))
    for file in DATA.glob("wire/*.json"):
        put("packet" if "message" in json.loads(file.read_bytes()) else "bundle", file.read_bytes())
    bundle = json.loads((DATA / "wire/bundle.json").read_bytes())
    logs = [(base64.b64decode(sent["envelope"]["payload"]), base64.b64decode(sent["body"]["bytes"]))
            for docs in bundle["docs"] for sent in docs["records"] if sent["body"]]
    for docs in bundle["docs"]:
        names = {name: json.loads(logs[0][0])[name] for name in ("space",)}
        packet = {"from": json.loads(logs[-1][0])["author"], "to": bundle["founder"], **names, "message": {"docs": docs}}
        put("packet", compact(packet))
    put("fold", lines(logs))
    for header, body in pairs:
        put("fold", lines(logs + [(header, body)]))
        put("fold", lines([(header, body)]))


def lines(records):
    return b"\n".join(part for record in records for part in record)


def signatures(put):
    for file in DATA.glob("wire/http/*.json"):
        for said in json.loads(file.read_bytes()):
            request, response = said["request"], said["response"]
            query = "" if request["query"] is None else "?" + request["query"]
            first = f"{request['method']} {request['authority']} {request['path']}{query}"
            for line, part in ((first, request), (str(response["status"]), response)):
                fields = "".join(f"{name}: {value}\n" for name, value in part["fields"])
                whole = f"{line}\n{fields}\n{part['body']}"
                put("signatures", whole.encode())
                for old, new in OTHER_SPELLINGS:
                    put("signatures", whole.replace(old, new, 1).encode())


# Other ways to say the same, all of them refused: a fuzzer would need long to come across them.
OTHER_SPELLINGS = [
    ("created=1", "created=01"),
    ("created=1", "created=+1"),
    ("==\"", "=\""),
    ("dA==", "dB=="),
    ("; ", ";"),
    (");created", ") ;created"),
    ("meridian=:", "meridian= :"),
    ("sha-256=:", "sha-256= :"),
    ("keyid=\"d", "keyid=\"D"),
    ("signature: ", "signature: a=:AA==:, "),
    ("content-type", "content-type: a/b\ncontent-type"),
]


TARGETS = {"event.toml": "event_settings", "groups.toml": "event_settings"}
TABLES = {"operators.csv", "speakers.csv", "sessions.csv", "availability.csv", "busy.csv", "pins.csv"}


def folders(put):
    for file in [*DATA.glob("events/**/*"), *DATA.glob("bad/**/*"), *DATA.glob("regional-2024/*")]:
        if not file.is_file():
            continue
        data, name = file.read_bytes(), file.name
        if name in TARGETS:
            put(TARGETS[name], name.encode() + b"\n" + data)
        elif name in TABLES:
            put("event_tables", name.encode() + b"\n" + data)
        elif file.suffix in (".csv", ".json", ".ics") and "regional" in str(file):
            put("regional", f"regional/x{file.suffix}\n".encode() + data)
        if name == "event.toml":
            put("dates", b"\n" * 7 + data)
    for typed in [
        ["weekends from June to September, 12:00 Asia/Tokyo"],
        ["saturdays from 2026-03-01 to 2026-05-31"],
        ["", "2026-03-01", "2026-04-30", "fri,sat", "12:00", "Europe/Berlin"],
        ["", "", "", "", "", "", "2026-03-28T12:00 2026-10-24T02:30"],
        ["every weekend in July 2026"],
    ]:
        put("dates", "\n".join(typed).encode())


def documents(put):
    for file in DATA.glob("**/problem.json"):
        put("problem", compact(json.loads(file.read_bytes())))
    for target in ("problem", "plan"):
        put(target, json.dumps({"format": f"meridian-{target}/1"}).encode())


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


if __name__ == "__main__":
    main(*sys.argv[1:])
