//! What may not be done with a listing.

use crate::{
    consortium::{Consortium, ConsortiumNow, Proposal},
    contract::ContractKind,
    id::{ConsortiumId, OrganisationId},
    listing::{
        Command, Event, ListService, Listed, Listing, ListingContent, Rejection, ReviseService,
        ServiceListed, ServiceRevised, ServiceViewed, ServiceWithdrawn, ViewService, WithdrawService,
    },
    organisation::Capacity,
    vendor_admission::VendorAdmission,
};

pub(super) fn decide(state: &Listing, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::ListService(command) => list(state, command),
        Command::ReviseService(command) => revise(state, command),
        Command::WithdrawService(command) => withdraw(state, command),
        Command::ViewService(command) => view(state, command),
    }
}

fn list(state: &Listing, command: ListService) -> Result<Vec<Event>, Rejection> {
    command.content.check()?;
    if let Some(listed) = state.listed() {
        return if is_same(listed, &command) {
            Ok(vec![])
        } else {
            Err(Rejection::AlreadyListed { id: listed.id })
        };
    }
    let ListService { id, vendor, vendor_capacities, contract, admission, consortium, content, at } = command;
    if !vendor_capacities.contains(&Capacity::Vendor) {
        return Err(Rejection::NotAVendor { organisation: vendor });
    }
    contract.check(vendor, ContractKind::VendorParticipation)?;
    check_admitted(&admission, vendor, &content)?;
    if let Some((id, consortium)) = &consortium {
        if formed(consortium, *id)?.lead != vendor {
            return Err(Rejection::NotTheLead { id: *id, organisation: vendor });
        }
        consortium.check_members(&admission, content.kind())?;
    }
    Ok(vec![Event::ServiceListed(ServiceListed {
        id,
        vendor,
        contract: contract.id,
        contract_revision: contract.revision,
        consortium: consortium.map(|(id, _)| id),
        content,
        at,
    })])
}

fn is_same(listed: &Listed, command: &ListService) -> bool {
    listed.id == command.id
        && listed.vendor == command.vendor
        && listed.contract == command.contract.id
        && listed.consortium == command.consortium.as_ref().map(|(id, _)| *id)
        && listed.content == command.content
}

fn revise(state: &Listing, command: ReviseService) -> Result<Vec<Event>, Rejection> {
    let ReviseService { by, contract, admission, consortium, content, at } = command;
    content.check()?;
    let listed = offered(own(state, by)?)?;
    let (kind, wanted) = (listed.content.kind(), content.kind());
    if kind != wanted {
        return Err(Rejection::KindChanged { kind, wanted });
    }
    if listed.content.code != content.code {
        let (code, wanted) = (listed.content.code.clone(), content.code);
        return Err(Rejection::CodeChanged { code, wanted });
    }
    contract.check(by, ContractKind::VendorParticipation)?;
    check_admitted(&admission, by, &content)?;
    if let Some(id) = listed.consortium {
        let consortium = consortium.ok_or(Rejection::ConsortiumNotFormed { id })?;
        formed(&consortium, id)?;
        consortium.check_members(&admission, kind)?;
    }
    if listed.content == content && listed.contract == contract.id {
        return Ok(vec![]);
    }
    let (contract, contract_revision) = (contract.id, contract.revision);
    Ok(vec![Event::ServiceRevised(ServiceRevised { contract, contract_revision, content, at })])
}

fn withdraw(state: &Listing, command: WithdrawService) -> Result<Vec<Event>, Rejection> {
    let WithdrawService { by, reason, at } = command;
    match own(state, by)? {
        Listing::Withdrawn { .. } => Ok(vec![]),
        Listing::Vacant | Listing::Listed(_) => {
            Ok(vec![Event::ServiceWithdrawn(ServiceWithdrawn { reason, at })])
        }
    }
}

fn view(state: &Listing, command: ViewService) -> Result<Vec<Event>, Rejection> {
    let ViewService { viewer, contract, at } = command;
    let listed = offered(state)?;
    if listed.vendor == viewer {
        return Err(Rejection::OwnListing { organisation: viewer });
    }
    contract.check(viewer, ContractKind::Member)?;
    if listed.viewed.get(&viewer).is_some_and(|last| *last >= at.tokyo_date()) {
        return Ok(vec![]);
    }
    Ok(vec![Event::ServiceViewed(ServiceViewed { viewer, contract: contract.id, at })])
}

fn check_admitted(
    admission: &VendorAdmission,
    vendor: OrganisationId,
    content: &ListingContent,
) -> Result<(), Rejection> {
    if admission.admits(vendor) {
        Ok(())
    } else {
        Err(Rejection::NotAdmitted { organisation: vendor, kind: content.kind() })
    }
}

/// The consortium, once every member has joined it.
fn formed(now: &ConsortiumNow, id: ConsortiumId) -> Result<&Proposal, Rejection> {
    let formed = Consortium::formed(&now.consortium).filter(|formed| formed.id == id);
    formed.ok_or(Rejection::ConsortiumNotFormed { id })
}

/// The listing, if it is the organisation's own.
fn own(state: &Listing, organisation: OrganisationId) -> Result<&Listing, Rejection> {
    let listed = state.listed().ok_or(Rejection::NotListed)?;
    if listed.vendor == organisation {
        Ok(state)
    } else {
        Err(Rejection::NotTheVendor { id: listed.id, organisation })
    }
}

/// What is offered now.
fn offered(state: &Listing) -> Result<&Listed, Rejection> {
    match state {
        Listing::Vacant => Err(Rejection::NotListed),
        Listing::Listed(listed) => Ok(listed),
        Listing::Withdrawn { listed, .. } => Err(Rejection::Withdrawn { id: listed.id }),
    }
}
