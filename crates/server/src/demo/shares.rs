//! The share rule: versioned data, too. From its second version on a vendor's data fee is a percentage of its part of
//! an order, no more metered.

use domain::{
    share_rule::{SplitTable, default_splits},
    text::Name,
    time::Month,
};
use engine::Role;
use events::finance_form::share_rule_version;
use proto::kiban::finance::v1::{CreateShareRuleRequest, ReviseShareRuleRequest, ShareRuleVersion};
use tonic::Code;

use crate::demo::{
    actors::{Cast, Part},
    calendar::month,
    checks,
    error::DemoError,
    prices::Published,
    stage::{Expected, Stage},
};

/// The percentage of the vendor's part of an order that is its data fee, for orders from January on.
pub(super) const DATA_FEE: i64 = 10;
/// January, as the months since April.
const REVISED_FROM: i32 = 9;

/// The data fee of an order placed in a month, as a percentage of the vendor's part; 0: it is metered.
pub(super) fn data_fee(placed: Month) -> i64 {
    if placed < month(REVISED_FROM) { 0 } else { DATA_FEE }
}

/// Publishes the first version: shr_…. One whose percentages do not sum to 100 is refused.
pub(super) async fn publish(stage: &mut Stage, cast: &Cast) -> Result<String, DemoError> {
    let promoter = cast.session(stage, Part::Promoter, Role::Finance);
    let mut short = table(month(0));
    if let Some(percentage) = short.splits.first_mut().and_then(|split| split.percentages.first_mut()) {
        percentage.percentage = "59".into();
    }
    let request = |command_id: &str, version| CreateShareRuleRequest {
        command_id: command_id.into(),
        validate_only: false,
        version: Some(version),
    };
    let outcome = promoter.finance().create_share_rule(request("share-rule-short", short)).await;
    let expected = Expected::new(Code::InvalidArgument, "PERCENTAGES_NOT_HUNDRED");
    stage.refused(cast.of(Part::Promoter).name, "publish shares that sum to 99 %", expected, outcome);

    let outcome = promoter.finance().create_share_rule(request("share-rule", table(month(0)))).await;
    Ok(stage.done("publishing the share rule", outcome)?.share_rule_id)
}

/// Publishes the second version.
pub(super) async fn revise(stage: &mut Stage, cast: &Cast, published: &Published) -> Result<(), DemoError> {
    let mut version = table(month(REVISED_FROM));
    for split in version.splits.iter_mut().filter(|split| split.charge_kind == "service-order") {
        split.data_fee_percentage = DATA_FEE.to_string();
    }
    let request = ReviseShareRuleRequest {
        command_id: "share-rule-2".into(),
        share_rule_id: published.share_rule.clone(),
        version: Some(version),
        ..Default::default()
    };
    let promoter = cast.session(stage, Part::Promoter, Role::Finance);
    let step = "publishing the second version of the share rule";
    let revised = stage.done(step, promoter.finance().revise_share_rule(request).await)?;
    let text = format!("the second version of the share rule counts from {}", month(REVISED_FROM));
    stage.check(checks::CONTRACTS, revised.version == 2, text);
    Ok(())
}

/// What nobody has published: of services the promoter keeps nothing, and vendors get its part.
pub(super) fn in_question() -> ShareRuleVersion {
    let mut version = table(month(0));
    for split in version.splits.iter_mut().filter(|split| split.charge_kind == "service-order") {
        split.percentages.retain(|part| part.percentage != "5");
        for part in split.percentages.iter_mut().filter(|part| part.percentage == "85") {
            part.percentage = "90".into();
        }
    }
    version
}

/// The default splits of requirements §2.1.
fn table(start: Month) -> ShareRuleVersion {
    let splits = default_splits();
    let name = Name::new("標準分配 FY2026");
    let table = name.map(|name| SplitTable { name, start, splits, charges: vec![] });
    // The name is within its bounds, as the test below shows.
    table.map(|table| share_rule_version(0, &table)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::finance_form::split_table;

    #[test]
    fn what_is_published_can_be_read() {
        assert_eq!(split_table(&table(month(0))).unwrap().splits, default_splits());
        assert_ne!(split_table(&in_question()).unwrap().splits, default_splits());
    }
}
