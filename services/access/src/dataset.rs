//! Datasets and their freezes.

use domain::{
    dataset::{Command, Event, ReleaseFreeze},
    id::{DatasetId, OrganisationId},
    reservation::ReservationKind,
};
use engine::{Authorised, Prepared, Reason, Refusal, parse::id, receipt};
use event_log::Guard;
use events::Category;
use futures::FutureExt;
use proto::kiban::access::v1::{
    GetDatasetRequest, GetDatasetResponse, RegisterDatasetRequest, RegisterDatasetResponse,
    ReleaseFreezeRequest, ReleaseFreezeResponse,
};

use crate::{context::Context, parse, refuse::refuse_dataset, view};

impl Context {
    pub(crate) async fn register_dataset(
        &self,
        request: Authorised<RegisterDatasetRequest>,
    ) -> Result<RegisterDatasetResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let dataset: DatasetId = identity.derived();
        let provider = request.caller().organisation;
        let command = parse::register_dataset(dataset, provider, request.request(), request.at())?;
        let stream = Category::Dataset.stream(dataset);
        let prepare = |guard: Option<Guard>| {
            let prepared = Prepared::new(Command::RegisterDataset(command.clone())).guarded_by(guard);
            async { Ok(prepared) }.boxed()
        };
        // What is refused anyway must not keep the code from others.
        self.datasets.preview(&stream, &envelope, || prepare(None)).await.map_err(refuse_dataset)?;
        let key = format!("{provider}:{}", command.description.code.as_str());
        let code = ReservationKind::DatasetCode;
        let guard = self.reservations.reserve(code, &key, dataset, Category::Dataset, &envelope).await?;
        let executed = self
            .datasets
            .execute(&stream, &envelope, || prepare(guard.clone()))
            .await
            .map_err(refuse_dataset)?;
        Ok(RegisterDatasetResponse { dataset_id: dataset.to_string(), receipt: Some(receipt(&executed)) })
    }

    pub(crate) async fn release_freeze(
        &self,
        request: Authorised<ReleaseFreezeRequest>,
    ) -> Result<ReleaseFreezeResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let dataset: DatasetId = id("dataset_id", &request.request().dataset_id)?;
        let provider = self.check_provider(dataset, &request).await?;
        let composition = parse::composition(&request.request().composition)?;
        let institutions: Vec<OrganisationId> = composition.iter().map(|part| part.institution).collect();
        let guards = self.check_institutions(&institutions).await?;
        let consent = parse::consent(request.request().consent);
        let command = ReleaseFreeze { composition, consent, at: request.at() };
        let executed = self
            .datasets
            .execute(&Category::Dataset.stream(dataset), &envelope, || {
                let prepared = Prepared::new(Command::ReleaseFreeze(command.clone()))
                    .guarded_by(guards.clone())
                    .concerning(institutions.iter().copied().chain([provider]));
                Box::pin(async { Ok(prepared) })
            })
            .await
            .map_err(refuse_dataset)?;
        let number = executed.events.iter().find_map(|event| match event {
            Event::FreezeReleased(freeze) => Some(freeze.number),
            Event::DatasetRegistered(_) => None,
        });
        Ok(ReleaseFreezeResponse { number: number.unwrap_or_default(), receipt: Some(receipt(&executed)) })
    }

    pub(crate) async fn get_dataset(
        &self,
        request: Authorised<GetDatasetRequest>,
    ) -> Result<GetDatasetResponse, Refusal> {
        let dataset: DatasetId = id("dataset_id", &request.request().dataset_id)?;
        self.check_provider(dataset, &request).await?;
        let stream = Category::Dataset.stream(dataset);
        let (found, revision) = self
            .datasets
            .read(&stream, |state, revision| (state.registered().map(view::whole_dataset), revision))
            .await?;
        let found = found.ok_or_else(|| Refusal::not_found(dataset))?;
        Ok(GetDatasetResponse { dataset: Some(found), revision: revision.unwrap_or_default() })
    }

    /// Lets the provider of a dataset pass, and those who run the forum; tells who the provider is. What a
    /// member may see of a dataset it sees under its contract.
    async fn check_provider<T>(
        &self,
        dataset: DatasetId,
        request: &Authorised<T>,
    ) -> Result<OrganisationId, Refusal> {
        let stream = Category::Dataset.stream(dataset);
        let provider = self
            .datasets
            .read(&stream, |state, _| state.registered().map(|dataset| dataset.description.provider))
            .await?;
        let caller = request.caller().organisation;
        match provider {
            None => Err(Refusal::not_found(dataset)),
            Some(provider) if provider == caller || request.is_operator() => Ok(provider),
            Some(_) => Err(Refusal::new(Reason::NotYours, format!("{dataset} is another provider's"))),
        }
    }
}
