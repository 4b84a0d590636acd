//! A dense relay, made by rule: 40 groups, 2 tracks, about 30 blocks and 100 sessions, 120 operators, 9 duties.
//! Its pages are left in the target directory, for a browser to look at.

use meridian_model::plan::{HostBlock, PlacedSession, Plan, Shift};
use meridian_model::score::{Match, Report, Score, Subject};
use meridian_model::{
    Concern, Duty, Group, Horizon, Impact, Operator, Pins, Problem, RegionalEvent, RegionalKind,
    RuleCode, Session, Span, Timestamp,
};

use crate::fixture;

const PLACES: [(&str, &str, &str); 40] = [
    ("Accra", "Africa/Accra", "en"),
    ("Addis Ababa", "Africa/Addis_Ababa", "en"),
    ("Auckland", "Pacific/Auckland", "en"),
    ("Bengaluru", "Asia/Kolkata", "en"),
    ("Berlin", "Europe/Berlin", "de"),
    ("Bogotá", "America/Bogota", "es"),
    ("Bucharest", "Europe/Bucharest", "ro"),
    ("Buenos Aires", "America/Argentina/Buenos_Aires", "es"),
    ("Cape Town", "Africa/Johannesburg", "en"),
    ("Charleston SC", "America/New_York", "en"),
    ("Chatham", "Pacific/Chatham", "en"),
    ("Denver", "America/Denver", "en"),
    ("Dhaka", "Asia/Dhaka", "bn"),
    ("Dubai", "Asia/Dubai", "ar"),
    ("Halifax", "America/Halifax", "en"),
    ("Hanoi", "Asia/Ho_Chi_Minh", "vi"),
    ("Honolulu", "Pacific/Honolulu", "en"),
    ("Istanbul", "Europe/Istanbul", "tr"),
    ("Jakarta", "Asia/Jakarta", "id"),
    ("Karachi", "Asia/Karachi", "ur"),
    ("Kathmandu", "Asia/Kathmandu", "ne"),
    ("Lagos", "Africa/Lagos", "en"),
    ("Lima", "America/Lima", "es"),
    ("Lisbon", "Europe/Lisbon", "pt"),
    ("London", "Europe/London", "en"),
    ("Manila", "Asia/Manila", "en"),
    ("Mexico City", "America/Mexico_City", "es"),
    ("Monrovia", "Africa/Monrovia", "en"),
    ("Montevideo", "America/Montevideo", "es"),
    ("Nairobi", "Africa/Nairobi", "en"),
    ("Paris", "Europe/Paris", "fr"),
    (
        "Port of Spain and the wider southern Caribbean",
        "America/Port_of_Spain",
        "en",
    ),
    ("Reykjavík", "Atlantic/Reykjavik", "is"),
    ("San Francisco", "America/Los_Angeles", "en"),
    ("São Paulo", "America/Sao_Paulo", "pt"),
    ("Seoul", "Asia/Seoul", "ko"),
    ("Singapore", "Asia/Singapore", "en"),
    ("Sydney", "Australia/Sydney", "en"),
    ("Tokyo 東京", "Asia/Tokyo", "ja"),
    ("Yangon", "Asia/Yangon", "my"),
];

const TITLES: [&str; 12] = [
    "What a small group can carry",
    "Teaching without a room: workshops for people who have never met",
    "Logs that tell the truth",
    "Accessibility from the first commit",
    "夜の配信を支える人たち",
    "Cómo empezar un capítulo en tu ciudad sin presupuesto",
    "Maps, offline",
    "Translating interfaces with the people who use them, one string at a time",
    "Zeitzonen für Fortgeschrittene",
    "Panel: who looks after the moderators?",
    "Datas e feriados: o que o calendário não diz",
    "Debugging a radio link from the other side of the planet",
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

fn cut(start: Timestamp, from: i64, to: i64) -> Span {
    let at = |minute: i64| Timestamp::from_second(start.as_second() + minute * 60).unwrap();
    Span::new(at(from), at(to)).unwrap()
}

fn local_hour(at: Timestamp, group: &Group) -> i8 {
    let zone = fixture::ZONES.zone(group.zone.as_str()).unwrap();
    at.to_zoned(zone).hour()
}

/// Blocks and sessions of one track.
fn track(
    name: &str,
    start: Timestamp,
    groups: &[Group],
    free: &mut Vec<usize>,
    dice: &mut Dice,
) -> (Vec<HostBlock>, Vec<PlacedSession>, Vec<Session>) {
    let (mut blocks, mut placed, mut sessions) = (Vec::new(), Vec::new(), Vec::new());
    let mut minute = 0;
    while minute < 1440 {
        let length = [60, 90, 120, 90][dice.below(4)].min(1440 - minute);
        let span = cut(start, minute, minute + length);
        let pick = free
            .iter()
            .position(|&g| (8..22).contains(&local_hour(span.start(), &groups[g])))
            .unwrap_or(0);
        let group = &groups[free.remove(pick)];
        let language = group.languages[0].as_str();
        blocks.push(fixture::block(
            &format!("blk-{name}-{}", group.id),
            name,
            group.id.as_str(),
            language,
            span,
        ));
        let mut from = minute;
        while from < minute + length {
            let long = [15, 20, 25, 40, 45, 30][dice.below(6)];
            if from + long > minute + length {
                break;
            }
            let id = format!("talk-{name}-{from:04}");
            let title = TITLES[dice.below(TITLES.len())];
            sessions.push(fixture::session(
                &id,
                title,
                language,
                u32::try_from(long).unwrap(),
            ));
            placed.push(fixture::placed(&id, name, cut(start, from, from + long)));
            from += long + 5;
        }
        minute += length;
    }
    (blocks, placed, sessions)
}

/// Shifts for every duty: the first free person who is awake; nobody is a gap.
fn roster(problem: &Problem, groups: &[Group]) -> (Vec<Shift>, Vec<Match>) {
    let start = problem.event.horizon.start();
    let mut used = vec![false; problem.operators.len()];
    let (mut shifts, mut matches) = (Vec::new(), Vec::new());
    for duty in &problem.event.duties {
        let mut minute = 0;
        while minute < 1440 {
            let length = if minute % 200 < 100 { 120 } else { 180 }.min(1440 - minute);
            let span = cut(start, minute, minute + length);
            let awake = |operator: &Operator| !operator.nights.iter().any(|n| n.overlaps(&span));
            let found = problem
                .operators
                .iter()
                .enumerate()
                .find(|(index, operator)| !used[*index] && awake(operator));
            if let Some((index, operator)) = found.filter(|_| minute % 700 != 600) {
                used[index] = true;
                let id = format!("sh-{}-{minute:04}", duty.id);
                let handover = if minute == 0 { 0 } else { 10 };
                shifts.push(fixture::shift(
                    &id,
                    operator.id.as_str(),
                    duty.id.as_str(),
                    span,
                    handover,
                ));
            } else {
                matches.push(Match {
                    rule: RuleCode::M04,
                    amount: length / 5,
                    subjects: vec![Subject::Duty(duty.id.clone())],
                    spans: vec![span],
                    says: format!("{} lacks 1 person", duty.id),
                    remedy: "one more person with this skill".to_owned(),
                });
            }
            minute += length;
        }
    }
    assert!(groups.len() == 40);
    (shifts, matches)
}

fn duties(whole: Span) -> Vec<Duty> {
    vec![
        fixture::duty("op-a", "stream-operator", &["a"], whole),
        fixture::duty("op-b", "stream-operator", &["b"], whole),
        fixture::duty("mc-a", "mc", &["a"], whole),
        fixture::duty("mc-b", "mc", &["b"], whole),
        fixture::duty("mod-a", "moderator", &["a"], whole),
        fixture::duty("mod-b", "moderator", &["b"], whole),
        fixture::duty("eng", "engineer", &["a", "b"], whole),
        fixture::duty("int-a", "interpreter", &["a"], whole),
        fixture::duty("int-b", "interpreter", &["b"], whole),
    ]
}

/// The dense relay.
pub(crate) fn dense() -> (Problem, Plan, Report) {
    let horizon = Horizon::new(fixture::at("2024-08-24T03:00:00Z"), 5, 288).unwrap();
    let groups: Vec<Group> = PLACES
        .iter()
        .map(|(name, zone, language)| {
            let id = name
                .to_lowercase()
                .replace(|c: char| !c.is_ascii_alphanumeric(), "-");
            fixture::group(&id, name, zone, &[language, "en"])
        })
        .collect();
    let operators: Vec<Operator> = (0..120)
        .map(|index| {
            let group = &groups[(index * 7) % 40];
            fixture::operator(&format!("op-{index:03}"), group, horizon)
        })
        .collect();
    let whole = horizon.span();
    let duties = duties(whole);
    let mut dice = Dice(20);
    let mut free: Vec<usize> = (0..40).collect();
    let start = horizon.start();
    let (mut blocks, mut placed, mut sessions) = track("a", start, &groups, &mut free, &mut dice);
    let (more, further, others) = track("b", start, &groups, &mut free, &mut dice);
    blocks.extend(more);
    placed.extend(further);
    sessions.extend(others);
    let clash = |id: &str, title: &str, kind, group: &str, from, to| RegionalEvent {
        id: id.into(),
        title: title.to_owned(),
        kind,
        impact: Impact::Weigh,
        concerns: vec![Concern {
            group: group.into(),
            span: cut(start, from, to),
        }],
    };
    let host = |index: usize| (blocks[index].group.to_string(), blocks[index].span);
    let minute = |at: Timestamp| meridian_model::time::minutes(start, at);
    let (first, span) = host(4);
    let problem = Problem {
        format: Problem::FORMAT.to_owned(),
        tzdb: fixture::stamp(),
        event: fixture::event("dense", "Dense Relay 2024", "Asia/Tokyo", horizon, duties),
        operators,
        speakers: Vec::new(),
        sessions,
        regional_events: vec![
            clash(
                "flag-day",
                "Flag Day",
                RegionalKind::Holiday,
                &first,
                minute(span.start()) - 200,
                minute(span.end()) + 300,
            ),
            clash(
                "conf",
                "Southern Open Source Conference",
                RegionalKind::Conference,
                "charleston-sc",
                500,
                1100,
            ),
        ],
        pins: Pins::default(),
        groups,
    };
    let (shifts, matches) = roster(&problem, &problem.groups);
    let plan = fixture::plan("dense", blocks, placed, shifts);
    let report = Report {
        score: Score::default(),
        matches,
    };
    (problem, plan, report)
}
