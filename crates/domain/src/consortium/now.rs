//! What other decisions need of a consortium, as a fact: who sold together when it was formed need not be able to any
//! more, so its members are looked at again with each service that is listed or ordered.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    consortium::Consortium,
    contract::{ContractKind, Status},
    id::OrganisationId,
    listing::ServiceKind,
    organisation::Capacity,
    under_contract::{ContractNow, NotCovered},
    vendor_admission::VendorAdmission,
};

/// Fact: a consortium as it is now, and what each member that has joined is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsortiumNow {
    /// The consortium.
    pub consortium: Arc<Consortium>,
    /// Its members.
    pub members: BTreeMap<OrganisationId, MemberNow>,
}

/// Fact: what a member of a consortium is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberNow {
    /// The capacities that it holds now.
    pub capacities: BTreeSet<Capacity>,
    /// The contract under which it has joined.
    pub contract: ContractNow,
}

/// Why a consortium cannot sell: one of its members cannot. Who it is, is not in the text, for a buyer does not learn
/// who sells together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a member of the consortium cannot sell: {because}")]
pub struct CannotSell {
    /// The member.
    pub organisation: OrganisationId,
    /// Why not.
    pub because: Because,
}

/// Why a member of a consortium cannot sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Because {
    /// The contract under which it has joined is not in force.
    #[error("its participation is {}", status.as_str())]
    NotParticipating {
        /// What it is.
        status: Status,
    },
    /// Only vendors sell.
    #[error("it is no vendor today")]
    NotAVendor,
    /// The operators admit others to this kind of service.
    #[error("it is not admitted to services of the kind {kind}")]
    NotAdmitted {
        /// The kind.
        kind: ServiceKind,
    },
}

impl ConsortiumNow {
    /// Whether every member may sell a kind of service now, under the contract under which it has joined.
    pub fn check_members(&self, admission: &VendorAdmission, kind: ServiceKind) -> Result<(), CannotSell> {
        let joined = self.consortium.proposal().into_iter().flat_map(|proposal| &proposal.joined);
        for (member, contract) in joined {
            let organisation = *member;
            let refused = |because| CannotSell { organisation, because };
            let now = self.members.get(member).filter(|now| now.contract.id == *contract);
            let status = now.map_or(Err(Status::Vacant), |now| now.participates(organisation));
            status.map_err(|status| refused(Because::NotParticipating { status }))?;
            if !now.is_some_and(|now| now.capacities.contains(&Capacity::Vendor)) {
                return Err(refused(Because::NotAVendor));
            }
            if !admission.admits(organisation) {
                return Err(refused(Because::NotAdmitted { kind }));
            }
        }
        Ok(())
    }
}

impl MemberNow {
    /// Whether its contract covers selling. Whose it is and of what kind was decided when it joined: what can have
    /// changed is whether it is in force.
    fn participates(&self, organisation: OrganisationId) -> Result<(), Status> {
        let checked = self.contract.check(organisation, ContractKind::VendorParticipation);
        checked.map_err(|refused| match refused {
            NotCovered::NotInForce { status, .. } => status,
            NotCovered::NotOwn { .. } | NotCovered::OtherKind { .. } | NotCovered::NeitherKind { .. } => {
                Status::Vacant
            }
        })
    }
}
