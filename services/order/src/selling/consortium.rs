//! Vendors that sell as one.

use domain::{
    consortium::{Command, Consortium, JoinConsortium, MOST_MEMBERS, ProposeConsortium},
    id::{ConsortiumId, ContractId, OrganisationId},
    text::Name,
};
use engine::{
    Authorised, Prepared, Refusal,
    parse::{id, text},
    receipt,
};
use events::{Category, wire};
use money::Decimal;
use proto::kiban::order::v1::{
    GetConsortiumRequest, GetConsortiumResponse, JoinConsortiumRequest, JoinConsortiumResponse,
    ProposeConsortiumRequest, ProposeConsortiumResponse,
};

use super::{Facts, ListingApi, parse, refuse};

impl ListingApi {
    pub(super) async fn propose(
        &self,
        request: Authorised<ProposeConsortiumRequest>,
    ) -> Result<ProposeConsortiumResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let consortium: ConsortiumId = identity.derived();
        let contract = id("contract_id", &request.request().contract_id)?;
        let name: Name = text("name", &request.request().name)?;
        let shares = parse::shares(&request.request().shares)?;
        let executed = self
            .consortia
            .execute(&Category::Consortium.stream(consortium), &envelope, || {
                let (name, shares) = (name.clone(), shares.clone());
                Box::pin(async {
                    Ok(self.facts.propose(&request, consortium, contract, name, shares).await?)
                })
            })
            .await
            .map_err(refuse::consortium)?;
        let consortium_id = consortium.to_string();
        Ok(ProposeConsortiumResponse { consortium_id, receipt: Some(receipt(&executed)) })
    }

    pub(super) async fn join(
        &self,
        request: Authorised<JoinConsortiumRequest>,
    ) -> Result<JoinConsortiumResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let consortium: ConsortiumId = id("consortium_id", &request.request().consortium_id)?;
        let contract: ContractId = id("contract_id", &request.request().contract_id)?;
        let stream = Category::Consortium.stream(consortium);
        let members =
            |state: &Consortium, _| state.proposal().map(|proposal| proposal.members().collect::<Vec<_>>());
        let members = self.consortia.read(&stream, members).await?.unwrap_or_default();
        let executed = self
            .consortia
            .execute(&stream, &envelope, || {
                let members = members.clone();
                Box::pin(async { Ok(self.facts.join(&request, contract, members).await?) })
            })
            .await
            .map_err(refuse::consortium)?;
        let formed = self.consortia.read(&stream, |state, _| state.formed().is_some()).await?;
        Ok(JoinConsortiumResponse { formed, receipt: Some(receipt(&executed)) })
    }

    pub(super) async fn get_consortium(
        &self,
        request: Authorised<GetConsortiumRequest>,
    ) -> Result<GetConsortiumResponse, Refusal> {
        let consortium: ConsortiumId = id("consortium_id", &request.request().consortium_id)?;
        let caller = request.caller().organisation;
        let look = |state: &Consortium, revision| {
            let concerned = state.proposal().is_some_and(|proposal| proposal.has_member(caller));
            (wire::consortium(state), concerned, revision)
        };
        let (found, concerned, revision) =
            self.consortia.read(&Category::Consortium.stream(consortium), look).await?;
        match found {
            Some(found) if concerned || request.is_operator() => {
                Ok(GetConsortiumResponse { consortium: Some(found), revision: revision.unwrap_or_default() })
            }
            _ => Err(Refusal::not_found(consortium)),
        }
    }
}

impl Facts {
    async fn propose<T>(
        &self,
        request: &Authorised<T>,
        consortium: ConsortiumId,
        contract: ContractId,
        name: Name,
        shares: Vec<(OrganisationId, Decimal)>,
    ) -> Result<Prepared<Consortium>, Refusal> {
        let under = self.contract(request, contract).await?;
        let members: Vec<OrganisationId> = shares.iter().map(|(member, _)| *member).collect();
        let mut guards = vec![under.guard];
        // The decider refuses longer lists, and they need not be looked up for that.
        for (index, member) in members.iter().take(MOST_MEMBERS).enumerate() {
            guards.push(self.registered(&format!("shares[{index}].vendor_id"), *member).await?);
        }
        let command = Command::ProposeConsortium(ProposeConsortium {
            id: consortium,
            name,
            lead: request.caller().organisation,
            contract: under.now,
            shares,
            at: request.at(),
        });
        Ok(Prepared::new(command).guarded_by(guards).concerning(members))
    }

    async fn join<T>(
        &self,
        request: &Authorised<T>,
        contract: ContractId,
        members: Vec<OrganisationId>,
    ) -> Result<Prepared<Consortium>, Refusal> {
        let under = self.contract(request, contract).await?;
        let member = request.caller().organisation;
        let command =
            Command::JoinConsortium(JoinConsortium { member, contract: under.now, at: request.at() });
        Ok(Prepared::new(command).guarded_by([under.guard]).concerning(members))
    }
}
