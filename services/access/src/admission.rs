//! Admission: the leave to begin a use, decided on the contract and the dataset as they are now.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    access::{AccessDenied, AdmittedUse, Applicant, Command, Event, RunAnalysis, ViewDataset},
    dataset::RegisteredDataset,
    id::{ContractId, DatasetId, OrganisationId, PersonId},
    time::Timestamp,
};
use engine::{
    Authorised, Envelope, Executed, Failure, Preparation, Prepared, Reason, Refusal,
    parse::{id, optional_id},
    receipt,
};
use proto::kiban::access::v1::{
    GetQuotaRequest, GetQuotaResponse, RunAnalysisRequest, RunAnalysisResponse, ViewDatasetRequest,
    ViewDatasetResponse,
};

use crate::{
    context::{Context, Freshness, contract_now, use_of},
    parse,
    refuse::refuse_use,
    view,
};

impl Context {
    pub(crate) async fn view_dataset(
        &self,
        request: Authorised<ViewDatasetRequest>,
        denials: &Denials,
    ) -> Result<ViewDatasetResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let wire = request.request();
        let contract: ContractId = id("contract_id", &wire.contract_id)?;
        let dataset: DatasetId = id("dataset_id", &wire.dataset_id)?;
        let applicant = parse::applicant(person(&request)?, &wire.purpose, &wire.country)?;
        let admitted = self
            .admit(&request, &envelope, contract, denials, || {
                Box::pin(self.prepare_view(&request, contract, dataset, applicant.clone()))
            })
            .await?;
        // To look whether one may look is no view: the description is for views on record alone.
        let dataset = match envelope.validate_only {
            true => None,
            false => self.dataset(dataset, Freshness::Recent).await?.state.registered().cloned(),
        };
        let dataset = dataset.map(|dataset| view::described_dataset(&as_viewed(dataset, admitted.freeze)));
        Ok(ViewDatasetResponse { dataset, admission: admitted.admission, receipt: Some(admitted.receipt) })
    }

    pub(crate) async fn run_analysis(
        &self,
        request: Authorised<RunAnalysisRequest>,
        denials: &Denials,
    ) -> Result<RunAnalysisResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let wire = request.request();
        let contract: ContractId = id("contract_id", &wire.contract_id)?;
        let analysis = parse::analysis(wire, person(&request)?)?;
        if let Some(order) = optional_id("order_id", &wire.order_id)? {
            self.check_own_order("order_id", order, &request).await?;
        }
        let admitted = self
            .admit(&request, &envelope, contract, denials, || {
                Box::pin(self.prepare_analysis(&request, contract, analysis.clone()))
            })
            .await?;
        Ok(RunAnalysisResponse { admission: admitted.admission, receipt: Some(admitted.receipt) })
    }

    pub(crate) async fn get_quota(
        &self,
        request: Authorised<GetQuotaRequest>,
    ) -> Result<GetQuotaResponse, Refusal> {
        let contract: ContractId = id("contract_id", &request.request().contract_id)?;
        let known = self.metered_contract(contract, &request, Freshness::Now).await?;
        let remaining =
            self.uses.read(&use_of(contract), |state, _| state.remaining(&known.state, request.at())).await?;
        Ok(GetQuotaResponse {
            remaining: remaining.iter().map(view::remaining_quota).collect(),
            contract_revision: known.revision.unwrap_or_default(),
        })
    }

    async fn prepare_view<T>(
        &self,
        request: &Authorised<T>,
        contract: ContractId,
        dataset: DatasetId,
        applicant: Applicant,
    ) -> Result<Prepared<domain::access::Access>, Failure<domain::access::Rejection>> {
        let known = self.contract_of(contract, request, Freshness::Now).await?;
        let dataset = self.dataset(dataset, Freshness::Now).await?;
        let command = Command::ViewDataset(ViewDataset {
            contract: contract_now(&known),
            dataset: dataset.state.clone(),
            applicant,
            settle_within_days: self.policy.settle_within_days,
            at: request.at(),
        });
        let audience = known.state.audience();
        let guards = [known.guard(), dataset.guard()];
        Ok(Prepared::new(command).guarded_by(guards).concerning(audience).under(contract))
    }

    async fn prepare_analysis<T>(
        &self,
        request: &Authorised<T>,
        contract: ContractId,
        analysis: parse::Analysis,
    ) -> Result<Prepared<domain::access::Access>, Failure<domain::access::Rejection>> {
        let known = self.contract_of(contract, request, Freshness::Now).await?;
        let dataset = self.dataset(analysis.dataset, Freshness::Now).await?;
        let command = Command::RunAnalysis(RunAnalysis {
            contract: contract_now(&known),
            dataset: dataset.state.clone(),
            applicant: analysis.applicant,
            right: analysis.right,
            cases: analysis.cases,
            order: analysis.order,
            settle_within_days: self.policy.settle_within_days,
            at: request.at(),
        });
        let audience = known.state.audience();
        let guards = [known.guard(), dataset.guard()];
        Ok(Prepared::new(command).guarded_by(guards).concerning(audience).under(contract))
    }

    /// Decides, and turns an admission into a reply and a refusal that was written into a status.
    async fn admit<'a, T>(
        &'a self,
        request: &Authorised<T>,
        envelope: &Envelope,
        contract: ContractId,
        denials: &Denials,
        prepare: impl Fn() -> Preparation<'a, domain::access::Access> + Send + Sync,
    ) -> Result<Admitted, Refusal> {
        let stream = use_of(contract);
        let organisation = request.caller().organisation;
        if denials.exceeded(organisation, request.at()) {
            // Look first: another refusal is not written, an admission is.
            let looked = self.uses.preview(&stream, envelope, &prepare).await.map_err(refuse_use)?;
            if let Some(Err(denied)) = admission(&looked) {
                denials.count_unwritten();
                return Err(self.denial(request, contract, &looked, denied).await?);
            }
        }
        let executed = self.uses.execute(&stream, envelope, &prepare).await.map_err(refuse_use)?;
        let admission = match admission(&executed) {
            Some(Ok(admission)) => admission,
            Some(Err(denied)) => {
                if !executed.replayed && !envelope.validate_only {
                    denials.count_written(organisation, request.at());
                }
                return Err(self.denial(request, contract, &executed, denied).await?);
            }
            None => return Err(Refusal::new(Reason::LogCorrupt, "the command left no admission")),
        };
        Ok(Admitted {
            admission: Some(view::admission(admission)),
            freeze: admission.freeze,
            receipt: receipt(&executed),
        })
    }
}

struct Admitted {
    admission: Option<proto::kiban::access::v1::Admission>,
    /// The newest freeze of the dataset at that time.
    freeze: Option<u32>,
    receipt: proto::kiban::common::v1::Receipt,
}

/// A dataset as it was when it was viewed: a command that is sent again years later shows nothing that came
/// since, for the contract may have ended.
fn as_viewed(mut dataset: RegisteredDataset, freeze: Option<u32>) -> RegisteredDataset {
    dataset.freezes.retain(|released| Some(released.number) <= freeze);
    dataset
}

/// Refusals that were written, by organisation, in the present minute.
pub(crate) struct Denials {
    per_minute: u32,
    minute: Mutex<(i64, HashMap<OrganisationId, u32>)>,
    unwritten: Arc<AtomicU64>,
}

impl Denials {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute, minute: Mutex::default(), unwritten: Arc::default() }
    }

    pub(crate) fn unwritten(&self) -> impl Fn() -> u64 + Send + Sync + use<> {
        let unwritten = self.unwritten.clone();
        move || unwritten.load(Ordering::Relaxed)
    }

    fn exceeded(&self, organisation: OrganisationId, at: Timestamp) -> bool {
        self.written(organisation, at, 0) >= self.per_minute
    }

    fn count_written(&self, organisation: OrganisationId, at: Timestamp) {
        self.written(organisation, at, 1);
    }

    fn count_unwritten(&self) {
        self.unwritten.fetch_add(1, Ordering::Relaxed);
    }

    fn written(&self, organisation: OrganisationId, at: Timestamp, more: u32) -> u32 {
        let minute = at.as_micros().div_euclid(60_000_000);
        let mut counted = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.0 != minute {
            *counted = (minute, HashMap::new());
        }
        let count = counted.1.entry(organisation).or_default();
        *count = count.saturating_add(more);
        *count
    }
}

fn person<T>(request: &Authorised<T>) -> Result<PersonId, Refusal> {
    let message = "a person uses data: the caller must name one";
    request.caller().person.ok_or_else(|| Refusal::new(Reason::PersonRequired, message))
}

/// What was admitted, or why it was not; `None` if the command was none that asks for leave.
fn admission(executed: &Executed<Event>) -> Option<Result<&AdmittedUse, &AccessDenied>> {
    executed.events.iter().find_map(|event| match event {
        Event::DatasetViewed(admitted) | Event::AnalysisAdmitted(admitted) => Some(Ok(admitted)),
        Event::AccessDenied(denied) => Some(Err(denied)),
        Event::SourceRegistered(_) | Event::UsageRecorded(_) | Event::UsageReversed(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_are_counted_by_organisation_and_minute() {
        let denials = Denials::new(2);
        let at = |micros| Timestamp::from_micros(micros).unwrap();
        let (one, other) = (OrganisationId::from_u128(1), OrganisationId::from_u128(2));
        denials.count_written(one, at(0));
        assert!(!denials.exceeded(one, at(1)));
        denials.count_written(one, at(59_999_999));
        assert!(denials.exceeded(one, at(59_999_999)));
        assert!(!denials.exceeded(other, at(59_999_999)));
        assert!(!denials.exceeded(one, at(60_000_000)));
    }
}
