//! What a command stands on beside the contract itself: looked up in other contexts' events, and guarded.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    contract::{ApplyForContract, ApproveContract, Command, RejectContract, Renewal, Terms},
    id::OrganisationId,
    organisation::Organisation,
    price_book::PriceBook,
    share_rule::ShareRule,
    terms::{PriceBookChoice, ShareRuleChoice},
};
use engine::{Known, Lookup, Reason, Refusal};
use event_log::{EventLog, Guard};
use events::Category;

const KNOWN_ORGANISATIONS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
const KNOWN_BOOKS: NonZeroUsize = NonZeroUsize::new(100).unwrap();
const MOST_PARTIES_LOOKED_UP: usize = 100;

/// The look-ups of this context.
pub(crate) struct Facts {
    organisations: Lookup<Organisation>,
    price_books: Lookup<PriceBook>,
    share_rules: Lookup<ShareRule>,
}

impl Facts {
    pub(crate) fn new(log: &Arc<dyn EventLog>) -> Self {
        Self {
            organisations: Lookup::new(log.clone(), KNOWN_ORGANISATIONS),
            price_books: Lookup::new(log.clone(), KNOWN_BOOKS),
            share_rules: Lookup::new(log.clone(), KNOWN_BOOKS),
        }
    }

    /// Fills in the facts of a command as they are now, and names the streams on which they stand.
    pub(crate) async fn complete(&self, command: Command) -> Result<(Command, Vec<Guard>), Refusal> {
        match command {
            Command::ApplyForContract(command) => self.complete_application(command).await,
            Command::ApproveContract(command) => {
                let reviewer = self.organisation(command.by.organisation).await?;
                let reviewer_capacities = reviewer.state.capacities_on(command.at);
                let command = ApproveContract { reviewer_capacities, ..command };
                Ok((Command::ApproveContract(command), vec![reviewer.guard()]))
            }
            Command::RejectContract(command) => {
                let reviewer = self.organisation(command.by.organisation).await?;
                let reviewer_capacities = reviewer.state.capacities_on(command.at);
                let command = RejectContract { reviewer_capacities, ..command };
                Ok((Command::RejectContract(command), vec![reviewer.guard()]))
            }
            Command::OfferContract(command) => {
                let mut guards = self.published(&command.terms).await?;
                // The decider refuses longer lists, and they need not be looked up for that.
                for party in command.parties.iter().take(MOST_PARTIES_LOOKED_UP) {
                    guards.push(self.registered("further_party_ids", *party).await?);
                }
                Ok((Command::OfferContract(command), guards))
            }
            Command::RenewContract(command) => {
                let guards = match &command.renewal {
                    Renewal::SameTerms { .. } => Vec::new(),
                    Renewal::NewTerms(terms) => self.published(terms).await?,
                };
                Ok((Command::RenewContract(command), guards))
            }
            alone @ (Command::SignContract(_)
            | Command::ChangeTier(_)
            | Command::PauseContract(_)
            | Command::ResumeContract(_)
            | Command::TerminateContract(_)
            | Command::ExpireContract(_)) => Ok((alone, Vec::new())),
        }
    }

    async fn complete_application(
        &self,
        command: ApplyForContract,
    ) -> Result<(Command, Vec<Guard>), Refusal> {
        let applicant = self.organisation(command.applicant).await?;
        let issuer = self.organisation(command.issuer).await?;
        let command = ApplyForContract {
            applicant_capacities: applicant.state.capacities_on(command.at),
            issuer_capacities: issuer.state.capacities_on(command.at),
            ..command
        };
        Ok((Command::ApplyForContract(command), vec![applicant.guard(), issuer.guard()]))
    }

    async fn organisation(&self, id: OrganisationId) -> Result<Known<Organisation>, Refusal> {
        self.organisations.now(&Category::Organisation.stream(id)).await
    }

    async fn registered(&self, field: &str, id: OrganisationId) -> Result<Guard, Refusal> {
        let known = self.organisation(id).await?;
        match known.state.profile() {
            Some(_) => Ok(known.guard()),
            None => Err(missing(field, id)),
        }
    }

    /// What terms name must have been published, and the version to which they are pinned.
    async fn published(&self, terms: &Terms) -> Result<Vec<Guard>, Refusal> {
        let id = terms.price_book.price_book();
        let book = self.price_books.now(&Category::PriceBook.stream(id)).await?;
        if book.state.latest().is_none() {
            return Err(missing("terms.price_book.id", id));
        }
        if let PriceBookChoice::Pin(_, number) = terms.price_book
            && book.state.version(number).is_none()
        {
            return Err(missing("terms.price_book.pinned_version", format!("version {number} of {id}")));
        }
        let id = terms.share_rule.share_rule();
        let rule = self.share_rules.now(&Category::ShareRule.stream(id)).await?;
        if rule.state.latest().is_none() {
            return Err(missing("terms.share_rule.id", id));
        }
        if let ShareRuleChoice::Pin(_, number) = terms.share_rule
            && rule.state.version(number).is_none()
        {
            return Err(missing("terms.share_rule.pinned_version", format!("version {number} of {id}")));
        }
        Ok(vec![book.guard(), rule.guard()])
    }
}

fn missing(field: &str, what: impl std::fmt::Display) -> Refusal {
    Refusal::field(Reason::NotFound, field, format!("{what} does not exist"))
}
