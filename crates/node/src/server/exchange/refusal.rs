//! What is said when the exchange does not do what was asked.

use meridian_federation::Code;

use crate::exchange::ExchangeError;
use crate::server::problem::{Problem, Wrong};
use crate::store::StoreError;

/// What the exchange is called as a place where something is wrong; the command line calls it so, too.
const PLACE: &str = "the exchange";

impl From<ExchangeError> for Problem {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Off => wrong(
                "F040",
                "this node signs for no group yet",
                "make one with POST /api/v1/exchange/groups",
            ),
            ExchangeError::Unknown(why) => Self::missing(why),
            ExchangeError::Refused(problem) if problem.code == Code::UnknownSpace => {
                Self::missing("this node does not follow the space: join it")
            }
            ExchangeError::Refused(problem) => wrong(
                problem.code.as_str(),
                &problem.detail,
                "see the code in docs/protocol.md, section 12",
            ),
            ExchangeError::Store(StoreError::Present(_)) => {
                Self::present("it is there already: use another name")
            }
            ExchangeError::Store(error) => error.into(),
            ExchangeError::Unfit(why) => wrong(
                "F040",
                &why,
                "GET /api/v1/exchange/spaces and /api/v1/exchange/peers say what there is, and how far it is",
            ),
            ExchangeError::Broken(error) => error.into(),
        }
    }
}

fn wrong(code: &str, what: &str, remedy: &str) -> Problem {
    Problem::of_wrongs(vec![Wrong {
        code: code.to_owned(),
        place: PLACE.to_owned(),
        what: what.to_owned(),
        remedy: remedy.to_owned(),
    }])
}
