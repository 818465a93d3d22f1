//! What may not be asked for.

use crate::{
    contract::ContractKind,
    id::{OrganisationId, RecruitmentId},
    organisation::Capacity,
    recruitment::{Command, Event, PatientRecruitmentRequested, Recruitment, RequestRecruitment},
    under_contract::NotCovered,
};

/// The most participants of one request.
pub const MOST_PARTICIPANTS: u32 = 100_000;

/// Why a command to a recruitment was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nobody, or more than one request holds, would be recruited.
    #[error("{participants} participants are not 1 to {MOST_PARTICIPANTS}")]
    ParticipantsOutOfRange {
        /// How many.
        participants: u32,
    },
    /// A member asks itself.
    #[error("{organisation} cannot ask itself to recruit")]
    OwnExecutor {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The request stands, with other particulars.
    #[error("recruitment {id} has already been requested with other particulars")]
    AlreadyRequested {
        /// The recruitment.
        id: RecruitmentId,
    },
    /// The contract does not cover the request.
    #[error(transparent)]
    NotCovered(#[from] NotCovered),
    /// Only vendors and the promoter recruit.
    #[error("{organisation} does not recruit: it is neither vendor nor promoter today")]
    NotAnExecutor {
        /// The organisation.
        organisation: OrganisationId,
    },
}

pub(super) fn decide(state: &Recruitment, command: Command) -> Result<Vec<Event>, Rejection> {
    let Command::RequestRecruitment(command) = command;
    let RequestRecruitment { id, request, contract, executor_capacities, at } = command;
    let participants = request.participants_wanted;
    if !(1..=MOST_PARTICIPANTS).contains(&participants) {
        return Err(Rejection::ParticipantsOutOfRange { participants });
    }
    if request.member == request.executor {
        return Err(Rejection::OwnExecutor { organisation: request.member });
    }
    if let Recruitment::Requested { id: known, contract: under, request: requested, .. } = state {
        let again = (*known, *under) == (id, contract.id) && **requested == request;
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyRequested { id: *known }) };
    }
    contract.check(request.member, ContractKind::Member)?;
    let recruits = |capacity: &Capacity| matches!(capacity, Capacity::Vendor | Capacity::Promoter);
    if !executor_capacities.iter().any(recruits) {
        return Err(Rejection::NotAnExecutor { organisation: request.executor });
    }
    let (contract, contract_revision) = (contract.id, contract.revision);
    Ok(vec![Event::PatientRecruitmentRequested(PatientRecruitmentRequested {
        id,
        contract,
        contract_revision,
        request,
        at,
    })])
}
