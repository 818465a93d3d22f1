//! How far ventures have come, month by month.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::{OrganisationId, VentureId},
    investment::{Form, Investment, Made},
    time::{Month, Timestamp},
};
use events::wire::money as wire_money;
use money::Money;
use proto::kiban::deal_flow::v1::FunnelMonth;

use crate::{DealFlowFold, VentureRow};

/// Whose ventures, and when.
pub(crate) struct Asked {
    /// Of this lister only; none: of all.
    pub(crate) lister: Option<OrganisationId>,
    /// This venture only.
    pub(crate) venture: Option<VentureId>,
    /// The first month.
    pub(crate) from: Option<Month>,
    /// The last month.
    pub(crate) to: Option<Month>,
}

/// What is counted of a month.
#[derive(Clone, Copy, Default)]
struct Counts {
    listed: u64,
    views: u64,
    viewed: u64,
    interested: u64,
    data_rooms: u64,
    invested: u64,
    investments: u64,
    cash: Sum,
    in_kind: u64,
    in_kind_estimated: Sum,
}

/// A sum in minor units, which always fits: so much that no amount can hold it is left out of the answer, and the rest
/// of the answer is given to everybody, whatever one investor once recorded.
#[derive(Clone, Copy, Default)]
struct Sum(i128);

impl Sum {
    fn add(&mut self, amount: Money) {
        self.0 += i128::from(amount.minor_units());
    }

    fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    fn message(self) -> Option<proto::kiban::common::v1::Money> {
        i64::try_from(self.0).ok().map(|minor_units| wire_money(Money::jpy(minor_units)))
    }
}

/// The months that are asked for, each with what happened in it, and all of them together.
pub(crate) fn funnel(fold: &DealFlowFold, asked: &Asked) -> (Vec<FunnelMonth>, FunnelMonth) {
    let mut months = BTreeMap::new();
    let venture = asked.venture.map(|venture| venture.to_string());
    let is_asked = |id: &str| venture.as_ref().is_none_or(|asked| asked == id);
    for (_, row) in fold.ventures_after("").filter(|(id, row)| is_asked(id) && asked.is_of(row.lister)) {
        count_venture(&mut months, row);
    }
    let investments = fold.investments.after("").filter_map(|(_, state)| match state {
        Investment::Made(made) => Some(made),
        Investment::Vacant | Investment::Withdrawn { .. } => None,
    });
    let of = |made: &&Made| {
        let card = made.deal.card.map(|card| card.venture);
        asked.is_of(made.deal.venture) && asked.venture.is_none_or(|asked| card == Some(asked))
    };
    count_investments(&mut months, investments.filter(of));
    months.retain(|month, _| asked.holds(*month));
    let mut total = Counts::default();
    for counts in months.values() {
        total = total.plus(counts);
    }
    let named = months.iter().map(|(month, counts)| counts.message(month.to_string()));
    (named.collect(), total.message(String::new()))
}

impl Asked {
    fn is_of(&self, lister: OrganisationId) -> bool {
        self.lister.is_none_or(|asked| asked == lister)
    }

    fn holds(&self, month: Month) -> bool {
        self.from.is_none_or(|from| from <= month) && self.to.is_none_or(|to| month <= to)
    }
}

fn count_venture(months: &mut BTreeMap<Month, Counts>, row: &VentureRow) {
    if let Some(first) = row.cards.first() {
        in_month(months, first.at).listed += 1;
    }
    for (month, views) in &row.views {
        months.entry(*month).or_default().views += views;
    }
    for steps in row.investors.values() {
        if let Some(at) = steps.viewed {
            in_month(months, at).viewed += 1;
        }
        if let Some(at) = steps.interested {
            in_month(months, at).interested += 1;
        }
        if let Some(at) = steps.let_in {
            in_month(months, at).data_rooms += 1;
        }
    }
}

fn count_investments<'m>(months: &mut BTreeMap<Month, Counts>, made: impl Iterator<Item = &'m Made>) {
    let mut in_time: Vec<&Made> = made.collect();
    in_time.sort_by_key(|made| (made.at, made.id));
    let mut pairs = BTreeSet::new();
    for made in in_time {
        let counts = in_month(months, made.at);
        counts.investments += 1;
        // One from before there were cards names the organisation alone, and is of no venture's funnel.
        if let Some(card) = made.deal.card
            && pairs.insert((made.deal.investor, card.venture))
        {
            counts.invested += 1;
        }
        match &made.deal.form {
            Form::Cash(amount) => counts.cash.add(*amount),
            Form::InKind(given) => {
                counts.in_kind += 1;
                given.estimated_value.into_iter().for_each(|value| counts.in_kind_estimated.add(value));
            }
        }
    }
}

fn in_month(months: &mut BTreeMap<Month, Counts>, at: Timestamp) -> &mut Counts {
    months.entry(Month::of(at)).or_default()
}

impl Counts {
    fn plus(self, other: &Self) -> Self {
        Self {
            listed: self.listed + other.listed,
            views: self.views + other.views,
            viewed: self.viewed + other.viewed,
            interested: self.interested + other.interested,
            data_rooms: self.data_rooms + other.data_rooms,
            invested: self.invested + other.invested,
            investments: self.investments + other.investments,
            cash: self.cash.plus(other.cash),
            in_kind: self.in_kind + other.in_kind,
            in_kind_estimated: self.in_kind_estimated.plus(other.in_kind_estimated),
        }
    }

    fn message(&self, month: String) -> FunnelMonth {
        FunnelMonth {
            month,
            listed: self.listed,
            views: self.views,
            viewed: self.viewed,
            interested: self.interested,
            data_rooms: self.data_rooms,
            invested: self.invested,
            investments: self.investments,
            cash: self.cash.message(),
            in_kind: self.in_kind,
            in_kind_estimated: self.in_kind_estimated.message(),
        }
    }
}
