//! Samples of rates.

use super::schema::{Changed, P, Sampled, count, time};
use crate::query::{Answer, Store};
use domain::asset::Asset;
use domain::id::RateId;
use domain::rate::{ProgramRate, Rate, SCALE_MAX};

impl Sampled for ProgramRate {
    fn samples() -> Vec<Self> {
        let assets = Asset::all().enumerate().step_by(7);
        let to = Asset::find("TUSDT").expect("an asset of the registry");
        let sample = |(index, from): (usize, Asset)| {
            let scale = u8::try_from(index).unwrap_or(0) % (SCALE_MAX + 1);
            let mantissas = [1, i64::MAX, 9_007_199_254_740_993];
            let rate = Rate::new(mantissas[index % mantissas.len()], scale);
            Self {
                program: P,
                from: if index.is_multiple_of(2) { from } else { to },
                to: if index.is_multiple_of(2) { to } else { from },
                rate: rate.expect("a rate"),
                version: count(index),
                at: time(index),
            }
        };
        assets.map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.rate(row.program, RateId::of(row.from, row.to))
    }
}

impl Changed for ProgramRate {
    fn keyed_as(self, other: &Self) -> Self {
        Self { from: other.from, to: other.to, ..self }
    }
}
