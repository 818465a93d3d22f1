//! Listing, revising, withdrawing and viewing services.

use domain::{
    consortium::ConsortiumNow,
    id::{ConsortiumId, ContractId, ListingId, OrganisationId},
    listing::{
        Command, ListService, Listing, ListingContent, ReviseService, ServiceKind, ViewService,
        WithdrawService,
    },
    reservation::ReservationKind,
    time::Timestamp,
    vendor_admission::VendorAdmission,
};
use engine::{
    Authorised, Known, Prepared, Refusal,
    parse::{id, optional_id, text},
    receipt,
};
use event_log::Guard;
use events::{Category, vendor_admission_stream, wire};
use proto::kiban::order::v1::{
    GetListingRequest, GetListingResponse, ListServiceRequest, ListServiceResponse, ReviseServiceRequest,
    ReviseServiceResponse, ViewServiceRequest, ViewServiceResponse, WithdrawServiceRequest,
    WithdrawServiceResponse,
};

use super::{Facts, ListingApi, parse, refuse};
use crate::{fields::missing, members};

impl ListingApi {
    pub(super) async fn list(
        &self,
        request: Authorised<ListServiceRequest>,
    ) -> Result<ListServiceResponse, Refusal> {
        let (identity, envelope) = request.envelope()?;
        let vendor = request.caller().organisation;
        let offered = Offered {
            id: identity.derived(),
            contract: id("contract_id", &request.request().contract_id)?,
            consortium: optional_id("consortium_id", &request.request().consortium_id)?,
            content: parse::content(request.request().content.as_ref())?,
        };
        let stream = Category::Listing.stream(offered.id);
        // What is refused anyway must not keep the code from another listing.
        self.listings
            .preview(&stream, &envelope, || {
                Box::pin(async { Ok(self.facts.list(&request, &offered, None).await?) })
            })
            .await
            .map_err(refuse::listing)?;
        let key = format!("{vendor}:{}", offered.content.code);
        let kind = ReservationKind::ListingCode;
        let code = self
            .reservations
            .reserve(kind, "content.code", &key, offered.id, Category::Listing, &envelope)
            .await?;
        let executed = self
            .listings
            .execute(&stream, &envelope, || {
                let code = code.clone();
                Box::pin(async { Ok(self.facts.list(&request, &offered, code).await?) })
            })
            .await
            .map_err(refuse::listing)?;
        Ok(ListServiceResponse { listing_id: offered.id.to_string(), receipt: Some(receipt(&executed)) })
    }

    pub(super) async fn revise(
        &self,
        request: Authorised<ReviseServiceRequest>,
    ) -> Result<ReviseServiceResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let listing: ListingId = id("listing_id", &request.request().listing_id)?;
        let contract = id("contract_id", &request.request().contract_id)?;
        let content = parse::content(request.request().content.as_ref())?;
        let consortium = self.consortium_of(listing).await?;
        let executed = self
            .listings
            .execute(&Category::Listing.stream(listing), &envelope, || {
                let content = content.clone();
                Box::pin(async { Ok(self.facts.revise(&request, contract, consortium, content).await?) })
            })
            .await
            .map_err(refuse::revision)?;
        Ok(ReviseServiceResponse { receipt: Some(receipt(&executed)) })
    }

    pub(super) async fn withdraw(
        &self,
        request: Authorised<WithdrawServiceRequest>,
    ) -> Result<WithdrawServiceResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let listing: ListingId = id("listing_id", &request.request().listing_id)?;
        let reason = text("reason", &request.request().reason)?;
        let command = WithdrawService { by: request.caller().organisation, reason, at: request.at() };
        let sellers = self.sellers(listing).await?;
        let executed = self
            .listings
            .execute(&Category::Listing.stream(listing), &envelope, || {
                let prepared = Prepared::new(Command::WithdrawService(command.clone()));
                let prepared = prepared.concerning(sellers.iter().copied());
                Box::pin(async { Ok(prepared) })
            })
            .await
            .map_err(refuse::listing)?;
        Ok(WithdrawServiceResponse { receipt: Some(receipt(&executed)) })
    }

    pub(super) async fn view(
        &self,
        request: Authorised<ViewServiceRequest>,
    ) -> Result<ViewServiceResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let listing: ListingId = id("listing_id", &request.request().listing_id)?;
        let contract: ContractId = id("contract_id", &request.request().contract_id)?;
        let stream = Category::Listing.stream(listing);
        let executed = self
            .listings
            .execute(&stream, &envelope, || {
                Box::pin(async { Ok(self.facts.view(&request, contract).await?) })
            })
            .await
            .map_err(refuse::listing)?;
        let receipt = Some(receipt(&executed));
        // What is not recorded shows nothing.
        if envelope.validate_only {
            return Ok(ViewServiceResponse { listing: None, receipt });
        }
        let found = self.listings.read(&stream, |state, _| wire::listing(state)).await?;
        let mut found = found.ok_or_else(|| Refusal::not_found(listing))?;
        // The vendor's contract is the vendor's affair.
        found.contract_id.clear();
        Ok(ViewServiceResponse { listing: Some(found), receipt })
    }

    pub(super) async fn get_listing(
        &self,
        request: Authorised<GetListingRequest>,
    ) -> Result<GetListingResponse, Refusal> {
        let listing: ListingId = id("listing_id", &request.request().listing_id)?;
        let look = |state: &Listing, revision: Option<u64>| {
            (wire::listing(state), state.vendor(), state.consortium(), revision)
        };
        let (found, vendor, consortium, revision) =
            self.listings.read(&Category::Listing.stream(listing), look).await?;
        let caller = request.caller().organisation;
        let concerned = request.is_operator()
            || vendor == Some(caller)
            || self.facts.consortium_members(consortium).await?.contains(&caller);
        match found {
            Some(found) if concerned => {
                Ok(GetListingResponse { listing: Some(found), revision: revision.unwrap_or_default() })
            }
            _ => Err(Refusal::not_found(listing)),
        }
    }
}

impl ListingApi {
    /// The consortium that sells a service, none if the vendor sells alone. It never changes.
    async fn consortium_of(&self, listing: ListingId) -> Result<Option<ConsortiumId>, Refusal> {
        let stream = Category::Listing.stream(listing);
        self.listings.read(&stream, |state, _| state.consortium()).await
    }

    /// The members of the consortium that sells a service, none if the vendor sells alone. Who they are never changes.
    async fn sellers(&self, listing: ListingId) -> Result<Vec<OrganisationId>, Refusal> {
        let consortium = self.consortium_of(listing).await?;
        self.facts.consortium_members(consortium).await
    }
}

/// What a request lists.
struct Offered {
    id: ListingId,
    contract: ContractId,
    consortium: Option<ConsortiumId>,
    content: ListingContent,
}

impl Facts {
    /// The command with its facts: the contract, the vendor, the admission and the consortium as they are
    /// now.
    async fn list<T>(
        &self,
        request: &Authorised<T>,
        offered: &Offered,
        code: Option<Guard>,
    ) -> Result<Prepared<Listing>, Refusal> {
        let Offered { id, contract, consortium, content } = offered;
        let (vendor, at) = (request.caller().organisation, request.at());
        let under = self.contract(request, *contract).await?;
        let organisation = self.organisation(vendor).await?;
        let admission = self.admission(content.kind()).await?;
        let mut guards = vec![under.guard, organisation.guard(), admission.guard()];
        guards.extend(code);
        let mut members = Vec::new();
        let consortium = match consortium {
            None => None,
            Some(id) => {
                let (known, together) = self.together("consortium_id", *id, at).await?;
                guards.extend(together);
                // To somebody who is not a member it does not exist.
                let proposal = known.consortium.proposal().filter(|proposal| proposal.has_member(vendor));
                let proposal = proposal.ok_or_else(|| missing("consortium_id", id))?;
                members.extend(proposal.members());
                Some((*id, known))
            }
        };
        let command = Command::ListService(ListService {
            id: *id,
            vendor,
            vendor_capacities: organisation.state.capacities_on(at),
            contract: under.now,
            admission: (*admission.state).clone(),
            consortium,
            content: content.clone(),
            at,
        });
        Ok(Prepared::new(command).guarded_by(guards).concerning(members))
    }

    async fn revise<T>(
        &self,
        request: &Authorised<T>,
        contract: ContractId,
        consortium: Option<ConsortiumId>,
        content: ListingContent,
    ) -> Result<Prepared<Listing>, Refusal> {
        let under = self.contract(request, contract).await?;
        let admission = self.admission(content.kind()).await?;
        let (mut guards, mut members) = (vec![under.guard, admission.guard()], Vec::new());
        let consortium = match consortium {
            None => None,
            Some(id) => {
                let (known, together) = self.together("listing_id", id, request.at()).await?;
                guards.extend(together);
                members
                    .extend(known.consortium.proposal().into_iter().flat_map(|proposal| proposal.members()));
                Some(known)
            }
        };
        let command = Command::ReviseService(ReviseService {
            by: request.caller().organisation,
            contract: under.now,
            admission: (*admission.state).clone(),
            consortium,
            content,
            at: request.at(),
        });
        Ok(Prepared::new(command).guarded_by(guards).concerning(members))
    }

    async fn view<T>(
        &self,
        request: &Authorised<T>,
        contract: ContractId,
    ) -> Result<Prepared<Listing>, Refusal> {
        let under = self.contract(request, contract).await?;
        let viewer = request.caller().organisation;
        let command = Command::ViewService(ViewService { viewer, contract: under.now, at: request.at() });
        Ok(Prepared::new(command).guarded_by([under.guard]))
    }

    async fn admission(&self, kind: ServiceKind) -> Result<Known<VendorAdmission>, Refusal> {
        self.admissions.now(&vendor_admission_stream(kind)).await
    }

    /// A consortium with its members as they are now, and the streams on which that stands.
    async fn together(
        &self,
        field: &str,
        id: ConsortiumId,
        at: Timestamp,
    ) -> Result<(ConsortiumNow, Vec<Guard>), Refusal> {
        let known = self.consortia.now(&Category::Consortium.stream(id)).await?;
        members::looked_up(&self.contracts, &self.organisations, field, &known, at).await
    }

    async fn consortium_members(
        &self,
        consortium: Option<ConsortiumId>,
    ) -> Result<Vec<OrganisationId>, Refusal> {
        let Some(id) = consortium else { return Ok(Vec::new()) };
        let known = self.consortia.now(&Category::Consortium.stream(id)).await?;
        Ok(known.state.proposal().map(|proposal| proposal.members().collect()).unwrap_or_default())
    }
}
