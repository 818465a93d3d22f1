//! What an order stands on: everything that it names is looked up as it is now, and guarded, so that the order is placed
//! only if none of it has moved.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    consortium::{Consortium, ConsortiumNow},
    dataset::Dataset,
    id::{ContractId, DatasetId, ListingId, OrganisationId},
    listing::{Listed, Listing},
    order::{Command, Order, PlaceOrder, PlacingFacts, Source},
    organisation::Organisation,
    quote::{Quote, RequestedQuote},
    time::Timestamp,
    vendor_admission::VendorAdmission,
};
use engine::{Contracts, Known, Lookup, Prepared, Refusal};
use event_log::{EventLog, Guard};
use events::{Category, vendor_admission_stream};

use super::parse::{NamedSource, Placing, QUOTE_REQUEST};
use crate::{fields::missing, members};

const MANY: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
const FEW: NonZeroUsize = NonZeroUsize::new(100).unwrap();

/// The look-ups of whoever places an order.
pub(super) struct Facts {
    contracts: Contracts,
    listings: Lookup<Listing>,
    quotes: Lookup<Quote>,
    organisations: Lookup<Organisation>,
    admissions: Lookup<VendorAdmission>,
    consortia: Lookup<Consortium>,
    datasets: Lookup<Dataset>,
}

/// Where an order comes from: the listing, and the source with what is known of it.
struct Origin {
    source: Source,
    listing: ListingId,
    /// The field of the request that names the listing.
    field: &'static str,
    dataset: Option<DatasetId>,
    /// The vendor's contract under which the quote was made; none if there is no such quote.
    quoted_under: Option<ContractId>,
    guard: Option<Guard>,
}

impl Facts {
    pub(super) fn new(log: &Arc<dyn EventLog>) -> Self {
        Self {
            contracts: Contracts::new(log.clone()),
            listings: Lookup::new(log.clone(), MANY),
            quotes: Lookup::new(log.clone(), MANY),
            organisations: Lookup::new(log.clone(), MANY),
            admissions: Lookup::new(log.clone(), FEW),
            consortia: Lookup::new(log.clone(), MANY),
            datasets: Lookup::new(log.clone(), MANY),
        }
    }

    /// The command with its facts, the streams on which they stand, and whom the order concerns.
    pub(super) async fn complete(&self, placing: Placing) -> Result<Prepared<Order>, Refusal> {
        let Placing { id, member, contract, source, required_credentials, dataset, ethics_approval, at } =
            placing;
        let under = self.contracts.of("contract_id", contract, member, at).await?;
        let origin = self.origin(source, member, dataset).await?;
        let listing = self.listings.now(&Category::Listing.stream(origin.listing)).await?;
        let listed = listing.state.listed().ok_or_else(|| missing(origin.field, origin.listing))?;
        let stands_on = origin.quoted_under.unwrap_or(listed.contract);
        let vendor_contract = self.contracts.any(origin.field, stands_on, at).await?;
        let vendor = self.organisations.now(&Category::Organisation.stream(listed.vendor)).await?;
        let admission = self.admissions.now(&vendor_admission_stream(listed.content.kind())).await?;
        let consortium = self.consortium(listed, origin.field, at).await?;
        let dataset_known = self.dataset(origin.dataset).await?;
        let mut guards =
            vec![under.guard, listing.guard(), vendor_contract.guard, vendor.guard(), admission.guard()];
        guards.extend(origin.guard);
        let (consortium, together) = consortium.unzip();
        guards.extend(together.into_iter().flatten());
        guards.extend(dataset_known.as_ref().map(Known::guard));
        let sellers: Vec<OrganisationId> = consortium
            .as_ref()
            .and_then(|now| now.consortium.formed())
            .into_iter()
            .flat_map(|formed| formed.members())
            .collect();
        let concerned = [member, listed.vendor];
        let command = Command::PlaceOrder(Box::new(PlaceOrder {
            id,
            member,
            source: origin.source,
            required_credentials,
            dataset,
            ethics_approval,
            facts: PlacingFacts {
                contract: under.now,
                listing: listing.state.clone(),
                vendor_contract: vendor_contract.now,
                vendor: vendor.state,
                admission: admission.state,
                consortium,
                dataset: dataset_known.map(|known| known.state),
            },
            at,
        }));
        Ok(Prepared::new(command)
            .guarded_by(guards)
            .concerning(concerned)
            .concerning(sellers)
            .under(contract))
    }

    /// Where an order comes from. Of another's request for quote nobody learns whether it exists.
    async fn origin(
        &self,
        source: NamedSource,
        member: OrganisationId,
        dataset: Option<DatasetId>,
    ) -> Result<Origin, Refusal> {
        match source {
            NamedSource::ListPrice { listing, quantity, milestones } => Ok(Origin {
                source: Source::ListPrice { listing, quantity, milestones },
                listing,
                field: "list_price.listing_id",
                dataset,
                quoted_under: None,
                guard: None,
            }),
            NamedSource::Quote(taken) => {
                let known = self.quotes.now(&Category::Quote.stream(taken.request)).await?;
                let asked = known.state.request().map(|(asked, _)| asked);
                let own = asked.filter(|asked| asked.member == member);
                let RequestedQuote { listing, dataset: asked, .. } =
                    own.ok_or_else(|| missing(QUOTE_REQUEST, taken.request))?;
                Ok(Origin {
                    listing: *listing,
                    field: QUOTE_REQUEST,
                    dataset: dataset.or(*asked),
                    quoted_under: known.state.quote(taken.number).map(|quote| quote.contract),
                    guard: Some(known.guard()),
                    source: Source::Quote { taken, known: known.state.clone() },
                })
            }
        }
    }

    /// The consortium that sells with its members, and the streams on which that stands.
    async fn consortium(
        &self,
        listed: &Listed,
        field: &str,
        at: Timestamp,
    ) -> Result<Option<(ConsortiumNow, Vec<Guard>)>, Refusal> {
        let Some(consortium) = listed.consortium else { return Ok(None) };
        let known = self.consortia.now(&Category::Consortium.stream(consortium)).await?;
        members::looked_up(&self.contracts, &self.organisations, field, &known, at).await.map(Some)
    }

    async fn dataset(&self, dataset: Option<DatasetId>) -> Result<Option<Known<Dataset>>, Refusal> {
        match dataset {
            None => Ok(None),
            Some(dataset) => self.datasets.now(&Category::Dataset.stream(dataset)).await.map(Some),
        }
    }
}
