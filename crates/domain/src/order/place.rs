//! What may not be ordered (requirements §3.4).

use std::collections::BTreeSet;

use money::Money;

use crate::{
    consortium::Consortium,
    contract::{ContractKind, Status},
    dataset::Dataset,
    id::{ConsortiumId, ContractId, DatasetId, ListingId, OrganisationId},
    listing::{Attributes, ConsentToShare, Listed, MOST_QUANTITY, ServiceKind},
    milestone::{self, Milestone},
    order::{
        Event, Order, PlaceOrder, PlacedOrder, PlacingFacts, QuoteTaken, Rejection, SellingConsortium, Source,
    },
    organisation::Capacity,
    quote::{MOST_CREDENTIALS, Quote, SubmittedQuote},
    terms::CredentialKind,
    under_contract::NotCovered,
};

/// What an order would cost and require.
struct Bargain {
    quote: Option<QuoteTaken>,
    /// Under which the vendor quoted or lists it.
    vendor_contract: ContractId,
    quantity: u32,
    price: Money,
    milestones: Vec<Milestone>,
    dataset: Option<DatasetId>,
    credentials: BTreeSet<CredentialKind>,
}

pub(super) fn place(state: &Order, command: PlaceOrder) -> Result<Vec<Event>, Rejection> {
    if let Some(placed) = state.placed() {
        let again = is_same(placed, &command);
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyPlaced { id: placed.id }) };
    }
    let PlaceOrder { id, member, ethics_approval, facts, at, .. } = &command;
    facts.contract.check(*member, ContractKind::Member)?;
    let (bargain, listed) = bargain(&command)?;
    let kind = listed.content.kind();
    let consortium = check_sellers(&command, listed, bargain.vendor_contract)?;
    check_credentials(&command, listed.vendor, &bargain.credentials)?;
    check_shareable(listed)?;
    check_dataset(&command, kind, bargain.dataset)?;
    let placed = Box::new(PlacedOrder {
        id: *id,
        contract: facts.contract.id,
        contract_revision: facts.contract.revision,
        member: *member,
        vendor: listed.vendor,
        vendor_contract: Some(bargain.vendor_contract),
        kind,
        listing: Some(listed.id),
        quote: bargain.quote,
        quantity: bargain.quantity,
        price: bargain.price,
        milestones: bargain.milestones,
        consortium,
        dataset: bargain.dataset,
        required_credentials: bargain.credentials,
        ethics_approval: ethics_approval.clone(),
        omics: listed.content.attributes.modality(),
        at: *at,
    });
    Ok(vec![match kind {
        ServiceKind::OmicsAnalysis => Event::OmicsAnalysisOrdered(placed),
        ServiceKind::DataAnalysis
        | ServiceKind::PatientRecruiting
        | ServiceKind::PatientDerivedModel
        | ServiceKind::LifestyleData
        | ServiceKind::SpecimenArchive => Event::OrderPlaced(placed),
    }])
}

/// Whether the order that stands is the one that is asked for. What it cost and what its listing said may have changed
/// since.
fn is_same(placed: &PlacedOrder, command: &PlaceOrder) -> bool {
    let same_source = match &command.source {
        Source::Quote { taken, .. } => placed.quote == Some(*taken),
        Source::ListPrice { listing, quantity, milestones } => {
            placed.quote.is_none()
                && (placed.listing, placed.quantity) == (Some(*listing), *quantity)
                && placed.milestones == *milestones
        }
    };
    same_source
        && (placed.id, placed.member) == (command.id, command.member)
        && placed.contract == command.facts.contract.id
        && command.dataset.is_none_or(|dataset| placed.dataset == Some(dataset))
        && command.required_credentials.is_subset(&placed.required_credentials)
        && placed.ethics_approval == command.ethics_approval
}

/// What the order costs and requires, and what it is ordered from.
fn bargain(command: &PlaceOrder) -> Result<(Bargain, &Listed), Rejection> {
    let (bargain, listed) = match &command.source {
        Source::Quote { taken, known } => from_quote(command, *taken, known)?,
        Source::ListPrice { listing, quantity, milestones } => {
            from_list_price(command, *listing, *quantity, milestones)?
        }
    };
    let credentials = bargain.credentials.len();
    if credentials > MOST_CREDENTIALS {
        return Err(Rejection::TooManyCredentials { credentials });
    }
    milestone::check(&bargain.milestones, bargain.price)?;
    Ok((bargain, listed))
}

/// A quote binds its vendor until it expires, whether or not the service is still listed, and under the contract under
/// which it was made, whichever the service is listed under now.
fn from_quote<'c>(
    command: &'c PlaceOrder,
    taken: QuoteTaken,
    known: &Quote,
) -> Result<(Bargain, &'c Listed), Rejection> {
    let QuoteTaken { request, number } = taken;
    let missing = Rejection::NoSuchQuote { request, number };
    let asked = known.request().map(|(asked, _)| asked).filter(|asked| asked.id == request);
    let asked = asked.ok_or(missing.clone())?;
    if asked.member != command.member {
        return Err(Rejection::QuoteOfAnother { request, organisation: command.member });
    }
    if asked.contract != command.facts.contract.id {
        return Err(Rejection::QuoteUnderOtherContract { request, contract: asked.contract });
    }
    let SubmittedQuote { contract, offer, .. } = known.quote(number).ok_or(missing)?;
    if !offer.binds(command.at) {
        return Err(Rejection::QuoteExpired { valid_until: offer.valid_until });
    }
    let dataset = match (asked.dataset, command.dataset) {
        (Some(asked), Some(named)) if asked != named => {
            return Err(Rejection::OtherDataset { dataset: asked });
        }
        (asked, named) => asked.or(named),
    };
    let bargain = Bargain {
        quote: Some(taken),
        vendor_contract: *contract,
        quantity: asked.quantity,
        price: offer.price,
        milestones: offer.milestones.clone(),
        dataset,
        credentials: asked.required_credentials.union(&command.required_credentials).cloned().collect(),
    };
    Ok((bargain, listed(&command.facts, asked.listing)?))
}

/// A list price binds while the service is listed.
fn from_list_price<'c>(
    command: &'c PlaceOrder,
    listing: ListingId,
    quantity: u32,
    milestones: &[Milestone],
) -> Result<(Bargain, &'c Listed), Rejection> {
    let listed = listed(&command.facts, listing)?;
    if !command.facts.listing.is_listed() {
        return Err(Rejection::ListingWithdrawn { listing });
    }
    let least = listed.content.minimum_quantity;
    if !(least..=MOST_QUANTITY).contains(&quantity) {
        return Err(Rejection::QuantityOutOfRange { quantity, least });
    }
    let unit = listed.content.list_price.as_ref().ok_or(Rejection::NoListPrice { listing })?.price;
    let minor_units = unit.minor_units().checked_mul(i64::from(quantity));
    let minor_units = minor_units.ok_or(Rejection::PriceOutOfRange { quantity, unit })?;
    let bargain = Bargain {
        quote: None,
        vendor_contract: listed.contract,
        quantity,
        price: Money::new(unit.currency(), minor_units),
        milestones: milestones.to_vec(),
        dataset: command.dataset,
        credentials: command.required_credentials.clone(),
    };
    Ok((bargain, listed))
}

fn listed(facts: &PlacingFacts, listing: ListingId) -> Result<&Listed, Rejection> {
    let listed = facts.listing.listed().filter(|listed| listed.id == listing);
    listed.ok_or(Rejection::NoSuchListing { listing })
}

/// Whether those who sell may sell this now, and to this member; the consortium, if one sells.
fn check_sellers(
    command: &PlaceOrder,
    listed: &Listed,
    vendor_contract: ContractId,
) -> Result<Option<SellingConsortium>, Rejection> {
    let (facts, member, vendor) = (&command.facts, command.member, listed.vendor);
    if vendor == member {
        return Err(Rejection::OwnVendor { organisation: member });
    }
    let consortium = match listed.consortium {
        Some(consortium) => Some(selling(facts, consortium)?),
        None => None,
    };
    let is_member = |consortium: &SellingConsortium| consortium.shares.iter().any(|(of, _)| *of == member);
    if consortium.as_ref().is_some_and(is_member) {
        return Err(Rejection::OwnVendor { organisation: member });
    }
    check_participation(facts, vendor, vendor_contract)?;
    if !facts.vendor.holds(Capacity::Vendor, command.at) {
        return Err(Rejection::NotAVendor { organisation: vendor });
    }
    let kind = listed.content.kind();
    if !facts.admission.admits(vendor) {
        return Err(Rejection::NotAdmitted { organisation: vendor, kind });
    }
    if let Some(together) = facts.consortium.as_ref().filter(|_| consortium.is_some()) {
        together.check_members(&facts.admission, kind)?;
    }
    Ok(consortium)
}

/// Whether the contract under which the vendor quoted or lists it is in force. Whose it is and of what kind was decided
/// then: only that can have changed. The member learns so much, and not which contract the vendor has.
fn check_participation(
    facts: &PlacingFacts,
    vendor: OrganisationId,
    contract: ContractId,
) -> Result<(), Rejection> {
    let known = facts.vendor_contract;
    let status = match known.check(vendor, ContractKind::VendorParticipation) {
        Ok(()) if known.id == contract => return Ok(()),
        Err(NotCovered::NotInForce { status, .. }) if known.id == contract => status,
        Ok(()) | Err(_) => Status::Vacant,
    };
    Err(Rejection::VendorNotParticipating { status })
}

/// The consortium that sells, with its inner split as it stands.
fn selling(facts: &PlacingFacts, id: ConsortiumId) -> Result<SellingConsortium, Rejection> {
    let known = facts.consortium.as_ref().map(|now| &*now.consortium);
    let formed = known.and_then(Consortium::formed).filter(|formed| formed.id == id);
    let formed = formed.ok_or(Rejection::ConsortiumNotFormed)?;
    let shares = formed.shares.iter().map(|(vendor, percentage)| (*vendor, *percentage)).collect();
    Ok(SellingConsortium { id, shares })
}

/// Whether the vendor holds everything that the order requires, unexpired.
fn check_credentials(
    command: &PlaceOrder,
    vendor: OrganisationId,
    required: &BTreeSet<CredentialKind>,
) -> Result<(), Rejection> {
    let held = command.facts.vendor.credentials_on(command.at);
    match required.difference(&held).next() {
        None => Ok(()),
        Some(credential) => {
            Err(Rejection::CredentialMissing { organisation: vendor, credential: credential.clone() })
        }
    }
}

/// Whether the patient consented to share the model that is listed: what is not known to be so is not ordered.
fn check_shareable(listed: &Listed) -> Result<(), Rejection> {
    let Attributes::PatientDerivedModel(model) = &listed.content.attributes else { return Ok(()) };
    match model.consent_to_share {
        ConsentToShare::Yes => Ok(()),
        consent @ (ConsentToShare::No | ConsentToShare::NotAvailable) => {
            Err(Rejection::NotToBeShared { listing: listed.id, consent })
        }
    }
}

/// Whether the participants' consent covers what is ordered: derived material is sold only if they have agreed to its
/// sale and an ethics committee has approved it.
fn check_dataset(
    command: &PlaceOrder,
    kind: ServiceKind,
    dataset: Option<DatasetId>,
) -> Result<(), Rejection> {
    let known = match dataset {
        None => None,
        Some(id) => {
            let known = command.facts.dataset.as_deref().and_then(Dataset::registered);
            let known = known.filter(|known| known.id == id);
            Some((id, known.ok_or(Rejection::NoSuchDataset { dataset: id })?))
        }
    };
    if kind != ServiceKind::PatientDerivedModel {
        return Ok(());
    }
    let (dataset, known) = known.ok_or(Rejection::DatasetMissing { kind })?;
    let freeze = known.freeze_at(command.at);
    if !freeze.is_some_and(|freeze| freeze.consent.derived_material_sale) {
        return Err(Rejection::ConsentMissing { dataset });
    }
    if command.ethics_approval.is_none() {
        return Err(Rejection::EthicsApprovalMissing { kind });
    }
    Ok(())
}
