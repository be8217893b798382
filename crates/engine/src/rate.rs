//! Rates, set by the operator.

use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::asset::Asset;
use domain::event::EventKind;
use domain::id::{ProgramId, RateId};
use domain::rate::{ProgramRate, Rate};
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};

struct SetRate {
    from: Asset,
    to: Asset,
    rate: Rate,
}

impl Verb for SetRate {
    type Answer = ProgramRate;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<ProgramRate>(RateId::of(self.from, self.to), Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<ProgramRate, Stop> {
        let id = RateId::of(self.from, self.to);
        let found = scope.get::<ProgramRate>(id).cloned();
        let row = ProgramRate {
            program: scope.program(),
            from: self.from,
            to: self.to,
            rate: self.rate,
            version: found.as_ref().map_or(1, |found| found.version + 1),
            at: scope.at(),
        };
        match found {
            Some(found) if found.rate == self.rate => return Ok(found),
            Some(_) => scope.put(row.clone()),
            None => scope.add(row.clone()),
        }
        event(scope, stamp, EventKind::RateSet, *id.bytes());
        Ok(row)
    }
}

impl Engine {
    /// Whole units of `to` for one whole unit of `from`, from now on. Operator only.
    pub async fn set_rate(
        &self,
        program: ProgramId,
        from: Asset,
        to: Asset,
        rate: Rate,
    ) -> Result<ProgramRate, Error> {
        self.run_by(program, By::Operator, SetRate { from, to, rate }).await
    }

    pub async fn find_rate(
        &self,
        program: ProgramId,
        from: Asset,
        to: Asset,
    ) -> Result<Option<ProgramRate>, Error> {
        Ok(self.store.rate(program, RateId::of(from, to)).await?)
    }

    pub async fn rates(&self, program: ProgramId) -> Result<Vec<ProgramRate>, Error> {
        Ok(self.store.rates(program).await?)
    }
}
