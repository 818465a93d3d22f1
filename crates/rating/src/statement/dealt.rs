//! Who issues the documents of a line, who collects it, and what the platform is when it pays out.

use domain::{
    id::OrganisationId,
    share_rule::{ChargeTerms, Dealer, PayoutTreatment},
};

use crate::{
    ledger::{Operators, View},
    statement::{Origin, StatementLine},
};

/// How a line is dealt with (requirements §2.1). An organisation is `None` where nobody holds the capacity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dealt {
    /// Who issues its documents.
    pub issuer: Option<OrganisationId>,
    /// Who collects it.
    pub collector: Option<OrganisationId>,
    /// What the platform is in the payout.
    pub treatment: PayoutTreatment,
}

/// How a line is dealt with: as the share rule in force for it says, else as usual. `issuer` is the one of the
/// contract, `operators` are those of the line's month.
pub fn dealt<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    issuer: OrganisationId,
    operators: Operators,
    line: &StatementLine,
) -> Dealt {
    let rule = line.shared_by.and_then(|(choice, month)| view.shares(issuer, choice, month));
    let kind = &line.charge_kind;
    let terms = rule.map_or_else(|| ChargeTerms::usual(kind.clone()), |rule| rule.content.terms_for(kind));
    let dealer = |dealer| match dealer {
        Dealer::BaseOperator => operators.base_operator,
        Dealer::Promoter => Some(operators.promoter),
        Dealer::Vendor => seller(view, line).or(Some(operators.promoter)),
    };
    Dealt { issuer: dealer(terms.issuer), collector: dealer(terms.collector), treatment: terms.treatment }
}

/// The vendor of the order, or who executes the recruitment.
fn seller<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    line: &StatementLine,
) -> Option<OrganisationId> {
    match &line.origin {
        Origin::Order { order } => view.placed(*order).map(|placed| placed.vendor),
        Origin::Recruitment { recruitment, .. } => {
            view.requested(*recruitment).map(|event| event.request.executor)
        }
        Origin::Fee { .. }
        | Origin::Usage { .. }
        | Origin::Review
        | Origin::Commitment { .. }
        | Origin::Credit { .. } => None,
    }
}
