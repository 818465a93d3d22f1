//! What the base operator gives and receives beside charges: credits to members, and public funding.

use std::{collections::BTreeSet, num::NonZeroUsize, sync::Arc};

use domain::{
    contract::Timeline,
    credit::{self, Credit, CreditedContract, GrantCredit},
    funding::{self, AgreeFunding, Funding},
    id::{ContractId, CreditId, FundingId, OrganisationId},
    organisation::Organisation,
    period::Periods,
};
use engine::{
    Aggregates, Authorised, Contracts, Known, Lookup, Preparation, Prepared, Refusal, parse::id, receipt,
};
use event_log::{EventLog, Guard};
use events::Category;
use proto::kiban::finance::v1::{
    AgreeFundingRequest, AgreeFundingResponse, GetCreditRequest, GetCreditResponse, GetFundingRequest,
    GetFundingResponse, GrantCreditRequest, GrantCreditResponse,
};

use crate::{parse, refuse, view};

const HOT: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();
/// The operators, of whom there are few.
const ORGANISATIONS: NonZeroUsize = NonZeroUsize::new(100).unwrap();

/// Credits and fundings, and what is looked up for them.
pub(crate) struct Grants {
    credits: Aggregates<Credit>,
    fundings: Aggregates<Funding>,
    contracts: Contracts,
    periods: Lookup<Periods>,
    organisations: Lookup<Organisation>,
}

impl Grants {
    pub(crate) fn new(log: &Arc<dyn EventLog>) -> Self {
        Self {
            credits: Aggregates::new(log.clone(), HOT),
            fundings: Aggregates::new(log.clone(), HOT),
            contracts: Contracts::new(log.clone()),
            periods: Lookup::new(log.clone(), HOT),
            organisations: Lookup::new(log.clone(), ORGANISATIONS),
        }
    }

    /// Grants a credit as the caller's. The contract, the closed months of its issuer and what the caller is are
    /// facts of the decision.
    pub(crate) async fn grant(
        &self,
        request: &Authorised<GrantCreditRequest>,
    ) -> Result<GrantCreditResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let credit: CreditId = identity.derived();
        let asked = parse::credit(request.request(), request.at())?;
        let (granted_by, at) = (envelope.caller.organisation, envelope.at);
        let prepare = || -> Preparation<'_, Credit> {
            let asked = asked.clone();
            Box::pin(async move {
                let (contract, concerned, guards) = self.credited(asked.contract, request).await?;
                let granter = self.organisation(granted_by).await?;
                let command = credit::Command::GrantCredit(GrantCredit {
                    id: credit,
                    contract,
                    charge_kind: asked.charge_kind,
                    amount: asked.amount,
                    month: asked.month,
                    reason: asked.reason,
                    granted_by,
                    granter_capacities: granter.state.capacities_on(at),
                    at,
                });
                let prepared = Prepared::new(command).guarded_by(guards).guarded_by([granter.guard()]);
                Ok(prepared.concerning(concerned).under(asked.contract))
            })
        };
        let stream = Category::Credit.stream(credit);
        let executed = self.credits.execute(&stream, &envelope, prepare).await.map_err(refuse::credit)?;
        Ok(GrantCreditResponse { credit_id: credit.to_string(), receipt: Some(receipt(&executed)) })
    }

    /// A contract as a credit sees it, whom it concerns, and the streams on which that stands.
    async fn credited(
        &self,
        contract: ContractId,
        request: &Authorised<GrantCreditRequest>,
    ) -> Result<(CreditedContract, BTreeSet<OrganisationId>, Vec<Guard>), Refusal> {
        let found = self.contracts.any("contract_id", contract, request.at()).await?;
        let issuer = found.contract.application().map(|application| application.issuer);
        let issuer = issuer.ok_or_else(|| Refusal::not_found(contract))?;
        let closed = self.periods_of(issuer).await?;
        let credited = CreditedContract {
            id: contract,
            kind: found.now.kind,
            member: found.now.applicant,
            activated_at: found.contract.timeline().and_then(Timeline::activated_at),
            closed_through: closed.state.closed_through(),
        };
        Ok((credited, found.audience, vec![found.guard, closed.guard()]))
    }

    /// A credit, for the parties of its contract and the operators.
    pub(crate) async fn credit(
        &self,
        request: &Authorised<GetCreditRequest>,
    ) -> Result<GetCreditResponse, Refusal> {
        let credit: CreditId = id("credit_id", &request.request().credit_id)?;
        let look = |state: &Credit, revision| (state.granted().cloned(), revision);
        let (granted, revision) = self.credits.read(&Category::Credit.stream(credit), look).await?;
        let granted = granted.ok_or_else(|| Refusal::not_found(credit))?;
        let caller = request.caller().organisation;
        if !request.is_operator() {
            let contract = self.contracts.any("credit_id", granted.contract, request.at()).await?;
            if !contract.audience.contains(&caller) {
                return Err(Refusal::not_found(credit));
            }
        }
        let revision = revision.unwrap_or_default();
        Ok(GetCreditResponse { credit: Some(view::credit(&granted)), revision })
    }

    /// Records public funding as the caller's income.
    pub(crate) async fn agree(
        &self,
        request: &Authorised<AgreeFundingRequest>,
    ) -> Result<AgreeFundingResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let funding: FundingId = identity.derived();
        let asked = parse::funding(request.request())?;
        let (recipient, at) = (envelope.caller.organisation, envelope.at);
        let prepare = || -> Preparation<'_, Funding> {
            let asked = asked.clone();
            Box::pin(async move {
                let organisation = self.organisation(recipient).await?;
                let closed = self.periods_of(recipient).await?;
                let command = funding::Command::AgreeFunding(AgreeFunding {
                    id: funding,
                    funder: asked.funder,
                    recipient,
                    recipient_capacities: organisation.state.capacities_on(at),
                    amount: asked.amount,
                    start: asked.start,
                    end: asked.end,
                    reason: asked.reason,
                    closed_through: closed.state.closed_through(),
                    at,
                });
                Ok(Prepared::new(command).guarded_by([organisation.guard(), closed.guard()]))
            })
        };
        let stream = Category::Funding.stream(funding);
        let executed = self.fundings.execute(&stream, &envelope, prepare).await.map_err(refuse::funding)?;
        Ok(AgreeFundingResponse { funding_id: funding.to_string(), receipt: Some(receipt(&executed)) })
    }

    /// A funding, for the operators; to anybody else it does not exist.
    pub(crate) async fn funding(
        &self,
        request: &Authorised<GetFundingRequest>,
    ) -> Result<GetFundingResponse, Refusal> {
        let funding: FundingId = id("funding_id", &request.request().funding_id)?;
        let look = |state: &Funding, revision| (state.agreed().map(view::funding), revision);
        let (agreed, revision) = self.fundings.read(&Category::Funding.stream(funding), look).await?;
        let agreed = agreed.filter(|_| request.is_operator());
        let agreed = agreed.ok_or_else(|| Refusal::not_found(funding))?;
        Ok(GetFundingResponse { funding: Some(agreed), revision: revision.unwrap_or_default() })
    }

    async fn periods_of(&self, issuer: OrganisationId) -> Result<Known<Periods>, Refusal> {
        self.periods.now(&Category::Period.stream(issuer)).await
    }

    async fn organisation(&self, id: OrganisationId) -> Result<Known<Organisation>, Refusal> {
        self.organisations.now(&Category::Organisation.stream(id)).await
    }
}
