//! Everything on a wire or in the log, generated from the `.proto` files beside this crate.

#![allow(missing_docs, unreachable_pub, clippy::all, reason = "generated code")]

mod command;

pub use command::CommandRequest;

/// The packages of the `.proto` files, as modules.
pub mod kiban {
    /// What every context shares: money, times, receipts, event metadata.
    pub mod common {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.common.v1");
        }
    }
    /// Organisations and their capacities.
    pub mod membership {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.membership.v1");
        }
    }
    /// Blanket contracts.
    pub mod contract {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.contract.v1");
        }
    }
    /// Datasets, admission and metering.
    pub mod access {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.access.v1");
        }
    }
    /// Price books, share rules and closed periods.
    pub mod finance {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.finance.v1");
        }
    }
    /// Service orders.
    pub mod order {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.order.v1");
        }
    }
    /// Patient recruitment requests.
    pub mod recruitment {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.recruitment.v1");
        }
    }
    /// Ventures and investments.
    pub mod venture {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.venture.v1");
        }
    }
    /// Who publishes the log for other systems.
    pub mod relay {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.relay.v1");
        }
    }
    /// Statements and their explanation.
    pub mod billing {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.billing.v1");
        }
    }
    /// Who is owed what.
    pub mod revenue_share {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.revenue_share.v1");
        }
    }
    /// What vendors offer now.
    pub mod service_catalogue {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.service_catalogue.v1");
        }
    }
    /// Teasers of ventures, and what became of the deals.
    pub mod deal_flow {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.deal_flow.v1");
        }
    }
    /// What is mine, and what happens to it.
    pub mod directory {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("kiban.directory.v1");
        }
    }
}

/// The descriptors of all files, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/kiban.binpb"));
