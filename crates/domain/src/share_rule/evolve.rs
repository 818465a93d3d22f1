//! How events change what is known of a share rule.

use crate::share_rule::{Event, ShareRule, ShareRuleVersion};

pub(super) fn evolve(state: ShareRule, event: &Event) -> ShareRule {
    let Event::ShareRulePublished(event) = event;
    let version =
        ShareRuleVersion { number: event.version, table: event.table.clone(), published_at: event.at };
    match state {
        ShareRule::Vacant => ShareRule::Published { owner: event.published_by, versions: vec![version] },
        ShareRule::Published { owner, mut versions } => {
            versions.push(version);
            ShareRule::Published { owner, versions }
        }
    }
}
