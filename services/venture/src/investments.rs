//! What is done with investments: authorised, parsed, decided, answered.

use domain::{
    id::{ContractId, InvestmentId, OrganisationId, VentureId},
    investment::{Command, Form, Investment, RecordInvestment, WithdrawInvestment},
    terms::Round,
    text::Reason,
    time::Timestamp,
};
use engine::{
    Authorised, Prepared, Refusal, no_investor,
    parse::{id, text},
    receipt,
};
use events::{Category, wire};
use proto::kiban::venture::v1::{
    GetInvestmentRequest, GetInvestmentResponse, RecordInvestmentRequest, RecordInvestmentResponse,
    WithdrawInvestmentRequest, WithdrawInvestmentResponse,
};

use crate::{grpc::Ventures, parse, refuse};

/// What a request says of an investment.
#[derive(Clone)]
struct Asked {
    contract: ContractId,
    venture: VentureId,
    round: Round,
    form: Form,
}

impl Ventures {
    pub(crate) async fn record(
        &self,
        request: Authorised<RecordInvestmentRequest>,
    ) -> Result<RecordInvestmentResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let investment: InvestmentId = identity.derived();
        let wire = request.request();
        let asked = Asked {
            contract: id("contract_id", &wire.contract_id)?,
            venture: id("venture_id", &wire.venture_id)?,
            round: text("round", &wire.round)?,
            form: parse::form(wire)?,
        };
        let (investor, at) = (request.caller().organisation, request.at());
        let executed = self
            .investments
            .execute(&Category::Investment.stream(investment), &envelope, || {
                let asked = asked.clone();
                Box::pin(async move { Ok(self.prepare(investment, investor, asked, at).await?) })
            })
            .await
            .map_err(refuse::investment)?;
        Ok(RecordInvestmentResponse {
            investment_id: investment.to_string(),
            receipt: Some(receipt(&executed)),
        })
    }

    /// The command with its facts: the investor, its agreement, the venture and its lister as they are now.
    async fn prepare(
        &self,
        investment: InvestmentId,
        investor: OrganisationId,
        asked: Asked,
        at: Timestamp,
    ) -> Result<Prepared<Investment>, Refusal> {
        let Asked { contract, venture, round, form } = asked;
        let (investor, guards) = self.facts.investor(investor, contract, at).await?;
        let found = self.facts.venture_for(venture, investor.id).await;
        if found.is_err() {
            // Without an agreement nobody learns whether there is such a venture.
            investor.check().map_err(|refused| no_investor(&refused))?;
        }
        let (venture, viewed, venture_guard) = found?;
        let (lister_capacities, lister_guard) = self.facts.capacities(venture.lister, at).await?;
        let command = Command::RecordInvestment(Box::new(RecordInvestment {
            id: investment,
            investor,
            venture,
            viewed,
            lister_capacities,
            round,
            form,
            at,
        }));
        let prepared = Prepared::new(command).guarded_by(guards).guarded_by([venture_guard, lister_guard]);
        Ok(prepared.concerning([venture.lister]).under(contract))
    }

    pub(crate) async fn take_back(
        &self,
        request: Authorised<WithdrawInvestmentRequest>,
    ) -> Result<WithdrawInvestmentResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let investment: InvestmentId = id("investment_id", &request.request().investment_id)?;
        let reason: Reason = text("reason", &request.request().reason)?;
        let (by, at) = (request.caller().organisation, request.at());
        let stream = Category::Investment.stream(investment);
        let executed = self
            .investments
            .execute(&stream, &envelope, || {
                let (reason, stream) = (reason.clone(), stream.clone());
                Box::pin(async move {
                    let party = |state: &Investment| state.made().map(|made| made.deal.venture);
                    let venture = self.investments.peek(&stream, party).await?;
                    let command = Command::WithdrawInvestment(WithdrawInvestment { by, reason, at });
                    Ok(Prepared::new(command).concerning(venture))
                })
            })
            .await
            .map_err(refuse::investment)?;
        Ok(WithdrawInvestmentResponse { receipt: Some(receipt(&executed)) })
    }

    pub(crate) async fn get_recorded(
        &self,
        request: Authorised<GetInvestmentRequest>,
    ) -> Result<GetInvestmentResponse, Refusal> {
        let investment: InvestmentId = id("investment_id", &request.request().investment_id)?;
        let stream = Category::Investment.stream(investment);
        let (operator, caller) = (request.is_operator(), request.caller().organisation);
        let look = |state: &Investment, revision| {
            let deal = state.made().map(|made| &made.deal);
            let own = deal.is_some_and(|deal| deal.investor == caller);
            let concerned = own || deal.is_some_and(|deal| deal.venture == caller);
            (wire::investment(state, operator || own), operator || concerned, revision)
        };
        let (found, concerned, revision) = self.investments.read(&stream, look).await?;
        match found {
            Some(found) if concerned => {
                Ok(GetInvestmentResponse { investment: Some(found), revision: revision.unwrap_or_default() })
            }
            _ => Err(Refusal::not_found(investment)),
        }
    }
}
