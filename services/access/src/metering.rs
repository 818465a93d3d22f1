//! Metering: sources, and what they report. Never refused for a business reason, because it has happened.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::{
    access::{
        Access, Batch, Command, Earlier, Event, RegisterSource, Rejection, ReportUsage, UsageRecorded,
        outcomes,
    },
    id::{ContractId, SourceId},
};
use engine::{
    Authorised, Executed, Failure, Prepared, Reason, Refusal,
    parse::{id, text},
    receipt,
};
use events::wire;
use proto::kiban::access::v1::{
    GetSourceRequest, GetSourceResponse, RegisterSourceRequest, RegisterSourceResponse, ReportUsageRequest,
    ReportUsageResponse,
};

use crate::{
    context::{Context, Freshness, contract_now, use_of},
    parse,
    refuse::refuse_use,
    view,
};

/// How often a report is decided again because more came under its keys meanwhile.
const MAX_ATTEMPTS: usize = 8;

impl Context {
    pub(crate) async fn register_source(
        &self,
        request: Authorised<RegisterSourceRequest>,
    ) -> Result<RegisterSourceResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let contract: ContractId = id("contract_id", &request.request().contract_id)?;
        let source: SourceId = identity.derived();
        let command =
            RegisterSource { source, name: text("name", &request.request().name)?, at: request.at() };
        let executed = self
            .uses
            .execute(&use_of(contract), &envelope, || {
                let command = Command::RegisterSource(command.clone());
                let request = &request;
                Box::pin(async move {
                    let known = self.metered_contract(contract, request, Freshness::Now).await?;
                    let audience = known.state.audience();
                    let prepared = Prepared::new(command).guarded_by([known.guard()]).concerning(audience);
                    Ok(prepared.under(contract))
                })
            })
            .await
            .map_err(refuse_use)?;
        Ok(RegisterSourceResponse { source_id: source.to_string(), receipt: Some(receipt(&executed)) })
    }

    pub(crate) async fn get_source(
        &self,
        request: Authorised<GetSourceRequest>,
    ) -> Result<GetSourceResponse, Refusal> {
        let wire = request.request();
        let contract: ContractId = id("contract_id", &wire.contract_id)?;
        let source: SourceId = id("source_id", &wire.source_id)?;
        self.metered_contract(contract, &request, Freshness::Now).await?;
        let (found, revision) = self
            .uses
            .read(&use_of(contract), |state, revision| {
                (state.sources.get(&source).map(|found| view::source(source, found, wire.epoch)), revision)
            })
            .await?;
        let found = found.ok_or_else(|| Refusal::not_found(source))?;
        Ok(GetSourceResponse { revision: revision.unwrap_or_default(), ..found })
    }

    pub(crate) async fn report_usage(
        &self,
        request: Authorised<ReportUsageRequest>,
    ) -> Result<ReportUsageResponse, Refusal> {
        let contract: ContractId = id("contract_id", &request.request().contract_id)?;
        let batch = Arc::new(parse::batch(request.request())?);
        for (index, order) in batch.orders().iter().enumerate() {
            self.check_order(&format!("order_ids[{index}]"), *order).await?;
        }
        let stream = use_of(contract);
        // Told anew by each attempt: what was seen before the decision is durable when its answer leaves.
        let seen_before = AtomicU64::new(1);
        for attempt in 0..MAX_ATTEMPTS {
            let earlier = Arc::new(self.earlier(contract, &batch).await?);
            let mut fresh = if attempt == 0 { Freshness::Recent } else { Freshness::Now };
            let outcome = self
                .uses
                .execute(&stream, &request.bare_envelope(), || {
                    let prepared =
                        self.prepare_report(&request, contract, batch.clone(), earlier.clone(), fresh);
                    fresh = Freshness::Now;
                    let (stream, batch, seen_before) = (&stream, &batch, &seen_before);
                    Box::pin(async move {
                        let next = self.uses.peek(stream, |state| next_sequence(state, batch)).await?;
                        seen_before.store(next, Ordering::Relaxed);
                        prepared.await
                    })
                })
                .await;
            match outcome {
                Ok(executed) => {
                    return Ok(reported(&batch, &earlier, &executed, seen_before.into_inner()));
                }
                Err(Failure::Rejected(Rejection::EarlierRecordsMissing)) => {}
                Err(failure) => return Err(refuse_use(failure)),
            }
        }
        let message = "others keep reporting under the same keys; send the report again";
        Err(Refusal::new(Reason::Contention, message))
    }

    async fn prepare_report(
        &self,
        request: &Authorised<ReportUsageRequest>,
        contract: ContractId,
        batch: Arc<Batch>,
        earlier: Arc<Earlier>,
        fresh: Freshness,
    ) -> Result<Prepared<Access>, Failure<Rejection>> {
        let known = self.metered_contract(contract, request, fresh).await?;
        let mut guards = Vec::with_capacity(batch.datasets().len() + 1);
        let mut datasets = Vec::with_capacity(batch.datasets().len());
        guards.push(known.guard());
        for dataset in batch.datasets() {
            let dataset = self.dataset(*dataset, fresh).await?;
            guards.push(dataset.guard());
            datasets.push(dataset.state);
        }
        let contract_now = contract_now(&known);
        let report = ReportUsage { contract: contract_now, datasets, batch, earlier, at: request.at() };
        let mut prepared = Prepared::new(Command::ReportUsage(report))
            .guarded_by(guards)
            .concerning(known.state.audience())
            .under(contract);
        prepared.record_key = Some(first_new_key);
        Ok(prepared)
    }
}

/// The reply to a report, in whose epoch everything before `seen_before` had been seen.
fn reported(
    batch: &Batch,
    earlier: &Earlier,
    executed: &Executed<Event>,
    seen_before: u64,
) -> ReportUsageResponse {
    let recorded = executed.events.iter().find_map(recorded);
    let (outcomes, verdicts) = outcomes(batch, earlier, recorded)
        .into_iter()
        .map(|(outcome, verdict)| (i32::from(wire::outcome(outcome)), i32::from(wire::verdict(verdict))))
        .unzip();
    let reported = batch.sequences().max().map_or(1, |highest| highest.saturating_add(1));
    let next_sequence = reported.max(seen_before);
    ReportUsageResponse { outcomes, verdicts, next_sequence, receipt: Some(receipt(executed)) }
}

fn next_sequence(state: &Access, batch: &Batch) -> u64 {
    state.meter(batch.source(), batch.epoch()).map_or(1, |meter| meter.next_sequence())
}

fn recorded(event: &Event) -> Option<&UsageRecorded> {
    match event {
        Event::UsageRecorded(recorded) => Some(recorded),
        Event::SourceRegistered(_)
        | Event::DatasetViewed(_)
        | Event::AnalysisAdmitted(_)
        | Event::AccessDenied(_)
        | Event::UsageReversed(_) => None,
    }
}

/// What makes a report's event this one: the key of its first row.
fn first_new_key(event: &Event) -> Vec<u8> {
    let Some(recorded) = recorded(event) else { return Vec::new() };
    let parts = recorded.parts();
    let sequence = parts.rows.first().map_or(0, |row| row.sequence);
    [&parts.source.to_bytes()[..], &parts.epoch.to_be_bytes(), &sequence.to_be_bytes()].concat()
}
