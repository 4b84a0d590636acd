"""The sessions and speakers of `relay-2024`: real titles where there are real ones, the others from templates."""

from parts import Row, Session, Speaker
from relay_groups import HOSTS

# Titles by language: the group presents itself, short talks, a talk about a topic.
SHOWCASE = {
    "en": "Group showcase: {}", "ja": "グループ紹介：{}", "es": "Presentación del grupo: {}",
    "pt": "Apresentação do grupo: {}", "fr": "Présentation du groupe : {}", "de": "Vorstellung der Gruppe: {}",
    "hi": "समूह परिचय: {}",
}
LIGHTNING = {
    "en": "Lightning talks: {}", "ja": "ライトニングトーク：{}", "es": "Charlas relámpago: {}",
    "pt": "Palestras relâmpago: {}", "fr": "Présentations éclair : {}", "de": "Kurzvorträge: {}",
    "hi": "लघु वार्ताएँ: {}",
}
# Local names where the language writes them otherwise.
LOCAL = {"tokyo": "東京", "kyoto": "京都", "mumbai": "मुंबई", "delhi": "दिल्ली", "vienna": "Wien", "lisbon": "Lisboa"}
TOPICS = {
    "maps": {
        "ja": "オープンデータで地図を描く", "es": "Mapas con datos abiertos", "pt": "Mapas com dados abertos",
        "fr": "Des cartes avec des données ouvertes", "de": "Karten aus offenen Daten", "hi": "खुले आँकड़ों से नक्शे",
        "en": "Maps from open data",
    },
    "testing": {
        "ja": "はじめてのテスト", "es": "Las primeras pruebas de un proyecto", "pt": "Os primeiros testes de um projeto",
        "fr": "Les premiers tests d'un projet", "de": "Die ersten Tests eines Projekts", "hi": "परियोजना के पहले परीक्षण",
        "en": "The first tests of a project",
    },
    "teaching": {
        "ja": "子どもと学ぶプログラミング", "es": "Programar con niñas y niños", "pt": "Programar com crianças",
        "fr": "Programmer avec les enfants", "de": "Programmieren mit Kindern", "hi": "बच्चों के साथ प्रोग्रामिंग",
        "en": "Programming with children",
    },
    "language": {
        "ja": "日本語テキストを数える", "es": "Contar palabras en español", "pt": "Contar palavras em português",
        "fr": "Compter les mots en français", "de": "Deutsche Wörter zählen", "hi": "हिन्दी शब्दों की गिनती",
        "en": "Counting words in many languages",
    },
    "hardware": {
        "ja": "小さな気象観測所", "es": "Una pequeña estación meteorológica", "pt": "Uma pequena estação meteorológica",
        "fr": "Une petite station météo", "de": "Eine kleine Wetterstation", "hi": "एक छोटा मौसम केंद्र",
        "en": "A small weather station",
    },
}
TAGS = ["web", "data", "careers", "craft", "community", "security", "time", "games"]
NOT_HOSTING = ["seoul", "edinburgh", "helsinki", "la-paz", "san-francisco"]
FILLERS = [
    "Pictures from around the world", "Music for waiting", "Ten favourite tools", "A quiz about time zones",
    "Greetings from the groups", "Open questions, answered", "A walk through a small library",
    "How we planned this relay", "Code reading: a sorting routine", "Stretching for people at keyboards",
    "A short film about contributors", "Puzzles with dates",
]


class Programme:
    """Collects sessions and speakers."""

    def __init__(self, facts, groups, day_one, day_two):
        self.titles = list(facts.titles)
        self.groups = {group.id: group for group in groups}
        self.days = day_one, day_two
        self.sessions, self.speakers = [], []

    def speaker(self, group):
        """A new speaker of a group."""
        person = Speaker(f"speaker-{len(self.speakers) + 1:02}", group, self.groups[group].zone)
        self.speakers.append(person)
        return person.id

    def add(self, group, title, kind, length, language, tags, speakers, changeover=5):
        """A new session of a group."""
        ident = f"s{len(self.sessions):03}"
        self.sessions.append(
            Session(ident, title, kind, length, language, changeover, speakers, tags, group=group)
        )
        return self.sessions[-1]

    def real(self, group, length):
        """A talk in English with a real title, as long as there are any."""
        tag = TAGS[len(self.titles) % len(TAGS)]
        if self.titles:
            self.add(group, self.titles.pop(0), "talk", length, "en", [tag], [self.speaker(group)])
        else:
            self.topic(group, length, "en")

    def topic(self, group, length, language):
        """A talk about a topic."""
        tag = list(TOPICS)[(len(self.sessions) * 3 + len(self.speakers)) % len(TOPICS)]
        used = {session.title for session in self.sessions}
        tags = [tag] + [other for other in TOPICS if other != tag]
        tag = next((t for t in tags if TOPICS[t][language] not in used), tag)
        title = TOPICS[tag][language]
        if title in used:
            title = f"{title} ({self.name(group, language)})"
        self.add(group, title, "talk", length, language, [tag], [self.speaker(group)])

    def name(self, group, language):
        """The group's name as it is written in a language."""
        if language != "en" and group in LOCAL:
            return LOCAL[group]
        return self.groups[group].name

    def present(self, group, kind, length, language):
        """A showcase or lightning talks by speakers that the group already has."""
        texts = SHOWCASE if kind == "showcase" else LIGHTNING
        own = [s.id for s in self.speakers if s.group == group] or [self.speaker(group)]
        title = texts[language].format(self.name(group, language))
        self.add(group, title, kind, length, language, ["community"], own[:2])

    def host(self, group, made_for):
        """The sessions of a hosting group, made for a block of so many minutes."""
        main = self.groups[group].languages[0]
        if main == "en":
            self.real(group, 25)
        else:
            self.topic(group, 25, main)
        if made_for >= 90:
            if main == "en" or len(self.sessions) % 3 == 0:
                self.real(group, 20)
            else:
                self.topic(group, 20, main)
        if made_for >= 120:
            self.real(group, 20)
        kind = "lightning" if len(self.sessions) % 2 else "showcase"
        self.present(group, kind, 15, main)


def programme(facts, groups, day_one, day_two):
    """All sessions and speakers; the days are the two dates of the event."""
    plan = Programme(facts, groups, day_one, day_two)
    plan.sessions.append(
        Session("opening", "Opening: once round the world", "opening", 30, "en", 5, priority="must", tracks=["a"],
                window=(f"{day_one}T12:00", f"{day_one}T13:00"))
    )
    for group in groups:
        if group.id in HOSTS and HOSTS[group.id][2]:
            plan.host(group.id, HOSTS[group.id][2])
    for group in NOT_HOSTING:
        if group == "la-paz":
            plan.topic(group, 20, "es")
        else:
            plan.real(group, 20)
    recorded = plan.add("monrovia", "Group showcase: Monrovia", "showcase", 15, "en", ["community"], [])
    recorded.delivery = "recorded"
    special(plan)
    plan.sessions.append(
        Session("closing", "Closing: noon again", "closing", 30, "en", 0, priority="must", tracks=["a"],
                window=(f"{day_two}T11:00", f"{day_two}T12:00"))
    )
    for number, title in enumerate(FILLERS, 1):
        delivery = "recorded" if number % 4 else "live"
        speakers = [] if number % 4 else [plan.speakers[number * 4].id]
        plan.sessions.append(
            Session(f"filler-{number:02}", title, "filler", 20, "en", 0, speakers, priority="filler", delivery=delivery)
        )
    return plan.sessions, plan.speakers


def special(plan):
    """What makes single sessions and speakers different: windows, tracks, recordings, guests, busy times."""
    one, two = plan.days
    by_group = {}
    for session in plan.sessions:
        by_group.setdefault(session.group, []).append(session)
    for group in ("dublin", "los-angeles", "vienna"):
        by_group[group][0].delivery = "recorded"
    for group in ("sydney", "berlin"):
        by_group[group][0].tracks = ["b"]
    for group in ("paris", "new-york"):
        by_group[group][0].priority = "must"
    by_group["uruguay"][0].window = (f"{one}T12:00", f"{one}T20:00")
    by_group["uruguay"][0].window_zone = "America/Montevideo"
    by_group["nigeria"][0].window = (f"{one}T10:00", f"{one}T22:00")
    by_group["nigeria"][0].window_zone = "Africa/Lagos"
    own = {}
    for speaker in plan.speakers:
        own.setdefault(speaker.group, []).append(speaker)
    own["toronto"][0].zone = "America/Vancouver"
    own["ghana"][0].zone = "Europe/London"
    own["kampala"][0].rows = [Row("possible", f"{one}T09:00", f"{one}T19:00")]
    own["recife"][0].rows = [Row("prefer", rule="weekends 10:00-13:00"), Row("possible", rule="weekends 13:00-20:00")]
    own["london"][0].rows = [Row(rule="never 20:00-09:00")]
    own["tokyo"][0].rows = [Row("possible", f"{one}T11:30", f"{one}T18:00")]
    own["chicago"][0].busy = [(f"{one}T09:00", f"{one}T10:30")]
    own["taiwan"][0].busy = [(f"{one}T15:00", f"{one}T17:00")]
