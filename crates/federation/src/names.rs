//! Whose records are taken: the founder's, and those of groups that charters name.
//!
//! Only the founder, and whoever such a charter makes coordinator, names others: else any member could make every node
//! keep the records of as many groups as it invents. It does not matter whether a charter is or was in effect, nor in
//! which order charters come.

use std::collections::{BTreeMap, BTreeSet};

use crate::content::SpaceCharter;
use crate::ids::{GroupId, RecordId};
use crate::record::Record;

pub(crate) struct Names {
    named: BTreeSet<GroupId>,
    namers: BTreeSet<GroupId>,
    /// Charters of groups that name nobody yet.
    unheard: BTreeMap<RecordId, Charter>,
}

struct Charter {
    author: GroupId,
    coordinator: GroupId,
    members: Vec<GroupId>,
}

impl Names {
    pub(crate) fn of(founder: GroupId) -> Self {
        Self {
            named: BTreeSet::from([founder]),
            namers: BTreeSet::from([founder]),
            unheard: BTreeMap::new(),
        }
    }

    pub(crate) fn holds(&self, group: &GroupId) -> bool {
        self.named.contains(group)
    }

    pub(crate) fn is_namer(&self, group: &GroupId) -> bool {
        self.namers.contains(group)
    }

    /// Whom a charter that was read once names stays named, whatever becomes of it.
    pub(crate) fn hear(&mut self, record: &Record, charter: &SpaceCharter) {
        let members = charter.members.iter().map(|member| member.group);
        let charter = Charter {
            author: record.header().author,
            coordinator: charter.coordinator,
            members: members.collect(),
        };
        self.unheard.insert(record.id(), charter);
        while let Some(next) = self.heard() {
            if let Some(charter) = self.unheard.remove(&next) {
                self.named.extend(charter.members);
                self.namers.insert(charter.coordinator);
            }
        }
    }

    fn heard(&self) -> Option<RecordId> {
        let mut unheard = self.unheard.iter();
        unheard
            .find(|(_, charter)| self.namers.contains(&charter.author))
            .map(|(record, _)| *record)
    }
}
