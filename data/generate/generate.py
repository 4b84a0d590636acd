"""Writes the sample events: `python3 generate.py FACTS OUT`. The same facts give the same bytes."""

import sys
from pathlib import Path

import first_relay
import folder
import midnight
import readme
import regional
import relay
import stats
from facts import Facts


def main():
    """Writes every event folder below OUT and tells its figures."""
    facts, out = Facts(Path(sys.argv[1])), Path(sys.argv[2])
    regional.write(facts, out / "regional-2024")
    events = [
        first_relay.event(),
        relay.relay(facts),
        relay.tight(facts),
        relay.september(facts),
        midnight.europe(),
        midnight.america(),
    ]
    for event in events:
        folder.write(event, out / "events" / event.id)
        print("\n".join(stats.report(event)))
    readme.write(events, out / "events" / "README.md")


if __name__ == "__main__":
    main()
