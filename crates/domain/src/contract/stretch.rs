//! How long an answer of the timeline holds, so that who judges many instants asks but once a stretch.

use crate::{
    contract::{Phase, QuotaPeriod, Standing, Timeline, timeline},
    time::Timestamp,
};

/// What a contract is from one change to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch<'t> {
    /// The first instant of the stretch; [`Timestamp::MIN`] if nothing changed before.
    pub from: Timestamp,
    /// The first instant after the stretch, or `None` if nothing is known to change any more.
    pub until: Option<Timestamp>,
    /// What the contract is.
    pub standing: Standing<'t>,
    /// The terms, whether or not use is suspended, and where cases count; `None` before the start and after
    /// the end.
    pub agreed: Option<(&'t Phase, QuotaPeriod)>,
}

impl Timeline {
    /// What the contract is at an instant, and how long before and after that is the answer: all that
    /// [`standing_at`](Self::standing_at) tells is the same for every instant of the stretch.
    pub fn stretch_at(&self, instant: Timestamp) -> Stretch<'_> {
        let activated_on = self.activated_at().map(Timestamp::tokyo_date);
        let agreed = self.terms_at(instant).zip(activated_on).map(|(phase, activated_on)| {
            let contract_year = timeline::contract_year(activated_on, instant.tokyo_date());
            (phase, QuotaPeriod { segment: phase.segment, contract_year })
        });
        let years = agreed.zip(activated_on).map(|((_, period), activated_on)| {
            let start = |year| Timestamp::start_of_tokyo_date(timeline::anniversary(activated_on, year));
            [start(period.contract_year), start(period.contract_year.saturating_add(1))]
        });
        let ends = [self.activated_at(), self.term_ends_at(), self.terminated_at()];
        let changes = self
            .phases()
            .iter()
            .map(|phase| phase.starts_at)
            .chain(self.pauses().iter().flat_map(|pause| [Some(pause.from), pause.until]).flatten())
            .chain(ends.into_iter().flatten())
            .chain(years.into_iter().flatten());
        let (mut from, mut until) = (Timestamp::MIN, None);
        for change in changes {
            if change <= instant {
                from = from.max(change);
            } else {
                until = Some(until.map_or(change, |until: Timestamp| until.min(change)));
            }
        }
        Stretch { from, until, standing: self.standing_at(instant), agreed }
    }
}
