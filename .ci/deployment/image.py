"""Whether the image is built with the right compiler, from everything that the build reads."""

import pathlib
import re
import tomllib

dockerfile = pathlib.Path("Dockerfile").read_text("utf-8")
toolchain = tomllib.loads(pathlib.Path("rust-toolchain.toml").read_text("utf-8"))["toolchain"]["channel"]
package = tomllib.loads(pathlib.Path("Cargo.toml").read_text("utf-8"))["workspace"]
compose = pathlib.Path("deploy/compose.yaml").read_text("utf-8")
chart = pathlib.Path("deploy/helm/kiban/Chart.yaml").read_text("utf-8")
version = package["package"]["version"]


def check(holds, message):
    if not holds:
        raise SystemExit(f"image: {message}")


(compiler,) = re.findall(r"^ARG RUST_VERSION=(\S+)$", dockerfile, re.MULTILINE)
check(compiler == toolchain, f"it is built with Rust {compiler}, and rust-toolchain.toml says {toolchain}")
(user,) = re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)
check(user == "65532:65532", f"it runs as {user}")
for where, text, pattern in [
    ("Dockerfile", dockerfile, r"^ARG VERSION=(\S+)$"),
    ("compose.yaml", compose, r"image: kiban:(\S+)$"),
    ("Chart.yaml", chart, r"^appVersion: (\S+)$"),
]:
    found = re.findall(pattern, text, re.MULTILINE)
    check(found == [version], f"{where} names version {found}, and Cargo.toml {version}")

rules = [line for line in pathlib.Path(".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]
check(rules[0] == "*", ".dockerignore must begin by leaving everything out")
taken = {rule[1:] for rule in rules if rule.startswith("!")}
needed = {"Cargo.toml", "Cargo.lock"} | {member.split("/")[0] for member in package["members"]}
check(taken == needed, f".dockerignore lets in {sorted(taken)}, and the build reads {sorted(needed)}")
print(f"image: the Dockerfile is clean, Rust {compiler}, version {version}, built from {', '.join(sorted(taken))}")
