//! What an operator may say of the relay.

use std::{collections::BTreeSet, path::PathBuf, str::FromStr};

use clap::Args;
use domain::relay::RelayName;
use engine::CONFIDENTIAL;
use events::Category;

/// Where the relay publishes, and what.
#[derive(Args, Clone, Debug)]
pub struct RelayArguments {
    /// The Kafka brokers that the relay publishes to: host:port, several separated by commas.
    #[arg(long, env = "KIBAN_KAFKA", value_name = "BROKERS")]
    pub kafka: Option<String>,
    /// What stands before the category in the name of a topic.
    #[arg(long, env = "KIBAN_KAFKA_TOPIC_PREFIX", value_name = "PREFIX", default_value = "kiban.")]
    pub kafka_topic_prefix: String,
    /// The categories that are published, such as access,contract; or all. By default all but dataset, recruitment and
    /// venture, which Kiban shows to certain callers alone and on record: a topic shows everything to all its readers.
    /// One that is added later is published from then on, unless the relay gets another name.
    #[arg(long, env = "KIBAN_KAFKA_CATEGORIES", value_name = "CATEGORIES", default_value_t)]
    pub kafka_categories: Categories,
    /// With how many partitions a topic is made that is not there yet. Records of one key stay in order as long as
    /// their topic keeps that number.
    #[arg(long, env = "KIBAN_KAFKA_PARTITIONS", value_name = "NUMBER", default_value_t = 6)]
    #[arg(value_parser = clap::value_parser!(i32).range(1..=1_000))]
    pub kafka_partitions: i32,
    /// On how many brokers such a topic is kept; without it, as many as the brokers say.
    #[arg(long, env = "KIBAN_KAFKA_REPLICATION", value_name = "NUMBER")]
    #[arg(value_parser = clap::value_parser!(i32).range(1..=100))]
    pub kafka_replication: Option<i32>,
    /// How records are compressed.
    #[arg(long, env = "KIBAN_KAFKA_COMPRESSION", value_name = "CODEC", default_value = "none")]
    #[arg(value_parser = ["none", "lz4", "gzip", "snappy"])]
    pub kafka_compression: String,
    /// A file with further properties of the client, name=value in each line, such as those of SASL.
    #[arg(long, env = "KIBAN_KAFKA_CONFIG", value_name = "FILE")]
    pub kafka_config: Option<PathBuf>,
    /// What tells the relays of one log apart. Each has a cursor of its own: one of a new name begins with the log.
    #[arg(long, env = "KIBAN_RELAY_NAME", value_name = "NAME", default_value = "kafka")]
    pub relay_name: RelayName,
    /// How long a relay that died is waited for before another one takes its place.
    #[arg(long, env = "KIBAN_RELAY_LEASE_SECONDS", value_name = "SECONDS", default_value_t = 30)]
    #[arg(value_parser = clap::value_parser!(u64).range(3..=3_600))]
    pub relay_lease_seconds: u64,
}

impl Default for RelayArguments {
    fn default() -> Self {
        Self {
            kafka: None,
            kafka_topic_prefix: "kiban.".to_owned(),
            kafka_categories: Categories::default(),
            kafka_partitions: 6,
            kafka_replication: None,
            kafka_compression: "none".to_owned(),
            kafka_config: None,
            relay_name: "kafka".parse().expect("letters make a name"),
            relay_lease_seconds: 30,
        }
    }
}

impl RelayArguments {
    /// The further properties of the client.
    pub(super) fn properties(&self) -> Result<Vec<(String, String)>, String> {
        let Some(path) = &self.kafka_config else { return Ok(Vec::new()) };
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
        let mut properties = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.split_once('=') {
                Some((name, value)) if !name.trim().is_empty() => {
                    properties.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                // What stands there may be secret.
                _ => return Err(format!("{shown}: line {number} is not name=value")),
            }
        }
        Ok(properties)
    }
}

/// The categories that are published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Categories(pub(super) BTreeSet<Category>);

/// All of them.
const ALL: &str = "all";

/// Whether a category can be published at all.
fn can_be_published(category: Category) -> bool {
    category != Category::Relay
}

impl Default for Categories {
    fn default() -> Self {
        let published = |category: &Category| can_be_published(*category) && !CONFIDENTIAL.contains(category);
        Self(Category::ALL.into_iter().filter(published).collect())
    }
}

impl FromStr for Categories {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Category::ALL.into_iter().filter(|category| can_be_published(*category));
        if text == ALL {
            return Ok(Self(known().collect()));
        }
        let named = text.split(',').map(|name| {
            let found = known().find(|category| category.as_str() == name.trim());
            found.ok_or_else(|| {
                let names: Vec<&str> = known().map(Category::as_str).collect();
                format!("{name:?} is no category that is published: {ALL}, or some of {}", names.join(","))
            })
        });
        named.collect::<Result<_, _>>().map(Self)
    }
}

impl std::fmt::Display for Categories {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|category| category.as_str()).collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        relay: RelayArguments,
    }

    fn parse(arguments: &[&str]) -> Result<RelayArguments, String> {
        let line = [&["kiban"], arguments].concat();
        Line::try_parse_from(line).map(|line| line.relay).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_said_is_the_default() {
        let (parsed, default) = (parse(&[]).unwrap(), RelayArguments::default());
        assert_eq!(format!("{parsed:?}"), format!("{default:?}"));
        let names = default.kafka_categories.to_string();
        for confidential in ["dataset", "recruitment", "venture", "relay"] {
            assert!(!names.split(',').any(|name| name == confidential), "{names}");
        }
        assert!(names.split(',').any(|name| name == "access"), "{names}");
        assert_eq!(names.parse(), Ok(default.kafka_categories));
    }

    #[test]
    fn categories_are_named() {
        let two = parse(&["--kafka-categories", "access, venture"]).unwrap().kafka_categories;
        assert_eq!(two.0, [Category::Access, Category::Venture].into());
        let all = parse(&["--kafka-categories", "all"]).unwrap().kafka_categories;
        assert_eq!(all.0.len(), Category::ALL.len() - 1);
        for (wrong, named) in [("", "\"\""), ("access,invoice", "\"invoice\""), ("relay", "\"relay\"")] {
            let error = parse(&["--kafka-categories", wrong]).unwrap_err();
            assert!(error.contains(named) && error.contains("some of reservation,"), "{error}");
        }
    }

    #[test]
    fn a_file_holds_further_properties() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("client.properties");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            parse(&["--kafka-config", path.to_str().unwrap()]).unwrap().properties()
        };
        let pairs = read("# SASL\n\nsecurity.protocol = SASL_PLAINTEXT\nsasl.password=a=b\n").unwrap();
        let expected = [("security.protocol", "SASL_PLAINTEXT"), ("sasl.password", "a=b")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let error = read("a=b\nhunter2\n").unwrap_err();
        assert!(error.ends_with("line 2 is not name=value"), "{error}");
        let error = parse(&["--kafka-config", "nowhere"]).unwrap().properties().unwrap_err();
        assert!(error.starts_with("nowhere: "), "{error}");
    }
}
