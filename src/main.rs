//! The door: reads the arguments and hands over to the subcommand.

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    touchline::cli::main(touchline::cli::Arguments::parse())
}
