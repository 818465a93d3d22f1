//! Connection strings: `esdb://[user:password@]host[:port][,host[:port]…][?option=value&…]`, with `+discover` behind the
//! scheme to ask the hosts' gossip who leads. The options are those of EventStoreDB's own clients, as far as they mean
//! something here; one that is not known is refused, so that none is thought to be heeded and is not.

use std::{path::PathBuf, str::FromStr, time::Duration};

/// The port of EventStoreDB.
const PORT: u16 = 2113;

/// How a log of the EventStoreDB protocol is reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventStoreOptions {
    /// The members of the cluster, or the only one.
    pub hosts: Vec<(String, u16)>,
    /// Whether to ask the hosts who leads: asked for, or because there are several.
    pub discover: bool,
    /// Whether to speak TLS.
    pub tls: bool,
    /// The authorities to trust instead of the system's: a PEM file.
    pub tls_ca_file: Option<PathBuf>,
    /// User and password.
    pub credentials: Option<(String, String)>,
    /// What proves to Kiban's own served log that the caller is Kiban.
    pub secret: Option<String>,
    /// How often the leader is looked for before giving up for the moment.
    pub max_discover_attempts: u32,
    /// How long to wait between two such attempts.
    pub discovery_interval: Duration,
    /// How long one member may take to be reached, and to answer who leads.
    pub gossip_timeout: Duration,
    /// How often to ask whether the other side is still there.
    pub keep_alive_interval: Duration,
    /// How long it may take to say so.
    pub keep_alive_timeout: Duration,
    /// How long an append may take, reconnecting included; after that its outcome is not known. A read may take so long
    /// to begin, and so long for each answer.
    pub deadline: Duration,
    /// How many bytes of the newest frames are kept for readers.
    pub recent_bytes: usize,
}

impl EventStoreOptions {
    /// The members, for people.
    pub fn host_names(&self) -> String {
        let hosts: Vec<_> = self.hosts.iter().map(|(host, port)| format!("{host}:{port}")).collect();
        hosts.join(",")
    }
}

/// A text that is no connection string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no connection string: {why}")]
pub struct InvalidConnectionString {
    text: String,
    why: String,
}

impl FromStr for EventStoreOptions {
    type Err = InvalidConnectionString;

    fn from_str(text: &str) -> Result<Self, InvalidConnectionString> {
        parse(text).map_err(|why| InvalidConnectionString { text: without_password(text), why })
    }
}

/// What an error may show.
fn without_password(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        _ => text.to_owned(),
    }
}

fn parse(text: &str) -> Result<EventStoreOptions, String> {
    let (scheme, rest) = text.split_once("://").ok_or("it does not begin with esdb://")?;
    let discover = match scheme {
        "esdb" | "kurrentdb" | "kdb" => false,
        "esdb+discover" | "kurrentdb+discover" | "kdb+discover" => true,
        _ => return Err(format!("the scheme {scheme:?} is neither esdb nor esdb+discover")),
    };
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (Some(user), hosts),
        None => (None, authority),
    };
    let credentials = match user {
        None => None,
        Some(user) => {
            let (name, password) = user.split_once(':').ok_or("the user has no password")?;
            Some((decoded(name)?, decoded(password)?))
        }
    };
    let hosts = hosts.split(',').map(host).collect::<Result<Vec<_>, _>>()?;
    let mut options = EventStoreOptions {
        discover: discover || hosts.len() > 1,
        hosts,
        tls: true,
        tls_ca_file: None,
        credentials,
        secret: None,
        max_discover_attempts: 10,
        discovery_interval: Duration::from_millis(100),
        gossip_timeout: Duration::from_secs(5),
        keep_alive_interval: Duration::from_secs(10),
        keep_alive_timeout: Duration::from_secs(10),
        deadline: Duration::from_secs(10),
        recent_bytes: 32 * 1_024 * 1_024,
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| format!("the option {pair:?} has no value"))?;
        set(&mut options, name, &decoded(value)?)?;
    }
    Ok(options)
}

fn set(options: &mut EventStoreOptions, name: &str, value: &str) -> Result<(), String> {
    let invalid = |what: &str| format!("the option {name} must be {what}, not {value:?}");
    let millis = || value.parse().map(Duration::from_millis).map_err(|_| invalid("a number of milliseconds"));
    match name.to_ascii_lowercase().as_str() {
        "tls" => options.tls = value.parse().map_err(|_| invalid("true or false"))?,
        "tlscafile" => options.tls_ca_file = Some(value.into()),
        "maxdiscoverattempts" => {
            options.max_discover_attempts = value.parse().map_err(|_| invalid("a number"))?;
        }
        "discoveryinterval" => options.discovery_interval = millis()?,
        "gossiptimeout" => {
            options.gossip_timeout =
                value.parse().map(Duration::from_secs).map_err(|_| invalid("a number of seconds"))?;
        }
        "keepaliveinterval" => options.keep_alive_interval = millis()?,
        "keepalivetimeout" => options.keep_alive_timeout = millis()?,
        "defaultdeadline" => options.deadline = millis()?,
        "nodepreference" if value.eq_ignore_ascii_case("leader") => {}
        "nodepreference" => return Err(invalid("leader: only the leader takes appends")),
        _ => return Err(format!("the option {name} is not known")),
    }
    Ok(())
}

fn host(text: &str) -> Result<(String, u16), String> {
    let (host, port) = match text.rsplit_once(':') {
        // The colons of an address without brackets are its own.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, port.parse().map_err(|_| format!("{port:?} is no port"))?)
        }
        _ => (text, PORT),
    };
    if host.is_empty() || host.contains(['/', '@', '?']) {
        return Err(format!("{text:?} is no host"));
    }
    Ok((host.to_owned(), port))
}

/// A text without its percent signs.
fn decoded(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, tail) = rest.split_at_checked(2).ok_or("a percent sign without two digits")?;
        let digits = std::str::from_utf8(digits).map_err(|error| error.to_string())?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| format!("%{digits} is no character"))?);
        rest = tail;
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_say_hosts_users_and_options() {
        let one: EventStoreOptions = "esdb://127.0.0.1:2114?tls=false&defaultDeadline=1500".parse().unwrap();
        assert_eq!(one.hosts, [("127.0.0.1".to_owned(), 2114)]);
        assert!(!one.tls && !one.discover);
        assert_eq!(one.deadline, Duration::from_millis(1_500));

        let many: EventStoreOptions =
            "kurrentdb+discover://ad%40min:p%3Aw@a,b:1,[::1]:3/?tlsCaFile=ca.pem".parse().unwrap();
        assert_eq!(many.hosts, [("a".into(), 2113), ("b".into(), 1), ("[::1]".into(), 3)]);
        assert_eq!(many.credentials, Some(("ad@min".into(), "p:w".into())));
        assert!(many.tls && many.discover);
        assert!("esdb://a,b".parse::<EventStoreOptions>().unwrap().discover);
    }

    #[test]
    fn what_is_wrong_is_named_and_no_password_shown() {
        for (text, why) in [
            ("localhost:2113", "esdb://"),
            ("http://localhost", "scheme"),
            ("esdb://", "no host"),
            ("esdb://a:port", "no port"),
            ("esdb://u@a", "no password"),
            ("esdb://a?tls=yes", "true or false"),
            ("esdb://a?tls", "no value"),
            ("esdb://a?nodePreference=follower", "only the leader"),
            ("esdb://a?throwOnAppendFailure=true", "not known"),
            ("esdb://a?tlsCaFile=%4", "percent"),
        ] {
            let error = text.parse::<EventStoreOptions>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
        let error = "esdb://u:secret@a?x=1".parse::<EventStoreOptions>().unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
