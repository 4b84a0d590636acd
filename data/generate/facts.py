"""Reads the facts that the sample events are built on: chapters, conferences, holidays, titles."""

import csv


class Facts:
    """The CSV files of the facts folder."""

    def __init__(self, folder):
        self.chapters = {row["id"]: row for row in self.read(folder / "chapters.csv")}
        self.conferences = self.read(folder / "conferences_2024.csv")
        self.holidays = self.read(folder / "holidays_2024.csv")
        self.titles = [row["title"] for row in self.read(folder / "titles.csv")]

    @staticmethod
    def read(path):
        """The rows of a CSV file as dictionaries."""
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def holiday_spans(self):
        """Holidays as (country, subdivision, first day, last day)."""
        return [(h["country"], h["subdivision"], h["date"], h["date"]) for h in self.holidays]
