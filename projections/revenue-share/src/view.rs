//! Shares as the wire has them, cut to what the caller may see.

use std::cmp::Reverse;

use domain::{funding::FundingAgreed, id::OrganisationId, time::Month};
use event_log::Position;
use events::{finance_form::treatment_form, wire::money};
use money::Money;
use proto::kiban::revenue_share::v1 as wire;

use crate::shares::{Charge, Share, Shares};

/// Who is shown what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Viewer {
    /// Those who run the forum see everything.
    Operator,
    /// Everybody else sees what is theirs, and nothing of the others' shares or of the totals.
    Party(OrganisationId),
}

impl Viewer {
    fn sees(self, organisation: OrganisationId) -> bool {
        match self {
            Self::Operator => true,
            Self::Party(own) => own == organisation,
        }
    }
}

/// What a month's answer is made of.
pub(crate) struct Answer<'a, N> {
    pub(crate) month: Month,
    /// On what it stands.
    pub(crate) position: Position,
    /// `None` where nothing was charged and nobody holds the capacity.
    pub(crate) base_operator: Option<OrganisationId>,
    pub(crate) shares: &'a Shares,
    /// The public funding recognised in the month, if it was asked for.
    pub(crate) fundings: Vec<(&'a FundingAgreed, Money)>,
    /// Its sum.
    pub(crate) funding: Money,
    /// The name of an organisation.
    pub(crate) name: N,
    /// Whether it was asked under other versions than those in force.
    pub(crate) hypothetical: bool,
}

pub(crate) fn response(
    answer: &Answer<'_, impl Fn(OrganisationId) -> String>,
    viewer: Viewer,
) -> wire::GetRevenueSharesResponse {
    let shares = answer.shares;
    let operator = viewer == Viewer::Operator;
    let of_base = answer.base_operator.and_then(|base| shares.parties.get(&base)).copied();
    let of_base = of_base.unwrap_or(Money::zero(shares.charged.currency()));
    wire::GetRevenueSharesResponse {
        month: answer.month.to_string(),
        base_operator_total: operator.then(|| money(of_base)),
        parties: parties(answer, viewer),
        charged: operator.then(|| money(shares.charged)),
        charges: shares.charges.iter().filter_map(|shared| charge(shared, viewer)).collect(),
        as_of_position: answer.position.to_string(),
        public_funding: answer.fundings.iter().filter(|_| operator).map(public_funding).collect(),
        public_funding_total: operator.then(|| money(answer.funding)),
        hypothetical: answer.hypothetical,
    }
}

fn public_funding((agreed, amount): &(&FundingAgreed, Money)) -> wire::PublicFunding {
    wire::PublicFunding {
        funding_id: agreed.id.to_string(),
        funder: agreed.funder.to_string(),
        recipient_id: agreed.recipient.to_string(),
        amount: Some(money(*amount)),
        agreed: Some(money(agreed.amount)),
        start_month: agreed.start.to_string(),
        end_month: agreed.end.to_string(),
    }
}

/// The largest first, ties by id.
fn parties(answer: &Answer<'_, impl Fn(OrganisationId) -> String>, viewer: Viewer) -> Vec<wire::PartyTotal> {
    let parties = answer.shares.parties.iter().map(|(organisation, amount)| (*organisation, *amount));
    let mut parties: Vec<_> = parties.filter(|(organisation, _)| viewer.sees(*organisation)).collect();
    parties.sort_by_key(|(organisation, amount)| (Reverse(amount.minor_units()), *organisation));
    let party = |(organisation, amount): (OrganisationId, Money)| wire::PartyTotal {
        organisation_id: organisation.to_string(),
        name: (answer.name)(organisation),
        amount: Some(money(amount)),
    };
    parties.into_iter().map(party).collect()
}

/// A charge with the shares that the viewer sees; `None` if there are none.
fn charge(charge: &Charge, viewer: Viewer) -> Option<wire::ChargeShares> {
    let shares = charge.shares.iter().filter(|share| viewer.sees(share.organisation));
    let shares: Vec<_> = shares.map(share).collect();
    (!shares.is_empty()).then(|| wire::ChargeShares {
        contract_id: charge.contract.to_string(),
        line_id: charge.line.clone(),
        charge_kind: charge.kind.to_string(),
        dataset_id: charge.dataset.map(|dataset| dataset.to_string()).unwrap_or_default(),
        net: Some(money(charge.net)),
        shares,
        share_rule_id: charge.rule.map(|(id, _)| id.to_string()).unwrap_or_default(),
        share_rule_version: charge.rule.map_or(0, |(_, version)| version),
        unruled: charge.unruled,
        order_id: charge.order.map(|order| order.to_string()).unwrap_or_default(),
        recruitment_id: charge.recruitment.map(|recruitment| recruitment.to_string()).unwrap_or_default(),
        payout_treatment: treatment_form(charge.treatment).into(),
    })
}

pub(crate) fn share(share: &Share) -> wire::Share {
    wire::Share {
        organisation_id: share.organisation.to_string(),
        amount: Some(money(share.amount)),
        reason: share.reason.clone(),
    }
}
