//! The reference of the API, from the comments in the schema: a page for each package.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
};

use prost::Message;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    MethodDescriptorProto, ServiceDescriptorProto,
    field_descriptor_proto::{Label, Type},
};

use crate::Page;

// The numbers of fields in descriptor.proto: a comment is found by the path of numbers to what it is about.
const MESSAGES: i32 = 4;
const ENUMS: i32 = 5;
const SERVICES: i32 = 6;
const FIELDS: i32 = 2;
const NESTED: i32 = 3;
const VALUES: i32 = 2;
const METHODS: i32 = 2;

/// Every package's page, and the index.
pub(crate) fn pages() -> Vec<Page> {
    let set = FileDescriptorSet::decode(proto::DESCRIPTORS).unwrap();
    let mut packages = BTreeMap::<String, Vec<Commented>>::new();
    for file in set.file.into_iter().filter(|file| file.package().starts_with("kiban.")) {
        packages.entry(file.package().to_owned()).or_default().push(Commented::new(file));
    }
    let mut pages: Vec<Page> = packages.iter().map(|(package, files)| page(package, files)).collect();
    pages.push(index(&packages));
    pages
}

/// A file with its comments at hand.
struct Commented {
    file: FileDescriptorProto,
    comments: HashMap<Vec<i32>, String>,
}

impl Commented {
    fn new(file: FileDescriptorProto) -> Self {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        let comments = locations
            .filter_map(|location| Some((location.path.clone(), tidy(location.leading_comments.as_deref()?))))
            .collect();
        Self { file, comments }
    }

    /// The comment of what a path leads to; empty if it needs none.
    fn about(&self, path: &[i32]) -> &str {
        self.comments.get(path).map_or("", String::as_str)
    }

    /// Whether its messages stand in the log and on no wire.
    fn is_of_the_log(&self) -> bool {
        self.file.name().ends_with("_event.proto")
    }

    /// Whether its messages are kept beside the log and are nobody's business.
    fn is_internal(&self) -> bool {
        self.file.name().ends_with("_snapshot.proto")
    }
}

/// A comment in one line for tables, its paragraphs kept.
fn tidy(comment: &str) -> String {
    let lines = comment.lines().map(str::trim);
    let paragraphs = lines.collect::<Vec<_>>().join("\n");
    let paragraphs = paragraphs.trim().split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

fn index(packages: &BTreeMap<String, Vec<Commented>>) -> Page {
    let mut text = String::from(
        "# Reference\n\nEvery service, message and event of the API, from the comments in `proto/`. These pages are \
         written from the\nschema that is compiled.\n\n| package | service | what it is for |\n|---|---|---|\n",
    );
    for (package, files) in packages {
        for file in files {
            for (index, service) in (0..).zip(&file.file.service) {
                let about = first_sentence(file.about(&[SERVICES, index]));
                let link = format!("{package}.md#{}", anchor(service.name()));
                writeln!(text, "| [`{package}`]({package}.md) | [`{}`]({link}) | {about} |", service.name())
                    .unwrap();
            }
        }
    }
    text.push_str(
        "\nShared by all: [`kiban.common.v1`](kiban.common.v1.md). Refusals: [errors](../errors.md).\n",
    );
    Page { path: "reference/README.md".into(), text }
}

fn page(package: &str, files: &[Commented]) -> Page {
    let mut text = format!("# {package}\n");
    for file in files {
        for (index, service) in (0..).zip(&file.file.service) {
            write_service(&mut text, file, index, service);
        }
    }
    let of_the_api = || files.iter().filter(|file| !file.is_of_the_log() && !file.is_internal());
    write_types(&mut text, "Messages", of_the_api(), package);
    write_enums(&mut text, of_the_api());
    write_types(&mut text, "Events in the log", files.iter().filter(|file| file.is_of_the_log()), package);
    Page { path: format!("reference/{package}.md"), text }
}

fn write_service(text: &mut String, file: &Commented, index: i32, service: &ServiceDescriptorProto) {
    let about = file.about(&[SERVICES, index]);
    write!(text, "\n## {}\n\n{about}\n\n| method | takes | answers |\n|---|---|---|\n", service.name())
        .unwrap();
    for method in &service.method {
        let answers = link(method.output_type(), file.file.package());
        let stream = if method.server_streaming() { "stream of " } else { "" };
        let takes = link(method.input_type(), file.file.package());
        writeln!(text, "| `{}` | {takes} | {stream}{answers} |", method.name()).unwrap();
    }
    text.push('\n');
    for (number, method) in (0..).zip(&service.method) {
        write_method(text, method, file.about(&[SERVICES, index, METHODS, number]));
    }
}

fn write_method(text: &mut String, method: &MethodDescriptorProto, about: &str) {
    writeln!(text, "- **{}**: {}", method.name(), about.replace("\n\n", " ")).unwrap();
}

fn write_types<'f>(
    text: &mut String,
    title: &str,
    files: impl Iterator<Item = &'f Commented>,
    package: &str,
) {
    let mut section = String::new();
    for file in files {
        for (index, message) in (0..).zip(&file.file.message_type) {
            write_message(&mut section, file, &[MESSAGES, index], message, package);
        }
    }
    if !section.is_empty() {
        write!(text, "\n## {title}\n{section}").unwrap();
    }
}

fn write_message(
    text: &mut String,
    file: &Commented,
    path: &[i32],
    message: &DescriptorProto,
    package: &str,
) {
    write!(text, "\n### {}\n\n", message.name()).unwrap();
    let about = file.about(path);
    if !about.is_empty() {
        write!(text, "{about}\n\n").unwrap();
    }
    if message.field.is_empty() {
        text.push_str("No fields.\n");
    } else {
        text.push_str("| field | type | |\n|---|---|---|\n");
    }
    for (number, field) in (0..).zip(&message.field) {
        let about = file.about(&[path, &[FIELDS, number]].concat()).replace("\n\n", " ");
        let choice = choice(message, field);
        writeln!(text, "| `{}` | {}{choice} | {about} |", field.name(), type_of(field, package)).unwrap();
    }
    for (number, nested) in (0..).zip(&message.nested_type) {
        write_message(text, file, &[path, &[NESTED, number]].concat(), nested, package);
    }
}

/// Of which choice a field is one.
fn choice(message: &DescriptorProto, field: &FieldDescriptorProto) -> String {
    if field.proto3_optional() {
        return ", optional".to_owned();
    }
    let group = field.oneof_index.and_then(|index| message.oneof_decl.get(usize::try_from(index).ok()?));
    group.map_or_else(String::new, |group| format!(", one of `{}`", group.name()))
}

fn write_enums<'f>(text: &mut String, files: impl Iterator<Item = &'f Commented>) {
    let mut section = String::new();
    for file in files {
        for (index, values) in (0..).zip(&file.file.enum_type) {
            write_enum(&mut section, file, index, values);
        }
    }
    if !section.is_empty() {
        write!(text, "\n## Enums\n{section}").unwrap();
    }
}

fn write_enum(text: &mut String, file: &Commented, index: i32, values: &EnumDescriptorProto) {
    let about = file.about(&[ENUMS, index]);
    write!(text, "\n### {}\n\n{about}\n\n| value | number | |\n|---|---|---|\n", values.name()).unwrap();
    for (number, value) in (0..).zip(&values.value) {
        let about = file.about(&[ENUMS, index, VALUES, number]);
        writeln!(text, "| `{}` | {} | {about} |", value.name(), value.number()).unwrap();
    }
}

fn type_of(field: &FieldDescriptorProto, package: &str) -> String {
    let name = match field.r#type() {
        Type::Message | Type::Enum => link(field.type_name(), package),
        Type::String => "string".into(),
        Type::Bytes => "bytes".into(),
        Type::Bool => "bool".into(),
        other => other.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
    };
    if field.label() == Label::Repeated { format!("repeated {name}") } else { name }
}

/// A type by its short name, with a link to where it is described.
fn link(full_name: &str, package: &str) -> String {
    let full_name = full_name.trim_start_matches('.');
    let (home, name) = full_name.rsplit_once('.').unwrap_or(("", full_name));
    if home == package {
        format!("[`{name}`](#{})", anchor(name))
    } else if home.starts_with("kiban.") {
        format!("[`{full_name}`]({home}.md#{})", anchor(name))
    } else {
        format!("`{full_name}`")
    }
}

fn anchor(name: &str) -> String {
    name.to_lowercase()
}

fn first_sentence(text: &str) -> &str {
    text.split("\n\n").next().unwrap_or(text)
}

#[test]
fn what_a_client_calls_is_described() {
    let set = FileDescriptorSet::decode(proto::DESCRIPTORS).unwrap();
    let mut silent = Vec::new();
    for file in set.file.into_iter().filter(|file| file.package().starts_with("kiban.")) {
        let file = Commented::new(file);
        for (index, service) in (0..).zip(&file.file.service) {
            if file.about(&[SERVICES, index]).is_empty() {
                silent.push(service.name().to_owned());
            }
            for (number, method) in (0..).zip(&service.method) {
                if file.about(&[SERVICES, index, METHODS, number]).is_empty() {
                    silent.push(format!("{}/{}", service.name(), method.name()));
                }
            }
        }
    }
    assert!(silent.is_empty(), "without a comment: {silent:?}");
}
