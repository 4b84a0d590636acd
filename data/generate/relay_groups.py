"""The groups of `relay-2024`: real chapters; which of them host, when, and in which languages."""

from parts import Group

# Chapters that host: languages, hosting rules in their own time (Americans not on Friday evening), and for how many
# minutes of a block their sessions are made.
HOSTS = {
    "tokyo": ("ja en", ["sat 12:00-16:00"], 90),
    "kyoto": ("ja en", ["sun 08:00-12:00"], 90),
    "taiwan": ("en", ["daily 09:00-21:00"], 90),
    "singapore": ("en", ["daily 09:00-22:00"], 60),
    "brisbane": ("en", ["daily 09:00-21:00"], 60),
    "sydney": ("en", ["sun 08:00-13:00"], 90),
    "bangalore": ("en", ["daily 09:00-21:00"], 90),
    "mumbai": ("hi en", ["daily 12:00-16:00"], 60),
    "delhi": ("hi en", ["daily 14:00-18:00"], 60),
    "addis-ababa": ("en", ["daily 09:00-21:00"], 60),
    "kampala": ("en", ["daily 09:00-21:00"], 90),
    "antananarivo": ("fr en", ["daily 11:00-15:00"], 60),
    "nigeria": ("en", ["daily 09:00-22:00"], 60),
    "ghana": ("en", ["daily 09:00-22:00"], 60),
    "monrovia": ("en", ["daily 10:00-20:00"], 0),
    "tunis": ("fr en", ["daily 11:00-15:00"], 60),
    "london": ("en", ["daily 09:00-22:00"], 90),
    "dublin": ("en", ["daily 09:00-22:00"], 60),
    "lisbon": ("pt en", ["daily 12:00-17:00"], 60),
    "madrid": ("es en", ["daily 12:00-18:00"], 90),
    "paris": ("fr en", ["daily 13:00-18:00"], 90),
    "berlin": ("de en", ["daily 10:00-15:00"], 90),
    "hamburg": ("de en", ["daily 12:00-17:00"], 60),
    "vienna": ("de en", ["daily 13:00-18:00"], 60),
    "uruguay": ("es en", ["daily 10:00-16:00"], 90),
    "santiago": ("es en", ["daily 12:00-18:00"], 90),
    "arequipa": ("es en", ["daily 11:00-18:00"], 60),
    "sao-carlos": ("pt en", ["daily 10:00-16:00"], 90),
    "recife": ("pt en", ["daily 13:00-20:00"], 90),
    "mexico-city": ("es en", ["daily 13:00-20:00"], 90),
    "montreal": ("fr en", ["daily 09:00-13:00"], 60),
    "toronto": ("en", ["sat 09:00-22:00"], 60),
    "new-york": ("en", ["sat 09:00-22:00"], 90),
    "charleston": ("en", ["sat 09:00-22:00"], 0),
    "chicago": ("en", ["sat 09:00-22:00"], 90),
    "los-angeles": ("en", ["sat 13:00-21:00"], 90),
    "vancouver": ("en", ["sat 14:00-22:00"], 0),
    "melbourne": ("en", ["sun 09:00-13:00"], 0),
    "seattle": ("en", ["sat 12:00-21:00"], 90),
}

# Hosts that can carry a longer block.
LONG = ("kyoto", "sydney", "chicago", "los-angeles", "seattle", "vancouver", "melbourne", "charleston", "mexico-city")

# Languages of the chapters that do not host this time.
OTHERS = {
    "seoul": "ko en", "kuala-lumpur": "ms en", "bandung": "id en", "ho-chi-minh": "vi en",
    "chennai": "ta en", "edinburgh": "en", "amsterdam": "nl en", "brno": "cs en", "athens": "el en",
    "helsinki": "fi en", "ankara": "tr en", "morocco": "ar fr en", "maputo": "pt en", "la-paz": "es",
    "quito": "es en", "manaus": "pt", "guatemala": "es", "panama": "es en",
    "raleigh-durham": "en", "denver": "en", "san-francisco": "en", "portland": "en",
}


def groups(facts):
    """All groups, in the order of the chapters' table. Sizes are made up; they follow no chapter's membership."""
    found = []
    for number, chapter in enumerate(facts.chapters.values()):
        ident = chapter["id"]
        languages, hosting, made_for = HOSTS.get(ident) or (OTHERS[ident], [], 0)
        shortest, longest = 90 if made_for >= 90 else 60, 180 if ident in LONG else 120
        found.append(
            Group(
                ident, chapter["name"], chapter["zone"], chapter["country"], languages.split(),
                chapter["subdivision"], 20 + 5 * (number * 7 % 13), ident in HOSTS, list(hosting), (shortest, longest),
            )
        )
    return found
