//! The same records as a file, for groups that run no server and for mail: with the same checks.

use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::effects::Effects;
use crate::ids::{GroupId, SpaceId};
use crate::node::Node;
use crate::offer;
use crate::problem::{Code, Problem};
use crate::sync::{Docs, Have};
use crate::wire::DocsDto;

/// Name and version of the file's format.
pub const FORMAT: &str = "meridian-bundle/1";

/// Most bytes of a bundle.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;

#[derive(Serialize)]
struct Bundle<'a> {
    format: &'a str,
    space: SpaceId,
    founder: GroupId,
    /// A file holds as many documents as it takes, each no larger than a message.
    docs: Vec<Docs>,
}

#[derive(Deserialize)]
struct BundleDto {
    format: String,
    space: SpaceId,
    founder: GroupId,
    docs: Vec<DocsDto>,
}

impl Node {
    /// All of a space that `reader` may have and that is not in `have` yet.
    ///
    /// # Errors
    /// `unknown-space`; `malformed` when it cannot be written.
    pub fn write_bundle(
        &self,
        space: SpaceId,
        reader: &GroupId,
        have: &Have,
    ) -> Result<Vec<u8>, Problem> {
        let book = self.book(&space)?;
        let mut have = have.clone();
        let mut all = Vec::new();
        loop {
            let docs = offer::docs(self, book, reader, &have);
            let grows = !docs.records.is_empty() || !docs.cards.is_empty();
            let more = docs.more && grows;
            offer::has_now(&mut have, &docs);
            all.push(docs);
            if !more {
                break;
            }
        }
        canonical::write(&Bundle {
            format: FORMAT,
            space,
            founder: book.founder,
            docs: all,
        })
    }

    /// Takes a bundle of a space that is followed, from whomever it comes: its records speak for themselves.
    pub fn read_bundle(&mut self, bytes: &[u8]) -> Effects {
        let mut effects = Effects::default();
        match parse(bytes).and_then(|dto| self.book(&dto.space).map(|_| ()).map(|()| dto)) {
            Ok(dto) => {
                let mut spoiled = Vec::new();
                for docs in dto.docs {
                    let docs = docs.read(&mut spoiled);
                    self.take_docs(dto.space, docs, &mut effects);
                }
                for problem in spoiled {
                    effects.refuse(None, problem);
                }
            }
            Err(problem) => effects.refuse(None, problem),
        }
        effects
    }
}

/// The space of a bundle and who opened it, so that a reader may follow it first.
///
/// # Errors
/// `too-large`, `malformed`, `unknown-version`.
pub fn space_of(bytes: &[u8]) -> Result<(SpaceId, GroupId), Problem> {
    parse(bytes).map(|dto| (dto.space, dto.founder))
}

fn parse(bytes: &[u8]) -> Result<BundleDto, Problem> {
    canonical::check_size(bytes, MAX_BYTES)?;
    let malformed = |error: serde_json::Error| Problem::new(Code::Malformed, error.to_string());
    let dto: BundleDto = serde_json::from_slice(bytes).map_err(malformed)?;
    if dto.format == FORMAT {
        Ok(dto)
    } else {
        let detail = format!("not a {FORMAT}");
        Err(Problem::new(Code::UnknownVersion, detail))
    }
}
