use super::*;
use crate::suite::Memory;
use crate::suite::tests::at_once;
use std::collections::BTreeMap;

/// The same commands in other batches, with other failures, leave the same rows.
#[test]
fn batches_make_no_difference() {
    for seed in 0..20 {
        let twins = twins(seed, 400, Box::new(Memory::default()), Box::new(Memory::default()));
        at_once(twins);
    }
}

/// Commands that are all refused would compare nothing.
#[test]
fn commands_meet_every_answer() {
    let mut dice = Dice::new(7);
    let commands: Vec<Command> = (1..=3_000).map(|number| dice.command(number)).collect();
    let rng = Rng::with_seed(7);
    let played = at_once(play(&commands, rng, Box::new(Memory::default())));
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for told in &played.told {
        *counts.entry(format!("{told:?}")).or_default() += 1;
    }
    let least = |told: &str, least: u32| {
        let count = counts.get(told).copied().unwrap_or_default();
        assert!(count >= least, "{told}: {count} of {counts:#?}");
    };
    least("Done", 600);
    least("Again", 20);
    for told in [
        "OtherContent",
        "Panicked",
        "Stale",
        "Refused(Hold(AlreadyCaptured))",
        "Refused(Hold(AlreadyExpired))",
        "Refused(Hold(AlreadyVoided))",
        "Refused(Hold(BadExpiry))",
        "Refused(Hold(ExceedsRemaining))",
        "Refused(Hold(Missing))",
        "Refused(Hold(NotYetExpired))",
        "Refused(Transfer(AssetMismatch))",
        "Refused(Transfer(CreditAccountMissing))",
        "Refused(Transfer(DebitAccountMissing))",
        "Refused(Transfer(InsufficientFunds))",
        "Refused(Transfer(Overflow))",
        "Refused(Transfer(SameAccount))",
    ] {
        least(told, 3);
    }
}
