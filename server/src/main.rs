//! The `landfall` program.

use std::process::ExitCode;

use landfall::args::Args;

/// Lists come in and go in bursts; this allocator gives their memory back within a second, where the C library's
/// keeps it in pieces. Its settings stand in `.cargo/config.toml`.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match Args::read(std::env::args_os()) {
        Ok(args) => landfall::run(args),
        Err(error) => {
            // Help and version come this way too. A broken pipe is no reason to complain.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}
