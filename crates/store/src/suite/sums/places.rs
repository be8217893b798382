//! Places: one seq per applied unit, from one on without gaps, each with an event; one recorded
//! time per unit, which never goes back; ordinals from zero on without gaps, none taken twice.

use super::Books;
use domain::id::ProgramId;
use domain::time::Time;
use domain::transfer::Place;
use std::collections::{BTreeMap, BTreeSet};

/// One row that has a place.
struct Row {
    program: ProgramId,
    place: Place,
    at: Time,
}

pub(super) fn check(books: &Books, faults: &mut Vec<String>) {
    let mut taken = BTreeSet::new();
    let mut times: BTreeMap<(ProgramId, u64), Time> = BTreeMap::new();
    for Row { program, place, at } in rows(books) {
        if !taken.insert((program, place)) {
            faults.push(format!("{place:?} of {program} is taken twice"));
        }
        if *times.entry((program, place.seq)).or_insert(at) != at {
            faults.push(format!("unit {} of {program} has two times", place.seq));
        }
    }
    ordinals(&taken, faults);
    let mut told: BTreeMap<ProgramId, BTreeSet<u64>> = BTreeMap::new();
    for event in &books.events {
        told.entry(event.program).or_default().insert(event.place.seq);
    }
    for counter in books.counters.values() {
        let seqs = told.remove(&counter.program).unwrap_or_default();
        if !seqs.iter().copied().eq(1..=counter.seq) {
            faults.push(format!("the events of {} have a gap", counter.program));
        }
        let last = times.get(&(counter.program, counter.seq));
        if last != Some(&counter.last) {
            faults.push(format!("the counter of {} has another time", counter.program));
        }
    }
    let spans: Vec<_> = times.iter().collect();
    for pair in spans.windows(2) {
        if pair[0].0.0 == pair[1].0.0 && pair[0].1 > pair[1].1 {
            faults.push(format!("time goes back in unit {} of {}", pair[1].0.1, pair[1].0.0));
        }
    }
    let beyond = |(program, seq): &(ProgramId, u64)| {
        books.counters.get(program).is_none_or(|counter| *seq > counter.seq)
    };
    for (program, seq) in times.keys().filter(|unit| beyond(unit)) {
        faults.push(format!("unit {seq} of {program} was not counted"));
    }
}

fn ordinals(taken: &BTreeSet<(ProgramId, Place)>, faults: &mut Vec<String>) {
    let mut next: BTreeMap<(ProgramId, u64), u32> = BTreeMap::new();
    for (program, place) in taken {
        let next = next.entry((*program, place.seq)).or_default();
        if place.ordinal != *next {
            faults.push(format!("unit {} of {program} lacks row {next}", place.seq));
        }
        *next = place.ordinal.saturating_add(1);
    }
}

fn rows(books: &Books) -> impl Iterator<Item = Row> {
    let transfers = books.transfers.values().map(|row| (row.program, row.place, row.at));
    let instructions = books.instructions.values().map(|row| (row.program, row.place, row.at));
    let references = books.references.values().map(|row| (row.program, row.place, row.at));
    let events = books.events.iter().map(|row| (row.program, row.place, row.at));
    let all = transfers.chain(instructions).chain(references).chain(events);
    all.map(|(program, place, at)| Row { program, place, at })
}
