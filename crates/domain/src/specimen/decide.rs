//! What may not be done with a specimen.

use crate::{
    id::{DatasetId, OrderId, OrganisationId, SpecimenId},
    listing::ServiceKind,
    order::Order,
    organisation::Capacity,
    specimen::{
        Command, Event, RegisterSpecimen, RegisteredSpecimen, ReleaseSpecimen, ReserveSpecimen, Specimen,
        SpecimenRegistered, SpecimenReleased, SpecimenReserved,
    },
};

/// The most aliquots of one specimen.
pub const MOST_ALIQUOTS: u32 = 100_000;

/// Why a command to a specimen was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A specimen has aliquots, and no more than are kept.
    #[error("a stock of {aliquots} aliquots is not 1 to {MOST_ALIQUOTS}")]
    StockOutOfRange {
        /// How many.
        aliquots: u32,
    },
    /// The specimen stands, with other particulars.
    #[error("{id} has already been registered with other particulars")]
    AlreadyRegistered {
        /// The specimen.
        id: SpecimenId,
    },
    /// There is no such dataset.
    #[error("{dataset} does not exist")]
    NoSuchDataset {
        /// The dataset.
        dataset: DatasetId,
    },
    /// The dataset is another's.
    #[error("{dataset} is not {organisation}'s own")]
    DatasetOfAnother {
        /// The dataset.
        dataset: DatasetId,
        /// Who wants to register a specimen of it.
        organisation: OrganisationId,
    },
    /// The specimen has not been entered.
    #[error("the specimen is not registered")]
    NotRegistered,
    /// Nothing cannot be reserved.
    #[error("at least one aliquot must be reserved")]
    NoAliquots,
    /// There is no such order for whoever asks.
    #[error("{order} does not exist")]
    NoSuchOrder {
        /// The order.
        order: OrderId,
    },
    /// Neither the order's vendor nor the base operator.
    #[error("only the order's vendor or the base operator may reserve specimens for it, not {organisation}")]
    NotTheVendor {
        /// Who wanted to.
        organisation: OrganisationId,
    },
    /// The vendor has not taken the order, or the order has ended.
    #[error("the order is not under way: it is {stage}")]
    OrderNotUnderWay {
        /// The order's stage.
        stage: &'static str,
    },
    /// The order is about another dataset.
    #[error("the specimen is of {dataset}, and the order is about {ordered}")]
    OtherDataset {
        /// The dataset to which the specimen's donor belongs.
        dataset: DatasetId,
        /// The dataset that the order names.
        ordered: DatasetId,
    },
    /// The order does not say of whose specimens it is.
    #[error("{order} names no dataset, so only the base operator may reserve specimens for it")]
    NoDatasetOrdered {
        /// The order.
        order: OrderId,
    },
    /// The donors do not agree, or not any more, that what is derived from them be sold.
    #[error("the freeze of {dataset} that is in force does not let derived material be sold")]
    ConsentMissing {
        /// The dataset.
        dataset: DatasetId,
    },
    /// Another number of aliquots is reserved for the order.
    #[error("{aliquots} aliquots are reserved for the order")]
    AlreadyReserved {
        /// How many.
        aliquots: u32,
    },
    /// There are not so many free aliquots.
    #[error("of the aliquots {free} are free, {aliquots} are asked for")]
    StockExceeded {
        /// How many are asked for.
        aliquots: u32,
        /// How many are free.
        free: u32,
    },
    /// Nothing was ever reserved for the order.
    #[error("nothing is reserved for {order}")]
    NothingReserved {
        /// The order.
        order: OrderId,
    },
}

pub(super) fn decide(state: &Specimen, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::RegisterSpecimen(command) => register(state, *command),
        Command::ReserveSpecimen(command) => reserve(state, &command),
        Command::ReleaseSpecimen(command) => release(state, command),
    }
}

fn register(state: &Specimen, command: RegisterSpecimen) -> Result<Vec<Event>, Rejection> {
    let RegisterSpecimen { id, description, by, dataset, at } = command;
    let aliquots = description.stock;
    if !(1..=MOST_ALIQUOTS).contains(&aliquots) {
        return Err(Rejection::StockOutOfRange { aliquots });
    }
    if let Specimen::Registered(known) = state {
        let again = (known.id, &known.description) == (id, &description);
        return if again { Ok(vec![]) } else { Err(Rejection::AlreadyRegistered { id: known.id }) };
    }
    let Some(dataset) = dataset.registered() else {
        return Err(Rejection::NoSuchDataset { dataset: description.dataset });
    };
    if dataset.description.provider != by {
        return Err(Rejection::DatasetOfAnother { dataset: dataset.id, organisation: by });
    }
    Ok(vec![Event::SpecimenRegistered(SpecimenRegistered { id, description, at })])
}

fn reserve(state: &Specimen, command: &ReserveSpecimen) -> Result<Vec<Event>, Rejection> {
    let (order, aliquots, at) = (command.order, command.aliquots, command.at);
    if aliquots == 0 {
        return Err(Rejection::NoAliquots);
    }
    let specimen = registered(state)?;
    check_order(specimen, command)?;
    match specimen.reserved.get(&order) {
        Some(known) if *known == aliquots => return Ok(vec![]),
        Some(known) => return Err(Rejection::AlreadyReserved { aliquots: *known }),
        None => {}
    }
    check_consent(specimen, command)?;
    let free = specimen.free();
    if aliquots > free {
        return Err(Rejection::StockExceeded { aliquots, free });
    }
    Ok(vec![Event::SpecimenReserved(SpecimenReserved { order, aliquots, at })])
}

/// Whether the order may hold aliquots of the specimen, and whoever asks may reserve them for it.
fn check_order(specimen: &RegisteredSpecimen, command: &ReserveSpecimen) -> Result<(), Rejection> {
    let ReserveSpecimen { order, by, capacities, ordered, .. } = command;
    let placed = ordered.placed().ok_or(Rejection::NoSuchOrder { order: *order })?;
    let keeps = capacities.contains(&Capacity::BaseOperator);
    if placed.vendor != *by && !keeps {
        return Err(Rejection::NotTheVendor { organisation: *by });
    }
    let Order::UnderWay(_) = &**ordered else {
        return Err(Rejection::OrderNotUnderWay { stage: ordered.stage() });
    };
    let dataset = specimen.description.dataset;
    match placed.dataset {
        Some(ordered) if ordered != dataset => Err(Rejection::OtherDataset { dataset, ordered }),
        // Else a vendor could take specimens of donors of whom its order says nothing.
        None if !keeps => Err(Rejection::NoDatasetOrdered { order: *order }),
        Some(_) | None => Ok(()),
    }
}

/// Whether the donors' consent covers what is made of the specimen, now: an order of derived material was placed on the
/// freeze of its day, and what was agreed to then may have been taken back.
fn check_consent(specimen: &RegisteredSpecimen, command: &ReserveSpecimen) -> Result<(), Rejection> {
    let kind = command.ordered.placed().map(|placed| placed.kind);
    if kind != Some(ServiceKind::PatientDerivedModel) {
        return Ok(());
    }
    let dataset = specimen.description.dataset;
    let known = command.dataset.registered().filter(|known| known.id == dataset);
    let freeze = known.and_then(|known| known.freeze_at(command.at));
    match freeze {
        Some(freeze) if freeze.consent.derived_material_sale => Ok(()),
        Some(_) | None => Err(Rejection::ConsentMissing { dataset }),
    }
}

fn release(state: &Specimen, command: ReleaseSpecimen) -> Result<Vec<Event>, Rejection> {
    let ReleaseSpecimen { order, at } = command;
    let specimen = registered(state)?;
    if specimen.released.contains(&order) {
        return Ok(vec![]);
    }
    if !specimen.reserved.contains_key(&order) {
        return Err(Rejection::NothingReserved { order });
    }
    Ok(vec![Event::SpecimenReleased(SpecimenReleased { order, at })])
}

fn registered(state: &Specimen) -> Result<&RegisteredSpecimen, Rejection> {
    state.registered().ok_or(Rejection::NotRegistered)
}
