//! What a process can be. One process may be everything, or one part among many that share nothing but the log.

use clap::ValueEnum;
use event_log::Served;

/// A part of Kiban that a process can play; alone or with others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, ValueEnum)]
pub enum Role {
    /// Keeps the embedded log and serves it to the other roles over the EventStoreDB protocol.
    EventLog,
    /// One address for clients: passes each call on to the role that answers it.
    Gateway,
    /// Organisations and their capacities.
    Membership,
    /// Blanket contracts.
    Contract,
    /// Datasets, admission, metering.
    Access,
    /// Listings, quotes, orders, specimens.
    Order,
    /// Patient recruitment.
    Recruitment,
    /// Ventures and forum events.
    Venture,
    /// Price books, share rules, closed months.
    Finance,
    /// Statements.
    Billing,
    /// Who is owed what.
    RevenueShare,
    /// What vendors offer.
    ServiceCatalogue,
    /// Teasers and deals.
    DealFlow,
    /// What is mine.
    Directory,
    /// Puts on record what the clock has brought about.
    Policies,
    /// Passes events on to Kafka.
    Relay,
}

/// A gRPC service, and what it is for.
pub type Service = (&'static str, &'static str);

impl Role {
    /// What one process is unless it is told otherwise: everything that needs nothing beside it.
    pub const WHOLE: &'static [Self] = &[
        Self::EventLog,
        Self::Membership,
        Self::Contract,
        Self::Access,
        Self::Order,
        Self::Recruitment,
        Self::Venture,
        Self::Finance,
        Self::Billing,
        Self::RevenueShare,
        Self::ServiceCatalogue,
        Self::DealFlow,
        Self::Directory,
        Self::Policies,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::EventLog => "event-log",
            Self::Gateway => "gateway",
            Self::Membership => "membership",
            Self::Contract => "contract",
            Self::Access => "access",
            Self::Order => "order",
            Self::Recruitment => "recruitment",
            Self::Venture => "venture",
            Self::Finance => "finance",
            Self::Billing => "billing",
            Self::RevenueShare => "revenue-share",
            Self::ServiceCatalogue => "service-catalogue",
            Self::DealFlow => "deal-flow",
            Self::Directory => "directory",
            Self::Policies => "policies",
            Self::Relay => "relay",
        }
    }

    /// The gRPC services that it answers.
    pub const fn services(self) -> &'static [Service] {
        match self {
            Self::EventLog => Served::SERVICES,
            Self::Gateway | Self::Policies | Self::Relay => &[],
            Self::Membership => {
                &[("kiban.membership.v1.MembershipService", "organisations and their capacities")]
            }
            Self::Contract => {
                &[("kiban.contract.v1.ContractService", "blanket contracts, from application to expiry")]
            }
            Self::Access => &[("kiban.access.v1.AccessService", "datasets, admission, metering")],
            Self::Order => &[
                ("kiban.order.v1.ListingService", "what vendors list and quote, alone or as a consortium"),
                ("kiban.order.v1.OrderService", "services ordered from vendors, from placing to completion"),
                ("kiban.order.v1.SpecimenService", "specimens, and what of them is reserved for orders"),
            ],
            Self::Recruitment => {
                &[("kiban.recruitment.v1.RecruitmentService", "patient recruitment requests")]
            }
            Self::Venture => &[
                ("kiban.venture.v1.VentureService", "ventures, deals and investments between members"),
                ("kiban.venture.v1.ForumEventService", "matchings, briefings, pitch contests"),
            ],
            Self::Finance => {
                &[("kiban.finance.v1.FinanceService", "price books, share rules, closed months")]
            }
            Self::Billing => {
                &[("kiban.billing.v1.BillingService", "statements, and why each line is what it is")]
            }
            Self::RevenueShare => {
                &[("kiban.revenue_share.v1.RevenueShareService", "who is owed what, and why")]
            }
            Self::ServiceCatalogue => &[(
                "kiban.service_catalogue.v1.CatalogueService",
                "what vendors offer now, and what became of it",
            )],
            Self::DealFlow => {
                &[("kiban.deal_flow.v1.DealFlowService", "teasers of ventures, and what became of the deals")]
            }
            Self::Directory => {
                &[("kiban.directory.v1.DirectoryService", "what is mine, and what happens to it")]
            }
        }
    }

    /// Whether it reads or writes the log.
    pub const fn needs_log(self) -> bool {
        !matches!(self, Self::Gateway)
    }
}

/// Where the gateway finds roles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// The roles that are there.
    pub roles: Vec<Role>,
    /// Their address, such as `http://billing:50051`.
    pub address: String,
}

impl Route {
    /// The gRPC services that are answered there.
    pub fn services(&self) -> impl Iterator<Item = Service> {
        self.roles.iter().flat_map(|role| role.services()).copied()
    }
}

impl std::str::FromStr for Route {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (roles, address) =
            text.split_once('=').ok_or("it must be written ROLE[+ROLE…]=http://host:port")?;
        let roles =
            roles.split('+').map(|role| Role::from_str(role, false)).collect::<Result<Vec<_>, _>>()?;
        // The log believes who is near, and behind the gateway everybody would be.
        let closed = |role: &&Role| role.services().is_empty() || **role == Role::EventLog;
        if let Some(role) = roles.iter().find(closed) {
            return Err(format!("no calls are passed on to the role {}", role.name()));
        }
        if !address.starts_with("http://") {
            return Err(format!("{address:?} does not begin with http://"));
        }
        Ok(Self { roles, address: address.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_command_line() {
        for role in Role::value_variants() {
            assert_eq!(Role::from_str(role.name(), false), Ok(*role));
        }
    }

    #[test]
    fn routes_say_what_is_wrong_with_them() {
        let route: Route = "billing=http://127.0.0.1:50052".parse().unwrap();
        assert_eq!((route.roles, route.address.as_str()), (vec![Role::Billing], "http://127.0.0.1:50052"));
        let route: Route = "order+venture=http://a:1".parse().unwrap();
        assert_eq!(route.roles, [Role::Order, Role::Venture]);
        for (text, what) in [
            ("billing", "http://host:port"),
            ("billing+policies=http://a:1", "no calls"),
            ("bill=http://a:1", "bill"),
            ("policies=http://a:1", "no calls"),
            ("event-log=http://a:1", "no calls"),
            ("billing=https://a:1", "does not begin"),
            ("billing=a:1", "does not begin"),
        ] {
            let error = text.parse::<Route>().unwrap_err();
            assert!(error.contains(what), "{text}: {error}");
        }
    }
}
