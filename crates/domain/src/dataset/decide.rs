//! What may not be done with a dataset.

use crate::{
    contract::ContractKind,
    dataset::{
        Command, ComposedCases, Dataset, DatasetRegistered, Event, FreezeReleased, Provision,
        RegisterDataset, ReleaseFreeze,
    },
    id::{DatasetId, OrganisationId},
    time::Timestamp,
    under_contract::NotCovered,
};

/// The most institutions in the composition of a freeze.
pub const MOST_INSTITUTIONS: usize = 1_000;

/// Why a command to a dataset was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A dataset without any type of data describes nothing.
    #[error("a dataset holds at least one type of data")]
    NoDataTypes,
    /// The dataset has been entered before, with another description.
    #[error("dataset {id} is already registered with another description")]
    AlreadyRegistered {
        /// The dataset.
        id: DatasetId,
    },
    /// The dataset has not been entered.
    #[error("the dataset is not registered")]
    NotRegistered,
    /// A data provider offers datasets under a contract of its own, in force.
    #[error(transparent)]
    NotCovered(#[from] NotCovered),
    /// A freeze without any institution.
    #[error("a freeze is composed of the cases of at least one institution")]
    EmptyComposition,
    /// A freeze of more institutions than are kept.
    #[error("{institutions} institutions are more than {most}")]
    TooManyInstitutions {
        /// How many there are.
        institutions: usize,
        /// How many there may be.
        most: usize,
    },
    /// An institution that contributes nothing.
    #[error("part {index}: an institution contributes at least one case")]
    NoCases {
        /// The index of the part in the composition as it was sent.
        index: usize,
    },
    /// An institution that stands twice in the composition.
    #[error("{institution} stands twice in the composition")]
    InstitutionTwice {
        /// The institution.
        institution: OrganisationId,
    },
    /// More cases than a record of usage could name.
    #[error("{cases} cases are more than {most}")]
    TooManyCases {
        /// How many there are, held at the largest number.
        cases: u64,
        /// How many there may be.
        most: u32,
    },
    /// A freeze that would not be later than the one before.
    #[error("freeze {number} was released at {released_at}: the next one must be later than that, not {at}")]
    NotLaterThanLast {
        /// The number of the last freeze.
        number: u32,
        /// When it was released.
        released_at: Timestamp,
        /// When the next one would be.
        at: Timestamp,
    },
}

pub(super) fn decide(state: &Dataset, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::RegisterDataset(command) => register(state, command),
        Command::ReleaseFreeze(command) => release(state, command),
    }
}

fn register(state: &Dataset, command: RegisterDataset) -> Result<Vec<Event>, Rejection> {
    let RegisterDataset { id, description, provision, at } = command;
    if description.data_types.is_empty() {
        return Err(Rejection::NoDataTypes);
    }
    match state {
        Dataset::Vacant => {
            check_provision(provision, description.provider)?;
            Ok(vec![Event::DatasetRegistered(DatasetRegistered { id, description, at })])
        }
        Dataset::Registered(dataset) if dataset.id == id && dataset.description == description => Ok(vec![]),
        Dataset::Registered(dataset) => Err(Rejection::AlreadyRegistered { id: dataset.id }),
    }
}

fn release(state: &Dataset, command: ReleaseFreeze) -> Result<Vec<Event>, Rejection> {
    let ReleaseFreeze { mut composition, consent, provision, at } = command;
    check_composition(&mut composition)?;
    let Dataset::Registered(dataset) = state else { return Err(Rejection::NotRegistered) };
    check_provision(provision, dataset.description.provider)?;
    let number = match dataset.freezes.last() {
        None => 1,
        Some(last) if last.released_at < at => last.number.saturating_add(1),
        Some(last) => {
            let (number, released_at) = (last.number, last.released_at);
            return Err(Rejection::NotLaterThanLast { number, released_at, at });
        }
    };
    Ok(vec![Event::FreezeReleased(FreezeReleased { number, composition, consent, at })])
}

fn check_provision(provision: Provision, provider: OrganisationId) -> Result<(), NotCovered> {
    match provision {
        Provision::ByOperator => Ok(()),
        Provision::Under(contract) => contract.check(provider, ContractKind::DataProvider),
    }
}

/// Checks a composition and sorts it by institution.
fn check_composition(composition: &mut [ComposedCases]) -> Result<(), Rejection> {
    if composition.is_empty() {
        return Err(Rejection::EmptyComposition);
    }
    if composition.len() > MOST_INSTITUTIONS {
        return Err(Rejection::TooManyInstitutions {
            institutions: composition.len(),
            most: MOST_INSTITUTIONS,
        });
    }
    if let Some(index) = composition.iter().position(|part| part.cases == 0) {
        return Err(Rejection::NoCases { index });
    }
    let cases = composition.iter().fold(0u64, |total, part| total.saturating_add(part.cases));
    if cases > u64::from(u32::MAX) {
        return Err(Rejection::TooManyCases { cases, most: u32::MAX });
    }
    composition.sort_unstable();
    match composition.windows(2).find(|pair| pair[0].institution == pair[1].institution) {
        Some(pair) => Err(Rejection::InstitutionTwice { institution: pair[0].institution }),
        None => Ok(()),
    }
}
