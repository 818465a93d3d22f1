//! A refusal with its values, for people and programs: what was asked for and what is allowed. The event names the
//! reasons alone; the values are read from the facts that it was decided on.

use std::fmt;

use crate::{
    access::{AccessDenied, DenialReason, QuotaKey},
    contract::{Contract, Limit, NotActive, Phase, Standing},
    dataset::RegisteredDataset,
    terms::Right,
    time::Timestamp,
};

/// The most entries of a list that a text names; the rest is counted.
const MOST_NAMED: usize = 8;

/// One reason of a refusal, with the values that it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The reason.
    pub reason: DenialReason,
    /// What it stands on.
    pub values: Values,
}

/// What a reason of a refusal stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// Nothing more can be told.
    Untold,
    /// From when on the contract is what the reason says or, if it has not begun, will be in force.
    Instant(Timestamp),
    /// What was asked for is none of what is allowed.
    NoneOf {
        /// Asked for.
        asked: String,
        /// Allowed, in order.
        allowed: Vec<String>,
    },
    /// So many cases are too many.
    Cases {
        /// Asked for.
        asked: u64,
        /// The most that are allowed; `None` if that is known no more.
        allowed: Option<u64>,
    },
}

impl AccessDenied {
    /// The quota that an analysis was decided against, if terms were agreed for its time.
    pub fn quota(&self, contract: &Contract) -> Option<QuotaKey> {
        let (_, period) = contract.timeline()?.stretch_at(self.at).agreed?;
        Some(QuotaKey { period, right: self.right })
    }

    /// The reasons with their values, in order. `used` is how many cases of the [quota](Self::quota) were used
    /// when it was decided, if that is still known.
    pub fn explained(
        &self,
        contract: &Contract,
        dataset: Option<&RegisteredDataset>,
        used: Option<u64>,
    ) -> Vec<Denial> {
        let stretch = contract.timeline().map(|timeline| timeline.stretch_at(self.at));
        let standing = stretch.map(|stretch| stretch.standing);
        let phase = stretch.and_then(|stretch| stretch.agreed).map(|(phase, _)| phase);
        let explained = |reason: &DenialReason| {
            let values = match reason {
                DenialReason::ContractNotActive
                | DenialReason::ContractPaused
                | DenialReason::ContractExpired
                | DenialReason::ContractTerminated => since(*reason, standing),
                DenialReason::DatasetClassNotCovered
                | DenialReason::PurposeNotCovered
                | DenialReason::CountryNotCovered
                | DenialReason::RightNotCovered => {
                    phase.and_then(|phase| self.none_of(*reason, phase, dataset))
                }
                DenialReason::QuotaExceeded => {
                    Some(self.cases(phase.and_then(|phase| self.left(phase, used?))))
                }
                DenialReason::RunTooLarge => Some(self.cases(phase.and_then(|phase| self.most_a_run(phase)))),
                DenialReason::NoFreeze => Some(self.cases(Some(0))),
                DenialReason::MoreCasesThanDataset => {
                    let freeze = dataset.and_then(|dataset| dataset.freeze_at(self.at));
                    Some(self.cases(freeze.map(|freeze| freeze.total_cases())))
                }
            };
            Denial { reason: *reason, values: values.unwrap_or(Values::Untold) }
        };
        self.reasons.iter().map(explained).collect()
    }

    fn cases(&self, allowed: Option<u64>) -> Values {
        Values::Cases { asked: self.cases.into(), allowed }
    }

    fn left(&self, phase: &Phase, used: u64) -> Option<u64> {
        match phase.terms.quotas.of(self.right)?.cases_per_year {
            Limit::Cases(most) => Some(most.saturating_sub(used)),
            Limit::Unlimited => None,
        }
    }

    fn most_a_run(&self, phase: &Phase) -> Option<u64> {
        match phase.terms.quotas.of(self.right)?.max_cases_per_run {
            Limit::Cases(most) => Some(most),
            Limit::Unlimited => None,
        }
    }

    fn none_of(
        &self,
        reason: DenialReason,
        phase: &Phase,
        dataset: Option<&RegisteredDataset>,
    ) -> Option<Values> {
        let terms = &phase.terms;
        let granted = |right: &&Right| {
            terms.quotas.of(**right).is_none_or(|quota| quota.cases_per_year != Limit::Cases(0))
        };
        let (asked, allowed) = match reason {
            DenialReason::DatasetClassNotCovered => {
                (dataset?.description.class.to_string(), texts(&terms.dataset_classes))
            }
            DenialReason::PurposeNotCovered => (self.purpose.to_string(), texts(&terms.purposes)),
            DenialReason::CountryNotCovered => (self.country.to_string(), texts(&terms.countries)),
            DenialReason::RightNotCovered => {
                let granted = Right::ALL.iter().filter(|right| **right != Right::Export).filter(granted);
                (self.right.to_string(), texts(granted))
            }
            _ => return None,
        };
        Some(Values::NoneOf { asked, allowed })
    }
}

impl Denial {
    /// What was asked for; empty if the reason is about the contract as a whole.
    pub fn asked(&self) -> String {
        match &self.values {
            Values::Untold | Values::Instant(_) => String::new(),
            Values::NoneOf { asked, .. } => asked.clone(),
            Values::Cases { asked, .. } => asked.to_string(),
        }
    }

    /// What is allowed, one after another with commas between them; empty if nothing is, or it is not known.
    pub fn allowed(&self) -> String {
        match &self.values {
            Values::Untold | Values::Instant(_) => String::new(),
            Values::NoneOf { allowed, .. } => allowed.join(","),
            Values::Cases { allowed, .. } => allowed.map(|most| most.to_string()).unwrap_or_default(),
        }
    }
}

/// The reason's name, and what it stands on in one clause.
impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.as_str())?;
        match &self.values {
            Values::Untold => Ok(()),
            Values::Instant(instant) => {
                let begins = self.reason == DenialReason::ContractNotActive;
                write!(f, ": {} {instant}", if begins { "not before" } else { "since" })
            }
            Values::NoneOf { asked, allowed } if allowed.is_empty() => {
                write!(f, ": {asked} is not covered, and nothing else is")
            }
            Values::NoneOf { asked, allowed } => {
                let named =
                    allowed.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
                write!(f, ": {asked} is not among {named}")?;
                let rest = allowed.len().saturating_sub(MOST_NAMED);
                if rest == 0 { Ok(()) } else { write!(f, " and {rest} more") }
            }
            Values::Cases { asked, allowed } => {
                write!(f, ": {asked} asked for")?;
                let Some(most) = allowed else { return Ok(()) };
                match self.reason {
                    DenialReason::QuotaExceeded => write!(f, ", {most} left of this contract year"),
                    DenialReason::RunTooLarge => write!(f, ", at most {most} in one run"),
                    DenialReason::NoFreeze => f.write_str(", the dataset has no freeze yet"),
                    _ => write!(f, ", the dataset holds {most}"),
                }
            }
        }
    }
}

/// From when on a contract stands as a reason says; `None` if nobody knows when, or it stands otherwise.
fn since(reason: DenialReason, standing: Option<Standing<'_>>) -> Option<Values> {
    let instant = match (reason, standing?) {
        (DenialReason::ContractNotActive, Standing::NotActive(NotActive::NotYet { starts_at })) => starts_at,
        (DenialReason::ContractPaused, Standing::NotActive(NotActive::Paused { since }))
        | (DenialReason::ContractExpired, Standing::Expired { since })
        | (DenialReason::ContractTerminated, Standing::Terminated { since }) => since,
        _ => return None,
    };
    Some(Values::Instant(instant))
}

fn texts<T: ToString>(allowed: impl IntoIterator<Item = T>) -> Vec<String> {
    allowed.into_iter().map(|allowed| allowed.to_string()).collect()
}
