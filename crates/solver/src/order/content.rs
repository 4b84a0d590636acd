//! What each thing of a problem is, without its id, and what it refers to.

use std::collections::BTreeMap;

use meridian_model::{
    Availability, Concern, Delivery, Duty, Event, Grade, Group, HostBlock, Hosting, Impact,
    Language, Operator, Priority, Problem, RegionalEvent, RegionalKind, Role, RoleNeed, Session,
    Shift, Skill, SkillLevel, Span, Speaker,
};

use super::colours::{Graph, Label};

/// The kinds of things, in the order in which what is alike is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Track,
    Role,
    Group,
    Speaker,
    Session,
    Duty,
    Operator,
    RegionalEvent,
    PinnedBlock,
    PinnedSession,
    PinnedShift,
}

impl Kind {
    pub(super) const ALL: [Self; 11] = [
        Self::Track,
        Self::Role,
        Self::Group,
        Self::Speaker,
        Self::Session,
        Self::Duty,
        Self::Operator,
        Self::RegionalEvent,
        Self::PinnedBlock,
        Self::PinnedSession,
        Self::PinnedShift,
    ];

    pub(super) fn number(self) -> usize {
        Self::ALL.iter().position(|&kind| kind == self).unwrap_or(0)
    }
}

/// The things of a problem as a graph, and their ids.
pub(super) struct Content {
    pub(super) graph: Graph,
    pub(super) ids: Vec<String>,
}

/// The content of a problem.
pub(super) fn of(problem: &Problem) -> Content {
    let mut reader = Reader {
        problem,
        languages: languages(problem),
        graph: Graph::new(),
        ids: Vec::new(),
        known: BTreeMap::new(),
    };
    reader.nodes();
    reader.links();
    Content {
        graph: reader.graph,
        ids: reader.ids,
    }
}

/// Every language that is named, in order.
fn languages(problem: &Problem) -> Vec<&Language> {
    let skills = problem.operators.iter().flat_map(|o| &o.skills);
    let mut all: Vec<&Language> = std::iter::once(&problem.event.language)
        .chain(problem.groups.iter().flat_map(|g| &g.languages))
        .chain(problem.sessions.iter().map(|s| &s.language))
        .chain(problem.pins.blocks.iter().map(|b| &b.language))
        .chain(skills.flat_map(|s| s.language.iter().chain(&s.into)))
        .collect();
    all.sort();
    all.dedup();
    all
}

const NOTHING: Label = [0; 4];

struct Reader<'p> {
    problem: &'p Problem,
    languages: Vec<&'p Language>,
    graph: Graph,
    ids: Vec<String>,
    /// The first node of each kind and id.
    known: BTreeMap<(Kind, &'p str), usize>,
}

impl<'p> Reader<'p> {
    fn node(&mut self, kind: Kind, id: &'p str, own: Vec<i64>) {
        self.known.entry((kind, id)).or_insert(self.ids.len());
        self.ids.push(id.to_owned());
        self.graph.node(kind.number(), own);
    }

    fn nodes(&mut self) {
        let Problem {
            format: _,
            tzdb: _,
            event,
            groups,
            operators,
            speakers,
            sessions,
            regional_events,
            pins,
        } = self.problem;
        for track in &event.tracks {
            self.node(Kind::Track, track.id.as_str(), Vec::new());
        }
        for one in &event.roles {
            self.node(Kind::Role, one.id.as_str(), role(one));
        }
        for one in groups {
            let own = self.group(one);
            self.node(Kind::Group, one.id.as_str(), own);
        }
        for one in speakers {
            let own = self.grades(&one.availability);
            self.node(Kind::Speaker, one.id.as_str(), own);
        }
        for one in sessions {
            let own = self.session(one);
            self.node(Kind::Session, one.id.as_str(), own);
        }
        for one in &event.duties {
            let mut own = vec![i64::from(one.count)];
            own.extend(self.spans(&one.spans));
            self.node(Kind::Duty, one.id.as_str(), own);
        }
        for one in operators {
            let own = self.operator(one);
            self.node(Kind::Operator, one.id.as_str(), own);
        }
        for one in regional_events {
            self.node(Kind::RegionalEvent, one.id.as_str(), regional(one));
        }
        for one in &pins.blocks {
            let mut own = vec![self.language(&one.language)];
            own.extend(self.span(one.span));
            self.node(Kind::PinnedBlock, one.id.as_str(), own);
        }
        for one in &pins.sessions {
            let own = self.span(one.span).to_vec();
            self.node(Kind::PinnedSession, one.session.as_str(), own);
        }
        for one in &pins.shifts {
            let mut own = vec![i64::from(one.handover_min)];
            own.extend(self.span(one.span));
            self.node(Kind::PinnedShift, one.id.as_str(), own);
        }
    }

    /// Links the `n`-th thing of a kind with what it refers to; what is not known is passed over.
    fn link(&mut self, from: (Kind, usize), label: Label, to: (Kind, &str)) {
        let node = self.graph.nodes(from.0.number()).start + from.1;
        if let Some(&to) = self.known.get(&to) {
            self.graph.link(node, label, to);
        }
    }

    fn links(&mut self) {
        let problem = self.problem;
        let Event { duties, .. } = &problem.event;
        for (n, Duty { role, tracks, .. }) in duties.iter().enumerate() {
            self.link((Kind::Duty, n), NOTHING, (Kind::Role, role.as_str()));
            for track in tracks {
                self.link((Kind::Duty, n), NOTHING, (Kind::Track, track.as_str()));
            }
        }
        for (n, Speaker { group, .. }) in problem.speakers.iter().enumerate() {
            if let Some(group) = group {
                self.link((Kind::Speaker, n), NOTHING, (Kind::Group, group.as_str()));
            }
        }
        for (n, session) in problem.sessions.iter().enumerate() {
            let from = (Kind::Session, n);
            for speaker in &session.speakers {
                self.link(from, NOTHING, (Kind::Speaker, speaker.as_str()));
            }
            for track in &session.tracks {
                self.link(from, NOTHING, (Kind::Track, track.as_str()));
            }
            if let Some(group) = &session.group {
                self.link(from, NOTHING, (Kind::Group, group.as_str()));
            }
        }
        for (n, operator) in problem.operators.iter().enumerate() {
            let from = (Kind::Operator, n);
            self.link(from, NOTHING, (Kind::Group, operator.group.as_str()));
            if let Some(speaker) = &operator.speaker {
                self.link(from, NOTHING, (Kind::Speaker, speaker.as_str()));
            }
            for skill in &operator.skills {
                let label = self.skill(skill);
                self.link(from, label, (Kind::Role, skill.role.as_str()));
            }
        }
        for (n, event) in problem.regional_events.iter().enumerate() {
            for Concern { group, span } in &event.concerns {
                let [from, to] = self.span(*span);
                let label = [from, to, 0, 0];
                self.link(
                    (Kind::RegionalEvent, n),
                    label,
                    (Kind::Group, group.as_str()),
                );
            }
        }
        self.pin_links();
    }

    fn pin_links(&mut self) {
        let pins = &self.problem.pins;
        for (n, HostBlock { track, group, .. }) in pins.blocks.iter().enumerate() {
            let from = (Kind::PinnedBlock, n);
            self.link(from, NOTHING, (Kind::Track, track.as_str()));
            self.link(from, NOTHING, (Kind::Group, group.as_str()));
        }
        for (n, placed) in pins.sessions.iter().enumerate() {
            let from = (Kind::PinnedSession, n);
            self.link(from, NOTHING, (Kind::Session, placed.session.as_str()));
            self.link(from, NOTHING, (Kind::Track, placed.track.as_str()));
        }
        for (n, Shift { operator, duty, .. }) in pins.shifts.iter().enumerate() {
            let from = (Kind::PinnedShift, n);
            self.link(from, NOTHING, (Kind::Operator, operator.as_str()));
            self.link(from, NOTHING, (Kind::Duty, duty.as_str()));
        }
    }

    fn language(&self, language: &Language) -> i64 {
        let at = self.languages.binary_search(&language);
        at.ok().and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)
    }

    /// Seconds from the start of the horizon.
    fn span(&self, span: Span) -> [i64; 2] {
        let start = self.problem.event.horizon.start().as_second();
        [
            span.start().as_second() - start,
            span.end().as_second() - start,
        ]
    }

    fn spans(&self, spans: &[Span]) -> Vec<i64> {
        let mut seconds: Vec<[i64; 2]> = spans.iter().map(|&span| self.span(span)).collect();
        seconds.sort_unstable();
        list(seconds.as_flattened())
    }

    fn grades(&self, availability: &Availability) -> Vec<i64> {
        let graded = availability.0.iter().map(|graded| {
            let [from, to] = self.span(graded.span);
            [from, to, grade(graded.grade)]
        });
        let mut all: Vec<[i64; 3]> = graded.collect();
        all.sort_unstable();
        list(all.as_flattened())
    }

    fn skill(&self, skill: &Skill) -> Label {
        let language = |l: &Option<Language>| l.as_ref().map_or(-1, |l| self.language(l));
        let level = match skill.level {
            SkillLevel::Trained => 0,
            SkillLevel::FirstTimer => 1,
        };
        [1, language(&skill.language), language(&skill.into), level]
    }

    fn group(&self, group: &Group) -> Vec<i64> {
        let languages: Vec<i64> = group.languages.iter().map(|l| self.language(l)).collect();
        let mut own = vec![i64::from(group.size)];
        own.extend(list(&languages));
        if let Some(hosting) = &group.hosting {
            let Hosting {
                availability,
                prime,
                shortest_min,
                longest_min,
                max_blocks,
            } = hosting;
            own.extend([shortest_min, longest_min, max_blocks].map(|&n| i64::from(n)));
            own.extend(self.grades(availability));
            own.extend(self.spans(prime));
        }
        own
    }

    fn session(&self, session: &Session) -> Vec<i64> {
        let priority = match session.priority {
            Priority::Must => 0,
            Priority::Should => 1,
            Priority::Filler => 2,
        };
        let delivery = match session.delivery {
            Delivery::Live => 0,
            Delivery::Recorded => 1,
        };
        let mut own = vec![
            i64::from(session.length_min),
            i64::from(session.changeover_min),
            self.language(&session.language),
            priority,
            delivery,
        ];
        let window: Vec<i64> = session
            .window
            .map(|w| self.span(w))
            .into_iter()
            .flatten()
            .collect();
        own.extend(list(&window));
        let mut tags: Vec<&String> = session.tags.iter().collect();
        tags.sort();
        // Tags are words, not ids: they are content.
        own.extend(
            tags.iter()
                .flat_map(|tag| tag.bytes().chain([0]))
                .map(i64::from),
        );
        own
    }

    fn operator(&self, operator: &Operator) -> Vec<i64> {
        let mut own = vec![
            i64::from(operator.max_duty_min),
            i64::from(operator.carry_over_min),
        ];
        own.extend(self.grades(&operator.availability));
        own.extend(self.spans(&operator.nights));
        own
    }
}

fn role(role: &Role) -> Vec<i64> {
    let needs = match role.needs {
        RoleNeed::Nothing => 0,
        RoleNeed::BlockLanguage => 1,
        RoleNeed::Interpretation => 2,
    };
    vec![i64::from(role.alerted), needs, i64::from(role.handover_min)]
}

fn regional(event: &RegionalEvent) -> Vec<i64> {
    let kind = match event.kind {
        RegionalKind::Holiday => 0,
        RegionalKind::Conference => 1,
        RegionalKind::Other => 2,
    };
    let impact = match event.impact {
        Impact::Block => 0,
        Impact::Weigh => 1,
        Impact::Ignore => 2,
    };
    vec![kind, impact]
}

fn grade(grade: Grade) -> i64 {
    match grade {
        Grade::Impossible => 0,
        Grade::IfNeedBe => 1,
        Grade::Possible => 2,
        Grade::Prefer => 3,
    }
}

/// A list with its length, so that what follows it cannot be taken for a part of it.
fn list(items: &[i64]) -> Vec<i64> {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    std::iter::once(length)
        .chain(items.iter().copied())
        .collect()
}
