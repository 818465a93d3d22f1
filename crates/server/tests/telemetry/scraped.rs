//! What Prometheus would read, over plain TCP.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::TcpStream,
};

/// The answer to one scrape.
pub(crate) struct Scraped {
    pub(crate) text: String,
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

/// An HTTP answer: its head and its body.
pub(crate) fn get(url: &str) -> (String, String) {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

impl Scraped {
    pub(crate) fn from(url: &str) -> Self {
        let (head, text) = get(url);
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
        let samples = text.lines().filter(|line| !line.starts_with('#')).map(sample).collect();
        Self { text, samples }
    }

    /// The value of the one sample with this name and, among others, these labels; 0 if there is none.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let matching: Vec<f64> = self.matching(name, labels).map(|(_, value)| value).collect();
        assert!(matching.len() <= 1, "{name} {labels:?} is not one sample");
        matching.first().copied().unwrap_or_default()
    }

    /// The sum of all samples with this name and these labels.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.matching(name, labels).map(|(_, value)| value).sum()
    }

    /// The values of a label of a metric.
    pub(crate) fn labelled<'s>(&'s self, name: &'s str, label: &str) -> BTreeSet<&'s str> {
        self.matching(name, &[]).filter_map(|(labels, _)| labels.get(label)).map(String::as_str).collect()
    }

    /// The metrics that are there, with the types that they say they are of.
    pub(crate) fn types(&self) -> BTreeMap<&str, &str> {
        let types = self.text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        types.map(|line| line.split_once(' ').unwrap()).collect()
    }

    fn matching<'s>(
        &'s self,
        name: &'s str,
        labels: &'s [(&str, &str)],
    ) -> impl Iterator<Item = (&'s BTreeMap<String, String>, f64)> {
        let fits = |has: &BTreeMap<String, String>| {
            labels.iter().all(|(name, value)| has.get(*name).is_some_and(|has| has == value))
        };
        let samples = self.samples.iter().filter(move |(has, labels, _)| has == name && fits(labels));
        samples.map(|(_, labels, value)| (labels, *value))
    }
}

/// A line such as `name{label="value",other="value"} 12`.
fn sample(line: &str) -> (String, BTreeMap<String, String>, f64) {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
        None => (series, ""),
    };
    let label = |text: &str| {
        let (name, value) = text.split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('"').to_owned())
    };
    let labels = labels.split(',').filter(|text| !text.is_empty()).map(label).collect();
    (name.to_owned(), labels, value.parse().unwrap())
}
