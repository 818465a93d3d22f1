//! What of a list is asked for: the filters of requests, each compared in the form of the wire.

use domain::{
    contract::Contract,
    dataset::RegisteredDataset,
    forum_event::ForumEvent,
    id::{ListingId, OrganisationId},
    order::Order,
    organisation::Profile,
    quote::Quote,
    recruitment::Recruitment,
    terms::{DatasetClass, Tier},
    time::Timestamp,
    venture::Venture,
};
use engine::{
    Needle, Refusal,
    parse::{optional_id, text},
};
use events::{
    listing_form::service_kind_form,
    venture_form::{forum_event_kind_form, stage_form},
    wire,
};
use proto::kiban::{
    access::v1::{Cohort, DataType},
    contract::v1::ContractStage,
    directory::v1::{
        ListContractsRequest, ListDatasetsRequest, ListForumEventsRequest, ListOrdersRequest,
        ListOrganisationsRequest, ListQuotesRequest, ListRecruitmentsRequest, ListVenturesRequest,
    },
    membership::v1::Capacity,
    order::v1::{OrderStage, QuoteRequestStage, ServiceKind},
    recruitment::v1::RecruitmentStage,
    venture::v1::{DevelopmentStage, ForumEventKind},
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

/// Which orders.
pub(crate) struct Orders {
    stage: Option<OrderStage>,
    kind: Option<ServiceKind>,
}

impl Orders {
    pub(crate) fn asked(request: &ListOrdersRequest) -> Result<Self, Refusal> {
        Ok(Self { stage: choice("stage", request.stage)?, kind: choice("kind", request.kind)? })
    }

    pub(crate) fn lets_pass(&self, order: &Order) -> bool {
        let of_kind = |asked| order.placed().is_some_and(|placed| service_kind_form(placed.kind) == asked);
        self.stage.is_none_or(|asked| wire::order_stage(order) == asked) && self.kind.is_none_or(of_kind)
    }
}

/// Which requests for quotes.
pub(crate) struct Quotes {
    stage: Option<QuoteRequestStage>,
    kind: Option<ServiceKind>,
    listing: Option<ListingId>,
}

impl Quotes {
    pub(crate) fn asked(request: &ListQuotesRequest) -> Result<Self, Refusal> {
        Ok(Self {
            stage: choice("stage", request.stage)?,
            kind: choice("kind", request.kind)?,
            listing: optional_id("listing_id", &request.listing_id)?,
        })
    }

    /// The stage is that of now: an expiry needs no event.
    pub(crate) fn lets_pass(&self, quote: &Quote, now: Timestamp) -> bool {
        let (Some((request, _)), Some(stage)) = (quote.request(), quote.stage(now)) else { return false };
        self.stage.is_none_or(|asked| wire::quote_request_stage(stage) == asked)
            && self.kind.is_none_or(|asked| service_kind_form(request.kind) == asked)
            && self.listing.is_none_or(|asked| request.listing == asked)
    }
}

/// Which recruitments.
pub(crate) struct Recruitments {
    stage: Option<RecruitmentStage>,
}

impl Recruitments {
    pub(crate) fn asked(request: &ListRecruitmentsRequest) -> Result<Self, Refusal> {
        Ok(Self { stage: choice("stage", request.stage)? })
    }

    /// The stage is that of now: the end of an approval needs no event.
    pub(crate) fn lets_pass(&self, recruitment: &Recruitment, now: Timestamp) -> bool {
        self.stage.is_none_or(|asked| wire::recruitment_stage(recruitment.status(now)) == Some(asked))
    }
}

/// Which ventures.
pub(crate) struct Ventures {
    stage: Option<DevelopmentStage>,
    include_withdrawn: bool,
}

impl Ventures {
    pub(crate) fn asked(request: &ListVenturesRequest) -> Result<Self, Refusal> {
        let stage = choice("stage", request.stage)?;
        Ok(Self { stage, include_withdrawn: request.include_withdrawn })
    }

    pub(crate) fn lets_pass(&self, venture: &Venture) -> bool {
        let stage = venture.card().and_then(|listed| listed.current()).map(|card| card.teaser.stage);
        let come_so_far = |asked| stage.is_some_and(|stage| stage_form(stage) == asked);
        let offered = self.include_withdrawn || matches!(venture, Venture::Listed(_));
        offered && self.stage.is_none_or(come_so_far)
    }
}

/// Which events of the forum.
pub(crate) struct ForumEvents {
    kind: Option<ForumEventKind>,
    include_past: bool,
    /// Whose pitch must be among those that were submitted.
    pitched_by: Option<OrganisationId>,
}

impl ForumEvents {
    pub(crate) fn asked(request: &ListForumEventsRequest, caller: OrganisationId) -> Result<Self, Refusal> {
        Ok(Self {
            kind: choice("kind", request.kind)?,
            include_past: request.include_past,
            pitched_by: request.own_pitches_only.then_some(caller),
        })
    }

    /// Whether an event is over is a question of now.
    pub(crate) fn lets_pass(&self, event: &ForumEvent, now: Timestamp) -> bool {
        let Some(announced) = event.announced() else { return false };
        let ahead = matches!(event, ForumEvent::Scheduled(_)) && now < announced.ends_at;
        let pitched = |by| announced.pitches.values().any(|pitch| pitch.lister == by);
        (self.include_past || ahead)
            && self.kind.is_none_or(|asked| forum_event_kind_form(announced.kind) == asked)
            && self.pitched_by.is_none_or(pitched)
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
