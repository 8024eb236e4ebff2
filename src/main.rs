//! The binary `letopis`: composition of the crates, and the command line.

#![expect(unreachable_pub, reason = "the modules of a binary say what other modules may use")]

mod alike;
mod ambient;
mod cli;
mod config;
mod demo;
mod doctor;
mod events;
mod generate;
mod http;
mod import;
mod local;
mod migrate;
mod seed;
mod serve;

use std::process::ExitCode;

// Events come and go by the thousand in batches, which fragments glibc's heap (docs/adr/0011).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("letopis: the runtime cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cli::run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("letopis: {}", letopis_query_api::problem::Chain(&*error));
            ExitCode::FAILURE
        }
    }
}
