//! The `landfall` program.

use std::process::ExitCode;

use landfall::args::Args;

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
