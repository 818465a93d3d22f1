//! Leave to use a dataset: given under a number, or refused for all reasons that apply.

use crate::{
    access::{
        Access, AccessDenied, AdmittedUse, Applicant, ContractNow, DenialReason, Event, Period, Rejection,
        RunAnalysis, ViewDataset,
    },
    contract::{Limit, NotActive, Phase, QuotaPeriod, Standing},
    dataset::RegisteredDataset,
    id::OrderId,
    terms::Right,
    time::Timestamp,
};

pub(super) fn view(state: &Access, command: ViewDataset) -> Result<Vec<Event>, Rejection> {
    let ViewDataset { contract, dataset, applicant, settle_within_days, at } = command;
    let dataset = dataset.registered().ok_or(Rejection::DatasetNotRegistered)?;
    let settle_until = at.plus_days(settle_within_days);
    let wanted = Wanted { dataset, right: Right::Browse, cases: 1, order: None, at, settle_until };
    Ok(vec![match wanted.admit(state, &contract, applicant) {
        Ok(admitted) => Event::DatasetViewed(admitted),
        Err(denied) => Event::AccessDenied(denied),
    }])
}

pub(super) fn run(state: &Access, command: RunAnalysis) -> Result<Vec<Event>, Rejection> {
    let RunAnalysis { contract, dataset, applicant, right, cases, order, settle_within_days, at } = command;
    match right {
        Right::SimpleAnalysis | Right::DetailedAnalysis => {}
        Right::Browse | Right::Export => return Err(Rejection::NotAnAnalysis { right }),
    }
    if cases == 0 {
        return Err(Rejection::NoCases);
    }
    let dataset = dataset.registered().ok_or(Rejection::DatasetNotRegistered)?;
    let settle_until = at.plus_days(settle_within_days);
    let wanted = Wanted { dataset, right, cases, order, at, settle_until };
    Ok(vec![match wanted.admit(state, &contract, applicant) {
        Ok(admitted) => Event::AnalysisAdmitted(admitted),
        Err(denied) => Event::AccessDenied(denied),
    }])
}

/// What is wanted, whichever way it was asked for.
struct Wanted<'c> {
    dataset: &'c RegisteredDataset,
    right: Right,
    cases: u32,
    order: Option<OrderId>,
    at: Timestamp,
    settle_until: Timestamp,
}

impl Wanted<'_> {
    fn admit(
        &self,
        state: &Access,
        contract: &ContractNow,
        applicant: Applicant,
    ) -> Result<AdmittedUse, AccessDenied> {
        let stretch = contract.contract.timeline().map(|timeline| timeline.stretch_at(self.at));
        let mut reasons: Vec<_> =
            standing_reason(stretch.map(|stretch| stretch.standing)).into_iter().collect();
        let agreed = stretch.and_then(|stretch| stretch.agreed);
        if let Some((phase, period)) = agreed {
            reasons.extend(self.terms_reasons(phase, &applicant));
            reasons.extend(self.quota_reasons(state, phase, period));
        }
        reasons.extend(self.dataset_reason());
        match agreed {
            Some((phase, period)) if reasons.is_empty() => {
                Ok(self.admitted(state, contract.revision, phase, period, applicant))
            }
            _ => Err(self.denied(reasons, contract.revision, applicant)),
        }
    }

    fn terms_reasons(&self, phase: &Phase, applicant: &Applicant) -> impl Iterator<Item = DenialReason> {
        let terms = &phase.terms;
        [
            (
                terms.dataset_classes.contains(&self.dataset.description.class),
                DenialReason::DatasetClassNotCovered,
            ),
            (terms.purposes.contains(&applicant.purpose), DenialReason::PurposeNotCovered),
            (terms.countries.contains(&applicant.country), DenialReason::CountryNotCovered),
        ]
        .into_iter()
        .filter_map(|(covered, reason)| (!covered).then_some(reason))
    }

    /// A view needs no quota.
    fn quota_reasons(&self, state: &Access, phase: &Phase, period: QuotaPeriod) -> Vec<DenialReason> {
        let mut reasons = vec![];
        let Some(quota) = phase.terms.quotas.of(self.right) else { return reasons };
        let yearly = quota.cases_per_year;
        // A right that is not granted has no quota of which too much could be asked for.
        if yearly == Limit::Cases(0) {
            return vec![DenialReason::RightNotCovered];
        }
        if !yearly.admits(state.used(period, self.right).saturating_add(u64::from(self.cases))) {
            reasons.push(DenialReason::QuotaExceeded);
        }
        if !quota.max_cases_per_run.admits(u64::from(self.cases)) {
            reasons.push(DenialReason::RunTooLarge);
        }
        reasons
    }

    /// A description can be looked at before there is anything to analyse.
    fn dataset_reason(&self) -> Option<DenialReason> {
        if self.right == Right::Browse {
            return None;
        }
        match self.dataset.freeze_at(self.at) {
            None => Some(DenialReason::NoFreeze),
            Some(freeze) if u64::from(self.cases) > freeze.total_cases() => {
                Some(DenialReason::MoreCasesThanDataset)
            }
            Some(_) => None,
        }
    }

    fn admitted(
        &self,
        state: &Access,
        contract_revision: u64,
        phase: &Phase,
        period: QuotaPeriod,
        applicant: Applicant,
    ) -> AdmittedUse {
        let used = state.used(period, self.right).saturating_add(u64::from(self.cases));
        let yearly = phase.terms.quotas.of(self.right).map(|quota| quota.cases_per_year);
        let remaining = match yearly {
            Some(Limit::Cases(limit)) => Some(limit.saturating_sub(used)),
            Some(Limit::Unlimited) | None => None,
        };
        AdmittedUse {
            number: state.last_admission.saturating_add(1),
            contract_revision,
            period: Period { quota_period: period, tier: phase.terms.tier.clone() },
            dataset: self.dataset.id,
            class: self.dataset.description.class.clone(),
            freeze: self.dataset.freeze_at(self.at).map(|freeze| freeze.number),
            right: self.right,
            cases: self.cases,
            viewer: applicant.viewer,
            purpose: applicant.purpose,
            country: applicant.country,
            order: self.order,
            at: self.at,
            settle_until: self.settle_until,
            remaining,
        }
    }

    fn denied(
        &self,
        reasons: Vec<DenialReason>,
        contract_revision: u64,
        applicant: Applicant,
    ) -> AccessDenied {
        AccessDenied {
            reasons,
            contract_revision,
            dataset: self.dataset.id,
            right: self.right,
            cases: self.cases,
            viewer: applicant.viewer,
            purpose: applicant.purpose,
            country: applicant.country,
            at: self.at,
        }
    }
}

/// Why the contract as a whole covers nothing; a contract without a timeline has not been signed.
fn standing_reason(standing: Option<Standing<'_>>) -> Option<DenialReason> {
    match standing {
        None | Some(Standing::NotActive(NotActive::NotSigned | NotActive::NotYet { .. })) => {
            Some(DenialReason::ContractNotActive)
        }
        Some(Standing::NotActive(NotActive::Paused { .. })) => Some(DenialReason::ContractPaused),
        Some(Standing::Expired { .. }) => Some(DenialReason::ContractExpired),
        Some(Standing::Terminated { .. }) => Some(DenialReason::ContractTerminated),
        Some(Standing::InForce { .. }) => None,
    }
}
