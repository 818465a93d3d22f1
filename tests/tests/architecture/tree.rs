//! What cargo says of the workspace, cut down to what the rules ask for.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// The crates of the workspace.
#[derive(Default)]
pub(crate) struct Workspace {
    /// All of them.
    pub(crate) crates: Vec<Crate>,
}

/// One crate of the workspace. Development dependencies do not count: they are in no build that ships.
#[derive(Clone, Default, Debug)]
pub(crate) struct Crate {
    /// Its name, which is also the name of its folder.
    pub(crate) name: String,
    /// Its folder in the tree, such as `crates/money`.
    pub(crate) folder: String,
    /// What its manifest names under `[dependencies]`, workspace crates among them.
    pub(crate) direct: BTreeSet<String>,
    /// Every crate that is linked into it, with the features that the whole workspace asks for.
    pub(crate) tree: BTreeSet<String>,
    /// The binaries that it makes.
    pub(crate) binaries: Vec<String>,
}

impl Workspace {
    /// Asks cargo about this tree.
    pub(crate) fn read() -> Self {
        let metadata = MetadataCommand::new()
            .manifest_path(super::root().join("Cargo.toml"))
            .no_deps()
            .other_options(["--locked".into()])
            .exec()
            .unwrap();
        let edges = edges(&linked_trees());
        let crates = metadata.workspace_packages().into_iter().map(|package| member(package, &edges));
        Self { crates: crates.collect() }
    }

    /// Whether a name is a crate of the workspace.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.crates.iter().any(|member| member.name == name)
    }
}

fn member(package: &Package, edges: &Edges) -> Crate {
    let folder = package.manifest_path.parent().unwrap().as_std_path();
    let folder = folder.strip_prefix(super::root()).unwrap().to_str().unwrap();
    let normal = package.dependencies.iter().filter(|named| named.kind == DependencyKind::Normal);
    let binaries = package.targets.iter().filter(|target| target.is_bin());
    Crate {
        name: package.name.to_string(),
        folder: folder.to_owned(),
        direct: normal.map(|named| named.name.clone()).collect(),
        tree: reached(&format!("{} v{}", package.name, package.version), edges),
        binaries: binaries.map(|target| target.name.clone()).collect(),
    }
}

/// From a package (`name vVersion`) to those that are linked into it.
type Edges = BTreeMap<String, BTreeSet<String>>;

/// The lines of `cargo tree`, each with its depth in front. `cargo metadata` will not do here: it counts
/// optional crates that are not built.
fn linked_trees() -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["tree", "--locked", "--workspace", "--edges=normal", "--prefix=depth", "--format={p}"];
    let output = Command::new(cargo).args(arguments).current_dir(super::root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Reads the lines. A subtree is written out once, so that the edges of all lines together are the graph. A
/// procedural macro runs in the compiler: it is named, but what it is made of is not followed.
fn edges(lines: &str) -> Edges {
    let mut edges = Edges::new();
    let mut above: Vec<(&str, String)> = Vec::new();
    for line in lines.lines().filter(|line| !line.is_empty()) {
        let (depth, rest) = line.split_at(line.find(|character: char| !character.is_ascii_digit()).unwrap());
        let package: Vec<&str> = rest.split(' ').take(2).collect();
        let package = package.join(" ");
        above.truncate(depth.parse().unwrap());
        if let Some((parent_line, parent)) = above.last()
            && !parent_line.contains("(proc-macro)")
        {
            edges.entry(parent.clone()).or_default().insert(package.clone());
        }
        above.push((line, package));
    }
    edges
}

/// The names of everything that a package reaches.
fn reached(package: &str, edges: &Edges) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![package];
    while let Some(package) = open.pop() {
        for below in edges.get(package).into_iter().flatten() {
            if seen.insert(below) {
                open.push(below);
            }
        }
    }
    seen.into_iter().filter_map(|package| package.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn what_is_linked_is_followed_and_what_makes_macros_is_not() {
    let lines = "0a v1 (/a)\n1b v2\n2c v1\n2m v1 (proc-macro)\n3syn v2\n1d v1\n0z v1 (/z)\n1b v2 (*)\n";
    let edges = edges(lines);
    let reached = |package| reached(package, &edges).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(reached("a v1"), "b c d m");
    assert_eq!(reached("z v1"), "b c m");
    assert_eq!(reached("d v1"), "");
}
