//! The handler: authorise, parse, wait for the position, look, reply.

use std::sync::Arc;

use domain::{
    funding::FundingAgreed,
    id::{ContractId, OrganisationId},
    time::Month,
};
use engine::{
    Authorised, Clock, Gate, Need, Refusal, Shards,
    ledger::{HeldLines, LedgerFold, Moment, lines_as_of},
    may_suppose,
};
use event_log::{EventLog, Position};
use money::{Currency, Money};
use proto::kiban::{
    common::v1::AsOf,
    revenue_share::v1::{
        GetInstitutionPageRequest, GetInstitutionPageResponse, GetRevenueSharesRequest,
        GetRevenueSharesResponse, GetVendorPageRequest, GetVendorPageResponse,
        revenue_share_service_server::{RevenueShareService, RevenueShareServiceServer},
    },
};
use tonic::{Request, Response, Status};

use crate::{
    RevenueShareFold,
    ground::{Ground, used, wanted},
    institution,
    parse::{self, Asked, InstitutionAsked},
    shares::ShareError,
    vendor,
    view::{self, Answer, Viewer},
};

/// Serves `kiban.revenue_share.v1.RevenueShareService`.
pub struct RevenueShare {
    shards: Shards<RevenueShareFold>,
    log: Arc<dyn EventLog>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
}

impl RevenueShare {
    /// The service over the projection's shards, or its only one, which somebody else keeps up to date.
    pub fn new(
        shards: impl Into<Shards<RevenueShareFold>>,
        log: Arc<dyn EventLog>,
        gate: Arc<Gate>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { shards: shards.into(), log, gate, clock }
    }

    /// As a gRPC server.
    pub fn server(self) -> RevenueShareServiceServer<Self> {
        RevenueShareServiceServer::new(self)
    }

    async fn shares(
        &self,
        request: Authorised<GetRevenueSharesRequest>,
    ) -> Result<GetRevenueSharesResponse, Refusal> {
        let asked_for = request.request();
        let Asked { month, contract, what_if } = parse::shares(asked_for)?;
        if let Some(what_if) = &what_if {
            may_suppose(&request, what_if, false)?;
        }
        let shards = contract.map_or_else(|| self.shards.clone(), |contract| self.shards.of(contract));
        let moment = self.moment(&shards, asked_for.as_of.as_ref(), &asked_for.min_position).await?;
        let known = self.known(&shards, moment, &[month], contract).await?;
        let viewer = if request.is_operator() {
            Viewer::Operator
        } else {
            Viewer::Party(request.caller().organisation)
        };
        look(&shards, &request, moment, known.as_ref(), |ground| {
            let ground = ground.under(what_if.as_ref());
            let statements = ground.statements(month, contract)?;
            // Whoever runs the forum should know of a slip; others are told of no contract whether it exists.
            if let Some(contract) = contract.filter(|_| statements.is_empty() && viewer == Viewer::Operator) {
                return Err(Refusal::not_found(contract));
            }
            let shares = ground.shares(month, &statements)?;
            let fundings = fundings(ground, month, contract);
            let funding = Money::sum(Currency::Jpy, fundings.iter().map(|(_, amount)| *amount));
            let answer = Answer {
                month,
                position: Position(ground.view().position()),
                base_operator: ground.view().base_operator(month, ground.now),
                shares: &shares,
                funding: funding.map_err(ShareError::from)?,
                fundings,
                name: |organisation| ground.name(organisation),
                hypothetical: what_if.is_some(),
            };
            Ok(view::response(&answer, viewer))
        })
    }

    async fn institution(
        &self,
        request: Authorised<GetInstitutionPageRequest>,
    ) -> Result<GetInstitutionPageResponse, Refusal> {
        let asked_for = request.request();
        let InstitutionAsked { institution, months } =
            parse::institution(asked_for, Month::of(self.clock.now()))?;
        let institution = whose(&request, institution)?;
        let moment = self.moment(&self.shards, asked_for.as_of.as_ref(), &asked_for.min_position).await?;
        let known = self.known(&self.shards, moment, &months, None).await?;
        look(&self.shards, &request, moment, known.as_ref(), |ground| {
            institution::page(&ground, institution, &months, &used(ground.views, &months))
        })
    }

    async fn vendor(
        &self,
        request: Authorised<GetVendorPageRequest>,
    ) -> Result<GetVendorPageResponse, Refusal> {
        let asked_for = request.request();
        let (vendor, page) = parse::vendor(asked_for)?;
        let vendor = whose(&request, vendor)?;
        let moment = self.moment(&self.shards, asked_for.as_of.as_ref(), &asked_for.min_position).await?;
        // No line of use comes into it.
        let known = self.known(&self.shards, moment, &[], None).await?;
        look(&self.shards, &request, moment, known.as_ref(), |ground| vendor::page(ground, vendor, &page))
    }

    async fn moment(
        &self,
        shards: &Shards<RevenueShareFold>,
        as_of: Option<&AsOf>,
        min_position: &str,
    ) -> Result<Moment, Refusal> {
        Moment::asked(shards, &*self.log, &*self.clock, as_of, min_position).await
    }

    /// What lines held in these months at a moment; `None` for a question about now.
    async fn known(
        &self,
        shards: &Shards<RevenueShareFold>,
        moment: Moment,
        months: &[Month],
        contract: Option<ContractId>,
    ) -> Result<Option<Known>, Refusal> {
        let Some(position) = moment.position() else { return Ok(None) };
        let wanted = shards.look(|folds, _| wanted(folds, position.0, moment.now(), months, contract))?;
        let held = lines_as_of(shards, &*self.log, wanted, position).await?;
        Ok(Some(Known { position, held }))
    }
}

/// Looks at what was known at a moment: at once, so that lines and terms stand on one position.
fn look<Q, T>(
    shards: &Shards<RevenueShareFold>,
    request: &Authorised<Q>,
    moment: Moment,
    known: Option<&Known>,
    answer: impl FnOnce(Ground<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    shards.look(|folds, examined| {
        let position = known.map_or(examined, |known| known.position);
        let views = folds.map(|fold| fold.ledger().as_of(position.0));
        let may_see_lane = |applicant| request.may_see_lane(applicant);
        let held = known.map(|known| &known.held);
        let now = moment.now();
        answer(Ground { views: &views, what_if: None, now, held, may_see_lane: &may_see_lane })
    })?
}

/// What lines held at a position.
struct Known {
    position: Position,
    held: HeldLines,
}

/// What is recognised of public funding in a month; of one contract nothing, for it is of none.
fn fundings<'l>(
    ground: Ground<'l>,
    month: Month,
    contract: Option<ContractId>,
) -> Vec<(&'l FundingAgreed, Money)> {
    let view = ground.view();
    let agreed = view.fundings().filter(|_| contract.is_none());
    let recognised = agreed.map(|agreed| (agreed, agreed.recognised_in(month)));
    recognised.filter(|(_, amount)| !amount.is_zero()).collect()
}

/// Whose page is asked for: the caller's own, or, for those who run the forum, anybody's. To others the page of
/// somebody else does not exist.
fn whose<T>(request: &Authorised<T>, named: Option<OrganisationId>) -> Result<OrganisationId, Refusal> {
    let caller = request.caller().organisation;
    match named {
        None => Ok(caller),
        Some(named) if named == caller || request.is_operator() => Ok(named),
        Some(named) => Err(Refusal::not_found(named)),
    }
}

#[tonic::async_trait]
impl RevenueShareService for RevenueShare {
    async fn get_revenue_shares(
        &self,
        request: Request<GetRevenueSharesRequest>,
    ) -> Result<Response<GetRevenueSharesResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.shares(request).await?))
    }

    async fn get_institution_page(
        &self,
        request: Request<GetInstitutionPageRequest>,
    ) -> Result<Response<GetInstitutionPageResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.institution(request).await?))
    }

    async fn get_vendor_page(
        &self,
        request: Request<GetVendorPageRequest>,
    ) -> Result<Response<GetVendorPageResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.vendor(request).await?))
    }
}
