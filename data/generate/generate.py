"""Writes the sample events: `python3 generate.py FACTS OUT`. The same facts give the same bytes."""

import sys
from pathlib import Path

import first_relay
import folder
import stats


def main():
    """Writes every event folder below OUT and tells its figures."""
    _facts, out = Path(sys.argv[1]), Path(sys.argv[2])
    for event in [first_relay.event()]:
        folder.write(event, out / event.id)
        print("\n".join(stats.report(event)))


if __name__ == "__main__":
    main()
