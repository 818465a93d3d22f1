//! Statements under prices and shares that nobody has published, through the gRPC trait.

mod support;

use domain::{
    id::{OrganisationId, PriceBookId},
    period::{self, PeriodClosed},
    price_book::Event,
    share_rule::{self, SplitTable},
    text::Name,
    time::Month,
};
use engine::Role;
use events::finance_form::{price_book_version, share_rule_version};
use proto::kiban::{
    billing::v1::{
        ExplainLineRequest, GetStatementRequest, GetStatementResponse, StatementLine,
        billing_service_server::BillingService,
    },
    common::v1::{AsOf, Verdict, as_of},
    finance::v1::{PriceBookVersion, ShareRuleVersion, WhatIf, price_model::Model},
};
use support::*;
use tonic::{Request, Status};
use tonic_types::StatusExt;

const USAGE: &str = "data-usage/0/simple-analysis/open/-";

async fn world() -> (World, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("billing.db")).await;
    (world, folder)
}

/// The prices of the support from a month on, with another first band, as a request has them.
fn prices_from(start: i8, first_band: u32) -> PriceBookVersion {
    let Event::PriceBookPublished(event) = prices(1, start, first_band);
    price_book_version(0, &event.prices)
}

fn shares() -> ShareRuleVersion {
    let (name, start) = (Name::new("shares").unwrap(), Month::new(2026, 4).unwrap());
    let splits = share_rule::default_splits();
    share_rule_version(0, &SplitTable { name, start, splits, charges: vec![] })
}

fn under(prices: PriceBookVersion) -> Option<WhatIf> {
    Some(WhatIf { prices: Some(prices), shares: None })
}

fn april_under(world: &World, what_if: Option<WhatIf>) -> GetStatementRequest {
    GetStatementRequest {
        contract_id: CONTRACT.to_string(),
        month: "2026-04".into(),
        as_of: None,
        min_position: world.head(),
        what_if,
    }
}

fn as_finance<T>(organisation: OrganisationId, message: T) -> Request<T> {
    with_roles(organisation, &[Role::Finance], message)
}

async fn ask(world: &World, request: GetStatementRequest) -> GetStatementResponse {
    world.billing.get_statement(from(PHARMA, request)).await.unwrap().into_inner()
}

fn usage_line(answer: &GetStatementResponse) -> &StatementLine {
    let lines = &answer.statement.as_ref().unwrap().lines;
    lines.iter().find(|line| line.line_id == USAGE).unwrap()
}

fn yen(line: &StatementLine) -> i64 {
    line.amount.as_ref().unwrap().minor_units
}

/// The reason of a refusal, and the field that it names.
fn refused<T>(answer: Result<T, Status>) -> (String, String) {
    let details = answer.map(|_| ()).unwrap_err().get_error_details();
    let field = details.bad_request().and_then(|bad| bad.field_violations.first().cloned());
    let reason = details.error_info().unwrap().reason.clone();
    (reason, field.map(|violation| violation.field).unwrap_or_default())
}

/// 1,000 × 100 + 500 + 200 × 80 = 116,500 under the prices in force; with 70 in the first band 86,500.
#[tokio::test]
async fn a_member_may_ask_what_it_would_pay_and_nothing_is_written() {
    let (world, _folder) = world().await;
    world.used(2, 1_200).await;
    let head = world.head();
    let real = ask(&world, april_under(&world, None)).await;
    assert_eq!((yen(usage_line(&real)), real.hypothetical), (116_500, false));

    let asked = ask(&world, april_under(&world, under(prices_from(4, 70)))).await;
    let line = usage_line(&asked);
    assert_eq!((yen(line), asked.hypothetical), (86_500, true));
    assert_eq!(
        (line.price_book_version, line.price_book_id.clone()),
        (0, PriceBookId::from_u128(1).to_string())
    );
    assert_eq!(asked.statement.as_ref().unwrap().total.as_ref().unwrap().minor_units, 451_500);
    assert_eq!(asked.as_of_position, head);

    assert_eq!(world.head(), head, "a question is no event");
    assert_eq!(ask(&world, april_under(&world, None)).await, real);
}

#[tokio::test]
async fn the_prices_in_force_give_the_real_answer_but_for_its_number() {
    let (world, _folder) = world().await;
    world.used(2, 1_200).await;
    let mut real = ask(&world, april_under(&world, None)).await;
    for line in &mut real.statement.as_mut().unwrap().lines {
        line.price_book_version = 0;
    }
    real.hypothetical = true;
    assert_eq!(ask(&world, april_under(&world, under(prices_from(4, 100)))).await, real);
}

/// 1,000 cases were known first, and 200 more later: 70,500 and 86,500.
#[tokio::test]
async fn what_was_known_at_a_position_is_what_is_asked_about() {
    let (world, _folder) = world().await;
    let before = world.used(2, 1_000).await.last_position;
    world.used(3, 200).await;
    let what_if = under(prices_from(4, 70));
    let now = ask(&world, april_under(&world, what_if.clone())).await;
    let moment = Some(as_of::Moment::Position(before.to_string()));
    let then = GetStatementRequest { as_of: Some(AsOf { moment }), ..april_under(&world, what_if) };
    let then = ask(&world, then).await;
    assert_eq!((yen(usage_line(&now)), yen(usage_line(&then))), (86_500, 70_500));
    assert_eq!(then.as_of_position, before.to_string());
}

/// Nothing could be published for a closed month any more, but the question is no publication.
#[tokio::test]
async fn a_closed_month_may_be_asked_about() {
    let (world, _folder) = world().await;
    world.used(2, 1_000).await;
    let closed = PeriodClosed { issuer: PROMOTER, month: Month::new(2026, 4).unwrap(), at: april(20) };
    world.append(PROMOTER, &[period::Event::PeriodClosed(closed)]).await;
    let asked = ask(&world, april_under(&world, under(prices_from(4, 70)))).await;
    assert_eq!((yen(usage_line(&asked)), asked.statement.unwrap().closed), (70_500, true));
}

#[tokio::test]
async fn a_line_is_explained_under_the_versions_that_its_pages_name() {
    let (world, _folder) = world().await;
    for day in 2..6 {
        world.used(day, 300).await;
    }
    let request = |what_if: Option<WhatIf>, page_token: &str| ExplainLineRequest {
        contract_id: CONTRACT.to_string(),
        month: "2026-04".into(),
        line_id: USAGE.into(),
        as_of: None,
        min_position: world.head(),
        page_size: 2,
        page_token: page_token.into(),
        what_if,
    };
    let explain = async |request| world.billing.explain_line(from(PHARMA, request)).await;
    let what_if = || under(prices_from(4, 70));
    let first = explain(request(what_if(), "")).await.unwrap().into_inner();
    assert_eq!((yen(first.line.as_ref().unwrap()), first.hypothetical), (86_500, true));
    assert_eq!(first.arithmetic[0], "above 0 to 1000: 1000 × 70 + 500 JPY = 70500");
    let second = explain(request(what_if(), &first.next_page_token)).await.unwrap().into_inner();
    assert_eq!((first.events.len(), second.events.len(), second.hypothetical), (2, 2, true));
    for other in [None, under(prices_from(4, 71))] {
        let answer = explain(request(other, &first.next_page_token)).await;
        assert_eq!(refused(answer), ("INVALID_PAGE_TOKEN".to_owned(), "page_token".to_owned()));
    }
}

#[tokio::test]
async fn a_version_is_refused_as_publishing_would_refuse_it() {
    let (world, _folder) = world().await;
    let book = |change: &dyn Fn(&mut PriceBookVersion)| {
        let mut version = prices_from(4, 100);
        change(&mut version);
        under(version)
    };
    let rule = |change: &dyn Fn(&mut ShareRuleVersion)| {
        let mut version = shares();
        change(&mut version);
        Some(WhatIf { prices: None, shares: Some(version) })
    };
    let last_band = |version: &mut PriceBookVersion| {
        if let Some(Model::Graduated(graduated)) = version.items[1].model.as_mut().unwrap().model.as_mut() {
            graduated.bands.pop();
        }
    };
    let bands = "what_if.prices.items[1].model.graduated.bands[0].up_to";
    let table = [
        (Some(WhatIf::default()), "INVALID_FIELD", "what_if"),
        (book(&|book| book.version = 2), "INVALID_FIELD", "what_if.prices.version"),
        (book(&|book| book.start = "2026-05".into()), "INVALID_FIELD", "what_if.prices.start"),
        (book(&|book| book.start = String::new()), "INVALID_FIELD", "what_if.prices.start"),
        (book(&|book| book.items.clear()), "INVALID_FIELD", "what_if.prices.items"),
        (book(&|book| book.items.push(book.items[0].clone())), "DUPLICATE_ENTRY", "what_if.prices.items[2]"),
        (book(&|book| book.items[1].model = None), "INVALID_FIELD", "what_if.prices.items[1].model"),
        (book(&last_band), "INVALID_BANDS", bands),
        (
            book(&|book| book.billed_verdicts = vec![Verdict::InScope.into(); 2]),
            "INVALID_FIELD",
            "what_if.prices.billed_verdicts[1]",
        ),
        (rule(&|rule| rule.version = 2), "INVALID_FIELD", "what_if.shares.version"),
        (rule(&|rule| rule.start = "2026-05".into()), "INVALID_FIELD", "what_if.shares.start"),
        (rule(&|rule| rule.splits.clear()), "INVALID_FIELD", "what_if.shares.splits"),
        (
            rule(&|rule| rule.splits[0].percentages[0].percentage = "1".into()),
            "PERCENTAGES_NOT_HUNDRED",
            "what_if.shares.splits[0].percentages",
        ),
    ];
    for (what_if, reason, field) in table {
        let answer = world.billing.get_statement(as_finance(PROMOTER, april_under(&world, what_if))).await;
        assert_eq!(refused(answer), (reason.to_owned(), field.to_owned()));
    }
}

#[tokio::test]
async fn who_may_ask_is_the_member_about_its_prices_and_the_operators_finance() {
    let (world, _folder) = world().await;
    let prices = || under(prices_from(4, 70));
    let both = || Some(WhatIf { prices: Some(prices_from(4, 70)), shares: Some(shares()) });
    let alone = || Some(WhatIf { prices: None, shares: Some(shares()) });
    for (what_if, allowed) in [(prices(), true), (both(), false), (alone(), false)] {
        let answer = world.billing.get_statement(from(PHARMA, april_under(&world, what_if.clone()))).await;
        if allowed {
            assert!(answer.is_ok());
        } else {
            assert_eq!(refused(answer), ("CAPACITY_REQUIRED".to_owned(), "what_if.shares".to_owned()));
        }
        // Whoever does not see the contract learns nothing, not even that it exists.
        let answer =
            world.billing.get_statement(as_finance(RIVAL, april_under(&world, what_if.clone()))).await;
        assert_eq!(refused(answer).0, "NOT_FOUND");
        let answer = world.billing.get_statement(from(PROMOTER, april_under(&world, what_if.clone()))).await;
        assert_eq!(refused(answer), ("ROLE_REQUIRED".to_owned(), "what_if".to_owned()));
        let answer = world.billing.get_statement(as_finance(PROMOTER, april_under(&world, what_if))).await;
        assert!(answer.unwrap().into_inner().hypothetical);
    }
}
