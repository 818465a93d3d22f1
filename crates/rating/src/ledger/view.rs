//! What was known at a position, besides use.

use std::collections::BTreeSet;

use domain::{
    contract::{self, ContractApplied, ContractKind, Terms, Timeline},
    dataset::{ComposedCases, RegisteredDataset},
    id::{ContractId, DatasetId, OrganisationId, PriceBookId, ShareRuleId},
    period,
    price_book::{self, PriceList},
    share_rule::{self, SplitTable},
    terms::{DatasetClass, PriceBookChoice, ShareRuleChoice},
    time::{Month, Timestamp},
    version::{VersionChoice, Versioned, in_force},
};

use crate::ledger::{At, BLOCK_POSITIONS, FRAMES_PER_COPY, Fact, LedgerOf, WhatIf};

/// What a ledger knew at a position, and under which versions it is asked about.
#[derive(Clone, Copy, Debug)]
pub struct View<'l, const BLOCK: u64 = BLOCK_POSITIONS, const COPY: usize = FRAMES_PER_COPY> {
    pub(super) ledger: &'l LedgerOf<BLOCK, COPY>,
    pub(super) position: u64,
    /// `None`: under those in force.
    pub(super) what_if: Option<&'l WhatIf>,
}

/// A contract as it was known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContractView {
    /// Its id.
    pub id: ContractId,
    /// With whom it is made.
    pub kind: ContractKind,
    /// Who pays.
    pub member: OrganisationId,
    /// Who charges.
    pub issuer: OrganisationId,
    /// Whom it concerns: applicant and issuer, and every party once there is an offer.
    pub parties: BTreeSet<OrganisationId>,
    /// What was offered last, whether or not it was agreed on; once it was, the first terms.
    pub offered: Option<Terms>,
    /// Its terms over time.
    pub timeline: Timeline,
}

/// A dataset as it was known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DatasetView<'l> {
    /// Whose it is.
    pub provider: OrganisationId,
    /// Its class.
    pub class: &'l DatasetClass,
    dataset: &'l RegisteredDataset,
}

/// A version of a price book or share rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Version<I, C> {
    /// The price book or share rule.
    pub id: I,
    /// The number of the version, from 1; 0: nobody has published it, see [`WhatIf`].
    pub number: u32,
    /// What it says.
    pub content: C,
    start: Month,
}

impl<I, C> Version<I, C> {
    /// What takes the place of versions that are published.
    const fn unpublished(id: I, content: C, start: Month) -> Self {
        Self { id, number: 0, content, start }
    }
}

impl<I, C> Versioned for Version<I, C> {
    fn number(&self) -> u32 {
        self.number
    }

    fn start(&self) -> Month {
        self.start
    }
}

impl<'l, const BLOCK: u64, const COPY: usize> View<'l, BLOCK, COPY> {
    /// The position.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// The ledger.
    pub const fn ledger(&self) -> &'l LedgerOf<BLOCK, COPY> {
        self.ledger
    }

    /// The same, asked about under other versions.
    pub const fn under(self, what_if: &'l WhatIf) -> Self {
        Self { what_if: Some(what_if), ..self }
    }

    /// A contract; `None` if nobody had asked for it yet.
    pub fn contract(&self, id: ContractId) -> Option<ContractView> {
        let mut events = self.contract_events(id).map(|(_, event)| event);
        let Some(contract::Event::ContractApplied(ContractApplied { kind, applicant, issuer, .. })) =
            events.next()
        else {
            return None;
        };
        let mut parties = BTreeSet::from([*applicant, *issuer]);
        let (mut offered, mut timeline) = (None, Timeline::default());
        for event in events {
            timeline.apply(event);
            if let contract::Event::ContractOffered(offer) = event {
                parties.extend(&offer.parties);
                offered = Some(&offer.terms);
            }
        }
        let (offered, member, issuer) = (offered.cloned(), *applicant, *issuer);
        Some(ContractView { id, kind: *kind, member, issuer, parties, offered, timeline })
    }

    /// Whether somebody had let the application for a contract pass or had turned it down.
    pub fn is_decided(&self, contract: ContractId) -> bool {
        let decides = |event: &contract::Event| {
            matches!(event, contract::Event::ContractApproved(_) | contract::Event::ContractRejected(_))
        };
        self.contract_events(contract).any(|(_, event)| decides(event))
    }

    /// The events of a contract in order.
    pub fn contract_events(&self, id: ContractId) -> impl Iterator<Item = (At, &'l contract::Event)> {
        let facts = &self.ledger.facts;
        let places = facts.contracts.get(&id).map_or(&[][..], |contract| &contract.events);
        facts.at(places, self.position).filter_map(|(at, fact)| match fact {
            Fact::Contract(_, event) => Some((at, event)),
            _ => None,
        })
    }

    /// The contracts for which somebody has ever asked, in order.
    pub fn contracts(&self) -> impl Iterator<Item = ContractId> + use<'l, BLOCK, COPY> {
        self.ledger.facts.contracts.keys().copied()
    }

    /// The version of a price book that is in force in a month for a contract of an issuer that names it so.
    /// What is published after the issuer closed the month does not touch it, whoever published it
    /// (requirements §2.2: what was rated under a version stays under it). A list of [`WhatIf`] that has started
    /// takes its place.
    pub fn prices(
        &self,
        issuer: OrganisationId,
        choice: PriceBookChoice,
        month: Month,
    ) -> Option<Version<PriceBookId, &'l PriceList>> {
        let facts = &self.ledger.facts;
        if let Some(prices) = self.what_if.and_then(|what_if| what_if.prices_in(month)) {
            return Some(Version::unpublished(choice.price_book(), prices, prices.start));
        }
        let places = facts.price_books.get(&choice.price_book())?;
        let versions = facts.at(places, self.position).filter_map(|(at, fact)| match fact {
            Fact::PriceBook(price_book::Event::PriceBookPublished(event)) => {
                let (start, content) = (event.prices.start, &event.prices);
                Some((at.position, Version { id: event.id, number: event.version, content, start }))
            }
            _ => None,
        });
        let choice = VersionChoice::from(choice);
        in_force(versions, choice, month, self.knew(issuer, choice, month))
    }

    /// The version of a share rule that is in force in a month for a contract of an issuer that names it so,
    /// by the same rules.
    pub fn shares(
        &self,
        issuer: OrganisationId,
        choice: ShareRuleChoice,
        month: Month,
    ) -> Option<Version<ShareRuleId, &'l SplitTable>> {
        let facts = &self.ledger.facts;
        if let Some(shares) = self.what_if.and_then(|what_if| what_if.shares_in(month)) {
            return Some(Version::unpublished(choice.share_rule(), shares, shares.start));
        }
        let places = facts.share_rules.get(&choice.share_rule())?;
        let versions = facts.at(places, self.position).filter_map(|(at, fact)| match fact {
            Fact::ShareRule(share_rule::Event::ShareRulePublished(event)) => {
                let (start, content) = (event.table.start, &event.table);
                Some((at.position, Version { id: event.id, number: event.version, content, start }))
            }
            _ => None,
        });
        let choice = VersionChoice::from(choice);
        in_force(versions, choice, month, self.knew(issuer, choice, month))
    }

    /// A dataset. What it is does not change, so what is known now is what was known when it was used.
    pub fn dataset(&self, id: DatasetId) -> Option<DatasetView<'l>> {
        let dataset = self.ledger.facts.datasets.get(&id)?.registered()?;
        let description = &dataset.description;
        Some(DatasetView { provider: description.provider, class: &description.class, dataset })
    }

    /// The name of an organisation.
    pub fn name(&self, organisation: OrganisationId) -> Option<&'l str> {
        self.ledger.facts.organisations.get(&organisation)?.profile().map(|profile| profile.name.as_str())
    }

    /// Whether an issuer had closed a month.
    pub fn is_closed(&self, issuer: OrganisationId, month: Month) -> bool {
        self.closed_at(issuer, month).is_some()
    }

    /// Where an issuer closed a month, if it had.
    fn closed_at(&self, issuer: OrganisationId, month: Month) -> Option<u64> {
        let facts = &self.ledger.facts;
        let places = facts.periods.get(&issuer)?;
        let closes = |fact: &Fact| matches!(fact, Fact::Period(period::Event::PeriodClosed(event)) if month <= event.month);
        facts.at(places, self.position).find(|(_, fact)| closes(fact)).map(|(at, _)| at.position)
    }

    /// Up to which position versions bear on a month of an issuer. Who pins a version has agreed on it,
    /// whenever that was.
    fn knew(&self, issuer: OrganisationId, choice: VersionChoice, month: Month) -> u64 {
        match choice {
            VersionChoice::Follow => self.closed_at(issuer, month).unwrap_or(self.position),
            VersionChoice::Pin(_) => self.position,
        }
    }
}

impl<'l> DatasetView<'l> {
    /// The composition of a freeze by institution; empty if there is no such freeze.
    pub fn composition(&self, freeze: u32) -> &'l [ComposedCases] {
        let freeze = self.dataset.freezes.iter().find(|other| other.number == freeze);
        freeze.map_or(&[], |freeze| &freeze.composition)
    }

    /// The number of the newest freeze at an instant; `None` before the first.
    pub fn freeze_at(&self, instant: Timestamp) -> Option<u32> {
        self.dataset.freeze_at(instant).map(|freeze| freeze.number)
    }

    /// The composition by institution at an instant; empty before the first freeze.
    pub fn composition_at(&self, instant: Timestamp) -> &'l [ComposedCases] {
        self.dataset.freeze_at(instant).map_or(&[], |freeze| &freeze.composition)
    }
}
