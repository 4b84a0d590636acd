//! Protocols with one rule left out, and the seed by which each dies. The honest protocol lives through the same seed.

use meridian_federation::mutant::Mutant;

use crate::knob;
use crate::run::run;
use crate::shell::{Careless, Rules};
use crate::violation::Invariant;

/// Which rule is left out, by the core or by whoever drives it.
#[derive(Clone, Copy, Debug)]
enum Wrong {
    Core(Mutant),
    Shell(Careless),
}

struct Named {
    name: &'static str,
    wrong: Wrong,
    seed: u64,
    dies_by: Invariant,
}

const fn core(name: &'static str, mutant: Mutant, seed: u64, dies_by: Invariant) -> Named {
    Named {
        name,
        wrong: Wrong::Core(mutant),
        seed,
        dies_by,
    }
}

const fn shell(name: &'static str, careless: Careless, seed: u64, dies_by: Invariant) -> Named {
    Named {
        name,
        wrong: Wrong::Shell(careless),
        seed,
        dies_by,
    }
}

/// `docs/protocol.md` says what each leaves out. When the simulation itself changes, its seeds tell other stories:
/// `MERIDIAN_SIM_HUNT=2000` looks for new ones.
const NAMED: [Named; 14] = [
    core("M1", Mutant::NoEvidenceGossip, 1, Invariant::Converges),
    core("M2", Mutant::FirstBranchWins, 1, Invariant::Converges),
    core("M3", Mutant::NoPreviousHash, 24, Invariant::Chained),
    core("M4", Mutant::NoProgressGuard, 6, Invariant::Ends),
    core("M5", Mutant::DeadKeysCount, 3, Invariant::DeadKeys),
    core("M6", Mutant::CertificateUnchecked, 5, Invariant::Certified),
    core("M7", Mutant::AcceptUnbound, 388, Invariant::Certified),
    core("M8", Mutant::NoNewGeneration, 6, Invariant::SignsOnce),
    core("M9", Mutant::FirstCardWins, 85, Invariant::Converges),
    core("M10", Mutant::ArrivalOrder, 1, Invariant::Folded),
    core("M11", Mutant::BodiesToAll, 0, Invariant::Private),
    core("M12", Mutant::CustodyUnchecked, 67, Invariant::OneCustodian),
    shell("S1", Careless::AcknowledgesFirst, 4, Invariant::NothingLost),
    shell("S2", Careless::NoSideFile, 6, Invariant::SignsOnce),
];

fn rules(wrong: Wrong) -> Rules {
    let honest = Rules::honest(8);
    match wrong {
        Wrong::Core(mutant) => Rules {
            mutant: Some(mutant),
            ..honest
        },
        Wrong::Shell(careless) => Rules {
            careless: Some(careless),
            ..honest
        },
    }
}

#[test]
fn every_named_mutant_dies_by_its_seed_and_the_honest_protocol_lives_through_it() {
    if let Some(n) = knob::hunt() {
        for named in &NAMED {
            hunt(named, n);
        }
        return;
    }
    for Named {
        name,
        wrong,
        seed,
        dies_by,
    } in &NAMED
    {
        let died = run(*seed, rules(*wrong), false).result;
        let by = died.as_ref().err().map(|violation| violation.invariant);
        assert_eq!(
            by,
            Some(*dies_by),
            "{name} {wrong:?} at seed {seed}: {died:?}"
        );
        let honest = run(*seed, Rules::honest(8), false).result;
        assert!(honest.is_ok(), "seed {seed} of {name}: {honest:?}");
    }
}

/// Looks for the first seed by which a mutant dies as it should; else for the first by which it dies at all.
fn hunt(named: &Named, n: u64) {
    let mut other = None;
    for seed in 0..n {
        let result = run(seed, rules(named.wrong), false).result;
        let Some(violation) = result.err() else {
            continue;
        };
        if run(seed, Rules::honest(8), false).result.is_err() {
            continue;
        }
        if violation.invariant == named.dies_by {
            eprintln!(
                "{} {:?}: seed {seed}, {:?}",
                named.name, named.wrong, violation.invariant
            );
            return;
        }
        other.get_or_insert((seed, violation.invariant));
    }
    eprintln!(
        "{} {:?}: not by {:?}, but {other:?}",
        named.name, named.wrong, named.dies_by
    );
}
