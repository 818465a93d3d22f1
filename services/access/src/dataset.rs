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
        let asked = request.request();
        let code = parse::dataset_code(asked)?;
        let stream = Category::Dataset.stream(dataset);
        let prepare = |reserved: Option<Guard>| {
            async {
                let (provision, contract) = self.provision(&asked.contract_id, &request).await?;
                let command = parse::register_dataset(dataset, provider, asked, provision, request.at())?;
                let prepared = Prepared::new(Command::RegisterDataset(command));
                Ok(prepared.guarded_by(reserved).guarded_by(contract))
            }
            .boxed()
        };
        // What is refused anyway must not keep the code from others.
        self.datasets.preview(&stream, &envelope, || prepare(None)).await.map_err(refuse_dataset)?;
        let key = format!("{provider}:{}", code.as_str());
        let kind = ReservationKind::DatasetCode;
        let guard =
            self.reservations.reserve(kind, "code", &key, dataset, Category::Dataset, &envelope).await?;
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
        let executed = self
            .datasets
            .execute(&Category::Dataset.stream(dataset), &envelope, || {
                let (composition, at) = (composition.clone(), request.at());
                let (guards, concerned) = (guards.clone(), institutions.iter().copied().chain([provider]));
                let request = &request;
                async move {
                    let (provision, contract) =
                        self.provision(&request.request().contract_id, request).await?;
                    let command = ReleaseFreeze { composition, consent, provision, at };
                    let prepared = Prepared::new(Command::ReleaseFreeze(command)).guarded_by(guards);
                    Ok(prepared.guarded_by(contract).concerning(concerned))
                }
                .boxed()
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
