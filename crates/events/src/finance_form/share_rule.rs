//! A table of splits.

use domain::share_rule::{ChargeTerms, Dealer, Party, PayoutTreatment, Split, SplitTable};
use money::{Decimal, Money};
use proto::kiban::finance::v1::{self as form, PartyRole, ProviderScope, party::Party as Named};

use crate::{
    field::amount_form,
    form::{FormError, amount, each, optional_text, required, text},
};

/// Reads the table of splits of a version.
pub fn split_table(message: &form::ShareRuleVersion) -> Result<SplitTable, FormError> {
    Ok(SplitTable {
        name: text("name", &message.name)?,
        start: text("start", &message.start)?,
        splits: each("splits", &message.splits, split)?,
        charges: each("charges", &message.charges, charge)?,
    })
}

/// The version with a number and a table of splits.
pub fn share_rule_version(number: u32, table: &SplitTable) -> form::ShareRuleVersion {
    form::ShareRuleVersion {
        version: number,
        name: table.name.as_str().into(),
        start: table.start.to_string(),
        splits: table.splits.iter().map(split_form).collect(),
        charges: table.charges.iter().map(charge_form).collect(),
    }
}

/// What is left unspecified is as usual; only a request leaves it so.
fn charge(message: &form::ChargeTerms) -> Result<ChargeTerms, FormError> {
    let usual = ChargeTerms::usual(text("charge_kind", &message.charge_kind)?);
    let treatment = match form::PayoutTreatment::try_from(message.payout_treatment) {
        Ok(form::PayoutTreatment::Unspecified) => usual.treatment,
        Ok(form::PayoutTreatment::Agency) => PayoutTreatment::Agency,
        Ok(form::PayoutTreatment::Resale) => PayoutTreatment::Resale,
        Ok(form::PayoutTreatment::Grant) => PayoutTreatment::Grant,
        Err(_) => return Err(FormError::new("payout_treatment", "is no payout treatment")),
    };
    Ok(ChargeTerms {
        issuer: dealer("issuer", message.issuer, usual.issuer)?,
        collector: dealer("collector", message.collector, usual.collector)?,
        treatment,
        ..usual
    })
}

/// How charges of a kind are dealt with.
pub fn charge_form(terms: &ChargeTerms) -> form::ChargeTerms {
    form::ChargeTerms {
        charge_kind: terms.charge_kind.to_string(),
        issuer: dealer_role(terms.issuer).into(),
        collector: dealer_role(terms.collector).into(),
        payout_treatment: treatment_form(terms.treatment).into(),
    }
}

/// What the platform is in a payout.
pub const fn treatment_form(treatment: PayoutTreatment) -> form::PayoutTreatment {
    match treatment {
        PayoutTreatment::Agency => form::PayoutTreatment::Agency,
        PayoutTreatment::Resale => form::PayoutTreatment::Resale,
        PayoutTreatment::Grant => form::PayoutTreatment::Grant,
    }
}

/// The role of who issues or collects.
pub const fn dealer_role(dealer: Dealer) -> PartyRole {
    match dealer {
        Dealer::BaseOperator => PartyRole::BaseOperator,
        Dealer::Promoter => PartyRole::Promoter,
        Dealer::Vendor => PartyRole::Vendor,
    }
}

fn dealer(field: &str, number: i32, usual: Dealer) -> Result<Dealer, FormError> {
    match PartyRole::try_from(number) {
        Ok(PartyRole::Unspecified) => Ok(usual),
        Ok(PartyRole::BaseOperator) => Ok(Dealer::BaseOperator),
        Ok(PartyRole::Promoter) => Ok(Dealer::Promoter),
        Ok(PartyRole::Vendor) => Ok(Dealer::Vendor),
        Ok(PartyRole::DataProvider | PartyRole::InstitutionsPool) | Err(_) => {
            Err(FormError::new(field, "must be the base operator, the promoter or the vendor"))
        }
    }
}

fn split(message: &form::Split) -> Result<Split, FormError> {
    Ok(Split {
        charge_kind: text("charge_kind", &message.charge_kind)?,
        with_provider: with_provider(message.provider_scope)?,
        fixed: each("fixed", &message.fixed, party_amount)?,
        percentages: each("percentages", &message.percentages, party_percentage)?,
        minimums: each("minimums", &message.minimums, party_amount)?,
        caps: each("caps", &message.caps, party_amount)?,
        residual: party("residual", message.residual.as_ref())?,
        data_fee: optional_text("data_fee_percentage", &message.data_fee_percentage)?,
    })
}

fn split_form(split: &Split) -> form::Split {
    let amounts = |list: &[(Party, Money)]| {
        let part = |(party, amount): &(Party, Money)| form::PartyAmount {
            party: Some(party_form(*party)),
            amount: Some(amount_form(*amount)),
        };
        list.iter().map(part).collect()
    };
    let percentage = |(party, percentage): &(Party, Decimal)| form::PartyPercentage {
        party: Some(party_form(*party)),
        percentage: percentage.to_string(),
    };
    form::Split {
        charge_kind: split.charge_kind.to_string(),
        provider_scope: scope_form(split.with_provider).into(),
        fixed: amounts(&split.fixed),
        percentages: split.percentages.iter().map(percentage).collect(),
        minimums: amounts(&split.minimums),
        caps: amounts(&split.caps),
        residual: Some(party_form(split.residual)),
        data_fee_percentage: split.data_fee.map(|percentage| percentage.to_string()).unwrap_or_default(),
    }
}

fn party_amount(message: &form::PartyAmount) -> Result<(Party, Money), FormError> {
    let part = amount("amount", required("amount", message.amount.as_ref())?)?;
    Ok((party("party", message.party.as_ref())?, part))
}

fn party_percentage(message: &form::PartyPercentage) -> Result<(Party, Decimal), FormError> {
    Ok((party("party", message.party.as_ref())?, text("percentage", &message.percentage)?))
}

fn party(field: &str, message: Option<&form::Party>) -> Result<Party, FormError> {
    match message.and_then(|message| message.party.as_ref()) {
        None => Err(FormError::new(field, "is missing: it must be a role or an organisation_id")),
        Some(Named::OrganisationId(id)) => {
            let id = text("organisation_id", id).map_err(|error| error.within(field))?;
            Ok(Party::Organisation(id))
        }
        Some(Named::Role(number)) => match PartyRole::try_from(*number) {
            Ok(PartyRole::BaseOperator) => Ok(Party::BaseOperator),
            Ok(PartyRole::Promoter) => Ok(Party::Promoter),
            Ok(PartyRole::Vendor) => Ok(Party::Vendor),
            Ok(PartyRole::DataProvider) => Ok(Party::DataProvider),
            Ok(PartyRole::InstitutionsPool) => Ok(Party::InstitutionsPool),
            Ok(PartyRole::Unspecified) | Err(_) => {
                Err(FormError::new(format!("{field}.role"), "is no role of a party"))
            }
        },
    }
}

fn party_form(party: Party) -> form::Party {
    let role = match party {
        Party::Organisation(id) => {
            return form::Party { party: Some(Named::OrganisationId(id.to_string())) };
        }
        Party::BaseOperator => PartyRole::BaseOperator,
        Party::Promoter => PartyRole::Promoter,
        Party::Vendor => PartyRole::Vendor,
        Party::DataProvider => PartyRole::DataProvider,
        Party::InstitutionsPool => PartyRole::InstitutionsPool,
    };
    form::Party { party: Some(Named::Role(role.into())) }
}

fn with_provider(number: i32) -> Result<Option<bool>, FormError> {
    match ProviderScope::try_from(number) {
        Ok(ProviderScope::Any) => Ok(None),
        Ok(ProviderScope::Provided) => Ok(Some(true)),
        Ok(ProviderScope::Base) => Ok(Some(false)),
        Ok(ProviderScope::Unspecified) | Err(_) => {
            Err(FormError::new("provider_scope", "must be any, provided or base"))
        }
    }
}

const fn scope_form(with_provider: Option<bool>) -> ProviderScope {
    match with_provider {
        None => ProviderScope::Any,
        Some(true) => ProviderScope::Provided,
        Some(false) => ProviderScope::Base,
    }
}
