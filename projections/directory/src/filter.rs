//! What of a list is asked for: the filters of requests, each compared in the form of the wire.

use domain::{
    contract::Contract,
    dataset::RegisteredDataset,
    id::OrganisationId,
    organisation::Profile,
    terms::{DatasetClass, Tier},
    time::Timestamp,
};
use engine::{
    Needle, Refusal,
    parse::{optional_id, text},
};
use events::wire;
use proto::kiban::{
    access::v1::{Cohort, DataType},
    contract::v1::ContractStage,
    directory::v1::{ListContractsRequest, ListDatasetsRequest, ListOrganisationsRequest},
    membership::v1::Capacity,
};

/// Which organisations.
pub(crate) struct Organisations {
    capacity: Option<Capacity>,
    name: Needle,
}

impl Organisations {
    pub(crate) fn asked(request: &ListOrganisationsRequest) -> Result<Self, Refusal> {
        Ok(Self {
            capacity: choice("capacity", request.capacity)?,
            name: Needle::new("name_contains", &request.name_contains)?,
        })
    }

    pub(crate) fn lets_pass(&self, profile: &Profile, now: Timestamp) -> bool {
        let today = now.tokyo_date();
        let mut held = profile.capacities.iter().filter(|grant| grant.covers(today));
        let capacity =
            self.capacity.is_none_or(|asked| held.any(|grant| wire::capacity(grant.capacity) == asked));
        capacity && self.name.is_in([profile.name.as_str()])
    }
}

/// Which contracts.
pub(crate) struct Contracts {
    stage: Option<ContractStage>,
    tier: Option<Tier>,
}

impl Contracts {
    pub(crate) fn asked(request: &ListContractsRequest) -> Result<Self, Refusal> {
        Ok(Self { stage: choice("stage", request.stage)?, tier: optional("tier", &request.tier)? })
    }

    /// The stage and the tier are those of now: deadlines need no event.
    pub(crate) fn lets_pass(&self, contract: &Contract, now: Timestamp) -> bool {
        let stage = self.stage.is_none_or(|asked| wire::contract_stage(contract.status(now)) == Some(asked));
        let tier = self
            .tier
            .as_ref()
            .is_none_or(|asked| wire::terms_now(contract, now).is_some_and(|terms| terms.tier == *asked));
        stage && tier
    }
}

/// Which datasets.
pub(crate) struct Datasets {
    class: Option<DatasetClass>,
    data_type: Option<DataType>,
    cohort: Option<Cohort>,
    provider: Option<OrganisationId>,
    contains: Needle,
}

impl Datasets {
    pub(crate) fn asked(request: &ListDatasetsRequest) -> Result<Self, Refusal> {
        Ok(Self {
            class: optional("dataset_class", &request.dataset_class)?,
            data_type: choice("data_type", request.data_type)?,
            cohort: choice("cohort", request.cohort)?,
            provider: optional_id("provider_id", &request.provider_id)?,
            contains: Needle::new("contains", &request.contains)?,
        })
    }

    pub(crate) fn lets_pass(&self, dataset: &RegisteredDataset) -> bool {
        let description = &dataset.description;
        let mut held = description.data_types.iter().map(|held| wire::data_type(*held));
        self.class.as_ref().is_none_or(|asked| description.class == *asked)
            && self.data_type.is_none_or(|asked| held.any(|held| held == asked))
            && self.cohort.is_none_or(|asked| wire::cohort(description.cohort) == asked)
            && self.provider.is_none_or(|asked| description.provider == asked)
            && self.contains.is_in([
                description.code.as_str(),
                description.name.as_str(),
                description.disease.as_str(),
            ])
    }
}

/// A value of an enum of the wire; 0 asks for any.
fn choice<E: TryFrom<i32>>(field: &str, number: i32) -> Result<Option<E>, Refusal> {
    if number == 0 {
        return Ok(None);
    }
    let chosen = E::try_from(number).map_err(|_| Refusal::invalid(field, "is no value of its enum"))?;
    Ok(Some(chosen))
}

/// A text of a strict form; an empty one asks for any.
fn optional<T: std::str::FromStr<Err: std::fmt::Display>>(
    field: &str,
    value: &str,
) -> Result<Option<T>, Refusal> {
    if value.is_empty() { Ok(None) } else { text(field, value).map(Some) }
}
