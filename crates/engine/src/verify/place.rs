//! Places: the rows of one unit are numbered without a gap, so that a row which nothing else asks
//! for is missed all the same.

use super::Finding;
use domain::id::ProgramId;
use domain::reference::Reference;
use std::collections::BTreeMap;

/// Ordinals that no row was met at so far. References that no instruction names fill them later;
/// so this grows with reversals that have a client's own reference, and with nothing else.
#[derive(Default)]
pub(super) struct Places {
    gaps: BTreeMap<(ProgramId, u64), Vec<u32>>,
}

fn row(program: ProgramId, seq: u64) -> String {
    format!("{program} seq {seq}")
}

impl Places {
    /// Takes the ordinals of one unit's rows.
    pub(super) fn unit(
        &mut self,
        program: ProgramId,
        seq: u64,
        mut ordinals: Vec<u32>,
    ) -> Result<(), Finding> {
        ordinals.sort_unstable();
        let mut next = 0;
        let mut gaps = Vec::new();
        for ordinal in ordinals {
            if ordinal < next {
                let what = format!("two rows of the unit stand at place {ordinal}");
                return Err(Finding::new("event", row(program, seq), what));
            }
            gaps.extend(next..ordinal);
            next = ordinal + 1;
        }
        if !gaps.is_empty() {
            self.gaps.insert((program, seq), gaps);
        }
        Ok(())
    }

    /// A reference stands in its gap, where there is one.
    pub(super) fn reference(&mut self, reference: &Reference) {
        let unit = (reference.program, reference.place.seq);
        if let Some(gaps) = self.gaps.get_mut(&unit) {
            gaps.retain(|ordinal| *ordinal != reference.place.ordinal);
            if gaps.is_empty() {
                self.gaps.remove(&unit);
            }
        }
    }

    /// Nothing is missing once all rows were met.
    pub(super) fn closed(&self) -> Result<(), Finding> {
        match self.gaps.iter().next() {
            None => Ok(()),
            Some(((program, seq), gaps)) => {
                let what = format!("a row of the unit is missing at place {}", gaps[0]);
                Err(Finding::new("event", row(*program, *seq), what))
            }
        }
    }
}
