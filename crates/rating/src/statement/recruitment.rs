//! Recruitments: a fee for the request at its approval, and one for each enrolment (requirements §2.1).

use std::collections::BTreeMap;

use domain::{
    id::{OrganisationId, RecruitmentId},
    price_book::PriceKey,
    recruitment,
    terms::ChargeKind,
    time::Month,
};
use money::{Currency, Decimal, Fraction, MoneyError};

use crate::{
    PoolWeight, RatingError, find_price,
    ledger::{ContractView, Fact, Subject, View, line_id},
    rate,
    statement::{Origin, StatementError, StatementLine, failed, segment_at, terms_of, unpriced},
};

/// Which fee of a recruitment a line is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RecruitmentFee {
    /// Of the request, once, when it is approved.
    Request,
    /// Of each enrolment.
    Enrolment,
}

impl RecruitmentFee {
    fn charge_kind(self) -> ChargeKind {
        match self {
            Self::Request => ChargeKind::recruitment_request(),
            Self::Enrolment => ChargeKind::recruitment_enrolment(),
        }
    }

    /// What the weights of the institutions' pool count.
    pub const fn weighed_by(self) -> PoolWeight {
        match self {
            Self::Request => PoolWeight::Institutions,
            Self::Enrolment => PoolWeight::Enrolments,
        }
    }
}

/// Which institutions enrolled how many.
type Enrolled = BTreeMap<OrganisationId, u64>;

/// The lines of the recruitments of which something fell due in a month, by recruitment, fee and segment.
pub(super) fn lines<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    month: Month,
) -> Result<Vec<StatementLine>, StatementError> {
    let mut due = AllDue::new();
    for (_, fact) in view.due(contract.id, month) {
        if let Fact::Recruitment(recruitment, event) = fact {
            add(&mut due, contract, *recruitment, event);
        }
    }
    due.into_iter().map(|(place, counted)| line(view, contract, place, counted)).collect()
}

/// The lines of one recruitment in all months, on the statements of its contract.
pub fn lines_of_recruitment<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    recruitment: RecruitmentId,
) -> Result<Vec<(Month, StatementLine)>, StatementError> {
    let mut due = AllDue::new();
    for (_, event) in view.recruitment_events(recruitment) {
        add(&mut due, contract, recruitment, event);
    }
    due.into_iter().map(|(place, counted)| Ok((place.month, line(view, contract, place, counted)?))).collect()
}

/// What fell due, by the line on which it stands.
type AllDue = BTreeMap<Place, (u64, Enrolled)>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    month: Month,
    recruitment: RecruitmentId,
    fee: RecruitmentFee,
    segment: u32,
}

fn add(due: &mut AllDue, contract: &ContractView, recruitment: RecruitmentId, event: &recruitment::Event) {
    let Some((fee, at)) = falls_due(event) else { return };
    let place = Place { month: Month::of(at), recruitment, fee, segment: segment_at(contract, at) };
    let (count, enrolled) = due.entry(place).or_default();
    *count += 1;
    if let recruitment::Event::ParticipantEnrolled(event) = event {
        *enrolled.entry(event.institution).or_default() += 1;
    }
}

/// Which fee an event makes fall due, and when.
pub(super) fn falls_due(event: &recruitment::Event) -> Option<(RecruitmentFee, domain::time::Timestamp)> {
    match event {
        recruitment::Event::RecruitmentApproved(event) => Some((RecruitmentFee::Request, event.at)),
        recruitment::Event::ParticipantEnrolled(event) => Some((RecruitmentFee::Enrolment, event.at)),
        recruitment::Event::PatientRecruitmentRequested(_)
        | recruitment::Event::RecruitmentTriaged(_)
        | recruitment::Event::RecruitmentRejected(_)
        | recruitment::Event::InstitutionInvited(_)
        | recruitment::Event::InstitutionResponded(_)
        | recruitment::Event::ParticipantsContacted(_)
        | recruitment::Event::RecruitmentClosed(_) => None,
    }
}

fn line<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: &ContractView,
    place: Place,
    (count, enrolled): (u64, Enrolled),
) -> Result<StatementLine, StatementError> {
    let Place { month, recruitment, fee, segment } = place;
    let charge_kind = fee.charge_kind();
    let id = line_id(&charge_kind, segment, None, None, Some(Subject::Recruitment(recruitment)));
    let failed = failed(contract, &id);
    let terms = terms_of(&contract.timeline, segment, month);
    let version = terms.and_then(|terms| view.prices(contract.issuer, terms.price_book, month));
    let quantity = Decimal::from_u64(count).map_err(|_| failed(RatingError::Amount(MoneyError::Overflow)))?;
    let item = version.zip(terms).and_then(|(version, terms)| {
        let of = PriceKey { tier: Some(terms.tier.clone()), ..PriceKey::any(charge_kind.clone()) };
        find_price(version.content, &of)
    });
    let currency = version.map_or(Currency::Jpy, |version| version.content.currency);
    let rated = match item {
        Some(item) => rate(&item.model, currency, &quantity, None).map_err(failed)?,
        None => unpriced(currency, quantity),
    };
    let description = match fee {
        RecruitmentFee::Request => format!("{recruitment} approved"),
        RecruitmentFee::Enrolment => format!("{count} enrolments for {recruitment}"),
    };
    Ok(StatementLine {
        segment,
        tier: terms.map(|terms| terms.tier.clone()),
        recruitment: Some(recruitment),
        quantity: Fraction::from(quantity),
        bands: rated.bands,
        price_book: version.map(|version| (version.id, version.number)),
        unpriced: item.is_none(),
        description,
        arithmetic: rated.arithmetic,
        shared_by: terms.map(|terms| (terms.share_rule, month)),
        ..StatementLine::of(id, charge_kind, rated.amount, Origin::Recruitment { recruitment, fee, enrolled })
    })
}
