//! The split itself, in the order of requirements §2.2.

use std::collections::BTreeMap;

use domain::{
    id::OrganisationId,
    share_rule::{Party, Split, SplitTable},
    terms::ChargeKind,
};
use money::{Currency, Decimal, Fraction, Money, Rounding, allocate};

use crate::{Parties, ShareLine, SplitError, Stage, Why};

/// Shares out the net amount of one part of a charge, once, in this order: fixed parts (each as far as the
/// amount reaches) → percentages of the rest → minimums, then caps, shortfall and excess to the residual
/// party → the data fee out of the vendor's part, shared by the split for `data-fee` → what is left of the
/// vendor's part by the inner split of the consortium, if one sold → the institutions' pool by weight, or, if
/// there is none, to the base operator as a line of its own. Largest remainder at each step, ties by larger
/// weight, then by party id.
///
/// The lines sum to the net amount; they stand in the order of the steps, and a net amount of nothing has
/// none. A negative amount mirrors the positive one: a credit of a whole charge undoes it exactly. One of
/// some of a charge is [`split_onto`](crate::split_onto) what stood instead.
pub fn split_part(
    net: Money,
    table: &SplitTable,
    charge_kind: &ChargeKind,
    parties: &Parties<'_>,
) -> Result<Vec<ShareLine>, SplitError> {
    if net.is_zero() {
        return Ok(vec![]);
    }
    let sharing = Sharing { table, parties };
    if net.is_negative() {
        let mut lines = sharing.share(net.checked_neg()?, charge_kind)?;
        for line in &mut lines {
            line.amount = line.amount.checked_neg()?;
        }
        return Ok(lines);
    }
    sharing.share(net, charge_kind)
}

/// One rule applied to one set of parties.
struct Sharing<'s> {
    table: &'s SplitTable,
    parties: &'s Parties<'s>,
}

impl Sharing<'_> {
    fn share(&self, net: Money, charge_kind: &ChargeKind) -> Result<Vec<ShareLine>, SplitError> {
        let split = self.split_for(charge_kind)?;
        let mut lines = self.by_split(net, split, Stage::Charge)?;
        self.take_data_fee(&mut lines, net.currency(), split)?;
        self.part_consortium(&mut lines, net.currency())?;
        self.part_pool(&mut lines, net.currency())?;
        Ok(lines)
    }

    fn split_for(&self, charge_kind: &ChargeKind) -> Result<&Split, SplitError> {
        let with_provider = self.parties.data_provider.is_some();
        self.table
            .split_for(charge_kind, with_provider)
            .ok_or_else(|| SplitError::NoSplit { charge_kind: charge_kind.clone(), with_provider })
    }

    /// Fixed parts, percentages, minimums and caps.
    fn by_split(&self, net: Money, split: &Split, stage: Stage) -> Result<Vec<ShareLine>, SplitError> {
        let mut lines = vec![];
        let rest = self.take_fixed(&mut lines, net, split, stage)?;
        if !rest.is_zero() {
            self.take_percentages(&mut lines, rest, split, stage)?;
        }
        self.raise_to_minimums(&mut lines, net.currency(), split, stage)?;
        self.cut_to_caps(&mut lines, net.currency(), split, stage)?;
        Ok(lines)
    }

    fn take_fixed(
        &self,
        lines: &mut Vec<ShareLine>,
        net: Money,
        split: &Split,
        stage: Stage,
    ) -> Result<Money, SplitError> {
        let mut rest = net;
        for (party, fixed) in &split.fixed {
            let taken = Money::new(fixed.currency(), fixed.minor_units().min(rest.minor_units()));
            rest = rest.checked_sub(taken)?;
            if !taken.is_zero() {
                lines.push(self.line(*party, taken, stage, Why::Fixed, split)?);
            }
        }
        Ok(rest)
    }

    fn take_percentages(
        &self,
        lines: &mut Vec<ShareLine>,
        rest: Money,
        split: &Split,
        stage: Stage,
    ) -> Result<(), SplitError> {
        let mut weights = Vec::with_capacity(split.percentages.len());
        for (party, percent) in &split.percentages {
            weights.push(((self.organisation(*party, split)?, *party), *percent));
        }
        let shares = allocate(rest, &weights)?;
        for ((_, percent), ((organisation, party), amount)) in weights.into_iter().zip(shares) {
            lines.push(ShareLine { party, organisation, amount, stage, why: Why::Percentage { percent } });
        }
        Ok(())
    }

    fn raise_to_minimums(
        &self,
        lines: &mut Vec<ShareLine>,
        currency: Currency,
        split: &Split,
        stage: Stage,
    ) -> Result<(), SplitError> {
        let mut short = Money::zero(currency);
        for (party, minimum) in &split.minimums {
            let missing = minimum.checked_sub(total(lines, *party, currency)?)?;
            if missing.minor_units() > 0 {
                lines.push(self.line(*party, missing, stage, Why::Minimum { minimum: *minimum }, split)?);
                short = short.checked_add(missing)?;
            }
        }
        if !short.is_zero() {
            lines.push(self.line(split.residual, short.checked_neg()?, stage, Why::Shortfall, split)?);
        }
        Ok(())
    }

    fn cut_to_caps(
        &self,
        lines: &mut Vec<ShareLine>,
        currency: Currency,
        split: &Split,
        stage: Stage,
    ) -> Result<(), SplitError> {
        let mut over = Money::zero(currency);
        for (party, cap) in &split.caps {
            let excess = total(lines, *party, currency)?.checked_sub(*cap)?;
            if excess.minor_units() > 0 {
                lines.push(self.line(*party, excess.checked_neg()?, stage, Why::Cap { cap: *cap }, split)?);
                over = over.checked_add(excess)?;
            }
        }
        if !over.is_zero() {
            lines.push(self.line(split.residual, over, stage, Why::Excess, split)?);
        }
        Ok(())
    }

    /// Takes the data fee out of the vendor's part, if that is more than nothing, and shares it.
    fn take_data_fee(
        &self,
        lines: &mut Vec<ShareLine>,
        currency: Currency,
        split: &Split,
    ) -> Result<(), SplitError> {
        let Some(percent) = split.data_fee.filter(|_| !self.parties.data_fee_metered) else { return Ok(()) };
        let fee = fee(total(lines, Party::Vendor, currency)?, percent)?;
        if fee.minor_units() <= 0 {
            return Ok(());
        }
        let why = Why::DataFee { percent };
        lines.push(self.line(Party::Vendor, fee.checked_neg()?, Stage::Charge, why, split)?);
        let by = self.split_for(&ChargeKind::data_fee())?;
        lines.extend(self.by_split(fee, by, Stage::DataFee)?);
        Ok(())
    }

    /// Puts the members of a consortium in the place of the vendor.
    fn part_consortium(&self, lines: &mut Vec<ShareLine>, currency: Currency) -> Result<(), SplitError> {
        let inner = self.parties.seller.map_or(&[][..], |seller| seller.inner);
        if inner.is_empty() {
            return Ok(());
        }
        let of = total(lines, Party::Vendor, currency)?;
        lines.retain(|line| line.party != Party::Vendor);
        if of.is_zero() {
            return Ok(());
        }
        let party = Party::Vendor;
        for ((_, percent), (organisation, amount)) in inner.iter().zip(allocate(of, inner)?) {
            let why = Why::Consortium { percent: *percent, of };
            lines.push(ShareLine { party, organisation, amount, stage: Stage::Charge, why });
        }
        Ok(())
    }

    /// Puts the institutions in the place of their pool.
    fn part_pool(&self, lines: &mut Vec<ShareLine>, currency: Currency) -> Result<(), SplitError> {
        let pool = total(lines, Party::InstitutionsPool, currency)?;
        lines.retain(|line| line.party != Party::InstitutionsPool);
        if pool.is_zero() {
            return Ok(());
        }
        let mut weights = BTreeMap::<OrganisationId, u128>::new();
        for (institution, more) in self.parties.institutions.iter().filter(|(_, weight)| *weight > 0) {
            let sum = weights.entry(*institution).or_default();
            *sum = sum.saturating_add(*more);
        }
        let (stage, unit) = (Stage::Pool, self.parties.weighed_by);
        if weights.is_empty() {
            let organisation = self.parties.base_operator;
            let why = Why::PoolUnassigned { unit };
            lines.push(ShareLine { party: Party::BaseOperator, organisation, amount: pool, stage, why });
            return Ok(());
        }
        let of = weights.values().fold(0, |sum: u128, weight| sum.saturating_add(*weight));
        let weights: Vec<_> = weights.into_iter().collect();
        let shares = allocate(pool, &weights)?;
        for ((_, weight), (organisation, amount)) in weights.into_iter().zip(shares) {
            let why = Why::Pool { weight, of, unit };
            lines.push(ShareLine { party: Party::InstitutionsPool, organisation, amount, stage, why });
        }
        Ok(())
    }

    fn line(
        &self,
        party: Party,
        amount: Money,
        stage: Stage,
        why: Why,
        split: &Split,
    ) -> Result<ShareLine, SplitError> {
        Ok(ShareLine { party, organisation: self.organisation(party, split)?, amount, stage, why })
    }

    /// Who a party is. The pool stands with the base operator until it is parted.
    fn organisation(&self, party: Party, split: &Split) -> Result<OrganisationId, SplitError> {
        match party {
            Party::BaseOperator | Party::InstitutionsPool => Ok(self.parties.base_operator),
            Party::Promoter => Ok(self.parties.promoter),
            Party::Vendor => Ok(self.parties.seller.map_or(self.parties.promoter, |seller| seller.vendor)),
            Party::DataProvider => self
                .parties
                .data_provider
                .ok_or_else(|| SplitError::NoProvider { charge_kind: split.charge_kind.clone() }),
            Party::Organisation(id) => Ok(id),
        }
    }
}

/// What a party has got so far.
fn total(lines: &[ShareLine], party: Party, currency: Currency) -> Result<Money, SplitError> {
    let amounts = lines.iter().filter(|line| line.party == party).map(|line| line.amount);
    Ok(Money::sum(currency, amounts)?)
}

/// So many per cent of the vendor's part, rounded half-up.
fn fee(part: Money, percent: Decimal) -> Result<Money, SplitError> {
    Ok(Fraction::from(part).percent(percent).to_money(part.currency(), Rounding::HalfUp)?)
}
