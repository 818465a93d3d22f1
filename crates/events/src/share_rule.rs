//! Events of share rules as bytes and back.

use domain::share_rule::{Event, ShareRulePublished};
use prost::Message;
use proto::kiban::finance::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{defect, id, id_bytes, instant, required},
    finance_form::{share_rule_version, split_table},
};

const PUBLISHED: &str = "kiban.finance.v1.ShareRulePublished";

impl Recordable for Event {
    const CATEGORY: Category = Category::ShareRule;

    fn event_type(&self) -> &'static str {
        match self {
            Self::ShareRulePublished(_) => PUBLISHED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let Self::ShareRulePublished(event) = self;
        form::ShareRulePublished {
            share_rule: id_bytes(event.id),
            version: Some(share_rule_version(event.version, &event.table)),
            published_by: id_bytes(event.published_by),
            published_at_us: event.at.as_micros(),
        }
        .encode_to_vec()
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        if event_type != PUBLISHED {
            return Err(Defect::UnknownType(event_type.into()));
        }
        let message = form::ShareRulePublished::decode(payload)?;
        let version = required("version", message.version)?;
        if version.version == 0 {
            return Err(defect("version.version", "versions are numbered from 1"));
        }
        Ok(Self::ShareRulePublished(ShareRulePublished {
            id: id("share_rule", &message.share_rule)?,
            version: version.version,
            table: split_table(&version).map_err(|error| defect("version", error))?,
            published_by: id("published_by", &message.published_by)?,
            at: instant("published_at_us", message.published_at_us)?,
        }))
    }
}
