//! Compiles the EventStoreDB protocol, and what Kiban adds to it, with protox. It is not part of the schema in `proto/`:
//! it is another product's, and only this crate speaks it.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = [
        "proto/event_store/client/streams.proto",
        "proto/event_store/client/server_features.proto",
        "proto/event_store/client/gossip.proto",
    ];
    let descriptors = protox::compile(files, ["proto"])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("protocol.binpb"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().include_file("protocol.rs").bytes(".").compile_fds(descriptors)?;
    Ok(())
}
