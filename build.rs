//! Compiles the wire's schema: `schemas/touchline/v1/*.proto` to Rust messages and their canonical JSON form.
//!
//! Compiles nothing unless the `wire` feature is on, so the core builds without a Protobuf tool in sight. No system
//! `protoc` is needed: `protox` is a compiler of its own.
//!
//! The compiler's version becomes a part of the program's own description (`TOUCHLINE_RUSTC`).
//!
//! It also tells the tests whether the sample data is at hand (`cfg(touchline_data)`): where it is not, the tests that
//! need it are counted as ignored; on CI they run all the same, and fail.

fn main() {
    sample_data();
    compiler_version();
    println!("cargo::rerun-if-changed=build.rs");
    // Not all of schemas/: the clients' page and examples lie there too, and no code is made of them.
    println!("cargo::rerun-if-changed=schemas/touchline");
    #[cfg(feature = "wire")]
    wire::compile();
}

fn sample_data() {
    println!("cargo::rustc-check-cfg=cfg(touchline_data)");
    println!("cargo::rerun-if-env-changed=TOUCHLINE_DATA");
    println!("cargo::rerun-if-env-changed=CI");
    #[expect(clippy::disallowed_methods, reason = "a build script finds the data by the environment")]
    let (data, ci) = (std::env::var("TOUCHLINE_DATA"), std::env::var("CI"));
    let folder = data.unwrap_or_else(|_| "../shared/data".to_owned());
    println!("cargo::rerun-if-changed={folder}/README.md");
    if ci.is_ok_and(|ci| ci == "true") || std::path::Path::new(&folder).is_dir() {
        println!("cargo::rustc-cfg=touchline_data");
    }
}

/// "rustc 1.91.0 (f8297e351 2025-10-28)", or "unknown".
fn compiler_version() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = std::process::Command::new(rustc).arg("--version").output();
    let version = said.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    println!("cargo::rustc-env=TOUCHLINE_RUSTC={}", version.as_deref().map_or("unknown", str::trim));
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
