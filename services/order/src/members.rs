//! The members of a consortium that sells: looked up and guarded, and what it means that one of them cannot.

use std::collections::BTreeMap;

use domain::{
    consortium::{Because, CannotSell, Consortium, ConsortiumNow, MemberNow},
    organisation::{Capacity, Organisation},
    time::Timestamp,
};
use engine::{Contracts, Known, Lookup, Reason, Refusal};
use event_log::Guard;
use events::Category;

/// A consortium with what each member that has joined is now, and the streams on which that stands; `field` names it in
/// the request.
pub(crate) async fn looked_up(
    contracts: &Contracts,
    organisations: &Lookup<Organisation>,
    field: &str,
    known: &Known<Consortium>,
    at: Timestamp,
) -> Result<(ConsortiumNow, Vec<Guard>), Refusal> {
    let (mut members, mut guards) = (BTreeMap::new(), vec![known.guard()]);
    for (member, contract) in known.state.proposal().into_iter().flat_map(|proposal| &proposal.joined) {
        let organisation = organisations.now(&Category::Organisation.stream(*member)).await?;
        let under = contracts.any(field, *contract, at).await?;
        guards.extend([organisation.guard(), under.guard]);
        let capacities = organisation.state.capacities_on(at);
        members.insert(*member, MemberNow { capacities, contract: under.now });
    }
    Ok((ConsortiumNow { consortium: known.state.clone(), members }, guards))
}

/// What it means to a caller that a member cannot sell; who it is, the text does not say.
pub(crate) fn refuse(field: &str, refused: &CannotSell) -> Refusal {
    let message = refused.to_string();
    match refused.because {
        Because::NotParticipating { status } => {
            Refusal::field(Reason::VendorNotParticipating, field, message).with("stage", status.as_str())
        }
        Because::NotAVendor => Refusal::field(Reason::CounterpartyLacksCapacity, field, message)
            .with("capacity", Capacity::Vendor.as_str()),
        Because::NotAdmitted { kind } => {
            Refusal::field(Reason::VendorNotAdmitted, field, message).with("kind", kind)
        }
    }
}
