//! What is done with ventures: authorised, parsed, decided, answered.

use domain::{
    id::{ContractId, OrganisationId, PersonId, VentureId},
    venture::{
        Command, DealCard, EnterDataRoom, Event, ExpressInterest, FormJointVenture, InvestorNow, ListVenture,
        OpenDataRoom, ReviseVenture, Venture, VentureNow, ViewDeal, WithdrawVenture,
    },
};
use engine::{
    Authorised, Envelope, Executed, Preparation, Prepared, Reason, Refusal, no_investor,
    parse::{id, instant, text},
    receipt,
};
use events::{Category, venture_form::full_card_form, venture_form::teaser_form};
use proto::{
    CommandRequest,
    kiban::venture::v1::{
        EnterDataRoomRequest, EnterDataRoomResponse, ExpressInterestRequest, ExpressInterestResponse,
        FormJointVentureRequest, FormJointVentureResponse, GetVentureRequest, GetVentureResponse,
        ListVentureRequest, ListVentureResponse, OpenDataRoomRequest, OpenDataRoomResponse,
        ReviseVentureRequest, ReviseVentureResponse, ViewDealRequest, ViewDealResponse,
        WithdrawVentureRequest, WithdrawVentureResponse,
    },
};

use crate::{facts::missing_venture, grpc::Ventures, parse, refuse, view};

/// What a lister's command needs to know of its venture before it is decided.
struct Own {
    contract: ContractId,
    /// The agreement under which the investor that is asked about has expressed its interest.
    interest: Option<ContractId>,
}

impl Ventures {
    pub(crate) async fn list(
        &self,
        request: Authorised<ListVentureRequest>,
    ) -> Result<ListVentureResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let venture: VentureId = identity.derived();
        let (asked, at, lister) = (request.request(), request.at(), request.caller().organisation);
        let contract = id("contract_id", &asked.contract_id)?;
        let card = parse::card(asked.teaser.as_ref(), asked.full_card.as_ref())?;
        let executed = self
            .carry_out(venture, &envelope, || {
                let card = card.clone();
                Box::pin(async move {
                    let (under, agreement) = self.facts.own_contract(contract, lister, at).await?;
                    let (lister_capacities, known) = self.facts.capacities(lister, at).await?;
                    let list =
                        ListVenture { id: venture, lister, contract: under, lister_capacities, card, at };
                    let prepared = Prepared::new(Command::ListVenture(Box::new(list)));
                    Ok(prepared.guarded_by([agreement, known]).under(contract))
                })
            })
            .await?;
        Ok(ListVentureResponse { venture_id: venture.to_string(), receipt: Some(receipt(&executed)) })
    }

    pub(crate) async fn revise(
        &self,
        request: Authorised<ReviseVentureRequest>,
    ) -> Result<ReviseVentureResponse, Refusal> {
        let asked = request.request();
        let card = parse::card(asked.teaser.as_ref(), asked.full_card.as_ref())?;
        let (by, at, venture) = (request.caller().organisation, request.at(), &asked.venture_id);
        let (venture, envelope) = (id("venture_id", venture)?, request.envelope()?.1);
        let executed = self
            .carry_out(venture, &envelope, || {
                let card = card.clone();
                Box::pin(async move {
                    let own = self.own(venture, by, None).await?;
                    let (contract, guard) =
                        self.facts.contract_behind("venture_id", own.contract, at).await?;
                    let revise = ReviseVenture { by, contract, card, at };
                    let prepared = Prepared::new(Command::ReviseVenture(Box::new(revise)));
                    Ok(prepared.guarded_by([guard]).under(own.contract))
                })
            })
            .await?;
        Ok(ReviseVentureResponse { receipt: Some(receipt(&executed)) })
    }

    pub(crate) async fn withdraw(
        &self,
        request: Authorised<WithdrawVentureRequest>,
    ) -> Result<WithdrawVentureResponse, Refusal> {
        let asked = request.request();
        let reason: domain::text::Reason = text("reason", &asked.reason)?;
        let (by, at) = (request.caller().organisation, request.at());
        let (venture, envelope) = (id("venture_id", &asked.venture_id)?, request.envelope()?.1);
        let executed = self
            .carry_out(venture, &envelope, || {
                let command = Command::WithdrawVenture(WithdrawVenture { by, reason: reason.clone(), at });
                Box::pin(async move {
                    let own = self.own(venture, by, None).await?;
                    Ok(Prepared::new(command).under(own.contract))
                })
            })
            .await?;
        Ok(WithdrawVentureResponse { receipt: Some(receipt(&executed)) })
    }

    pub(crate) async fn get(
        &self,
        request: Authorised<GetVentureRequest>,
    ) -> Result<GetVentureResponse, Refusal> {
        let venture: VentureId = id("venture_id", &request.request().venture_id)?;
        let caller = request.caller().organisation;
        let look = |state: &Venture, revision| (view::venture(state, caller), revision);
        let (found, revision) = self.ventures.read(&Category::Venture.stream(venture), look).await?;
        match found {
            Some((found, lister)) if request.is_operator() || lister == caller => {
                Ok(GetVentureResponse { venture: Some(found), revision: revision.unwrap_or_default() })
            }
            _ => Err(Refusal::not_found(venture)),
        }
    }

    /// Shows the full card, once the look is on record. A retry finds the look that it made and shows what was
    /// shown then; but an agreement that has ended since ends that, too: the card is shown under it or not at all.
    /// So does a card that was taken back; and to another person of the investor it is shown by a look of its own.
    pub(crate) async fn show(
        &self,
        request: Authorised<ViewDealRequest>,
    ) -> Result<ViewDealResponse, Refusal> {
        let asked = request.request();
        let (person, at) = (parse::person(&request)?, request.at());
        let (contract, envelope) = (id("contract_id", &asked.contract_id)?, request.envelope()?.1);
        let venture = id("venture_id", &asked.venture_id)?;
        let command = |investor| Command::ViewDeal(ViewDeal { investor, person, at });
        let executed = self.as_investor(&request, &envelope, contract, venture, &command).await?;
        let receipt = Some(receipt(&executed));
        // To look whether one may look is no view: the card is for looks on record alone.
        let Some(Event::DealViewed(viewed)) = executed.events.first().filter(|_| !envelope.validate_only)
        else {
            return Ok(ViewDealResponse { receipt, ..Default::default() });
        };
        if executed.replayed {
            by_the_same(viewed.person, person)?;
            self.still_listed(venture).await?;
        }
        let card = self.numbered_card(venture, viewed.card).await?;
        Ok(ViewDealResponse {
            teaser: Some(teaser_form(&card.teaser)),
            full_card: Some(full_card_form(&card.full)),
            card_number: viewed.card,
            receipt,
        })
    }

    pub(crate) async fn express(
        &self,
        request: Authorised<ExpressInterestRequest>,
    ) -> Result<ExpressInterestResponse, Refusal> {
        let asked = request.request();
        let message: domain::text::Reason = text("message", &asked.message)?;
        let (contract, envelope) = (id("contract_id", &asked.contract_id)?, request.envelope()?.1);
        let (venture, at) = (id("venture_id", &asked.venture_id)?, request.at());
        let command =
            |investor| Command::ExpressInterest(ExpressInterest { investor, message: message.clone(), at });
        let executed = self.as_investor(&request, &envelope, contract, venture, &command).await?;
        Ok(ExpressInterestResponse { receipt: Some(receipt(&executed)) })
    }

    pub(crate) async fn open_room(
        &self,
        request: Authorised<OpenDataRoomRequest>,
    ) -> Result<OpenDataRoomResponse, Refusal> {
        let asked = request.request();
        let (by, at) = (request.caller().organisation, request.at());
        let (venture, envelope) = (id("venture_id", &asked.venture_id)?, request.envelope()?.1);
        let investor: OrganisationId = id("investor_id", &asked.investor_id)?;
        let reference: domain::venture::Reference = text("reference", &asked.reference)?;
        let valid_until = instant("valid_until", asked.valid_until.as_ref())?;
        let executed = self
            .carry_out(venture, &envelope, || {
                let reference = reference.clone();
                Box::pin(async move {
                    let own = self.own(venture, by, Some(investor)).await?;
                    let (contract, guard) =
                        self.facts.contract_behind("venture_id", own.contract, at).await?;
                    let mut guards = vec![guard];
                    let mut investor_contract = None;
                    if let Some(agreement) = own.interest {
                        let (now, guard) = self.facts.contract_behind("investor_id", agreement, at).await?;
                        investor_contract = Some(now);
                        guards.push(guard);
                    }
                    let command = Command::OpenDataRoom(OpenDataRoom {
                        by,
                        contract,
                        investor,
                        investor_contract,
                        reference,
                        valid_until,
                        at,
                    });
                    let prepared = Prepared::new(command).guarded_by(guards).under(own.contract);
                    Ok(prepared.concerning([investor]))
                })
            })
            .await?;
        Ok(OpenDataRoomResponse { receipt: Some(receipt(&executed)) })
    }

    /// Tells where the room is, once the entry is on record; a retry like that of [`show`](Self::show).
    pub(crate) async fn enter_room(
        &self,
        request: Authorised<EnterDataRoomRequest>,
    ) -> Result<EnterDataRoomResponse, Refusal> {
        let asked = request.request();
        let (person, at) = (parse::person(&request)?, request.at());
        let (contract, envelope) = (id("contract_id", &asked.contract_id)?, request.envelope()?.1);
        let venture = id("venture_id", &asked.venture_id)?;
        let command = |investor| Command::EnterDataRoom(EnterDataRoom { investor, person, at });
        let executed = self.as_investor(&request, &envelope, contract, venture, &command).await?;
        let receipt = Some(receipt(&executed));
        let Some(Event::DataRoomEntered(entered)) =
            executed.events.first().filter(|_| !envelope.validate_only)
        else {
            return Ok(EnterDataRoomResponse { receipt, ..Default::default() });
        };
        if executed.replayed {
            by_the_same(entered.person, person)?;
            self.still_listed(venture).await?;
            self.still_open(venture, request.caller().organisation, at).await?;
        }
        Ok(EnterDataRoomResponse { reference: entered.reference.as_str().into(), receipt })
    }

    pub(crate) async fn form(
        &self,
        request: Authorised<FormJointVentureRequest>,
    ) -> Result<FormJointVentureResponse, Refusal> {
        let asked = request.request();
        let (by, at) = (request.caller().organisation, request.at());
        let (venture, envelope) = (id("venture_id", &asked.venture_id)?, request.envelope()?.1);
        let name: domain::text::Name = text("name", &asked.name)?;
        let purpose: domain::text::Reason = text("purpose", &asked.purpose)?;
        let named = parse::parties(&asked.party_ids)?;
        let invested = parse::investments(&asked.investment_ids)?;
        let executed = self
            .carry_out(venture, &envelope, || {
                let (name, purpose, named) = (name.clone(), purpose.clone(), named.clone());
                let invested = &invested;
                Box::pin(async move {
                    let own = self.own(venture, by, None).await?;
                    let (contract, guard) =
                        self.facts.contract_behind("venture_id", own.contract, at).await?;
                    let (parties, mut guards) = self.facts.all_capacities(&named, at).await?;
                    guards.push(guard);
                    let (investments, stand) = self.facts.investments(invested).await?;
                    guards.extend(stand);
                    let form = FormJointVenture { by, contract, name, parties, investments, purpose, at };
                    let prepared = Prepared::new(Command::FormJointVenture(form)).guarded_by(guards);
                    Ok(prepared.concerning(named).under(own.contract))
                })
            })
            .await?;
        Ok(FormJointVentureResponse { receipt: Some(receipt(&executed)) })
    }

    /// Carries out what the calling investor wants of a venture under its agreement, which is a guard of the
    /// append as its organisation is. What was carried out before counts only while the agreement is in force.
    async fn as_investor<T: CommandRequest>(
        &self,
        request: &Authorised<T>,
        envelope: &Envelope,
        contract: ContractId,
        venture: VentureId,
        command: &(impl Fn(InvestorNow) -> Command + Sync),
    ) -> Result<Executed<Event>, Refusal> {
        let (organisation, at) = (request.caller().organisation, request.at());
        let executed = self
            .carry_out(venture, envelope, || {
                Box::pin(async move {
                    let (investor, guards) = self.facts.investor(organisation, contract, at).await?;
                    let stream = Category::Venture.stream(venture);
                    let lister = |state: &Venture| state.card().map(|listed| listed.lister);
                    let lister = self.ventures.peek(&stream, lister).await?;
                    let prepared = Prepared::new(command(investor)).guarded_by(guards);
                    Ok(prepared.concerning(lister).under(contract))
                })
            })
            .await?;
        if executed.replayed {
            let (investor, _) = self.facts.investor(organisation, contract, at).await?;
            investor.check().map_err(|refused| no_investor(&refused))?;
        }
        Ok(executed)
    }

    async fn carry_out<'a>(
        &self,
        venture: VentureId,
        envelope: &Envelope,
        prepare: impl FnMut() -> Preparation<'a, Venture> + Send,
    ) -> Result<Executed<Event>, Refusal> {
        let stream = Category::Venture.stream(venture);
        self.ventures.execute(&stream, envelope, prepare).await.map_err(refuse::venture)
    }

    /// The caller's own venture. To anybody else it does not exist, so that nobody learns by trying who has listed
    /// what.
    async fn own(
        &self,
        venture: VentureId,
        by: OrganisationId,
        investor: Option<OrganisationId>,
    ) -> Result<Own, Refusal> {
        let look = |state: &Venture| {
            let listed = state.card().filter(|listed| listed.lister == by)?;
            let following = investor.and_then(|investor| listed.investors.get(&investor));
            let interest = following.and_then(|following| following.interest.as_ref());
            Some(Own { contract: listed.contract, interest: interest.map(|interest| interest.contract) })
        };
        let own = self.ventures.peek(&Category::Venture.stream(venture), look).await?;
        own.ok_or_else(|| missing_venture(venture))
    }

    async fn numbered_card(&self, venture: VentureId, number: u32) -> Result<DealCard, Refusal> {
        let look = |state: &Venture, _| state.card().and_then(|listed| listed.numbered(number)).cloned();
        let card = self.ventures.read(&Category::Venture.stream(venture), look).await?;
        card.ok_or_else(|| missing_venture(venture))
    }

    /// Refused if the card was taken back: what is confidential is not shown to a retry either.
    async fn still_listed(&self, venture: VentureId) -> Result<(), Refusal> {
        let withdrawn = |state: &Venture, _| VentureNow::of(state).is_some_and(|now| now.withdrawn);
        if self.ventures.read(&Category::Venture.stream(venture), withdrawn).await? {
            let rejection = domain::venture::Rejection::Withdrawn { id: venture };
            return Err(refuse::venture(engine::Failure::Rejected(rejection)));
        }
        Ok(())
    }

    /// Refused if the data room of an investor has been closed by the clock.
    async fn still_open(
        &self,
        venture: VentureId,
        investor: OrganisationId,
        at: domain::time::Timestamp,
    ) -> Result<(), Refusal> {
        let look = |state: &Venture, _| {
            let following = state.card()?.investors.get(&investor)?;
            following.room.as_ref().map(|room| room.valid_until)
        };
        let until = self.ventures.read(&Category::Venture.stream(venture), look).await?;
        match until {
            Some(valid_until) if valid_until <= at => {
                let rejection = domain::venture::Rejection::DataRoomClosed { valid_until };
                Err(refuse::venture(engine::Failure::Rejected(rejection)))
            }
            _ => Ok(()),
        }
    }
}

/// Refused unless a retry is by the person whom the record names: what is on record is who saw what.
fn by_the_same(recorded: PersonId, person: PersonId) -> Result<(), Refusal> {
    if recorded == person {
        return Ok(());
    }
    let what = "was used before by another person; choose a new one";
    Err(Refusal::field(Reason::CommandIdReused, "command_id", what))
}
