//! Compiles the wire's schema: `schemas/touchline/v1/*.proto` to Rust messages and their canonical JSON form.
//!
//! Does nothing unless the `wire` feature is on, so the core builds without a Protobuf tool in sight. No system
//! `protoc` is needed: `protox` is a compiler of its own.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=schemas");
    #[cfg(feature = "wire")]
    wire::compile();
}

#[cfg(feature = "wire")]
mod wire {
    use std::path::{Path, PathBuf};

    const SCHEMAS: &str = "schemas";
    const PACKAGE_DIRECTORY: &str = "schemas/touchline/v1";
    const PACKAGE: &str = ".touchline.v1";

    /// Writes `touchline.v1.rs` (messages) and `touchline.v1.serde.rs` (JSON) into the build's output directory.
    pub(super) fn compile() {
        let sources = sources();
        let descriptors = protox::compile(&sources, [SCHEMAS]).unwrap_or_else(|error| panic!("schemas: {error:?}"));
        let encoded = protox::prost::Message::encode_to_vec(&descriptors);
        prost_build::Config::new()
            .enable_type_names()
            .compile_fds(descriptors)
            .unwrap_or_else(|error| panic!("messages: {error}"));
        pbjson_build::Builder::new()
            .register_descriptors(&encoded)
            .and_then(|builder| builder.build(&[PACKAGE]))
            .unwrap_or_else(|error| panic!("JSON mapping: {error}"));
    }

    /// The schema files in order of name, so that the generated code is the same on every machine.
    fn sources() -> Vec<PathBuf> {
        let directory = std::fs::read_dir(Path::new(PACKAGE_DIRECTORY)).expect("the schemas are beside build.rs");
        let mut sources: Vec<PathBuf> = directory
            .map(|entry| entry.expect("a readable directory").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "proto"))
            .collect();
        sources.sort();
        sources
    }
}
