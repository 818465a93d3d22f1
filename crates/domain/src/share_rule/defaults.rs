//! The default splits of the table in requirements §2.1, as data to start from.

use money::Decimal;

use crate::{
    share_rule::{Party, Split},
    terms::ChargeKind,
};

/// The default splits of requirements §2.1.
///
/// The table leaves three things open, which are settled here: what a data provider gets (60 % of the 70 %
/// that would be the base operator's), the percentage of a data fee (none, so the fee is metered), and the
/// residual party (the base operator). What makes a minimum commitment up is shared like use without an
/// institution, 80 to 20: nobody's cases were used. A publication incentive is a credit to the member and is not split.
pub fn default_splits() -> Vec<Split> {
    use Party::{BaseOperator, DataProvider, InstitutionsPool, Promoter, Vendor};
    let of_base = [(BaseOperator, 70), (Promoter, 20), (InstitutionsPool, 10)];
    let of_provider = [(DataProvider, 60), (BaseOperator, 10), (Promoter, 20), (InstitutionsPool, 10)];
    let recruitment = [(Vendor, 15), (InstitutionsPool, 60), (BaseOperator, 25)];
    vec![
        split(ChargeKind::contract_fee(), None, &[(BaseOperator, 60), (Promoter, 40)]),
        split(ChargeKind::data_usage(), None, &of_base),
        split(ChargeKind::data_usage(), Some(true), &of_provider),
        split(ChargeKind::service_order(), None, &[(Vendor, 85), (BaseOperator, 10), (Promoter, 5)]),
        split(ChargeKind::data_fee(), None, &of_base),
        split(ChargeKind::data_fee(), Some(true), &of_provider),
        split(ChargeKind::recruitment_request(), None, &recruitment),
        split(ChargeKind::recruitment_enrolment(), None, &recruitment),
        split(ChargeKind::commitment_true_up(), None, &[(BaseOperator, 80), (Promoter, 20)]),
        split(ChargeKind::expedited_review(), None, &[(BaseOperator, 50), (Promoter, 50)]),
        split(ChargeKind::public_funding(), None, &[(BaseOperator, 100)]),
    ]
}

fn split(charge_kind: ChargeKind, with_provider: Option<bool>, percentages: &[(Party, u32)]) -> Split {
    Split {
        charge_kind,
        with_provider,
        fixed: vec![],
        percentages: percentages.iter().map(|(party, percent)| (*party, Decimal::from(*percent))).collect(),
        minimums: vec![],
        caps: vec![],
        residual: Party::BaseOperator,
        data_fee: None,
    }
}
